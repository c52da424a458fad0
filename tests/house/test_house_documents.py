"""Documents that fail when they are stale: links, settings, outcomes, measures, words, the accessibility table."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined
from repository import ROOT, files, modules, prose, read, table

from bot import records
from bot.cases import CaseReason
from bot.measures import Measures
from bot.plain import PlainMeasures
from bot.records import Language, Outcome
from knowledge.loading import READERS
from knowledge.loading.declared import Declared
from web.i18n import load
from web.settings import Settings
from web.texts import CHECKS

MARKDOWN = [path for path in files() if path.suffix == ".md" and "corpus" not in path.parent.parts]
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", prose(path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", MARKDOWN, ids=str)
def test_relative_links_lead_somewhere(document: Path) -> None:
    for link in _LINK.findall(prose((ROOT / document).read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / document).parent / name if name else ROOT / document
        assert target.exists(), f"{document}: {link}"
        assert not anchor or anchor in anchors(target), f"{document}: {link}"


def test_settings_table_is_that_of_the_code() -> None:
    def shown(default: object) -> str:
        assert default is not PydanticUndefined, "a setting needs a default"
        return "(none)" if default is None else f"`{str(default).lower() if default is False else default}`"

    expected = [
        [f"`MADOGUCHI_{name.upper()}`", shown(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert table(read("docs/operations.md"), "Variable") == expected


def test_every_outcome_has_its_words() -> None:
    rows = table(read("docs/operations.md"), "Outcome")
    assert [row[0].strip("`") for row in rows] == [outcome.value for outcome in Outcome]


def test_reasons_table_is_that_of_the_code() -> None:
    rows = table(read("docs/operations.md"), "Reason")
    assert [row[0].strip("`") for row in rows] == [reason.value for reason in CaseReason]
    words = [row[1] for row in rows]
    assert len(set(words)) == len(words), "two outcomes share their words"
    assert all(re.search("[぀-ヿ一-鿿]", word) for word in words)
    assert all(row[2] for row in rows)


def test_every_state_of_log_and_shelf_has_a_remedy() -> None:
    states = " ".join(row[0] for row in table(read("docs/operations.md"), "State"))
    ports = importlib.import_module("bot.ports")
    for failure in (ports.LogUnavailable, ports.ShelfUnavailable):
        causes = re.search(r"one of: ([a-z_, ]+)\.", failure.__doc__ or "")
        assert causes
        for cause in causes.group(1).split(", "):
            assert f"`{cause}`" in states, cause


def test_measures_table_is_that_of_the_code() -> None:
    rows = table(read("docs/answering.md"), "Measure")
    assert [row[0].strip("`") for row in rows] == list(Measures.__slots__)


def test_plain_measures_table_is_that_of_the_code() -> None:
    rows = table(read("docs/answering.md"), "Plain measure")
    assert [row[0].strip("`") for row in rows] == list(PlainMeasures.__slots__)


def test_keys_of_declarations_are_those_of_the_code() -> None:
    rows = table(read("docs/corpus.md"), "Key")
    assert [row[0].strip("`") for row in rows] == list(Declared.model_fields)


def test_every_kind_of_file_that_is_read_is_named() -> None:
    named = re.findall(r"`(\.[a-z]+)`", " ".join(row[0] for row in table(read("docs/corpus.md"), "File")))
    assert sorted(named) == sorted(READERS)


def test_rules_table_is_that_of_the_code() -> None:
    docstring = importlib.import_module("bot.measures").refusal.__doc__ or ""
    rows = table(read("docs/answering.md"), "Rule")
    assert [row[0].strip("`") for row in rows] == re.findall(r"``(\w+)``:", docstring)


def test_accessibility_statement_is_that_of_the_page() -> None:
    words = load()
    expected = [
        [f"`{name}`", words.text(f"access.check.{name}", Language.JA), words.text(f"access.{tried}", Language.JA)]
        for name, tried in CHECKS
    ]
    assert table(read("docs/accessibility.md"), "Check") == expected


def test_words_of_the_glossary_stand_in_the_code() -> None:
    rows = table(read("docs/glossary.md"), "Word")
    for row in rows:
        for name in re.findall(r"`([^`]+)`", row[3]):
            assert (ROOT / name).exists() or resolves(name), f"{row[0]}: {name}"


def resolves(name: str) -> bool:
    if name.partition(".")[0] not in {"bot", "knowledge", "audit", "prompts", "web"}:
        thing: object = records
        parts = name.split(".")
    else:
        module, _, last = name.rpartition(".")
        thing = importlib.import_module(module or last)
        if module and not hasattr(thing, last):
            thing = importlib.import_module(name)
            return True
        parts = [last] if module else []
    for part in parts:
        thing = getattr(thing, part, None)
    return thing is not None


def test_references_to_the_design_lead_somewhere() -> None:
    design = read("docs/design.md")
    for name in modules():
        for section, rule in re.findall(r"DESIGN §(\d+)(?: rule (\d+))?", read(name)):
            assert f"\n## {section}." in design, f"{name}: §{section}"
            assert not rule or re.search(rf"^{rule}\. \*\*", design, re.MULTILINE), f"{name}: rule {rule}"


def test_decisions_are_numbered_and_complete() -> None:
    pages = sorted(path for path in files() if path.parts[:2] == ("docs", "adr") and path.name != "README.md")
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    for path in pages:
        text = (ROOT / path).read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
        assert path.name in read("docs/adr/README.md")
