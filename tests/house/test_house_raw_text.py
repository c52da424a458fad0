"""Where text may be read before it is masked: danger is recognised in it, in memory, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from repository import calls, modules

THE_STORY = "bot/exchange.py"
CLEANS = {THE_STORY, "bot/masking/__init__.py"}
READS_ASKED_TEXT = {"mask", "_endangered"}
READS_RAW = READS_ASKED_TEXT | {"clean"}


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def names_from(tree: ast.AST, room: str) -> set[str]:
    """The names that a module imports from a room or one of its modules."""
    return {
        each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(room)
        for each in node.names
    }


def strays(tree: ast.AST) -> Iterator[str]:
    """Uses of raw text other than to mask it, to hand it to the danger check, and recognise(clean(raw)) there."""
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        parent = parents.get(id(node))
        written = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute | ast.Call) else ""
        inside = called(parent) if isinstance(parent, ast.Call) else ""
        if written == "asked.text" and inside not in READS_ASKED_TEXT:
            yield f"{node.lineno}: {written}"
        if isinstance(node, ast.Name) and node.id == "raw" and inside not in READS_RAW:
            yield f"{node.lineno}: {written}"
        if written == "clean(raw)" and inside != "recognise":
            yield f"{node.lineno}: {written}"


def test_danger_is_recognised_in_one_place() -> None:
    callers = {name for name, tree in modules().items() for call in calls(tree) if called(call) == "recognise"}
    assert callers == {THE_STORY}


def test_only_the_story_of_an_exchange_cleans_without_masking() -> None:
    cleaners = {
        name
        for name, tree in modules().items()
        if "clean" in names_from(tree, "bot.masking") and any(called(call) == "clean" for call in calls(tree))
    }
    assert cleaners == CLEANS


def test_raw_text_goes_to_masking_and_to_the_danger_check_alone() -> None:
    for name, tree in modules("bot").items():
        found = list(strays(tree)) if name == THE_STORY else [each for each in strays(tree) if "asked.text" in each]
        assert found == [], name


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("text = mask(asked.text)\nd = _endangered(asked.text, text)", False),
        ("def f(raw: str): return recognise(clean(raw)) or recognise(masked.value)", False),
        ("_events.info(asked.text)", True),
        ("kept = clean(raw)", True),
        ("raise ValueError(raw)", True),
        ("recorder.open(asked.text)", True),
    ],
)
def test_the_raw_text_rule_catches_the_mistake(source: str, caught: bool) -> None:
    assert bool(list(strays(ast.parse(source)))) is caught


def test_the_danger_room_has_no_way_to_tell_what_it_read() -> None:
    for name, tree in modules("bot").items():
        if not name.startswith("bot/danger/"):
            continue
        imported = {
            each.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for each in node.names
        } | {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & {"structlog", "logging", "sys", "os", "warnings"}, name
        assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree)), name
