"""From files to loaded documents: one loader per kind of file, found by suffix.

A loader takes the file's name for messages and its bytes, and gives the loaded document with its citable passages; it
raises BadDocument. A new kind of file is a new module and a new line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from knowledge.documents import BadDocument, Loaded
from knowledge.loading.notes import load_note

Loader = Callable[[Path, bytes], Loaded]

LOADERS: Mapping[str, Loader] = MappingProxyType({".md": load_note})

LARGEST = 1_000_000
"""Bytes of one file; a note has about 10,000."""


def find_files(path: Path) -> list[Path]:
    """The file itself, or every file of a known kind under a directory, sorted. Raises BadDocument."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix.lower() in LOADERS and file.is_file())
    if not path.is_file():
        raise BadDocument(path.name, "file", "does not exist; check the path")
    return [path]


def read_file(file: Path) -> bytes:
    """The bytes of a file that a loader exists for. Raises BadDocument."""
    if file.suffix.lower() not in LOADERS:
        raise BadDocument(file.name, "file", f"has no loader; give one of: {', '.join(sorted(LOADERS))}")
    try:
        if file.stat().st_size > LARGEST:
            raise BadDocument(file.name, "file", f"is larger than {LARGEST:,} bytes; split it into smaller topics")
        return file.read_bytes()
    except OSError as problem:
        raise BadDocument(file.name, "file", f"cannot be read ({problem.strerror}); check its rights") from problem


def load(file: Path, content: bytes) -> Loaded:
    """The loaded document of a file's bytes. Raises BadDocument."""
    return LOADERS[file.suffix.lower()](file, content)
