"""Making accounts.sqlite, or bringing it up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from audit.failures import STORAGE_ERRORS, cause_of
from audit.files import make_private_directory
from audit.migrate import upgrade
from web.accounts.values import AccountsUnavailable

HEAD: Final = "0001"

_SCRIPTS: Final = Path(__file__).with_name("migrations")


def prepare(path: Path) -> None:
    """Create or upgrade the file, all or nothing; safe beside other processes. Raises AccountsUnavailable."""
    try:
        make_private_directory(path.parent)
        upgrade(path, _SCRIPTS, HEAD)
    except STORAGE_ERRORS as error:
        cause = cause_of(error, path.parent)
    else:
        return
    raise AccountsUnavailable(cause)  # outside the handler: the original may carry what was to be stored
