"""One writing connection and a few reading ones for a log's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from audit.failures import LOCKED
from audit.files import SameFile
from audit.sqlite import connect
from bot.ports import LogUnavailable

_READERS_KEPT: Final = 4
_READERS_AT_ONCE: Final = 32


def write_engine(path: Path, busy_seconds: float) -> Engine:
    """Transactions take the write lock as they begin, so that no other writer can come between read and write."""
    engine = create_engine(
        "sqlite://", creator=lambda: connect(path, busy_seconds), poolclass=NullPool, hide_parameters=True
    )
    event.listen(engine, "begin", _begin_immediate)
    return engine


def read_engine(path: Path, busy_seconds: float) -> Engine:
    """Transactions see one state of the log from their first to their last statement, and cannot write."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, busy_seconds),
        poolclass=QueuePool,
        pool_size=_READERS_KEPT,
        max_overflow=_READERS_AT_ONCE - _READERS_KEPT,
        pool_timeout=busy_seconds,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin_reading)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only = ON")
    connection.exec_driver_sql("BEGIN")


class Writer:
    """The one writing connection of this process. Threads take turns; other processes wait for SQLite's lock."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._turn = Lock()
        self._open: tuple[sqlite3.Connection, SameFile] | None = None

    @contextmanager
    def transaction(self, *, beside: bool = False) -> Iterator[sqlite3.Connection]:  # noqa: ARG002 - one writes at once
        """A transaction that is durable when the block ends without an error, and void when it ends with one.

        Raises sqlite3.Error, OSError, LogUnavailable. After any error the connection is given up: after a failed
        sync nothing it holds is to be trusted, and a file that was put back is found again.
        """
        if not self._turn.acquire(timeout=self._busy_seconds):
            raise LogUnavailable(LOCKED)
        try:
            connection, file = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
            file.verify()  # last: a file taken away meanwhile has taken this transaction with it
        except BaseException:
            self._give_up()
            raise
        finally:
            self._turn.release()

    def close(self) -> None:
        with self._turn:
            self._give_up()

    def _opened(self) -> tuple[sqlite3.Connection, SameFile]:
        if self._open is None:
            self._open = (connect(self._path, self._busy_seconds), SameFile(self._path))
        return self._open

    def _give_up(self) -> None:
        if self._open is not None:
            connection, _ = self._open
            self._open = None
            connection.close()  # rolls back what is open


class Reader:
    """The reading connections of this process."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self._path = path
        self._engine = read_engine(path, busy_seconds)
        self._file: SameFile | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Raises SQLAlchemyError, OSError, LogUnavailable; after any error all connections are given up."""
        try:
            file = self._file = self._file or SameFile(self._path)
            file.verify()
            with self._engine.begin() as connection:
                yield connection
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file = None
        self._engine.dispose()
