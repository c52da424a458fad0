"""One desk's append-only log: the real thing behind ``bot.ports.Log`` and ``bot.ports.UnitOfWork``. The one
entry point for writing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, func, select

from audit.answers import answer, answers
from audit.citing import citing, newest, outcomes, sharing
from audit.codes import as_receipt_code
from audit.database import Driver
from audit.exchanges import as_text, recorded
from audit.health import READY, probe
from audit.keys import load_keys
from audit.log_files import LogFiles
from audit.prepare import KEYS
from audit.receipts import receipt as signed
from audit.sampling import Item
from audit.stored import (
    StoredEntry,
    as_entry,
    entries_about,
    entries_around,
    entries_of,
    entries_of_kinds,
    entries_on,
    newest_on,
)
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, RECEIPTS
from audit.writing import write_entry, write_receipt
from bot.ports import LogUnavailable, Transaction
from bot.records import (
    Appended,
    Citing,
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


class DeskLog(LogFiles):
    """The log in ``<data>/<desk>``, made by ``audit.prepare.prepare``. Safe to call from any thread.

    Nothing is opened before the first call, so a service can start while its log is away and find it again later.
    ``busy_seconds`` is how long a call waits for other writers before it raises LogUnavailable (locked).
    """

    def append(self, entry: Entry, within: Transaction | None = None) -> Appended:
        """Durably store one entry with its contents in one transaction; an entry that closes an exchange gets its
        receipt in the same one. ``within`` a transaction of this log it is durable when that one is.

        Raises LogUnavailable, and then no part of an entry is stored (after a failed sync the disk may still turn out
        to hold the whole of it: a record without a reply, never the reverse). Raises ValueError or TypeError for an
        entry that cannot be written at all: ``meta`` that is not JSON or names another conversation, text that is not
        well-formed Unicode, a link to an entry that is not in this log; and for a transaction that is not this log's.
        """
        pen = self._guarded(self._pen)
        return self.writing(
            lambda connection: write_entry(connection, pen, entry, self._clock.now()), within, beside=True
        )

    def receipt(self, appended: Appended) -> Receipt:
        """The signed promise for an entry; the same one every time.

        Raises LogUnavailable; ValueError where the entry is not in this log.
        """
        pen = self._guarded(self._pen)
        return self.writing(lambda connection: write_receipt(connection, pen, appended))

    def conversation(self, conversation: ConversationId, limit: int = 50) -> Sequence[RecordedExchange]:
        """The newest ``limit`` exchanges of a conversation, oldest first. Raises LogUnavailable."""
        newest = (
            select(ENTRIES.c.exchange)
            .where(ENTRIES.c.conversation == conversation, ENTRIES.c.kind == OPENED)
            .order_by(ENTRIES.c.sequence.desc())
            .limit(limit)
        )

        def work(connection: Connection) -> Sequence[RecordedExchange]:
            exchanges = [str(row.exchange) for row in connection.execute(newest)]
            return recorded(entries_of(connection, subjects, exchanges)) if exchanges else []

        subjects = self._subjects()
        return self._reading(work)

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        """One exchange by its id. Raises LogUnavailable."""
        subjects = self._subjects()
        found = self._reading(lambda connection: recorded(entries_of(connection, subjects, [exchange])))
        return found[0] if found else None

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        """Every entry about a subject, oldest first. Raises LogUnavailable."""
        subjects = self._subjects()
        return self._reading(lambda connection: list(map(as_entry, entries_on(connection, subjects, subject))))

    def around(self, subject: ConversationId) -> Sequence[StoredEntry]:
        """Every entry about a subject and every one that links to one of them, as stored, oldest first. Raises
        LogUnavailable.
        """
        subjects = self._subjects()
        return self._reading(lambda connection: entries_around(connection, subjects, subject))

    def of_kinds(self, kinds: Collection[str]) -> Sequence[RecordedEntry]:
        """Every entry of these kinds, oldest first. Raises LogUnavailable."""
        subjects = self._subjects()
        return self._reading(lambda connection: list(map(as_entry, entries_of_kinds(connection, subjects, kinds))))

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        """The newest entry about a subject; None where there is none. Raises LogUnavailable."""
        return self._reading(lambda connection: newest_on(connection, subject))

    def count(self, exchange: ExchangeId, kind: str) -> int:
        """How many entries of a kind name an exchange. Raises LogUnavailable."""
        named = select(func.count()).where(ENTRIES.c.exchange == exchange, ENTRIES.c.kind == kind)
        return self._reading(lambda connection: int(connection.execute(named).scalar_one()))

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
        found: str | None = self._reading(lambda connection: connection.execute(named).scalar())
        return self.exchange(ExchangeId(found)) if found else None

    def promised(self, typed: str) -> Receipt | None:
        """The receipt with a code as a person typed it, as it was signed. Raises LogUnavailable."""
        code = as_receipt_code(typed)
        if code is None:
            return None
        named = select(RECEIPTS.c.promise, RECEIPTS.c.signature).where(RECEIPTS.c.code == code)
        found = self._reading(lambda connection: connection.execute(named).one_or_none())
        return signed(found.promise, found.signature) if found else None

    def newest(self, kind: str) -> Mapping[str, Json] | None:
        """The metadata of the newest entry of a kind; None where there is none. Raises LogUnavailable."""
        return self._reading(lambda connection: newest(connection, kind))

    def citing(self, document: str) -> Sequence[Citing]:
        """The exchanges whose reply cited this document, oldest first. Raises LogUnavailable."""
        return self._reading(lambda connection: list(citing(connection, document)))

    def sharing(self, exchange: ExchangeId) -> Sequence[Citing]:
        """The other exchanges whose reply rests on a passage that this one's rests on, in the same version, oldest
        first. Raises LogUnavailable.
        """
        return self._reading(lambda connection: list(sharing(connection, exchange)))

    def outcomes(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many exchanges ended how, from ``since`` to before ``until``. Raises LogUnavailable."""
        return self._reading(lambda connection: outcomes(connection, since, until))

    def answers(self, size: int) -> Sequence[Item]:
        """The answers that the service gave by itself, under a checkpoint of this size. Raises LogUnavailable."""
        return self._reading(lambda connection: answers(connection, size))

    def answer(self, exchange: ExchangeId) -> Item | None:
        """The one of an exchange, if it gave one by itself. Raises LogUnavailable."""
        return self._reading(lambda connection: answer(connection, exchange))

    def text(self, exchange: ExchangeId) -> str:
        """Everything stored for an exchange and about it, contents opened; empty where there is no such exchange.

        Raises LogUnavailable.
        """
        subjects = self._subjects()
        return self._reading(lambda connection: as_text(entries_about(connection, subjects, exchange)))

    def looking(self, work: Callable[[Connection, SubjectKeys], T]) -> T:
        """What ``work`` returns, run on one state of the log with the keys that open its contents; it cannot write.

        For what is derived from the log (``audit.log_scanning``). Raises LogUnavailable and what ``work`` raises.
        """
        subjects = self._subjects()
        return self._reading(lambda connection: work(connection, subjects))

    def check(self) -> str:
        """``ready``, or the cause why an entry could not be written now. Writes nothing; waits like any writer."""

        def work(connection: Driver) -> str:
            probe(connection, self.database.probe, self._directory)
            return READY

        try:
            subjects = self._subjects()
            self._guarded(lambda: load_keys(self._directory / KEYS))
            self._guarded(lambda: subjects.read(()))
            return self.writing(work)
        except LogUnavailable as unavailable:
            return unavailable.cause

    def _subjects(self) -> SubjectKeys:
        return self._guarded(self._held).subjects
