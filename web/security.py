"""What every door demands and every response carries: headers, limits, the same site."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from fastapi import Request, Response
from limits import RateLimitItemPerMinute
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
LANGUAGE_COOKIE = "madoguchi_language"
_YEAR = 365 * 24 * 60 * 60


class Refusal(Exception):
    """A door turns a request away: HTTP status, the key of the one sentence that says what to do, seconds to wait.

    ``danger`` is the fixed text to show first, where what was turned away tells of danger.
    """

    def __init__(self, status: int, key: str, retry_after: int | None = None, danger: str | None = None) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.retry_after = retry_after
        self.danger = danger


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
        try:
            body = await self._read(Request(scope), receive)
        except ClientDisconnect:  # half a question is nobody's question, and nobody waits for an answer
            return
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
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > self._limit:
                return None
            more = message.get("more_body", False)
        return bytes(body)


class BadStorage(Exception):
    """The store of request counts cannot be used; the message says what to do."""


def storage_at(address: str) -> Storage:
    """The store of request counts at a ``limits`` address. Raises BadStorage; does not connect yet."""
    try:
        made = storage_from_string(address, wrap_exceptions=True)
    except (ConfigurationError, ImportError, ValueError, TypeError, AssertionError):
        made = None  # the library's message may hold the address with its password
    if not isinstance(made, Storage):
        raise BadStorage(
            "MADOGUCHI_LIMITS_STORAGE cannot be used: no such kind of store, or its client is not installed; "
            "memory:// needs nothing"
        )
    return made


class RateLimit:
    """A moving window of requests per client. ``purpose`` keeps windows over the same store apart."""

    def __init__(self, per_minute: int, storage: Storage, purpose: str) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(storage)
        self._purpose = purpose

    def allows(self, request: Request) -> bool:
        """Count one request. False where it is one too many. Raises Refusal (503) where nothing can be counted."""
        try:
            return self._limiter.hit(self._item, self._purpose, client_of(request))
        except StorageError:
            raise Refusal(503, "error.busy", retry_after=5) from None

    def demand(self, request: Request) -> None:
        """Count one request. Raises Refusal (429) with the seconds until the next one is allowed."""
        if not self.allows(request):
            reset = self._limiter.get_window_stats(self._item, self._purpose, client_of(request)).reset_time
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
    """The address a client is counted by. Behind a proxy the server (not this code) decides whose word to take.

    IPv6 clients count by their /64, which one household owns; what is no address shares one count.
    """
    host = request.client.host.partition("%")[0] if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:  # how a socket for both families shows an IPv4 client
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def demand_same_site(request: Request) -> None:
    """Refuse a form that another site sent. Raises Refusal (403).

    Browsers say so in Sec-Fetch-Site; those that do not know it name the sending page's origin. Who sends neither is
    no browser that holds somebody's cookie.
    """
    told = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = told in ("cross-site", "same-site") if told else origin is not None and not _ours(request, origin)
    if foreign:
        raise Refusal(403, "error.foreign")


def _ours(request: Request, origin: str) -> bool:
    try:
        named = urlsplit(origin)
        return named.scheme in ("http", "https") and named.netloc.lower() == request.headers.get("host", "").lower()
    except ValueError:
        return False


def plain(text: str) -> str:
    """What somebody typed, with plain line ends and no blank edges."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def checked_question(text: str) -> str:
    """The question, plain. Raises Refusal (422) if empty or over the limit."""
    question = plain(text)
    if not question:
        raise Refusal(422, "error.empty")
    if len(question) > QUESTION_LIMIT:
        raise Refusal(422, "error.long")
    return question


def keep_language(response: Response, language: str, *, secure: bool) -> None:
    """Remember the language a person chose for a year."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
