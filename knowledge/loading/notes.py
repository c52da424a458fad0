"""Markdown with YAML front matter: a note in our own words (docs/corpus.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable
from pathlib import Path

import yaml
from pydantic import ValidationError

from knowledge.documents import BadDocument, FrontMatter, Loaded, loaded_note

_NOTE = re.compile(r"\A---\n(?P<head>.*?)^---\n(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)


class _Reader(yaml.CSafeLoader):
    """Safe YAML that refuses a key given twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - the parent's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value} stands twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


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
        head = FrontMatter.model_validate(_read(parts["head"], file.name))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(step) for step in first["loc"]) or "front matter"
        raise BadDocument(file.name, field, first["msg"].removeprefix("Value error, ")) from problem
    return loaded_note(head, parts["body"], file.name, file.stem, hashlib.sha256(content).hexdigest())


def _read(head: str, name: str) -> object:
    try:
        return yaml.load(head, Loader=_Reader)  # noqa: S506 - a safe loader, made stricter
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        place = f"line {mark.line + 2}" if mark is not None else "front matter"
        raise BadDocument(name, place, f"is not YAML ({problem.problem}); correct it") from problem
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise BadDocument(name, "front matter", "is not YAML; correct it") from problem
