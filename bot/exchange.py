"""The story of one exchange: from a raw question to a recorded reply (DESIGN §5)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from bot.danger import Danger, danger_text, recognise
from bot.desk import Desk
from bot.masking import mask
from bot.ports import LogUnavailable, ShelfUnavailable
from bot.questions import parse_question
from bot.recorder import Recorder, record_gaps
from bot.records import (
    AutomationLevel,
    ConversationId,
    Evidence,
    ExchangeId,
    Finding,
    Language,
    MaskedText,
    Outcome,
    Question,
    Receipt,
    Reply,
    Risk,
    SnapshotId,
    Speaker,
    Stamp,
    Topic,
    Triage,
    Turn,
)
from bot.steps import draft, evidence, reply, triage, verdict
from bot.steps.standalone import stand_alone
from bot.text import language_of

_events = structlog.get_logger("bot.exchange")
_DANGER = Triage(Topic.DANGER, Risk.GRAVE, AutomationLevel.NONE, "danger")


@dataclass(frozen=True, slots=True)
class Asked:
    """What came through a door. ``text`` is raw; ``history`` only from the batch form of the command line."""

    text: str
    conversation: ConversationId | None = None
    language: Language | None = None
    history: Sequence[tuple[Speaker, str]] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back to the door. ``exchange`` and ``receipt`` are None only where nothing could be recorded."""

    conversation: ConversationId
    reply: Reply
    exchange: ExchangeId | None = None
    receipt: Receipt | None = None
    snapshot: SnapshotId | None = None
    risk: Risk = Risk.LOW
    automation: AutomationLevel = AutomationLevel.FULL
    stamps: Sequence[Stamp] = ()
    stages_ms: Mapping[str, float] = field(default_factory=dict)


class _Late(Exception):
    """The exchange took longer than the desk's budget."""


class _Stopwatch:
    """Milliseconds per stage, and the desk's budget."""

    def __init__(self, budget_seconds: float) -> None:
        self._start = self._last = time.perf_counter()
        self._budget = budget_seconds
        self.stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.stages[stage] = round((now - self._last) * 1000, 2)
        self._last = now

    def check(self) -> None:
        if time.perf_counter() - self._start > self._budget:
            raise _Late


def answer(desk: Desk, asked: Asked) -> Answered:
    """One exchange, from raw text to the reply that may be shown. Never raises for what a question or a fault can do.

    Nothing but a danger text or the outage notice is returned unless it is durably in the log.
    """
    watch = _Stopwatch(desk.budget_seconds)
    text = mask(asked.text)
    language = asked.language or language_of(text.value)
    conversation = asked.conversation or ConversationId(secrets.token_urlsafe(16))
    danger = recognise(text)
    watch.lap("mask")
    recorder = Recorder(desk, conversation, text, language, watch.stages)
    try:
        turns = _earlier(desk, asked)
        recorder.open()
        record_gaps(desk, conversation)
    except LogUnavailable:
        unrecorded = _danger_reply(danger, language) if danger else reply.failed(_voice(desk), Outcome.FAILED_LOG, language)
        return recorder.unrecorded(unrecorded)
    watch.lap("open")
    if danger:
        return _closed(recorder, _danger_reply(danger, language), _DANGER)
    try:
        return _considered(desk, text, language, turns, recorder, watch)
    except ShelfUnavailable as failure:
        recorder.fault(failure.cause)
        return _closed(recorder, reply.failed(_voice(desk), Outcome.FAILED_INDEX, language), triage.DOCUMENTS)
    except MemoryError:
        recorder.fault("memory")
        return _closed(recorder, reply.failed(_voice(desk), Outcome.FAILED_INDEX, language), triage.DOCUMENTS)
    except _Late:
        return _closed(recorder, reply.failed(_voice(desk), Outcome.FAILED_TIMEOUT, language), triage.DOCUMENTS)
    except Exception as failure:  # noqa: BLE001 - the last line before the person: every fault has an outcome
        _events.error("exchange failed", kind=type(failure).__name__, exchange=recorder.exchange)
        recorder.fault(type(failure).__name__)
        return _closed(recorder, reply.failed(_voice(desk), Outcome.FAILED_INTERNAL, language), triage.DOCUMENTS)


def _considered(  # noqa: PLR0913 - the six things a question has when its exchange is open
    desk: Desk, text: MaskedText, language: Language, turns: Sequence[Turn], recorder: Recorder, watch: _Stopwatch
) -> Answered:
    whole = stand_alone(text, turns, desk.analyzer)
    question = parse_question(whole.text, language, desk.analyzer)
    latest = parse_question(text, language, desk.analyzer) if whole.leaned else question
    placed = triage.triage(question if not whole.leaned else latest, desk.rules, desk.register)
    watch.lap("triage")
    recorder.triaged(placed, question)
    if placed.topic is not Topic.DOCUMENTS:
        return _closed(recorder, reply.settled(_voice(desk), placed, language), placed)
    found = desk.shelf.search(whole.text, language)
    watch.lap("evidence")
    watch.check()
    if whole.lacking:
        finding = Finding(Outcome.ABSTAINED_NEEDS_CONTEXT, "leans on nothing")
        return _drafted(desk, question, found, finding, recorder, placed, watch)
    common = desk.lexicon.common(found.snapshot, desk.shelf.passages())
    finding = evidence.weigh(question, found, desk.lexicon, common, desk.gate)
    recorder.found(found, finding)
    return _drafted(desk, question, found, finding, recorder, placed, watch)


def _drafted(  # noqa: PLR0913 - as above
    desk: Desk,
    question: Question,
    found: Evidence,
    finding: Finding,
    recorder: Recorder,
    placed: Triage,
    watch: _Stopwatch,
) -> Answered:
    proposed = draft.compose(question, finding, desk.wording)
    judged = verdict.judge(proposed, found)
    recorder.judged(proposed, judged)
    released = reply.release(_voice(desk), question, finding, proposed, judged, found)
    watch.lap("compose")
    watch.check()
    return _closed(recorder, released, placed)


def _closed(recorder: Recorder, released: Reply, placed: Triage) -> Answered:
    """Close the record, then hand over the reply; if closing fails, the outage notice alone leaves."""
    try:
        return recorder.close(released, placed)
    except LogUnavailable:
        if released.outcome is Outcome.ESCALATED_DANGER:
            return recorder.unrecorded(released)
        return recorder.unrecorded(reply.failed(_voice(recorder.desk), Outcome.FAILED_LOG, released.language))


def _voice(desk: Desk) -> reply.Voice:
    return reply.Voice(desk.wording, desk.contacts)


def _danger_reply(danger: Danger, language: Language) -> Reply:
    """The fixed text for a danger: no document, no model, no configuration can change or prevent it."""
    return Reply(Outcome.ESCALATED_DANGER, language, danger_text(danger, language))


def _earlier(desk: Desk, asked: Asked) -> tuple[Turn, ...]:
    """The turns before this one: the batch's own history, or what the log holds of the conversation."""
    if asked.history:
        return tuple(Turn(speaker, mask(text)) for speaker, text in asked.history)
    if asked.conversation is None:
        return ()
    turns: list[Turn] = []
    for recorded in desk.log.conversation(asked.conversation, limit=6):
        turns.append(Turn(Speaker.PERSON, recorded.question))
        if recorded.reply:
            turns.append(Turn(Speaker.SERVICE, mask(recorded.reply.text)))
    return tuple(turns)
