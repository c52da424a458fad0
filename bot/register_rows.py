"""The rows of the automation register, and how they are read from plain tables (TOML or JSON). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from bot.records import AutomationLevel, DeskName, Json, Risk, Topic

Member = TypeVar("Member", bound=StrEnum)

_LONGEST: Final = 1_000
_STAGES: Final = range(1, 6)


class BadRegister(ValueError):
    """Rows that break a rule of the register; the message says which row and rule."""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row: which topic at which risk is answered how, why, on whose word, and who must review it by when.

    ``allowed_error`` is the share of wrong replies that is tolerated, ``baseline`` how often people err at the same
    task and who says so, or that it is not known (伊藤 錬 委員 ＜2/4＞: compare with people). ``view`` is whose view it
    rests on: the draft's text, a council member's opinion, or this service's own judgement.
    """

    topic: Topic
    risk: Risk
    level: AutomationLevel
    reason: str
    source: str
    view: str
    allowed_error: float
    baseline: str
    owner: str
    review_by: date
    desks: tuple[DeskName, ...] = tuple(DeskName)

    @property
    def id(self) -> str:
        """``topic.risk``, with ``@desk`` where the row is for one desk only."""
        where = f"@{self.desks[0].value}" if len(self.desks) == 1 else ""
        return f"{self.topic.value}.{self.risk.value}{where}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one desk of this service stands in the source's scheme of domains and stages (３-③ AI利活用の段階)."""

    desk: DeskName
    domain: str
    stage: int
    name: str
    reason: str
    source: str
    view: str
    owner: str
    review_by: date

    @property
    def id(self) -> str:
        return f"place@{self.desk.value}"


def row_of(table: Mapping[str, Any], number: int) -> RegisterRow:
    """A row from its table. Raises BadRegister."""
    where = f"row {number}"
    topic, risk = _member(Topic, table, "topic", where), _member(Risk, table, "risk", where)
    where = f"{topic.value}.{risk.value}"
    _refuse_unknown(table, {each.name for each in fields(RegisterRow)}, where)
    return RegisterRow(
        topic=topic,
        risk=risk,
        level=_member(AutomationLevel, table, "level", where),
        reason=text_of(table, "reason", where),
        source=text_of(table, "source", where),
        view=text_of(table, "view", where),
        allowed_error=_share(table, where),
        baseline=text_of(table, "baseline", where),
        owner=text_of(table, "owner", where),
        review_by=_day(table, where),
        desks=_desks(table, where),
    )


def place_of(table: Mapping[str, Any], number: int) -> Place:
    """A place from its table. Raises BadRegister."""
    where = f"place {number}"
    desk, stage = _member(DeskName, table, "desk", where), table.get("stage")
    _refuse_unknown(table, {each.name for each in fields(Place)}, where)
    if type(stage) is not int or stage not in _STAGES:
        raise BadRegister(f"{where}: stage is a number from 1 to 5")
    return Place(
        desk=desk,
        domain=text_of(table, "domain", where),
        stage=stage,
        name=text_of(table, "name", where),
        reason=text_of(table, "reason", where),
        source=text_of(table, "source", where),
        view=text_of(table, "view", where),
        owner=text_of(table, "owner", where),
        review_by=_day(table, where),
    )


def table_of(row: RegisterRow | Place) -> dict[str, Json]:
    """The row as a plain table, every member written out."""
    return {each.name: _plain(getattr(row, each.name)) for each in fields(row)}


def text_of(table: Mapping[str, Any], name: str, where: str) -> str:
    """A member that is text. Raises BadRegister."""
    value = table.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise BadRegister(f"{where}: {name} is missing, empty or over {_LONGEST} characters")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: Collection[str], where: str) -> None:
    strange = sorted(set(table) - set(known))
    if strange:
        raise BadRegister(f"{where}: {', '.join(map(str, strange))} is not a member of it")


def _member(kind: type[Member], table: Mapping[str, Any], name: str, where: str) -> Member:
    try:
        return kind(str(table.get(name)))
    except ValueError:
        raise BadRegister(f"{where}: {name} is one of {', '.join(each.value for each in kind)}") from None


def _share(table: Mapping[str, Any], where: str) -> float:
    value = table.get("allowed_error")
    if type(value) not in (int, float) or not 0 <= float(str(value)) <= 1:
        raise BadRegister(f"{where}: allowed_error is a share between 0 and 1")
    return float(str(value))


def _day(table: Mapping[str, Any], where: str) -> date:
    value: Any = table.get("review_by")
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (ValueError, TypeError):
        raise BadRegister(f"{where}: review_by is a date like 2027-03-31") from None


def _desks(table: Mapping[str, Any], where: str) -> tuple[DeskName, ...]:
    named = table.get("desks", list(DeskName))
    if not isinstance(named, list) or not named or len(set(map(str, named))) != len(named):
        raise BadRegister(f"{where}: desks are public, staff or both")
    chosen = {_member(DeskName, {"desks": each}, "desks", where) for each in named}
    return tuple(desk for desk in DeskName if desk in chosen)


def _plain(value: Any) -> Json:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return [_plain(each) for each in value]
        case StrEnum():
            return value.value
        case str() | int() | float():
            return value
    raise TypeError("a row holds text, numbers, names and dates")
