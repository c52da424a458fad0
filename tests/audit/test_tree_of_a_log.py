"""The tree over a log: indices given once and densely, one head, checkpoints that hold, and what breaks is seen."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import update

from audit import sequencer
from audit.checkpoint import Checkpoint, opened, signed
from audit.clock_steps import ClockWatch, entry_of
from audit.keys import load_keys
from audit.leaves import leaf_hash
from audit.log import DeskLog
from audit.merkle import consistency, extends, includes, inclusion, root_of
from audit.migrate import SCRIPTS, upgrade
from audit.sequencer import Overtaken, sequence
from audit.tables import HEAD
from audit.tiles import Tile, TileNodes, tiles_of
from bot.ports import LogUnavailable
from tests.audit.entries import ORIGIN, closed, fresh_log, whole_exchange
from tests.audit.entries import opened as opening
from tests.audit.logs_kit import KeptLog, any_log
from tests.fakes_audit import TickingClock

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptLog]:
    place = request.getfixturevalue("postgres") if request.param == "postgres" else None
    made = KeptLog(tmp_path / "public", place=place)
    yield made
    made.close()


def leaves(kept: KeptLog) -> list[bytes]:
    return [leaf_hash(leaf) for (leaf,) in kept.rows("SELECT leaf FROM entries ORDER BY sequence")]


def test_entries_get_their_index_in_the_order_they_were_written(kept: KeptLog) -> None:
    assert kept.proofs.checkpoint() is None
    assert kept.proofs.sequence().added == 0
    for number in range(5):
        whole_exchange(kept.log, f"c-{number % 2}")
        done = kept.proofs.sequence()
        assert (done.added, done.size) == (2, 2 * number + 2)
    assert kept.rows("SELECT sequence - 1 = tree_index FROM entries") == [(1,)] * 10
    head = opened(kept.sequence(), kept.proofs.verifier())
    assert head == Checkpoint(ORIGIN, 10, root_of(leaves(kept)))
    assert kept.proofs.waiting() == 0
    assert kept.proofs.verify().well


def test_every_checkpoint_is_the_beginning_of_the_next(kept: KeptLog) -> None:
    notes = []
    for number in range(7):
        for _ in range(number):
            kept.log.append(opening())
        notes.append(kept.sequence() if number else None)
    heads = [opened(note, kept.proofs.verifier()) for note in notes if note]
    tiles = {(each.level, each.number): kept.proofs.tile(each) for each in tiles_of(heads[-1].size)}
    nodes = TileNodes(lambda level, number: tiles[level, number] or b"")
    for one, two in pairwise(heads):
        assert extends(one.size, one.root, two.size, two.root, consistency(one.size, two.size, nodes))
    for index, leaf in enumerate(leaves(kept)):
        assert includes(leaf, index, heads[-1].size, inclusion(index, heads[-1].size, nodes), heads[-1].root)


def test_a_long_log_is_taken_in_steps(kept: KeptLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "LARGEST_STEP", 300)
    for _ in range(620):
        kept.log.append(opening())
    assert [kept.proofs.sequence().added for _ in range(4)] == [300, 300, 20, 0]
    assert kept.rows("SELECT size FROM checkpoints") == [(300,), (600,), (620,)]
    assert kept.proofs.verify().well
    assert kept.proofs.tile(Tile(0, 2, 108)) is not None
    assert kept.proofs.tile(Tile(0, 2, 109)) is None
    assert kept.proofs.tile(Tile(1, 0, 2)) == root_of(leaves(kept)[:256]) + root_of(leaves(kept)[256:512])


def test_receipts_carry_the_latest_checkpoint(kept: KeptLog) -> None:
    _, first = whole_exchange(kept.log)
    assert kept.log.receipt(first).checkpoint is None
    note = kept.sequence()
    _, second = whole_exchange(kept.log)
    promised = kept.log.receipt(second)
    assert promised.checkpoint == note
    assert kept.log.receipt(first).checkpoint is None  # the same one every time
    kept.sequence()
    assert kept.log.receipt(second) == promised
    assert kept.proofs.verify().receipts == 2
    assert kept.proofs.verify().well


def test_a_log_from_before_the_tree_gets_one(tmp_path: Path) -> None:
    directory = tmp_path / "public"
    log = fresh_log(directory)
    entry = whole_exchange(log)[1]
    promised = log.receipt(entry)
    log.close()
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection, connection:
        for table in ("head", "tiles", "checkpoints"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP TRIGGER macs_are_never_changed")
        connection.execute("ALTER TABLE entries DROP COLUMN mac")
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
    upgrade(directory / "log.sqlite", SCRIPTS, "0003")
    kept = KeptLog(directory)
    kept.sequence()
    assert kept.log.receipt(entry) == promised
    assert kept.proofs.verify().well
    kept.close()


def test_whoever_is_overtaken_changes_nothing(kept: KeptLog, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.log.append(opening())
    pen = kept.proofs._pen()
    grow = sequencer._grow

    def overtaken(connection, size, rows):
        root = grow(connection, size, rows)
        connection.execute(update(HEAD).values(size=99, sequence=99))
        return root

    monkeypatch.setattr(sequencer, "_grow", overtaken)
    with pytest.raises(Overtaken), kept.proofs.database.sequencing(5) as connection:
        sequence(connection, pen, datetime.now(UTC))
    assert kept.rows("SELECT size FROM head") == [(0,)]
    assert kept.rows("SELECT count(*) FROM tiles") == [(0,)]
    assert kept.rows("SELECT tree_index FROM entries") == [(None,)]
    monkeypatch.undo()
    assert kept.proofs.sequence().added == 1


def test_what_is_damaged_is_not_signed(kept: KeptLog) -> None:
    kept.log.append(opening())
    kept.sequence()
    kept.log.append(opening())
    kept.tamper("UPDATE entries SET leaf = x'7b7d' WHERE sequence = 2")
    with pytest.raises(LogUnavailable, match="corrupt"):
        kept.proofs.sequence()
    assert kept.proofs.waiting() == 1


@pytest.mark.parametrize("mac", ["NULL", "zeroblob(32)", "x''", "(SELECT mac FROM entries WHERE sequence = 1)"])
def test_what_no_holder_of_the_keys_wrote_is_not_signed(kept: KeptLog, mac: str) -> None:
    """Whoever has the database alone can write a row that looks like an entry, an erasure for example."""
    whole_exchange(kept.log)
    kept.sequence()
    kept.log.append(opening())
    assert kept.proofs.verify().well
    kept.tamper(f"UPDATE entries SET mac = {mac} WHERE sequence = 3")
    with pytest.raises(LogUnavailable, match="corrupt"):
        kept.proofs.sequence()
    assert [(each.code, each.index) for each in kept.proofs.verify().findings] == [("leaf", 2)]


def test_a_damaged_tile_is_not_signed_over(kept: KeptLog) -> None:
    kept.log.append(opening())
    kept.sequence()
    kept.log.append(opening())
    kept.tamper("UPDATE tiles SET hashes = x'00'")
    with pytest.raises(LogUnavailable, match="corrupt"):
        kept.proofs.sequence()


def test_the_tree_cannot_be_changed_by_a_slip(kept: KeptLog) -> None:
    whole_exchange(kept.log)
    kept.sequence()
    for statement in (
        "DELETE FROM head",
        "INSERT INTO head VALUES (1, 1)",
        "UPDATE head SET size = 1",
        "UPDATE head SET size = 3, sequence = 1",
        "DELETE FROM tiles",
        "UPDATE tiles SET hashes = zeroblob(96)",
        "UPDATE tiles SET hashes = substr(hashes, 1, 32)",
        "UPDATE tiles SET number = 1",
        "DELETE FROM checkpoints",
        "UPDATE checkpoints SET note = 'x'",
    ):
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError), match=r"never|one head"):
            kept.slip(statement)


def child(kept: KeptLog, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.audit.child", "crowd", str(kept.directory), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=kept.environment)


def test_sixteen_writers_in_two_processes_have_one_head(kept: KeptLog) -> None:
    """Each process has eight writers and a sequencer; in this one, too, everything is checked all the while."""
    children = [child(kept, 40) for _ in range(2)]
    while any(each.poll() is None for each in children):
        report = kept.proofs.verify()
        assert report.well, report.findings
    acknowledged = [line for each in children for line in each.communicate()[0].split()]
    assert [each.returncode for each in children] == [0, 0]
    kept.sequence()
    assert len(acknowledged) == 2 * 8 * 40
    assert sorted(acknowledged) == sorted(entry for (entry,) in kept.rows("SELECT entry FROM entries"))
    indices = [index for (index,) in kept.rows("SELECT tree_index FROM entries ORDER BY sequence")]
    assert (sorted(indices) if kept.place else indices) == list(range(len(acknowledged)))
    assert kept.rows("SELECT size FROM head") == [(len(acknowledged),)]
    assert kept.proofs.verify().well


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3])
def test_a_kill_leaves_a_whole_log(kept: KeptLog, seconds: float) -> None:
    process = child(kept, 1000)
    until = time.monotonic() + 30
    while kept.proofs.checkpoint() is None:
        assert time.monotonic() < until
        time.sleep(0.005)
    note = kept.proofs.checkpoint() or ""
    time.sleep(seconds)
    process.kill()
    process.communicate()
    report = kept.proofs.verify([note])
    assert report.well, report.findings
    kept.sequence()
    assert kept.proofs.verify([note]).waiting == 0


def test_threads_sequence_at_once(kept: KeptLog) -> None:
    done: list[int] = []

    def work() -> None:
        for _ in range(20):
            kept.log.append(opening())
            done.append(kept.proofs.sequence().added)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(done) == 120
    assert kept.proofs.verify().well


# The clock


class SetClock:
    """Somebody else's hand is on it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_leaves_an_entry_and_no_disorder(tmp_path: Path, hours: int) -> None:
    clock, passed = SetClock(), [0.0]
    kept = KeptLog(tmp_path / "public", clock)
    watch = ClockWatch(clock, lambda: passed[0])
    kept.log.append(opening())
    assert watch.look() is None
    clock.time += timedelta(seconds=30)
    passed[0] += 30
    assert watch.look() is None
    clock.time += timedelta(hours=hours, seconds=1)
    passed[0] += 1
    step = watch.look()
    assert step is not None
    assert (step.kind, step.meta["seconds"]) == ("clock.step", hours * 3600.0)
    kept.log.append(step)
    for _ in range(3):
        kept.log.append(opening())
    assert kept.proofs.sequence().steps == []  # told already
    assert watch.look() is None
    assert kept.rows("SELECT tree_index FROM entries ORDER BY sequence") == [(index,) for index in range(5)]
    assert kept.proofs.verify().well
    kept.close()


