"""What somebody typed is not lost with the request that is refused: the page that says no shows it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEPT: Final = "madoguchi.unsent"
_MOST_FIELDS: Final = 64


class Unsent:
    """Puts the long texts of a form that is sent where the refusing page finds them.

    ``fields`` are the names of those texts: never a password.
    """

    def __init__(self, app: ASGIApp, *, fields: Sequence[str]) -> None:
        self._app = app
        self._fields = fields

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        scope[_KEPT] = await self._typed(scope, body)
        await self._app(scope, _again(body, receive), send)

    async def _typed(self, scope: Scope, body: bytes) -> Sequence[str]:
        try:
            form = await Request(scope, _again(body, None)).form(max_files=0, max_fields=_MOST_FIELDS)
        except HTTPException:  # what cannot be read is refused by the page itself
            return ()
        values = (form.get(name) for name in self._fields)
        return tuple(value for value in values if isinstance(value, str) and value.strip())


def unsent_of(request: Request) -> Sequence[str]:
    """The long texts of the form that was sent; none where nothing was."""
    kept: Sequence[str] = request.scope.get(_KEPT, ())
    return kept


def _again(body: bytes, rest: Receive | None) -> Receive:
    """The body once more, then whatever comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if waiting or rest is None:
            return waiting.pop() if waiting else {"type": "http.disconnect"}
        return await rest()

    return receive
