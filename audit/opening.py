"""Texts of entries with their salts, opened for whoever checks their commitments, in the order of the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, Connection, Row, select

from audit.sealing import SealedField, open_field
from audit.subject_keys import SubjectKeys
from audit.tables import CONTENTS, ENTRIES
from audit.tiles import WIDTH
from audit.tree import INDEX, WAITING


@dataclass(frozen=True, slots=True)
class Opened:
    """A text that is there."""

    salt: bytes = field(repr=False)
    value: str = field(repr=False)


Fields = Mapping[str, Opened | None]
"""Path -> the text, for those that are there; None where what is stored cannot be opened."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One entry at its place in the tree, as it is stored. ``leaf`` is None where only the hash was kept."""

    sequence: int
    index: int
    entry: str
    kind: str
    time: str
    conversation: str
    exchange: str | None
    leaf: bytes | None
    leaf_hash: bytes
    mac: bytes | None
    fields: Fields


_COLUMNS: Final = (
    ENTRIES.c.sequence,
    INDEX.label("place"),
    ENTRIES.c.entry,
    ENTRIES.c.kind,
    ENTRIES.c.time,
    ENTRIES.c.conversation,
    ENTRIES.c.exchange,
    ENTRIES.c.leaf,
    ENTRIES.c.leaf_hash,
    ENTRIES.c.mac,
)


def placed(
    connection: Connection, keys: SubjectKeys | None, begin: int = 0, end: int | None = None
) -> Iterator[Placed]:
    """The entries from index ``begin`` up to and without ``end``, a tile at a time; with texts if ``keys`` are given.

    Raises SQLAlchemyError, sqlite3.Error, OSError, LogUnavailable.
    """
    while end is None or begin < end:
        upper = begin - begin % WIDTH + WIDTH
        upper = upper if end is None else min(upper, end)
        found = _read(connection, keys, ENTRIES.c.tree_index.between(begin, upper - 1))
        if not found:
            return
        yield from found
        begin = upper


def unplaced(connection: Connection, keys: SubjectKeys) -> Sequence[Placed]:
    """The entries that wait for their index, with the one they will have. Raises as ``placed`` does."""
    return _read(connection, keys, WAITING & ENTRIES.c.tree_index.is_(None))


def _read(connection: Connection, keys: SubjectKeys | None, which: ColumnElement[bool]) -> Sequence[Placed]:
    rows = connection.execute(select(*_COLUMNS).where(which).order_by(ENTRIES.c.tree_index, ENTRIES.c.sequence)).all()
    fields = {} if keys is None else opened(connection, keys, {row.sequence: row.entry for row in rows})
    return [_entry(row, fields.get(row.sequence, {})) for row in rows]


def _entry(row: Row[*tuple[Any, ...]], fields: Fields) -> Placed:
    return Placed(
        row.sequence,
        row.place,
        row.entry,
        row.kind,
        row.time,
        row.conversation,
        row.exchange,
        row.leaf,
        row.leaf_hash,
        row.mac,
        fields,
    )


def opened(connection: Connection, keys: SubjectKeys, entries: Mapping[int, str]) -> Mapping[int, Fields]:
    """The texts of the entries with these numbers and ids (sequence -> entry). Raises as ``placed`` does."""
    first, last = min(entries, default=0), max(entries, default=0)
    sealed = [
        each
        for each in connection.execute(select(CONTENTS).where(CONTENTS.c.sequence.between(first, last)))
        if each.sequence in entries
    ]
    held = readable(keys, {each.subject_key for each in sealed})
    found: dict[int, dict[str, Opened | None]] = defaultdict(dict)
    for each in sealed:
        if each.subject_key in held:
            key = held[each.subject_key]
            found[each.sequence][each.path] = _opened(
                key, entries[each.sequence], each.path, SealedField(each.wrapped, each.sealed)
            )
    return found


def readable(keys: SubjectKeys, ids: Collection[bytes]) -> Mapping[bytes, bytes | None]:
    """The keys that have not been destroyed; None for one that the master key does not open."""
    try:
        return dict(keys.read(ids))
    except InvalidTag:
        pass
    if len(ids) == 1:
        return dict.fromkeys(ids)
    return {identity: key for each in ids for identity, key in readable(keys, [each]).items()}


def _opened(key: bytes | None, entry: str, path: str, sealed: SealedField) -> Opened | None:
    if key is None:
        return None
    try:
        return Opened(*open_field(key, entry, path, sealed))
    except (InvalidTag, ValueError):
        return None
