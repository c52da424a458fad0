"""What an administrator, or whoever owns the files, does to accounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from web.accounts.creating import Creation
from web.accounts.journal import DISABLED, ENABLED, GRANTED, RESET, TAKEN, role_names
from web.accounts.passwords import initial_password
from web.accounts.roles import Grant, Role, conflict
from web.accounts.rules import demand_administrator, link_account, plain_login, shown, there
from web.accounts.store import (
    PERSON,
    Stored,
    add_grant,
    by_id,
    by_login,
    drop_grant,
    end_sessions,
    end_tokens,
    everybody,
    seconds,
    set_values,
)
from web.accounts.values import (
    Account,
    AccountId,
    AccountProblem,
    AccountRefused,
    Initial,
)

FIRST: Final = "admin"

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,63}")
_LONGEST_NAME: Final = 100


class Administration(Creation):
    """Making accounts (``Creation``) and changing them.

    ``by`` is who does it: the account id of the session, or COMMAND_LINE. Every change raises AccountRefused
    (``problem``; NOT_ALLOWED where ``by`` may not change accounts at this moment), LogUnavailable and
    AccountsUnavailable, and then nothing was changed.
    """

    def list(self) -> Sequence[Account]:
        """All accounts, by login. The door asks for the right to see them."""
        now = seconds(self._clock.now())
        return [shown(each, now) for each in self._store.look(everybody)]

    def named(self, login: str) -> Account:
        """One account by its login. Raises AccountRefused (UNKNOWN)."""
        found = self._store.look(lambda connection: by_login(connection, plain_login(login)))
        return shown(there(found), seconds(self._clock.now()))

    def give(self, account: AccountId, grant: Grant, *, by: AccountId) -> None:
        """Give a role; ends the account's sessions. Nothing happens where it is held already.

        Problems: OWN_ROLES (nobody gives roles to themself), CONFLICT (an administrator cannot read contents), UNKNOWN.
        """

        def work(connection: Connection) -> None:
            held = self._changing(connection, account, by)
            if by == account:
                raise AccountRefused(AccountProblem.OWN_ROLES)
            if conflict({*held.grants, grant}):
                raise AccountRefused(AccountProblem.CONFLICT)
            if grant not in held.grants:
                add_grant(connection, account, grant, PERSON)
                ended = end_sessions(connection, account)
                self._journal.write(GRANTED, account, {"by": by, "roles": role_names([grant]), "sessions": ended})

        self._store.change(work)

    def take(self, account: AccountId, grant: Grant, *, by: AccountId) -> None:
        """Take a role away; ends the account's sessions. Problems: LAST_ADMINISTRATOR, UNKNOWN."""

        def work(connection: Connection) -> None:
            held = self._changing(connection, account, by)
            if grant not in held.grants:
                return
            if grant.role is Role.ADMINISTRATOR:
                _demand_another_administrator(connection, account)
            drop_grant(connection, account, grant)
            ended = end_sessions(connection, account)
            self._journal.write(TAKEN, account, {"by": by, "roles": role_names([grant]), "sessions": ended})

        self._store.change(work)

    def disable(self, account: AccountId, *, by: AccountId) -> None:
        """Close an account and end its sessions and tokens. Problems: LAST_ADMINISTRATOR, UNKNOWN."""

        def work(connection: Connection) -> None:
            if self._changing(connection, account, by).disabled:
                return
            _demand_another_administrator(connection, account)
            set_values(connection, account, disabled=1)
            ended = end_sessions(connection, account) + end_tokens(connection, account)
            self._journal.write(DISABLED, account, {"by": by, "sessions": ended})

        self._store.change(work)

    def enable(self, account: AccountId, *, by: AccountId) -> None:
        """Open a closed account again, and end the wait after failures. Problems: UNKNOWN."""

        def work(connection: Connection) -> None:
            self._changing(connection, account, by)
            set_values(connection, account, disabled=0, failures=0, locked_until=None)
            self._journal.write(ENABLED, account, {"by": by})

        self._store.change(work)

    def reset_password(self, account: AccountId, *, by: AccountId) -> Initial:
        """A new random password, shown once and to be changed; ends sessions and tokens. Problems: UNKNOWN."""
        password = initial_password()
        hashed = self._passwords.hashed(password)

        def work(connection: Connection) -> Initial:
            held = self._changing(connection, account, by)
            set_values(connection, account, password=hashed, must_change=1, failures=0, locked_until=None)
            ended = end_sessions(connection, account) + end_tokens(connection, account)
            self._journal.write(RESET, account, {"by": by, "sessions": ended})
            return Initial(account, held.login, password)

        return self._store.change(work)

    def link(self, account: AccountId, issuer: str, subject: str, *, by: AccountId) -> None:
        """Let the account sign in as this subject of the identity provider. Problems: LINK_TAKEN, UNKNOWN."""

        def work(connection: Connection) -> None:
            self._changing(connection, account, by)
            link_account(connection, self._journal, account, (issuer, subject), by)

        self._store.change(work)

    def _changing(self, connection: Connection, account: AccountId, by: AccountId) -> Stored:
        demand_administrator(connection, by)
        return there(by_id(connection, account))


def advice(accounts: Sequence[Account]) -> Sequence[str]:
    """What a small office should mend, one line each, for the doctor; names logins, never passwords."""
    open_ = [each for each in accounts if not each.disabled]
    administrators = [each for each in open_ if _holds(each, Role.ADMINISTRATOR)]
    both = [each.login for each in administrators if _holds(each, Role.APPROVER)]
    lines = [f"{login} is administrator and approver; give these to two people" for login in both]
    if len(administrators) == 1:
        lines.append("there is one administrator; make a second one, so that nobody is locked out")
    waiting = [each.login for each in open_ if each.local and each.must_change]
    if waiting:
        lines.append(f"initial passwords not changed yet: {', '.join(waiting)}")
    return lines


def _holds(account: Account, role: Role) -> bool:
    return any(grant.role is role for grant in account.grants)


def _demand_another_administrator(connection: Connection, account: AccountId) -> None:
    administrator = Grant(Role.ADMINISTRATOR)
    held = {each.id for each in everybody(connection) if administrator in each.grants and not each.disabled}
    if held == {account}:
        raise AccountRefused(AccountProblem.LAST_ADMINISTRATOR)
