"""Signing in: by password, or as the identity provider's subject; and changing one's own password."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar
from unicodedata import normalize

from sqlalchemy import Connection, update

from bot.ports import Clock
from bot.records import Json
from web.accounts.journal import (
    GRANTED,
    LINKED,
    PASSWORD,
    REFUSED,
    TAKEN,
    UNKNOWN,
    VERIFIED,
    Journal,
    role_names,
    shortened,
)
from web.accounts.passwords import Passwords, demand_good
from web.accounts.roles import conflict
from web.accounts.rules import is_locked, plain_login, shown, wait_after
from web.accounts.sessions import Sessions
from web.accounts.store import (
    GROUP,
    Store,
    Stored,
    add_grant,
    by_id,
    by_link,
    by_login,
    drop_grant,
    end_sessions,
    end_tokens,
    grants_of,
    seconds,
    set_values,
)
from web.accounts.tables import STRANGERS
from web.accounts.values import (
    COMMAND_LINE,
    PROVIDER,
    Account,
    AccountProblem,
    AccountRefused,
    Cause,
    Door,
    Identity,
    PasswordProblem,
    PasswordRefused,
    Session,
    SignedIn,
    SignInRefused,
    opens,
)

T = TypeVar("T")


class SigningIn:
    """Decides who may open a session. Raises LogUnavailable, AccountsUnavailable."""

    def __init__(self, store: Store, journal: Journal, clock: Clock, passwords: Passwords, sessions: Sessions) -> None:
        self._store, self._journal, self._clock = store, journal, clock
        self._passwords, self._sessions = passwords, sessions

    def by_password(self, login: str, password: str, door: Door) -> SignedIn:
        """Raises SignInRefused."""

        def enter(connection: Connection, account: Stored) -> SignedIn | Cause:
            if not opens(account.grants, door):
                return self._refuse(connection, account, Cause.NO_RIGHT, door, "")
            return self._sessions.open(connection, account, door, "password")

        return self._proved(login, password, door, enter)

    def verified(self, login: str, password: str) -> Account:
        """Raises SignInRefused."""

        def know(connection: Connection, account: Stored) -> Account:
            set_values(connection, account.id, failures=0, locked_until=None)
            self._journal.write(VERIFIED, account.id, {"door": COMMAND_LINE})
            return shown(account, seconds(self._clock.now()))

        return self._proved(login, password, None, know)

    def _proved(
        self, login: str, password: str, door: Door | None, then: Callable[[Connection, Stored], T | Cause]
    ) -> T:
        """What ``then`` makes of the account whose password this is. The hashing is done before the transaction."""
        name = plain_login(login)
        seen = self._store.look(lambda connection: by_login(connection, name))
        fits = self._passwords.match(seen.password if seen else None, password)
        fresh = self._fresh(seen, password) if fits and seen else None

        def work(connection: Connection) -> T | Cause:
            account = by_login(connection, name)
            cause = self._cause(account, seen, fits=fits)
            if cause is not None or account is None:
                return self._refuse(connection, account, cause or Cause.UNKNOWN_LOGIN, door, name)
            if fresh is not None:
                set_values(connection, account.id, password=fresh)
            return then(connection, account)

        return _taken(self._store.change(work))

    def change(self, session: Session, old: str, new: str) -> SignedIn:
        """Raises SignInRefused where ``old`` is wrong, PasswordRefused where ``new`` is not taken."""
        if session.bearer:
            raise AccountRefused(AccountProblem.NOT_ALLOWED)
        seen = self._store.look(lambda connection: by_id(connection, session.account))
        fits = self._passwords.match(seen.password if seen else None, old)
        fresh = self._chosen(session.login, old, new) if fits else None

        def work(connection: Connection) -> SignedIn | Cause:
            account = by_id(connection, session.account)
            cause = self._cause(account, seen, fits=fits)
            if cause is not None or account is None:
                return self._refuse(connection, account, cause or Cause.UNKNOWN_LOGIN, session.door, session.login)
            set_values(connection, account.id, password=fresh, must_change=0)
            ended = end_sessions(connection, account.id) + end_tokens(connection, account.id)
            self._journal.write(PASSWORD, account.id, {"by": account.id, "sessions": ended})
            changed = by_id(connection, account.id) or account
            return self._sessions.open(connection, changed, session.door, "password")

        return _taken(self._store.change(work))

    def by_link(self, identity: Identity, door: Door) -> SignedIn:
        """Raises SignInRefused."""

        def work(connection: Connection) -> SignedIn | Cause:
            account = by_link(connection, identity.issuer, identity.subject) or self._linked(connection, identity)
            if account is None or account.disabled:
                cause = Cause.DISABLED if account else Cause.UNKNOWN_SUBJECT
                return self._refuse(connection, account, cause, door, identity.subject)
            if identity.grants is not None:
                account = self._follow_groups(connection, account, identity)
            if conflict(account.grants):
                return self._refuse(connection, account, Cause.CONFLICT, door, "")
            if not opens(account.grants, door):
                return self._refuse(connection, account, Cause.NO_RIGHT, door, "")
            return self._sessions.open(connection, account, door, "provider")

        return _taken(self._store.change(work))

    def refuse(self, cause: Cause, door: Door) -> NoReturn:
        """Record a refusal that concerns no account that is known. Always raises SignInRefused."""
        self._store.change(lambda connection: self._refuse(connection, None, cause, door, ""))
        raise SignInRefused(cause)

    def _cause(self, account: Stored | None, seen: Stored | None, *, fits: bool) -> Cause | None:
        """Why the account that is there now does not take a password that was compared with the one seen before."""
        if account is None:
            return Cause.UNKNOWN_LOGIN
        if is_locked(account, seconds(self._clock.now())):
            return Cause.LOCKED
        if account.password is None:
            return Cause.NO_PASSWORD
        if not fits or seen is None or seen.password != account.password:
            return Cause.WRONG_PASSWORD
        return Cause.DISABLED if account.disabled else None

    def _refuse(
        self, connection: Connection, account: Stored | None, cause: Cause, door: Door | None, typed: str
    ) -> Cause:
        """Count and record. Every refusal writes the same file, so that its time says nothing about its cause."""
        stranger = int(account is None)
        connection.execute(update(STRANGERS).values(failures=STRANGERS.c.failures + stranger))
        meta: dict[str, Json] = {"door": door.value if door else COMMAND_LINE, "cause": cause.value}
        if account is not None and cause is Cause.WRONG_PASSWORD:
            failures = account.failures + 1
            wait = wait_after(failures)
            until = seconds(self._clock.now()) + wait if wait else None
            set_values(connection, account.id, failures=failures, locked_until=until)
            meta |= {"failures": failures, "waits": wait}
        told = {"login": shortened(typed)} if stranger and typed else {}
        self._journal.write(REFUSED, account.id if account else UNKNOWN, meta, told)
        return cause

    def _linked(self, connection: Connection, identity: Identity) -> Stored | None:
        """The account that an administrator made for this person at the provider, linked from now on."""
        account = by_login(connection, plain_login(identity.login)) if identity.login else None
        if account is None or account.linked or account.password is not None or account.disabled:
            return None
        set_values(connection, account.id, issuer=identity.issuer, subject=identity.subject)
        told = {"issuer": identity.issuer, "subject": identity.subject}
        self._journal.write(LINKED, account.id, {"by": PROVIDER}, told)
        return account

    def _follow_groups(self, connection: Connection, account: Stored, identity: Identity) -> Stored:
        held = grants_of(connection, account.id, GROUP)
        given = (identity.grants or frozenset()) - held
        taken = held - (identity.grants or frozenset())
        for grant in given:
            add_grant(connection, account.id, grant, GROUP)
        for grant in taken:
            drop_grant(connection, account.id, grant, GROUP)
        for kind, grants in ((GRANTED, given), (TAKEN, taken)):
            if grants:
                self._journal.write(kind, account.id, {"by": PROVIDER, "roles": role_names(grants)})
        if given or taken:
            end_sessions(connection, account.id)
        return by_id(connection, account.id) or account

    def _fresh(self, seen: Stored, password: str) -> str | None:
        outdated = seen.password is not None and self._passwords.outdated(seen.password)
        return self._passwords.hashed(password) if outdated else None

    def _chosen(self, login: str, old: str, new: str) -> str:
        demand_good(new, login)
        if normalize("NFKC", old) == normalize("NFKC", new):
            raise PasswordRefused(PasswordProblem.SAME)
        return self._passwords.hashed(new)


def _taken(result: T | Cause) -> T:
    if isinstance(result, Cause):
        raise SignInRefused(result)
    return result
