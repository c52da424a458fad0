"""Conditions for going on answering directly (自動応答の継続条件): which rows of a desk's register may answer by
themselves as they are measured, and the register as they leave it (ADR 0027).

==========  ======================================================  ===========================================
state       when                                                    may answer directly
==========  ======================================================  ===========================================
unmeasured  no grade counts yet                                     while two people's permission holds
uncertain   grades count, and neither bound decides                 the same
within      upper bound of what is not wholly right ≤ allowed       yes
exceeded    lower bound of what is wrong > allowed, or a grave one  no, until two people have it return
==========  ======================================================  ===========================================

In a demonstration a standing permission takes the place of the two people's. A row that may not answer directly acts
``assisted``: what the service would have said goes to a person first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

import structlog

from bot.conditions_history import folded
from bot.conditions_values import Decisions, Held, day_of, subject_of
from bot.deciding import Folded
from bot.grading import Measured, Measuring, Statistics, row_key
from bot.ports import Clock, LogUnavailable, SystemLog
from bot.records import AutomationLevel, DeskName, EntryId, Json
from bot.register import AutomationRegister, Conditioned, Register
from bot.register_rows import RegisterRow

_events = structlog.get_logger("bot.conditions")


class ConditionState(StrEnum):
    """How the errors of a row stand to what is allowed."""

    UNMEASURED = "unmeasured"
    UNCERTAIN = "uncertain"
    WITHIN = "within"
    EXCEEDED = "exceeded"


class Basis(StrEnum):
    """On what a row answers directly, or why it does not."""

    MEASURED = "measured"
    DECISION = "decision"
    DEMO = "demo"
    NONE = "none"
    EXPIRED = "expired"
    EXCEEDED = "exceeded"


_DIRECT = frozenset({Basis.MEASURED, Basis.DECISION, Basis.DEMO})


@dataclass(frozen=True, slots=True)
class RowCondition:
    """One row that the register lets answer directly, and how it stands. ``lower``: of ``measured.errors``; ``upper``:
    of ``measured.strict``.
    """

    key: str
    row: RegisterRow
    state: ConditionState
    basis: Basis
    measured: Measured
    lower: float
    upper: float
    held: Held

    @property
    def direct(self) -> bool:
        """Whether it may answer directly now."""
        return self.basis in _DIRECT


@dataclass(frozen=True, slots=True)
class Standing:
    """How every row of one desk stands that the register lets answer directly, by its key; and what was decided."""

    rows: Mapping[str, RowCondition] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def exceeded(self) -> tuple[RowCondition, ...]:
        return tuple(each for each in self.rows.values() if each.state is ConditionState.EXCEEDED)


class DeskConditions(Protocol):
    """Where the conditions of one desk are asked for."""

    def now(self) -> Standing:
        """Raises LogUnavailable."""
        ...


class Conditions:
    """The conditions of one desk, as the system log and the desk's grades tell them. Safe to call from any thread.

    ``measuring`` None: the figures are those that the desk reported to the system log (for who must not reach a desk's
    log). ``demo``: a standing permission holds.
    """

    def __init__(  # noqa: PLR0913 - what conditions stand on
        self,
        desk: DeskName,
        log: SystemLog,
        register: Register,
        statistics: Statistics,
        clock: Clock,
        *,
        measuring: Measuring | None,
        demo: bool,
    ) -> None:
        self.desk = desk
        self.demo = demo
        self.statistics = statistics
        self.clock = clock
        self._register = register
        self._measuring = measuring
        self._decisions = Folded(log, subject_of(desk), lambda entries: folded(entries, desk, statistics))
        self._last: tuple[_Seen, Standing] | None = None

    def now(self) -> Standing:
        """How the rows stand now. Raises LogUnavailable."""
        return self._under(self._register.active())

    def _under(self, register: AutomationRegister) -> Standing:
        seen = _Seen(
            register,
            self._decisions.now(),
            self._measuring.newest() if self._measuring else None,
            day_of(self.clock.now()),
        )
        last = self._last
        if last is None or not last[0].same(seen):
            self._last = last = (seen, self._standing(seen))
        return last[1]

    def known(self, register: AutomationRegister | None = None) -> Standing:
        """How the rows (of this version, where it was read already) stand, or stood when that could last be read.
        Raises LogUnavailable: it never could.
        """
        try:
            return self.now() if register is None else self._under(register)
        except LogUnavailable as unavailable:
            if self._last is None:
                raise
            _events.warning("conditions are those read last", desk=self.desk.value, cause=unavailable.cause)
            return self._last[1]

    def _standing(self, seen: _Seen) -> Standing:
        rows = {
            row_key(row.topic.value, row.risk.value): row
            for row in seen.register.of(self.desk).rows
            if row.level is AutomationLevel.FULL
        }
        made = {key: self._condition(key, row, seen) for key, row in rows.items()}
        return Standing(made, seen.decisions)

    def _condition(self, key: str, row: RegisterRow, seen: _Seen) -> RowCondition:
        held = seen.decisions.of(key)
        measured = self._measuring.measured(key, held.period) if self._measuring else held.reported
        lower = self.statistics.lower(measured.errors, measured.graded) if measured.graded else 0.0
        upper = self.statistics.upper(measured.strict, measured.graded) if measured.graded else 1.0
        if held.excess is not None or measured.grave or lower > row.allowed_error:
            state = ConditionState.EXCEEDED
        elif not measured.graded:
            state = ConditionState.UNMEASURED
        else:
            state = ConditionState.WITHIN if upper <= row.allowed_error else ConditionState.UNCERTAIN
        return RowCondition(key, row, state, self._basis(state, held, seen.day), measured, lower, upper, held)

    def _basis(self, state: ConditionState, held: Held, day: date) -> Basis:
        if state is ConditionState.EXCEEDED:
            return Basis.EXCEEDED
        if state is ConditionState.WITHIN:
            return Basis.MEASURED
        if self.demo:
            return Basis.DEMO
        if held.permit is None:
            return Basis.NONE
        return Basis.DECISION if day <= held.permit.until else Basis.EXPIRED


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a standing was made from."""

    register: AutomationRegister
    decisions: Decisions
    newest: EntryId | None
    day: date

    def same(self, other: _Seen) -> bool:
        """Whether nothing came since: the register and the decisions are the very same objects until something does."""
        return (
            self.register is other.register
            and self.decisions is other.decisions
            and (self.newest, self.day) == (other.newest, other.day)
        )


