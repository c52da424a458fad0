"""The tables of one desk's log, as they are now. ``migrations/`` holds how they came about; a test compares the two.

``entries`` is all that proofs rest on: only ``leaf`` and ``leaf_hash`` count, every other column repeats what the
leaf says so that it can be looked up. ``contents`` can be emptied row by row without touching any of it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

METADATA: Final = MetaData()

NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
"""Numbers that go on for ever: SQLite's INTEGER has 64 bits, PostgreSQL's has 32."""


# Whose log this is and which key signs for it. One row; a second key would be a second row with a later ``since``.
IDENTITY: Final = Table(
    "identity",
    METADATA,
    Column("origin", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("since", Text, nullable=False),
    PrimaryKeyConstraint("origin", "public_key"),
    sqlite_strict=True,
)

ENTRIES: Final = Table(
    "entries",
    METADATA,
    Column("sequence", NUMBER, primary_key=True),  # order of insertion; never a proof of anything
    Column("entry", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("exchange", Text),
    Column("leaf", LargeBinary),  # the exact bytes; empty only where a whole leaf has expired and was pruned
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("tree_index", NUMBER),  # dense, given by the sequencer; empty until then
    Column("mac", LargeBinary),  # that a holder of the keys wrote it; asked for until the tree holds it
    sqlite_strict=True,
)
Index("entries_by_conversation", ENTRIES.c.conversation, ENTRIES.c.kind)
_NAMED: Final = text("exchange IS NOT NULL")
Index("entries_by_exchange", ENTRIES.c.exchange, sqlite_where=_NAMED, postgresql_where=_NAMED)
_PLACED: Final = text("tree_index IS NOT NULL")
Index("entries_by_tree_index", ENTRIES.c.tree_index, unique=True, sqlite_where=_PLACED, postgresql_where=_PLACED)

# For counting a day's endings without reading the whole log.
_CLOSED: Final = text("kind = 'exchange.closed'")
Index("closed_by_time", ENTRIES.c.time, sqlite_where=_CLOSED, postgresql_where=_CLOSED)

CONTENTS: Final = Table(
    "contents",
    METADATA,
    Column("sequence", NUMBER, ForeignKey("entries.sequence"), nullable=False),
    Column("path", Text, nullable=False),
    Column("subject_key", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("sequence", "path"),
    sqlite_strict=True,
)

# Which key seals a conversation's next contents. Rows of ``contents`` name their own, so that a key can be replaced.
SUBJECTS: Final = Table(
    "subjects",
    METADATA,
    Column("conversation", Text, primary_key=True, nullable=False),
    Column("subject_key", LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

LINKS: Final = Table(
    "links",
    METADATA,
    Column("sequence", NUMBER, ForeignKey("entries.sequence"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("target", Text, ForeignKey("entries.entry"), nullable=False),
    PrimaryKeyConstraint("sequence", "position"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index("links_by_target", LINKS.c.target)

RECEIPTS: Final = Table(
    "receipts",
    METADATA,
    Column("code", Text, primary_key=True, nullable=False),
    Column("sequence", NUMBER, ForeignKey("entries.sequence"), nullable=False, unique=True),
    Column("promise", LargeBinary, nullable=False),  # the exact bytes that were signed
    Column("signature", LargeBinary, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# How many entries have their index, and up to which one. One row, moved on by whoever sequences.
HEAD: Final = Table(
    "head",
    METADATA,
    Column("size", NUMBER, nullable=False),
    Column("sequence", NUMBER, nullable=False),
    sqlite_strict=True,
)

TILES: Final = Table(
    "tiles",
    METADATA,
    Column("level", Integer, nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("hashes", LargeBinary, nullable=False),  # one after the other; the last tile of a level grows
    PrimaryKeyConstraint("level", "number"),
    sqlite_strict=True,
)

CHECKPOINTS: Final = Table(
    "checkpoints",
    METADATA,
    Column("size", NUMBER, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),  # the exact text that was signed, with its signature
    Column("time", Text, nullable=False),  # for operators; a checkpoint itself has no time
    sqlite_strict=True,
)
