"""Making accounts, the very first one included."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, func, select

from bot.ports import Clock
from bot.records import Json
from web.accounts.journal import CREATED, Journal, role_names
from web.accounts.passwords import Passwords, initial_password
from web.accounts.roles import Grant, Role, conflict
from web.accounts.rules import demand_administrator, link_account, plain_login
from web.accounts.store import PERSON, Store, add_grant, add_row, by_login, everybody, seconds
from web.accounts.tables import ACCOUNTS
from web.accounts.values import FIRST_START, AccountId, AccountProblem, AccountRefused, Initial

FIRST: Final = "admin"

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,63}")
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class _New:
    """An account to be: ``hashed`` is None for one that signs in at the provider, as ``link`` (issuer, subject)."""

    login: str
    name: str
    grants: frozenset[Grant]
    hashed: str | None = field(default=None, repr=False)
    link: tuple[str, str] | None = None


class Creation:
    """``by`` is who does it, as for ``manage.Administration``; so are the errors."""

    def __init__(self, store: Store, journal: Journal, clock: Clock, passwords: Passwords) -> None:
        self._store, self._journal, self._clock, self._passwords = store, journal, clock, passwords

    def create(self, login: str, name: str, grants: Collection[Grant], *, by: AccountId) -> Initial:
        """A new account with a random password, shown once and to be changed at the first sign-in.

        Problems: BAD_LOGIN (3 to 64 of a-z 0-9 . _ @ + -), BAD_NAME (empty, over 100), LOGIN_TAKEN, CONFLICT.
        """
        password = initial_password()
        new = _New(plain_login(login), name.strip(), frozenset(grants), self._passwords.hashed(password))
        made = self._create(new, by)
        return Initial(made, new.login, password)

    def create_linked(
        self, login: str, name: str, grants: Collection[Grant], *, by: AccountId, link: tuple[str, str] | None = None
    ) -> AccountId:
        """A new account without a password, for somebody who signs in at the identity provider.

        ``link`` is issuer and subject; without it the first sign-in links the account where settings name a claim.
        Problems as with ``create``, and LINK_TAKEN.
        """
        return self._create(_New(plain_login(login), name.strip(), frozenset(grants), link=link), by)

    def first(self) -> Initial | None:
        """The administrator of the first start; None where there is any account."""
        if self._store.look(_how_many):
            return None
        password = initial_password()
        new = _New(FIRST, FIRST, frozenset({Grant(Role.ADMINISTRATOR)}), self._passwords.hashed(password))

        def work(connection: Connection) -> Initial | None:
            if _how_many(connection):  # another process was first
                return None
            made = self._add(connection, new, FIRST_START)
            return Initial(made, FIRST, password)

        return self._store.change(work)

    def waiting_first(self) -> str | None:
        """The login of the only account, where nobody has signed in with it yet."""
        accounts = self._store.look(everybody)
        return accounts[0].login if len(accounts) == 1 and accounts[0].last_sign_in is None else None

    def _create(self, new: _New, by: AccountId) -> AccountId:
        if not _LOGIN.fullmatch(new.login):
            raise AccountRefused(AccountProblem.BAD_LOGIN)
        if not new.name or len(new.name) > _LONGEST_NAME or not new.name.isprintable():
            raise AccountRefused(AccountProblem.BAD_NAME)
        if conflict(new.grants):
            raise AccountRefused(AccountProblem.CONFLICT)

        def work(connection: Connection) -> AccountId:
            demand_administrator(connection, by)
            if by_login(connection, new.login) is not None:
                raise AccountRefused(AccountProblem.LOGIN_TAKEN)
            account = self._add(connection, new, by)
            if new.link is not None:
                link_account(connection, self._journal, account, new.link, by)
            return account

        return self._store.change(work)

    def _add(self, connection: Connection, new: _New, by: AccountId) -> AccountId:
        account = AccountId(f"ac_{secrets.token_hex(8)}")
        row: dict[str, str | int | bytes | None] = {
            "id": account,
            "login": new.login,
            "name": new.name,
            "password": new.hashed,
            "must_change": int(new.hashed is not None),
            "disabled": 0,
            "failures": 0,
            "created": seconds(self._clock.now()),
        }
        add_row(connection, ACCOUNTS, **row)
        for grant in new.grants:
            add_grant(connection, account, grant, PERSON)
        meta: dict[str, Json] = {"by": by, "roles": role_names(new.grants), "local": new.hashed is not None}
        self._journal.write(CREATED, account, meta, {"login": new.login, "name": new.name})
        return account


def _how_many(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(ACCOUNTS)).scalar_one())