def test_a_clock_that_went_back_while_nobody_watched(tmp_path: Path) -> None:
    clock = SetClock()
    kept = KeptLog(tmp_path / "public", clock)
    kept.log.append(opening())
    kept.sequence()
    clock.time -= timedelta(hours=1)
    kept.log.append(opening())
    [step] = kept.proofs.sequence().steps
    entry = entry_of(step)
    assert entry.meta == {
        "from": "2026-11-23T09:00:00.000000Z",
        "to": "2026-11-23T08:00:00.000000Z",
        "seconds": -3600.0,
    }
    kept.log.append(entry)
    assert kept.proofs.sequence().steps == []
    assert kept.proofs.verify().well
    kept.close()


# What a verification finds


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'ja', 'en') AS BLOB) WHERE sequence = 3", "leaf"),
        ("UPDATE entries SET leaf = NULL WHERE sequence = 3", "missing"),
        ("UPDATE entries SET kind = 'gap' WHERE sequence = 3", "column"),
        ("UPDATE entries SET time = '2020' WHERE sequence = 3", "column"),
        ("UPDATE entries SET exchange = NULL WHERE sequence = 3", "column"),
        ("UPDATE entries SET tree_index = NULL WHERE sequence = 3", "index"),
        ("UPDATE entries SET tree_index = 99 WHERE sequence = 3", "index"),
        ("DELETE FROM entries WHERE sequence = 8", "head"),
        ("UPDATE links SET target = (SELECT entry FROM entries WHERE sequence = 7)", "link"),
        ("DELETE FROM links", "link"),
        ("UPDATE tiles SET hashes = zeroblob(256)", "tile"),
        ("DELETE FROM tiles", "tile"),
        ("INSERT INTO tiles VALUES (1, 0, zeroblob(32))", "tile"),
        ("UPDATE head SET size = 7, sequence = 7", "head"),
        ("DELETE FROM checkpoints", "head"),
        ("UPDATE checkpoints SET note = replace(note, '8', '7')", "checkpoint"),
        ("UPDATE checkpoints SET size = 7 WHERE size = 4", "checkpoint"),
        ("UPDATE receipts SET signature = zeroblob(64)", "receipt"),
        ("UPDATE receipts SET promise = CAST(replace(CAST(promise AS TEXT), ':60', ':61') AS BLOB)", "receipt"),
        ("UPDATE receipts SET sequence = 3 WHERE sequence = 2", "receipt"),
        ("UPDATE receipts SET code = '0000-0000-0000-0000' WHERE sequence = 2", "receipt"),
        ("DELETE FROM receipts WHERE sequence = 2", "receipt"),
        ("UPDATE links SET position = 1", "link"),
        ("DELETE FROM contents WHERE path = 'question'", "missing"),
        ("UPDATE contents SET sealed = zeroblob(60) WHERE path = 'question'", "altered"),
        ("UPDATE contents SET wrapped = (SELECT wrapped FROM contents WHERE path = 'reply' LIMIT 1)", "altered"),
        ("INSERT INTO contents SELECT sequence, 'more', subject_key, wrapped, sealed FROM contents LIMIT 1", "altered"),
        ("UPDATE contents SET path = 'reply' WHERE path = 'question'", "altered"),
    ],
)
def test_what_was_done_to_a_log_is_found(kept: KeptLog, statement: str, code: str) -> None:
    for number in range(4):
        whole_exchange(kept.log, f"c-{number}")
        if number % 2:
            kept.sequence()
    assert kept.proofs.verify().well
    kept.tamper(statement)
    report = kept.proofs.verify()
    assert code in {each.code for each in report.findings}, report.findings


