"""What the real log keeps, how, and that nothing acknowledged is lost."""

from __future__ import annotations

import base64
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.canonical import canonical, instant
from audit.engines import write_engine
from audit.keys import load_keys
from audit.leaves import leaf_hash
from audit.log import DeskLog
from audit.migrate import migrate
from audit.prepare import prepare
from audit.tables import METADATA
from bot.records import ConversationId, ExchangeId, Receipt
from tests.audit.entries import ORIGIN, fresh_log, opened, whole_exchange
from tests.fakes_audit import TickingClock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def log(directory: Path) -> Iterator[DeskLog]:
    made = fresh_log(directory)
    yield made
    made.close()


def rows(directory: Path, statement: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        return connection.execute(statement, values).fetchall()


def child(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.audit.child", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_the_migrated_tables_are_the_tables(directory: Path, log: DeskLog) -> None:
    engine = write_engine(directory / "log.sqlite", 5)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_preparing_again_changes_nothing(directory: Path, log: DeskLog) -> None:
    exchange, _ = whole_exchange(log)
    before = load_keys(directory / "keys").public
    prepare(directory, "example.org/another-name", TickingClock())
    assert load_keys(directory / "keys").public == before
    assert rows(directory, "SELECT origin FROM identity") == [(ORIGIN,)]
    assert log.exchange(exchange) is not None


def test_many_may_prepare_at_once(directory: Path) -> None:
    threads = [threading.Thread(target=prepare, args=(directory, ORIGIN, TickingClock())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(rows(directory, "SELECT * FROM identity")) == 1
    assert DeskLog(directory, TickingClock()).check() == "ready"


def test_a_log_is_read_by_the_next_process(directory: Path, log: DeskLog) -> None:
    exchange, closing_entry = whole_exchange(log)
    promised = log.receipt(closing_entry)
    log.close()
    again = DeskLog(directory, TickingClock())
    assert again.exchange(exchange) is not None
    assert again.receipt(closing_entry) == promised


def test_a_closed_log_opens_again(log: DeskLog) -> None:
    log.close()
    whole_exchange(log)
    assert log.check() == "ready"


def test_what_is_hashed_is_what_is_stored(directory: Path, log: DeskLog) -> None:
    _, closing_entry = whole_exchange(log)
    [(leaf, hash_, index)] = rows(
        directory, "SELECT leaf, leaf_hash, tree_index FROM entries WHERE entry = ?", closing_entry.entry
    )
    assert hash_ == leaf_hash(leaf)
    assert hash_.hex() == closing_entry.leaf
    assert index is None


def test_anyone_can_check_a_receipt(directory: Path, log: DeskLog) -> None:
    promised = log.receipt(whole_exchange(log)[1])
    key = Ed25519PublicKey.from_public_bytes(load_keys(directory / "keys").public)
    key.verify(base64.b64decode(promised.signature), _signed_part(promised))


def _signed_part(receipt: Receipt) -> bytes:
    return canonical(
        {
            "code": receipt.code,
            "log": receipt.log,
            "entry": receipt.entry,
            "leaf": receipt.leaf,
            "time": instant(receipt.time),
            "longest_delay_seconds": receipt.longest_delay_seconds,
        }
    )


def test_a_receipt_finds_its_exchange(log: DeskLog) -> None:
    exchange, closing_entry = whole_exchange(log)
    whole_exchange(log)
    code = log.receipt(closing_entry).code
    found = log.by_receipt(code.lower().replace("-", " "))
    assert found is not None
    assert found.exchange == exchange
    assert log.by_receipt("0000-0000-0000-0000") is None
    assert log.by_receipt("受付番号") is None


def test_no_text_is_readable_in_any_file(directory: Path, log: DeskLog) -> None:
    secret = "読めてはならない文"
    exchange, _ = whole_exchange(log, question=secret)
    assert secret in log.text(exchange)
    for file in directory.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file.name
            assert file.stat().st_mode & 0o077 == 0, file.name


def test_destroying_a_subject_key_erases_its_conversation_only(directory: Path, log: DeskLog) -> None:
    gone, _ = whole_exchange(log, "c-gone", "消える問い")
    kept, _ = whole_exchange(log, "c-kept", "残る問い")
    before = rows(directory, "SELECT leaf, leaf_hash FROM entries ORDER BY sequence")
    [(name,)] = rows(directory, "SELECT subject_key FROM subjects WHERE conversation = 'c-gone'")
    with closing(sqlite3.connect(directory / "keys" / "subjects.sqlite")) as connection, connection:
        connection.execute("DELETE FROM subject_keys WHERE id = ?", (name,))

    found = log.exchange(gone)
    assert found is not None
    assert (found.question.value, found.reply) == ("", None)
    assert found.closed is not None
    assert "[消去済み / erased]" in log.text(gone)
    assert "消える問い" not in log.text(gone)
    assert "残る問い" in log.text(kept)
    assert rows(directory, "SELECT leaf, leaf_hash FROM entries ORDER BY sequence") == before
    later, _ = whole_exchange(log, "c-gone", "後の問い")
    assert "後の問い" in log.text(later)


def test_destroying_one_field_leaves_the_others(directory: Path, log: DeskLog) -> None:
    exchange, _ = whole_exchange(log, question="消える問い")
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection, connection:
        connection.execute("DELETE FROM contents WHERE path = 'question'")
    found = log.exchange(exchange)
    assert found is not None
    assert found.question.value == ""
    assert found.reply is not None


def test_entries_cannot_be_changed_by_a_slip(directory: Path, log: DeskLog) -> None:
    whole_exchange(log)
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        for statement in (
            "DELETE FROM entries",
            "UPDATE entries SET leaf = x'00'",
            "UPDATE entries SET leaf_hash = x'00'",
            "UPDATE entries SET kind = 'other'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                connection.execute(statement)
        connection.execute("UPDATE entries SET tree_index = 0 WHERE sequence = 1")
        with pytest.raises(sqlite3.IntegrityError, match="once"):
            connection.execute("UPDATE entries SET tree_index = 1 WHERE sequence = 1")


def test_a_conversation_has_one_key_and_fields_their_own(directory: Path, log: DeskLog) -> None:
    for _ in range(3):
        whole_exchange(log, "c-1", "同じ問い")
    assert len(rows(directory, "SELECT DISTINCT subject_key FROM contents")) == 1
    everything = rows(directory, "SELECT wrapped, sealed FROM contents")
    assert len({wrapped for wrapped, _ in everything}) == len({sealed for _, sealed in everything}) == len(everything)


def test_nothing_is_lost_between_threads_and_processes(directory: Path, log: DeskLog) -> None:
    patient = DeskLog(directory, TickingClock(), busy_seconds=30)
    children = [child("append", str(directory), "60") for _ in range(2)]
    acknowledged: list[str] = []

    def work(number: int) -> None:
        for _ in range(15):
            acknowledged.append(patient.append(opened(f"c-{number % 5}")).entry)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for each in children:
        printed, _ = each.communicate(timeout=120)
        assert each.returncode == 0
        acknowledged += printed.split()
    stored = [entry for (entry,) in rows(directory, "SELECT entry FROM entries")]
    assert len(acknowledged) == 16 * 15 + 2 * 60
    assert sorted(stored) == sorted(acknowledged)
    assert len(rows(directory, "SELECT * FROM subjects")) == 7
    for conversation in range(7):
        assert all(each.question.value for each in log.conversation(ConversationId(f"c-{conversation}")))


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4])
def test_what_was_acknowledged_survives_a_kill(directory: Path, log: DeskLog, seconds: float) -> None:
    process = child("append", str(directory), "0")
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    rest = process.stdout.read()  # as the first line was read: communicate would lose what was read ahead
    process.communicate(timeout=30)
    acknowledged = (first + rest).split("\n")[:-1]  # a line without its end was cut off by the kill
    stored = {entry for (entry,) in rows(directory, "SELECT entry FROM entries")}
    assert set(acknowledged) <= stored
    assert len(stored) <= len(acknowledged) + 1  # the one that was durable but not yet printed
    assert rows(directory, "PRAGMA integrity_check") == [("ok",)]
    for (exchange,) in rows(directory, "SELECT exchange FROM entries ORDER BY sequence DESC LIMIT 3"):
        assert "質問です" in log.text(ExchangeId(exchange))
    whole_exchange(log)


def test_migrating_is_idempotent(directory: Path, log: DeskLog) -> None:
    migrate(directory / "log.sqlite")
    assert rows(directory, "SELECT version_num FROM alembic_version") == [("0003",)]
