"""The import contracts know every module: a new one that nobody placed would be checked by nothing."""

from __future__ import annotations

import re
import tomllib

from repository import modules, read

CONTRACTS = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
OPEN_TO_ALL = {"bot.records", "bot.cases", "bot.ports", "bot.records_json", "bot.grading"}


def parts(room: str) -> set[str]:
    """The modules and packages directly inside a room."""
    return {".".join(name.removesuffix(".py").split("/")[:2]) for name in modules(room)} - {f"{room}.__init__"}


def contract(name: str) -> dict[str, list[str]]:
    return next(each for each in CONTRACTS if each["name"].startswith(name))


def in_layers(layers: list[str]) -> set[str]:
    return {name for layer in layers for name in re.split(r"[|:\s]+", layer)}


def test_every_module_of_bot_web_and_knowledge_has_its_layer() -> None:
    placed = in_layers(contract("The rooms")["layers"])
    assert (parts("bot") | parts("web")) - placed == set()
    assert in_layers(contract("Knowledge:")["layers"]) == parts("knowledge")
    assert {"knowledge", "audit", "prompts"} <= placed


def test_other_rooms_see_nouns_and_ports_alone() -> None:
    forbidden = set(contract("Knowledge, audit and prompts")["forbidden_modules"])
    assert parts("bot") - forbidden - OPEN_TO_ALL == set()


def test_every_step_is_a_stranger_to_the_others() -> None:
    steps = {name.removesuffix(".py").replace("/", ".") for name in modules("bot") if name.startswith("bot/steps/")} - {
        "bot.steps.__init__"
    }
    strangers, shared = contract("The steps")["layers"]
    assert ":" not in strangers
    assert in_layers([strangers, shared]) == steps


def test_every_module_of_knowledge_is_kept_from_vendors_libraries() -> None:
    assert set(contract("Chroma")["source_modules"]) >= parts("knowledge") - {"knowledge.adapters"}
    assert set(contract("What opens")["source_modules"]) >= parts("knowledge") - {"knowledge.loading"}
