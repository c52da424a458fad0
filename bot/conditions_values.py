"""What people decided about going on answering directly, and what a desk measured: plain values, and the entries
about one desk's conditions (subject ``conditions-<desk>``) in the system log that they are read from.

====================  =========================================================  ==============  =============
kind                  meta                                                       contents        links
====================  =========================================================  ==============  =============
conditions.proposed   by, role, desk, row, until (a day), base                   name, reason    none
conditions.approved   by, role                                                   name            the proposal
conditions.rejected   by, role                                                   name, reason    the proposal
conditions.measured   by, role, desk, row, graded, strict, errors, counts,       none            none
                      grave, newest: ``bot.grading.Measured``
conditions.exceeded   by, role, desk, row, cause (grave or bound), grade,        none            none
                      graded, errors, allowed, since
====================  =========================================================  ==============  =============

What an entry is worth, bot/conditions_history.py says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.grading import Measured, Period
from bot.office import JAPAN
from bot.records import ConversationId, DeskName, EntryId

PROPOSED: Final = "conditions.proposed"
APPROVED: Final = "conditions.approved"
REJECTED: Final = "conditions.rejected"
MEASURED: Final = "conditions.measured"
EXCEEDED: Final = "conditions.exceeded"
SERVICE: Final = "service"
"""Who writes down what was measured: no person."""
LONGEST: Final = timedelta(days=366)
"""How far ahead the day may lie up to which people let a row answer."""
GRAVE: Final = "grave"
BOUND: Final = "bound"


def subject_of(desk: DeskName) -> ConversationId:
    """What the entries about one desk's conditions are found by."""
    return ConversationId(f"conditions-{desk.value}")


class PermitState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    STALE = "stale"  # the errors were exceeded since, or the row returned


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decided, when; ``reason`` of a rejection."""

    time: datetime
    by: str
    role: str
    name: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Permit:
    """A proposal that a row may answer directly up to a day (of Japan, that day included)."""

    id: EntryId
    time: datetime
    by: str
    role: str
    name: str | None
    reason: str | None
    row: str
    until: date
    base: EntryId | None
    state: PermitState = PermitState.WAITING
    decision: Decided | None = None


@dataclass(frozen=True, slots=True)
class Excess:
    """That the errors of a row are more than is allowed: since when, by which grade, by what figures."""

    id: EntryId
    time: datetime
    cause: str
    grade: EntryId
    graded: int
    errors: int
    allowed: float


@dataclass(frozen=True, slots=True)
class Held:
    """What stands for one row: an excess, the permission given last (its day may be over), the period that counts, and
    what the desk reported of it.
    """

    excess: Excess | None = None
    permit: Permit | None = None
    period: Period = field(default_factory=Period)
    reported: Measured = field(default_factory=Measured)


@dataclass(frozen=True, slots=True)
class VoidCondition:
    """An entry that changed nothing, and why: own_proposal, not_approver, not_waiting, stale, unknown_proposal,
    expired, unreadable, not_exceeded.
    """

    entry: EntryId
    kind: str
    time: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything that was decided and measured at one desk, oldest first."""

    rows: Mapping[str, Held] = field(default_factory=dict)
    permits: tuple[Permit, ...] = ()
    void: tuple[VoidCondition, ...] = ()

    def of(self, row: str) -> Held:
        return self.rows.get(row, Held())

    def permit(self, named: str) -> Permit | None:
        """The proposal with this id, or whose id alone begins so."""
        found = [each for each in self.permits if each.id.startswith(named)] if named else []
        return next((each for each in found if each.id == named), found[0] if len(found) == 1 else None)

    @property
    def waiting(self) -> tuple[Permit, ...]:
        return tuple(each for each in self.permits if each.state is PermitState.WAITING)


def day_of(moment: datetime) -> date:
    """The day in Japan: days of decisions are the office's."""
    return moment.astimezone(JAPAN).date()


def since_of(period: Period) -> str:
    """How an entry names the period it is of."""
    return period.since.isoformat() if period.since else ""
