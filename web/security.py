"""What every door demands and every response carries: headers, limits, the conversation cookie."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from fastapi import Request, Response
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.records import ConversationId

QUESTION_LIMIT = 2_000  # characters
COMMENT_LIMIT = 500  # characters
BODY_LIMIT = 64 * 1024  # bytes

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
}
CONVERSATION_COOKIE = "madoguchi_conversation"
LANGUAGE_COOKIE = "madoguchi_language"
_CONVERSATION = re.compile(r"[A-Za-z0-9_-]{16,64}")
_YEAR = 365 * 24 * 60 * 60


class Refusal(Exception):
    """A door turns a request away: HTTP status, the key of the one sentence that says what to do, seconds to wait."""

    def __init__(self, status: int, key: str, retry_after: int | None = None) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.retry_after = retry_after


class SecurityHeaders:
    """Adds the security headers to every response; what names no caching itself is not stored anywhere."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if secure:
            self._headers["strict-transport-security"] = f"max-age={_YEAR}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyLimit:
    """Reads a request's body before the application does; one byte over the limit and ``refuse`` answers."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Request], Awaitable[Response]], limit: int) -> None:
        self._app = app
        self._refuse = refuse
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await self._read(Request(scope), receive)
        if body is None:
            response = await self._refuse(Request(scope))
            response.headers["connection"] = "close"
            await response(scope, receive, send)
            return
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replay, send)

    async def _read(self, request: Request, receive: Receive) -> bytes | None:
        declared = request.headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self._limit:
            return None
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body += message.get("body", b"")
            if len(body) > self._limit:
                return None
            more = message.get("more_body", False)
        return bytes(body)


class RateLimit:
    """A moving window of posts per client. IPv6 clients count by their /64, which one household owns."""

    def __init__(self, per_minute: int, storage: str) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(storage_from_string(storage))

    def demand(self, request: Request) -> None:
        """Count one request. Raises Refusal (429) with the seconds until the next one is allowed."""
        client = client_of(request)
        if not self._limiter.hit(self._item, client):
            reset = self._limiter.get_window_stats(self._item, client).reset_time
            raise Refusal(429, "error.many", retry_after=max(1, int(reset - time.time()) + 1))


class Waiting:
    """How many questions are at work or in line; over ``limit`` the door says so at once instead of queueing."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._now = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the line. Raises Refusal (503) where there is none."""
        if self._now >= self._limit:
            raise Refusal(503, "error.busy", retry_after=5)
        self._now += 1
        try:
            yield
        finally:
            self._now -= 1


def client_of(request: Request) -> str:
    """The address a client is counted by. Behind a proxy the server (not this code) decides whose word to take."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))
    return host


def demand_same_site(request: Request) -> None:
    """Refuse a form that another site sent (browsers say so in Sec-Fetch-Site). Raises Refusal (403)."""
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refusal(403, "error.foreign")


def checked_question(text: str) -> str:
    """The question with plain line ends and no blank edges. Raises Refusal (422) if empty or over the limit."""
    question = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not question:
        raise Refusal(422, "error.empty")
    if len(question) > QUESTION_LIMIT:
        raise Refusal(422, "error.long")
    return question


def new_conversation() -> ConversationId:
    """128 random bits, opaque."""
    return ConversationId(secrets.token_urlsafe(16))


def conversation_named(name: str | None) -> ConversationId | None:
    """A conversation id that a client sent, if it has the form of one."""
    return ConversationId(name) if name and _CONVERSATION.fullmatch(name) else None


def conversation_of(request: Request) -> ConversationId | None:
    """The conversation this browser holds, if any."""
    return conversation_named(request.cookies.get(CONVERSATION_COOKIE))


def keep_conversation(response: Response, conversation: ConversationId, *, secure: bool) -> None:
    """Remember the conversation until the browser closes: computers are shared."""
    response.set_cookie(CONVERSATION_COOKIE, conversation, httponly=True, samesite="lax", secure=secure)


def forget_conversation(response: Response, *, secure: bool) -> None:
    """Drop the conversation from the browser; the record stays."""
    response.delete_cookie(CONVERSATION_COOKIE, httponly=True, samesite="lax", secure=secure)


def keep_language(response: Response, language: str, *, secure: bool) -> None:
    """Remember the language a person chose for a year."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
