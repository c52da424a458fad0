"""Cases, contacts and notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Numbers that go on for ever: SQLite's INTEGER has 64 bits, PostgreSQL's has 32.
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_cases()
    op.create_table(
        "contacts",
        sa.Column("case", sa.Text, sa.ForeignKey("cases.id"), primary_key=True, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("contacts_by_until", "contacts", ["until"])
    op.create_table(
        "notices",
        sa.Column("sequence", _NUMBER, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("not_before", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text),
        sa.Column("delivered", sa.Text),
        sqlite_strict=True,
    )
    waiting = sa.text("delivered IS NULL")
    op.create_index("notices_on_their_way", "notices", ["not_before"], sqlite_where=waiting, postgresql_where=waiting)


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("sequence", _NUMBER, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("conversation", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("opened", sa.Text, nullable=False),
        sa.Column("due", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("exchange", sa.Text),
        sa.Column("department", sa.Text),
        sa.Column("may_forward", sa.Integer, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("claim_ends", sa.Text),
        sa.Column("waiting_since", sa.Text),
        sa.Column("ended", sa.Text),
        sa.Column("merged_into", sa.Text),
        sa.Column("decision", sa.Text),
        sa.Column("alarms", sa.Text, nullable=False),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary, unique=True),
        sa.Column("once", sa.Text, unique=True),
        sqlite_strict=True,
    )
    op.create_index("cases_by_conversation", "cases", ["conversation"])
    op.create_index("cases_by_state", "cases", ["state"])
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("cases_by_merged_into", "cases", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