class ConditionedRegister:
    """The register in force at one desk as the conditions leave it: ``bot.register.Register``."""

    def __init__(self, register: Register, conditions: Conditions) -> None:
        self._register = register
        self._conditions = conditions
        self._last: tuple[AutomationRegister, Standing, AutomationRegister] | None = None

    def active(self) -> AutomationRegister:
        """The rows for the desk; those that may not answer directly are ``assisted``. Raises LogUnavailable."""
        register, last = self._register.active(), self._last
        standing = self._conditions.known(register)
        if last is None or last[0] is not register or last[1] is not standing:
            held = lowered(register, [key for key, each in standing.rows.items() if not each.direct])
            conditions = {key: Conditioned(each.state.value, each.basis.value) for key, each in standing.rows.items()}
            self._last = last = (register, standing, replace(held, conditions=conditions))
        return last[2]


def lowered(register: AutomationRegister, rows: Collection[str]) -> AutomationRegister:
    """A version of which these rows (by their keys) act ``assisted`` where they would answer directly. Its stamp stays:
    that of what people decided.
    """
    return replace(register, rows=tuple(_lowered(row, rows) for row in register.rows), lowered=tuple(sorted(rows)))


def lowered_then(closed: Mapping[str, Json]) -> Collection[str]:
    """The rows that acted ``assisted`` for their conditions when an exchange was answered, from its closing entry's
    meta: for ``lowered``.
    """
    told = closed.get("conditions")
    rows = told.get("lowered") if isinstance(told, Mapping) else None
    return frozenset(map(str, rows)) if isinstance(rows, list | tuple) else frozenset()


def _lowered(row: RegisterRow, rows: Collection[str]) -> RegisterRow:
    if row.level is not AutomationLevel.FULL or row_key(row.topic.value, row.risk.value) not in rows:
        return row
    return replace(row, level=AutomationLevel.ASSISTED)
