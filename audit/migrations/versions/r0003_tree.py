"""The tree over the entries: its head, tiles and signed checkpoints; and who wrote what waits for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Numbers that go on for ever: SQLite's INTEGER has 64 bits, PostgreSQL's has 32.
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("entries", sa.Column("mac", sa.LargeBinary))
    op.create_table(
        "head",
        sa.Column("size", _NUMBER, nullable=False),
        sa.Column("sequence", _NUMBER, nullable=False),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO head (size, sequence) VALUES (0, 0)")
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL's are those of audit.backends.guards
        _forbid_changes()


def _forbid_changes() -> None:
    """A guard against slips in our own code; whoever owns the file can drop it, and is caught by proofs instead."""
    op.execute(
        "CREATE TRIGGER macs_are_never_changed BEFORE UPDATE OF mac ON entries "
        "BEGIN SELECT RAISE(ABORT, 'macs are never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER the_tree_never_shrinks BEFORE UPDATE ON head "
        "WHEN NEW.size <= OLD.size OR NEW.sequence <= OLD.sequence "
        "BEGIN SELECT RAISE(ABORT, 'the tree never shrinks'); END"
    )
    op.execute(
        "CREATE TRIGGER there_is_one_head BEFORE INSERT ON head BEGIN SELECT RAISE(ABORT, 'there is one head'); END"
    )
    op.execute(
        "CREATE TRIGGER the_head_is_never_removed BEFORE DELETE ON head "
        "BEGIN SELECT RAISE(ABORT, 'the head is never removed'); END"
    )
    op.execute(
        "CREATE TRIGGER tiles_are_never_removed BEFORE DELETE ON tiles "
        "BEGIN SELECT RAISE(ABORT, 'tiles are never removed'); END"
    )
    op.execute(
        "CREATE TRIGGER tiles_only_grow BEFORE UPDATE ON tiles "
        "WHEN NEW.level <> OLD.level OR NEW.number <> OLD.number OR length(NEW.hashes) <= length(OLD.hashes) "
        "OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes "
        "BEGIN SELECT RAISE(ABORT, 'tiles only grow, they are never changed'); END"
    )
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER checkpoints_are_never_{event.lower()}d BEFORE {event} ON checkpoints "
            "BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed or removed'); END"
        )
