"""The system log and the accounts of those who decide, for a command; what fails is one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from web.cli_support import Stop, configure_logging, password_typed, settings_read

if TYPE_CHECKING:
    from audit.log import DeskLog
    from bot.deciding import Actor
    from web.accounts.service import Accounts

# The command was used wrongly; everything else that is refused is an answer: no.
_WRONG_USE: Final = frozenset({"unknown_proposal", "bad_register", "no_reason", "unchanged", "unknown_row", "bad_day"})


@dataclass(frozen=True, slots=True)
class Room:
    """The system log, and the accounts that say who acts."""

    log: DeskLog
    accounts: Accounts

    def actor(self, login: str) -> Actor:
        """Whoever has this login, proved by the password. Raises Stop where it is not right."""
        from web.accounts.values import SignInRefused  # noqa: PLC0415 - reading the help needs none of this
        from web.decisions import actor_of  # noqa: PLC0415 - as above

        try:
            account = self.accounts.verified(login, password_typed())
        except SignInRefused:
            raise Stop("login and password do not fit, or the account is locked or disabled", 1) from None
        if account.must_change:
            raise Stop("sign in and choose a password of your own first", 1)
        return actor_of(account.id, account.name, account.grants)


@contextmanager
def system_opened() -> Iterator[Room]:
    """The system log of the configured data directory, made where there is none; what fails is one line."""
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - reading the help needs none of this
    from bot.deciding import DecisionRefused  # noqa: PLC0415 - as above
    from bot.ports import LogUnavailable  # noqa: PLC0415 - as above
    from web.accounts.service import Accounts  # noqa: PLC0415 - as above
    from web.accounts.values import AccountsUnavailable  # noqa: PLC0415 - as above
    from web.directory import SYSTEM, make_private  # noqa: PLC0415 - as above
    from web.log_places import log_of, prepare_log, proofs_of  # noqa: PLC0415 - as above
    from web.sequencing import sign_what_waits  # noqa: PLC0415 - as above

    configure_logging()
    settings = settings_read()
    clock = SystemClock()
    log, proofs = log_of(settings, SYSTEM, clock), proofs_of(settings, SYSTEM, clock)
    accounts = Accounts(settings.data / SYSTEM, log, clock)
    try:
        make_private(settings.data)
        prepare_log(settings, SYSTEM, clock)
        accounts.prepare()
        yield Room(log, accounts)
    except DecisionRefused as refused:
        raise Stop(str(refused), 2 if refused.code in _WRONG_USE else 1) from None
    except (LogUnavailable, AccountsUnavailable) as problem:
        raise Stop(f"{problem}; check the data directory {settings.data}", 3) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None
    finally:
        sign_what_waits(SYSTEM, log, proofs, clock)
        proofs.close()
        accounts.close()
        log.close()
