"""Making a desk's tables of cases ready, beside whatever the directory holds already; and the table against the log."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from audit import migrate, tables
from audit.engines import write_engine
from audit.log import DeskLog
from audit.prepare import DATABASE
from audit.prepare import prepare as prepare_log
from bot.adapters.clock import SystemClock
from bot.adapters.database import DeskCases, DeskOutbox
from bot.adapters.database import tables as own_tables
from bot.adapters.database.comparing import make_alike, unlike
from bot.case_numbers import digest
from bot.cases import CaseId, CaseState, ChangeKind
from bot.office_table import BadOffice
from bot.records import ConversationId, DeskName, Entry
from tests.audit.case_kit import NOON, Store, case, real_store, store_over
from tests.audit.entries import ORIGIN, fresh_log, whole_exchange
from tests.endurance.kit import amount
from tests.fakes_audit import TickingClock
from web.case_storage import prepare_cases, queue_of
from web.notices import BadNotices
from web.settings import Settings

ANY = frozenset(CaseState)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def store(directory: Path) -> Iterator[Store]:
    made = real_store(directory)
    yield made
    log_of(made).close()


def log_of(store: Store) -> DeskLog:
    assert isinstance(store.log, DeskLog)
    return store.log


def cases_of(store: Store) -> DeskCases:
    assert isinstance(store.cases, DeskCases)
    return store.cases


def run(directory: Path, statement: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(directory / DATABASE)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def all_tables() -> MetaData:
    both = MetaData()
    for metadata in (tables.METADATA, own_tables.METADATA):
        for table in metadata.tables.values():
            table.to_metadata(both)
    return both


# --- making it ready


def test_the_migrated_tables_are_the_tables(directory: Path, store: Store) -> None:
    engine = write_engine(directory / DATABASE, 5)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), all_tables())
    assert [each for each in found if "cases_version" not in str(each)] == []


def test_two_histories_in_one_file(directory: Path, store: Store) -> None:
    assert run(directory, "SELECT version_num FROM cases_version") == [("0001",)]
    assert run(directory, "SELECT version_num FROM alembic_version") == [(migrate.HEAD,)]


def test_a_log_from_before_there_were_cases(directory: Path) -> None:
    directory.mkdir()
    migrate.upgrade(directory / DATABASE, Path(migrate.__file__).with_name("migrations"), "0001")
    old = fresh_log(directory)
    exchange, closing_entry = whole_exchange(old)
    old.close()
    store = real_store(directory)
    assert store.log.exchange(exchange) is not None
    assert log_of(store).receipt(closing_entry)
    kept = store.open()
    assert store.cases.get(kept.id) == kept
    assert run(directory, "SELECT version_num FROM alembic_version") == [(migrate.HEAD,)]
    log_of(store).close()


def test_preparing_again_changes_nothing(directory: Path, store: Store) -> None:
    kept = store.open()
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, "a@example.jp", NOON)
    key = (directory / "keys" / "contacts.key").read_bytes()
    prepare_cases(directory, log_of(store))
    assert (directory / "keys" / "contacts.key").read_bytes() == key
    assert store.cases.contact(kept.id) == ("a@example.jp", NOON)


def test_many_may_prepare_at_once(directory: Path) -> None:
    log = fresh_log(directory)
    threads = [threading.Thread(target=prepare_cases, args=(directory, log)) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    store = store_over(log, directory)
    store.open()
    assert store.cases.live() == 1
    log.close()


def test_the_key_is_private_and_made_while_nothing_is_sealed(directory: Path, store: Store) -> None:
    key = directory / "keys" / "contacts.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(key.read_text("ascii"))) == 32
    key.unlink()
    prepare_cases(directory, log_of(store))
    assert key.exists()
    kept = store.open()
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, "a@example.jp", NOON)
    key.unlink()
    prepare_cases(directory, log_of(store))
    assert not key.exists()  # a new one would hide the loss


def test_a_desk_s_queue_stands_on_its_log(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    for name in DeskName:
        prepare_log(tmp_path / name, ORIGIN, SystemClock())
    logs = {name: DeskLog(tmp_path / name, SystemClock()) for name in DeskName}
    queues = {name: queue_of(name, settings, logs[name], SystemClock()) for name in DeskName}
    for name, log in logs.items():
        prepare_cases(tmp_path / name, log)
        queue = queues[name]
        assert queue.work is log
        assert (queue.recipients.desk, queue.office.configured) == (name, False)
        kept = Store(log, queue.cases, queue.outbox).open()
        assert queue.cases.in_states(ANY) == [kept]
        assert len(queue.outbox.waiting()) == 1
    with pytest.raises(ValueError, match="not an open transaction"), logs[DeskName.STAFF].begin() as within:
        queues[DeskName.PUBLIC].cases.add(within, case(), b"1", None)
    for log in logs.values():
        log.close()


def test_files_of_the_operator_s_that_cannot_be_used(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[nowhere]\n")
    log = DeskLog(tmp_path, SystemClock())
    with pytest.raises(BadOffice):
        queue_of(DeskName.PUBLIC, Settings(data=tmp_path, office=bad), log, SystemClock())
    with pytest.raises(BadNotices):
        queue_of(DeskName.PUBLIC, Settings(data=tmp_path, notices=bad), log, SystemClock())


# --- the table against the log


def lived(store: Store) -> dict[str, CaseId]:
    """Cases that have gone different ways."""
    answered, open_, merged = store.open("c-1"), store.open("c-2", once="o-1"), store.open("c-2")
    store.claim(answered.id, "ac_1")
    store.change(answered.id, ChangeKind.NOTED, by="ac_1")
    store.change(answered.id, ChangeKind.ANSWERED, by="ac_1", made="own", decision=None)
    store.claim(merged.id, "ac_2")
    store.change(merged.id, ChangeKind.MERGED, by="ac_2", into=open_.id)
    store.change(open_.id, ChangeKind.ALARMED, alarm="overdue")
    return {"answered": answered.id, "open": open_.id, "merged": merged.id}


def test_the_table_is_what_the_entries_amount_to(store: Store) -> None:
    assert unlike(log_of(store), cases_of(store)) == []
    lived(store)
    assert unlike(log_of(store), cases_of(store)) == []
    assert make_alike(log_of(store), cases_of(store)) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET state = 'closed' WHERE id = ?",
        "UPDATE cases SET due = NULL WHERE id = ?",
        "UPDATE cases SET holder = 'ac_9' WHERE id = ?",
        "UPDATE cases SET state = 'no state' WHERE id = ?",
        "DELETE FROM cases WHERE id = ?",
    ],
)
def test_a_changed_row_is_told_and_mended(store: Store, directory: Path, change: str) -> None:
    ids = lived(store)
    before = cases_of(store).every()
    run(directory, change, ids["open"])
    assert unlike(log_of(store), cases_of(store)) == [ids["open"]]
    assert make_alike(log_of(store), cases_of(store)) == [ids["open"]]
    assert unlike(log_of(store), cases_of(store)) == []
    assert cases_of(store).every() == before


def test_a_lost_table_comes_back_with_its_numbers(store: Store, directory: Path) -> None:
    ids = lived(store)
    kept = {name: store.cases.get(each) for name, each in ids.items()}
    number = store.log.entries(ConversationId("c-1"))[0].contents["number"]
    assert number is not None
    run(directory, "DELETE FROM cases")
    assert set(unlike(log_of(store), cases_of(store))) == set(ids.values())
    make_alike(log_of(store), cases_of(store))
    assert {name: store.cases.get(each) for name, each in ids.items()} == kept
    assert store.cases.by_digest(digest(number)) == kept["answered"]
    assert len(store.outbox.waiting()) == 9


def test_an_erased_number_finds_no_case_any_more(store: Store, directory: Path) -> None:
    kept = store.open()
    run(directory, "DELETE FROM contents")
    run(directory, "DELETE FROM cases")
    make_alike(log_of(store), cases_of(store))
    assert store.cases.get(kept.id) == kept
    assert run(directory, "SELECT digest FROM cases") == [(None,)]


def test_a_case_the_log_knows_nothing_of_goes(store: Store) -> None:
    kept, strange = store.open(), case()
    with store.log.begin() as within:
        store.cases.add(within, strange, b"1", None)
        store.cases.keep_contact(within, strange.id, "a@example.jp", NOON)
        store.cases.keep_contact(within, kept.id, "b@example.jp", NOON)
    assert unlike(log_of(store), cases_of(store)) == [strange.id]
    make_alike(log_of(store), cases_of(store))
    assert store.cases.get(strange.id) is None
    assert store.cases.contact(strange.id) is None
    assert store.cases.contact(kept.id) == ("b@example.jp", NOON)


def test_entries_that_contradict_one_another_are_told_and_left(store: Store) -> None:
    kept = store.open()
    subject = kept.conversation
    meta = {"case": kept.id, "conversation": subject, "by": "ac_1"}
    store.log.append(Entry("case.closed", subject, meta))  # an open case cannot be closed
    store.log.append(Entry("case.noted", ConversationId("c-9"), {"case": "cs_x", "conversation": "c-9", "by": "ac_1"}))
    assert unlike(log_of(store), cases_of(store)) == [kept.id, "cs_x"]
    make_alike(log_of(store), cases_of(store))
    assert store.cases.get(kept.id) == kept
    assert store.cases.get(CaseId("cs_x")) is None


def test_comparing_beside_a_running_desk_tells_nothing_false(store: Store, directory: Path) -> None:
    other = store_over(DeskLog(directory, TickingClock()), directory)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            kept = other.open()
            other.claim(kept.id, "ac_1")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(amount(5, 20)):
            assert unlike(log_of(store), cases_of(store)) == []
    finally:
        stop.set()
        thread.join()
        log_of(other).close()


def test_an_outbox_s_times_are_the_desk_clock_s(store: Store) -> None:
    assert isinstance(store.outbox, DeskOutbox)
    store.open()
    [waiting] = store.outbox.waiting()
    assert abs((waiting.since - TickingClock().now()).total_seconds()) < 60
