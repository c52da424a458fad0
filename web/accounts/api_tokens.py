"""Tokens that programs show instead of a session (``Authorization: Bearer …``): made by an account for itself."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, select

from bot.ports import Clock
from bot.records import Json
from web.accounts.journal import REFUSED, TOKEN_CREATED, TOKEN_REVOKED, Journal
from web.accounts.rules import demand_administrator
from web.accounts.store import Store, add_row, by_id, digest, moment, seconds
from web.accounts.tables import TOKENS
from web.accounts.values import (
    AccountId,
    AccountProblem,
    AccountRefused,
    ApiToken,
    Cause,
    Door,
    Limits,
    Session,
)

PREFIX: Final = "mdg_"
"""So that a token that lies where it should not is recognised by eye and by scanners."""
MOST: Final = 20

_TOKEN_BYTES: Final = 32  # 256 bits
_LONGEST_LABEL: Final = 100
_LONGEST_TOKEN: Final = 100
_CLOCKS_DIFFER: Final = 60


class ApiTokens:
    """Makes, finds and revokes tokens. Raises LogUnavailable, AccountsUnavailable."""

    def __init__(self, store: Store, journal: Journal, clock: Clock, limits: Limits) -> None:
        self._store, self._journal, self._clock, self._limits = store, journal, clock, limits

    def create(self, session: Session, label: str, lasting: timedelta | None = None) -> tuple[str, ApiToken]:
        """A token for the session's own account and door, to be shown once. ``lasting`` is at most the limit (90 days).

        Raises AccountRefused: NOT_ALLOWED for a session that was itself opened by a token, that must change its
        password or that has gone, BAD_NAME for an empty or long label, TOO_MANY beyond twenty tokens.
        """
        if session.bearer or session.must_change:
            raise AccountRefused(AccountProblem.NOT_ALLOWED)
        named = label.strip()
        if not named or len(named) > _LONGEST_LABEL or not named.isprintable():
            raise AccountRefused(AccountProblem.BAD_NAME)
        token, now = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES), seconds(self._clock.now())
        expires = now + int(min(lasting or self._limits.token, self._limits.token).total_seconds())
        made = ApiToken(f"tk_{secrets.token_hex(8)}", session.door, named, moment(now), moment(expires))

        def work(connection: Connection) -> None:
            account = by_id(connection, session.account)
            if account is None or account.disabled:
                raise AccountRefused(AccountProblem.NOT_ALLOWED)
            connection.execute(delete(TOKENS).where(TOKENS.c.expires <= now))
            held = connection.execute(
                select(func.count()).select_from(TOKENS).where(TOKENS.c.account == account.id)
            ).scalar_one()
            if held >= MOST:
                raise AccountRefused(AccountProblem.TOO_MANY)
            row: dict[str, str | int | bytes | None] = {
                "id": made.id,
                "token": digest(token),
                "account": account.id,
                "door": made.door.value,
                "label": named,
                "created": now,
                "expires": expires,
            }
            add_row(connection, TOKENS, **row)
            meta: dict[str, Json] = {
                "by": account.id,
                "token": made.id,
                "door": made.door.value,
                "expires": made.expires.isoformat(),
            }
            self._journal.write(TOKEN_CREATED, account.id, meta, {"label": named})

        self._store.change(work)
        return token, made

    def list(self, account: AccountId) -> Sequence[ApiToken]:
        """The tokens of an account that are good now, newest first."""
        now = seconds(self._clock.now())
        chosen = select(TOKENS).where(TOKENS.c.account == account, TOKENS.c.expires > now)

        def work(connection: Connection) -> list[ApiToken]:
            return [
                ApiToken(row.id, Door(row.door), row.label, moment(row.created), moment(row.expires))
                for row in connection.execute(chosen.order_by(TOKENS.c.created.desc(), TOKENS.c.id))
            ]

        return self._store.look(work)

    def revoke(self, account: AccountId, token: str, *, by: AccountId) -> bool:
        """Revoke a token of an account by its id (``tk_…``); whether there was one.

        Raises AccountRefused (NOT_ALLOWED) where ``by`` is neither its owner nor may change accounts.
        """
        named = select(TOKENS).where(TOKENS.c.id == token, TOKENS.c.account == account)

        def work(connection: Connection) -> bool:
            if by != account:
                demand_administrator(connection, by)
            row = connection.execute(named).first()
            if row is None:
                return False
            connection.execute(delete(TOKENS).where(TOKENS.c.id == row.id))
            self._journal.write(TOKEN_REVOKED, account, {"by": by, "token": row.id, "door": row.door})
            return True

        return self._store.change(work)

    def session(self, token: str | None, door: Door) -> Session | None:
        """What a token opens at a door, with what its account may do now; None if nothing.

        A token of another door opens nothing and is recorded.
        """
        if not token or len(token) > _LONGEST_TOKEN or not token.startswith(PREFIX):
            return None
        now = seconds(self._clock.now())

        def work(connection: Connection) -> Session | None:
            row = connection.execute(select(TOKENS).where(TOKENS.c.token == digest(token))).first()
            account = None if row is None else by_id(connection, AccountId(row.account))
            if row is None or account is None or account.disabled:
                return None
            if not row.created - _CLOCKS_DIFFER <= now < row.expires:
                return None
            opened, ends = moment(row.created), moment(row.expires)
            return Session(
                id=row.id,
                account=account.id,
                login=account.login,
                name=account.name,
                door=Door(row.door),
                grants=account.grants,
                must_change=account.must_change,
                opened=opened,
                ends=ends,
                bearer=True,
            )

        found = self._store.look(work)
        if found is None or found.door is door:
            return found
        meta: dict[str, Json] = {"token": found.id, "door": door.value, "cause": Cause.OTHER_DOOR.value}
        self._journal.write(REFUSED, found.account, meta)
        return None
