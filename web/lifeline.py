"""Life first, also where a limit turns a question away (DESIGN §3 rules 2 and 3).

Too many questions, a full line, a text that is too long: none of them is a reason to withhold the fixed danger text.
Recognising costs about 10 milliseconds for 2,000 characters, so it is bounded in its own way: a beginning of bounded
length, one worker apart from the exchanges' pool, a short line before it, and a window per client.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from limits.storage import MemoryStorage

from bot.answered import Answered
from bot.danger import Danger, danger_text, reader_at
from bot.desk import Desk
from bot.exchange import danger_in
from bot.gaps import Unrecorded
from bot.records import AutomationLevel, ConversationId, Language, Outcome, Reply, Risk
from web.security import QUESTION_LIMIT, RateLimit, plain

WINDOWS: Final = 3
"""So many times the client's own requests per minute are looked at beyond them."""

LINE: Final = 16
"""Questions before the one worker; with more there, a refusal says how to get help and no more."""

MOST_GAPS: Final = 500
"""Unrecorded danger texts that wait to be written down; more are counted in the figures alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """A danger somebody told of, and the language they wrote in."""

    danger: Danger
    language: Language


def beginning(question: str) -> str:
    """What of a question is looked at: 2,000 characters, fewer where single characters stand for many (ﷺ)."""
    first = plain(question)[:QUESTION_LIMIT]
    while len(unicodedata.normalize("NFKC", first)) > 2 * QUESTION_LIMIT:
        first = first[: len(first) // 2]
    return first.strip()


def told_in(first: str) -> Told | None:
    """The danger that the beginning of a question tells of."""
    found = danger_in(first)
    return Told(*found) if found else None


def unheard(desk: Desk) -> Callable[[Told, ConversationId, Language | None], Answered]:
    """The desk's danger text without a record: counted by kind, language and time, for the next ``gap`` entry."""

    def give(told: Told, conversation: ConversationId, language: Language | None) -> Answered:
        chosen = language or told.language
        reply = Reply(Outcome.ESCALATED_DANGER, chosen, danger_text(told.danger, chosen, reader_at(desk.name)))
        if len(desk.gaps) < MOST_GAPS:
            desk.gaps.note(Unrecorded(reply.outcome.value, chosen.value, desk.clock.now()))
        return Answered(conversation, reply, risk=Risk.GRAVE, automation=AutomationLevel.NONE)

    return give


class Lifeline:
    """Looks for danger in questions that a limit turns away."""

    def __init__(self, requests_per_minute: int) -> None:
        # In this process' memory, whatever counts the other limits: this one guards this process' time.
        self._rate = RateLimit(WINDOWS * requests_per_minute, MemoryStorage(), "lifeline")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lifeline")
        self._waiting = 0

    async def told(self, request: Request, first: str) -> Told | None:
        """What the beginning of a question tells of; None also where too much is being looked at already."""
        if not first or self._waiting >= LINE or not self._rate.allows(request):
            return None
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, told_in, first)
        finally:
            self._waiting -= 1
