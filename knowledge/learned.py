"""A note that people at the desk wrote, as a file of the knowledge (docs/corpus.md)."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from knowledge.documents import BadDocument
from knowledge.durable import sync
from knowledge.loading.notes import load_note


def note_bytes(head: Mapping[str, str | Sequence[str] | None], sentences: Sequence[str]) -> bytes:
    """The file: front matter with these members, then the sentences, one a line. The same for the same note."""
    front = yaml.safe_dump(dict(head), allow_unicode=True, sort_keys=False, width=1_000)
    body = "\n".join(sentences)
    return f"---\n{front}---\n{body}\n".encode()


def flaw_of(name: str, content: bytes) -> str | None:
    """Why the file of that name is no note, in one line that says what to do; None where it is one."""
    try:
        load_note(Path(name), content)
    except BadDocument as problem:
        return str(problem)
    return None


def keep(file: Path, content: bytes) -> None:
    """Write a note's file; a reader, or a machine losing power, sees all of it or what was before. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=".new-", delete=False) as new:
        new.write(content)
        new.flush()
        Path(new.name).chmod(0o600)
        sync(Path(new.name))
    Path(new.name).replace(file)
    sync(file.parent)
