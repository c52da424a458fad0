"""The data directory as a whole: whose it is, who holds it, how much room is left."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bot.records import DeskName
from web.settings import Settings

SEARCH: Final = "search.sqlite"
"""A desk's search index, in its directory: made from the log, and again where it is missing."""
SYSTEM: Final = "system"
"""The directory, and the end of the origin, of the log of what people decide for the whole service."""

_GIGABYTE: Final = 10**9
_OWNER_ONLY: Final = 0o700
_OWNER_ONLY_FILE: Final = 0o600


class AlreadyRunning(Exception):
    """Another server holds the data directory."""


def make_private(data: Path) -> None:
    """Make the data directory and close it to other users; where it is not ours to close, the doctor says so.

    A directory that holds other things already (somebody's home, /tmp) is not ours. Raises OSError.
    """
    data.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    if (data / DeskName.PUBLIC).is_dir() or not any(data.iterdir()):
        with suppress(PermissionError):
            data.chmod(_OWNER_ONLY)


@contextmanager
def sole_server(data: Path) -> Iterator[None]:
    """Hold the data directory for one server process. Raises AlreadyRunning, OSError."""
    make_private(data)
    lock = os.open(data / "server.lock", os.O_RDWR | os.O_CREAT, _OWNER_ONLY_FILE)
    try:
        os.fchmod(lock, _OWNER_ONLY_FILE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise AlreadyRunning(
                f"another server uses {data}; stop it, or give this one its own MADOGUCHI_DATA"
            ) from problem
        yield
    finally:
        os.close(lock)


def warnings(settings: Settings) -> Mapping[str, str]:
    """What will stop the service if nobody does anything, by part; empty where there is nothing."""
    data = settings.data
    found: dict[str, str] = {}
    with suppress(OSError):  # a directory that is away is told by the log's own state
        free = shutil.disk_usage(data).free
        if free < settings.free_gb * _GIGABYTE:
            found["disk"] = f"{free / _GIGABYTE:.1f} GB are free, less than MADOGUCHI_FREE_GB"
        if data.stat().st_mode & 0o077:
            found["directory"] = f"other users of this machine may enter {data}; chmod 700"
    for name in DeskName:
        with suppress(OSError):
            size = (data / name.value / "log.sqlite").stat().st_size
            if size > settings.log_gb * _GIGABYTE:
                found[f"log_{name.value}"] = f"the log has {size / _GIGABYTE:.1f} GB, more than MADOGUCHI_LOG_GB"
    return found
