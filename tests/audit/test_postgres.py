"""The log in a PostgreSQL database: what the roles may do, who comes before whom, and what fails how."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from audit import tables
from audit.backends.postgres import PostgresDatabase
from audit.backends.roles import ERASER, OWNER, SEQUENCER, WRITER, role, statements
from audit.log import DeskLog
from audit.migrate import HEAD
from audit.prepare import prepare
from audit.proofs import DeskProofs
from audit.writing import write_entry
from bot.adapters.database import tables as case_tables
from bot.ports import LogUnavailable
from bot.records import ConversationId, Entry, EntryId
from tests.audit.case_kit import NOON, Store, case, notice, real_store
from tests.audit.entries import ORIGIN, opened, whole_exchange
from tests.audit.logs_kit import KeptLog, any_log, erasure
from tests.audit.test_audit_failures import SECRET, fill, refused
from tests.fakes_audit import TickingClock
from tests.postgres_kit import APART, LOGIN, SCHEMAS, Place, removed

PUBLIC = SCHEMAS[0]


@pytest.fixture
def kept(postgres: Place, tmp_path: Path) -> Iterator[KeptLog]:
    made = KeptLog(tmp_path / "public", place=postgres)
    yield made
    made.close()


def impatient(kept: KeptLog) -> DeskLog:
    return DeskLog(kept.directory, TickingClock(), busy_seconds=0.3, database=kept.log.database)


def place_of(kept: KeptLog) -> Place:
    assert kept.place is not None
    return kept.place


def counts(place: Place) -> tuple[int, int]:
    [found] = place.rows("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM contents)")
    return found[0], found[1]


# --- tables


def test_the_migrated_tables_are_the_tables(postgres: Place) -> None:
    with_sqlalchemy = make_url(postgres.url).set(drivername="postgresql+psycopg")
    options = {"options": f"-c search_path={PUBLIC} -c role={role(PUBLIC, OWNER)}"}
    engine = create_engine(with_sqlalchemy, connect_args=options)
    for metadata in (tables.METADATA, case_tables.METADATA):
        with engine.connect() as connection:
            found = MigrationContext.configure(
                connection,
                opts={"include_name": lambda name, kind, parents, own=metadata: _named(name, kind, parents, own)},
            )
            assert compare_metadata(found, metadata) == []
    engine.dispose()


def _named(name: str | None, kind: str, parents: object, metadata: object) -> bool:
    """Left out: the other room's tables, and the index that only this database needs."""
    return name != "entries_waiting" and (kind != "table" or name in getattr(metadata, "tables", {}))


