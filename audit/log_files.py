"""The files of one log, held open: its connections, its keys, and the transactions that others may write in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from sqlalchemy import Connection, select

from audit.backends.sqlite import SqliteDatabase
from audit.database import Database, Driver
from audit.failures import CORRUPT, IO, STORAGE_ERRORS, cause_of, guarded, raise_unavailable
from audit.keys import DeskKeys, load_keys
from audit.prepare import DATABASE, KEYS, SUBJECT_KEYS
from audit.subject_keys import SubjectKeys
from audit.tables import IDENTITY
from audit.writing import Pen
from bot.ports import Clock, LogUnavailable, Transaction

T = TypeVar("T")

_CLOCK_SOURCE: Final = "system"


@dataclass(frozen=True, slots=True)
class _Held:
    """What the log needs beside its tables, read once: its keys, and the name it signs under."""

    origin: str
    keys: DeskKeys
    subjects: SubjectKeys


class _Begun:
    """A transaction of one log: the connection it runs on, whose it is, and whether anything in it has failed."""

    def __init__(self, files: LogFiles, connection: Driver) -> None:
        self.files = files
        self.connection: Driver | None = connection
        self.spoiled: str | None = None


class LogFiles:
    """What lies in ``<data>/<desk>``, opened at the first call and found again after it was away. Safe to call from
    any thread. Keys always lie there; entries and cases in ``database``, which is a file there unless one is given.
    """

    def __init__(
        self, directory: Path, clock: Clock, *, busy_seconds: float = 5.0, database: Database | None = None
    ) -> None:
        self.database: Database = database or SqliteDatabase(directory / DATABASE)
        self._directory = directory
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._writer = self.database.writer(busy_seconds)
        self._reader = self.database.reader(busy_seconds)
        self._lock = Lock()
        self._held_once: _Held | None = None

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction for ``append`` and ``writing``: no other writer comes between, in this process or another.

        Durable when the block ends without an error, void otherwise; void as well where something written in it
        failed and the block went on. A thread that has one open cannot begin another, nor write outside of it: it
        would wait for itself. Raises LogUnavailable, also in place of a database's error that left the block.
        """
        try:
            with self._writer.transaction() as connection:
                begun = _Begun(self, connection)
                try:
                    yield begun
                finally:
                    begun.connection = None
                if begun.spoiled is not None:
                    raise LogUnavailable(begun.spoiled)
        except STORAGE_ERRORS as error:
            cause = cause_of(error, self._directory)
        else:
            return
        raise_unavailable(cause)

    def writing(self, work: Callable[[Driver], T], within: Transaction | None = None, *, beside: bool = False) -> T:
        """What ``work`` returns, run on the connection of a transaction, or in one of its own where none is given.
        ``beside`` says that work of its own rests on nothing that others write: the database may run them at once.

        Raises LogUnavailable in place of storage errors; ValueError where ``within`` is another log's transaction or
        has ended; and what ``work`` raises.
        """
        if within is None:

            def alone() -> T:
                with self._writer.transaction(beside=beside) as connection:
                    return work(connection)

            return self._guarded(alone)
        begun, connection = self._begun(within)
        try:
            return self._guarded(lambda: work(connection))
        except BaseException as error:
            begun.spoiled = error.cause if isinstance(error, LogUnavailable) else IO
            raise

    @contextmanager
    def erasing(self, within: Transaction) -> Iterator[None]:
        """Until the block ends the transaction may delete sealed contents and links and empty expired leaves, which no
        other writer may: rows of ``contents``, ``links`` and ``subjects``, and ``leaf`` of ``entries``.

        An error that leaves the block makes the whole transaction void. Raises ValueError as ``writing`` does, and
        STORAGE_ERRORS, which the transaction's own block turns into LogUnavailable.
        """
        begun, connection = self._begun(within)
        try:
            with self.database.erasing(connection):
                yield
        except BaseException:
            begun.spoiled = begun.spoiled or IO
            raise

    def reading(self, work: Callable[[Driver], T], within: Transaction | None = None) -> T:
        """What ``work`` returns, run on one state of the log: the last durable one, or a transaction's own.

        Raises as ``writing`` does. ``work`` cannot write unless it is in a transaction.
        """
        if within is not None:
            return self.writing(work, within)
        return self._reading(lambda connection: work(self.database.driver_of(connection)))

    def close(self) -> None:
        """Give up all connections. A later call opens them again."""
        self._writer.close()
        self._reader.close()
        self.database.close()
        with self._lock:
            if self._held_once is not None:
                self._held_once.subjects.close()

    def _reading(self, work: Callable[[Connection], T]) -> T:
        def reading() -> T:
            with self._reader.transaction() as connection:
                return work(connection)

        return self._guarded(reading)

    def _begun(self, within: Transaction) -> tuple[_Begun, Driver]:
        if not isinstance(within, _Begun) or within.files is not self or within.connection is None:
            raise ValueError("not an open transaction of this log")
        return within, within.connection

    def _guarded(self, work: Callable[[], T]) -> T:
        return guarded(self._directory, work)

    def _pen(self) -> Pen:
        held = self._held()
        return Pen(held.origin, _CLOCK_SOURCE, held.keys.signing, held.subjects)

    def _held(self) -> _Held:
        with self._lock:
            if self._held_once is None:
                self._held_once = self._read_held()
            return self._held_once

    def _read_held(self) -> _Held:
        keys = load_keys(self._directory / KEYS)
        with self._reader.transaction() as connection:
            identities = connection.execute(select(IDENTITY)).all()
        origin = next((row.origin for row in identities if row.public_key == keys.public), None)
        if origin is None:  # another log's keys, or a database that was never prepared
            raise LogUnavailable(CORRUPT)
        subjects = SubjectKeys(self._directory / KEYS / SUBJECT_KEYS, keys.master, self._busy_seconds)
        return _Held(str(origin), keys, subjects)
