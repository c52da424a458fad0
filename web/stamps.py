"""Stamps of what shapes an answer beside the rules and the documents: the program itself, and what the operator set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import Any, Final

from bot.office import Office
from bot.records import Language, Stamp
from web.contacts import ConfiguredContacts

_ROOMS: Final = ("bot", "knowledge", "prompts")
_SUFFIXES: Final = (".py", ".toml", ".tsv", ".txt", ".npz")
# Versioned by themselves: the snapshot and the wording have stamps of their own.
_APART: Final = frozenset({"corpus", "reply", "bundled_vectors.npz", "__pycache__"})
_ANALYZER: Final = ("sudachipy", "sudachidict_core")  # another dictionary cuts words otherwise


@cache
def program() -> Stamp:
    """The program that answers: its version, and SHA-256 over every file of the rooms that decide and search, each by
    its name, size and bytes in the order of the names, after the versions of what cuts Japanese into words.
    """
    digest = sha256("\0".join(f"{each} {version(each)}" for each in _ANALYZER).encode())
    for name, file in sorted((name, file) for room in _ROOMS for name, file in _files(resources.files(room), room)):
        content = file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return Stamp("program", version("madoguchi"), digest.hexdigest())


def contacts_stamp(contacts: ConfiguredContacts) -> Stamp:
    """The lines by which people are reached at a desk, in every language."""
    told = {language.value: list(contacts.lines(language)) for language in Language}
    return _set_by_operator("contacts", told, configured=any(told.values()))


def office_stamp(office: Office) -> Stamp:
    """The hours of a desk and what it promises."""
    told = {
        **asdict(office),
        "closed": sorted(map(str, office.closed)),
        "opened": {str(day): [str(each) for each in spans] for day, spans in sorted(office.opened.items())},
    }
    return _set_by_operator("office", told, configured=office.configured)


def _set_by_operator(name: str, told: Mapping[str, Any], *, configured: bool) -> Stamp:
    canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Stamp(name, "configured" if configured else "default", sha256(canonical.encode()).hexdigest())


def _files(directory: Traversable, at: str) -> Iterator[tuple[str, Traversable]]:
    for each in directory.iterdir():
        if each.is_dir() and each.name not in _APART:
            yield from _files(each, f"{at}/{each.name}")
        elif each.is_file() and each.name.endswith(_SUFFIXES):
            yield f"{at}/{each.name}", each
