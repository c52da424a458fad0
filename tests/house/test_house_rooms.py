"""The import contracts know every module: a new one that nobody placed would be checked by nothing."""

from __future__ import annotations

import re
import tomllib

from repository import modules, read

CONTRACTS = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
OPEN_TO_ALL = {"bot.records", "bot.ports", "bot.records_json"}


def parts(room: str) -> set[str]:
    """The modules and packages directly inside a room."""
    return {".".join(name.removesuffix(".py").split("/")[:2]) for name in modules(room)} - {f"{room}.__init__"}


def contract(name: str) -> dict[str, list[str]]:
    return next(each for each in CONTRACTS if each["name"].startswith(name))


def test_every_module_of_bot_and_web_has_its_layer() -> None:
    placed = {name for layer in contract("The rooms")["layers"] for name in re.split(r"[|:\s]+", layer)}
    assert (parts("bot") | parts("web")) - placed == set()
    assert {"knowledge", "audit", "prompts"} <= placed


def test_other_rooms_see_nouns_and_ports_alone() -> None:
    forbidden = set(contract("Knowledge, audit and prompts")["forbidden_modules"])
    assert parts("bot") - forbidden - OPEN_TO_ALL == set()


def test_every_step_is_a_stranger_to_the_others() -> None:
    steps = {name.removesuffix(".py").replace("/", ".") for name in modules("bot") if name.startswith("bot/steps/")} - {
        "bot.steps.__init__"
    }
    assert set(contract("The steps")["modules"]) == steps
