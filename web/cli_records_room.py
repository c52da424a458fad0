"""One desk's record and the accounts of those who decide about it, for a command; what fails is one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from web.cli_logs import logs_opened
from web.cli_support import Stop, password_typed, settings_read

if TYPE_CHECKING:
    from audit.log import DeskLog
    from bot.deciding import Actor
    from web.accounts.service import Accounts
    from web.accounts.values import Account
    from web.records import Records

# The command was used wrongly; everything else that is refused is an answer: no.
_WRONG_USE: Final = frozenset({"unknown_proposal", "unknown_target", "unknown_hold", "no_reason", "no_request",
                               "bad_basis", "bad_why"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """One desk's record, and the accounts that say who acts."""

    records: Records
    accounts: Accounts
    system: DeskLog

    def actor(self, login: str) -> Actor:
        """Whoever has this login, with the roles held at the desk. Raises Stop where it is not right."""
        from web.decisions import actor_at  # noqa: PLC0415 - reading the help needs none of this

        account = self._account(login)
        return actor_at(account.id, account.name, account.grants, self.records.desk)

    def decider(self, login: str) -> Actor:
        """The same with the roles held for the whole service."""
        from web.decisions import actor_of  # noqa: PLC0415 - reading the help needs none of this

        account = self._account(login)
        return actor_of(account.id, account.name, account.grants)

    def _account(self, login: str) -> Account:
        """Proved by the password."""
        from web.accounts.values import SignInRefused  # noqa: PLC0415 - reading the help needs none of this

        try:
            account = self.accounts.verified(login, password_typed())
        except SignInRefused:
            raise Stop("login and password do not fit, or the account is locked or disabled", 1) from None
        if account.must_change:
            raise Stop("sign in and choose a password of your own first", 1)
        return account


@contextmanager
def opened(desk: str) -> Iterator[Room]:
    """One desk's record in the configured data directory; what fails is one line."""
    from audit.erasing import DeskErasing  # noqa: PLC0415 - reading the help needs none of this
    from audit.search_index import SearchIndex  # noqa: PLC0415 - as above
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - as above
    from bot.deciding import DecisionRefused  # noqa: PLC0415 - as above
    from knowledge.adapters.words import load_analyzer  # noqa: PLC0415 - as above
    from web.accounts.service import Accounts  # noqa: PLC0415 - as above
    from web.accounts.values import AccountsUnavailable  # noqa: PLC0415 - as above
    from web.case_storage import prepare_cases  # noqa: PLC0415 - as above
    from web.directory import SEARCH, SYSTEM  # noqa: PLC0415 - as above
    from web.papers import BadPaper  # noqa: PLC0415 - as above
    from web.records import Rules, records_of  # noqa: PLC0415 - as above

    if desk not in {"public", "staff"}:
        raise Stop("--desk is public or staff", 2)
    settings, clock = settings_read(), SystemClock()
    with logs_opened([desk, SYSTEM]) as [own, system]:
        accounts = Accounts(settings.data / SYSTEM, system.log, clock)
        index = SearchIndex(settings.data / desk / SEARCH, load_analyzer())
        erasing = DeskErasing(settings.data / desk, clock, database=own.log.database)
        records = records_of(settings.data / desk, erasing, Rules(settings.retention, system.log), [index])
        try:
            accounts.prepare()
            prepare_cases(settings.data / desk, own.log)
            yield Room(records, accounts, system.log)
        except DecisionRefused as refused:
            raise Stop(str(refused), 2 if refused.code in _WRONG_USE else 1) from None
        except BadPaper as problem:
            raise Stop(str(problem), 3) from None
        except AccountsUnavailable as problem:
            raise Stop(f"{problem}; check the data directory {settings.data}", 3) from None
        finally:
            records.close()
            index.close()
            accounts.close()
