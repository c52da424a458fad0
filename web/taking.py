"""What a person hands to people, through the door: life first, limits, and a refusal that says what to do.

A text that is turned away for whatever reason is looked at for danger first, as a question is (web.lifeline).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from fastapi import Request

from bot.cases import CaseRefused
from bot.ports import LogUnavailable
from bot.records import ConversationId, Language
from web.asking import demand
from web.conversations import conversations_of
from web.doors import desk_of, in_pool
from web.lifeline import Lifeline, beginning
from web.metrics import Metrics
from web.rendering import language_of
from web.security import Refusal, Waiting

Done = TypeVar("Done")
_MOST_ONCES: Final = 4_096


async def through(
    request: Request,
    texts: Sequence[str],
    conversation: ConversationId,
    language: Language,
    work: Callable[[], Done],
) -> Done:
    """Run what hands raw texts to the desk, in its pool and within the client's limits. Raises Refusal."""
    desk = desk_of(request)
    waiting: Waiting = request.app.state.waiting
    try:
        demand(request)
        with waiting.place():
            return await in_pool(desk.pool, work)
    except CaseRefused as refused:
        refusal = Refusal(404 if refused.code == "unknown" else 422, f"case.refused.{refused.code}")
    except LogUnavailable:
        refusal = Refusal(503, "error.unavailable", retry_after=30)
    except Refusal as limit:
        refusal = limit
    danger = await danger_in(request, texts, conversation, language)
    raise Refusal(refusal.status, refusal.key, refusal.retry_after, danger)


async def life_first(request: Request, failure: Refusal | LogUnavailable, texts: Sequence[str]) -> Refusal:
    """What turns texts away before they could be handed over, with the danger text where one of them tells of it."""
    refusal = failure if isinstance(failure, Refusal) else Refusal(503, "error.unavailable", retry_after=30)
    if refusal.danger is not None:
        return refusal
    conversations = conversations_of(request)
    conversation = conversations.held(request) or conversations.begun()
    danger = await danger_in(request, texts, conversation, language_of(request))
    return Refusal(refusal.status, refusal.key, refusal.retry_after, danger)


async def danger_in(
    request: Request, texts: Sequence[str], conversation: ConversationId, language: Language
) -> str | None:
    """The danger text that nobody recorded, where one of the texts tells of danger; it is counted as a gap."""
    lifeline: Lifeline = request.app.state.lifeline
    metrics: Metrics = request.app.state.metrics
    desk, started = desk_of(request), time.perf_counter()
    for text in texts:
        if told := await lifeline.told(request, beginning(text)):
            answered = desk.unheard(told, conversation, language)
            metrics.exchange(desk.name, answered, time.perf_counter() - started)
            return answered.reply.text
    return None


class Onces:
    """Forms that this process has taken, by their random names: the same one sent twice is done once.

    What opens a case needs none of it: the case itself remembers the form it came by, whatever happens to the process.
    """

    def __init__(self) -> None:
        self._taken: OrderedDict[str, asyncio.Future[None]] = OrderedDict()

    async def first(self, once: str, work: Callable[[], Awaitable[Done]]) -> Done | None:
        """What ``work`` gives; None where the same form was done before. A form that failed may be sent again."""
        while (before := self._taken.get(once)) is not None:
            if not before.done():
                await asyncio.wait([before])
            if not before.cancelled():
                return None
        mine = self._taken[once] = asyncio.get_running_loop().create_future()
        try:
            done = await work()
        except BaseException:
            self._taken.pop(once, None)
            mine.cancel()
            raise
        mine.set_result(None)
        while len(self._taken) > _MOST_ONCES:
            self._taken.popitem(last=False)
        return done
