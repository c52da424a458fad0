"""One question through the door, one feedback: what the pages and the programming interface have in common."""

from __future__ import annotations

import time
from contextlib import suppress

from fastapi import Request

from bot.ports import LogUnavailable
from bot.records import ConversationId, ExchangeId, Language, Outcome
from web.doors import Answered, Stray, desk_of, in_pool
from web.lifeline import Lifeline, beginning
from web.metrics import Metrics
from web.security import RateLimit, Refusal, Waiting, checked_question


async def ask(request: Request, question: str, conversation: ConversationId, language: Language | None) -> Answered:
    """Check the limits, ask the desk in its pool, count. Raises Refusal; whatever the desk returns is an answer.

    A question that a limit turns away is looked at for danger first: then the danger text is the answer.
    """
    metrics: Metrics = request.app.state.metrics
    started = time.perf_counter()
    try:
        answered = await _asked(request, question, conversation, language)
    except Refusal as refusal:
        saved = await _life_first(request, refusal, question, conversation, language)
        if saved is None:
            raise
        answered = saved
    metrics.exchange(desk_of(request).name, answered, time.perf_counter() - started)
    return answered


def demand(request: Request) -> None:
    """Count one post of this client. Raises Refusal (429)."""
    rate: RateLimit = request.app.state.rate
    rate.demand(request)


async def _asked(request: Request, question: str, conversation: ConversationId, language: Language | None) -> Answered:
    demand(request)
    return await _in_line(request, checked_question(question), conversation, language)


async def _in_line(
    request: Request, question: str, conversation: ConversationId, language: Language | None
) -> Answered:
    waiting: Waiting = request.app.state.waiting
    desk = desk_of(request)
    with waiting.place():
        return await in_pool(desk.pool, desk.ask, question, conversation, language)


async def _life_first(
    request: Request, refusal: Refusal, question: str, conversation: ConversationId, language: Language | None
) -> Answered | None:
    """The danger text, where the beginning of a refused question tells of danger; recorded where only its length was
    the reason.
    """
    lifeline: Lifeline = request.app.state.lifeline
    first = beginning(question)
    told = await lifeline.told(request, first)
    if told is None:
        return None
    if refusal.status == 422:
        with suppress(Refusal):
            recorded = await _in_line(request, first, conversation, language)
            if recorded.reply.outcome is Outcome.ESCALATED_DANGER:
                return recorded
    return desk_of(request).unheard(told, conversation, language)


async def give_feedback(  # noqa: PLR0913 - the five things a feedback consists of, and the request
    request: Request,
    exchange: ExchangeId,
    conversation: ConversationId | None,
    *,
    useful: bool,
    reason: str | None,
    comment: str | None,
) -> None:
    """Hand one feedback to the desk. Raises LogUnavailable, Refusal (no such exchange, or it has enough of them)."""
    metrics: Metrics = request.app.state.metrics
    desk = desk_of(request)
    demand(request)
    kept = await in_pool(
        desk.pool, desk.feedback, exchange, conversation, useful, reason, (comment or "").strip() or None
    )
    if kept == "unknown":
        await stray(request, "exchange")
        raise Refusal(404, "error.exchange")
    if kept == "enough":
        raise Refusal(422, "error.given")
    metrics.feedback(desk.name, useful=useful)


async def stray(request: Request, what: Stray) -> None:
    """Record that an id was shown which this desk never gave out: a guess, or one of another desk.

    The caller has counted the request against the client's limit. A log that cannot record keeps nobody's answer back:
    the figures count it then.
    """
    metrics: Metrics = request.app.state.metrics
    desk = desk_of(request)
    metrics.stray(desk.name, what)
    with suppress(LogUnavailable):
        await in_pool(desk.pool, desk.stray, what)
