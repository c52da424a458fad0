"""The derived index of one desk's log: found by words, characters and what metadata says. In its own file, made from
the log, outside backups; thrown away and made again whenever something is wrong with it.

What somebody may see of it, and what is recorded when they look, is the matter of ``audit.reading``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import apsw

from audit import log_scanning, search_asking, search_writing
from audit.failures import CORRUPT
from audit.log import DeskLog
from audit.search_conditions import asked
from audit.search_rows import Row, row_of
from audit.search_store import Store
from audit.search_terms import Tokens, expressions, tokens_of
from audit.search_values import Filters, Hit, IndexUnavailable, Page, Query
from audit.search_writing import State
from audit.stored import StoredEntry
from bot.ports import LogUnavailable, WordAnalyzer
from bot.records import EntryId, ExchangeId

T = TypeVar("T")

FILE: Final = "search.sqlite"
"""Its name in a desk's directory."""

READY: Final = "ready"

_BATCH: Final = 200  # entries at once: what is read, cut into words and written before somebody else has a turn
_FORGOTTEN: Final = 100  # exchanges taken out at once, likewise
_OVERLAP: Final = 500
"""So far back is looked for entries that came late: a database with several writers may show a later number first."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one batch changes: the state it was made on, the entries it took, the exchanges as they are now."""

    state: State
    entries: log_scanning.Scanned
    rows: tuple[tuple[int, Row, Tokens], ...]
    gone: frozenset[ExchangeId]


