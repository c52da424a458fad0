"""Entries as they lie in the tables, read back with their contents opened."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from audit.commitments import commitment
from audit.failures import CORRUPT
from audit.leaves import leaf_hash
from audit.sealing import SealedField, open_field
from audit.subject_keys import SubjectKeys
from audit.tables import CONTENTS, ENTRIES, LINKS, RECEIPTS
from bot.ports import LogUnavailable
from bot.records import ConversationId, EntryId, RecordedEntry

_ENDING: Final = ("hold.lifted", "erasure.rejected", "erasure.swept")
"""Kinds of entries that link to a hold, a proposal or an erasure alone and say what became of it."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry: its leaf (``bytes`` as stored, ``leaf`` parsed) and every committed field, None where erased.

    ``index`` is its place in the tree, None while it waits for one. A whole leaf that expired has no bytes any more;
    such entries are not read back.
    """

    entry: EntryId
    bytes: bytes
    hash: str
    leaf: Mapping[str, Any]
    contents: Mapping[str, str | None]
    receipt: str | None
    index: int | None = None


def entries_of(connection: Connection, keys: SubjectKeys, exchanges: Collection[str]) -> Sequence[StoredEntry]:
    """All entries that name one of these exchanges, in the order they were written.

    Raises SQLAlchemyError, sqlite3.Error, OSError, InvalidTag; LogUnavailable (corrupt) where a leaf or a field is
    not what its hash says.
    """
    return _read(connection, keys, ENTRIES.c.exchange.in_(exchanges))


def entries_about(connection: Connection, keys: SubjectKeys, exchange: str) -> Sequence[StoredEntry]:
    """The same for one exchange, together with entries that name no exchange but link to one of its entries, and those
    that say what became of these.
    """
    return _read(connection, keys, _with_linking(ENTRIES.c.exchange == exchange))


def entries_on(connection: Connection, keys: SubjectKeys, subject: ConversationId) -> Sequence[StoredEntry]:
    """The same for a subject: everything written under its key."""
    return _read(connection, keys, ENTRIES.c.conversation == subject)


def entries_around(connection: Connection, keys: SubjectKeys, subject: ConversationId) -> Sequence[StoredEntry]:
    """The same for a subject, together with entries about other subjects that link to one of them (erasures, holds,
    readings), and those that say what became of these.
    """
    return _read(connection, keys, _with_linking(ENTRIES.c.conversation == subject))


def entries_of_kinds(connection: Connection, keys: SubjectKeys, kinds: Collection[str]) -> Sequence[StoredEntry]:
    """The same for every entry of some kinds."""
    return _read(connection, keys, ENTRIES.c.kind.in_(kinds))


def entries_named(connection: Connection, keys: SubjectKeys, which: ColumnElement[bool]) -> Sequence[StoredEntry]:
    """The same for the entries of a condition."""
    return _read(connection, keys, which)


def newest_on(connection: Connection, subject: ConversationId) -> EntryId | None:
    """The entry written last about a subject. Raises SQLAlchemyError, sqlite3.Error."""
    newest = select(func.max(ENTRIES.c.sequence)).where(ENTRIES.c.conversation == subject)  # by the index alone
    found = connection.execute(select(ENTRIES.c.entry).where(ENTRIES.c.sequence == newest.scalar_subquery())).scalar()
    return None if found is None else EntryId(found)


def as_entry(stored: StoredEntry) -> RecordedEntry:
    """What was appended, as a value of the bot's own. Raises LogUnavailable (corrupt) for a leaf of another shape."""
    leaf = stored.leaf
    try:
        return RecordedEntry(
            entry=stored.entry,
            kind=str(leaf["kind"]),
            time=datetime.fromisoformat(leaf["time"]),
            meta=leaf["meta"],
            contents=stored.contents,
            links=tuple(EntryId(each) for each in leaf["links"]),
        )
    except (ValueError, KeyError, TypeError):
        pass  # raised below, outside the handler: the error may hold what was read
    raise LogUnavailable(CORRUPT)


def _with_linking(own: ColumnElement[bool]) -> ColumnElement[bool]:
    linking = select(LINKS.c.sequence).where(LINKS.c.target.in_(select(ENTRIES.c.entry).where(own)))
    named = select(ENTRIES.c.entry).where(ENTRIES.c.sequence.in_(linking))
    ending = select(LINKS.c.sequence).where(LINKS.c.target.in_(named))
    ended = ENTRIES.c.sequence.in_(ending) & ENTRIES.c.kind.in_(_ENDING)
    return or_(own, ENTRIES.c.sequence.in_(linking), ended)


def _read(connection: Connection, keys: SubjectKeys, which: ColumnElement[bool]) -> Sequence[StoredEntry]:
    rows = connection.execute(
        select(
            ENTRIES.c.sequence,
            ENTRIES.c.entry,
            ENTRIES.c.leaf,
            ENTRIES.c.leaf_hash,
            ENTRIES.c.tree_index,
            RECEIPTS.c.code,
        )
        .join_from(ENTRIES, RECEIPTS, RECEIPTS.c.sequence == ENTRIES.c.sequence, isouter=True)
        .where(which, ENTRIES.c.leaf.is_not(None))
        .order_by(ENTRIES.c.sequence)
    ).all()
    sealed = connection.execute(
        select(CONTENTS).where(CONTENTS.c.sequence.in_(select(ENTRIES.c.sequence).where(which)))
    ).all()
    subject_keys = keys.read({each.subject_key for each in sealed})
    by_sequence: dict[int, dict[str, Row[Any]]] = defaultdict(dict)
    for each in sealed:
        by_sequence[each.sequence][each.path] = each
    return [_entry(row, by_sequence[row.sequence], subject_keys) for row in rows]


def _entry(
    row: Row[*tuple[Any, ...]], sealed: Mapping[str, Row[Any]], subject_keys: Mapping[bytes, bytes]
) -> StoredEntry:
    if leaf_hash(row.leaf) != row.leaf_hash:
        raise LogUnavailable(CORRUPT)
    leaf = json.loads(row.leaf)
    if leaf["entry"] != row.entry:
        raise LogUnavailable(CORRUPT)
    contents = {
        path: _field(row.entry, path, bytes.fromhex(committed), sealed.get(path), subject_keys)
        for path, committed in leaf["commitments"].items()
    }
    return StoredEntry(EntryId(row.entry), row.leaf, row.leaf_hash.hex(), leaf, contents, row.code, row.tree_index)


def _field(
    entry: str, path: str, committed: bytes, row: Row[Any] | None, subject_keys: Mapping[bytes, bytes]
) -> str | None:
    if row is None or row.subject_key not in subject_keys:
        return None
    salt, value = open_field(subject_keys[row.subject_key], entry, path, SealedField(row.wrapped, row.sealed))
    if commitment(path, salt, value) != committed:
        raise LogUnavailable(CORRUPT)
    return value
