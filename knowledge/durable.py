"""Writing so that a reader, or a machine losing power, sees the old or the new and nothing between."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_text(file: Path, text: str) -> None:
    """Replaces a file's content. Raises OSError."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=file.parent, prefix=".new-", delete=False) as new:
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    Path(new.name).replace(file)
    sync(file.parent)


def sync_tree(directory: Path) -> None:
    for path in [*directory.rglob("*"), directory]:
        sync(path)


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold a lock file against other processes and threads; waits for it. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
