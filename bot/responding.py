"""The responder's work on one desk's cases. The door has seen to it that ``who`` is a responder of this desk.

Everything raises LogUnavailable, and CaseRefused (unknown; wrong_state; claimed or not_claimed where the claim is
needed; long_text). Nothing is changed where something is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.case_entries import (
    BUREAU,
    NOTE,
    REASON,
    REPLY,
    TEXT,
    by_account,
    change_of,
    changed,
    entries_of,
    held,
    instant,
    named,
)
from bot.case_files import CaseFile, file_of
from bot.case_numbers import as_number, digest
from bot.case_texts import LONGEST_REPLY, answering, demanded, masked, on_a_line
from bot.cases import LIVE, Case, CaseId, CaseKind, CaseRefused, CaseState, Change, ChangeKind
from bot.deciding import BY, Actor
from bot.desk import Desk
from bot.merging import merged_with, unmerged
from bot.records import Json
from bot.replying import Answer, answered, checked, draft_in
from bot.steps.reply import Voice, other_desk

__all__ = [
    "Answer",
    "ask_back",
    "claim",
    "close",
    "find",
    "forward",
    "merge",
    "note",
    "open_file",
    "queue_of",
    "read_contact",
    "refer",
    "release",
    "reply",
    "return_draft",
]

_READ_AGAIN: Final = timedelta(minutes=15)


def queue_of(desk: Desk, states: frozenset[CaseState] = LIVE) -> Sequence[Case]:
    """The desk's cases in these states: grave first, then by due date."""
    return desk.queue.cases.in_states(states)


def find(desk: Desk, typed: str) -> CaseId | None:
    """The case whose number somebody tells on the phone."""
    number = as_number(typed)
    found = None if number is None else desk.queue.cases.by_digest(digest(number))
    return found.id if found else None


def open_file(desk: Desk, case: CaseId, who: Actor) -> CaseFile:
    """The whole file; that it was read is recorded, once in 15 minutes for each reader and case."""
    found = held(desk, case)
    if not _read_lately(desk, found, who):
        found = _do(desk, case, who, ChangeKind.READ, {})
    return file_of(desk, found, who.id)


def read_contact(desk: Desk, case: CaseId, who: Actor) -> tuple[str, datetime] | None:
    """How the person wishes to be reached, and when that is deleted; the reading is recorded first."""
    _do(desk, case, who, ChangeKind.CONTACT_READ, {})
    return desk.queue.cases.contact(case)


def claim(desk: Desk, case: CaseId, who: Actor) -> Case:
    """Claim for the office's ``claim_minutes``; the holder's own claim begins anew. Refused: claimed."""
    until = desk.clock.now() + timedelta(minutes=desk.queue.office.claim_minutes)
    return _do(desk, case, who, ChangeKind.CLAIMED, {}, {"until": instant(until)})


def release(desk: Desk, case: CaseId, who: Actor, reason: str) -> Case:
    """Give the case back into the queue, with the reason. Refused: no_text."""
    return _do(desk, case, who, ChangeKind.RELEASED, {REASON: _own(desk, case, reason)}, {"why": "returned"})


def ask_back(desk: Desk, case: CaseId, who: Actor, text: str, *, confirmed_personal: bool = False) -> Case:
    """Ask the person for more. Refused: no_text, personal."""
    asked = answering(desk, demanded(text, LONGEST_REPLY), confirmed=confirmed_personal)
    return _do(desk, case, who, ChangeKind.ASKED, {TEXT: asked})


def note(desk: Desk, case: CaseId, who: Actor, text: str) -> Case:
    """A private note, masked: no person of the case sees it. Refused: no_text."""
    return _do(desk, case, who, ChangeKind.NOTED, {NOTE: _own(desk, case, text)})


def return_draft(desk: Desk, case: CaseId, who: Actor, reason: str) -> Case:
    """The AI's draft is not to be used. Refused: no_text, no_draft."""
    draft, gone = draft_in(desk, held(desk, case))
    if draft is None or gone:
        raise CaseRefused("no_draft")
    return _do(desk, case, who, ChangeKind.DRAFT_RETURNED, {REASON: _own(desk, case, reason)})


