"""The automation register: task × risk → who answers. The default is bot/automation.toml; which version is in force
is decided by people (bot/register_history.py).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, Final, Protocol

from bot.records import AutomationLevel, DeskName, Json, Risk, Stamp, Topic, Triage
from bot.register_rows import BadRegister, Place, RegisterRow, place_of, row_of, table_of, text_of

_NAME: Final = "automation"
# The service has no answer of its own to these: what it replies is the way to a person, whatever a row says.
_PEOPLES: Final = frozenset({Topic.DANGER, Topic.OWN_CASE, Topic.COMPLAINT, Topic.PERSON, Topic.OTHER_DESK})
# For these the service can make a draft, which a person approves where the row says ``assisted``.
_DRAFTED: Final = frozenset({Topic.DOCUMENTS, Topic.SERVICE, Topic.CONSULTATION})


DANGER_ROW: Final = f"{Topic.DANGER.value}.{Risk.GRAVE.value}"
"""The row of danger to life: the same in every version."""


class Register(Protocol):
    """Where a desk finds the version in force."""

    def active(self) -> AutomationRegister:
        """The rows for the desk that asks. Raises LogUnavailable where no version could ever be read."""
        ...


@dataclass(frozen=True, slots=True)
class Conditioned:
    """How a row stood to its conditions (bot/conditions.py): the state of its errors, and on what it answers directly
    or why not.
    """

    state: str
    basis: str


@dataclass(frozen=True, slots=True)
class AutomationRegister:
    """One version. ``stamp.digest`` is SHA-256 over its canonical JSON: the same wherever every member is.

    ``conditions``: how the rows stood, where conditions were asked for; ``lowered``: which of them act ``assisted``
    for that. Both by ``topic.risk``; neither is a part of the version.
    """

    rows: tuple[RegisterRow, ...]
    stamp: Stamp
    places: tuple[Place, ...] = ()
    conditions: Mapping[str, Conditioned] = field(default_factory=dict, hash=False)
    lowered: tuple[str, ...] = ()

    def row(self, topic: Topic, risk: Risk) -> RegisterRow | None:
        """The first row for ``topic`` at ``risk``."""
        return next((row for row in self.rows if row.topic is topic and row.risk is risk), None)

    def level(self, topic: Topic, risk: Risk) -> AutomationLevel:
        """The level of the first row for ``topic`` at ``risk``; without a row a person answers."""
        row = self.row(topic, risk)
        return AutomationLevel.NONE if row is None else row.level

    def of(self, desk: DeskName) -> AutomationRegister:
        """The same version with the rows for one desk."""
        return replace(self, rows=tuple(row for row in self.rows if desk in row.desks))

    def active(self) -> AutomationRegister:
        """Itself: a version that nothing changes can stand where the one in force is asked for."""
        return self


def left_to_people(placed: Triage) -> bool:
    """Whether a row takes an answer away that the service could give, so that the reply must say who answers."""
    if placed.automation is AutomationLevel.FULL or drafted_for_people(placed):
        return False
    return placed.topic not in _PEOPLES


def drafted_for_people(placed: Triage) -> bool:
    """Whether the service makes a draft that nobody sees before a person has approved it."""
    return placed.automation is AutomationLevel.ASSISTED and placed.topic in _DRAFTED


def about_the_service(placed: Triage, register: AutomationRegister) -> Triage:
    """Where an answer that turned out to be about the service itself is placed: on that row, unless the row it came by
    leaves more to people.
    """
    level = max(placed.automation, register.level(Topic.SERVICE, Risk.LOW), key=tuple(AutomationLevel).index)
    if level is placed.automation:
        return placed
    return replace(placed, topic=Topic.SERVICE, automation=level)


@cache
def load_register() -> AutomationRegister:
    """The default register. Raises BadRegister if the file does not have the documented shape."""
    return register_of(tomllib.loads(resources.files("bot").joinpath("automation.toml").read_text("utf-8")))


def read_register(text: str) -> AutomationRegister:
    """A version from a file like bot/automation.toml. Raises BadRegister."""
    try:
        return register_of(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise BadRegister(f"not TOML: {problem}") from None


def register_of(data: Mapping[str, Any]) -> AutomationRegister:
    """A version from its tables (``version``, ``place``, ``row``), as TOML or JSON gives them.

    Raises BadRegister: another shape, a row that stands twice, danger left to anything but people.
    """
    if strange := sorted(set(data) - {"version", "place", "row"}):
        raise BadRegister(f"{', '.join(strange)} is not a member of a register")
    version = text_of(data, "version", "the register")
    rows = tuple(row_of(table, number) for number, table in enumerate(_tables(data, "row"), start=1))
    places = tuple(place_of(table, number) for number, table in enumerate(_tables(data, "place"), start=1))
    _hold_the_rules(rows)
    unstamped = AutomationRegister(rows, Stamp(_NAME, version, ""), places)
    return replace(unstamped, stamp=Stamp(_NAME, version, digest_of(as_json(unstamped))))


def digest_of(tables: Mapping[str, Json]) -> str:
    """SHA-256 (hex) over the canonical JSON of a version's tables."""
    canonical = json.dumps(tables, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode("utf-8")).hexdigest()


