"""People who decide, and versions of the register for them to decide on."""

from __future__ import annotations

from typing import Any

from bot.deciding import Actor
from bot.records import Topic
from bot.register import AutomationRegister, as_json, load_register, register_of

EDITOR = Actor("ac_editor", "編集 花子", frozenset({"knowledge_editor"}))
APPROVER = Actor("ac_approver", "承認 太郎", frozenset({"approver"}))
SECOND_APPROVER = Actor("ac_second", "承認 次郎", frozenset({"approver"}))
ADMINISTRATOR = Actor("ac_admin", "管理 三郎", frozenset({"administrator"}))
NOBODY = Actor("ac_nobody", "職員 四郎", frozenset({"staff"}))


def tables(version: str = "3", **levels: str) -> dict[str, Any]:
    """The default's tables under another version name, with the levels of whole topics changed."""
    plain: dict[str, Any] = as_json(load_register())
    rows = [{**row, "level": levels.get(row["topic"], row["level"])} for row in plain["row"]]
    return {**plain, "version": version, "row": rows}


def version(name: str = "3", **levels: str) -> AutomationRegister:
    return register_of(tables(name, **levels))


def person_for(topic: Topic, name: str = "3") -> AutomationRegister:
    """A version that leaves a topic to people."""
    return version(name, **{topic.value: "none"})
