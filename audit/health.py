"""Whether an entry could be written now, without writing one."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from audit.failures import FULL
from bot.ports import LogUnavailable

READY: Final = "ready"

_LEAST_FREE_BYTES: Final = 1 << 20  # some hundred exchanges: time to be warned before the first one is lost


def probe(connection: sqlite3.Connection, directory: Path) -> None:
    """Ask, inside a write transaction, for a change of no rows: refused wherever a real one would be refused.

    A full disk refuses nothing before bytes are written, so the free space is read as well.
    Raises sqlite3.Error, OSError, LogUnavailable.
    """
    connection.execute("UPDATE entries SET tree_index = tree_index WHERE FALSE")
    status = os.statvfs(directory)
    if status.f_bavail * status.f_frsize < _LEAST_FREE_BYTES:
        raise LogUnavailable(FULL)
