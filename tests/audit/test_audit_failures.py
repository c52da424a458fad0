"""What is taken away is really taken away; the log says which cause it was, keeps nothing half, and comes back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audit import engines, subject_keys
from audit.log import DeskLog
from audit.prepare import prepare
from audit.proofs import DeskProofs
from audit.sqlite import connect
from bot.ports import LogUnavailable
from tests.audit.entries import ORIGIN, fresh_log, opened, whole_exchange
from tests.audit.test_audit_log import child
from tests.fakes_audit import TickingClock

SECRET = "".join(["秘", "密の問い"])  # in pieces: tracebacks show source lines


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def log(directory: Path) -> Iterator[DeskLog]:
    made = fresh_log(directory, busy_seconds=0.3)
    yield made
    made.close()


def refused(log: DeskLog) -> str:
    """The cause with which an append is refused. Neither error nor traceback holds the question, nor anything more."""
    with pytest.raises(LogUnavailable) as raised:
        log.append(opened(question=SECRET))
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    return raised.value.cause


def fill(log: DeskLog, written: list[str], most: int = 3000) -> None:
    """Append, each time for another conversation, until the log refuses."""
    for number in range(most):
        written.append(log.append(opened(f"c-{number}", question=SECRET * 20)).entry)


def fill_disk(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def count(directory: Path) -> tuple[int, int]:
    """Entries and contents: one content for each of ``opened``'s entries."""
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        return connection.execute("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM contents)").fetchone()


def every_call_says(log: DeskLog, cause: str) -> None:
    assert refused(log) == cause
    for call in (lambda: log.exchange("e"), lambda: log.conversation("c"), lambda: log.text("e")):
        with pytest.raises(LogUnavailable) as raised:
            call()
        assert raised.value.cause == cause
    assert log.check() == cause


def with_setting(monkeypatch: pytest.MonkeyPatch, setting: Callable[[], str]) -> None:
    """Give every new connection one more PRAGMA, as an operator's quota would."""

    def opened_with(path: Path, busy_seconds: float) -> sqlite3.Connection:
        connection = connect(path, busy_seconds)
        connection.execute(setting())
        return connection

    monkeypatch.setattr(engines, "connect", opened_with)


def test_a_full_database_and_its_relief(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [60]
    with_setting(monkeypatch, lambda: f"PRAGMA max_page_count = {pages[0]}")
    log = fresh_log(directory)
    written: list[str] = []
    with pytest.raises(LogUnavailable) as raised:
        fill(log, written)
    assert raised.value.cause == "full"
    assert count(directory) == (len(written), len(written))
    assert written
    pages[0] = 10_000
    log.append(opened())
    assert count(directory) == (len(written) + 1, len(written) + 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount_point = tmp_path / "disk"
    mount_point.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mount_point)]
    if not mounted or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk is not allowed here")
    yield mount_point
    subprocess.run(["umount", "--lazy", str(mount_point)], check=True)


def test_a_full_disk_and_its_relief(small_disk: Path) -> None:
    log = fresh_log(small_disk / "public")
    exchange, _ = whole_exchange(log)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="space"):
        fill_disk(ballast)
    with pytest.raises(LogUnavailable) as raised:
        fill(log, [])
    assert raised.value.cause == "full"
    assert log.check() == "full"
    before = count(small_disk / "public")
    assert before[0] == before[1] - 1  # the closing entry has two contents
    assert log.exchange(exchange) is not None
    ballast.unlink()
    log.append(opened())
    assert count(small_disk / "public") == (before[0] + 1, before[1] + 1)
    assert log.check() == "ready"
    log.close()


def test_a_full_disk_is_not_signed_over(small_disk: Path) -> None:
    """What waits goes on waiting, under the old head; whoever holds the old checkpoint loses nothing."""
    log, proofs = fresh_log(small_disk / "public"), DeskProofs(small_disk / "public", TickingClock())
    whole_exchange(log)
    proofs.sequence()
    note = proofs.checkpoint()
    for number in range(10):
        whole_exchange(log, f"c-{number}")
    log.close()
    proofs.close()  # the last one takes the write-ahead log along, which has room of its own
    with pytest.raises(OSError, match="space"):
        fill_disk(small_disk / "ballast")
    with pytest.raises(LogUnavailable) as raised:
        proofs.sequence()
    assert raised.value.cause == "full"
    (small_disk / "ballast").unlink()
    assert (proofs.checkpoint(), proofs.waiting()) == (note, 20)
    assert proofs.sequence().added == 20
    assert proofs.verify([str(note)]).well
    proofs.close()


