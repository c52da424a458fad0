"""What people decided about going on answering directly, and what a desk measured: a pure fold over the entries about
one desk's conditions in the system log (bot/conditions_values.py has the table).

A proposal asks that a row may answer directly up to a day though its errors are not measured, or though they were
exceeded: then it returns, and a new period begins. ``base`` is the entry of the excess it was made against, or null.
An approval counts if another account than the proposer's gave it, as an approver, while the proposal was waiting, its
day not over, and the excess the same. An excess counts if its own figures say so, in the period they are of
(``since``). What does not count is listed as void. What an entry is worth depends on the entries before it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.conditions_values import (
    APPROVED,
    EXCEEDED,
    GRAVE,
    LONGEST,
    MEASURED,
    PROPOSED,
    REJECTED,
    SERVICE,
    Decided,
    Decisions,
    Excess,
    Held,
    Permit,
    PermitState,
    VoidCondition,
    day_of,
    since_of,
)
from bot.deciding import BY, NAME, ROLE
from bot.grading import Grade, Measured, Period, Statistics
from bot.records import DeskName, EntryId, Json, RecordedEntry
from bot.register_history import APPROVER, said


def folded(entries: Iterable[RecordedEntry], desk: DeskName, statistics: Statistics) -> Decisions:
    """What these entries amount to, oldest first."""
    telling = _Telling(desk, statistics)
    for entry in entries:
        telling.take(entry)
    permits = tuple(map(telling.as_it_stands, telling.permits.values()))
    return Decisions(telling.rows, permits, tuple(telling.void))


class _Telling:
    """What the entries read so far amount to."""

    def __init__(self, desk: DeskName, statistics: Statistics) -> None:
        self.rows: dict[str, Held] = {}
        self.permits: dict[EntryId, Permit] = {}
        self.void: list[VoidCondition] = []
        self._desk = desk
        self._statistics = statistics
        self._effects: Mapping[str, Callable[[RecordedEntry], str | None]] = {
            PROPOSED: self._propose,
            APPROVED: self._approve,
            REJECTED: self._reject,
            MEASURED: self._measure,
            EXCEEDED: self._exceed,
        }

    def take(self, entry: RecordedEntry) -> None:
        """Let an entry have its effect, or list it as void; an entry of an unknown kind changes nothing."""
        effect = self._effects.get(entry.kind)
        if effect is None:
            return
        try:
            why = effect(entry)
        except (KeyError, TypeError, ValueError):
            why = "unreadable"
        if why is not None:
            self.void.append(VoidCondition(entry.entry, entry.kind, entry.time, said(entry, BY), why))

    def as_it_stands(self, permit: Permit) -> Permit:
        """A proposal that waits, unless what it was made against is gone."""
        if permit.state is PermitState.WAITING and permit.base != self._base(permit.row):
            return replace(permit, state=PermitState.STALE)
        return permit

    def _base(self, row: str) -> EntryId | None:
        excess = self.rows.get(row, Held()).excess
        return excess.id if excess else None

    def _propose(self, entry: RecordedEntry) -> str | None:
        if self._row(entry) is None or not said(entry, BY):
            return "unreadable"
        until, base = date.fromisoformat(said(entry, "until")), said(entry, "base") or None
        if not timedelta(0) <= until - day_of(entry.time) <= LONGEST:
            return "expired"
        self.permits[entry.entry] = Permit(
            id=entry.entry,
            time=entry.time,
            by=said(entry, BY),
            role=said(entry, ROLE),
            name=entry.contents.get(NAME),
            reason=entry.contents.get("reason"),
            row=said(entry, "row"),
            until=until,
            base=EntryId(base) if base else None,
        )
        return None

    def _approve(self, entry: RecordedEntry) -> str | None:
        permit = self._waiting(entry)
        if isinstance(permit, str):
            return permit
        if said(entry, BY) in {permit.by, ""}:
            return "own_proposal"
        if said(entry, ROLE) != APPROVER:
            return "not_approver"
        if permit.base != self._base(permit.row):
            return "stale"
        if day_of(entry.time) > permit.until:
            return "expired"
        self.permits[permit.id] = decided = replace(permit, state=PermitState.APPROVED, decision=_decided(entry))
        held = self.rows.get(permit.row, Held())
        if held.excess is not None:
            held = Held(None, None, Period(entry.time, held.reported.newest or held.excess.grade))
        self.rows[permit.row] = replace(held, permit=decided)
        return None

    def _reject(self, entry: RecordedEntry) -> str | None:
        permit = self._waiting(entry)
        if isinstance(permit, str):
            return permit
        if said(entry, BY) != permit.by and said(entry, ROLE) != APPROVER:
            return "not_approver"
        self.permits[permit.id] = replace(permit, state=PermitState.REJECTED, decision=_decided(entry))
        return None

    def _measure(self, entry: RecordedEntry) -> str | None:
        row, meta = self._row(entry), _numbers(entry)
        if row is None or said(entry, ROLE) != SERVICE or not 0 <= meta["errors"] <= meta["strict"] <= meta["graded"]:
            return "unreadable"
        newest, counts = said(entry, "newest"), entry.meta["counts"]
        reported = Measured(
            graded=meta["graded"],
            strict=meta["strict"],
            errors=meta["errors"],
            grave=tuple(EntryId(str(each)) for each in _list(entry, "grave")),
            newest=EntryId(newest) if newest else None,
            counts={Grade(name): int(str(count)) for name, count in _members(counts).items()},
        )
        self.rows[row] = replace(self.rows.get(row, Held()), reported=reported)
        return None

    def _exceed(self, entry: RecordedEntry) -> str | None:
        row, numbers = self._row(entry), _numbers(entry)
        allowed, grade, cause = entry.meta["allowed"], said(entry, "grade"), said(entry, "cause")
        if row is None or said(entry, ROLE) != SERVICE or not isinstance(allowed, float | int) or not grade:
            return "unreadable"
        held = self.rows.get(row, Held())
        if held.excess is not None or said(entry, "since") != since_of(held.period):
            return "stale"
        if cause != GRAVE and self._statistics.lower(numbers["errors"], numbers["graded"]) <= allowed:
            return "not_exceeded"
        excess = Excess(
            entry.entry, entry.time, cause, EntryId(grade), numbers["graded"], numbers["errors"], float(allowed)
        )
        self.rows[row] = replace(held, excess=excess)
        return None

    def _waiting(self, entry: RecordedEntry) -> Permit | str:
        """The proposal a decision is about; else why it counts for nothing."""
        permit = self.permits.get(entry.links[0]) if entry.links else None
        if permit is None:
            return "unknown_proposal"
        return permit if permit.state is PermitState.WAITING else "not_waiting"

    def _row(self, entry: RecordedEntry) -> str | None:
        return said(entry, "row") or None if said(entry, "desk") == self._desk.value else None


def _decided(entry: RecordedEntry) -> Decided:
    return Decided(
        entry.time, said(entry, BY), said(entry, ROLE), entry.contents.get(NAME), entry.contents.get("reason")
    )


def _numbers(entry: RecordedEntry) -> Mapping[str, Any]:
    """The counts of an entry. Raises KeyError, ValueError."""
    found = {name: entry.meta[name] for name in ("graded", "strict", "errors") if name in entry.meta}
    if not all(type(each) is int for each in found.values()):
        raise ValueError("counts are whole numbers")
    return found


def _list(entry: RecordedEntry, name: str) -> list[Any]:
    value: Any = entry.meta[name]
    if not isinstance(value, list):
        raise TypeError("a list of entries")
    return value


def _members(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise TypeError("an object")
    return value
