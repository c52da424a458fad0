"""Entries, contents, subjects, links, receipts and the log's identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Numbers that go on for ever: SQLite's INTEGER has 64 bits, PostgreSQL's has 32.
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# Entries are never changed and never removed. The two columns left out are the ones that later work may fill
# (tree_index, once) or empty (leaf, when a whole leaf expires).
_NEVER_CHANGED = "sequence, entry, kind, time, conversation, exchange, leaf_hash"


def upgrade() -> None:
    op.create_table(
        "identity",
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("origin", "public_key"),
        sqlite_strict=True,
    )
    op.create_table(
        "entries",
        sa.Column("sequence", _NUMBER, primary_key=True),
        sa.Column("entry", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("exchange", sa.Text),
        sa.Column("leaf", sa.LargeBinary),
        sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
        sa.Column("tree_index", _NUMBER),
        sqlite_strict=True,
    )
    op.create_index("entries_by_conversation", "entries", ["conversation", "kind"])
    named, placed = sa.text("exchange IS NOT NULL"), sa.text("tree_index IS NOT NULL")
    op.create_index("entries_by_exchange", "entries", ["exchange"], sqlite_where=named, postgresql_where=named)
    op.create_index(
        "entries_by_tree_index", "entries", ["tree_index"], unique=True, sqlite_where=placed, postgresql_where=placed
    )
    _create_what_hangs_on_entries()
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL's are those of audit.backends.guards
        _forbid_changes()


def _create_what_hangs_on_entries() -> None:
    op.create_table(
        "contents",
        sa.Column("sequence", _NUMBER, sa.ForeignKey("entries.sequence"), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("subject_key", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", "path"),
        sqlite_strict=True,
    )
    op.create_table(
        "subjects",
        sa.Column("conversation", sa.Text, primary_key=True, nullable=False),
        sa.Column("subject_key", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "links",
        sa.Column("sequence", _NUMBER, sa.ForeignKey("entries.sequence"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("target", sa.Text, sa.ForeignKey("entries.entry"), nullable=False),
        sa.PrimaryKeyConstraint("sequence", "position"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("links_by_target", "links", ["target"])
    op.create_table(
        "receipts",
        sa.Column("code", sa.Text, primary_key=True, nullable=False),
        sa.Column("sequence", _NUMBER, sa.ForeignKey("entries.sequence"), nullable=False, unique=True),
        sa.Column("promise", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _forbid_changes() -> None:
    """A guard against slips in our own code; whoever owns the file can drop it, and is caught by proofs instead."""
    op.execute(
        "CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END"
    )
    op.execute(
        f"CREATE TRIGGER entries_are_never_changed BEFORE UPDATE OF {_NEVER_CHANGED} ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER leaves_are_never_changed BEFORE UPDATE OF leaf ON entries WHEN NEW.leaf IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'leaves are never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER indices_are_given_once BEFORE UPDATE OF tree_index ON entries WHEN OLD.tree_index IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'a tree index is given once'); END"
    )
