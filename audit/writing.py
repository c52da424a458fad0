"""What one append, and one receipt, do inside their transaction.

The statements are those of ``audit.tables``, compiled once and given to the driver directly: going through
SQLAlchemy for each of them costs more than the cryptography and the disk together. They say nothing that SQLite and
PostgreSQL do not both understand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ClauseElement, Table, bindparam, func, insert, select
from sqlalchemy.dialects import sqlite

from audit.canonical import instant
from audit.codes import fresh_entry_id
from audit.commitments import commitment, fresh_salt
from audit.database import Driver
from audit.leaves import Written, leaf_bytes, leaf_hash
from audit.receipts import promise_bytes, receipt, sign
from audit.sealing import seal_field
from audit.subject_keys import SubjectKeys
from audit.tables import CHECKPOINTS, CONTENTS, ENTRIES, LINKS, RECEIPTS, SUBJECTS
from bot.records import Appended, ConversationId, Entry, EntryId, Receipt
from bot.records_json import CLOSED, CONVERSATION, EXCHANGE

# Kinds whose receipt is made together with the entry: one sync for both, and no closed exchange without a receipt.
_WITH_RECEIPT: Final = frozenset({CLOSED})

_DIALECT: Final = sqlite.dialect(paramstyle="named")


def _compiled(statement: ClauseElement, columns: list[str] | None = None) -> str:
    return str(statement.compile(dialect=_DIALECT, column_keys=columns))


def _inserting(table: Table, *left_out: str) -> str:
    return _compiled(insert(table), [column.name for column in table.columns if column.name not in left_out])


_ADD_ENTRY: Final = _inserting(ENTRIES, "sequence", "tree_index") + " RETURNING sequence"
_ADD_CONTENT: Final = _inserting(CONTENTS)
# A link that leads nowhere adds no row.
_ADD_LINK: Final = _compiled(
    insert(LINKS).from_select(
        ["sequence", "position", "target"],
        select(bindparam("sequence"), bindparam("position"), ENTRIES.c.entry).where(
            ENTRIES.c.entry == bindparam("target")
        ),
    )
)
_NEW_SUBJECT: Final = sqlite.insert(SUBJECTS)
_SET_SUBJECT: Final = _compiled(
    _NEW_SUBJECT.on_conflict_do_update(
        index_elements=[SUBJECTS.c.conversation],
        set_={"subject_key": _NEW_SUBJECT.excluded.subject_key},
        where=SUBJECTS.c.subject_key == bindparam("destroyed"),
    ),
    ["conversation", "subject_key"],
)
_ADD_RECEIPT: Final = _inserting(RECEIPTS)
_SUBJECT_KEY: Final = _compiled(
    select(SUBJECTS.c.subject_key).where(SUBJECTS.c.conversation == bindparam("conversation"))
)
_STORED_RECEIPT: Final = _compiled(
    select(ENTRIES.c.sequence, ENTRIES.c.leaf_hash, RECEIPTS.c.promise, RECEIPTS.c.signature)
    .join_from(ENTRIES, RECEIPTS, RECEIPTS.c.sequence == ENTRIES.c.sequence, isouter=True)
    .where(ENTRIES.c.entry == bindparam("entry"))
)

_LATEST_CHECKPOINT: Final = _compiled(
    select(CHECKPOINTS.c.note).where(CHECKPOINTS.c.size == select(func.max(CHECKPOINTS.c.size)).scalar_subquery())
)


class UnknownEntryError(ValueError):
    """An entry was named that is not in this log."""

    def __init__(self) -> None:
        super().__init__("not an entry of this log")


@dataclass(frozen=True, slots=True)
class Pen:
    """What writing needs beside a connection: the log's name, its clock's name, its signing key, its subjects' keys."""

    origin: str
    clock: str
    signing: Ed25519PrivateKey = field(repr=False)
    subjects: SubjectKeys = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Field:
    """One content on its way into the log."""

    path: str
    value: str = field(repr=False)
    salt: bytes = field(repr=False)


