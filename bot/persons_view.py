"""What a person sees of a case: what its entries say to them, without the AI's draft and the desk's own notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.case_entries import BASE, BUREAU, NUMBER, PREFIX, REPLY, REPLY_JA, TEXT, entries_of
from bot.cases import LIVE, Case, CaseKind, CaseState, ChangeKind
from bot.desk import Desk
from bot.records import Citation, Corrected, RecordedEntry, RecordedExchange

Who = Literal["person", "responder", "service"]
May = Literal["add", "withdraw", "reopen", "give_contact", "remove_contact", "correct"]


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a case, as its entry holds it.

    ``made`` of an answer: approved (the AI's draft as it was), edited, own. ``text_ja``: the Japanese beside a reply in
    another language. ``bureau``: where it was forwarded to; ``decision`` on a correction request: upheld, dismissed.
    ``citations`` are the draft's, where the answer was made of it. ``text`` is None where it was erased.
    """

    who: Who
    kind: ChangeKind
    text: str | None = field(repr=False)
    time: datetime
    text_ja: str | None = field(default=None, repr=False)
    made: str | None = None
    bureau: str | None = None
    decision: str | None = None
    citations: Sequence[Citation] = ()


@dataclass(frozen=True, slots=True)
class PersonsCase:
    """A case for the person. ``about`` never holds the AI's draft. ``danger`` is the text to show first, where what was
    just said tells of danger. ``receipt`` is the code of the exchange it is about.
    """

    case: Case
    number: str = field(repr=False)
    question: str = field(repr=False)
    about: RecordedExchange | None
    messages: Sequence[Message]
    corrected: Corrected | None
    contact_until: datetime | None
    may: frozenset[May]
    reopen_until: datetime | None = None
    receipt: str | None = None
    service: str = ""
    happened: str = ""
    wish: str = ""
    bureau: str = ""
    danger: str | None = None


SAYS: Final[Mapping[ChangeKind, tuple[Who, str]]] = {
    ChangeKind.ASKED: ("responder", TEXT),
    ChangeKind.SUPPLIED: ("person", TEXT),
    ChangeKind.REOPENED: ("person", TEXT),
    ChangeKind.ANSWERED: ("responder", REPLY),
    ChangeKind.FORWARDED: ("responder", REPLY),
}
"""What of a case is said to the person or by them, and where its words lie. All else is the desk's own."""

REOPENABLE: Final = frozenset({CaseState.ANSWERED, CaseState.CLOSED, CaseState.FORWARDED})
WAITING: Final = LIVE | {CaseState.MERGED}


def reopen_until(desk: Desk, case: Case) -> datetime | None:
    """Until when a case can be asked again, counted from the answer; None while it waits for people."""
    return None if case.ended is None else case.ended + timedelta(days=desk.queue.office.reopen_days)


def too_late(desk: Desk, case: Case) -> bool:
    """Whether the time to ask again is over."""
    until = reopen_until(desk, case)
    return until is None or desk.clock.now() > until


def seen(desk: Desk, case: Case) -> PersonsCase:
    """The case with what its entries say to the person; the AI's draft stays behind. Raises LogUnavailable."""
    entries = entries_of(desk, case)
    opening = entries[0].contents if entries else {}
    about = desk.log.exchange(case.exchange) if case.exchange else None
    contact = desk.queue.cases.contact(case.id)
    reopenable = case.state in REOPENABLE
    return PersonsCase(
        case=case,
        number=opening.get(NUMBER) or "",
        question=opening.get("question") or "",
        about=replace(about, draft=None) if about else None,
        messages=[_message(each, about) for each in entries if ChangeKind(each.kind.removeprefix(PREFIX)) in SAYS],
        corrected=about.corrected if about else None,
        contact_until=contact[1] if contact else None,
        may=_may(desk, case, about, has_contact=contact is not None),
        reopen_until=reopen_until(desk, case) if reopenable else None,
        receipt=about.receipt if about else None,
        service=opening.get("service") or "",
        happened=opening.get("happened") or "",
        wish=opening.get("wish") or "",
        bureau=opening.get(BUREAU) or "",
    )


def _message(entry: RecordedEntry, about: RecordedExchange | None) -> Message:
    kind = ChangeKind(entry.kind.removeprefix(PREFIX))
    who, path = SAYS[kind]
    made, decision = entry.meta.get("made"), entry.meta.get("decision")
    draft = about.draft if about else None
    of_draft = draft is not None and entry.contents.get(BASE) == draft.text
    return Message(
        who=who,
        kind=kind,
        text=entry.contents.get(path, ""),
        time=entry.time,
        text_ja=entry.contents.get(REPLY_JA),
        made=None if made is None else str(made),
        bureau=entry.contents.get(BUREAU),
        decision=None if decision is None else str(decision),
        citations=draft.citations if draft and of_draft else (),
    )


def _may(desk: Desk, case: Case, about: RecordedExchange | None, *, has_contact: bool) -> frozenset[May]:
    closed = about is not None and about.closed is not None
    allowed: dict[May, bool] = {
        "add": case.live,
        "withdraw": case.state in WAITING,
        "reopen": case.state in REOPENABLE and not too_late(desk, case),
        "give_contact": case.state in WAITING,
        "remove_contact": has_contact,
        "correct": closed and case.kind is not CaseKind.CORRECTION,
    }
    return frozenset(name for name, may in allowed.items() if may)
