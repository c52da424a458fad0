"""Anything that can be sent, through the doors of the real application: an outcome for every question, nothing raw."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.types import ASGIApp, Message, Scope

from bot.records import DeskName, ExchangeId, Outcome
from tests.endurance.kit import PATIENT, SOAK, Forgetful, amount, part, report, with_fake_embedder
from tests.endurance.strange import API, ELEMENT, Sent, Strange
from tests.house_kit import small_house
from tests.running import run
from tests.written import service_lines
from web.app import create_app
from web.assembly import House
from web.fitting import web_state, worker_pool

pytestmark = PATIENT
QUESTIONS = amount(80, 100_000)
REAL_ONE_IN = 20 if SOAK else 10  # the share that goes through the real embedding model
FAULT_EVERY = 10  # rounds: then the embedder fails, with the question in its message
AT_ONCE = 8
PIECE = 12
OUTCOMES = {(outcome.family, outcome.reason) for outcome in Outcome}
FORBIDDEN = (
    f"{ELEMENT}, iframe, object, embed, svg, math, base, style, img, [onload], [onerror], [onclick], [{ELEMENT}]"
)
STATUSES = {200, 303, 307, 400, 403, 404, 405, 413, 422}


@dataclass
class Seen:
    """What came back."""

    statuses: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    exchanges: set[str] = field(default_factory=set)
    recorded: int = 0
    milliseconds: list[float] = field(default_factory=list)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    with service_lines(monkeypatch, logging.WARNING) as written:
        yield written


def test_every_question_has_an_outcome_and_nothing_raw_comes_back(tmp_path: Path, lines: io.StringIO) -> None:
    small = small_house(tmp_path, requests_per_minute=10_000_000)
    embedder = Forgetful()
    start = time.monotonic()
    seen = Seen()
    real = QUESTIONS // REAL_ONE_IN
    run(_fuzz(with_fake_embedder(small, embedder), QUESTIONS - real, Strange(1), seen, lines))
    run(_fuzz(small.house, real, Strange(2), seen, lines))
    with closing(sqlite3.connect(small.data / DeskName.PUBLIC / "log.sqlite")) as log:
        kinds = dict(log.execute("SELECT kind, count(*) FROM entries GROUP BY kind"))
    assert kinds["exchange.opened"] == kinds["exchange.closed"] == seen.recorded >= QUESTIONS
    for exchange in sorted(seen.exchanges)[:: max(1, len(seen.exchanges) // 200)]:
        found = small.house.logs[DeskName.PUBLIC].exchange(ExchangeId(exchange))
        assert found is not None
        assert found.receipt is not None
    small.house.close()
    report(
        "fuzz",
        questions=seen.recorded,
        with_the_real_model=real,
        requests=seen.statuses.total(),
        seconds=round(time.monotonic() - start),
        statuses=dict(sorted(seen.statuses.items())),
        outcomes=dict(seen.outcomes.most_common()),
        p50_ms=part(seen.milliseconds, 0.5),
        p95_ms=part(seen.milliseconds, 0.95),
    )


async def _fuzz(house: House, count: int, strange: Strange, seen: Seen, lines: io.StringIO) -> None:
    pool = worker_pool(house.settings)
    app = create_app(web_state(house, pool))
    goal, rounds = seen.recorded + count, 0
    while seen.recorded < goal:
        rounds += 1
        failing = isinstance(house.embedder, Forgetful) and rounds % FAULT_EVERY == 0
        if isinstance(house.embedder, Forgetful):
            house.embedder.fails = (RuntimeError, ValueError, MemoryError)[rounds % 3]("") if failing else None
        batch = [strange.request() for _ in range(AT_ONCE)]
        answers = await asyncio.gather(*(_send(app, sent) for sent in batch))
        for sent, answer in zip(batch, answers, strict=True):
            _check(sent, answer, seen, strange, failing=failing)
        _nothing_of(batch, lines)
    pool.shutdown()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[bytes, bytes]
    body: bytes
    milliseconds: float


async def _send(app: ASGIApp, sent: Sent) -> Answer:
    """One request as the server would hand it over, byte for byte."""
    path, _, query = sent.path.partition("?")
    headers = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in sent.headers.items()]
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
        "method": sent.method, "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "headers": headers, "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    given = iter([{"type": "http.request", "body": sent.body, "more_body": False}])
    came: list[Message] = []

    async def receive() -> Message:
        return next(given, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        came.append(message)

    start = time.perf_counter()
    await app(scope, receive, send)
    milliseconds = (time.perf_counter() - start) * 1000
    body = b"".join(message.get("body", b"") for message in came)
    return Answer(came[0]["status"], dict(came[0]["headers"]), body, milliseconds)


def _check(sent: Sent, answer: Answer, seen: Seen, strange: Strange, *, failing: bool) -> None:
    seen.statuses[answer.status] += 1
    assert answer.status in STATUSES, (sent.method, sent.path[:80], answer.status, sent.body[:200])
    kind = answer.headers.get(b"content-type", b"").decode()
    if kind.startswith("text/html"):
        _page_is_ours(answer.body)
        # A question that is too long comes back in its own box, sign by sign as it was typed.
        assert answer.status == 422 or not {0x00, 0x1B} & set(answer.body)
    if sent.path == API and answer.status == 200:
        _exchange(answer, seen, strange, failing=failing)
    elif sent.path == "/" and sent.method == "POST" and answer.status in (200, 303):
        seen.recorded += 1
        seen.milliseconds.append(answer.milliseconds)
        assert answer.status == 303 or b"<code>" in answer.body
    elif sent.whole:
        pytest.fail(f"not answered: {answer.status} {sent.body[:300]!r}")
    elif kind.startswith("application/json") and answer.status >= 400:
        assert json.loads(answer.body).keys() == {"error"}


def _exchange(answer: Answer, seen: Seen, strange: Strange, *, failing: bool) -> None:
    made = json.loads(answer.body)
    assert (made["outcome"], made["reason"]) in OUTCOMES
    assert made["outcome"] != "failed" or failing, made["reason"]
    assert made["receipt"]["code"]
    for raw in ("<script", ELEMENT, "\x1b", "\x00", "DROP TABLE", "090-1234-5678"):
        assert raw not in made["reply"]
    seen.recorded += 1
    seen.outcomes[f"{made['outcome']}.{made['reason']}"] += 1
    seen.exchanges.add(made["exchange"])
    seen.milliseconds.append(answer.milliseconds)
    strange.remember(made["exchange"], made["conversation"])


def _page_is_ours(body: bytes) -> None:
    """Parsed as a browser would, a page has no element or attribute of the question's."""
    page = LexborHTMLParser(body.decode("utf-8"))
    assert page.css(FORBIDDEN) == []
    for script in page.css("script"):
        assert (script.attributes.get("src") or "").startswith("/static/")
    for link in page.css("a"):
        assert (link.attributes.get("href") or "").startswith(("/", "#", "http", "tel:", "?"))


def _nothing_of(batch: Sequence[Sent], lines: io.StringIO) -> None:
    """No twelve signs of any question of the batch stand in what was written meanwhile."""
    written = lines.getvalue()
    lines.seek(0)
    lines.truncate()
    if not written:
        return
    assert "boundary" not in written  # what the form library would say of it, byte by byte
    pieces = {written[at : at + PIECE] for at in range(len(written) - PIECE + 1)}
    for sent in batch:
        for spelt in {sent.question, json.dumps(sent.question)[1:-1], repr(sent.question)[1:-1]}:
            assert not [piece for piece in pieces if piece in spelt], written
