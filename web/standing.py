"""Whether the AI's answers are switched off or some are held back, for every page to say so. The exchange itself asks
again, each time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.ports import LogUnavailable
from bot.records import Topic
from bot.switch import Off

_KEPT_SECONDS: Final = 1.0
_STATE: Final = "madoguchi.off"
_TOPICS: Final = "madoguchi.held_back"


class Standing:
    """Puts into every request the switch's state and the topics that people answer first because errors were more than
    is allowed; read at most once a second, in a thread of its own.
    """

    def __init__(
        self, app: ASGIApp, *, off: Callable[[], Off | None], held_back: Callable[[], Sequence[Topic]]
    ) -> None:
        self._app = app
        self._off = off
        self._held_back = held_back
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="standing")
        self._known: Off | None = None
        self._topics: Sequence[Topic] = ()
        self._read = -_KEPT_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._look()
            scope[_STATE], scope[_TOPICS] = self._known, self._topics
        await self._app(scope, receive, send)

    async def _look(self) -> None:
        if time.monotonic() - self._read >= _KEPT_SECONDS:
            self._read = time.monotonic()  # one reader at a time; the others take what is known
            loop = asyncio.get_running_loop()
            with suppress(LogUnavailable):  # the last that was known stays shown; exchanges fail by themselves
                self._known = await loop.run_in_executor(self._worker, self._off)
                self._topics = await loop.run_in_executor(self._worker, self._held_back)


def off_of(request: Request) -> Off | None:
    """Who switched the answers off at the application that received the request; None while they are on."""
    off: Off | None = request.scope.get(_STATE)
    return off


def held_back_of(request: Request) -> Sequence[Topic]:
    """The topics that people answer first there."""
    topics: Sequence[Topic] = request.scope.get(_TOPICS, ())
    return topics
