"""Texts of entries with their salts, opened for whoever checks their commitments, in the order of the tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, Select, bindparam, select

from audit.sealing import SubjectCipher
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

    fields: Fields
    sequence: int  # from here on in the order of _COLUMNS
    index: int
    entry: str
    kind: str
    time: str
    conversation: str
    exchange: str | None
    leaf: bytes | None
    leaf_hash: bytes
    mac: bytes | None


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

_IN_ORDER: Final = select(*_COLUMNS).order_by(ENTRIES.c.tree_index, ENTRIES.c.sequence)
_BETWEEN: Final = _IN_ORDER.where(ENTRIES.c.tree_index.between(bindparam("first"), bindparam("last")))
_WAITING: Final = _IN_ORDER.where(WAITING, ENTRIES.c.tree_index.is_(None))
_SEALED: Final = select(
    CONTENTS.c.sequence, CONTENTS.c.path, CONTENTS.c.subject_key, CONTENTS.c.wrapped, CONTENTS.c.sealed
).where(CONTENTS.c.sequence.between(bindparam("first"), bindparam("last")))


def placed(
    connection: Connection, keys: SubjectKeys | None, begin: int = 0, end: int | None = None
) -> Iterator[Placed]:
    """The entries from index ``begin`` up to and without ``end``, a tile at a time; with texts if ``keys`` are given.

    Raises SQLAlchemyError, sqlite3.Error, OSError, LogUnavailable.
    """
    while end is None or begin < end:
        upper = begin - begin % WIDTH + WIDTH
        upper = upper if end is None else min(upper, end)
        found = _read(connection, keys, _BETWEEN, first=begin, last=upper - 1)
        if not found:
            return
        yield from found
        begin = upper


def unplaced(connection: Connection, keys: SubjectKeys) -> Sequence[Placed]:
    """The entries that wait for their index, with the one they will have. Raises as ``placed`` does."""
    return _read(connection, keys, _WAITING)


def _read(connection: Connection, keys: SubjectKeys | None, wanted: Select[Any], **values: int) -> Sequence[Placed]:
    rows = connection.execute(wanted, values).all()
    fields = {} if keys is None else opened(connection, keys, {row[0]: row[2] for row in rows})
    return [Placed(fields.get(row[0], {}), *row) for row in rows]


def opened(connection: Connection, keys: SubjectKeys, entries: Mapping[int, str]) -> Mapping[int, Fields]:
    """The texts of the entries with these numbers and ids (sequence -> entry). Raises as ``placed`` does."""
    first, last = min(entries, default=0), max(entries, default=0)
    rows = connection.execute(_SEALED, {"first": first, "last": last}).all()
    held = readable(keys, {subject_key for sequence, _, subject_key, *_ in rows if sequence in entries})
    ciphers = {identity: None if key is None else SubjectCipher(key) for identity, key in held.items()}
    found: dict[int, dict[str, Opened | None]] = defaultdict(dict)
    for sequence, path, subject_key, wrapped, sealed in rows:
        if sequence in entries and subject_key in ciphers:
            found[sequence][path] = _opened(ciphers[subject_key], entries[sequence], path, wrapped, sealed)
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


def _opened(cipher: SubjectCipher | None, entry: str, path: str, wrapped: bytes, sealed: bytes) -> Opened | None:
    if cipher is None:
        return None
    try:
        return Opened(*cipher.open(entry, path, wrapped, sealed))
    except (InvalidTag, ValueError):
        return None
