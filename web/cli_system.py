"""The system log and the accounts for a command, made where there are none; what fails is one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.cli_support import Stop, configure_logging, settings_read

if TYPE_CHECKING:
    from audit.log import DeskLog
    from web.accounts.service import Accounts
    from web.settings import Settings


@dataclass(frozen=True, slots=True)
class System:
    """What belongs to the service as a whole."""

    settings: Settings
    log: DeskLog
    accounts: Accounts


@contextmanager
def system_opened() -> Iterator[System]:
    """The system log and the accounts of the configured data directory. Raises Stop where they cannot be used."""
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - reading the help needs none of this
    from bot.ports import LogUnavailable  # noqa: PLC0415 - as above
    from web.accounts.service import Accounts  # noqa: PLC0415 - as above
    from web.accounts.values import AccountsUnavailable  # noqa: PLC0415 - as above
    from web.directory import SYSTEM, make_private  # noqa: PLC0415 - as above
    from web.log_places import log_of, prepare_log, proofs_of  # noqa: PLC0415 - as above
    from web.sequencing import sign_what_waits  # noqa: PLC0415 - as above

    configure_logging()
    settings = settings_read()
    clock = SystemClock()
    log = log_of(settings, SYSTEM, clock)
    proofs = proofs_of(settings, SYSTEM, clock)
    accounts = Accounts(settings.data / SYSTEM, log, clock)
    try:
        make_private(settings.data)
        prepare_log(settings, SYSTEM, clock)
        accounts.prepare()
        yield System(settings, log, accounts)
    except (LogUnavailable, AccountsUnavailable) as problem:
        raise Stop(f"{problem}; check the data directory {settings.data}", 3) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None
    finally:
        sign_what_waits(SYSTEM, log, proofs, clock)
        proofs.close()
        accounts.close()
        log.close()
