"""What a desk says without looking at any document: faults, danger, and what triage or the register settles."""

from __future__ import annotations

from bot.danger import Danger, danger_text, reader_at
from bot.desk import Desk
from bot.records import Language, Outcome, Reply, Triage
from bot.register import left_to_people
from bot.steps import reply


def voice_of(desk: Desk) -> reply.Voice:
    """The desk's wording and contacts."""
    return reply.Voice(desk.wording, desk.contacts)


def failed(desk: Desk, outcome: Outcome, language: Language) -> Reply:
    """The short notice of a fault, with the way to a person."""
    return reply.failed(voice_of(desk), outcome, language)


def endangered(desk: Desk, danger: Danger, language: Language) -> Reply:
    """The fixed text for a danger: no document, no model, no configuration can change or prevent it."""
    return Reply(Outcome.ESCALATED_DANGER, language, danger_text(danger, language, reader_at(desk.name)))


def without_documents(desk: Desk, placed: Triage, language: Language) -> Reply:
    """The reply to what no document answers, or what the register leaves to people."""
    voice = voice_of(desk)
    return reply.by_a_person(voice, language) if left_to_people(placed) else reply.settled(voice, placed, language)
