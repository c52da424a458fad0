"""How a person wishes to be reached: kept sealed beside the case, for the desk's responders alone, until a date.

It is never masked (it would be of no use), never in an entry, never before an AI.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.case_entries import Begun, changed, following, instant
from bot.cases import Case, CaseId, Change, ChangeKind
from bot.desk import Desk
from bot.ports import Transaction


def keep(desk: Desk, within: Transaction, before: Begun, contact: str) -> Case:
    """Keep it with the case, in place of what was kept. Raises CaseRefused, LogUnavailable."""
    until = kept_until(desk, before.case)
    desk.queue.cases.keep_contact(within, before.case.id, contact, until)
    return following(desk, within, before, Change(ChangeKind.CONTACT_GIVEN, {"until": instant(until)}))


def drop(desk: Desk, within: Transaction, case: CaseId, why: str) -> Case | None:
    """Delete it for good; None where there is none. ``why``: expired, person. Raises CaseRefused, LogUnavailable."""
    if not desk.queue.cases.drop_contact(within, case):
        return None
    return changed(desk, within, case, Change(ChangeKind.CONTACT_REMOVED, {"why": why}))


def kept_until(desk: Desk, case: Case) -> datetime:
    """When it is deleted: so many days after the answer is due, or after now where that is later or nobody promises a
    date. A date that people are told is not moved afterwards.
    """
    now = desk.clock.now()
    return max(case.due or now, now) + timedelta(days=desk.queue.office.contact_days)
