"""Accounts, sessions and tokens as the doors and the command line use them.

Everything here blocks (a password takes about a tenth of a second): doors run it in their pool. Every sign-in, refusal
and change is an entry of the system log that is on disk before its effect leaves; if the log cannot take it, nothing
happens and LogUnavailable is raised. If the accounts themselves cannot be read or written: AccountsUnavailable.
Safe for several threads and processes.
"""

from __future__ import annotations

from pathlib import Path

from bot.ports import Clock, SystemLog
from web.accounts.api_tokens import ApiTokens
from web.accounts.journal import Journal
from web.accounts.manage import Administration
from web.accounts.oidc import OpenIdConnect
from web.accounts.passwords import Passwords
from web.accounts.prepare import prepare
from web.accounts.provider import ProviderSettings
from web.accounts.sessions import Sessions
from web.accounts.sign_in import SigningIn
from web.accounts.store import Store
from web.accounts.values import Account, AccountId, AccountsUnavailable, Door, Initial, Limits, Session, SignedIn

DATABASE = "accounts.sqlite"


class Accounts:
    """The accounts in ``<directory>/accounts.sqlite`` (``directory`` is ``<data>/system``).

    ``administration`` makes and changes accounts (administrators, the command line); ``sessions`` lists and ends
    sessions; ``tokens`` are what programs show instead of a session; ``oidc`` signs in by the identity
    provider, None where ``provider`` is None. ``log`` is the system log. Nothing is opened before the first call.
    Raises BadProvider.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - everything it stands on, handed over in one place
        self,
        directory: Path,
        log: SystemLog,
        clock: Clock,
        limits: Limits | None = None,
        provider: ProviderSettings | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        path, lasting = directory / DATABASE, limits or Limits()
        self._path = path
        self._store = Store(path, lasting.busy.total_seconds())
        journal = Journal(log)
        hashing = passwords or Passwords()
        self.sessions = Sessions(self._store, journal, clock, lasting)
        self._signing_in = SigningIn(self._store, journal, clock, hashing, self.sessions)
        self.administration = Administration(self._store, journal, clock, hashing)
        self.tokens = ApiTokens(self._store, journal, clock, lasting)
        self.oidc = _connected(provider, self._store, self._signing_in, clock, lasting) if provider else None

    def prepare(self) -> None:
        """Make the database (mode 0600) or bring it up to date; leaves what is ready. Raises AccountsUnavailable."""
        prepare(self._path)

    def check(self) -> str:
        """``ready``, or the cause why the accounts cannot be read now."""
        try:
            self.administration.list()
        except AccountsUnavailable as unavailable:
            return unavailable.cause
        return "ready"

    def prepare_first(self) -> Initial | None:
        """At the very first start: make the administrator ``admin`` and hand out the password once, to be printed.

        None where there is any account. Raises LogUnavailable, AccountsUnavailable.
        """
        return self.administration.first()

    def waiting_first(self) -> str | None:
        """The login of a first administrator with whom nobody has signed in yet, to be named again at later starts.

        Its password cannot be shown again (``madoguchi user reset LOGIN`` gives a new one). Raises AccountsUnavailable.
        """
        return self.administration.waiting_first()

    def sign_in(self, login: str, password: str, door: Door) -> SignedIn:
        """Open a session at a door. Put ``.token`` into that door's own cookie; look at ``.session.must_change``.

        ``login`` and ``password`` as they were typed. Unknown, locked and disabled logins take as long as a wrong
        password. After five failures in a row the account waits: one minute, then doubling up to one hour.
        Raises SignInRefused (``cause`` is for nobody's eyes; ``proven`` tells whether the roles may be named as the
        reason), LogUnavailable, AccountsUnavailable.
        """
        return self._signing_in.by_password(login, password, door)

    def verified(self, login: str, password: str) -> Account:
        """Who has this login, proved by the password, without a session: for a command that one person gives.

        Counts and is recorded like a sign-in; look at ``must_change``. Raises as ``sign_in`` does (never NO_RIGHT).
        """
        return self._signing_in.verified(login, password)

    def session(self, token: str | None, door: Door) -> Session | None:
        """The session that a cookie's token opens at this door, with what its account may do now, or None.

        Ends by itself when idle or too old, when the clock has gone back, and when its account's password or roles
        changed. A token of another door opens nothing and is recorded. Counts as use (to the minute).
        Raises LogUnavailable (a crossing could not be recorded), AccountsUnavailable.
        """
        return self.sessions.find(token, door)

    def sign_out(self, token: str | None) -> None:
        """End the session of this token; nothing where there is none. Raises LogUnavailable, AccountsUnavailable."""
        self.sessions.sign_out(token)

    def change_password(self, session: Session, old: str, new: str) -> SignedIn:
        """Change one's own password. All sessions and tokens of the account end; a new session at the same door begins.

        A wrong ``old`` counts like a failed sign-in. Raises SignInRefused (``old`` is wrong, or the account waits),
        PasswordRefused (``problem``), LogUnavailable, AccountsUnavailable.
        """
        return self._signing_in.change(session, old, new)

    def end_sessions(self, account: AccountId, *, by: AccountId) -> int:
        """``sessions.end_all``: end all sessions of an account; how many there were."""
        return self.sessions.end_all(account, by=by)

    def close(self) -> None:
        """Give up all connections. A later call opens them again."""
        self._store.close()


def _connected(
    settings: ProviderSettings, store: Store, signing_in: SigningIn, clock: Clock, limits: Limits
) -> OpenIdConnect:
    # Imported here: Authlib costs a fifth of a second, and only a service with a provider needs it.
    from web.accounts.openid import Provider  # noqa: PLC0415

    return OpenIdConnect(Provider(settings), store, signing_in, clock, limits)