def as_json(register: AutomationRegister) -> dict[str, Json]:
    """What ``register_of`` reads: plain values, every member written out."""
    return {"version": register.stamp.version, **_tables_of(register)}


def as_toml(register: AutomationRegister) -> str:
    """The version as a file to edit and to propose: the shape of bot/automation.toml."""
    lines = [f"version = {_toml(register.stamp.version)}"]
    for kind, tables in _tables_of(register).items():
        for table in tables:
            lines += ["", f"[[{kind}]]", *(f"{name} = {_toml(value)}" for name, value in table.items())]
    return "\n".join(lines) + "\n"


def lacking(register: AutomationRegister) -> Sequence[str]:
    """Ids of the default's rows of which a version says nothing: what triage can produce is on exactly one row."""
    held = {(row.topic, row.risk, desk) for row in register.rows for desk in row.desks}
    return [row.id for row in load_register().rows if not {(row.topic, row.risk, desk) for desk in row.desks} <= held]


def overdue(register: AutomationRegister, day: date) -> Sequence[RegisterRow | Place]:
    """The rows that a person should have reviewed before ``day``."""
    dated: tuple[RegisterRow | Place, ...] = (*register.places, *register.rows)
    return [each for each in dated if each.review_by < day]


def _hold_the_rules(rows: Sequence[RegisterRow]) -> None:
    seen: set[tuple[Topic, Risk, DeskName]] = set()
    for row in rows:
        grave = row.topic is Topic.DANGER or row.risk is Risk.GRAVE
        if grave and row.level is not AutomationLevel.NONE:
            raise BadRegister(f"{row.id}: danger to life is never left to the service; its level is none")
        if row.topic in _PEOPLES and row.level is AutomationLevel.FULL:
            raise BadRegister(f"{row.id}: the service has no answer of its own to this; its level is not full")
        places = {(row.topic, row.risk, desk) for desk in row.desks}
        if places & seen:
            raise BadRegister(f"{row.id}: stands twice for the same desk")
        seen |= places


def _tables(data: Mapping[str, Any], kind: str) -> Sequence[Mapping[str, Any]]:
    tables = data.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        raise BadRegister(f"{kind} is a list of tables")
    return tables


def _tables_of(register: AutomationRegister) -> dict[str, list[dict[str, Json]]]:
    return {"place": [table_of(each) for each in register.places], "row": [table_of(each) for each in register.rows]}


def _toml(value: Json) -> str:
    """Text, numbers and lists of text are written in TOML as in JSON; dates in text are read like bare ones."""
    return json.dumps(value, ensure_ascii=False)
