"""The story of one exchange: from a raw question to a recorded reply (DESIGN §5)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.answered import Answered, Asked, Recalled
from bot.assisted import handed_over
from bot.consultation import assessed, consultation
from bot.danger import Danger, recognise
from bot.desk import Desk
from bot.labels import Labels
from bot.masking import clean, mask
from bot.parting import parted, without_commands
from bot.ports import LogUnavailable, ShelfUnavailable
from bot.questions import parse_question, search_text
from bot.recorder import Recorder, record_gaps
from bot.records import (
    AutomationLevel,
    ConversationId,
    Evidence,
    Finding,
    Language,
    MaskedText,
    Outcome,
    Question,
    Reply,
    Risk,
    Topic,
    Triage,
    Turn,
)
from bot.register import AutomationRegister, about_the_service, drafted_for_people, left_to_people
from bot.respelling import respelled
from bot.set_replies import endangered, failed, voice_of, without_documents
from bot.steps import draft, evidence, reply, triage, verdict
from bot.steps.originals import citable, citing_originals
from bot.steps.standalone import stand_alone
from bot.stopwatch import Late, Stopwatch
from bot.text import language_of
from bot.turns import earlier

_events = structlog.get_logger("bot.exchange")
_DANGER = Triage(Topic.DANGER, Risk.GRAVE, AutomationLevel.NONE, "danger")
_UNPLACED = Triage(Topic.DOCUMENTS, Risk.LOW, AutomationLevel.NONE, "unplaced")


@dataclass(frozen=True, slots=True)
class _Open:
    """An exchange whose question is in the log. ``parted``: the rule by which a part of it is left out, if one did."""

    desk: Desk
    text: MaskedText
    language: Language
    turns: Sequence[Turn]
    recorder: Recorder
    watch: Stopwatch
    parted: str | None = None


def answer(desk: Desk, asked: Asked) -> Answered:
    """One exchange, from raw text to the reply that may be shown. Never raises for what a question or a fault can do.

    Nothing but a danger text or the outage notice is returned unless it is durably in the log.
    """
    watch = Stopwatch(desk.budget_seconds)
    masked = mask(asked.text, words=desk.analyzer)
    language = asked.language or language_of(masked.value)
    conversation = asked.conversation or ConversationId(secrets.token_urlsafe(16))
    danger = _endangered(asked.text, masked)
    watch.lap("mask")
    recorder = Recorder(desk, conversation, language, watch.stages)
    try:
        labels = Labels() if asked.history else desk.labels.of(conversation)
        turns = earlier(desk, asked, labels)
        text = mask(asked.text, labels, desk.analyzer) if masked.kinds else masked
        recorder.open(text, turns if asked.history else ())
        record_gaps(desk, conversation)
    except LogUnavailable:
        notice = endangered(desk, danger, language) if danger else failed(desk, Outcome.FAILED_LOG, language)
        return recorder.unrecorded(notice)
    watch.lap("open")
    return _on_record(_Open(desk, text, language, turns, recorder, watch), danger)


def again(desk: Desk, recalled: Recalled) -> Answered:
    """The same exchange at a desk made of what its record tells (bot/replaying.py), whose log keeps nothing.

    The question is masked already and stays as it is. Raises ValueError for a danger that this program does not know.
    """
    watch = Stopwatch(desk.budget_seconds)
    recorder = Recorder(desk, recalled.conversation, recalled.language, watch.stages)
    turns = tuple(recalled.history) or earlier(desk, Asked("", recalled.conversation), Labels())
    recorder.open(recalled.text, recalled.history)
    danger = Danger(recalled.danger) if recalled.danger else recognise(recalled.text.value)
    return _on_record(_Open(desk, recalled.text, recalled.language, turns, recorder, watch), danger)


def _on_record(opened: _Open, danger: Danger | None) -> Answered:
    """The rest of an exchange whose question is in the log."""
    if danger:
        opened.recorder.endangered(danger.value)
        return _closed(opened.recorder, endangered(opened.desk, danger, opened.language), _DANGER)
    return _with_every_fault_named(opened)


def _endangered(raw: str, masked: MaskedText) -> Danger | None:
    """Danger in what was typed or in its masked form. Raw text is read here alone, in memory, and goes nowhere."""
    return recognise(clean(raw)) or recognise(masked.value)


def danger_in(raw: str) -> tuple[Danger, Language] | None:
    """The danger somebody tells of and the language they write: for a door whose limit turns the question away."""
    masked = mask(raw)
    danger = _endangered(raw, masked)
    return (danger, language_of(masked.value)) if danger else None


def _with_every_fault_named(opened: _Open) -> Answered:
    """The work on an open exchange; whatever goes wrong becomes an outcome, recorded like any other."""
    try:
        return _switched_off(opened) or _considered(_without_commands(opened))
    except ShelfUnavailable as failure:
        outcome, cause = Outcome.FAILED_INDEX, failure.cause
    except LogUnavailable as failure:
        outcome, cause = Outcome.FAILED_LOG, failure.cause
    except MemoryError:
        outcome, cause = Outcome.FAILED_INDEX, "memory"
    except Late:
        outcome, cause = Outcome.FAILED_TIMEOUT, "budget"
    except Exception as failure:  # noqa: BLE001 - the last line before the person: every fault has an outcome
        outcome, cause = Outcome.FAILED_INTERNAL, type(failure).__name__
        _events.error("exchange failed", kind=cause, exchange=opened.recorder.exchange)
    opened.recorder.fault(cause)
    placed = opened.recorder.placed or _UNPLACED
    return _closed(opened.recorder, failed(opened.desk, outcome, opened.language), placed)


def _switched_off(opened: _Open) -> Answered | None:
    """What is said while AI answers are off; None while they are on."""
    if off := opened.desk.switch.state():
        opened.recorder.switched_off(off)
        return _closed(opened.recorder, reply.switched_off(voice_of(opened.desk), off, opened.language), _UNPLACED)
    return None


def _without_commands(opened: _Open) -> _Open:
    """The exchange without what commands the service, now or earlier, where a question stands beside it."""
    apart, turns = parted(opened.text, opened.desk.rules), without_commands(opened.turns, opened.desk.rules)
    if apart.rule:
        opened.recorder.parted(apart.rule)
    return replace(opened, text=apart.text, turns=turns, parted=apart.rule)


def _considered(opened: _Open) -> Answered:
    """Triage, then the documents: what settles the inquiry at once returns at once."""
    desk, recorder = opened.desk, opened.recorder
    register = desk.register.active()  # once: every decision of this exchange is by one version
    opened.watch.lap("decisions")
    spelled = respelled(desk, opened.text)
    whole = stand_alone(spelled, opened.turns, desk.analyzer)
    question = parse_question(whole.text, opened.language, desk.analyzer)
    # What the person says now decides where it goes; what they said before only what it is about.
    latest = parse_question(spelled, opened.language, desk.analyzer) if whole.leaned else question
    placed = triage.triage(latest, desk.rules, register, as_written=opened.text)
    plan = consultation(desk, opened.text, opened.turns, placed, register)
    placed = plan.placed if plan else placed
    if placed.rule == triage.DOCUMENTS.rule and not (whole.leaned or opened.parted):
        placed = triage.by_meaning(question, desk.meaning, desk.shelf, register) or placed
    opened.watch.lap("triage")
    recorder.triaged(placed, question, register)
    if left_to_people(placed) or (placed.topic is not Topic.DOCUMENTS and not plan):
        return _closed(recorder, without_documents(opened.desk, placed, opened.language), placed)
    if plan:
        released = assessed(desk, plan, question, recorder, opened.language)
        opened.watch.lap("assessment")
        opened.watch.check()
        return _released(opened, released, placed, register)
    if whole.alone is not None:
        found, finding = _weighed(opened, latest, latest)
        if finding.outcome.family == "answered":  # short, but a topic of its own
            recorder.triaged(placed, latest, register)
            recorder.found(found, finding)
            return _released(opened, _composed(opened, latest, found, finding), placed, register)
    found, finding = _weighed(opened, question, latest, names_more=whole.alone is not None)
    if whole.lacking:
        finding = Finding(Outcome.ABSTAINED_NEEDS_CONTEXT, "leans on nothing")
    recorder.found(found, finding)
    if opened.parted and finding.outcome.family != "answered":  # beside a command only what is stated is told
        placed = triage.commanding(opened.parted, register)
        recorder.triaged(placed, question, register)
        return _closed(recorder, without_documents(opened.desk, placed, opened.language), placed)
    return _released(opened, _composed(opened, question, found, finding), placed, register)


def _weighed(
    opened: _Open, question: Question, latest: Question, *, names_more: bool = False
) -> tuple[Evidence, Finding]:
    """What the shelf has on a question, and what of it may be said."""
    desk = opened.desk
    found = desk.shelf.search(search_text(question), opened.language)
    opened.watch.lap("evidence")
    opened.watch.check()
    common = desk.lexicon.common(found.snapshot, desk.shelf.passages())
    scales = evidence.Scales(desk.lexicon, common, desk.gate)
    return found, evidence.weigh(question, latest, found, scales, names_more=names_more)


def _composed(opened: _Open, question: Question, found: Evidence, finding: Finding) -> Reply:
    """Draft, verdict, and what of the draft may be shown."""
    wording = opened.desk.wording
    proposed = citing_originals(draft.compose(question, finding, wording), found)
    if opened.parted:
        proposed = replace(proposed, lead=(wording.text("part_ignored", question.language), *proposed.lead))
    cited, passages = dict.fromkeys(each for line in proposed.lines for each in line.passages), citable(found)
    status = draft.standing((passages[each].document for each in cited), wording, question.language)
    proposed = replace(proposed, tail=tuple(dict.fromkeys((*proposed.tail, *status))))
    judged = verdict.judge(proposed, found)
    opened.recorder.judged(proposed, judged)
    released = reply.release(voice_of(opened.desk), proposed, judged, found, opened.language)
    opened.watch.lap("compose")
    opened.watch.check()
    return released


def _released(opened: _Open, released: Reply, placed: Triage, register: AutomationRegister) -> Answered:
    """The reply as the register lets it out: at once, after a person approved it, or not at all."""
    if released.outcome is Outcome.ANSWERED_SERVICE:
        placed = about_the_service(placed, register)
    if left_to_people(placed):
        return _closed(opened.recorder, reply.by_a_person(voice_of(opened.desk), opened.language), placed)
    if drafted_for_people(placed):
        return handed_over(opened.recorder, released, placed)
    return _closed(opened.recorder, released, placed)


def _closed(recorder: Recorder, released: Reply, placed: Triage) -> Answered:
    """Close the record, then hand over the reply; if closing fails, the outage notice alone leaves."""
    try:
        return recorder.close(reply.noticed(voice_of(recorder.desk), released, recorder.marks), placed)
    except LogUnavailable:
        if released.outcome is Outcome.ESCALATED_DANGER:
            return recorder.unrecorded(released)
        return recorder.unrecorded(failed(recorder.desk, Outcome.FAILED_LOG, released.language))
