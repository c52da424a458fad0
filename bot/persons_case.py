"""A case as the person sees it who holds its number, and what that person may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from bot import case_contacts
from bot.case_entries import (
    PREFIX,
    TEXT,
    Begun,
    changed,
    entries_of,
    held,
    instant,
    opening_of,
)
from bot.case_numbers import as_number, digest
from bot.case_texts import Danger, danger_told, demanded, masked, on_a_line
from bot.cases import Case, CaseRefused, CaseState, Change, ChangeKind
from bot.desk import Desk
from bot.merging import unmerged
from bot.persons_view import REOPENABLE, WAITING, May, Message, PersonsCase, Who, seen, too_late
from bot.ports import Transaction
from bot.records import ConversationId, Json

__all__ = [
    "May",
    "Message",
    "PersonsCase",
    "Who",
    "add",
    "by_number",
    "give_contact",
    "newest",
    "of_conversation",
    "remove_contact",
    "reopen",
    "withdraw",
]

_MOST_SAID: Final = 20
"""So often a person may add to a case or ask again."""

Act = Callable[[Transaction, Case], Case]


def by_number(desk: Desk, typed: str) -> PersonsCase | None:
    """The case whose number somebody typed; None where this desk has none. Raises LogUnavailable."""
    found = _found(desk, typed)
    return seen(desk, found) if found else None


def of_conversation(desk: Desk, conversation: ConversationId) -> Sequence[PersonsCase]:
    """The cases of a conversation, oldest first. Raises LogUnavailable."""
    return [seen(desk, each) for each in desk.queue.cases.of_conversation(conversation)]


def newest(desk: Desk, conversation: ConversationId) -> str:
    """A token that changes when anything about the conversation does. Raises LogUnavailable."""
    return sha256((desk.log.newest_about(conversation) or "").encode()).hexdigest()[:24]


def add(desk: Desk, typed: str, text: str) -> PersonsCase:
    """Add to a case. Raises CaseRefused (unknown, wrong_state, no_text, long_text, too_many), LogUnavailable."""
    case = _demanded(desk, typed)
    danger = danger_told(desk, case.language, text)
    contents = _said(desk, case, text)

    def work(within: Transaction, now: Case) -> Case:
        waited_for = now.state is CaseState.NEEDS_INFORMATION and danger is None
        due = _due(desk, within, now) if waited_for else None
        return changed(desk, within, case.id, Change(ChangeKind.SUPPLIED, _told(due, danger)), contents)

    return _done(desk, case, work, danger)


def withdraw(desk: Desk, typed: str) -> PersonsCase:
    """Take a case back; contact details go with it. Raises CaseRefused (unknown, wrong_state), LogUnavailable."""
    case = _demanded(desk, typed)

    def work(within: Transaction, now: Case) -> Case:
        then = changed(desk, within, now.id, Change(ChangeKind.WITHDRAWN, {}))
        unmerged(desk, within, now.id)
        return case_contacts.drop(desk, within, now.id, "person") or then

    return _done(desk, case, work)


def reopen(desk: Desk, typed: str, text: str) -> PersonsCase:
    """Ask again, within the office's period. Raises CaseRefused (unknown, wrong_state, too_late, no_text, long_text,
    too_many), LogUnavailable.
    """
    case = _demanded(desk, typed)
    danger = danger_told(desk, case.language, text)
    contents = _said(desk, case, text)

    def work(within: Transaction, now: Case) -> Case:
        if now.state in REOPENABLE and too_late(desk, now):
            raise CaseRefused("too_late")
        due = None if danger else _due(desk, within, now)
        return changed(desk, within, now.id, Change(ChangeKind.REOPENED, _told(due, danger)), contents)

    return _done(desk, case, work, danger)


def give_contact(desk: Desk, typed: str, contact: str, *, consent: bool) -> PersonsCase:
    """Keep how to be reached, sealed, in place of what was kept. Raises CaseRefused (unknown, wrong_state, no_text,
    long_text, no_consent), LogUnavailable.
    """
    case = _demanded(desk, typed)
    danger = danger_told(desk, case.language, contact)
    line = demanded(on_a_line(contact))
    if not consent:
        raise CaseRefused("no_consent")

    def work(within: Transaction, now: Case) -> Case:
        if now.state not in WAITING:
            raise CaseRefused("wrong_state")
        return case_contacts.keep(desk, within, Begun(now, opening_of(desk, now).entry), line)

    return _done(desk, case, work, danger)


def remove_contact(desk: Desk, typed: str) -> PersonsCase:
    """Delete how to be reached. Raises CaseRefused (unknown), LogUnavailable."""
    case = _demanded(desk, typed)
    return _done(desk, case, lambda within, now: case_contacts.drop(desk, within, now.id, "person") or now)


def _found(desk: Desk, typed: str) -> Case | None:
    number = as_number(typed)
    return None if number is None else desk.queue.cases.by_digest(digest(number))


def _demanded(desk: Desk, typed: str) -> Case:
    found = _found(desk, typed)
    if found is None:
        raise CaseRefused("unknown")
    return found


def _done(desk: Desk, case: Case, work: Act, danger: Danger | None = None) -> PersonsCase:
    """One thing the person does, in one transaction; then the case as it stands."""
    with desk.queue.work.begin() as within:
        then = work(within, held(desk, case.id, within))
    return replace(seen(desk, then), danger=danger.text if danger else None)


def _said(desk: Desk, case: Case, text: str) -> dict[str, str]:
    """What the person says, masked. Raises CaseRefused (no_text, long_text, too_many), LogUnavailable."""
    kept = masked(desk, case.conversation, demanded(text)).value
    said = (PREFIX + ChangeKind.SUPPLIED, PREFIX + ChangeKind.REOPENED)
    if sum(each.kind in said for each in entries_of(desk, case)) >= _MOST_SAID:
        raise CaseRefused("too_many")
    return {TEXT: kept}


def _told(due: datetime | None, danger: Danger | None) -> dict[str, Json]:
    return {"due": instant(due), "danger": danger.kind if danger else None}


def _due(desk: Desk, within: Transaction, case: Case) -> datetime:
    return desk.queue.office.due(desk.clock.now(), case.priority, desk.queue.cases.live(within))
