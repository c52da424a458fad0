"""What erasing does to the tables of one log, inside a transaction: finding, deleting, giving what stays a new key.

Only rows of ``contents`` and ``links`` are deleted and only ``leaf`` is emptied: every trigger that guards entries,
tree and checkpoints stays in force.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from cryptography.exceptions import InvalidTag

from audit.canonical import instant
from audit.database import Driver
from audit.erasures import KIND
from audit.leaves import read_leaf
from audit.matters import Known
from audit.sealing import rewrap
from audit.subject_keys import SubjectKeys
from bot.records import EntryId, ExchangeId, RecordedEntry

T = TypeVar("T")

SWEPT: Final = "erasure.swept"
MOST_REWRAPPED: Final = 500
"""Texts of one subject that get a new key in a transaction; a subject with more keeps its key for those."""

_OF: Final = {
    "conversation": (
        "SELECT sequence, entry, kind, time, conversation, exchange, tree_index, leaf_hash, leaf FROM entries "
        "WHERE leaf IS NOT NULL AND conversation IN (?) ORDER BY sequence"
    ),
    "exchange": (
        "SELECT sequence, entry, kind, time, conversation, exchange, tree_index, leaf_hash, leaf FROM entries "
        "WHERE leaf IS NOT NULL AND exchange IN (?) ORDER BY sequence"
    ),
    "sequence": (
        "SELECT sequence, entry, kind, time, conversation, exchange, tree_index, leaf_hash, leaf FROM entries "
        "WHERE leaf IS NOT NULL AND sequence IN (?) ORDER BY sequence"
    ),
}
_PATHS: Final = "SELECT sequence, path FROM contents WHERE sequence IN (?) ORDER BY sequence, path"
_WITH_TEXTS: Final = (
    "SELECT DISTINCT c.sequence, e.conversation, e.kind FROM contents AS c JOIN entries AS e USING (sequence) "
    "WHERE c.sequence > ? AND c.sequence <= ? AND e.leaf IS NOT NULL ORDER BY c.sequence LIMIT ?"
)
_WITHOUT_TEXTS: Final = (
    "SELECT sequence, conversation, kind FROM entries AS e WHERE sequence > ? AND sequence <= ? AND leaf IS NOT NULL "
    "AND tree_index IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contents WHERE sequence = e.sequence) "
    "ORDER BY sequence LIMIT ?"
)
_BEFORE: Final = "SELECT time FROM entries WHERE sequence <= ? ORDER BY sequence DESC LIMIT 1"
_KEYS_OF: Final = (
    "SELECT DISTINCT e.conversation, c.subject_key FROM contents AS c JOIN entries AS e USING (sequence) "
    "WHERE c.sequence IN (?)"
)
_STAYING: Final = (
    "SELECT c.sequence, c.path, c.wrapped, e.entry FROM contents AS c JOIN entries AS e USING (sequence) "
    "WHERE e.conversation = ? AND c.subject_key = ? LIMIT ?"
)
_SIZES: Final = (1, 8, 64, 512)
_DELETE_TEXT: Final = "DELETE FROM contents WHERE sequence = ? AND path = ?"
_NEW_KEY: Final = "UPDATE contents SET subject_key = ?, wrapped = ? WHERE sequence = ? AND path = ?"
_NO_SUBJECT: Final = "DELETE FROM subjects WHERE conversation = ?"
_SET_SUBJECT: Final = "INSERT INTO subjects (conversation, subject_key) VALUES (?, ?)"
_DELETE_LINKS: Final = "DELETE FROM links WHERE sequence = ?"
_EMPTY_LEAF: Final = "UPDATE entries SET leaf = NULL WHERE sequence = ?"

_UNFINISHED: Final = (
    "SELECT entry, leaf FROM entries AS e WHERE conversation = ? AND kind = ? AND leaf IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM links AS l JOIN entries AS s USING (sequence) WHERE l.target = e.entry AND s.kind = ?) "
    "ORDER BY sequence"
)
_EXCHANGES: Final = "SELECT DISTINCT exchange FROM entries WHERE exchange IS NOT NULL AND entry IN (?)"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An erasure that is durable and not swept: the keys to destroy, the exchanges whose texts went."""

    entry: EntryId
    keys: tuple[bytes, ...] = field(repr=False)
    exchanges: frozenset[ExchangeId]


@dataclass(frozen=True, slots=True)
class Found:
    """Where something may have to go: the number of an entry, what it is about, its kind."""

    sequence: int
    conversation: str
    kind: str


def known(connection: Driver, by: str, values: Collection[str | int]) -> Sequence[Known]:
    """The entries with these conversations, exchanges or sequences (``by``), oldest first, without their texts."""
    rows = sorted(_among(connection, _OF[by], values))  # the number of an entry comes first
    paths: dict[int, list[str]] = defaultdict(list)
    for sequence, path in _among(connection, _PATHS, [row[0] for row in rows]):
        paths[sequence].append(path)
    return [_known(row, tuple(paths[row[0]])) for row in rows]


def recorded(connection: Driver, subject: str) -> Sequence[RecordedEntry]:
    """Every entry about a subject as a transaction sees it, oldest first, without contents."""
    return [
        RecordedEntry(
            EntryId(row[1]),
            row[2],
            datetime.fromisoformat(row[3]),
            _member(row[8], "meta", dict[str, Any]()),
            {},
            tuple(EntryId(each) for each in _member(row[8], "links", list[str]())),
        )
        for row in _among(connection, _OF["conversation"], [subject])
    ]


