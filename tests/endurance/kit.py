"""What the endurance tests share: how long they run, their figures, a house that is quick to ask, a real server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.records import DeskName
from knowledge.ingest import ingest
from knowledge.shelf import SnapshotShelf
from tests.fakes_knowledge import FakeEmbedder
from tests.house_kit import ROOT, SmallHouse, command_environment
from web import assembly

SHARE = float(os.environ.get("MADOGUCHI_SOAK") or 0)
"""How much of the long form: 1 is all of it (make soak), 0.1 a tenth, 0 the short form."""

SOAK = SHARE > 0
PATIENT = pytest.mark.timeout(0 if SOAK else 300)
"""A long form takes as long as it takes."""

FIGURES: list[dict[str, object]] = []
"""What was measured in this run; conftest prints it at the end."""


def amount(short: int, long: int) -> int:
    """How many: as many as the short form has, or the share of the long one that was asked for."""
    return max(short, round(long * SHARE))


def report(test: str, **figures: object) -> None:
    """Keep the figures for the end of the run, and at once in the file MADOGUCHI_FIGURES, one JSON object a line."""
    line: dict[str, object] = {"test": test, "form": f"long {SHARE:g}" if SOAK else "short", **figures}
    FIGURES.append(line)
    if file := os.environ.get("MADOGUCHI_FIGURES"):
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")


def part(values: list[float], share: float) -> float:
    """A quantile, rounded for the report."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 1)


class Forgetful(FakeEmbedder):
    """The fake embedder for a hundred thousand questions: it keeps none, and fails where it is told to."""

    def query(self, text: str) -> tuple[float, ...]:
        if self.fails is not None:
            raise type(self.fails)(text)  # a fault whose message holds what a person wrote
        return self._vector(text)


def with_fake_embedder(small: SmallHouse, embedder: FakeEmbedder) -> assembly.House:
    """The same house over directories of its own for the knowledge: all is real but the embedding."""
    house = small.house
    shelves = {}
    for name in DeskName:
        directory = small.data / "fake" / name.value
        ingest([small.corpus], name, directory, embedder, house.analyzer)
        shelves[name] = SnapshotShelf(directory, embedder, house.analyzer)
    desks = {name: replace(desk, shelf=shelves[name]) for name, desk in house.desks.items()}
    return replace(house, desks=desks, shelves=shelves, embedder=embedder)


def mark_prepared(small: SmallHouse) -> None:
    """The start is to find its bundled notes indexed, so that a server starts with the three small ones alone."""
    digest = assembly._bundled_digest(small.house.embedder.stamp.digest)
    for name in DeskName:
        (small.data / name.value / "bundled.sha256").write_text(digest, "ascii")


@dataclass
class Server:
    """A real server process of this software."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=30)


def start_server(data: Path, *, before: str = "", **environment: str) -> Server:
    """``madoguchi serve`` over a data directory, once it is ready; ``before`` is a program that runs first in it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = (data.parent / "server.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-c", f"{before}\nfrom web.cli import main\nmain()", "serve", "--port", str(port)],
        cwd=ROOT,
        stdout=log,
        stderr=log,
        env=command_environment(data, **environment),
    )
    log.close()
    server = Server(process, port)
    end = time.monotonic() + 120
    while not _ready(server):
        assert process.poll() is None, (data.parent / "server.log").read_text("utf-8")
        assert time.monotonic() < end, "the server did not start in time"
        time.sleep(0.1)
    return server


def _ready(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.address}/readyz", timeout=10) as answered:
            return bool(answered.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def serving(data: Path, *, before: str = "", **environment: str) -> Iterator[Server]:
    server = start_server(data, before=before, **environment)
    try:
        yield server
    finally:
        server.process.terminate()
        try:
            server.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
