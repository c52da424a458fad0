"""Sessions: opened by a sign-in, bound to one door, ended by time, by their owner, or by a change of the account."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from bot.ports import Clock
from bot.records import Json
from web.accounts.journal import CLOSED, OPENED, REFUSED, Journal, role_names
from web.accounts.rules import demand_administrator
from web.accounts.store import Store, Stored, add_row, by_id, digest, end_sessions, moment, seconds, set_values
from web.accounts.tables import SESSIONS
from web.accounts.values import AccountId, Cause, Door, Limits, OpenSession, Session, SignedIn

_TOKEN_BYTES: Final = 32  # 256 bits
_LONGEST_TOKEN: Final = 100
_MINUTE: Final = 60
_CLOCKS_DIFFER: Final = 60  # seconds that a clock may be set back without ending every session


@dataclass(frozen=True, slots=True)
class _Found:
    """A stored session with its account."""

    row: Row[Any]
    account: Stored


class Sessions:
    """Opens, finds and ends sessions. Raises LogUnavailable, AccountsUnavailable."""

    def __init__(self, store: Store, journal: Journal, clock: Clock, limits: Limits) -> None:
        self._store, self._journal, self._clock, self._limits = store, journal, clock, limits

    def open(self, connection: Connection, account: Stored, door: Door, how: str) -> SignedIn:
        """Open a session inside the transaction that decided it; sweeps out sessions whose time is over."""
        now, token = seconds(self._clock.now()), secrets.token_urlsafe(_TOKEN_BYTES)
        session = f"se_{secrets.token_hex(8)}"
        self._sweep(connection, now)
        row: dict[str, str | int | bytes | None] = {
            "id": session,
            "token": digest(token),
            "account": account.id,
            "door": door.value,
            "opened": now,
            "seen": now,
        }
        add_row(connection, SESSIONS, **row)
        set_values(connection, account.id, failures=0, locked_until=None, last_sign_in=now)
        self._journal.write(
            OPENED,
            account.id,
            {"session": session, "door": door.value, "how": how, "roles": role_names(account.grants)},
        )
        return SignedIn(token, self._session(session, account, door, now))

    def find(self, token: str | None, door: Door) -> Session | None:
        """The session of a token at a door; counts as use."""
        if not token or len(token) > _LONGEST_TOKEN:
            return None
        found = self._store.look(lambda connection: _found(connection, token))
        now = seconds(self._clock.now())
        if found is None or not self._lives(found.row, now) or found.account.disabled:
            return None
        if found.row.door != door.value:
            self._record_crossing(found.account.id, found.row, door)
            return None
        if now - found.row.seen >= _MINUTE and not self._store.change(lambda connection: _use(connection, token, now)):
            return None  # ended meanwhile
        return self._session(found.row.id, found.account, door, found.row.opened)

    def sign_out(self, token: str | None) -> None:
        """End the session of a token."""
        if not token:
            return

        def work(connection: Connection) -> None:
            found = _found(connection, token)
            if found is not None:
                self._end(connection, found.row, {"cause": "signed_out", "by": found.account.id})

        self._store.change(work)

    def list(self, account: AccountId) -> Sequence[OpenSession]:
        """The open sessions of an account, newest first."""
        chosen = select(SESSIONS).where(SESSIONS.c.account == account).order_by(SESSIONS.c.opened.desc())
        now = seconds(self._clock.now())

        def work(connection: Connection) -> list[OpenSession]:
            return [
                OpenSession(row.id, Door(row.door), moment(row.opened), moment(row.seen))
                for row in connection.execute(chosen)
                if self._lives(row, now)
            ]

        return self._store.look(work)

    def end(self, account: AccountId, session: str, *, by: AccountId) -> bool:
        """End one session of an account by its id; whether there was one.

        Raises AccountRefused (NOT_ALLOWED) where ``by`` is neither its owner nor may change accounts.
        """
        named = select(SESSIONS).where(SESSIONS.c.id == session, SESSIONS.c.account == account)

        def work(connection: Connection) -> bool:
            if by != account:
                demand_administrator(connection, by)
            row = connection.execute(named).first()
            if row is not None:
                self._end(connection, row, {"cause": "revoked", "by": by})
            return row is not None

        return self._store.change(work)

    def end_all(self, account: AccountId, *, by: AccountId) -> int:
        """End all sessions of an account; how many there were. Raises AccountRefused as ``end`` does."""

        def work(connection: Connection) -> int:
            if by != account:
                demand_administrator(connection, by)
            ended = end_sessions(connection, account)
            if ended:
                self._journal.write(CLOSED, account, {"cause": "revoked", "by": by, "sessions": ended})
            return ended

        return self._store.change(work)

    def _end(self, connection: Connection, row: Row[Any], why: dict[str, Json]) -> None:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.id == row.id))
        self._journal.write(CLOSED, AccountId(row.account), {"session": row.id, "door": row.door, **why})

    def _record_crossing(self, account: AccountId, row: Row[Any], door: Door) -> None:
        meta: dict[str, Json] = {"session": row.id, "door": door.value, "cause": Cause.OTHER_DOOR.value}
        self._journal.write(REFUSED, account, meta)

    def _lives(self, row: Row[Any], now: int) -> bool:
        """Whether its time is not over. A clock that went back by more than a little ends it: its age is unknown."""
        idle, absolute = int(self._limits.idle.total_seconds()), int(self._limits.absolute.total_seconds())
        began = bool(row.opened - _CLOCKS_DIFFER <= now and row.seen - _CLOCKS_DIFFER <= now)
        return began and now < row.seen + idle and now < row.opened + absolute

    def _sweep(self, connection: Connection, now: int) -> None:
        idle, absolute = int(self._limits.idle.total_seconds()), int(self._limits.absolute.total_seconds())
        over = (SESSIONS.c.seen <= now - idle) | (SESSIONS.c.opened <= now - absolute)
        connection.execute(delete(SESSIONS).where(over))

    def _session(self, name: str, account: Stored, door: Door, opened: int) -> Session:
        return Session(
            id=name,
            account=account.id,
            login=account.login,
            name=account.name,
            door=door,
            grants=account.grants,
            must_change=account.must_change,
            opened=moment(opened),
            ends=moment(opened) + self._limits.absolute,
        )


def _found(connection: Connection, token: str) -> _Found | None:
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.token == digest(token))).first()
    account = None if row is None else by_id(connection, AccountId(row.account))
    return None if row is None or account is None else _Found(row, account)


def _use(connection: Connection, token: str, now: int) -> bool:
    used = update(SESSIONS).where(SESSIONS.c.token == digest(token)).values(seen=now)
    return connection.execute(used).rowcount == 1
