"""One desk's cases with a memory for the doors' tests, on the real life of a case (bot.cases).

A text that holds 「危険」 tells of danger. ``responder_*`` is what the one person does who works in the console.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.case_numbers import as_number, fresh_number
from bot.cases import (
    LIVE,
    Case,
    CaseId,
    CaseKind,
    CaseReason,
    CaseRefused,
    CaseState,
    Change,
    ChangeKind,
    after,
    opened,
)
from bot.intake import Taken, Wish
from bot.office import Office, Span
from bot.persons_case import May, Message, PersonsCase
from bot.ports import LogUnavailable
from bot.records import ConversationId, Corrected, ExchangeId, Json, Receipt, RecordedExchange, Risk
from web.person_doors import Found, PersonDoors

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # a Tuesday, 10:30 in Japan; the day before was a holiday
DANGER_TEXT = "いますぐ110（警察）か119（消防・救急）に電話してください。"
OFFICE = Office(
    hours=((Span(540, 1020),),) * 5 + ((), ()),
    due_days={Risk.LOW: 3, Risk.MODERATE: 2, Risk.HIGH: 1, Risk.GRAVE: 1},
    per_day=20,
    reopen_days=30,
    close_days=14,
    contact_days=30,
    claim_minutes=30,
    unclaimed_hours=8,
    configured=True,
)
REASONS = {CaseKind.CORRECTION: CaseReason.CORRECTION, CaseKind.COMPLAINT: CaseReason.COMPLAINT}
SAID = {
    ChangeKind.ASKED: "responder",
    ChangeKind.ANSWERED: "responder",
    ChangeKind.FORWARDED: "responder",
    ChangeKind.SUPPLIED: "person",
    ChangeKind.REOPENED: "person",
}


class Recorder(Protocol):
    """What the cases are about: a desk's exchanges, oldest first; a correction takes the place of what it corrects."""

    exchanges: list[RecordedExchange]


@dataclass
class Kept:
    """A case with all that was said in it."""

    case: Case
    wish: Wish
    number: str
    messages: list[Message] = field(default_factory=list)
    contact: str | None = None


