"""The READMEs' commands exist, and both languages say the same."""

from __future__ import annotations

import re
import shlex

import click
import pytest
import typer
from repository import ROOT, blocks, prose, read

from web.cli import app

BOTH = ("README.md", "README.ja.md")
WITH_COMMANDS = (*BOTH, "CONTRIBUTING.md")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def lines_of(name: str) -> list[list[str]]:
    text = "\n".join(block for language, block in blocks(read(name)) if language == "sh").replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line.strip()]


def inline_of(name: str) -> list[list[str]]:
    """Commands named in running text: `make check`, `madoguchi doctor`."""
    return [span.split() for span in re.findall(r"`((?:make|madoguchi) [^`]+)`", prose(read(name)))]


def all_commands() -> list[tuple[str, list[str]]]:
    documents = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md") if path.stem != "design"]
    commands = [(name, line) for name in WITH_COMMANDS for line in (*lines_of(name), *inline_of(name))]
    return commands + [(name, line) for name in documents for line in inline_of(name)]


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, line in all_commands() if line[0] == "make"])
def test_every_make_target_exists(name: str, line: list[str]) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))
    assert set(line[1:]) <= targets, f"{name}: {line}"


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, line in all_commands() if line[0].endswith("madoguchi")]
)
def test_every_command_and_option_exists(name: str, line: list[str]) -> None:
    command: click.Command = typer.main.get_command(app)
    words = line[1:]
    while hasattr(command, "commands"):
        assert words, f"{name}: {line} names no command"
        assert words[0] in command.commands, f"{name}: there is no command {words[0]!r}"
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options, f"{name}: {line}"


@pytest.mark.parametrize("name", BOTH)
def test_named_question_sets_exist(name: str) -> None:
    for word in re.findall(r"tests/golden/\w+\.\w+", read(name)):
        assert (ROOT / word).is_file(), word


def test_both_readmes_have_the_same_shape() -> None:
    english, japanese = (read(name) for name in BOTH)
    assert [head.count("#") for head in re.findall(r"^#+ ", prose(english), re.MULTILINE)] == [
        head.count("#") for head in re.findall(r"^#+ ", prose(japanese), re.MULTILINE)
    ]
    assert len(re.findall(r"^[-|]", english, re.MULTILINE)) == len(re.findall(r"^[-|]", japanese, re.MULTILINE))


def test_both_readmes_show_the_same_commands() -> None:
    assert blocks(read("README.md")) == blocks(read("README.ja.md"))


def test_both_readmes_have_the_same_links() -> None:
    english, japanese = (sorted(_LINK.findall(read(name))) for name in BOTH)
    other = {"README.ja.md": "README", "README.md": "README"}
    assert sorted(other.get(link, link) for link in english) == sorted(other.get(link, link) for link in japanese)


def test_both_readmes_say_that_it_is_not_official() -> None:
    for name in BOTH:
        assert "東京都の公式サービスではありません" in read(name)
        assert "not an official service" in read(name)
