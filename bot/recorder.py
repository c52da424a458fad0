"""Writing one exchange down: what goes into its entries, in which order. The log decides how they are stored."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import structlog

from bot.answered import Answered
from bot.desk import Desk
from bot.gaps import Unrecorded
from bot.grading import row_key
from bot.ports import LogUnavailable, Transaction
from bot.records import (
    Appended,
    AutomationLevel,
    ConversationId,
    Draft,
    Entry,
    Evidence,
    ExchangeId,
    Finding,
    Json,
    Language,
    MaskedText,
    Question,
    Reply,
    Risk,
    Stamp,
    Triage,
    Turn,
    Verdict,
)
from bot.records_json import CLOSED, HELD, REPLY, reply_to_json, turns_to_json
from bot.register import DANGER_ROW, AutomationRegister
from bot.switch import Off

_events = structlog.get_logger("bot.recorder")


class Recorder:
    """Collects what one exchange did and appends its entries: ``exchange.opened``, then ``exchange.closed``."""

    def __init__(
        self,
        desk: Desk,
        conversation: ConversationId,
        language: Language,
        stages: Mapping[str, float],
    ) -> None:
        self.desk = desk
        self.conversation = conversation
        self.exchange = ExchangeId("ex_" + secrets.token_urlsafe(16))
        self._text: MaskedText | None = None
        self._language = language
        self._stages = stages
        self._meta: dict[str, Json] = {}
        self._contents: dict[str, str] = {}
        self._opened: Appended | None = None
        self._snapshot: Evidence | None = None
        self._shelf_stamps: tuple[Stamp, ...] = ()
        self._register: AutomationRegister | None = None
        self.placed: Triage | None = None
        self.marks: tuple[str, ...] = ()

    def open(self, text: MaskedText, history: Sequence[Turn] = ()) -> None:
        """Durably store the question and which marks of confidential information it carries. ``history`` are the turns
        that came with it and stand nowhere in the log. Raises LogUnavailable.
        """
        self._text = text
        if history:
            self._contents["history"] = turns_to_json(history)
        self.marks = self.desk.confidential.found(text)
        meta: dict[str, Json] = {
            "exchange": self.exchange,
            "conversation": self.conversation,
            "desk": self.desk.name.value,
            "received": self.desk.clock.now().astimezone(UTC).isoformat(),
            "language": self._language.value,
            "masked": list(text.kinds),
            **({"confidential": list(self.marks)} if self.marks else {}),
        }
        self._opened = self.desk.log.append(Entry("exchange.opened", self.conversation, meta, {"question": text.value}))

    def switched_off(self, off: Off) -> None:
        """Note that AI answers were off, and by which switch."""
        self._meta["switch"] = {"scope": off.scope.value, "since": _utc(off.since)}

    def triaged(self, placed: Triage, question: Question, register: AutomationRegister) -> None:
        """Note where the question was placed, by which rule, and on which row of which version of the register."""
        row = register.row(placed.topic, placed.risk)
        self._meta["row"] = row.id if row else None
        self._register = register
        if question.text != self._text:
            self._contents["standalone"] = question.text.value
        self._meta["asked"] = {
            "slots": [slot.value for slot in question.slots],
            "yes_no": question.yes_no,
            "years": list(question.years),
        }
        self._meta["rule"] = placed.rule
        if placed.score is not None:
            self._meta["rule_score"] = round(placed.score, 4)
        self.placed = placed

    def parted(self, rule: str) -> None:
        """Note that a part of the question was left out, and the rule that took it for a command."""
        self._meta["parted"] = rule

    def endangered(self, kind: str) -> None:
        """Note which danger was recognised. Its row can be no other in any version, so none is read."""
        self._meta["danger"] = kind
        self._meta["row"] = DANGER_ROW

    def found(self, evidence: Evidence, finding: Finding) -> None:
        """Note what was searched and what the gate made of it."""
        self._shelf_stamps = evidence.stamps
        self._snapshot = evidence
        used = {support.passage.id for support in (*finding.hearts, *finding.context, *finding.related)}
        self._meta["evidence"] = [
            {
                "passage": found.passage.id,
                "version": found.passage.document.version,
                "score": round(found.score, 4),
                "dense": round(found.dense, 4),
                "words": round(found.words, 4),
                "characters": round(found.characters, 4),
                "used": found.passage.id in used,
            }
            for found in evidence.found
        ]
        self._meta["gate"] = {
            "outcome": finding.outcome.value,
            "rule": finding.rule,
            "measures": {name: round(value, 4) for name, value in finding.measures.items()},
        }
        if finding.missing:
            self._contents["missing"] = " ".join(finding.missing)

    def assessed(self, told: Mapping[str, Json]) -> None:
        """Note what an assessment of a plan read: closed words, nothing of the plan's own."""
        self._meta["assessment"] = told

    def judged(self, proposed: Draft, judged: Verdict) -> None:
        self._contents["draft"] = json.dumps(
            [sentence.text for sentence in (*proposed.sentences, *proposed.related)], ensure_ascii=False
        )
        self._meta["verdict"] = [
            {"supported": verdict.supported, "reason": verdict.reason} for verdict in judged.sentences
        ]

    def reckoned(self, waiting: int) -> None:
        """Note how many cases people had before them when the day of their answer was reckoned."""
        self._meta["waiting"] = waiting

    def fault(self, cause: str) -> None:
        """Note why an exchange failed: a cause of our own or the name of an exception, never its text."""
        self._meta["fault"] = cause

    @property
    def question(self) -> str:
        """What was asked, masked; empty before the record is open."""
        return self._text.value if self._text else ""

    def close(self, reply: Reply, placed: Triage) -> Answered:
        """Durably store the reply, then return it with its receipt. Raises LogUnavailable: nothing may be shown."""
        return self.answered(self.keep(reply, placed), reply, placed)

    def keep(
        self, reply: Reply, placed: Triage, *, held: Reply | None = None, within: Transaction | None = None
    ) -> Appended:
        """Append the closing entry: what is shown, and the draft that is ``held`` back. Raises LogUnavailable."""
        self._conditioned(placed)
        meta: dict[str, Json] = {
            **self._meta,
            "exchange": self.exchange,
            "conversation": self.conversation,
            "desk": self.desk.name.value,
            "answered": self.desk.clock.now().astimezone(UTC).isoformat(),
            "outcome": reply.outcome.value,
            "language": reply.language.value,
            "topic": placed.topic.value,
            "risk": placed.risk.value,
            "automation": placed.automation.value,
            "snapshot": self._snapshot.snapshot if self._snapshot else None,
            "stamps": [asdict(stamp) for stamp in self._stamps()],
            "citations": [citation.passage for citation in reply.citations],
        }
        contents = {**self._contents, REPLY: reply_to_json(reply)}
        if held is not None:
            meta["held"] = held.outcome.value
            contents[HELD] = reply_to_json(held)
        links = (self._opened.entry,) if self._opened else ()
        return self.desk.log.append(Entry(CLOSED, self.conversation, meta, contents, links), within)

    def answered(
        self, closed: Appended, reply: Reply, placed: Triage, case: tuple[str, datetime] | None = None
    ) -> Answered:
        """What goes back to the door once the closing entry is durable. Raises LogUnavailable (no receipt)."""
        number, due = case or (None, None)
        return Answered(
            conversation=self.conversation,
            reply=reply,
            exchange=self.exchange,
            receipt=self.desk.log.receipt(closed),
            snapshot=self._snapshot.snapshot if self._snapshot else None,
            risk=placed.risk,
            automation=placed.automation,
            stamps=self._stamps(),
            masked=tuple(dict.fromkeys(self._text.kinds)) if self._text else (),
            case=number,
            due=due,
            stages_ms=self._stages,
        )

    def unrecorded(self, reply: Reply) -> Answered:
        """A danger text or the outage notice, leaving without a record: counted, to be written down on recovery."""
        kind = reply.outcome.value
        self.desk.gaps.note(Unrecorded(kind, reply.language.value, self.desk.clock.now()))
        _events.error("reply left without a record", kind=kind, language=reply.language.value)
        grave = reply.outcome.family == "escalated"
        return Answered(
            conversation=self.conversation,
            reply=reply,
            risk=Risk.GRAVE if grave else Risk.LOW,
            automation=AutomationLevel.NONE,
            stages_ms=self._stages,
        )

    def _conditioned(self, placed: Triage) -> None:
        """Note how the row stood to its conditions for answering directly, and every row they kept from it."""
        if self._register and self._register.conditions:
            row = self._register.conditions.get(row_key(placed.topic.value, placed.risk.value))
            told: dict[str, Json] = {} if row is None else asdict(row)
            self._meta["conditions"] = {**told, "lowered": list(self._register.lowered)}

    def _stamps(self) -> tuple[Stamp, ...]:
        desk = self.desk
        return (
            *desk.stamps,
            desk.gate.stamp,
            desk.rules.stamp,
            *((self._register.stamp,) if self._register else ()),
            desk.wording.stamp,
            *self._shelf_stamps,
        )


def record_gaps(desk: Desk, conversation: ConversationId) -> None:
    """Write down what left unrecorded while the log was away. Raises LogUnavailable; nothing counted is lost."""
    waiting = desk.gaps.take()
    if not waiting:
        return
    meta: dict[str, Json] = {
        "unrecorded": [{"kind": gap.kind, "language": gap.language, "time": _utc(gap.time)} for gap in waiting]
    }
    try:
        desk.log.append(Entry("gap", conversation, meta))
    except LogUnavailable:
        desk.gaps.give_back(waiting)
        raise


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