@dataclass
class FakePeople:
    """Keeps every case; ``broken`` makes the log unreadable and unwritable. ``now`` is the server's clock."""

    desk: Recorder
    office: Office = OFFICE
    now: datetime = NOW
    broken: bool = False
    refuses: str | None = None
    kept: list[Kept] = field(default_factory=list)
    onces: dict[str, Kept] = field(default_factory=dict)
    changes: int = 0

    def doors(self) -> PersonDoors:
        return PersonDoors(
            office=self.office,
            now=lambda: self.now,
            waiting=self.waiting,
            take=self.take,
            by_number=self.by_number,
            by_receipt=self.by_receipt,
            of_conversation=self.of_conversation,
            newest=self.newest,
            add=self.add,
            withdraw=self.withdraw,
            reopen=self.reopen,
            give_contact=self.give_contact,
            remove_contact=self.remove_contact,
        )

    def waiting(self) -> int:
        self._available()
        return sum(each.case.state in LIVE for each in self.kept)

    def take(self, wish: Wish) -> Taken:
        self._available()
        if self.refuses:
            raise CaseRefused(self.refuses)
        texts = (wish.text, wish.service, wish.happened, wish.wish, wish.bureau, wish.contact)
        if any(len(text) > 2_000 for text in texts):
            raise CaseRefused("long_text")
        about = self.exchange(wish.exchange) if wish.exchange else None
        if wish.exchange and (about is None or wish.conversation not in (None, about.conversation)):
            raise CaseRefused("unknown_exchange")
        if not any(text.strip() for text in texts[:5]) and (about is None or wish.kind is CaseKind.CORRECTION):
            raise CaseRefused("no_text")
        if wish.contact and not wish.contact_consent:
            raise CaseRefused("no_consent")
        danger = _danger(*texts)
        before = self.onces.get(f"{wish.conversation}/{wish.once}") if wish.once else None
        kept = before or self._open(wish, about, endangered=danger is not None)
        return Taken(kept.case, kept.number, danger)

    def _open(self, wish: Wish, about: RecordedExchange | None, *, endangered: bool) -> Kept:
        escalated = about is not None and about.reply is not None and about.reply.outcome.family == "escalated"
        reason = REASONS.get(wish.kind, CaseReason.PERSON_WANTED)
        if endangered or escalated:
            reason = CaseReason.DANGER
        priority = Risk.GRAVE if reason is CaseReason.DANGER else Risk.LOW
        due = None if priority is Risk.GRAVE else self.office.due(self.now, priority, self.waiting())
        meta: dict[str, Json] = {
            "kind": wish.kind.value,
            "reason": reason.value,
            "priority": priority.value,
            "language": wish.language.value,
            "due": due.isoformat() if due else None,
            "exchange": wish.exchange,
            "department": wish.department.value if wish.department else None,
            "may_forward": wish.may_forward,
        }
        conversation = wish.conversation or (about.conversation if about else ConversationId(secrets.token_urlsafe(16)))
        name = CaseId("cs_" + secrets.token_urlsafe(16))
        case = opened(name, conversation, Change(ChangeKind.OPENED, meta), self.now)
        kept = Kept(case, wish, fresh_number(), contact=wish.contact or None)
        self.kept.append(kept)
        self.changes += 1
        if wish.once:
            self.onces[f"{wish.conversation}/{wish.once}"] = kept
        return kept

    def by_number(self, typed: str) -> PersonsCase | None:
        self._available()
        number = as_number(typed)
        return next((self._seen(each) for each in self.kept if each.number == number), None)

    def by_receipt(self, typed: str) -> Found | None:
        self._available()
        for each in self.desk.exchanges:
            if each.receipt == typed.strip().upper() and each.closed:
                return Found(each, Receipt(each.receipt, "public", each.closed, "ab" * 32, each.received, 60, "c2ln"))
        return None

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        self._available()
        return next((each for each in self.desk.exchanges if each.exchange == exchange), None)

    def of_conversation(self, conversation: ConversationId) -> Sequence[PersonsCase]:
        self._available()
        return [self._seen(each) for each in self.kept if each.case.conversation == conversation]

    def newest(self, conversation: ConversationId) -> str:
        self._available()
        asked = sum(each.conversation == conversation for each in self.desk.exchanges)
        return f"{asked}-{self.changes}"

    def add(self, typed: str, text: str) -> PersonsCase:
        return self._said(typed, Change(ChangeKind.SUPPLIED, {}), text)

    def withdraw(self, typed: str) -> PersonsCase:
        kept = self._kept(typed)
        self._change(kept, Change(ChangeKind.WITHDRAWN, {}))
        kept.contact = None
        return self._seen(kept)

    def reopen(self, typed: str, text: str) -> PersonsCase:
        due = self.office.due(self.now, Risk.LOW, self.waiting())
        return self._said(typed, Change(ChangeKind.REOPENED, {"due": due.isoformat()}), text)

    def give_contact(self, typed: str, contact: str, *, consent: bool) -> PersonsCase:
        kept = self._kept(typed)
        if not contact.strip():
            raise CaseRefused("no_text")
        if not consent:
            raise CaseRefused("no_consent")
        kept.contact = contact
        self.changes += 1
        return self._seen(kept)

    def remove_contact(self, typed: str) -> PersonsCase:
        kept = self._kept(typed)
        kept.contact = None
        self.changes += 1
        return self._seen(kept)

    def responder_answers(self, kept: Kept, text: str, made: str = "own", decision: str | None = None) -> None:
        """Claim and answer."""
        self._claim(kept)
        self._change(kept, Change(ChangeKind.ANSWERED, {"by": "ac_1", "made": made, "decision": decision}), text)

    def responder_asks(self, kept: Kept, text: str) -> None:
        """Claim and ask the person back."""
        self._claim(kept)
        self._change(kept, Change(ChangeKind.ASKED, {"by": "ac_1"}), text)

    def responder_forwards(self, kept: Kept, bureau: str, text: str) -> None:
        """Claim and forward."""
        self._claim(kept)
        self._change(kept, Change(ChangeKind.FORWARDED, {"by": "ac_1", "to": "bureau"}), text, bureau)

    def responder_corrects(self, kept: Kept, text: str) -> None:
        """Uphold a correction request: the words stand beside the answer from then on."""
        found = next(each for each in self.desk.exchanges if each.exchange == kept.case.exchange)
        at = self.desk.exchanges.index(found)
        self.desk.exchanges[at] = replace(found, corrected=Corrected(text, self.now, kept.case.id))
        self.responder_answers(kept, text, decision="upheld")

    def _claim(self, kept: Kept) -> None:
        until = (self.now + timedelta(minutes=self.office.claim_minutes)).isoformat()
        self._change(kept, Change(ChangeKind.CLAIMED, {"by": "ac_1", "until": until}))

    def _said(self, typed: str, change: Change, text: str) -> PersonsCase:
        kept = self._kept(typed)
        if not text.strip():
            raise CaseRefused("no_text")
        if len(text) > 2_000:
            raise CaseRefused("long_text")
        self._change(kept, change, text.strip())
        return replace(self._seen(kept), danger=_danger(text))

    def _change(self, kept: Kept, change: Change, text: str | None = None, bureau: str | None = None) -> None:
        self._available()
        kept.case = after(kept.case, change, self.now)
        self.changes += 1
        if text is not None:
            made, decision = change.meta.get("made"), change.meta.get("decision")
            kept.messages.append(
                Message(
                    who="person" if SAID[change.kind] == "person" else "responder",
                    kind=change.kind,
                    text=text,
                    time=self.now,
                    made=None if made is None else str(made),
                    bureau=bureau,
                    decision=None if decision is None else str(decision),
                )
            )

    def _kept(self, typed: str) -> Kept:
        self._available()
        number = as_number(typed)
        found = next((each for each in self.kept if each.number == number), None)
        if found is None:
            raise CaseRefused("unknown")
        return found

    def _seen(self, kept: Kept) -> PersonsCase:
        case, wish = kept.case, kept.wish
        about = next((each for each in self.desk.exchanges if each.exchange == case.exchange), None)
        ended = case.state in {CaseState.ANSWERED, CaseState.CLOSED, CaseState.FORWARDED}
        until = case.ended + timedelta(days=self.office.reopen_days) if case.ended and ended else None
        allowed: dict[May, bool] = {
            "add": case.live,
            "withdraw": case.live,
            "reopen": until is not None and self.now < until,
            "give_contact": case.live,
            "remove_contact": kept.contact is not None,
            "correct": about is not None and case.kind is not CaseKind.CORRECTION,
        }
        return PersonsCase(
            case=case,
            number=kept.number,
            question=wish.text or (about.question.value if about else ""),
            about=about,
            messages=tuple(kept.messages),
            corrected=about.corrected if about else None,
            contact_until=self.now + timedelta(days=33) if kept.contact else None,
            may=frozenset(name for name, may in allowed.items() if may),
            reopen_until=until,
            receipt=about.receipt if about else None,
            service=wish.service,
            happened=wish.happened,
            wish=wish.wish,
            bureau=wish.bureau,
        )

    def _available(self) -> None:
        if self.broken:
            raise LogUnavailable("io")


def _danger(*texts: str) -> str | None:
    return DANGER_TEXT if any("危険" in text for text in texts) else None