def write_entry(connection: Driver, pen: Pen, entry: Entry, time: datetime) -> Appended:
    """Write leaf, contents, links and (for a closed exchange) the receipt.

    Raises ValueError or TypeError for an entry that cannot be written, and what the database and the keys raise.
    """
    if entry.meta.get(CONVERSATION, entry.subject) != entry.subject:
        raise ValueError("an entry is about the conversation whose key seals it")
    written = Written(pen.origin, EntryId(fresh_entry_id()), time, pen.clock)
    fields = [_Field(path, value, fresh_salt()) for path, value in entry.contents.items()]
    leaf = leaf_bytes(entry, written, {each.path: commitment(each.path, each.salt, each.value) for each in fields})
    appended = Appended(written.entry, leaf_hash(leaf).hex(), time)
    sequence = _add_entry(connection, entry, appended, leaf, pen.subjects)
    if fields:
        name, key = _subject_key(connection, pen, entry.subject)
        rows = [_sealed(each, appended.entry, key) for each in fields]
        connection.executemany(_ADD_CONTENT, [{**row, "sequence": sequence, "subject_key": name} for row in rows])
    if entry.links:
        _add_links(connection, sequence, entry)
    if entry.kind in _WITH_RECEIPT:
        _add_receipt(connection, pen, sequence, appended)
    return appended


def write_receipt(connection: Driver, pen: Pen, appended: Appended) -> Receipt:
    """The receipt of an entry: the stored one, or a new one. Raises UnknownEntryError."""
    found = connection.execute(_STORED_RECEIPT, {"entry": appended.entry}).fetchone()
    if found is None or found[1].hex() != appended.leaf:
        raise UnknownEntryError
    sequence, _, promise, signature = found
    if promise is not None:
        return receipt(promise, signature)
    return receipt(*_add_receipt(connection, pen, sequence, appended))


def _add_entry(connection: Driver, entry: Entry, appended: Appended, leaf: bytes, keys: SubjectKeys) -> int:
    exchange, hashed = entry.meta.get(EXCHANGE), bytes.fromhex(appended.leaf)
    row = {
        "entry": appended.entry,
        "kind": entry.kind,
        "time": instant(appended.time),
        "conversation": entry.subject,
        "exchange": exchange if isinstance(exchange, str) else None,
        "leaf": leaf,
        "leaf_hash": hashed,
        "mac": keys.mac(hashed),
    }
    return int(connection.execute(_ADD_ENTRY, row).fetchone()[0])


def _sealed(each: _Field, entry: EntryId, key: bytes) -> Mapping[str, str | bytes]:
    sealed = seal_field(key, entry, each.path, each.salt, each.value)
    return {"path": each.path, "wrapped": sealed.wrapped, "sealed": sealed.sealed}


def _subject_key(connection: Driver, pen: Pen, conversation: ConversationId) -> tuple[bytes, bytes]:
    """Name and key for this conversation's next contents; a new key where it has none or its key was destroyed."""
    row = connection.execute(_SUBJECT_KEY, {"conversation": conversation}).fetchone()
    held = pen.subjects.read((row[0],)) if row else {}
    if held:
        return next(iter(held.items()))
    name, key = pen.subjects.fresh()
    given = {"conversation": conversation, "subject_key": name, "destroyed": row and row[0]}
    if connection.execute(_SET_SUBJECT, given).rowcount == 0:
        return _subject_key(connection, pen, conversation)  # another writer's first entry was quicker
    return name, key


def _add_links(connection: Driver, sequence: int, entry: Entry) -> None:
    rows = [{"sequence": sequence, "position": at, "target": target} for at, target in enumerate(entry.links)]
    if connection.executemany(_ADD_LINK, rows).rowcount != len(rows):
        raise UnknownEntryError


def _add_receipt(connection: Driver, pen: Pen, sequence: int, appended: Appended) -> tuple[bytes, bytes]:
    """What was promised, and its signature."""
    latest = connection.execute(_LATEST_CHECKPOINT).fetchone()
    checkpoint = None if latest is None else str(latest[0])
    code, promise = promise_bytes(pen.origin, appended.entry, appended.leaf, appended.time, checkpoint)
    signature = sign(pen.signing, promise)
    row = {"code": code, "sequence": sequence, "promise": promise, "signature": signature}
    connection.execute(_ADD_RECEIPT, row)
    return promise, signature