def test_a_lost_subject_key_file_entry_is_missing(kept: KeptLog) -> None:
    whole_exchange(kept.log)
    kept.sequence()
    with closing(sqlite3.connect(kept.directory / "keys" / "subjects.sqlite")) as connection, connection:
        connection.execute("UPDATE subject_keys SET wrapped = zeroblob(60)")
    assert {each.code for each in kept.proofs.verify().findings} == {"altered"}
    with closing(sqlite3.connect(kept.directory / "keys" / "subjects.sqlite")) as connection, connection:
        connection.execute("DELETE FROM subject_keys")
    assert {each.code for each in kept.proofs.verify().findings} == {"missing"}


def test_an_older_copy_of_a_log_is_caught_by_a_checkpoint_outside(kept: KeptLog) -> None:
    whole_exchange(kept.log)
    early = kept.sequence()
    kept.keep_copy()
    whole_exchange(kept.log)
    late = kept.sequence()
    assert kept.proofs.verify([early, late]).outside == [2, 4]
    kept.restore_copy()
    assert kept.proofs.verify([early]).well
    report = kept.proofs.verify([early, late])
    assert [(each.code, each.what) for each in report.findings] == [("outside", "4")]


def test_a_log_written_anew_is_caught_by_a_checkpoint_outside(kept: KeptLog, tmp_path: Path) -> None:
    whole_exchange(kept.log)
    kept.sequence()
    key = load_keys(kept.directory / "keys").signing
    other = signed(Checkpoint(ORIGIN, 2, bytes(32)), key)
    assert [each.code for each in kept.proofs.verify([other]).findings] == ["outside"]
    assert [each.code for each in kept.proofs.verify(["nonsense"]).findings] == ["outside"]


