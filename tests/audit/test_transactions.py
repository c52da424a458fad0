"""Entry, case and notice are there together or not at all: when the disk fails, when the process is killed, and when
several processes write. Nothing of what was to be written comes out with an error.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audit import engines
from audit.log import DeskLog
from bot.adapters.database.cases import DeskCases
from bot.adapters.database.comparing import unlike
from bot.case_numbers import digest
from bot.cases import CaseId, CaseState
from bot.ports import LogUnavailable, Transaction
from bot.records import ConversationId, Entry
from tests.audit.case_child import POINTS
from tests.audit.case_kit import NOON, Store, case, notice, real_store, store_over
from tests.audit.test_audit_failures import SECRET, fill_disk, small_disk, with_setting
from tests.fakes_audit import TickingClock

ROOT = Path(__file__).parents[2]

__all__ = ["small_disk"]  # a fixture


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def store(directory: Path) -> Iterator[Store]:
    made = real_store(directory, busy_seconds=0.5)
    yield made
    log_of(made).close()


def log_of(store: Store) -> DeskLog:
    assert isinstance(store.log, DeskLog)
    return store.log


def counts(directory: Path) -> tuple[int, int, int, int]:
    """Opening entries, cases, contacts, notices."""
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        return tuple(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("entries WHERE kind = 'case.opened'", "cases", "contacts", "notices")
        )


def open_one(store: Store, number: int = 0) -> None:
    with store.log.begin() as within:
        write_one(store, within, number)


def write_one(store: Store, within: Transaction, number: int = 0) -> None:
    """Something of every kind, each with the secret in it, so large that one page holds none of them."""
    kept = case()
    subject = ConversationId(f"c-{number}")
    store.log.append(Entry("case.opened", subject, {"case": kept.id}, {"text": SECRET * 400}), within)
    store.cases.add(within, kept, digest(kept.id), SECRET + kept.id)
    store.cases.keep_contact(within, kept.id, SECRET * 400, NOON)
    store.outbox.put(within, notice(kept.id, body=SECRET * 400))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(LogUnavailable) as raised:
        work()
    error = raised.value
    assert SECRET not in "".join(traceback.format_exception(error))
    assert error.__cause__ is None
    assert error.__context__ is None
    return error.cause


def all_or_none(directory: Path) -> int:
    entries, cases, contacts, notices = counts(directory)
    assert entries == cases == contacts == notices
    return entries


# --- the disk


def test_a_database_that_fills_up_in_the_middle(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the space ends, at the entry, the case, the contact, the notice or the commit."""
    reached = set()
    for pages in range(60, 84):
        home = directory.with_name(f"public-{pages}")
        real_store(home).log.close()  # type: ignore[union-attr]  # it is a real one
        with_setting(monkeypatch, lambda pages=pages: f"PRAGMA max_page_count = {pages}")
        store = store_over(DeskLog(home, TickingClock()), home)

        def fill(store: Store = store) -> None:
            for number in range(100):
                open_one(store, number)

        assert refused(fill) == "full"
        monkeypatch.undo()
        reached.add(all_or_none(home))
        log_of(store).close()
        open_one(store, 100)  # relief
        all_or_none(home)
        log_of(store).close()
    assert len(reached) > 1


def test_a_disk_that_fills_up(small_disk: Path) -> None:
    home = small_disk / "public"
    store = real_store(home)
    open_one(store)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="space"):
        fill_disk(ballast)

    def fill() -> None:
        for number in range(1, 1000):
            open_one(store, number)

    assert refused(fill) == "full"
    before = all_or_none(home)
    assert len(store.cases.in_states(frozenset(CaseState))) == before
    ballast.unlink()
    open_one(store, 1001)
    assert all_or_none(home) == before + 1
    log_of(store).close()


def test_a_disk_turned_read_only(small_disk: Path) -> None:
    home = small_disk / "public"
    store = real_store(home)
    open_one(store)
    log_of(store).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert refused(lambda: open_one(store)) == "read_only"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    open_one(store)
    assert all_or_none(home) == 2
    log_of(store).close()