def reply(desk: Desk, case: CaseId, who: Actor, answer: Answer) -> Case:
    """Answer the case and every case merged into it. Refused: no_text, personal, no_draft (it is made of the draft
    that was returned), wrong_state for a correction request (bot.correcting decides those).
    """
    found = held(desk, case)
    if found.kind is CaseKind.CORRECTION:
        raise CaseRefused("wrong_state")
    given = checked(desk, found, answer)
    with desk.queue.work.begin() as within:
        return answered(desk, within, case, who, given)[0]


def forward(  # noqa: PLR0913 - what a forwarding consists of
    desk: Desk,
    case: CaseId,
    who: Actor,
    bureau: str,
    text: str,
    *,
    with_content: bool,
    confirmed_personal: bool = False,
) -> Case:
    """Record that the case goes to a bureau; what the person reads of it is ``text``, which may be empty. Refused:
    no_text (no bureau), no_consent (with content that the person did not allow to travel), personal.
    """
    found = held(desk, case)
    if with_content and not found.may_forward:
        raise CaseRefused("no_consent")
    told = answering(desk, text, confirmed=confirmed_personal)
    contents = {BUREAU: demanded(on_a_line(bureau)), REPLY: told}
    return _sent_on(desk, case, who, contents, {"to": "bureau", "with_content": with_content})


def refer(desk: Desk, case: CaseId, who: Actor, text: str, *, confirmed_personal: bool = False) -> Case:
    """Tell the person to ask the other desk, and where: nothing of the case travels. ``text`` may be empty. Refused:
    personal.
    """
    found = held(desk, case)
    told = answering(desk, text, confirmed=confirmed_personal)
    where = other_desk(Voice(desk.wording, desk.contacts), found.language)
    contents = {REPLY: "\n".join(each for each in (where, told) if each)}
    return _sent_on(desk, case, who, contents, {"to": "desk", "with_content": False})


def merge(desk: Desk, case: CaseId, who: Actor, into: CaseId) -> Case:
    """Have the case answered with another live one of this desk. Refused: not_own (itself, one that waits for nobody,
    one that others were merged into, or a correction request with what is none).
    """
    with desk.queue.work.begin() as within:
        own, other = held(desk, case, within), held(desk, into, within)
        unlike = (own.kind is CaseKind.CORRECTION) is not (other.kind is CaseKind.CORRECTION)
        if case == into or not other.live or unlike or merged_with(desk, within, case):
            raise CaseRefused("not_own")
        change = Change(ChangeKind.MERGED, {**by_account(who), "into": into})
        return changed(desk, within, case, change, named(who))


def close(desk: Desk, case: CaseId, who: Actor) -> Case:
    """Close an answered or forwarded case."""
    return _do(desk, case, who, ChangeKind.CLOSED, {})


def _do(  # noqa: PLR0913, PLR0917 - what a change by a responder consists of
    desk: Desk,
    case: CaseId,
    who: Actor,
    kind: ChangeKind,
    contents: Mapping[str, str],
    meta: Mapping[str, Json] | None = None,
) -> Case:
    change = Change(kind, {**by_account(who), **(meta or {})})
    with desk.queue.work.begin() as within:
        return changed(desk, within, case, change, {**contents, **named(who)})


def _sent_on(desk: Desk, case: CaseId, who: Actor, contents: Mapping[str, str], meta: Mapping[str, Json]) -> Case:
    """The case leaves this desk; those that waited to be answered with it are back in the queue."""
    change = Change(ChangeKind.FORWARDED, {**by_account(who), **meta})
    with desk.queue.work.begin() as within:
        then = changed(desk, within, case, change, {**contents, **named(who)})
        unmerged(desk, within, case)
        return then


def _own(desk: Desk, case: CaseId, text: str) -> str:
    """What responders write for themselves: masked like everything that is kept of a person."""
    return masked(desk, held(desk, case).conversation, demanded(text)).value


def _read_lately(desk: Desk, case: Case, who: Actor) -> bool:
    since = desk.clock.now() - _READ_AGAIN
    reads = (each for each in entries_of(desk, case) if change_of(each).kind is ChangeKind.READ)
    return any(each.meta.get(BY) == who.id and each.time > since for each in reads)
