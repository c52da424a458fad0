"""The whole file of a case, for the responder who works on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.case_entries import BUREAU, DRAFT, NUMBER, PERSON, REASON, change_of, entries_of
from bot.cases import Case, ChangeKind
from bot.deciding import BY, NAME
from bot.desk import Desk
from bot.ports import ShelfUnavailable
from bot.records import EntryId, Json, Outcome, Passage, PassageId, RecordedEntry, RecordedExchange, Reply
from bot.records_json import CLOSED, EXCHANGE


@dataclass(frozen=True, slots=True)
class FiledEvidence:
    """One passage that a search found for an exchange. ``title`` and ``text`` where the snapshot in force has it."""

    passage: PassageId
    score: float
    used: bool
    version: str = ""
    title: str | None = None
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FiledSentence:
    """One sentence that the service drafted, and what the check of sources said of it."""

    text: str = field(repr=False)
    supported: bool
    reason: str


@dataclass(frozen=True, slots=True)
class FiledExchange:
    """One exchange of the conversation with how it came about. ``meta`` is that of its closing entry."""

    recorded: RecordedExchange
    standalone: str | None
    evidence: Sequence[FiledEvidence]
    sentences: Sequence[FiledSentence]
    meta: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class FiledEntry:
    """One entry of the case, oldest first in every sequence: who did what, with which words.

    ``by``: an account's id, ``person`` or ``service``; ``name`` as it was when it was written, None where erased.
    ``contents`` by path (bot.case_entries), None where erased.
    """

    entry: EntryId
    kind: ChangeKind
    time: datetime
    by: str
    name: str | None
    meta: Mapping[str, Json]
    contents: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything a responder may know of a case but the contact (bot.responding.read_contact).

    ``draft``: the AI's, never shown to the person before it is approved; ``draft_returned`` why it is not to be used.
    ``holder``: the name of who holds the claim now. ``corrected``: exchanges of the conversation corrected so far.
    """

    case: Case
    number: str = field(repr=False)
    question: str = field(repr=False)
    service: str
    happened: str
    wish: str
    bureau: str
    conversation: Sequence[FiledExchange]
    about: FiledExchange | None
    draft: Reply | None
    draft_returned: str | None
    entries: Sequence[FiledEntry]
    merged: Sequence[Case]
    contact_until: datetime | None
    holder: str | None
    mine: bool


_MOST: Final = 200
"""So many of the conversation's exchanges are in a file, the newest ones."""


def file_of(desk: Desk, case: Case, who: str) -> CaseFile:
    """The file of a case as the account ``who`` sees it. Raises LogUnavailable."""
    entries = entries_of(desk, case)
    opening = entries[0].contents if entries else {}
    closing = {each.meta.get(EXCHANGE): each for each in desk.log.entries(case.conversation) if each.kind == CLOSED}
    conversation = [_filed(desk, each, closing.get(each.exchange)) for each in _conversation(desk, case)]
    about = next((each for each in conversation if each.recorded.exchange == case.exchange), None)
    contact, held = desk.queue.cases.contact(case.id), _held(desk, case)
    return CaseFile(
        case=case,
        number=opening.get(NUMBER) or "",
        question=opening.get("question") or "",
        service=opening.get("service") or "",
        happened=opening.get("happened") or "",
        wish=opening.get("wish") or "",
        bureau=opening.get(BUREAU) or "",
        conversation=conversation,
        about=about,
        draft=draft_of(case, opening, about.recorded if about else None),
        draft_returned=returned(entries),
        entries=[_entry(each) for each in entries],
        merged=[each for each in desk.queue.cases.merged_into(case.id) if each.merged_into == case.id],
        contact_until=contact[1] if contact else None,
        holder=_holder(entries) if held else None,
        mine=held and case.holder == who,
    )


def draft_of(case: Case, opening: Mapping[str, str | None], about: RecordedExchange | None) -> Reply | None:
    """The AI's draft that waits for approval: with its citations where the exchange still has it."""
    if about is not None and about.draft is not None:
        return about.draft
    text = opening.get(DRAFT)
    return Reply(Outcome.REFERRED_ASSISTED, case.language, text) if text else None


def returned(entries: Sequence[RecordedEntry]) -> str | None:
    """Why the draft is not to be used, where somebody said so; empty where the reason was erased."""
    found = [each for each in entries if change_of(each).kind is ChangeKind.DRAFT_RETURNED]
    return found[-1].contents.get(REASON) or "" if found else None


def _conversation(desk: Desk, case: Case) -> Sequence[RecordedExchange]:
    found = list(desk.log.conversation(case.conversation, _MOST))
    if case.exchange is not None and case.exchange not in [each.exchange for each in found]:
        about = desk.log.exchange(case.exchange)
        found = [about, *found] if about else found
    return found


def _held(desk: Desk, case: Case) -> bool:
    return case.holder is not None and case.held_by(case.holder, desk.clock.now())


def _holder(entries: Sequence[RecordedEntry]) -> str:
    claims = [each for each in entries if change_of(each).kind is ChangeKind.CLAIMED]
    return claims[-1].contents.get(NAME) or "" if claims else ""


def _entry(entry: RecordedEntry) -> FiledEntry:
    change = change_of(entry)
    by = str(entry.meta.get(BY, PERSON))
    return FiledEntry(entry.entry, change.kind, entry.time, by, entry.contents.get(NAME), entry.meta, entry.contents)


def _filed(desk: Desk, recorded: RecordedExchange, closing: RecordedEntry | None) -> FiledExchange:
    if closing is None:
        return FiledExchange(recorded, None, (), (), {})
    meta: Mapping[str, Any] = closing.meta
    return FiledExchange(
        recorded=recorded,
        standalone=closing.contents.get("standalone"),
        evidence=[_evidence(desk, each) for each in meta.get("evidence", ())],
        sentences=_sentences(closing.contents.get(DRAFT), meta.get("verdict", ())),
        meta=closing.meta,
    )


def _evidence(desk: Desk, each: Mapping[str, Any]) -> FiledEvidence:
    passage = _passage(desk, PassageId(each["passage"]), each.get("version"))
    return FiledEvidence(
        passage=PassageId(each["passage"]),
        score=float(each["score"]),
        used=bool(each["used"]),
        version=str(each.get("version", "")),
        title=passage.document.title if passage else None,
        text=passage.text if passage else None,
    )


def _passage(desk: Desk, name: PassageId, version: str | None) -> Passage | None:
    """The passage as it was when it was found; None where the snapshot in force has another version or none."""
    try:
        found = desk.shelf.passage(name)
    except ShelfUnavailable:
        return None
    return found if found is not None and found.document.version == version else None


def _sentences(drafted: str | None, verdicts: Sequence[Mapping[str, Any]]) -> Sequence[FiledSentence]:
    """The sentences the service drafted with their verdicts; none where they were erased."""
    texts = json.loads(drafted) if drafted else []
    judged = zip(texts, verdicts, strict=False)  # an erased draft leaves its verdicts
    return [FiledSentence(text, bool(each["supported"]), str(each["reason"])) for text, each in judged]