def test_a_database_that_takes_no_writes(store: Store, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_one(store)
    log_of(store).close()
    with_setting(monkeypatch, lambda: "PRAGMA query_only = ON")
    assert refused(lambda: open_one(store)) == "read_only"
    assert refused(lambda: store.outbox.done("k", NOON)) == "read_only"
    assert store.cases.live() == 1
    assert all_or_none(directory) == 1


def test_a_database_taken_away_in_the_middle(store: Store, directory: Path) -> None:
    open_one(store)

    def work() -> None:
        with store.log.begin() as within:
            write_one(store, within)
            (directory / "log.sqlite").rename(directory / "aside")

    assert refused(work) == "missing"
    assert refused(lambda: open_one(store)) == "missing"
    assert refused(store.cases.live) == "missing"
    assert refused(store.outbox.waiting) == "missing"
    assert not (directory / "log.sqlite").exists()
    (directory / "aside").rename(directory / "log.sqlite")
    open_one(store)
    assert all_or_none(directory) in {2, 3}  # whole or not at all, whichever the disk turns out to hold


def test_another_database_put_in_its_place(store: Store, directory: Path, tmp_path: Path) -> None:
    open_one(store)
    log_of(real_store(tmp_path / "other")).close()

    def work() -> None:
        with store.log.begin() as within:
            write_one(store, within)
            shutil.copy(tmp_path / "other" / "log.sqlite", directory / "aside")
            (directory / "aside").replace(directory / "log.sqlite")

    assert refused(work) == "missing"


def test_a_database_without_the_tables_of_cases(store: Store, directory: Path) -> None:
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        connection.execute("DROP TABLE notices")
    assert refused(lambda: open_one(store)) == "corrupt"
    assert refused(store.outbox.waiting) == "corrupt"
    assert counts_without_notices(directory) == (0, 0)


def counts_without_notices(directory: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        return connection.execute("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM cases)").fetchone()


def test_a_row_that_holds_no_case(store: Store, directory: Path) -> None:
    open_one(store)
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection, connection:
        connection.execute("UPDATE cases SET state = 'lost'")
    assert refused(lambda: store.cases.of_conversation(ConversationId("c-1"))) == "corrupt"


def test_an_error_of_the_database_leaves_the_block_as_the_log_s(store: Store, directory: Path) -> None:
    def work(broken: Exception) -> Callable[[], None]:
        def block() -> None:
            with store.log.begin() as within:
                store.outbox.put(within, notice("k"))
                raise broken

        return block

    assert refused(work(sqlite3.OperationalError(SECRET))) == "io"
    assert refused(work(OSError(28, SECRET))) == "full"
    assert all_or_none(directory) == 0


@pytest.mark.parametrize("content", [None, b"", b"00", b"zz" * 32, b"\xff" * 64])
def test_contacts_without_their_key(store: Store, directory: Path, content: bytes | None) -> None:
    open_one(store)
    key = directory / "keys" / "contacts.key"
    key.unlink()
    if content is not None:
        key.write_bytes(content)
    cause = "missing" if content is None else "corrupt"
    [kept] = store.cases.in_states(frozenset(CaseState))
    assert refused(lambda: store.cases.contact(kept.id)) == cause
    assert refused(lambda: open_one(store)) == cause
    assert all_or_none(directory) == 1


def test_a_lock_held_by_another(store: Store, directory: Path) -> None:
    with closing(sqlite3.connect(directory / "log.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert refused(lambda: open_one(store)) == "locked"
        assert refused(lambda: store.outbox.done("k", NOON)) == "locked"
        assert list(store.outbox.take(NOON)) == []  # nothing to take needs no lock
        assert store.cases.live() == 0
    open_one(store)


# --- the process


def child(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.audit.case_child", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_inside_a_transaction(store: Store, directory: Path, point: str) -> None:
    process = child("die", str(directory), point)
    process.communicate(timeout=60)
    assert process.returncode == -9
    there = 1 if point == "committed" else 0
    assert counts(directory) == (there,) * 4
    assert (store.cases.get(CaseId("cs_dying")) is not None) is bool(there)
    assert unlike(log_of(store), cases_of(store)) == []
    store.open()
    assert counts(directory)[0] == there + 1


@pytest.mark.parametrize("seconds", [0.002, 0.01, 0.03, 0.07, 0.15, 0.3])
def test_what_was_acknowledged_survives_a_kill(store: Store, directory: Path, seconds: float) -> None:
    process = child("open", str(directory))
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    rest = process.stdout.read()  # as the first line was read: communicate would lose what was read ahead
    process.communicate(timeout=30)
    acknowledged = (first + rest).split("\n")[:-1]  # a line without its end was cut off by the kill
    kept = [each.id for each in store.cases.in_states(frozenset(CaseState))]
    told = [each.notice.key for each in store.outbox.waiting()]
    assert set(acknowledged) <= set(kept)
    assert len(kept) <= len(acknowledged) + 1
    assert sorted(told) == sorted(f"opened:{each}" for each in kept)
    assert counts(directory)[0] == len(kept)
    assert unlike(log_of(store), cases_of(store)) == []


def test_processes_that_claim_at_once(store: Store, directory: Path) -> None:
    cases = [store.open(f"c-{number}").id for number in range(20)]
    processes = [child("claim", str(directory), f"ac_{number}", *cases) for number in range(3)]
    for each in processes:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    claimed = [each.communicate(timeout=60)[0].split() for each in processes]
    assert sorted(case for own in claimed for case in own) == sorted(cases)
    for number, own in enumerate(claimed):
        assert {store.cases.get(CaseId(each)).holder for each in own} <= {f"ac_{number}"}  # type: ignore[union-attr]
    assert unlike(log_of(store), cases_of(store)) == []


def cases_of(store: Store) -> DeskCases:
    assert isinstance(store.cases, DeskCases)
    return store.cases


# --- what the tables hold


def test_a_contact_lies_sealed_and_bound_to_its_case(store: Store, directory: Path) -> None:
    first, second = store.open("c-1"), store.open("c-2")
    with store.log.begin() as within:
        store.cases.keep_contact(within, first.id, SECRET, NOON)
    assert store.cases.contact(first.id) == (SECRET, NOON)
    log_of(store).close()
    assert SECRET.encode() not in whole(directory)
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection, connection:
        connection.execute('UPDATE contacts SET "case" = ?', (second.id,))
    assert refused(lambda: store.cases.contact(second.id)) == "corrupt"


def test_a_dropped_contact_is_overwritten(store: Store, directory: Path) -> None:
    kept = store.open()
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, SECRET * 20, NOON)
    with closing(sqlite3.connect(directory / "log.sqlite")) as connection:
        [(sealed,)] = connection.execute("SELECT sealed FROM contacts").fetchall()
    log_of(store).close()
    part = sealed[20:60]
    assert part in whole(directory)

    def drop(within: Transaction) -> None:
        assert store.cases.drop_contact(within, kept.id)

    with store.log.begin() as within:
        drop(within)
    log_of(store).close()  # what the write-ahead log held goes with it
    assert part not in whole(directory)


def test_a_delivered_notice_keeps_its_key_alone(store: Store, directory: Path) -> None:
    with store.log.begin() as within:
        store.outbox.put(within, notice("k-1", to="someone@example.jp", subject="題", body=SECRET))
    store.outbox.done("k-1", NOON)
    log_of(store).close()
    assert SECRET.encode() not in whole(directory)
    assert b"someone@example.jp" not in whole(directory)
    assert b"k-1" in whole(directory)


def test_the_number_of_a_case_lies_in_no_table(store: Store, directory: Path) -> None:
    kept = store.open()
    [entry] = store.log.entries(kept.conversation)
    number = entry.contents["number"]
    assert number is not None
    log_of(store).close()
    for form in (number, number.replace("-", "")):
        assert form.encode() not in whole(directory)


def whole(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in directory.glob("log.sqlite*"))


def test_a_transaction_costs_one_sync(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry, case and two notices are one commit: not slower than an entry alone but for the rows themselves."""
    begun: list[str] = []
    real_connect = engines.connect

    def watched(path: Path, busy_seconds: float) -> sqlite3.Connection:
        connection = real_connect(path, busy_seconds)
        connection.set_trace_callback(lambda statement: begun.append(statement) if statement == "COMMIT" else None)
        return connection

    store = real_store(directory)
    store.open()  # keys are made
    log_of(store).close()
    monkeypatch.setattr(engines, "connect", watched)
    store.open()
    assert begun == ["COMMIT"]
    log_of(store).close()
