"""The nouns of the papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.records import DeskName, Language, Stamp

OWNERS: Final = ("responsible", "records_officer", "administrator", "knowledge_editor", "auditor")
"""The roles that answer for a paper or a row; the words are ``owner.<name>``."""
KINDS: Final = ("text", "item", "retention")
"""A paragraph, a point of a list (neighbours make one list), the retention schedule as a table."""
ALWAYS: Final = "always"
WHEN: Final = (ALWAYS, "demo", "production", "contacts", "no_contacts", "responsible", "own_schedule", "own_defaults")
"""When a part is shown: what is configured decides, so that no page speaks of what is not there."""
PLACEHOLDERS: Final = frozenset({"responsible", "operator"})


class BadPaper(Exception):
    """A paper, the body's notice or its retention schedule cannot be used; one line says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class Head:
    """What every paper carries: ``owner`` is one of ``OWNERS``, a person must look at it again by ``review_by``."""

    stamp: Stamp
    day: date
    owner: str
    review_by: date


@dataclass(frozen=True, slots=True)
class Part:
    """One paragraph or point. ``shown_by`` are the tests that show what it says, as ``file::function``."""

    key: str
    kind: str
    when: str
    desks: tuple[DeskName, ...]
    shown_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (the text ``<name>.title``) and what stands under it."""

    name: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A page in every language. ``texts`` hold readings as 漢字《かんじ》."""

    head: Head
    sections: tuple[Section, ...]
    texts: Mapping[Language, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Block:
    """What the page shows at one place: ``kind`` is text, list or retention."""

    kind: str
    keys: tuple[str, ...]


def shown(paper: Paper, desk: DeskName, now: frozenset[str]) -> list[tuple[str, list[Block]]]:
    """The sections that concern a desk as things are (``now``: names of ``WHEN``); empty ones are left out."""
    found = []
    for section in paper.sections:
        parts = [part for part in section.parts if desk in part.desks and part.when in now | {ALWAYS}]
        if parts:
            found.append((section.name, _blocks(parts)))
    return found


def _blocks(parts: list[Part]) -> list[Block]:
    blocks: list[Block] = []
    for part in parts:
        kind = "list" if part.kind == "item" else part.kind
        if kind == "list" and blocks and blocks[-1].kind == "list":
            blocks[-1] = Block(kind, (*blocks[-1].keys, part.key))
        else:
            blocks.append(Block(kind, (part.key,)))
    return blocks
