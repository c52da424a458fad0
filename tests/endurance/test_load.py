"""Many clients at once, and a thousand who only hold the line, against a real server process."""

from __future__ import annotations

import json
import random
import re
import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Lock

import psutil
import pytest

from tests.endurance.kit import PATIENT, SHARE, SOAK, Server, amount, mark_prepared, part, report, serving
from tests.endurance.strange import API
from tests.house_kit import BUDGET_QUESTION, FLOODGATE_QUESTION, MIRROR_QUESTION, small_house
from web.connections import ARRIVAL_SECONDS, HEAD_LIMIT

pytestmark = PATIENT
CLIENTS = 32
SECONDS = amount(5, 300)
IDLE = 1_000
PATIENCE = int(ARRIVAL_SECONDS) if SOAK else 3
SLOPE_LIMIT = 2.0  # MiB a minute, in the whole long form
REMEMBERED = 200
# The server starts with fewer files than there will be connections, and in the short form waits less for requests. It
# remembers few questions, so that a memory which fills for minutes is not taken for one that never ends.
BEFORE = f"""
import resource, knowledge.adapters.embedding, knowledge.shelf, web.connections
knowledge.adapters.embedding.REMEMBERED_QUERIES = knowledge.shelf.REMEMBERED = {REMEMBERED}
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
web.connections.ARRIVAL_SECONDS = {PATIENCE}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Each client has an address of its own, as behind a trusted proxy; the rate is what one busy person would ask."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < IDLE * 2:
        pytest.skip("this system does not allow so many connections in one process")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE * 2), hard))
    made = small_house(tmp_path_factory.mktemp("load"))
    mark_prepared(made)
    made.house.close()
    with serving(made.data, before=BEFORE, MADOGUCHI_SECURE="1", MADOGUCHI_REQUESTS_PER_MINUTE="240") as running:
        yield running


@dataclass
class Heard:
    """What all clients heard."""

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def note(self, status: int, outcome: str, milliseconds: float) -> None:
        with self.lock:
            self.statuses[status] += 1
            if status == 200:
                self.outcomes[outcome] += 1
                self.milliseconds.append(milliseconds)


def post(connection: HTTPConnection, question: str, conversation: str | None, client: int) -> HTTPResponse:
    members = {"question": question} | ({"conversation": conversation} if conversation else {})
    headers = {"content-type": "application/json", "x-forwarded-for": f"10.0.0.{client}"}
    connection.request("POST", API, json.dumps(members), headers)
    return connection.getresponse()


def client(server: Server, number: int, until: float, heard: Heard) -> None:
    """One person who asks on: new and repeated questions, alone and in a conversation, each answer read whole."""
    chance = random.Random(number)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    count, conversation = 0, None
    while time.monotonic() < until:
        count += 1
        question = chance.choice((BUDGET_QUESTION, FLOODGATE_QUESTION, MIRROR_QUESTION))
        if chance.random() < 0.7:
            question += f"（{number}の{count}）"
        start = time.perf_counter()
        came = post(connection, question, conversation if chance.random() < 0.5 else None, number)
        body = json.loads(came.read())
        heard.note(came.status, str(body.get("reason")), (time.perf_counter() - start) * 1000)
        conversation = body.get("conversation")
        if came.status == 429:
            time.sleep(1)
    connection.close()


def test_many_clients_get_answers_and_memory_stays(server: Server) -> None:
    heard, process = Heard(), psutil.Process(server.process.pid)
    start = time.monotonic()
    memory: list[tuple[float, float]] = []
    with ThreadPoolExecutor(CLIENTS) as people:
        asking = [people.submit(client, server, number, start + SECONDS, heard) for number in range(CLIENTS)]
        while not all(each.done() for each in asking):
            memory.append((time.monotonic() - start, own_memory(process)))
            time.sleep(0.5)
        for each in asking:
            each.result()
    warm = [each for each in memory if each[0] >= SECONDS * 0.5]
    grown = slope(warm) * 60
    report(
        "load",
        clients=CLIENTS,
        seconds=SECONDS,
        answers=heard.statuses[200],
        answers_per_second=round(heard.statuses[200] / SECONDS, 1),
        statuses=dict(heard.statuses),
        outcomes=dict(heard.outcomes),
        p50_ms=part(heard.milliseconds, 0.5),
        p95_ms=part(heard.milliseconds, 0.95),
        memory_mib_ten_times=[round(memory[len(memory) * tenth // 10][1], 1) for tenth in range(10)],
        memory_mib_at_the_end=round(memory[-1][1], 1),
        memory_mib_per_minute=round(grown, 2),
    )
    assert set(heard.statuses) <= {200, 429}
    assert set(heard.outcomes) <= {"documents", "service"}
    if SHARE >= 1:
        assert grown <= SLOPE_LIMIT


def own_memory(process: psutil.Process) -> float:
    """MiB that the process has asked for. Pages of the model's file, which come in with the first texts that need them,
    are not counted where the system tells them apart.
    """
    status = Path(f"/proc/{process.pid}/status")
    if status.exists() and (found := re.search(r"RssAnon:\s+(\d+) kB", status.read_text("ascii"))):
        return int(found[1]) / 1024
    return float(process.memory_info().rss) / 2**20


def slope(points: list[tuple[float, float]]) -> float:
    """Of the line with the least squares."""
    middle = sum(x for x, _ in points) / len(points)
    height = sum(y for _, y in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * (y - height) for x, y in points) / spread if spread else 0.0


HALVES = (
    b"",
    b"\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    b"POST /api/v1/public/exchanges HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n{",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /heal",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
)


def test_a_thousand_idle_connections_do_no_harm(server: Server) -> None:
    process = psutil.Process(server.process.pid)
    before = process.num_fds()
    opened = time.monotonic()
    idle = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(IDLE)]
    for number, each in enumerate(idle):
        each.sendall(HALVES[number % len(HALVES)])
    open_at_once = 0
    milliseconds: list[float] = []
    for number in range(10):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        start = time.perf_counter()
        came = post(connection, f"{BUDGET_QUESTION}（待ち{number}）", None, 200)
        assert (came.status, json.loads(came.read())["reason"]) == (200, "documents")
        milliseconds.append((time.perf_counter() - start) * 1000)
        connection.close()
        open_at_once = max(open_at_once, process.num_fds() - before)
        drip(idle)
    while process.num_fds() > before + 5:
        drip(idle)
        assert time.monotonic() - opened < PATIENCE + 20, f"{process.num_fds() - before} connections stay open"
        time.sleep(0.2)
    closed = time.monotonic() - opened
    for each in idle:
        each.close()
    report(
        "idle connections",
        opened=IDLE,
        open_at_once=open_at_once,
        all_closed_after_seconds=round(closed, 1),
        answer_p50_ms=part(milliseconds, 0.5),
        answer_max_ms=part(milliseconds, 1.0),
    )
    assert open_at_once > IDLE * 0.6


def drip(idle: list[socket.socket]) -> None:
    """A byte more for those who send slowly: that they send at all must not keep them in the line."""
    for each in idle[2 :: len(HALVES)][:40]:
        try:
            each.sendall(b"x")
        except OSError:
            continue


def test_a_head_without_end_is_cut_off(server: Server) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as endless, suppress(OSError):
        endless.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nCookie: ")
        while sent < 100 * HEAD_LIMIT:
            sent += endless.send(b"a" * 65_536)
            time.sleep(0.01)
    assert sent < 100 * HEAD_LIMIT
