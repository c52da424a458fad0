"""Private files: made whole or not at all, readable by the service alone, and known again by their identity."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from audit.failures import CORRUPT, MISSING
from bot.ports import LogUnavailable

_OWNER_ONLY_FILE: Final = 0o600
_OWNER_ONLY_DIRECTORY: Final = 0o700


def make_private_directory(path: Path) -> None:
    path.mkdir(mode=_OWNER_ONLY_DIRECTORY, parents=True, exist_ok=True)


def create_private_file(path: Path, content: bytes) -> None:
    """Create ``path`` with exactly this content, durably, mode 0600. Where it exists already it is left as it is."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename, never replaces a key that another process made meanwhile
        except FileExistsError:
            return
    finally:
        draft.unlink()
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SameFile:
    """Watches that a path still names the file that was opened, and that nobody has cut it short.

    SQLite goes on writing into a deleted file without an error; an entry in it would be acknowledged and lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        status = path.stat()
        self._identity = (status.st_dev, status.st_ino)
        self._size = status.st_size

    def verify(self) -> None:
        """Raises LogUnavailable (missing, corrupt), or OSError where the path cannot be read at all."""
        known = self._size  # read before the status: another thread may store a newer size meanwhile
        status = self._path.stat()
        if (status.st_dev, status.st_ino) != self._identity:
            raise LogUnavailable(MISSING)
        if status.st_size < known:
            raise LogUnavailable(CORRUPT)
        self._size = status.st_size
