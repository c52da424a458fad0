"""One request at the site as the server would hand it over, and all that comes back: headers and body, unpacked."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import unquote, urlencode

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True, slots=True)
class Sent:
    """A request. ``path`` is quoted, as it stands in an address."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def told(self) -> str:
        """The request in short, for a failure's message."""
        return (
            f"{self.method} {unquote(self.path)} {dict(self.query)} cookies={sorted(self.cookies)} {self.body[:200]!r}"
        )


@dataclass(frozen=True, slots=True)
class Came:
    """What came back; ``whole`` is every byte of it that somebody could read."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def cookies(self) -> Mapping[str, str]:
        kept: SimpleCookie = SimpleCookie()
        for key, value in self.headers:
            if key == "set-cookie":
                kept.load(value)
        return {name: each.value for name, each in kept.items()}

    @property
    def whole(self) -> bytes:
        headers = "\n".join(f"{key}: {value}" for key, value in self.headers)
        return headers.encode("latin-1") + b"\n\n" + self.body


def form(**fields: str) -> tuple[bytes, dict[str, str]]:
    """A form's body and the header that says so."""
    return urlencode(fields).encode(), {"content-type": "application/x-www-form-urlencoded"}


async def send(app: ASGIApp, sent: Sent) -> Came:
    """Send one request and unpack what comes back."""
    cookies = "; ".join(f"{name}={value}" for name, value in sent.cookies.items())
    headers = {"host": "127.0.0.1", "accept-encoding": "gzip", **sent.headers}
    headers |= {"cookie": cookies} if cookies else {}
    headers |= {"content-length": str(len(sent.body))} if sent.body else {}
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "method": sent.method,
        "path": unquote(sent.path),
        "raw_path": sent.path.encode(),
        "query_string": urlencode(sent.query).encode(),
        "headers": [(name.lower().encode(), value.encode("utf-8")) for name, value in headers.items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    waiting = [{"type": "http.request", "body": sent.body, "more_body": False}]
    came: list[Message] = []

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()  # the browser waits for its answer
        return waiting.pop()

    async def take(message: Message) -> None:
        came.append(message)

    await app(scope, receive, take)
    assert came, f"nothing came back: {sent.told()}"
    body = b"".join(message.get("body", b"") for message in came)
    answered = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in came[0]["headers"]]
    if ("content-encoding", "gzip") in answered and body:
        body = gzip.decompress(body)
    return Came(came[0]["status"], answered, body)
