"""What a desk does by itself as time goes by: claims end, alarms are raised, cases close, contacts are deleted, and
the watcher hears once a day how things stand. Each does what is due at a moment and may be done again at any time.

Whether something is due is looked at once more in the transaction that does it, so whatever people did meanwhile
counts. A case that cannot be changed is left for the next round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.case_entries import SERVICE, changed, held
from bot.cases import LIVE, Alarm, Case, CaseId, CaseRefused, CaseState, Change, ChangeKind
from bot.deciding import BY
from bot.desk import Desk
from bot.notice_words import Day, reference
from bot.notices import daily
from bot.office import JAPAN
from bot.records import ConversationId, Entry

DAY_TOLD: Final = "day.told"
"""The kind of the entry that says that the watcher was told on a day [day, since]."""

_When = Callable[[Case], bool]

_A_DAY: Final = timedelta(days=1)
_DONE: Final = frozenset({CaseState.ANSWERED, CaseState.FORWARDED})
_MOST_BACK: Final = 31  # days; a service that was away for longer tells of the last day alone
_MOST_LATE: Final = 20  # overdue cases named in a message


def release_expired(desk: Desk, now: datetime) -> int:
    """Give cases whose claim has run out back to the queue. How many. Raises LogUnavailable."""

    def expired(case: Case) -> bool:
        return case.state is CaseState.CLAIMED and case.claim_ends is not None and case.claim_ends <= now

    change = Change(ChangeKind.RELEASED, {BY: SERVICE, "why": "expired"})
    found = desk.queue.cases.in_states(frozenset({CaseState.CLAIMED}))
    return sum(_changed_if(desk, case.id, expired, change) for case in found if expired(case))


def raise_alarms(desk: Desk, now: datetime) -> int:
    """Raise the alarm for cases that nobody claimed in time, or that are past their due date: once each, until the
    case is reopened. How many. Raises LogUnavailable.
    """
    office = desk.queue.office
    patience = timedelta(hours=office.unclaimed_hours)

    def unclaimed(case: Case) -> bool:
        since = case.waiting_since or case.opened
        return case.state is CaseState.OPEN and office.open_hours_between(since, now) > patience

    causes: Mapping[Alarm, _When] = {Alarm.UNCLAIMED: unclaimed, Alarm.OVERDUE: lambda case: case.overdue(now)}
    raised = 0
    for case in desk.queue.cases.in_states(LIVE):
        for alarm, due in causes.items():
            if alarm not in case.alarms and due(case):
                raised += _changed_if(desk, case.id, due, Change(ChangeKind.ALARMED, {BY: SERVICE, "alarm": alarm}))
    return raised


def close_answered(desk: Desk, now: datetime) -> int:
    """Close cases that were answered or forwarded ``close_days`` ago. How many. Raises LogUnavailable."""
    before = now - timedelta(days=desk.queue.office.close_days)

    def over(case: Case) -> bool:
        return case.state in _DONE and case.ended is not None and case.ended <= before

    change = Change(ChangeKind.CLOSED, {BY: SERVICE})
    return sum(_changed_if(desk, case.id, over, change) for case in desk.queue.cases.in_states(_DONE) if over(case))


def delete_contacts(desk: Desk, now: datetime) -> int:
    """Delete the contact details whose date has come. How many. Raises LogUnavailable."""
    queue, change = desk.queue, Change(ChangeKind.CONTACT_REMOVED, {BY: SERVICE, "why": "expired"})
    deleted = 0
    for case in queue.cases.contacts_past(now):
        with queue.work.begin() as within:
            if case in queue.cases.contacts_past(now) and queue.cases.drop_contact(within, case):
                changed(desk, within, case, change)
                deleted += 1
    return deleted


def tell_day(desk: Desk, now: datetime) -> int:
    """Tell the desk's watchers how things stand, once on each day of Japan; about all days since they were told last.
    How many are told. Raises LogUnavailable.
    """
    queue, today = desk.queue, now.astimezone(JAPAN).date()
    if not queue.recipients.watcher or _told_on(desk, today):
        return 0
    day = day_of(desk, now)
    entry = Entry(DAY_TOLD, _subject(today), {"day": today.isoformat(), "since": day.first.isoformat()})
    notices = daily(day, queue.recipients, now)
    with queue.work.begin() as within:
        desk.log.append(entry, within)
        for notice in notices:
            queue.outbox.put(within, notice)
    return len(notices)


def day_of(desk: Desk, now: datetime) -> Day:
    """What there is to tell on the day of a moment. Raises LogUnavailable."""
    today = now.astimezone(JAPAN).date()
    first = _first_untold(desk, today)
    cases = desk.queue.cases.in_states(LIVE)
    notices = [waiting.notice for waiting in desk.queue.outbox.waiting()]
    late = sorted((case.due, reference(case.id)) for case in cases if case.due and case.overdue(now))
    return Day(
        day=today,
        first=first,
        last=today - _A_DAY,
        outcomes=desk.log.outcomes(_midnight(first), _midnight(today)),
        live=len(cases),
        open=sum(case.state is CaseState.OPEN for case in cases),
        needs_information=sum(case.state is CaseState.NEEDS_INFORMATION for case in cases),
        overdue=len(late),
        unclaimed=sum(Alarm.UNCLAIMED in case.alarms for case in cases),
        late=[(name, due) for due, name in late[:_MOST_LATE]],
        backlog=Counter(each.way.value for each in notices if desk.queue.recipients.include(each)),
    )


ROUNDS: Final[Mapping[str, Callable[[Desk, datetime], int]]] = {
    "release": release_expired,
    "alarm": raise_alarms,
    "close": close_answered,
    "contacts": delete_contacts,
    "day": tell_day,
}
"""Every round by its name, in the order in which they are done."""


def _changed_if(desk: Desk, case: CaseId, due: _When, change: Change) -> bool:
    """Change a case if that is still due. False where it is not, or where people changed it meanwhile."""
    with suppress(CaseRefused), desk.queue.work.begin() as within:
        if due(held(desk, case, within)):
            changed(desk, within, case, change)
            return True
    return False


def _first_untold(desk: Desk, today: date) -> date:
    """The first day whose outcomes the watchers do not know: the one on which they were told last."""
    days = (today - back * _A_DAY for back in range(1, _MOST_BACK + 1))
    return next((day for day in days if _told_on(desk, day)), today - _A_DAY)


def _told_on(desk: Desk, day: date) -> bool:
    return desk.log.newest_about(_subject(day)) is not None


def _subject(day: date) -> ConversationId:
    """What the entry about a day is found by; no conversation has such a name."""
    return ConversationId(f"day-{day.isoformat()}")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)
