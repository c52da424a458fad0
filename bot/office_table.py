"""An office calendar from a plain table (TOML), and the bundled default. Pure but for reading the bundled file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from bot.office import Office, Span, Spans
from bot.records import DeskName, Risk

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPECIAL: Final = ("holiday", "year_end")
_SPAN: Final = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)", re.ASCII)
_NUMBERS: Final[Mapping[str, range]] = {
    "per_day": range(1, 10_001),
    "reopen_days": range(1, 3_651),
    "close_days": range(1, 3_651),
    "contact_days": range(1, 3_651),
    "claim_minutes": range(5, 1_441),
    "unclaimed_hours": range(1, 1_001),
}
_DUE: Final = range(251)  # open days: a year has no more
_MEMBERS: Final = frozenset({*_NUMBERS, "hours", "closed", "opened", "due_days"})
_BY_PRIORITY: Final = (Risk.GRAVE, Risk.HIGH, Risk.MODERATE, Risk.LOW)


class BadOffice(ValueError):
    """A table that is no office calendar; the message says which member and what to do."""


def office_of(desk: DeskName, table: Mapping[str, Any]) -> Office:
    """The office that an operator's table describes: its ``hours``, and the bundled values where it names none.

    Raises BadOffice.
    """
    where = desk.value
    _refuse_unknown(table, _MEMBERS, where)
    if "hours" not in table:
        raise BadOffice(f'{where}: hours are missing; write [{where}.hours] with lines like monday = ["09:00-17:00"]')
    return _office({**_bundled_tables()[where], **table}, where, configured=True)


@cache
def bundled_office(desk: DeskName) -> Office:
    """The default of ``bot/office.toml``, which nobody has decided (``configured`` is False)."""
    return _office(_bundled_tables()[desk.value], desk.value, configured=False)


@cache
def _bundled_tables() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("bot").joinpath("office.toml").read_text("utf-8"))


def _office(table: Mapping[str, Any], where: str, *, configured: bool) -> Office:
    hours = _table(table, "hours", where)
    _refuse_unknown(hours, {*_WEEKDAYS, *_SPECIAL}, f"{where}.hours")
    spans = {name: _spans(hours.get(name, []), f"{where}.hours.{name}") for name in (*_WEEKDAYS, *_SPECIAL)}
    opened, closed = _opened(_table(table, "opened", where), where), _closed(table["closed"], where)
    if both := opened.keys() & closed:
        raise BadOffice(f"{where}: {min(both)} is both opened and closed; leave it in one of them")
    numbers = {name: _number(table[name], allowed, f"{where}.{name}") for name, allowed in _NUMBERS.items()}
    try:
        return Office(
            hours=tuple(spans[name] for name in _WEEKDAYS),
            due_days=_due_days(_table(table, "due_days", where), where),
            **numbers,
            configured=configured,
            holiday=spans["holiday"],
            year_end=spans["year_end"],
            opened=opened,
            closed=closed,
        )
    except ValueError as problem:
        raise BadOffice(f"{where}: {problem}") from problem


def _due_days(table: Mapping[str, Any], where: str) -> Mapping[Risk, int]:
    """By priority; what is graver is never due later."""
    _refuse_unknown(table, {risk.value for risk in Risk}, f"{where}.due_days")
    days = {
        risk: _number(
            table.get(risk.value, _bundled_tables()[where]["due_days"][risk.value]), _DUE, f"{where}.due_days"
        )
        for risk in _BY_PRIORITY
    }
    if list(days.values()) != sorted(days.values()):
        raise BadOffice(f"{where}.due_days: grave, high, moderate and low must not fall in this order")
    return days


def _opened(table: Mapping[str, Any], where: str) -> Mapping[date, Spans]:
    opened: dict[date, Spans] = {}
    for name, value in table.items():
        try:
            day = date.fromisoformat(name)
        except ValueError as problem:
            raise BadOffice(f'{where}.opened: "{name}" is no day; write 2026-11-01 = ["09:00-12:00"]') from problem
        opened[day] = _spans(value, f"{where}.opened.{name}")
        if not opened[day]:
            raise BadOffice(f"{where}.opened.{name} has no hours; a closed day belongs into closed")
    return opened


def _closed(value: object, where: str) -> frozenset[date]:
    days = value if isinstance(value, list) else [None]
    if not all(isinstance(day, date) and not isinstance(day, datetime) for day in days):
        raise BadOffice(f"{where}.closed is a list of days, like [2026-08-14] (without quotation marks)")
    return frozenset(days)


def _spans(value: object, where: str) -> Spans:
    if not isinstance(value, list):
        raise BadOffice(f'{where} is a list of spans, like ["09:00-12:00", "13:00-17:00"]')
    return tuple(_span(text, where) for text in value)


def _span(text: object, where: str) -> Span:
    found = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BadOffice(f'{where}: a span is written like "09:00-17:00"')
    begin, begin_minute, end, end_minute = map(int, found.groups())
    try:
        return Span(begin * 60 + begin_minute, end * 60 + end_minute)
    except ValueError as problem:
        raise BadOffice(f"{where}: {problem}") from problem


def _number(value: object, allowed: range, where: str) -> int:
    if type(value) is not int or value not in allowed:
        raise BadOffice(f"{where} is a whole number from {allowed.start} to {allowed.stop - 1}")
    return value


def _table(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = table[name]
    if not isinstance(value, dict):
        raise BadOffice(f"{where}.{name} must be a table, [{where}.{name}]")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str] | frozenset[str], where: str) -> None:
    if strangers := set(table) - known:
        raise BadOffice(f'{where}: there is no "{min(strangers)}"; it takes {", ".join(sorted(known))}')
