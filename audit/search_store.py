"""The file of the derived index: opened, made, thrown away; every way it can fail as one of IndexUnavailable's causes.

Through apsw, which brings a SQLite of its own: never open this file with the ``sqlite3`` module in the same process.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

import apsw

from audit.failures import CORRUPT, FULL, IO, LOCKED, MISSING, READ_ONLY, cause_of, file_system_cause
from audit.search_schema import FORMAT, SCHEMA
from audit.search_values import IndexUnavailable

T = TypeVar("T")

_OWNER_ONLY: Final = 0o600
_BESIDE: Final = ("-wal", "-shm", "-journal", "")  # the file itself last: until then nobody makes a new one
_BUSY_MS: Final = 5_000

_SETTINGS: Final = f"""
PRAGMA busy_timeout = {_BUSY_MS};
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cache_size = -32768;
PRAGMA mmap_size = 1073741824;
"""

_CAUSES: Final[tuple[tuple[type[apsw.Error], str], ...]] = (
    (apsw.FullError, FULL),
    (apsw.ReadOnlyError, READ_ONLY),
    (apsw.PermissionsError, READ_ONLY),
    (apsw.BusyError, LOCKED),
    (apsw.LockedError, LOCKED),
    (apsw.CorruptError, CORRUPT),
    (apsw.NotADBError, CORRUPT),
    (apsw.SQLError, CORRUPT),  # the statements are fixed: a table is missing, so this is no index
    (apsw.CantOpenError, MISSING),
)

_LASTING: Final = (apsw.IOError, apsw.CorruptError, apsw.NotADBError, apsw.CantOpenError, apsw.ReadOnlyError)
"""After these nothing that the connection holds is to be trusted: a file that is well again is opened anew."""


class Store:
    """The file at ``path``, made when it is first needed. Safe to call from any thread, and beside other processes.

    A file of another format (an older version's, a damaged one, something else) is thrown away and made anew: all that
    is in it is made from the log.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = Lock()
        self._writer: tuple[apsw.Connection, tuple[int, int]] | None = None

    def writing(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` returns, run in a transaction that no other writer comes between.

        Raises IndexUnavailable and what ``work`` raises; then nothing of the transaction is kept.
        """

        def wrote() -> T:
            try:
                return _transaction(self._opened(), work)
            except _LASTING:
                self._give_up()
                raise

        with self._turn:
            return self._guarded(wrote)

    def reading(self, work: Callable[[apsw.Connection], T]) -> T:
        """What ``work`` returns, run on one state of the index. Raises IndexUnavailable and what ``work`` raises."""

        def read() -> T:
            if self._current() is None:  # else nobody waits for who writes
                with self._turn:
                    self._opened()
            connection = _connected(self._path)
            try:
                connection.execute("PRAGMA query_only = ON; BEGIN").fetchall()
                return work(connection)
            finally:
                connection.close()  # which ends the transaction

        def lasting() -> T:
            try:
                return read()
            except _LASTING:
                with self._turn:
                    self._give_up()
                raise

        return self._guarded(lasting)

    def truncate(self) -> None:
        """Bring everything into the file and empty what lies beside it. Raises IndexUnavailable (locked while others
        read for longer than the wait).
        """

        def emptied() -> None:
            busy, _, _ = self._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0]
            if busy:
                raise IndexUnavailable(LOCKED)

        with self._turn:
            self._guarded(emptied)

    def discard(self) -> None:
        """Throw the index away; the next call makes an empty one. Raises IndexUnavailable."""
        with self._turn:
            self._guarded(self._discard)

    def check(self) -> str | None:
        """The cause why what lies there is no index that can be used; None where it can, or where none is yet."""
        if not self._path.exists():
            return None
        try:
            self._guarded(self._look)
        except IndexUnavailable as unavailable:
            return unavailable.cause
        return None

    def close(self) -> None:
        """Give up the connection. A later call opens it again."""
        with self._turn:
            self._give_up()

    def _look(self) -> None:
        connection = _connected(self._path)
        try:
            if _format_of(connection) != FORMAT:
                raise IndexUnavailable(CORRUPT)
        finally:
            connection.close()

    def _opened(self) -> apsw.Connection:
        """The writing connection, to the file that the path names now."""
        current = self._current()
        if current is not None:
            return current
        self._give_up()
        try:
            connection = self._made()
        except (apsw.CorruptError, apsw.NotADBError):
            self._discard()
            connection = self._made()
        identity = self._identity()
        if identity is None:
            connection.close()
            raise IndexUnavailable(MISSING)
        self._writer = connection, identity
        return connection

    def _current(self) -> apsw.Connection | None:
        """The writing connection, where it is open and the path still names its file."""
        writer = self._writer
        return writer[0] if writer is not None and writer[1] == self._identity() else None

    def _made(self) -> apsw.Connection:
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, _OWNER_ONLY))
        connection = _connected(self._path)
        try:
            _transaction(connection, _filled)
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _discard(self) -> None:
        self._give_up()
        for ending in _BESIDE:
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    def _give_up(self) -> None:
        if self._writer is not None:
            connection, _ = self._writer
            self._writer = None
            connection.close()

    def _guarded(self, work: Callable[[], T]) -> T:
        """What ``work`` returns. Errors of the file become IndexUnavailable, without any trace of the original, which
        may hold what was searched.
        """
        try:
            return work()
        except apsw.Error as error:
            cause = _cause_of(error, self._path.parent)
        except OSError as error:
            cause = cause_of(error, self._path.parent)
        raise IndexUnavailable(cause)


def _connected(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute(_SETTINGS).fetchall()  # a statement behind one that gives rows is done when they are taken
    except apsw.Error:
        connection.close()
        raise
    return connection


def _transaction(connection: apsw.Connection, work: Callable[[apsw.Connection], T]) -> T:
    """What ``work`` returns, durable together. By hand: after some errors (a full disk) SQLite has ended the
    transaction itself, and apsw's own context would tell of that and not of the error.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return done


def _filled(connection: apsw.Connection) -> None:
    """Make the tables in an empty file. Raises apsw.NotADBError where there are others."""
    found = _format_of(connection)
    if found is None:
        connection.execute(SCHEMA).fetchall()
        connection.execute("INSERT INTO state VALUES (?, ?, 0, NULL, 0)", (FORMAT, secrets.token_hex(8)))
    elif found != FORMAT:
        raise apsw.NotADBError


def _format_of(connection: apsw.Connection) -> str | None:
    """The format of the index in a file; None for an empty one. Raises apsw.Error for something else."""
    if connection.execute("SELECT count(*) FROM sqlite_schema").get == 0:
        return None
    return str(connection.execute("SELECT format FROM state").get)


def _cause_of(error: apsw.Error, directory: Path) -> str:
    cause = next((cause for kind, cause in _CAUSES if isinstance(error, kind)), IO)
    return file_system_cause(directory) or cause if cause in {IO, MISSING} else cause
