"""Writing one change of a case: its entry, the case as it then stands, and who is told, in one transaction.

Where the texts of an entry lie (``contents``, sealed with the conversation's key):

==================  ==========================================================================================
change              contents
==================  ==========================================================================================
opened              number; question, service, happened, wish, bureau as far as given; draft: the AI's reply
                    that waits for approval
claimed, released   name of the account; released: reason
asked               text, name
supplied, reopened  text
draft_returned      reason, name
noted               note, name
answered            reply, reply_ja (the Japanese beside another language), base (what it was made from), name
forwarded           reply, bureau, name
merged, closed      name
read, contact_read  name
==================  ==========================================================================================
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.case_numbers import digest
from bot.cases import Alarm, Case, CaseId, CaseRefused, Change, ChangeKind, after, opened
from bot.deciding import BY, NAME, ROLE, Actor
from bot.desk import Desk
from bot.notice_words import Telling
from bot.notices import about_case
from bot.ports import LogUnavailable, Transaction
from bot.records import Appended, ConversationId, Entry, EntryId, Json, RecordedEntry
from bot.records_json import CASE, CONVERSATION, EXCHANGE

PREFIX: Final = "case."
"""What the kind of every entry of a case begins with."""

NUMBER: Final = "number"
DRAFT: Final = "draft"
TEXT: Final = "text"
REASON: Final = "reason"
NOTE: Final = "note"
REPLY: Final = "reply"
REPLY_JA: Final = "reply_ja"
BASE: Final = "base"
BUREAU: Final = "bureau"

PERSON: Final = "person"
SERVICE: Final = "service"
RESPONDER: Final = "responder"

_TOLD: Final[Mapping[ChangeKind, Telling]] = {
    ChangeKind.OPENED: Telling.OPENED,
    ChangeKind.SUPPLIED: Telling.SUPPLIED,
    ChangeKind.REOPENED: Telling.REOPENED,
}
_ALARMS: Final[Mapping[Alarm, Telling]] = {Alarm.UNCLAIMED: Telling.UNCLAIMED, Alarm.OVERDUE: Telling.OVERDUE}


@dataclass(frozen=True, slots=True)
class Opening:
    """A case about to be opened. ``links``: the closing entry of the exchange it is about, where there is one."""

    conversation: ConversationId
    meta: Mapping[str, Json]
    contents: Mapping[str, str] = field(repr=False)
    number: str = field(repr=False)
    once: str | None = None
    links: tuple[EntryId, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """A case that is opened as soon as its transaction is durable, and the entry that opened it."""

    case: Case
    entry: EntryId


def begun(desk: Desk, within: Transaction, opening: Opening) -> Begun:
    """Open a case. Raises LogUnavailable."""
    name = CaseId("cs_" + secrets.token_urlsafe(16))
    change = Change(ChangeKind.OPENED, opening.meta)
    contents = {NUMBER: opening.number, **opening.contents}
    appended = _append(desk, within, (name, opening.conversation), change, contents, opening.links)
    case = opened(name, opening.conversation, change, appended.time)
    desk.queue.cases.add(within, case, digest(opening.number), opening.once)
    _tell(desk, within, case, change, appended)
    return Begun(case, appended.entry)


def changed(
    desk: Desk,
    within: Transaction,
    case: CaseId,
    change: Change,
    contents: Mapping[str, str] | None = None,
) -> Case:
    """The case after a change, as the transaction will leave it.

    The case is read within the transaction, so that of two who change it at once the second sees what the first did.
    Raises CaseRefused and LogUnavailable, and then nothing of the transaction may be kept.
    """
    before = held(desk, case, within)
    return following(desk, within, Begun(before, opening_of(desk, before).entry), change, contents)


def following(
    desk: Desk,
    within: Transaction,
    before: Begun,
    change: Change,
    contents: Mapping[str, str] | None = None,
) -> Case:
    """The same for a case as it stands in this transaction, which may have opened it. Raises as ``changed``."""
    case = before.case
    after(case, change, desk.clock.now())  # refused before anything is written
    about: dict[str, Json] = {} if case.exchange is None else {EXCHANGE: case.exchange}
    written = Change(change.kind, {**about, **change.meta})
    appended = _append(desk, within, (case.id, case.conversation), written, contents or {}, (before.entry,))
    then = after(case, change, appended.time)
    desk.queue.cases.put(within, then)
    _tell(desk, within, then, change, appended)
    return then


def held(desk: Desk, case: CaseId, within: Transaction | None = None) -> Case:
    """The case of that id. Raises CaseRefused (unknown), LogUnavailable."""
    found = desk.queue.cases.get(case, within)
    if found is None:
        raise CaseRefused("unknown")
    return found


def entries_of(desk: Desk, case: Case) -> Sequence[RecordedEntry]:
    """The entries of a case, oldest first: the one that opened it, then every change. Raises LogUnavailable."""
    return [
        each
        for each in desk.log.entries(case.conversation)
        if each.kind.startswith(PREFIX) and each.meta.get(CASE) == case.id
    ]


def opening_of(desk: Desk, case: Case) -> RecordedEntry:
    """The entry that opened a case. Raises LogUnavailable."""
    found = next(iter(entries_of(desk, case)), None)
    if found is None:  # the case is only what its entries amount to
        raise LogUnavailable("corrupt")
    return found


def change_of(entry: RecordedEntry) -> Change:
    """The change that an entry of a case records. Raises ValueError for an entry of another kind."""
    return Change(ChangeKind(entry.kind.removeprefix(PREFIX)), entry.meta)


def by_account(who: Actor) -> dict[str, Json]:
    """The members of an entry's meta that say who did it; the name belongs into its contents."""
    return {BY: who.id, ROLE: RESPONDER}


def named(who: Actor) -> dict[str, str]:
    """The contents that say who did it."""
    return {NAME: who.name}


def instant(moment: datetime | None) -> str | None:
    """A moment as it stands in an entry's meta."""
    return None if moment is None else moment.isoformat()


def _append(  # noqa: PLR0913, PLR0917 - what an entry consists of
    desk: Desk,
    within: Transaction,
    names: tuple[CaseId, ConversationId],
    change: Change,
    contents: Mapping[str, str],
    links: tuple[EntryId, ...],
) -> Appended:
    case, conversation = names
    meta: dict[str, Json] = {CASE: case, CONVERSATION: conversation, **change.meta}
    given = {path: text for path, text in contents.items() if text}
    return desk.log.append(Entry(PREFIX + change.kind, conversation, meta, given, links), within)


def _tell(desk: Desk, within: Transaction, case: Case, change: Change, appended: Appended) -> None:
    """Put what responders are told into the outbox."""
    telling = _TOLD.get(change.kind)
    if change.kind is ChangeKind.ALARMED:
        telling = _ALARMS[Alarm(str(change.meta["alarm"]))]
    if telling is not None:
        for notice in about_case(telling, case, desk.queue.recipients, appended.time, appended.entry):
            desk.queue.outbox.put(within, notice)