class SearchIndex:
    """The index at ``path``, made when it is first needed. Safe to call from any thread and beside other processes."""

    def __init__(self, path: Path, analyzer: WordAnalyzer) -> None:
        self._store = Store(path)
        self.analyzer = analyzer

    def catch_up(self, log: DeskLog, seconds: float | None = None) -> int:
        """Take what the log has more, for so long; how many entries were taken. Cheap where there are none.

        An index that is damaged, or that was made from another log than this one is now (an older state that was put
        back), is made anew. Raises LogUnavailable, IndexUnavailable.
        """
        return self._mended(lambda: self._caught_up(log, seconds))

    def behind(self, log: DeskLog) -> int:
        """How many entries the log has more. Raises LogUnavailable, IndexUnavailable."""
        return max(0, log.looking(lambda connection, _: log_scanning.size(connection)) - self._state().mark)

    def forget(self, exchanges: Collection[ExchangeId]) -> None:
        """Take out every token of these exchanges, so that none of them is left in any file of the index. What lists
        show of them stays. Raises IndexUnavailable; called again it finishes what was begun.
        """
        waiting = list(exchanges)
        for begin in range(0, max(len(waiting), 1), _FORGOTTEN):
            self._store.writing(partial(search_writing.forget, exchanges=waiting[begin : begin + _FORGOTTEN]))
        self._store.truncate()

    def rebuild(self, log: DeskLog) -> None:
        """Throw the index away and make it from the whole log. Raises LogUnavailable, IndexUnavailable."""
        self._store.discard()
        self._caught_up(log, None)

    def check(self) -> str:
        """``ready``, or the cause why it cannot be used as it is. One that is not there yet is ready: it is made when
        it is needed.
        """
        return self._store.check() or READY

    def page(self, query: Query, cursor: str | None, limit: int) -> Page:
        """The hits behind a cursor, without their places in the tree. Raises IndexUnavailable, ReadingRefused."""
        conditions = asked(expressions(query, self.analyzer), query.filters)
        way, _ = search_asking.parsed(cursor)

        def work(connection: apsw.Connection) -> Page:
            total, found = search_asking.page(connection, conditions, cursor, limit + 1)
            return _page(found, total, limit, way, begun=cursor is None)

        return self._store.reading(work)

    def counts(self, query: Query) -> Mapping[str, Mapping[str, int]]:
        """Per member of Filters (``corrected`` as true and false) how many of the exchanges have each value. Raises
        IndexUnavailable.
        """
        conditions = asked(expressions(query, self.analyzer), query.filters)
        return self._store.reading(lambda connection: search_asking.counts(connection, conditions))

    def known(self, filters: Filters) -> Filters:
        """The filters without the values that no exchange has. Raises IndexUnavailable."""
        return self._store.reading(lambda connection: search_asking.known(connection, filters))

    def exchanges(self, query: Query) -> Sequence[int]:
        """The numbers of all exchanges of a query, oldest first: for ``exchange_at``. Raises IndexUnavailable."""
        conditions = asked(expressions(query, self.analyzer), query.filters)
        return self._store.reading(lambda connection: search_asking.numbers_of(connection, conditions))

    def exchange_at(self, number: int) -> ExchangeId | None:
        """The exchange with a number. Raises IndexUnavailable."""
        return self._store.reading(lambda connection: search_asking.exchange_at(connection, number))

    def reads(self, since: datetime, limit: int) -> Sequence[EntryId]:
        """The newest entries that tell who read, newest first. Raises IndexUnavailable."""
        return self._store.reading(lambda connection: search_asking.read_entries(connection, since, limit))

    def put(self, rows: Sequence[tuple[int, Row, Tokens]]) -> None:
        """Keep rows under their numbers, whatever the log says of them: for measurements. Raises IndexUnavailable."""

        def work(connection: apsw.Connection) -> None:
            for number, row, tokens in rows:
                search_writing.put(connection, number, row, tokens)

        self._store.writing(work)

    def close(self) -> None:
        """Give up the connection. A later call opens it again."""
        self._store.close()

    def _mended(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except IndexUnavailable as unavailable:
            if unavailable.cause != CORRUPT:
                raise
        self._store.discard()
        return work()

    def _state(self) -> State:
        return self._store.reading(search_writing.state_of)

    def _caught_up(self, log: DeskLog, seconds: float | None) -> int:
        until = None if seconds is None else time.monotonic() + seconds
        if not self._is_of(log):
            self._store.discard()
        count = 0
        while True:
            taken = self._taken(log)
            if taken is None:
                return count
            count += len(taken.entries.sequences) if self._kept(taken) else 0
            if until is not None and time.monotonic() >= until:
                return count

    def _is_of(self, log: DeskLog) -> bool:
        """Whether the entry up to which the log was taken is still where it was."""
        state = self._state()
        if state.entry is None:
            return True
        return log.looking(lambda connection, _: log_scanning.entry_at(connection, state.mark)) == state.entry

    def _taken(self, log: DeskLog) -> _Taken | None:
        """The next batch, read from the log and cut into tokens while nobody is kept waiting."""
        state, known = self._store.reading(lambda each: (search_writing.state_of(each), search_writing.lately(each)))
        after = max(0, state.mark - _OVERLAP)
        found = log.looking(lambda connection, _: log_scanning.scanned(connection, after, known, _BATCH))
        if found is None:
            return None
        pruned = self._store.reading(lambda connection: search_writing.named(connection, found.erased))
        erased = log.looking(lambda connection, _: log_scanning.exchanges_of(connection, found.erased))
        touched = found.exchanges | erased | pruned
        numbers = log.looking(lambda connection, _: log_scanning.opened_at(connection, touched))
        rows = {row.exchange: row for entries in _stored(log, touched) if (row := row_of(entries)) is not None}
        made = tuple(
            (numbers[name], row, tokens_of(row.texts, self.analyzer)) for name, row in rows.items() if name in numbers
        )
        return _Taken(state, found, made, frozenset(touched - rows.keys()))

    def _kept(self, taken: _Taken) -> bool:
        """Write a batch. False where the index is no longer what the batch was made on: somebody else took these
        entries, or texts that were read for it were to be forgotten meanwhile.
        """

        def work(connection: apsw.Connection) -> bool:
            if search_writing.state_of(connection) != taken.state:
                return False
            for exchange in taken.gone:
                search_writing.drop(connection, exchange)
            for number, row, tokens in taken.rows:
                search_writing.put(connection, number, row, tokens)
            search_writing.add_reads(connection, taken.entries.reads)
            search_writing.advance(connection, taken.entries.sequences, taken.entries.last, _OVERLAP)
            return True

        return self._store.writing(work)


def _stored(log: DeskLog, exchanges: Collection[ExchangeId]) -> Iterator[Sequence[StoredEntry]]:
    """The entries of each exchange. One that was tampered with is left out (verification says so), the others not."""
    try:
        yield from log.looking(lambda each, keys: log_scanning.stored_exchanges(each, keys, exchanges)).values()
    except LogUnavailable as unavailable:
        if unavailable.cause != CORRUPT:
            raise
        if len(exchanges) > 1:
            for each in exchanges:
                yield from _stored(log, [each])


def _page(found: Sequence[Hit], total: int, limit: int, way: str, *, begun: bool) -> Page:
    """``found`` are the hits and, if there are more that way, one beyond."""
    more = len(found) > limit
    if way == search_asking.OLDER:
        hits, newer, older = found[:limit], not begun, more
    else:
        hits, newer, older = found[-limit:], more, True
    before = _turned(hits[0].cursor) if hits and newer else None
    after = hits[-1].cursor if hits and older else None
    return Page(hits, total, before, after)


def _turned(cursor: str) -> str:
    return search_asking.NEWER + cursor[1:]


def placed(page: Page, places: Mapping[EntryId, int], behind: int) -> Page:
    """The page with each hit's place in the tree."""
    hits = [replace(hit, index=places.get(hit.closed or hit.opened)) for hit in page.hits]
    return replace(page, hits=hits, behind=behind)