def test_many_may_prepare_at_once(postgres: Place, tmp_path: Path) -> None:
    postgres.rows(f"DROP SCHEMA {PUBLIC} CASCADE")
    with postgres.superuser() as admin:
        for statement in statements([PUBLIC], "madoguchi"):
            admin.execute(statement.encode())
    directory, clock = tmp_path / "public", TickingClock()
    work = lambda: prepare(directory, ORIGIN, clock, postgres.database())  # noqa: E731 - for eight threads
    threads = [threading.Thread(target=work) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(postgres.rows("SELECT * FROM identity")) == 1
    assert postgres.rows("SELECT version_num FROM alembic_version") == [(HEAD,)]
    log = DeskLog(directory, clock, database=postgres.database())
    assert log.check() == "ready"
    log.close()


def test_desks_lie_apart(kept: KeptLog, tmp_path: Path) -> None:
    staff = place_of(kept).database(SCHEMAS[1])
    prepare(tmp_path / "staff", "example.org/staff", TickingClock(), staff)
    other = DeskLog(tmp_path / "staff", TickingClock(), database=staff)
    exchange, _ = whole_exchange(kept.log)
    assert other.exchange(exchange) is None
    other.close()
    with place_of(kept).superuser() as admin:
        admin.execute(f"SET ROLE {role(SCHEMAS[1], WRITER)}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute(f"SELECT * FROM {PUBLIC}.entries")


def test_no_text_is_readable_in_any_table(kept: KeptLog) -> None:
    exchange, _ = whole_exchange(kept.log, question=SECRET)
    assert SECRET in kept.log.text(exchange)
    for table in tables.METADATA.tables:
        rows = place_of(kept).rows(f"SELECT convert_from(each.leaf, 'UTF8') FROM {table} AS each") \
            if table == "entries" else place_of(kept).rows(f"SELECT each::text FROM {table} AS each")  # fmt: skip
        assert SECRET not in str(rows)
        assert SECRET.encode().hex() not in str(rows)


# --- rights


def as_role(place: Place, name: str | None, statement: str) -> None:
    """Run it as one of the roles, or as the service's login itself, and undo it."""
    with psycopg.connect(place.url, options=f"-c search_path={PUBLIC}") as connection:
        if name is not None:
            connection.execute(f"SET ROLE {role(PUBLIC, name)}".encode())
        try:
            connection.execute(statement.encode())
        finally:
            connection.rollback()


NEVER = (
    "DELETE FROM entries",
    "TRUNCATE entries CASCADE",
    "UPDATE entries SET leaf_hash = 'x'",
    "UPDATE entries SET kind = 'x'",
    "UPDATE entries SET mac = 'x'",
    "INSERT INTO entries (entry, kind, time, conversation, leaf_hash, tree_index) VALUES ('x','x','x','x','x',0)",
    "INSERT INTO entries (entry, kind, time, conversation, leaf_hash, sequence) VALUES ('x','x','x','x','x',0)",
    "DELETE FROM receipts",
    "UPDATE receipts SET promise = 'x'",
    "UPDATE contents SET sealed = 'x'",
    "DELETE FROM identity",
    "UPDATE identity SET origin = 'x'",
    "INSERT INTO head VALUES (1, 1)",
    "DELETE FROM head",
    "DELETE FROM tiles",
    "UPDATE tiles SET number = 7",
    "DELETE FROM checkpoints",
    "UPDATE checkpoints SET note = 'x'",
    "ALTER TABLE entries DISABLE TRIGGER ALL",
    "DROP TRIGGER entries_are_never_changed ON entries",
    "DROP TABLE links",
    "CREATE TABLE madoguchi_public.other (a int)",
    "UPDATE alembic_version SET version_num = '0001'",
)
SEQUENCERS = (
    "UPDATE entries SET tree_index = 9",
    "UPDATE head SET size = 9, sequence = 9",
    "INSERT INTO tiles VALUES (7, 7, 'x')",
    "INSERT INTO checkpoints VALUES (9, 'x', 'x')",
)
ERASERS = (
    "DELETE FROM contents",
    "DELETE FROM links",
    "UPDATE entries SET leaf = NULL",
)


@pytest.mark.parametrize("name", [WRITER, SEQUENCER, ERASER, None])
def test_no_role_may_change_what_was_written(kept: KeptLog, name: str | None) -> None:
    whole_exchange(kept.log)
    kept.sequence()
    others = {WRITER: (*SEQUENCERS, *ERASERS), SEQUENCER: ERASERS, ERASER: SEQUENCERS, None: (*SEQUENCERS, *ERASERS)}
    refusal = psycopg.errors.InsufficientPrivilege if name else psycopg.errors.Error  # nothing is even seen
    for statement in (*NEVER, *others[name]):
        with pytest.raises(refusal):
            as_role(place_of(kept), name, statement)
    assert kept.proofs.verify().well


def test_a_login_that_forgets_its_role_may_do_nothing(kept: KeptLog) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(place_of(kept), None, f"SELECT * FROM {PUBLIC}.entries")


def test_only_the_sequencer_writes_no_entries(kept: KeptLog) -> None:
    for statement in (
        "INSERT INTO entries (entry, kind, time, conversation, leaf_hash) VALUES ('x','x','x','x','x')",
        "INSERT INTO subjects VALUES ('x', 'x')",
        "UPDATE entries SET leaf = NULL",
        "DELETE FROM contents",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_role(place_of(kept), SEQUENCER, statement)


def test_slips_of_those_who_have_a_right_are_refused(kept: KeptLog) -> None:
    """The owner has every right, and the guards are for that."""
    whole_exchange(kept.log)
    kept.sequence()
    for name, statement in (
        (SEQUENCER, "UPDATE entries SET tree_index = 9"),
        (SEQUENCER, "UPDATE head SET size = 1"),
        (SEQUENCER, "UPDATE tiles SET hashes = 'x'"),
        (ERASER, "UPDATE entries SET leaf = 'x'"),
        (OWNER, "DELETE FROM entries"),
        (OWNER, "TRUNCATE entries CASCADE"),
        (OWNER, "UPDATE entries SET leaf_hash = 'x'"),
        (OWNER, "UPDATE checkpoints SET note = 'x'"),
        (OWNER, "DELETE FROM tiles"),
    ):
        with pytest.raises(psycopg.errors.IntegrityError, match=r"never|once|grow"):
            as_role(place_of(kept), name, statement)


def test_texts_go_by_the_eraser_s_right_alone(kept: KeptLog) -> None:
    exchange, closing = whole_exchange(kept.log, question=SECRET)
    kept.sequence()
    gone = {"entry": closing.entry}
    statement = (
        "DELETE FROM contents WHERE path = 'reply' AND sequence = (SELECT sequence FROM entries WHERE entry = :entry)"
    )
    with pytest.raises(LogUnavailable, match="read_only"):
        kept.log.writing(lambda connection: connection.execute(statement, gone))
    with kept.log.begin() as within:
        kept.log.append(erasure([(closing.entry, ["reply"])], "suspension"), within)
        with kept.log.erasing(within):
            kept.log.writing(lambda connection: connection.execute(statement, gone), within)
        kept.log.append(opened(), within)
    found = kept.log.exchange(exchange)
    assert found is not None
    assert found.reply is None
    kept.sequence()
    assert kept.proofs.verify().well


def test_a_state_is_settled_when_nobody_reads_an_older_one(kept: KeptLog) -> None:
    whole_exchange(kept.log)
    database = kept.log.database
    assert database.settled(1)
    with kept.log._reader.transaction() as connection:
        connection.exec_driver_sql("SELECT 1")
        assert not database.settled(0.1)
    assert database.settled(1)


def test_a_failed_erasure_is_none(kept: KeptLog) -> None:
    _, closing = whole_exchange(kept.log)

    def work() -> None:
        with kept.log.begin() as within:
            kept.log.append(erasure([(closing.entry, ["reply"])], "suspension"), within)
            with kept.log.erasing(within):
                kept.log.writing(lambda connection: connection.execute("DELETE FROM contents"), within)
                raise KeyError

    before = counts(place_of(kept))
    with pytest.raises(KeyError):
        work()
    assert counts(place_of(kept)) == before


def test_what_is_wrong_with_rights_and_guards_is_told(kept: KeptLog) -> None:
    place = place_of(kept)
    wrong = [line for good, line in kept.log.database.findings() if not good]
    assert len(wrong) == 1
    assert "fsync is off" in wrong[0]  # the test's server
    for statement, told in (
        (f"GRANT DELETE ON entries TO {role(PUBLIC, WRITER)}", "writer may DELETE entries"),
        (f"GRANT UPDATE (kind) ON entries TO {role(PUBLIC, WRITER)}", "writer may UPDATE entries"),
        ("ALTER TABLE head DISABLE TRIGGER the_tree_never_shrinks", "the guard the_tree_never_shrinks"),
        (f"ALTER DATABASE {place.name} SET full_page_writes = off", ""),
    ):
        with place.superuser() as admin:
            try:
                admin.execute(statement.encode())
            except psycopg.errors.CantChangeRuntimeParam:
                continue  # a setting of the whole server
        assert any(told in line for good, line in kept.log.database.findings() if not good), statement
    assert isinstance(kept.log.database, PostgresDatabase)
    kept.log.database.arm()
    with place.superuser() as admin:
        admin.execute("ALTER TABLE head ENABLE TRIGGER the_tree_never_shrinks")
    assert [line for good, line in kept.log.database.findings() if not good] == wrong
    as_superuser = PostgresDatabase(place.server.get_uri(place.name), PUBLIC)
    assert any("superuser" in line for _, line in as_superuser.findings())


# --- who comes before whom


def test_a_smaller_number_that_comes_later_is_not_passed_over(kept: KeptLog) -> None:
    writer, pen = kept.log.database.writer(5), kept.log._pen()
    with ExitStack() as slow:
        connection = slow.enter_context(writer.transaction(beside=True))
        late = write_entry(connection, pen, opened("c-late"), datetime.now(UTC))
        quick = kept.log.append(opened("c-quick"))
        assert kept.proofs.sequence().added == 1
        assert kept.proofs.waiting() == 0
        assert kept.proofs.verify().well
        assert kept.proofs.sequence().added == 0
    assert kept.proofs.waiting() == 1
    assert kept.proofs.waiting_since() is not None
    report = kept.proofs.verify()
    assert (report.well, report.waiting) == (True, 1)
    after = kept.log.append(opened("c-after"))
    done = kept.proofs.sequence()
    assert (done.added, done.size) == (2, 3)
    found = kept.rows("SELECT entry, tree_index FROM entries ORDER BY sequence")
    assert found == [(late.entry, 1), (quick.entry, 0), (after.entry, 2)]
    report = kept.proofs.verify()
    assert report.well, report.findings
    assert kept.proofs.bundle(EntryId(late.entry), contents=True)
    writer.close()


def test_a_slow_writer_is_no_step_of_the_clock(kept: KeptLog) -> None:
    writer, pen = kept.log.database.writer(5), kept.log._pen()
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with writer.transaction(beside=True) as connection:
        write_entry(connection, pen, opened("c-late"), now - timedelta(seconds=9))
        kept.log.writing(lambda other: write_entry(other, pen, opened(), now), beside=True)
        kept.proofs.sequence()
    assert kept.proofs.sequence().steps == []
    kept.log.writing(lambda other: write_entry(other, pen, opened(), now - timedelta(hours=1)))
    assert len(kept.proofs.sequence().steps) == 1
    writer.close()


def test_numbers_that_were_never_used_leave_no_gap(kept: KeptLog) -> None:
    for number in range(5):
        kept.log.append(opened())
        with pytest.raises(ValueError, match="not an entry"):
            kept.log.append(Entry("gap", ConversationId("g"), {"n": number}, {}, (EntryId("strange"),)))
    assert kept.proofs.waiting() == 5
    kept.sequence()
    assert kept.rows("SELECT tree_index FROM entries ORDER BY sequence") == [(index,) for index in range(5)]
    assert kept.rows("SELECT max(sequence) > 5 FROM entries") == [(True,)]
    assert kept.proofs.verify().well


def test_appends_go_on_side_by_side_and_decisions_alone(kept: KeptLog) -> None:
    hurried = impatient(kept)
    writer = kept.log.database.writer(0.3)
    with writer.transaction(beside=True) as connection:
        connection.execute("SELECT 1")
        hurried.append(opened())  # beside the other's
        assert refused_to_begin(hurried) == "locked"
    with hurried.begin():
        assert refused(hurried) == "locked"
        assert kept.proofs.sequence().added == 1  # the sequencer waits for no writer
    hurried.append(opened())
    hurried.close()
    writer.close()


def refused_to_begin(log: DeskLog) -> str:
    with pytest.raises(LogUnavailable) as raised, log.begin():
        pass
    return raised.value.cause


def test_two_first_entries_of_one_conversation_have_one_key(kept: KeptLog) -> None:
    together = threading.Barrier(6)

    def work() -> None:
        for number in range(8):
            together.wait()
            kept.log.append(opened(f"c-{number}"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert kept.rows("SELECT count(*) FROM entries") == [(48,)]
    by_conversation = (
        "SELECT count(DISTINCT subject_key) FROM contents JOIN entries USING (sequence) GROUP BY conversation"
    )
    assert kept.rows(by_conversation) == [(1,)] * 8


def test_one_sequencer_at_a_time(kept: KeptLog) -> None:
    kept.log.append(opened())
    hurried = DeskProofs(kept.directory, TickingClock(), busy_seconds=0.3, database=kept.log.database)
    with kept.log.database.sequencing(1), pytest.raises(LogUnavailable, match="locked"):
        hurried.sequence()
    assert hurried.sequence().added == 1
    hurried.close()


@pytest.mark.parametrize("seed", range(3))
def test_right_histories_raise_no_alarm(postgres: Place, tmp_path: Path, seed: int) -> None:
    kept = any_log(tmp_path / "public", seed, 25, postgres)
    report = kept.proofs.verify([kept.sequence()])
    assert report.well, report.findings
    assert kept.export()
    kept.close()


# --- what fails


@dataclass(frozen=True)
class Fault:
    """Something that is done to the server, and what makes it good again."""

    done: str
    undone: str
    cause: str


FAULTS = {
    "read only": Fault("ALTER DATABASE {name} SET default_transaction_read_only = on",
                       "ALTER DATABASE {name} RESET default_transaction_read_only", "read_only"),
    "right taken": Fault("REVOKE INSERT ON entries FROM {writer}",
                         "GRANT INSERT (entry, kind, time, conversation, exchange, leaf, leaf_hash, mac) ON entries "
                         "TO {writer}", "read_only"),
    "table gone": Fault("ALTER TABLE contents RENAME TO aside", "ALTER TABLE aside RENAME TO contents", "corrupt"),
    "schema gone": Fault("ALTER SCHEMA {schema} RENAME TO aside", "ALTER SCHEMA aside RENAME TO {schema}", "corrupt"),
    "table locked": Fault("", "", "locked"),
    "no entry": Fault("ALTER DATABASE {name} CONNECTION LIMIT 0",
                      "ALTER DATABASE {name} CONNECTION LIMIT -1", "missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_cause_and_is_got_over(kept: KeptLog, name: str) -> None:
    fault, place, log = FAULTS[name], place_of(kept), impatient(kept)
    words = {"name": place.name, "schema": PUBLIC, "writer": role(PUBLIC, WRITER)}
    exchange, _ = whole_exchange(log)
    before = counts(place)
    log.close()
    with place.superuser() as admin:
        if name == "table locked":
            admin.execute("BEGIN; LOCK TABLE entries IN EXCLUSIVE MODE")
        else:
            admin.execute(fault.done.format(**words).encode())
        try:
            assert refused(log) == fault.cause
            assert log.check() == fault.cause or name == "table gone"  # which nothing asks for before it is written to
        finally:
            admin.execute(b"ROLLBACK" if name == "table locked" else fault.undone.format(**words).encode())
    log.close()
    assert log.check() == "ready"
    assert log.exchange(exchange) is not None
    assert counts(place) == before
    whole_exchange(log)
    log.close()


def test_a_record_that_was_changed_is_not_shown(kept: KeptLog) -> None:
    exchange, _ = whole_exchange(kept.log)
    kept.tamper("UPDATE contents SET sealed = zeroblob(60)")
    with pytest.raises(LogUnavailable, match="corrupt"):
        kept.log.exchange(exchange)


def test_connections_cut_between_two_calls_are_made_anew(kept: KeptLog) -> None:
    exchange, _ = whole_exchange(kept.log)
    for _ in range(2):
        cut(place_of(kept))
        kept.log.append(opened())
        cut(place_of(kept))
        assert kept.log.exchange(exchange) is not None


def cut(place: Place) -> None:
    place.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE usename = 'madoguchi' AND datname = current_database()"  # other tests use the same server
    )


def test_a_connection_lost_in_mid_transaction_takes_all_with_it(postgres: Place, tmp_path: Path) -> None:
    store = real_store(tmp_path / "public", database=postgres.database())
    for point in ("begun", "entry", "case", "notice"):

        def work(point: str = point) -> None:
            with store.log.begin() as within:
                write_until(store, within, point)
                cut(postgres)
                store.log.append(opened(question=SECRET), within)

        with pytest.raises(LogUnavailable, match="missing") as raised:
            work()
        assert SECRET not in str(raised.value)
        assert (raised.value.__cause__, raised.value.__context__) == (None, None)
        assert counts(postgres) == (0, 0)
        assert postgres.rows("SELECT count(*) FROM cases") == [(0,)]

    def silent() -> None:
        with store.log.begin() as within:
            write_until(store, within, "notice")
            cut(postgres)  # and nothing more is said before the commit

    with pytest.raises(LogUnavailable, match="missing"):
        silent()
    assert counts(postgres) == (0, 0)
    store.open()
    assert counts(postgres)[0] == 1
    assert isinstance(store.log, DeskLog)
    store.log.close()


def write_until(store: Store, within: object, point: str) -> None:
    kept = case()
    steps: dict[str, Callable[[], object]] = {
        "begun": lambda: None,
        "entry": lambda: store.log.append(opened(question=SECRET), within),  # type: ignore[arg-type]
        "case": lambda: store.cases.add(within, kept, b"d", None),  # type: ignore[arg-type]
        "notice": lambda: store.outbox.put(within, notice("k")),  # type: ignore[arg-type]
    }
    for name, step in steps.items():
        step()
        if name == point:
            return


def test_a_failure_that_somebody_hid_is_no_commit(kept: KeptLog) -> None:
    """PostgreSQL answers a COMMIT after a failed statement with ROLLBACK, and no error."""

    def work() -> None:
        with kept.log.begin() as within:
            kept.log.append(opened(), within)
            connection = within.connection  # type: ignore[attr-defined]  # as code would that bypasses `writing`
            with pytest.raises(Exception, match="io"):
                connection.execute("SELECT 1 / 0")

    with pytest.raises(LogUnavailable):
        work()
    assert counts(place_of(kept)) == (0, 0)


def test_a_transaction_left_idle_is_void(kept: KeptLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.backends.postgres._IDLE_SECONDS", 1)
    log = DeskLog(kept.directory, TickingClock(), database=place_of(kept).database())

    def work() -> None:
        with log.begin() as within:
            log.append(opened(), within)
            threading.Event().wait(1.5)

    with pytest.raises(LogUnavailable):
        work()
    assert counts(place_of(kept)) == (0, 0)
    log.append(opened())
    log.close()


def test_a_database_that_is_gone(kept: KeptLog) -> None:
    log = impatient(kept)
    whole_exchange(log)
    log.close()
    kept.close()
    place_of(kept).keep_copy()
    removed(place_of(kept))
    assert refused(log) == "missing"
    assert log.check() == "missing"
    place_of(kept).restore_copy()
    assert log.check() == "ready"
    whole_exchange(log)
    log.close()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    mount_point = Path(tempfile.mkdtemp())  # the server's own user must be able to reach it
    mount_point.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", str(mount_point)]
    if not shutil.which("mount") or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        mount_point.rmdir()
        pytest.skip("mounting a small disk is not allowed here")
    yield mount_point
    subprocess.run(["umount", "--lazy", str(mount_point)], check=True)
    mount_point.rmdir()


def test_a_full_disk_and_its_relief(kept: KeptLog, small_disk: Path) -> None:
    place, log = place_of(kept), impatient(kept)
    inner = small_disk / "space"
    inner.mkdir()
    shutil.chown(inner, "embedded_postgres")
    place.rows(f"CREATE TABLESPACE t{place.name} LOCATION '{inner}'")
    place.rows(f"ALTER TABLE contents SET TABLESPACE t{place.name}")
    written: list[str] = []
    with pytest.raises(LogUnavailable) as raised:
        fill(log, written)
    assert raised.value.cause == "full"
    assert written
    assert counts(place) == (len(written), len(written))
    place.rows("ALTER TABLE contents SET TABLESPACE pg_default")
    log.append(opened())
    assert counts(place) == (len(written) + 1, len(written) + 1)
    place.rows(f"DROP TABLESPACE t{place.name}")
    log.close()


def test_contacts_lie_sealed(postgres: Place, tmp_path: Path) -> None:
    store = real_store(tmp_path / "public", database=postgres.database())
    kept = store.open()
    with store.log.begin() as within:
        store.cases.keep_contact(within, kept.id, SECRET, NOON)
    assert store.cases.contact(kept.id) == (SECRET, NOON)
    [(sealed,)] = postgres.rows("SELECT sealed FROM contacts")
    assert SECRET.encode() not in sealed
    assert isinstance(store.log, DeskLog)
    store.log.close()


def test_without_the_owner_s_role_a_newer_version_is_refused(postgres: Place, tmp_path: Path) -> None:
    """Hardened: the service's login cannot become the owner; what is up to date needs none."""
    apart = PostgresDatabase(postgres.url.replace(LOGIN, APART, 1), PUBLIC)
    prepare(tmp_path / "public", ORIGIN, TickingClock(), apart)
    log = DeskLog(tmp_path / "public", TickingClock(), database=apart)
    whole_exchange(log)
    log.close()
    postgres.rows("UPDATE alembic_version SET version_num = '0002'")
    with pytest.raises(LogUnavailable, match="missing"):
        prepare(tmp_path / "public", ORIGIN, TickingClock(), apart)


def test_a_login_that_is_not_there(postgres: Place, tmp_path: Path) -> None:
    nobody = PostgresDatabase(postgres.url.replace(LOGIN, "nobody", 1), PUBLIC)
    with pytest.raises(LogUnavailable, match="missing"):
        prepare(tmp_path / "public", ORIGIN, TickingClock(), nobody)
    assert [good for good, _ in nobody.findings()] == [False]
