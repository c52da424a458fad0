"""Reading a log in the order it was written, for what is derived from it. No content but of the exchanges asked for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, select

from audit import erasures
from audit.stored import StoredEntry, entries_named, entries_of
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, LINKS
from bot.records import EntryId, ExchangeId
from bot.records_json import OPENED

READ: Final = "read"
EXPORTED: Final = "export.made"
READING: Final = frozenset({READ, EXPORTED})


@dataclass(frozen=True, slots=True)
class Scanned:
    """Entries in the order they were written: their numbers, the exchanges they change anything about, the entries
    whose texts they say were destroyed, and those that tell who read (number, id, time).
    """

    sequences: tuple[int, ...]
    last: EntryId
    exchanges: frozenset[ExchangeId]
    erased: frozenset[EntryId]
    reads: tuple[tuple[int, EntryId, datetime], ...]


def size(connection: Connection) -> int:
    """The number of the entry written last; 0 in a log that has none."""
    return int(connection.execute(select(func.max(ENTRIES.c.sequence))).scalar() or 0)


def entry_at(connection: Connection, sequence: int) -> EntryId | None:
    """The entry with this number."""
    found = connection.execute(select(ENTRIES.c.entry).where(ENTRIES.c.sequence == sequence)).scalar()
    return None if found is None else EntryId(found)


def scanned(connection: Connection, after: int, known: Collection[int], limit: int) -> Scanned | None:
    """The next ``limit`` entries behind a number without those that are ``known``; None where there are none.

    Raises SQLAlchemyError, sqlite3.Error.
    """
    columns = (ENTRIES.c.sequence, ENTRIES.c.entry, ENTRIES.c.kind, ENTRIES.c.time, ENTRIES.c.exchange)
    query = select(*columns).where(ENTRIES.c.sequence > after).order_by(ENTRIES.c.sequence).limit(limit + len(known))
    rows = [row for row in connection.execute(query) if row.sequence not in known][:limit]
    if not rows:
        return None
    erasing = [row.sequence for row in rows if row.kind == erasures.KIND]
    return Scanned(
        sequences=tuple(row.sequence for row in rows),
        last=EntryId(rows[-1].entry),
        exchanges=frozenset(ExchangeId(row.exchange) for row in rows if row.exchange and row.kind not in READING),
        erased=_erased(connection, erasing),
        reads=tuple(
            (row.sequence, EntryId(row.entry), datetime.fromisoformat(row.time)) for row in rows if row.kind in READING
        ),
    )


def exchanges_of(connection: Connection, entries: Collection[EntryId]) -> frozenset[ExchangeId]:
    """The exchanges that these entries name. Raises SQLAlchemyError, sqlite3.Error."""
    found = connection.execute(select(ENTRIES.c.exchange).where(ENTRIES.c.entry.in_(entries))).scalars()
    return frozenset(ExchangeId(each) for each in found if each)


def stored_exchanges(
    connection: Connection, keys: SubjectKeys, exchanges: Collection[ExchangeId]
) -> Mapping[ExchangeId, Sequence[StoredEntry]]:
    """Every entry that names one of these exchanges, by exchange. Raises as ``audit.stored.entries_of``."""
    found: dict[ExchangeId, list[StoredEntry]] = defaultdict(list)
    for each in entries_of(connection, keys, exchanges):
        found[ExchangeId(str(each.leaf["meta"]["exchange"]))].append(each)
    return found


def opened_at(connection: Connection, exchanges: Collection[ExchangeId]) -> Mapping[ExchangeId, int]:
    """The number of each exchange's opening entry. Raises SQLAlchemyError, sqlite3.Error."""
    rows = connection.execute(
        select(ENTRIES.c.exchange, func.min(ENTRIES.c.sequence))
        .where(ENTRIES.c.exchange.in_(exchanges), ENTRIES.c.kind == OPENED)
        .group_by(ENTRIES.c.exchange)
    )
    return {ExchangeId(exchange): int(sequence) for exchange, sequence in rows}


def places(connection: Connection, entries: Collection[EntryId]) -> Mapping[EntryId, int]:
    """Index in the tree of those of the entries that have one. Raises SQLAlchemyError, sqlite3.Error."""
    rows = connection.execute(
        select(ENTRIES.c.entry, ENTRIES.c.tree_index).where(
            ENTRIES.c.entry.in_(entries), ENTRIES.c.tree_index.is_not(None)
        )
    )
    return {EntryId(entry): int(index) for entry, index in rows}


def stored(connection: Connection, keys: SubjectKeys, entries: Collection[EntryId]) -> Mapping[EntryId, StoredEntry]:
    """These entries with their contents opened. Raises as ``audit.stored.entries_of``."""
    return {each.entry: each for each in entries_named(connection, keys, ENTRIES.c.entry.in_(entries))}


def linking(
    connection: Connection, keys: SubjectKeys, targets: Collection[EntryId], since: str
) -> Sequence[StoredEntry]:
    """The entries that tell of a reading of one of these since a time, oldest first. Raises as above."""
    linked = select(LINKS.c.sequence).where(LINKS.c.target.in_(targets))
    which = (ENTRIES.c.sequence.in_(linked), ENTRIES.c.kind == READ, ENTRIES.c.time >= since)
    return entries_named(connection, keys, and_(*which))


def _erased(connection: Connection, sequences: Sequence[int]) -> frozenset[EntryId]:
    leaves = connection.execute(
        select(ENTRIES.c.leaf).where(ENTRIES.c.sequence.in_(sequences), ENTRIES.c.leaf.is_not(None))
    ).scalars()
    metas = [json.loads(leaf)["meta"] for leaf in leaves] if sequences else []
    named = [each for meta in metas for member in ("targets", "pruned") for each in meta.get(member, ())]
    return frozenset(EntryId(str(each["entry"])) for each in named)
