"""An outsider follows a log over HTTP with nothing but its checkpoints and tiles; and the server signs by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from audit.checkpoint import opened, verifier_of
from audit.clock_steps import ClockWatch
from audit.log import DeskLog
from audit.merkle import consistency, extends, tree_root
from audit.prepare import prepare
from audit.proofs import DeskProofs
from audit.tiles import Tile, TileNodes, path_of
from bot.adapters.clock import SystemClock
from bot.ports import LogUnavailable
from bot.records import DeskName
from tests.audit.entries import opened as opening
from tests.audit.logs_kit import KeptLog
from tests.fakes_web import FakeDesk, web_state
from web.app import create_app
from web.assembly import build
from web.doors import LogDoor
from web.fitting import web_state as web_doors
from web.sequencing import LONGEST_WAIT_SECONDS, MOST_WAITING, Keeper, late, sequencing
from web.settings import Settings


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptLog]:
    made = KeptLog(tmp_path / "public")
    yield made
    made.close()


def door(proofs: DeskProofs) -> LogDoor:
    return LogDoor(proofs.checkpoint, proofs.tile, lambda: proofs.verifier().text)


@pytest.fixture
def client(kept: KeptLog) -> TestClient:
    state = replace(web_state(FakeDesk()), logs={"public": door(kept.proofs)})
    return TestClient(create_app(state), follow_redirects=False)


def nodes_over(client: TestClient, size: int) -> TileNodes:
    """The tree of this size from tiles alone; shorter ones by the path that names their width."""

    def read(level: int, number: int) -> bytes:
        width = min(256, (size >> 8 * level) - 256 * number)
        answer = client.get(f"/log/public/tile/{path_of(Tile(level, number, width))}")
        assert answer.status_code == 200
        return answer.content

    return TileNodes(read)


def test_a_witness_follows_the_log(client: TestClient, kept: KeptLog) -> None:
    assert client.get("/log/public/checkpoint").status_code == 404
    key = verifier_of(client.get("/log/public/key").text.strip())
    before = None
    for more in (3, 260, 40):
        for _ in range(more):
            kept.log.append(opening())
        kept.sequence()
        answer = client.get("/log/public/checkpoint")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"
        head = opened(answer.text, key)
        nodes = nodes_over(client, head.size)
        assert tree_root(head.size, nodes) == head.root
        if before is not None:
            assert extends(before.size, before.root, head.size, head.root, consistency(before.size, head.size, nodes))
        before = head


def test_tiles_are_kept_for_ever_and_shorter_ones_shortly(client: TestClient, kept: KeptLog) -> None:
    for _ in range(257):
        kept.log.append(opening())
    kept.sequence()
    full = client.get("/log/public/tile/0/000")
    assert (len(full.content), full.headers["content-type"]) == (256 * 32, "application/octet-stream")
    assert full.headers["cache-control"] == "public, max-age=31536000, immutable"
    part = client.get("/log/public/tile/0/000.p/7")
    assert part.content == full.content[: 7 * 32]
    assert part.headers["cache-control"] == "public, max-age=60"
    assert client.get("/log/public/tile/0/001.p/1").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "public/tile/0/000", "public/tile/0/000.p/256", "public/tile/9", "public/tile/entries/000", "public/entries",
        "public/tile/0/../../../log.sqlite", "staff/checkpoint", "system/key", "public", "", "public/tile/",
    ],
)  # fmt: skip
def test_nothing_else_is_served(client: TestClient, kept: KeptLog, path: str) -> None:
    kept.log.append(opening(question="外に出ない問い"))
    kept.sequence()
    answer = client.get(f"/log/{path}")
    assert answer.status_code == 404
    assert "外に出ない問い" not in answer.text


def test_a_log_that_is_away_and_a_flood(client: TestClient, kept: KeptLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise LogUnavailable("missing")

    broken = LogDoor(away, kept.proofs.tile, away)
    sick = TestClient(create_app(replace(web_state(FakeDesk()), logs={"public": broken})))
    assert sick.get("/log/public/checkpoint").status_code == 503
    monkeypatch.setattr("web.witness._PER_MINUTE", 2)
    strict = TestClient(create_app(replace(web_state(FakeDesk()), logs={"public": door(kept.proofs)})))
    assert [strict.get("/log/public/key").status_code for _ in range(3)] == [200, 200, 429]


# The server signs


@dataclass
class Hands:
    """A clock that can be set, and time that passes."""

    wall: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    passed: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def go(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.passed += seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def keeper(kept: KeptLog, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    log = DeskLog(kept.directory, hands)
    monkeypatch.setattr("web.sequencing.ClockWatch", lambda clock: ClockWatch(clock, lambda: hands.passed))
    return Keeper("public", log, kept.proofs, hands, lambda: hands.passed)


def test_entries_are_signed_in_time(keeper: Keeper, kept: KeptLog, hands: Hands) -> None:
    keeper.look()
    kept.log.append(opening())
    keeper.look()
    assert kept.proofs.checkpoint() is None
    hands.go(LONGEST_WAIT_SECONDS)
    keeper.look()
    assert kept.rows("SELECT size FROM checkpoints") == [(1,)]
    hands.go(1000)
    keeper.look()
    assert kept.rows("SELECT size FROM checkpoints") == [(1,)]  # nothing new, nothing signed
    for _ in range(MOST_WAITING):
        kept.log.append(opening())
    keeper.look()
    assert kept.proofs.waiting() == 0


def test_a_set_clock_is_written_down(keeper: Keeper, kept: KeptLog, hands: Hands) -> None:
    kept.log.append(opening())
    hands.wall -= timedelta(hours=1)
    keeper.look()
    hands.go(LONGEST_WAIT_SECONDS)
    keeper.look()
    kinds = [kind for (kind,) in kept.rows("SELECT kind FROM entries ORDER BY sequence")]
    assert kinds == ["exchange.opened", "clock.step"]
    assert kept.proofs.verify().well


def test_a_log_that_is_away_is_tried_again(
    keeper: Keeper, kept: KeptLog, hands: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.log.append(opening())
    kept.close()
    hands.wall += timedelta(hours=1)
    files = [file for file in kept.directory.iterdir() if file.name.startswith("log.sqlite")]
    for file in files:
        file.rename(file.with_name(f"away-{file.name}"))
    hands.go(100)
    keeper.look()
    assert "checkpoint_failed" in capsys.readouterr().out
    for file in files:
        file.with_name(f"away-{file.name}").rename(file)
    keeper.look()
    assert kept.proofs.waiting() == 1  # not at once: a log that is away fills no lines
    hands.go(10)
    keeper.look()
    assert kept.proofs.waiting() == 0
    assert kept.rows("SELECT kind FROM entries WHERE sequence > 1") == [("clock.step",)]  # what was seen is not lost


def test_operators_are_told_of_entries_without_a_checkpoint(kept: KeptLog, hands: Hands) -> None:
    log = DeskLog(kept.directory, hands)
    house = SimpleNamespace(
        desks={"public": SimpleNamespace(clock=hands)},
        proofs={"public": kept.proofs, "system": SimpleNamespace(waiting_since=lambda: None)},
        settings=SimpleNamespace(served=frozenset({"public"})),
    )
    log.append(opening())
    hands.go(60)
    assert late(house) == {}
    hands.go(1)
    assert late(house).keys() == {"checkpoint_public"}
    kept.sequence()
    assert late(house) == {}


def test_the_house_signs_its_logs_and_shows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real wiring: three logs, one thread, doors for what this process serves."""
    monkeypatch.setattr("web.sequencing.LONGEST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr("web.sequencing._LOOK_SECONDS", 0.02)
    house = build(Settings(data=tmp_path, desks="public"))
    for name in (*DeskName, "system"):
        prepare(tmp_path / name, f"example.org/{name}", SystemClock())
    with ThreadPoolExecutor(1) as pool, sequencing(house):
        house.logs[DeskName.PUBLIC].append(opening())
        until = time.monotonic() + 20
        while house.proofs["public"].checkpoint() is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        house.system.append(opening())
        doors = web_doors(house, pool).logs
        assert doors.keys() == {"public", "system"}
        assert (doors["public"].checkpoint() or "").startswith("example.org/public\n1\n")
    assert all(proofs.waiting() == 0 for proofs in house.proofs.values())  # the last look, at the end
    assert late(house) == {}
    house.close()
