"""Deciding that a row may go on answering directly, or answers directly again: one person proposes, another approves.
And what the service itself writes down: what was measured, and that errors are more than is allowed.

The checks here give a person an answer; what an entry is worth is decided by the fold alone
(bot/conditions_history.py).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from bot.conditions import Conditions, ConditionState, RowCondition
from bot.conditions_history import folded
from bot.conditions_values import (
    APPROVED,
    BOUND,
    EXCEEDED,
    GRAVE,
    LONGEST,
    MEASURED,
    PROPOSED,
    REJECTED,
    SERVICE,
    Decisions,
    Permit,
    PermitState,
    day_of,
    since_of,
    subject_of,
)
from bot.deciding import BY, NAME, ROLE, Actor, DecisionRefused, acting, on_one_line, reason_given
from bot.notices import excess_notices
from bot.ports import SystemLog
from bot.queue import Queue
from bot.records import DeskName, Entry, EntryId, Json
from bot.register_changes import APPROVERS, PROPOSERS

_HOW: Final = "see madoguchi conditions show"


def propose(  # noqa: PLR0913, PLR0917 - what a proposal consists of
    log: SystemLog, conditions: Conditions, row: str, until: date, actor: Actor, reason: str
) -> Permit:
    """Propose that a row answers directly up to a day, though its errors are not known to be within what is allowed;
    where they were exceeded, that it returns. The proposal as recorded.

    Raises DecisionRefused (not_allowed, no_reason, unknown_row, bad_day), LogUnavailable.
    """
    role, why = acting(actor, PROPOSERS), reason_given(reason)
    standing = conditions.now()
    if row not in standing.rows:
        raise DecisionRefused("unknown_row", f"no row {row} answers directly at this desk; {_HOW}")
    today = day_of(conditions.clock.now())
    if not today <= until <= today + LONGEST:
        raise DecisionRefused("bad_day", f"a permission ends between today and {today + LONGEST}")
    excess = standing.rows[row].held.excess
    meta: dict[str, Json] = {
        BY: actor.id,
        ROLE: role,
        "desk": conditions.desk.value,
        "row": row,
        "until": until.isoformat(),
        "base": excess.id if excess else None,
    }
    appended = log.append(Entry(PROPOSED, subject_of(conditions.desk), meta, {NAME: actor.name, "reason": why}))
    return _found(_decisions(log, conditions), appended.entry)


def approve(log: SystemLog, conditions: Conditions, proposal: str, actor: Actor) -> Permit:
    """Approve somebody else's proposal (its id, or how that alone begins); from then on it holds.

    Raises DecisionRefused (not_allowed, unknown_proposal, not_waiting, own_proposal, stale, expired), LogUnavailable.
    """
    role, about = acting(actor, APPROVERS), _waiting(_decisions(log, conditions), proposal)
    if about.by == actor.id:
        raise DecisionRefused("own_proposal", "somebody else must approve what you proposed")
    if day_of(conditions.clock.now()) > about.until:
        raise DecisionRefused("expired", "its day is over; propose it again")
    meta: dict[str, Json] = {BY: actor.id, ROLE: role}
    decision = Entry(APPROVED, subject_of(conditions.desk), meta, {NAME: actor.name}, (about.id,))
    return _recorded(log, conditions, decision)


def reject(log: SystemLog, conditions: Conditions, proposal: str, actor: Actor, reason: str = "") -> Permit:
    """Turn a proposal down, or take one's own back.

    Raises DecisionRefused (not_allowed, unknown_proposal, not_waiting, stale), LogUnavailable.
    """
    about = _waiting(_decisions(log, conditions), proposal)
    role = acting(actor, PROPOSERS if about.by == actor.id else APPROVERS)
    contents = {NAME: actor.name, "reason": on_one_line(reason)}
    decision = Entry(REJECTED, subject_of(conditions.desk), {BY: actor.id, ROLE: role}, contents, (about.id,))
    return _recorded(log, conditions, decision)


def settle(log: SystemLog, conditions: Conditions, queue: Queue) -> int:
    """Write down what the desk's grades amount to where that changed, and every excess that is not written down yet,
    with a notice to the desk's watchers. May be done again at any time; how many entries it made.

    The row acts ``assisted`` from the grade on, whether this was done or not. Raises LogUnavailable.
    """
    made = 0
    for each in conditions.now().rows.values():
        if each.measured != each.held.reported:
            log.append(_measured(conditions.desk, each))
            made += 1
        if each.state is ConditionState.EXCEEDED and each.held.excess is None:
            # The notices first: their keys are the excess's own, so one that is put again is the same notice.
            _tell(conditions, each, queue)
            log.append(_exceeded(conditions.desk, each))
            made += 1
    return made


def _tell(conditions: Conditions, row: RowCondition, queue: Queue) -> None:
    notices = excess_notices(row.key, _grade(row), queue.recipients, conditions.clock.now())
    if notices:
        with queue.work.begin() as within:
            for notice in notices:
                queue.outbox.put(within, notice)


def _measured(desk: DeskName, row: RowCondition) -> Entry:
    told = row.measured
    meta: dict[str, Json] = {
        BY: SERVICE,
        ROLE: SERVICE,
        "desk": desk.value,
        "row": row.key,
        "graded": told.graded,
        "strict": told.strict,
        "errors": told.errors,
        "counts": {grade.value: count for grade, count in told.counts.items()},
        "grave": list(told.grave),
        "newest": told.newest,
    }
    return Entry(MEASURED, subject_of(desk), meta)


def _exceeded(desk: DeskName, row: RowCondition) -> Entry:
    meta: dict[str, Json] = {
        BY: SERVICE,
        ROLE: SERVICE,
        "desk": desk.value,
        "row": row.key,
        "cause": GRAVE if row.measured.grave else BOUND,
        "grade": _grade(row),
        "graded": row.measured.graded,
        "errors": row.measured.errors,
        "allowed": row.row.allowed_error,
        "since": since_of(row.held.period),
    }
    return Entry(EXCEEDED, subject_of(desk), meta)


def _grade(row: RowCondition) -> EntryId:
    """The grade that an excess is told by: the first grave one, else the newest."""
    return next(iter(row.measured.grave), row.measured.newest or EntryId(""))


def _recorded(log: SystemLog, conditions: Conditions, decision: Entry) -> Permit:
    """Append a decision; what became of the proposal. Raises DecisionRefused where another decision came first."""
    appended = log.append(decision)
    decisions = _decisions(log, conditions)
    if void := next((each for each in decisions.void if each.entry == appended.entry), None):
        raise DecisionRefused(void.why, "something came in between; look again")
    return _found(decisions, decision.links[0])


def _decisions(log: SystemLog, conditions: Conditions) -> Decisions:
    return folded(log.entries(subject_of(conditions.desk)), conditions.desk, conditions.statistics)


def _found(decisions: Decisions, entry: EntryId) -> Permit:
    return next(each for each in decisions.permits if each.id == entry)


def _waiting(decisions: Decisions, named: str) -> Permit:
    found = decisions.permit(named)
    if found is None:
        raise DecisionRefused("unknown_proposal", f"there is no such proposal; {_HOW}")
    if found.state is PermitState.STALE:
        raise DecisionRefused("stale", "the errors were exceeded since, or the row returned; propose it again")
    if found.state is not PermitState.WAITING:
        raise DecisionRefused("not_waiting", f"this proposal is {found.state.value}")
    return found
