"""The server as it runs: its port, what the network may do to it, and what it writes."""

from __future__ import annotations

import io
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.fakes_web import FakeDesk, web_state
from web import connections
from web.app import create_app
from web.cli_support import Stop
from web.loglines import MOST_A_MINUTE, LibraryLimit, LibraryLine, LineLimit, limited
from web.security import client_of
from web.serving import configured, listening
from web.settings import Settings

ANY = Settings(port=0)


@contextmanager
def serving(server: uvicorn.Server, listener: socket.socket) -> Iterator[int]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.02)
    yield int(listener.getsockname()[1])
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def port() -> Iterator[int]:
    app = create_app(web_state(FakeDesk()))
    with serving(uvicorn.Server(configured(ANY, app)), listening(ANY)) as number:
        yield number


def said(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Everything the server answers to these pieces, until it closes."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        try:
            for piece in pieces:
                wire.sendall(piece)
                time.sleep(pause)
            while more := wire.recv(65536):
                came += more
        except ConnectionError:
            pass
    return came


def test_the_system_chooses_a_port_and_it_is_the_one_told() -> None:
    with listening(ANY) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        with pytest.raises(Stop, match=f"port {port}"):
            listening(Settings(port=port))


def test_a_request_that_never_becomes_whole_is_ended(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ARRIVAL_SECONDS", 0.5)
    start = time.monotonic()
    assert said(port) == b""
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n"
    assert said(port, head, b"q").startswith(b"HTTP/1.1 408")
    assert said(port, b"G", b"E", b"T", b" ", b"/", pause=0.05).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - start < 10


def test_a_head_has_its_limit(port: int) -> None:
    pieces = [b"GET / HTTP/1.1\r\n", *[b"x-more: " + b"a" * 16_000 + b"\r\n"] * 5]
    assert said(port, *pieces, pause=0.1).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("address", [b"/about/", b"/api/v1/public/exchanges/", b"//evil.example/", b"/healthz/"])
def test_no_address_leads_to_the_host_that_a_request_names(port: int, address: bytes) -> None:
    answer = said(port, b"GET " + address + b" HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 405"))
    assert b"location:" not in answer.lower()
    assert b'href="//' not in answer


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setenv("WEB_CONCURRENCY", "many")
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            seen.append(client_of(Request(scope)))
            await PlainTextResponse("")(scope, receive, send)

    request = b"GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.7\r\nconnection: close\r\n\r\n"
    for proxies in ("10.0.0.1", "127.0.0.1"):
        settings = Settings(port=0, secure=True, proxies=proxies)
        with serving(uvicorn.Server(configured(settings, app)), listening(settings)) as port:
            said(port, request)
    assert seen == ["127.0.0.1", "192.0.2.7"]


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.8", "192.0.2.8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("<script>", "unknown"),
        ("1.2.3.4.5", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_whom_a_request_is_counted_for(host: str | None, counted: str) -> None:
    client = None if host is None else (host, 1)
    assert client_of(Request({"type": "http", "client": client, "headers": []})) == counted


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What libraries write, by the rules of the command, whatever servers of other tests did to their loggers."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        for what, value in (("propagate", True), ("disabled", False), ("handlers", []), ("level", logging.NOTSET)):
            monkeypatch.setattr(logging.getLogger(name), what, value)
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]  # levels are remembered per logger
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LibraryLine())
    handler.addFilter(LibraryLimit(LineLimit()))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_bad_requests_write_little_and_nothing_of_themselves(port: int, lines: io.StringIO) -> None:
    for number in range(MOST_A_MINUTE + 20):
        said(port, f"SECRET-{number} \x01 HTTP/9\r\n\r\n".encode())
    said(port, b"GET /SECRET HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: SECRET\r\n\r\n")
    written = lines.getvalue().splitlines()
    assert 0 < len(written) <= MOST_A_MINUTE
    assert "SECRET" not in lines.getvalue()
    assert json.loads(written[0])["logger"] == "uvicorn.error"


def test_a_library_s_line_has_no_values(lines: io.StringIO) -> None:
    log = logging.getLogger("some.library")
    try:
        int("SECRET")
    except ValueError:
        log.exception("cannot read %r", "SECRET")
    log.error("Task exception was never retrieved\nfuture: <Task exception=ValueError('SECRET')>")
    log.error(ValueError("SECRET"))
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["event"], line.get("kind")) for line in told] == [
        ("cannot read %r", "ValueError"),
        ("Task exception was never retrieved", None),
        ("ValueError", None),
    ]


def test_so_many_lines_a_minute_of_each_kind() -> None:
    moment = [0.0]
    limit = LineLimit(3, lambda: moment[0])
    assert [limit.takes("a") for _ in range(5)] == [0, 0, 0, None, None]
    assert limit.takes("b") == 0
    moment[0] = 61.0
    assert [limit.takes("a"), limit.takes("a")] == [2, 0]


def test_our_own_lines_are_limited_and_say_what_was_left_out() -> None:
    moment = [0.0]
    process: Callable[..., dict[str, object]] = limited(LineLimit(1, lambda: moment[0]))  # type: ignore[assignment]
    assert process(None, "error", {"event": "x"}) == {"event": "x"}
    with pytest.raises(structlog.DropEvent):
        process(None, "error", {"event": "x"})
    moment[0] = 60.0
    assert process(None, "error", {"event": "x"}) == {"event": "x", "left_out": 1}
