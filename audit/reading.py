"""Reading one desk's record: every search, view and export is an entry, written before the data leaves.

This is the one place through which auditors, responders' supervisors and the command line come to what people wrote.
One entry is written per reader, record and quarter of an hour; a search that is paged through or counted is one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Final

from audit import log_scanning, read_entries
from audit.canonical import instant
from audit.log import DeskLog
from audit.read_entries import AGAIN, EXPORT, LOG, VIEW, read_of, stated
from audit.search_index import SearchIndex, placed
from audit.search_rows import hit_of, row_of
from audit.search_values import (
    LARGEST_PAGE,
    LONGEST_WORDS,
    Exporting,
    Filters,
    Hit,
    IndexUnavailable,
    Left,
    OpenedExchange,
    Page,
    Purpose,
    PurposeKind,
    Query,
    Read,
    Reader,
    ReadingRefused,
)
from audit.stored import StoredEntry, entries_about
from bot.ports import Clock
from bot.records import EntryId, ExchangeId, Json

__all__ = [
    "DeskReading",
    "Exporting",
    "Filters",
    "Hit",
    "IndexUnavailable",
    "OpenedExchange",
    "Page",
    "Purpose",
    "PurposeKind",
    "Query",
    "Read",
    "Reader",
    "ReadingRefused",
]

_PATIENCE: Final = 2.0  # seconds that a search waits for the index; what is missing then is told in ``Page.behind``
_REMEMBERED: Final = 5_000  # searches of the last quarter of an hour


class DeskReading:
    """Reading one desk's record. Safe to call from any thread; opens nothing before it is used."""

    def __init__(self, log: DeskLog, index: SearchIndex, clock: Clock) -> None:
        self._log, self._index, self._clock = log, index, clock
        self._turn = Lock()
        self._searched: dict[tuple[str, str], datetime] = {}

    def search(self, reader: Reader, query: Query, cursor: str | None = None, limit: int = 25) -> Page:
        """The hits behind a cursor, without a text of anybody.

        Raises LogUnavailable (also where the reading cannot be recorded: then nothing is shown), IndexUnavailable,
        ReadingRefused (bad_cursor, long_words).
        """
        _check(query)
        self._index.catch_up(self._log, _PATIENCE)
        behind = self._index.behind(self._log)
        page = self._index.page(query, cursor, max(1, min(limit, LARGEST_PAGE)))
        self._record_search(reader, query, page.total)
        entries = [hit.closed or hit.opened for hit in page.hits]
        places = self._log.looking(lambda connection, _: log_scanning.places(connection, entries))
        return placed(page, places, behind)

    def counts(self, reader: Reader, query: Query) -> Mapping[str, Mapping[str, int]]:
        """Per member of Filters (``corrected`` as true and false) how many of the query's exchanges have each value.

        Recorded as the search that it belongs to. Raises as ``search``.
        """
        _check(query)
        self._index.catch_up(self._log, _PATIENCE)
        counts = self._index.counts(query)
        self._record_search(reader, query, sum(counts["feedback"].values()))
        return counts

    def open(self, reader: Reader, exchange: ExchangeId, purpose: Purpose, what: str = VIEW) -> OpenedExchange:
        """Everything about one exchange, contents opened. ``what`` names the kind of reading in the entry.

        Raises LogUnavailable, ReadingRefused (no_purpose, unknown). Does not need the index.
        """
        given = stated(purpose)
        found = self._about(exchange)
        self._record_once(reader, what, given, found.hit)
        return found

    def each(self, reader: Reader, query: Query, purpose: Purpose, what: str = EXPORT) -> Exporting:
        """Everything about every exchange of a query, for an export. The reading is recorded before this returns.

        Raises LogUnavailable, IndexUnavailable, ReadingRefused (no_purpose, long_words).
        """
        given = stated(purpose)
        _check(query)
        self._index.catch_up(self._log)
        numbers = self._index.exchanges(query)
        known = self._index.known(query.filters)
        now = self._clock.now()
        entry = read_entries.of_export(reader, what, query, known, given, len(numbers), now)
        read = self._log.append(entry).entry
        return Exporting(read, numbers, self._exported, self._leaving(reader, what, read, {"count": len(numbers)}))

    def record(
        self, reader: Reader, what: str, purpose: Purpose | None = None, exchange: ExchangeId | None = None
    ) -> None:
        """Write the entry of another kind of reading, before its data leaves. Of one exchange: once in a while, and
        only with a purpose.

        Raises LogUnavailable, ReadingRefused (no_purpose, unknown).
        """
        given = None if purpose is None else stated(purpose)
        if exchange is None:
            self._log.append(read_entries.of_record(reader, what, given, {}, self._clock.now()))
            return
        if given is None:
            raise ReadingRefused("no_purpose")
        self._record_once(reader, what, given, self._about(exchange).hit)

    def whole(self, reader: Reader, purpose: Purpose) -> Left:
        """Write that the whole log is about to leave (``audit.proofs`` makes the file); what to call, when it does,
        with its digest (hex), its size in bytes and its form.

        Raises LogUnavailable, ReadingRefused (no_purpose); what it returns raises LogUnavailable.
        """
        given = stated(purpose)
        read = self._log.append(read_entries.of_record(reader, LOG, given, {}, self._clock.now())).entry
        return self._leaving(reader, LOG, read, {})

    def reads(self, since: datetime, limit: int = 500) -> Sequence[Read]:
        """Who read and took away what since a time, newest first. Raises LogUnavailable, IndexUnavailable."""
        self._index.catch_up(self._log, _PATIENCE)
        entries = self._index.reads(since, limit)
        stored = self._log.looking(lambda connection, keys: log_scanning.stored(connection, keys, entries))
        return [read_of(stored[each]) for each in entries if each in stored]

    def catch_up(self, seconds: float | None = None) -> int:
        """Bring the index up to the log, for so long; how many entries it took. Raises LogUnavailable,
        IndexUnavailable.
        """
        return self._index.catch_up(self._log, seconds)

    def forget(self, exchanges: Collection[ExchangeId]) -> None:
        """Take erased texts out of the index: no token of these exchanges is left in any of its files. Raises
        IndexUnavailable.
        """
        self._index.forget(exchanges)

    def close(self) -> None:
        """Give up the index's connections. A later call opens them again."""
        self._index.close()

    def _leaving(self, reader: Reader, what: str, read: EntryId, more: Mapping[str, Json]) -> Left:
        def left(sha256: str, size: int, form: str) -> EntryId:
            told = {"form": form, "sha256": sha256, "bytes": size, **more}
            return self._log.append(read_entries.of_made(reader, what, told, read, self._clock.now())).entry

        return left

    def _exported(self, number: int) -> OpenedExchange | None:
        """One exchange of an export under way; None where it has expired."""
        exchange = self._index.exchange_at(number)
        try:
            return None if exchange is None else self._about(exchange)
        except ReadingRefused:
            return None

    def _about(self, exchange: ExchangeId) -> OpenedExchange:
        entries = self._log.looking(lambda connection, keys: entries_about(connection, keys, exchange))
        row = row_of([each for each in entries if each.leaf["meta"].get("exchange") == exchange])
        if row is None:
            raise ReadingRefused("unknown")
        entry = row.closed or row.opened
        index = self._log.looking(lambda connection, _: log_scanning.places(connection, [entry])).get(entry)
        return OpenedExchange(hit_of(row, index, ""), entries)

    def _record_search(self, reader: Reader, query: Query, count: int) -> None:
        named = reader.id, read_entries.fingerprint(query)
        with self._turn:
            now = self._clock.now()
            if _lately(self._searched.get(named), now):
                return
            known = self._index.known(query.filters)
            self._log.append(read_entries.of_search(reader, query, known, count, now))
            if len(self._searched) >= _REMEMBERED:
                self._searched = {name: time for name, time in self._searched.items() if _lately(time, now)}
            self._searched[named] = now

    def _record_once(self, reader: Reader, what: str, purpose: Purpose, hit: Hit) -> None:
        targets = [hit.opened, *([hit.closed] if hit.closed else [])]
        with self._turn:
            now = self._clock.now()
            since = instant(now - AGAIN)
            told: Sequence[StoredEntry] = self._log.looking(
                lambda connection, keys: log_scanning.linking(connection, keys, targets, since)
            )
            if any((each.leaf["meta"].get("by"), each.leaf["meta"].get("what")) == (reader.id, what) for each in told):
                return
            record = {"exchange": hit.exchange, "entry": targets[-1]}
            self._log.append(read_entries.of_record(reader, what, purpose, record, now))


def _check(query: Query) -> None:
    if len(query.words) > LONGEST_WORDS:
        raise ReadingRefused("long_words")


def _lately(time: datetime | None, now: datetime) -> bool:
    """Whether a time is in the last quarter of an hour; not where the clock was set back."""
    return time is not None and time <= now < time + AGAIN
