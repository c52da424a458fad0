"""The tables of one desk's cases and notices, as they are now; ``migrations/`` holds how they came about.

They stand in the file of the desk's log. ``cases`` repeats what the log's entries amount to, so that a case can be
found; no column of it is anything that the entries do not say, but for ``digest`` and ``once``. Times are ISO 8601 in
UTC with six decimals, so that they sort as text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

METADATA: Final = MetaData()

NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
"""Numbers that go on for ever: SQLite's INTEGER has 64 bits, PostgreSQL's has 32."""

CASES: Final = Table(
    "cases",
    METADATA,
    Column("sequence", NUMBER, primary_key=True),  # order of opening
    Column("id", Text, nullable=False, unique=True),
    Column("conversation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("opened", Text, nullable=False),
    Column("due", Text),
    Column("state", Text, nullable=False),
    Column("exchange", Text),
    Column("department", Text),
    Column("may_forward", Integer, nullable=False),
    Column("holder", Text),
    Column("claim_ends", Text),
    Column("waiting_since", Text),
    Column("ended", Text),
    Column("merged_into", Text),
    Column("decision", Text),
    Column("alarms", Text, nullable=False),  # sorted, a space between
    Column("reopened", Integer, nullable=False),
    Column("digest", LargeBinary, unique=True),  # of the case number; empty where it was erased before a rebuild
    Column("once", Text, unique=True),  # the request it came by
    sqlite_strict=True,
)
Index("cases_by_conversation", CASES.c.conversation)
Index("cases_by_state", CASES.c.state)
_MERGED: Final = text("merged_into IS NOT NULL")
Index("cases_by_merged_into", CASES.c.merged_into, sqlite_where=_MERGED, postgresql_where=_MERGED)

# How a person wishes to be reached: sealed, and nowhere else.
CONTACTS: Final = Table(
    "contacts",
    METADATA,
    Column("case", Text, ForeignKey("cases.id"), primary_key=True, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Text, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index("contacts_by_until", CONTACTS.c.until)

# A delivered notice keeps its key alone, so that it is never sent again.
NOTICES: Final = Table(
    "notices",
    METADATA,
    Column("sequence", NUMBER, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("way", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("not_before", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("cause", Text),
    Column("delivered", Text),
    sqlite_strict=True,
)
_ON_THEIR_WAY: Final = text("delivered IS NULL")
Index("notices_on_their_way", NOTICES.c.not_before, sqlite_where=_ON_THEIR_WAY, postgresql_where=_ON_THEIR_WAY)


def as_text(time: datetime) -> str:
    """A time as the tables hold it. Raises ValueError for a naive one."""
    if time.tzinfo is None:
        raise ValueError("a time in the tables needs its offset")
    return time.astimezone(UTC).isoformat(timespec="microseconds")