def test_a_full_database_is_not_signed_over(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [10_000]
    with_setting(monkeypatch, lambda: f"PRAGMA max_page_count = {pages[0]}")
    log, proofs = fresh_log(directory), DeskProofs(directory, TickingClock())
    written: list[str] = []
    fill(log, written, 300)
    pages[0] = 1  # as many as there are, and no more
    with pytest.raises(LogUnavailable) as raised:
        proofs.sequence()
    assert raised.value.cause == "full"
    assert (proofs.checkpoint(), proofs.waiting()) == (None, len(written))
    pages[0] = 10_000
    assert proofs.sequence().added == len(written)
    assert proofs.verify().well
    proofs.close()


def test_a_disk_too_small_to_begin_with(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"\0" * (2 * 1024 * 1024 - 8192))
    with pytest.raises(LogUnavailable) as raised:
        prepare(small_disk / "public", ORIGIN, TickingClock())
    assert raised.value.cause == "full"
    (small_disk / "ballast").unlink()
    log = fresh_log(small_disk / "public")
    whole_exchange(log)
    log.close()


def test_a_disk_turned_read_only(small_disk: Path) -> None:
    log = fresh_log(small_disk / "public")
    exchange, _ = whole_exchange(log)
    log.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert refused(log) == "read_only"
    assert log.check() == "read_only"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert log.exchange(exchange) is not None
    whole_exchange(log)
    log.close()


def test_a_database_that_takes_no_writes(log: DeskLog, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange, _ = whole_exchange(log)
    log.close()
    with_setting(monkeypatch, lambda: "PRAGMA query_only = ON")
    assert refused(log) == "read_only"
    assert log.check() == "read_only"
    assert log.exchange(exchange) is not None
    log.close()
    monkeypatch.undo()
    whole_exchange(log)


def test_a_lock_held_by_another_process(log: DeskLog, directory: Path) -> None:
    exchange, _ = whole_exchange(log)
    before = count(directory)
    holder = child("hold", str(directory))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert refused(log) == "locked"
    assert log.check() == "locked"
    assert log.exchange(exchange) is not None
    holder.communicate("", timeout=30)
    assert count(directory) == before
    whole_exchange(log)


def test_a_thread_that_keeps_the_pen(log: DeskLog) -> None:
    with log._writer.transaction():
        assert refused(log) == "locked"
    whole_exchange(log)


def test_a_database_that_is_gone(log: DeskLog, directory: Path) -> None:
    whole_exchange(log)
    for file in directory.glob("log.sqlite*"):
        file.rename(file.with_name("moved-" + file.name))
    every_call_says(log, "missing")
    assert not (directory / "log.sqlite").exists()
    for file in directory.glob("moved-*"):
        file.rename(file.with_name(file.name.removeprefix("moved-")))
    assert log.check() == "ready"
    whole_exchange(log)


def test_a_directory_in_place_of_the_database(log: DeskLog, directory: Path) -> None:
    whole_exchange(log)
    (directory / "log.sqlite").rename(directory / "aside")
    (directory / "log.sqlite").mkdir()
    assert refused(log) == "missing"
    assert refused(log) == "missing"


def test_a_database_that_was_never_made(tmp_path: Path) -> None:
    every_call_says(DeskLog(tmp_path / "nowhere", TickingClock()), "missing")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("at_rest", [True, False], ids=["at rest", "while open"])
@pytest.mark.parametrize("size", [0, 4096, 20_000])
def test_a_database_cut_short(log: DeskLog, directory: Path, size: int, at_rest: bool) -> None:
    for _ in range(20):
        whole_exchange(log)
    log.close()
    if not at_rest:
        whole_exchange(log)
    os.truncate(directory / "log.sqlite", size)
    assert refused(log) == "corrupt"
    assert log.check() in {"corrupt", "ready"}  # ready where the write-ahead log makes up for what was cut off


def test_rubbish_in_place_of_the_database(log: DeskLog, directory: Path) -> None:
    whole_exchange(log)
    log.close()
    (directory / "log.sqlite").write_bytes(os.urandom(50_000))
    every_call_says(log, "corrupt")


def test_an_empty_database_in_its_place(log: DeskLog, directory: Path) -> None:
    whole_exchange(log)
    log.close()
    with closing(sqlite3.connect(directory / "other.sqlite")) as other:
        other.execute("CREATE TABLE other (a)")
    (directory / "other.sqlite").replace(directory / "log.sqlite")
    every_call_says(log, "corrupt")


@pytest.mark.parametrize("column", ["leaf_hash", "sealed", "wrapped"])
def test_a_record_that_was_changed_is_not_shown(log: DeskLog, directory: Path, column: str) -> None:
    exchange, _ = whole_exchange(log)
    table = "entries" if column == "leaf_hash" else "contents"
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection, connection:
        connection.execute("DROP TRIGGER entries_are_never_changed")
        connection.execute(f"UPDATE {table} SET {column} = zeroblob(length({column}))")
    with pytest.raises(LogUnavailable, match="corrupt"):
        log.exchange(exchange)


@pytest.mark.parametrize("name", ["signing.pem", "master.key", "subjects.sqlite"])
def test_a_key_file_that_is_gone(log: DeskLog, directory: Path, name: str) -> None:
    whole_exchange(log)
    log.close()
    for file in (directory / "keys").glob(name + "*"):
        file.rename(directory / file.name)
    again = DeskLog(directory, TickingClock())
    assert again.check() == "missing"
    assert refused(again) == "missing"
    prepare(directory, ORIGIN, TickingClock())
    assert not (directory / "keys" / name).exists()  # new keys would hide the loss
    (directory / name).rename(directory / "keys" / name)
    assert again.check() == "ready"
    whole_exchange(again)
    again.close()


def test_a_key_file_that_goes_while_the_log_is_open(log: DeskLog, directory: Path) -> None:
    whole_exchange(log)
    (directory / "keys" / "subjects.sqlite").rename(directory / "aside")
    assert refused(log) == "missing"
    assert log.check() == "missing"


def test_another_log_s_keys(log: DeskLog, directory: Path, tmp_path: Path) -> None:
    whole_exchange(log)
    log.close()
    fresh_log(tmp_path / "staff").close()
    shutil.rmtree(directory / "keys")
    shutil.copytree(tmp_path / "staff" / "keys", directory / "keys")
    assert refused(DeskLog(directory, TickingClock())) == "corrupt"


def test_another_master_key(log: DeskLog, directory: Path) -> None:
    exchange, _ = whole_exchange(log)
    log.close()
    (directory / "keys" / "master.key").write_text("00" * 32)
    with pytest.raises(LogUnavailable, match="corrupt"):
        DeskLog(directory, TickingClock()).text(exchange)


def test_a_key_file_that_cannot_grow(log: DeskLog, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bounded(path: Path, busy_seconds: float) -> sqlite3.Connection:
        connection = connect(path, busy_seconds)
        connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr(subject_keys, "connect", bounded)
    with pytest.raises(LogUnavailable) as raised:
        fill(log, [])
    assert raised.value.cause == "full"
    entries, contents = count(directory)
    assert entries == contents > 0
    monkeypatch.undo()
    log.append(opened("c-new"))


def test_an_interrupted_append_leaves_nothing(log: DeskLog, directory: Path) -> None:
    class Interrupted(TickingClock):
        def now(self) -> object:  # type: ignore[override]  # the clock is read between BEGIN and the first insert
            raise KeyboardInterrupt

    interrupted = DeskLog(directory, Interrupted(), busy_seconds=0.3)
    with pytest.raises(KeyboardInterrupt):
        interrupted.append(opened())
    assert count(directory) == (0, 0)
    whole_exchange(log)