@pytest.mark.parametrize("seed", range(12))
def test_right_histories_raise_no_alarm(tmp_path: Path, seed: int) -> None:
    kept = any_log(tmp_path / "public", seed, 25)
    report = kept.proofs.verify([kept.sequence()])
    assert report.well, report.findings
    kept.log.append(opening())
    assert kept.proofs.verify().waiting == 1
    kept.close()


def test_verdicts_of_texts(kept: KeptLog) -> None:
    for number in range(4):
        whole_exchange(kept.log, f"c-{number}")
    kept.sequence()
    entries = [entry for (entry,) in kept.rows("SELECT entry FROM entries ORDER BY sequence")]
    kept.erase(entries[1], ["reply"])
    kept.erase(entries[3], ["reply", "draft"], "expiry")
    kept.prune(entries[5])
    assert kept.proofs.verify().well  # also before the erasures have their index
    kept.sequence()
    report = kept.proofs.verify()
    assert report.well, report.findings
    assert report.fields == {"present": 4 + 2 * 4 - 2 - 3, "erased": 1, "expired": 2}
    assert report.leaves == {"expired": 1}


def test_an_erasure_explains_only_what_it_names(kept: KeptLog) -> None:
    whole_exchange(kept.log)
    kept.sequence()
    [(_, first), (_, second)] = kept.rows("SELECT sequence, entry FROM entries ORDER BY sequence")
    kept.erase(second, ["draft"])
    kept.rows("DELETE FROM contents WHERE path = 'reply'")
    kept.sequence()
    found = [(each.code, each.index, each.what) for each in kept.proofs.verify().findings]
    assert found == [("missing", 1, "reply")]
    kept.log.append(closed(opening(), kept.log.append(opening())))
    assert json.loads(kept.rows("SELECT leaf FROM entries WHERE sequence = 1")[0][0])["entry"] == first


def test_closing_gives_everything_back(kept: KeptLog) -> None:
    kept.log.append(opening())
    kept.sequence()
    kept.proofs.close()
    assert kept.proofs.verify().size == 1
    assert DeskLog(kept.directory, TickingClock(), database=kept.log.database).check() == "ready"
