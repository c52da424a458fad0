"""The file accounts.sqlite: transactions over it, and the rows that more than one part asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, select, update

from audit.engines import Reader, write_engine
from audit.failures import LOCKED, STORAGE_ERRORS, cause_of
from bot.ports import LogUnavailable
from bot.records import DeskName
from web.accounts.roles import Grant, Role
from web.accounts.tables import ACCOUNTS, GRANTS, SESSIONS, TOKENS
from web.accounts.values import AccountId, AccountsUnavailable

T = TypeVar("T")

PERSON: Final = "person"
GROUP: Final = "group"


@dataclass(frozen=True, slots=True)
class Stored:
    """One account as it is stored, with its grants."""

    id: AccountId
    login: str
    name: str
    password: str | None = field(repr=False)
    must_change: bool
    disabled: bool
    failures: int
    locked_until: int | None
    linked: bool
    created: int
    last_sign_in: int | None
    grants: frozenset[Grant]


class Store:
    """Opens the file for each change and keeps a few connections for reading. Raises AccountsUnavailable."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self._path = path
        # A change opens the file by its name, so that a file put back in its place is found again.
        self._writing = write_engine(path, busy_seconds)
        self._busy_seconds = busy_seconds
        self._turn = Lock()  # threads take turns, which SQLite's own waiting does not see to
        self._reader = Reader(path, busy_seconds)

    def change(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction that holds the write lock from its beginning, durable when this returns.

        What ``work`` raises undoes it; storage errors become AccountsUnavailable without a trace of what was stored.
        """
        if not self._turn.acquire(timeout=self._busy_seconds):
            raise AccountsUnavailable(LOCKED)
        try:
            with self._writing.begin() as connection:
                return work(connection)
        except STORAGE_ERRORS as error:
            cause = cause_of(error, self._path.parent)
        finally:
            self._turn.release()
        raise AccountsUnavailable(cause)

    def look(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on one state of the file; it cannot write. Storage errors become AccountsUnavailable."""
        try:
            with self._reader.transaction() as connection:
                return work(connection)
        except LogUnavailable as error:  # how the reader says that its file was replaced or cut short
            cause = error.cause
        except STORAGE_ERRORS as error:
            cause = cause_of(error, self._path.parent)
        raise AccountsUnavailable(cause)

    def close(self) -> None:
        """Give up all connections."""
        self._reader.close()
        self._writing.dispose()


def digest(token: str) -> bytes:
    """What is kept of a token. It has 256 random bits, so a plain hash cannot be searched."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def seconds(time: datetime) -> int:
    """A time as it is stored."""
    return int(time.timestamp())


def moment(stored: int) -> datetime:
    """A stored time."""
    return datetime.fromtimestamp(stored, UTC)


def by_login(connection: Connection, login: str) -> Stored | None:
    """The account with this (casefolded) login."""
    return _first(connection, ACCOUNTS.c.login == login)


def by_id(connection: Connection, account: AccountId) -> Stored | None:
    """The account with this id."""
    return _first(connection, ACCOUNTS.c.id == account)


def by_link(connection: Connection, issuer: str, subject: str) -> Stored | None:
    """The account that signs in as this subject of the identity provider."""
    return _first(connection, (ACCOUNTS.c.issuer == issuer) & (ACCOUNTS.c.subject == subject))


def everybody(connection: Connection) -> list[Stored]:
    """All accounts, by login."""
    return [_stored(connection, row) for row in connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.login))]


def set_values(connection: Connection, account: AccountId, **values: str | int | None) -> None:
    """Change columns of an account."""
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(**values))


def add_row(connection: Connection, table: Table, **values: str | int | bytes | None) -> None:
    """Add one row."""
    connection.execute(insert(table).values(**values))


def grants_of(connection: Connection, account: AccountId, source: str | None = None) -> frozenset[Grant]:
    """The grants of an account, from everywhere or from one source (PERSON, GROUP)."""
    found = select(GRANTS.c.role, GRANTS.c.desk).where(GRANTS.c.account == account)
    if source is not None:
        found = found.where(GRANTS.c.source == source)
    return frozenset(
        Grant(Role(row.role), DeskName(row.desk) if row.desk else None) for row in connection.execute(found)
    )


def add_grant(connection: Connection, account: AccountId, grant: Grant, source: str) -> None:
    """Store a grant that is not there yet."""
    add_row(connection, GRANTS, account=account, role=grant.role.value, desk=grant.desk or "", source=source)


def drop_grant(connection: Connection, account: AccountId, grant: Grant, source: str | None = None) -> None:
    """Remove a grant, from everywhere or from one source."""
    named = (GRANTS.c.account == account) & (GRANTS.c.role == grant.role.value) & (GRANTS.c.desk == (grant.desk or ""))
    connection.execute(delete(GRANTS).where(named if source is None else named & (GRANTS.c.source == source)))


def end_sessions(connection: Connection, account: AccountId) -> int:
    """Remove all sessions of an account; how many there were."""
    return connection.execute(delete(SESSIONS).where(SESSIONS.c.account == account)).rowcount


def end_tokens(connection: Connection, account: AccountId) -> int:
    """Remove all tokens of an account; how many there were."""
    return connection.execute(delete(TOKENS).where(TOKENS.c.account == account)).rowcount


def _first(connection: Connection, where: ColumnElement[bool]) -> Stored | None:
    row = connection.execute(select(ACCOUNTS).where(where)).first()
    return None if row is None else _stored(connection, row)


def _stored(connection: Connection, row: Row[Any]) -> Stored:
    account = AccountId(row.id)
    return Stored(
        id=account,
        login=row.login,
        name=row.name,
        password=row.password,
        must_change=bool(row.must_change),
        disabled=bool(row.disabled),
        failures=row.failures,
        locked_until=row.locked_until,
        linked=row.subject is not None,
        created=row.created,
        last_sign_in=row.last_sign_in,
        grants=grants_of(connection, account),
    )