def last_before(connection: Driver, moment: datetime) -> int:
    """The number of the last entry before a moment, where times rise; where a clock was set it may be another."""
    wanted = instant(moment)
    low, high = 0, connection.execute("SELECT coalesce(max(sequence), 0) FROM entries").fetchone()[0]
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(_BEFORE, (middle,)).fetchone()
        low, high = (middle, high) if row is not None and row[0] < wanted else (low, middle - 1)
    return low


def with_texts(connection: Driver, after: int, upto: int, limit: int) -> Sequence[Found]:
    """Entries that still have texts."""
    return [Found(*row) for row in connection.execute(_WITH_TEXTS, (after, upto, limit))]


def without_texts(connection: Driver, after: int, upto: int, limit: int) -> Sequence[Found]:
    """Entries in the tree that have their leaf still and no text."""
    return [Found(*row) for row in connection.execute(_WITHOUT_TEXTS, (after, upto, limit))]


def delete_texts(connection: Driver, keys: SubjectKeys, chosen: Collection[Known]) -> Sequence[bytes]:
    """Delete the texts of these entries. What else lies under their keys gets a new one; the old ones, which nothing
    needs any more, are returned to be destroyed once this is durable.

    So not only the rows are gone: no older copy of the database, of its pages or its journal can be opened either.
    """
    used = list(dict.fromkeys(_among(connection, _KEYS_OF, [each.sequence for each in chosen])))
    connection.executemany(_DELETE_TEXT, [(each.sequence, path) for each in chosen for path in each.paths])
    return [key for conversation, key in used if _replaced(connection, keys, conversation, key)]


def prune(connection: Driver, chosen: Collection[Known]) -> None:
    """Keep only the hash of these leaves."""
    numbers = [(each.sequence,) for each in chosen]
    connection.executemany(_DELETE_LINKS, numbers)
    connection.executemany(_EMPTY_LEAF, numbers)


def _replaced(connection: Driver, keys: SubjectKeys, conversation: str, key: bytes) -> bool:
    """Whether nothing needs this key any more. The subject's next texts get a fresh one in any case."""
    connection.execute(_NO_SUBJECT, (conversation,))
    staying = connection.execute(_STAYING, (conversation, key, MOST_REWRAPPED + 1)).fetchall()
    if not staying:
        return True
    held = keys.read((key,))
    if len(staying) > MOST_REWRAPPED or key not in held:
        return False
    name, fresh = keys.fresh()
    try:
        rows = [
            (name, rewrap(held[key], fresh, entry, path, wrapped), sequence, path)
            for sequence, path, wrapped, entry in staying
        ]
    except InvalidTag:  # somebody altered one of them: that stays to be seen
        return False
    connection.executemany(_NEW_KEY, rows)
    connection.execute(_SET_SUBJECT, (conversation, name))
    return True


def _among(connection: Driver, statement: str, values: Collection[str | int]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement whose ``(?)`` stands for a list, for any number of values: some at a time, and in few
    sizes, so that a database that remembers statements has few to remember.
    """
    ordered = sorted(values)
    for begin in range(0, len(ordered), _SIZES[-1]):
        some = ordered[begin : begin + _SIZES[-1]]
        size = next(each for each in _SIZES if each >= len(some))
        marks = ", ".join("?" * size)
        yield from connection.execute(statement.replace("(?)", f"({marks})"), some + some[-1:] * (size - len(some)))


def _known(row: Sequence[Any], paths: tuple[str, ...]) -> Known:
    sequence, entry, kind, time, conversation, exchange, index, leaf_hash, leaf = row
    return Known(
        sequence=sequence,
        entry=entry,
        kind=kind,
        time=datetime.fromisoformat(time),
        conversation=conversation,
        exchange=exchange,
        index=index,
        leaf_hash=leaf_hash,
        meta=_member(leaf, "meta", dict[str, Any]()),
        paths=paths,
    )


def _member(leaf: bytes, name: str, instead: T) -> T:
    """A member of a leaf; of one that cannot be read, an empty one: the verification says what is wrong with it."""
    try:
        value = json.loads(leaf)[name]
    except (ValueError, LookupError, TypeError):
        return instead
    return value if isinstance(value, type(instead)) else instead


def in_groups(chosen: Sequence[Known], most: int) -> Iterator[Sequence[Known]]:
    """At most so many at a time."""
    for begin in range(0, len(chosen), most):
        yield chosen[begin : begin + most]


def unfinished(connection: Driver, subject: str, origin: str) -> Sequence[Unfinished]:
    """The erasures among a subject's entries that no later entry says were swept, oldest first."""
    found: list[Unfinished] = []
    for entry, leaf in connection.execute(_UNFINISHED, (subject, KIND, SWEPT)).fetchall():
        try:
            meta = read_leaf(leaf, origin)["meta"]
            targets = [str(each["entry"]) for each in meta["targets"]]
            keys = tuple(bytes.fromhex(each) for each in meta.get("keys", ()))
        except (ValueError, LookupError, TypeError):
            continue  # an entry of another shape erased nothing here
        exchanges = frozenset(ExchangeId(row[0]) for row in _among(connection, _EXCHANGES, targets))
        found.append(Unfinished(EntryId(entry), keys, exchanges))
    return found
