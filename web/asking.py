"""One question through the door, one feedback: what the pages and the programming interface have in common."""

from __future__ import annotations

import time

from fastapi import Request

from bot.records import ConversationId, DeskName, ExchangeId, Language
from web.doors import Answered, desk_of, in_pool
from web.metrics import Metrics
from web.security import RateLimit, Waiting, checked_question


async def ask(
    request: Request, question: str, conversation: ConversationId | None, language: Language | None
) -> Answered:
    """Check the limits, ask the desk in its pool, count. Raises Refusal; whatever the desk returns is an answer."""
    rate: RateLimit = request.app.state.rate
    waiting: Waiting = request.app.state.waiting
    metrics: Metrics = request.app.state.metrics
    desk = desk_of(request)
    rate.demand(request)
    checked = checked_question(question)
    started = time.perf_counter()
    with waiting.place():
        answered = await in_pool(desk.pool, desk.ask, checked, conversation, language)
    metrics.exchange(DeskName.PUBLIC, answered, time.perf_counter() - started)
    return answered


async def give_feedback(  # noqa: PLR0913 - the five things a feedback consists of, and the request
    request: Request,
    exchange: ExchangeId,
    conversation: ConversationId | None,
    *,
    useful: bool,
    reason: str | None,
    comment: str | None,
) -> bool:
    """Hand one feedback to the desk. False if there is no such exchange. Raises Refusal, LogUnavailable."""
    rate: RateLimit = request.app.state.rate
    metrics: Metrics = request.app.state.metrics
    desk = desk_of(request)
    rate.demand(request)
    known = await in_pool(
        desk.pool, desk.feedback, exchange, conversation, useful, reason, (comment or "").strip() or None
    )
    if known:
        metrics.feedback(DeskName.PUBLIC, useful=useful)
    return known
