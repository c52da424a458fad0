"""One desk's append-only log on SQLite: the real thing behind ``bot.ports.Log``. The one entry point for writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from sqlalchemy import func, select

from audit.citing import Citing, citing, newest
from audit.codes import as_receipt_code
from audit.engines import Reader, Writer
from audit.exchanges import as_text, recorded
from audit.failures import CORRUPT, guarded
from audit.health import READY, probe
from audit.keys import DeskKeys, load_keys
from audit.prepare import DATABASE, KEYS, SUBJECT_KEYS
from audit.stored import as_entry, entries_about, entries_of, entries_on, newest_on
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, IDENTITY, RECEIPTS
from audit.writing import Pen, write_entry, write_receipt
from bot.ports import Clock, LogUnavailable
from bot.records import (
    Appended,
    ConversationId,
    Entry,
    EntryId,
    ExchangeId,
    Json,
    Receipt,
    RecordedEntry,
    RecordedExchange,
)
from bot.records_json import OPENED

T = TypeVar("T")

_CLOCK_SOURCE: Final = "system"


@dataclass(frozen=True, slots=True)
class _Held:
    """What the log needs beside its tables, read once: its keys, and the name it signs under."""

    origin: str
    keys: DeskKeys
    subjects: SubjectKeys


class DeskLog:
    """The log in ``<data>/<desk>``, made by ``audit.prepare.prepare``. Safe to call from any thread.

    Nothing is opened before the first call, so a service can start while its log is away and find it again later.
    ``busy_seconds`` is how long a call waits for other writers before it raises LogUnavailable (locked).
    """

    def __init__(self, directory: Path, clock: Clock, *, busy_seconds: float = 5.0) -> None:
        self._directory = directory
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._writer = Writer(directory / DATABASE, busy_seconds)
        self._reader = Reader(directory / DATABASE, busy_seconds)
        self._lock = Lock()
        self._held_once: _Held | None = None

    def append(self, entry: Entry) -> Appended:
        """Durably store one entry with its contents in one transaction; an entry that closes an exchange gets its
        receipt in the same one.

        Raises LogUnavailable, and then no part of an entry is stored (after a failed sync the disk may still turn out
        to hold the whole of it: a record without a reply, never the reverse). Raises ValueError or TypeError for an
        entry that cannot be written at all: ``meta`` that is not JSON or names another conversation, text that is not
        well-formed Unicode, a link to an entry that is not in this log.
        """

        def work() -> Appended:
            pen = self._pen()
            with self._writer.transaction() as connection:
                return write_entry(connection, pen, entry, self._clock.now())

        return self._guarded(work)

    def receipt(self, appended: Appended) -> Receipt:
        """The signed promise for an entry; the same one every time.

        Raises LogUnavailable; ValueError where the entry is not in this log.
        """

        def work() -> Receipt:
            pen = self._pen()
            with self._writer.transaction() as connection:
                return write_receipt(connection, pen, appended)

        return self._guarded(work)

    def conversation(self, conversation: ConversationId, limit: int = 50) -> Sequence[RecordedExchange]:
        """The newest ``limit`` exchanges of a conversation, oldest first. Raises LogUnavailable."""
        newest = (
            select(ENTRIES.c.exchange)
            .where(ENTRIES.c.conversation == conversation, ENTRIES.c.kind == OPENED)
            .order_by(ENTRIES.c.sequence.desc())
            .limit(limit)
        )

        def work() -> Sequence[RecordedExchange]:
            held = self._held()
            with self._reader.transaction() as connection:
                exchanges = [str(row.exchange) for row in connection.execute(newest)]
                return recorded(entries_of(connection, held.subjects, exchanges)) if exchanges else []

        return self._guarded(work)

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        """One exchange by its id. Raises LogUnavailable."""

        def work() -> RecordedExchange | None:
            held = self._held()
            with self._reader.transaction() as connection:
                found = recorded(entries_of(connection, held.subjects, [exchange]))
            return found[0] if found else None

        return self._guarded(work)

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        """Every entry about a subject, oldest first. Raises LogUnavailable."""

        def work() -> Sequence[RecordedEntry]:
            held = self._held()
            with self._reader.transaction() as connection:
                return [as_entry(each) for each in entries_on(connection, held.subjects, subject)]

        return self._guarded(work)

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        """The newest entry about a subject; None where there is none. Raises LogUnavailable."""

        def work() -> EntryId | None:
            with self._reader.transaction() as connection:
                return newest_on(connection, subject)

        return self._guarded(work)

    def count(self, exchange: ExchangeId, kind: str) -> int:
        """How many entries of a kind name an exchange. Raises LogUnavailable."""
        named = select(func.count()).where(ENTRIES.c.exchange == exchange, ENTRIES.c.kind == kind)

        def work() -> int:
            with self._reader.transaction() as connection:
                return int(connection.execute(named).scalar_one())

        return self._guarded(work)

    def by_receipt(self, typed: str) -> RecordedExchange | None:
        """The exchange a person holds the receipt of, as they typed its code. Raises LogUnavailable."""
        code = as_receipt_code(typed)
        if code is None:
            return None
        named = (
            select(ENTRIES.c.exchange)
            .join_from(RECEIPTS, ENTRIES, RECEIPTS.c.sequence == ENTRIES.c.sequence)
            .where(RECEIPTS.c.code == code)
        )

        def work() -> str | None:
            with self._reader.transaction() as connection:
                return connection.execute(named).scalar()

        found = self._guarded(work)
        return self.exchange(ExchangeId(found)) if found else None

    def newest(self, kind: str) -> Mapping[str, Json] | None:
        """The metadata of the newest entry of a kind; None where there is none. Raises LogUnavailable."""

        def work() -> Mapping[str, Json] | None:
            with self._reader.transaction() as connection:
                return newest(connection, kind)

        return self._guarded(work)

    def citing(self, document: str) -> Sequence[Citing]:
        """The exchanges whose reply cited this document, oldest first. Raises LogUnavailable."""

        def work() -> Sequence[Citing]:
            with self._reader.transaction() as connection:
                return list(citing(connection, document))

        return self._guarded(work)

    def text(self, exchange: ExchangeId) -> str:
        """Everything stored for an exchange and about it, contents opened; empty where there is no such exchange.

        Raises LogUnavailable.
        """

        def work() -> str:
            held = self._held()
            with self._reader.transaction() as connection:
                return as_text(entries_about(connection, held.subjects, exchange))

        return self._guarded(work)

    def check(self) -> str:
        """``ready``, or the cause why an entry could not be written now. Writes nothing; waits like any writer."""

        def work() -> str:
            held = self._held()
            load_keys(self._directory / KEYS)
            held.subjects.read(())
            with self._writer.transaction() as connection:
                probe(connection, self._directory)
            return READY

        try:
            return self._guarded(work)
        except LogUnavailable as unavailable:
            return unavailable.cause

    def close(self) -> None:
        """Give up all connections. A later call opens them again."""
        self._writer.close()
        self._reader.close()
        with self._lock:
            if self._held_once is not None:
                self._held_once.subjects.close()

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
