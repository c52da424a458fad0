"""What people learn from cases: passages and rules at fault, and notes that become knowledge. Its nouns and entries.

Each desk's learning is a subject of its own in the system log (``subject_of``). What a case brings comes through that
desk's outbox (``flag_notice``, ``proposal_notice``), the rest from the admin page; bot/learning_history.py says what
the entries amount to. ``desk``, ``by`` and ``role`` stand in the meta of each:

==============  =====================================  ==========================================  =====================
kind            meta beside desk, by, role             contents                                    links
==============  =====================================  ==========================================  =====================
note.flagged    case, passage, rule                    why, name                                   none
note.settled                                           reason, name                                the flag
note.proposed   act, note, base, case, as_of,          title, section, text, source, url,          none
                review_by                              questions, reason, name
note.revised    as_of, review_by                       as note.proposed                            the proposal, the
                                                                                                   version revised
note.approved                                          name                                        the proposal, the
                                                                                                   version approved
note.rejected                                          reason, name                                the proposal
note.published  note, snapshot, activated, figures     none                                        the approval
note.withdrawn  note, snapshot, activated, figures     none                                        the approval
note.refused    note, why, figures                     said                                        the approval
==============  =====================================  ==========================================  =====================

``act`` is ``publish`` or ``withdraw``; ``note`` the document's id and ``base`` the entry that published it, where a
published note is replaced or withdrawn. ``activated`` is the entry ``knowledge.activated`` of the desk's own log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.cases import CaseId
from bot.deciding import BY, NAME, ROLE, Actor
from bot.notices import entry_notice
from bot.records import ConversationId, DeskName, EntryId, Json, Notice, PassageId

FLAGGED: Final = "note.flagged"
SETTLED: Final = "note.settled"
PROPOSED: Final = "note.proposed"
REVISED: Final = "note.revised"
APPROVED: Final = "note.approved"
REJECTED: Final = "note.rejected"
PUBLISHED: Final = "note.published"
WITHDRAWN: Final = "note.withdrawn"
REFUSED: Final = "note.refused"

DESK: Final = "desk"
CASE: Final = "case"
ACT: Final = "act"
NOTE: Final = "note"
BASE: Final = "base"
REASON: Final = "reason"

PUBLISH: Final = "publish"
WITHDRAW: Final = "withdraw"

RESPONDER: Final = "responder"
EDITORS: Final = ("knowledge_editor", "approver")
"""Who proposes, revises and settles: those with the right ``edit_notes`` (web/accounts/roles.toml). No administrator:
what comes of cases is nothing an administrator reads.
"""
APPROVER: Final = "approver"
PROPOSERS: Final = (RESPONDER, *EDITORS)


@dataclass(frozen=True, slots=True)
class Taught:
    """A question that a note answers, and the sentence of the note that does; empty: the note as a whole."""

    question: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note as people write it. ``text`` has one sentence a line. ``source`` is what it rests on, ``section`` where
    in it, ``url`` where that is published; ``as_of`` and ``review_by`` are ISO 8601 dates, the first as exact as known.
    """

    title: str = field(repr=False)
    text: str = field(repr=False)
    questions: tuple[Taught, ...] = field(repr=False)
    source: str = field(repr=False)
    as_of: str
    review_by: str
    section: str = field(default="", repr=False)
    url: str = field(default="", repr=False)


class BadNote(ValueError):
    """The contents of an entry are no note (some are erased, or a newer program wrote them)."""


def subject_of(desk: DeskName) -> ConversationId:
    """The subject in the system log of what one desk learns; nothing of the other desk stands under it."""
    return ConversationId(f"knowledge-{desk.value}")


def note_id(proposal: EntryId) -> str:
    """The document's id of a new note: always the same for a proposal, and no other's."""
    return f"note-{hashlib.sha256(proposal.encode()).hexdigest()[:16]}"


def flag_notice(  # noqa: PLR0913 - what a flag consists of
    desk: DeskName,
    who: Actor,
    *,
    why: str,
    occasion: str,
    passage: PassageId | None = None,
    rule: str | None = None,
    case: CaseId | None = None,
) -> Notice:
    """A passage or rule at fault, for the outbox: it becomes an entry that the desk's knowledge editors see.

    ``why`` is masked by the caller. ``occasion`` names what led to it (the deciding entry's id), so that the same one
    is one flag however often it is told.
    """
    meta = {**told(desk, who, RESPONDER), CASE: case, "passage": passage, "rule": rule}
    key = _key(desk, FLAGGED, case or "", passage or "", rule or "", occasion)
    return entry_notice(key, subject_of(desk), FLAGGED, meta, {NAME: who.name, "why": why})


def proposal_notice(  # noqa: PLR0913 - what a proposal consists of
    desk: DeskName, who: Actor, note: NoteText, *, occasion: str, case: CaseId | None = None, reason: str = ""
) -> Notice:
    """A responder's proposal of a note, for the outbox. ``note`` is checked (``bot.note_checks.checked``).

    ``occasion`` names the request that brought it (a form's own token, or an entry's id), so that the same one is one
    proposal however often it is told.
    """
    meta = {**told(desk, who, RESPONDER), ACT: PUBLISH, CASE: case, **note_meta(note)}
    contents = {NAME: who.name, **({REASON: reason} if reason else {}), **note_contents(note)}
    return entry_notice(_key(desk, PROPOSED, case or "", occasion), subject_of(desk), PROPOSED, meta, contents)


def told(desk: DeskName, who: Actor, role: str) -> dict[str, Json]:
    """The members of every entry's meta: at which desk, who (an account's id), in which role."""
    return {DESK: desk.value, BY: who.id, ROLE: role}


def note_meta(note: NoteText) -> dict[str, Json]:
    """The dates of a note, as an entry's meta holds them."""
    return {"as_of": note.as_of, "review_by": note.review_by}


def note_contents(note: NoteText) -> dict[str, str]:
    """The texts of a note, as an entry's contents hold them."""
    pairs = [[each.question, each.sentence] for each in note.questions]
    written = {
        "title": note.title,
        "section": note.section,
        "text": note.text,
        "source": note.source,
        "url": note.url,
        "questions": json.dumps(pairs, ensure_ascii=False, separators=(",", ":")),
    }
    return {path: text for path, text in written.items() if text}


def note_of(meta: Mapping[str, Json], contents: Mapping[str, str | None]) -> NoteText:
    """The note that an entry holds. Raises BadNote; the message holds none of it."""
    flaw = None
    try:
        return NoteText(
            title=_text(contents["title"]),
            text=_text(contents["text"]),
            questions=tuple(Taught(_text(ask), _text(says)) for ask, says in json.loads(contents["questions"] or "")),
            source=_text(contents["source"]),
            as_of=_text(meta["as_of"]),
            review_by=_text(meta["review_by"]),
            section=_text(contents.get("section", "")),
            url=_text(contents.get("url", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        flaw = type(error).__name__
    raise BadNote(f"not a recorded note ({flaw})")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _key(*parts: str) -> str:
    return "ntc_" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
