"""Writing so that a reader, or a machine losing power, sees the old or the new and nothing between."""

from __future__ import annotations

import os
import tempfile
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
