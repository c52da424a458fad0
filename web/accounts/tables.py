"""The tables of accounts.sqlite as they are now. ``migrations/`` holds how they came about; a test compares the two.

Times are whole seconds since 1970 (UTC). Of passwords, sessions and tokens only hashes are kept.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
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

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("id", Text, primary_key=True, nullable=False),
    Column("login", Text, nullable=False, unique=True),  # casefolded
    Column("name", Text, nullable=False),
    Column("password", Text),  # argon2's own notation; empty where the account signs in at the provider only
    Column("must_change", Integer, nullable=False),
    Column("disabled", Integer, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("locked_until", Integer),
    Column("issuer", Text),
    Column("subject", Text),
    Column("created", Integer, nullable=False),
    Column("last_sign_in", Integer),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index("accounts_by_link", ACCOUNTS.c.issuer, ACCOUNTS.c.subject, unique=True, sqlite_where=text("subject IS NOT NULL"))

GRANTS: Final = Table(
    "grants",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("desk", Text, nullable=False),  # empty: the whole service
    Column("source", Text, nullable=False),  # person, or group: what the provider's groups gave they take again
    PrimaryKeyConstraint("account", "role", "desk", "source"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    Column("id", Text, primary_key=True, nullable=False),
    Column("token", LargeBinary, nullable=False, unique=True),  # SHA-256
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("door", Text, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index("sessions_by_account", SESSIONS.c.account)

TOKENS: Final = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True, nullable=False),
    Column("token", LargeBinary, nullable=False, unique=True),  # SHA-256
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("door", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", Integer, nullable=False),
    Column("expires", Integer, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
Index("tokens_by_account", TOKENS.c.account)

# Visits to the identity provider that have not come back yet. Each is taken out once.
FLOWS: Final = Table(
    "flows",
    METADATA,
    Column("browser", LargeBinary, primary_key=True, nullable=False),  # SHA-256 of what the browser holds
    Column("state", LargeBinary, nullable=False),  # SHA-256
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("door", Text, nullable=False),
    Column("begun", Integer, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# One row: failed sign-ins with a login that does not exist. Counting them costs the same sync as counting an account's.
STRANGERS: Final = Table(
    "strangers",
    METADATA,
    Column("one", Integer, primary_key=True, nullable=False),
    Column("failures", Integer, nullable=False),
    sqlite_strict=True,
)
