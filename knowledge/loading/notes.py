"""Markdown with YAML front matter: a note in our own words (docs/corpus.md)."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pydantic import ValidationError

from knowledge.documents import BadDocument, FrontMatter, Loaded, loaded_note
from knowledge.loading.strict_yaml import read_yaml

_NOTE = re.compile(r"\A---\n(?P<head>.*?)^---\n(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)


def is_note(content: bytes) -> bool:
    """Whether a Markdown file begins as a note does: with a line of three dashes."""
    return content.removeprefix(b"\xef\xbb\xbf").startswith((b"---\n", b"---\r\n"))


def load_note(file: Path, content: bytes) -> Loaded:
    """The note in ``content``; ``file`` gives its name. Raises BadDocument with one line that says what to do."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        raise BadDocument(file.name, "file", "is not UTF-8; save it as UTF-8") from problem
    parts = _NOTE.match(text if text.endswith("\n") else text + "\n")
    if parts is None:
        raise BadDocument(file.name, "front matter", "is missing; begin with --- and end it with a line ---")
    try:
        head = FrontMatter.model_validate(read_yaml(parts["head"], file.name, "front matter", first_line=2))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(step) for step in first["loc"]) or "front matter"
        raise BadDocument(file.name, field, first["msg"].removeprefix("Value error, ")) from problem
    return loaded_note(head, parts["body"], file.name, file.stem, hashlib.sha256(content).hexdigest())
