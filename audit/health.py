"""Whether an entry could be written now, without writing one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from audit.database import Driver
from audit.failures import FULL
from bot.ports import LogUnavailable

READY: Final = "ready"

_LEAST_FREE_BYTES: Final = 1 << 20  # some hundred exchanges: time to be warned before the first one is lost


def probe(connection: Driver, statement: str, directory: Path) -> None:
    """Ask, inside a write transaction, for a change of no rows: refused wherever a real one would be refused.

    A full disk refuses nothing before bytes are written, so the free space beside the keys is read as well.
    Raises STORAGE_ERRORS of ``audit.failures``, LogUnavailable.
    """
    connection.execute(statement)
    status = os.statvfs(directory)
    if status.f_bavail * status.f_frsize < _LEAST_FREE_BYTES:
        raise LogUnavailable(FULL)
