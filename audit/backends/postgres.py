"""A log in a schema of a PostgreSQL server's: many write, one sequences, and each may do only what its role may.

Two advisory locks over the schema stand for what a file lock does in SQLite. Whoever writes what rests on what it read
holds the pen alone; appends, which rest on nothing, share it. Whoever sequences holds a lock of its own, which no
writer ever waits for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from audit.backends.connections import PostgresReader, PostgresWriter, lock_key
from audit.backends.driver import PostgresDriver
from audit.backends.guards import arm, findings
from audit.backends.roles import ERASER, OWNER, SEQUENCER, WRITER, is_schema, role
from audit.database import Driver
from audit.failures import CORRUPT, READ_ONLY, cause_of
from audit.migrate import run

_KEPT: Final = 4
_AT_ONCE: Final = 16
_CONNECT_SECONDS: Final = 5
_IDLE_SECONDS: Final = 60  # after so long without a statement a transaction is void, and others may write
_PREPARE_SECONDS: Final = 30.0  # making a log ready may wait for a running server's writes
_LOOK_SECONDS: Final = 0.02
# Transactions of the service that began before a moment; their snapshots may be of before it too.
_OLDER: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = session_user "
    "AND pid <> pg_backend_pid() AND xact_start <= :asked"
)


class PostgresDatabase:
    """The schema of one desk. ``url`` is libpq's, with ``postgresql://`` or ``postgresql+psycopg://`` before it.

    Roles and schema are made beforehand (``audit.backends.roles``). Raises ValueError for what names no schema.
    """

    probe: Final = (
        "INSERT INTO entries (entry, kind, time, conversation, leaf_hash) "
        "SELECT entry, kind, time, conversation, leaf_hash FROM entries WHERE FALSE"
    )

    def __init__(self, url: str, schema: str) -> None:
        if not is_schema(schema):
            raise ValueError("not a name for a schema")
        self.schema = schema
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._turn = Lock()
        self._sequencers: dict[float, Engine] = {}

    def writer(self, busy_seconds: float) -> PostgresWriter:
        return PostgresWriter(self._pooled(WRITER, busy_seconds), self.schema)

    def reader(self, busy_seconds: float) -> PostgresReader:
        return PostgresReader(self._pooled(WRITER, busy_seconds))

    @contextmanager
    def preparing(self) -> Iterator[Connection]:
        with self._once(WRITER, _PREPARE_SECONDS, "pen") as connection:
            yield connection

    @contextmanager
    def sequencing(self, busy_seconds: float) -> Iterator[Connection]:
        engine = self._sequencer(busy_seconds)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock_key(self.schema, 'sequencer')})")
                yield connection
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        with self._turn:
            for engine in self._sequencers.values():
                engine.dispose()

    def upgrade(self, scripts: Path, head: str, versions: str) -> None:
        """As the owner, which the service's login need not be able to become: then somebody else upgrades first."""
        if self._version(versions) == head:
            return
        with self._once(OWNER, _PREPARE_SECONDS, "owner") as connection:
            run(connection, scripts, head, versions)
            arm(connection, self.schema)

    def arm(self) -> None:
        """Give the roles exactly their rights, and the tables their guards, once more. Raises STORAGE_ERRORS."""
        with self._once(OWNER, _PREPARE_SECONDS, "owner") as connection:
            arm(connection, self.schema)

    def driver_of(self, connection: Connection) -> Driver:
        driver = connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            raise TypeError("the log is not on PostgreSQL")
        return PostgresDriver(driver)

    @contextmanager
    def erasing(self, connection: Driver) -> Iterator[None]:
        connection.execute(f"SET LOCAL ROLE {role(self.schema, ERASER)}")
        yield
        connection.execute(f"SET LOCAL ROLE {role(self.schema, WRITER)}")  # after an error nothing is kept anyway

    def settled(self, seconds: float) -> bool:
        """Old rows stay in free space and in the server's journal until it reuses them: what must not be read any more
        needs its key destroyed.
        """
        until = time.monotonic() + seconds
        with self._once(None, seconds, None) as connection:  # as the login: others' sessions are hidden from a role
            asked = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            while connection.execute(_OLDER, {"asked": asked}).scalar_one():
                if time.monotonic() > until:
                    return False
                time.sleep(_LOOK_SECONDS)
                connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        return True

    def findings(self) -> Sequence[tuple[bool, str]]:
        """Whether the server keeps what it acknowledged, and the roles may do what they should and no more."""
        try:
            with self._once(WRITER, _CONNECT_SECONDS, None) as connection:
                return findings(connection, self.schema)
        except DBAPIError as error:
            cause = cause_of(error, Path())
        return [(False, f"schema {self.schema} (PostgreSQL): {cause}")]

    def _version(self, versions: str) -> str | None:
        """How far the tables have come; None where they cannot be read, as before the first upgrade."""
        try:
            with self._once(WRITER, _PREPARE_SECONDS, None) as connection:
                found = connection.execute(text(f"SELECT version_num FROM {versions}")).scalar()  # noqa: S608 - ours
        except DBAPIError as error:
            if cause_of(error, Path()) not in {CORRUPT, READ_ONLY}:
                raise
            return None
        return found and str(found)

    @contextmanager
    def _once(self, name: str | None, busy_seconds: float, lock: str | None) -> Iterator[Connection]:
        """A transaction on a connection of its own, with a lock of the schema's held to its end."""
        engine = create_engine(
            self._url, connect_args=self._arguments(name, busy_seconds), poolclass=NullPool, hide_parameters=True
        )
        try:
            with engine.begin() as connection:
                if lock is not None:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock_key(self.schema, lock)})")
                yield connection
        finally:
            engine.dispose()

    def _sequencer(self, busy_seconds: float) -> Engine:
        """One connection kept from step to step, and asked for a sign of life before each: steps are far apart."""
        with self._turn:
            if busy_seconds not in self._sequencers:
                self._sequencers[busy_seconds] = create_engine(
                    self._url,
                    connect_args=self._arguments(SEQUENCER, busy_seconds),
                    pool_size=1,
                    pool_timeout=busy_seconds,
                    pool_pre_ping=True,
                    hide_parameters=True,
                )
            return self._sequencers[busy_seconds]

    def _pooled(self, name: str, busy_seconds: float) -> Engine:
        return create_engine(
            self._url,
            connect_args={**self._arguments(name, busy_seconds), "autocommit": True},
            poolclass=QueuePool,
            pool_size=_KEPT,
            max_overflow=_AT_ONCE - _KEPT,
            pool_timeout=busy_seconds,
            hide_parameters=True,
        )

    def _arguments(self, name: str | None, busy_seconds: float) -> dict[str, Any]:
        settings = {
            "search_path": f"{self.schema},pg_temp",
            "role": role(self.schema, name) if name else "none",
            "lock_timeout": f"{max(1, round(busy_seconds * 1000))}ms",
            "idle_in_transaction_session_timeout": f"{_IDLE_SECONDS}s",
            "synchronous_commit": "on",  # whatever the server's own default is: acknowledged is durable
        }
        options = " ".join(f"-c {setting}={value}" for setting, value in settings.items())
        return {"options": f"{_asked(self._url)}{options}", "connect_timeout": _CONNECT_SECONDS}


def _asked(url: URL) -> str:
    """The options that the address itself asks for."""
    found = url.query.get("options", "")
    return f"{found if isinstance(found, str) else ' '.join(found)} " if found else ""
