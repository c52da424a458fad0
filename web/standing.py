"""Whether the AI's answers are switched off, for every page to say so. The exchange itself asks again, each time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.ports import LogUnavailable
from bot.switch import Off

_KEPT_SECONDS: Final = 1.0
_STATE: Final = "madoguchi.off"


class Standing:
    """Puts the switch's state into every request; read at most once a second, in a thread of its own."""

    def __init__(self, app: ASGIApp, *, off: Callable[[], Off | None]) -> None:
        self._app = app
        self._off = off
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="standing")
        self._known: Off | None = None
        self._read = -_KEPT_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[_STATE] = await self._state()
        await self._app(scope, receive, send)

    async def _state(self) -> Off | None:
        if time.monotonic() - self._read >= _KEPT_SECONDS:
            self._read = time.monotonic()  # one reader at a time; the others take what is known
            with suppress(LogUnavailable):  # the last that was known stays shown; exchanges fail by themselves
                self._known = await asyncio.get_running_loop().run_in_executor(self._worker, self._off)
        return self._known


def off_of(request: Request) -> Off | None:
    """Who switched the answers off at the application that received the request; None while they are on."""
    off: Off | None = request.scope.get(_STATE)
    return off
