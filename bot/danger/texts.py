"""The fixed texts and the contacts they name, read once from texts.toml and contacts.tsv."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bot.danger.kinds import Danger, Reader
from bot.records import DeskName, Language


@dataclass(frozen=True, slots=True)
class Contact:
    """One official contact as it was seen; ``reviewed`` is the date an operator confirmed it, or None."""

    id: str
    kind: str
    name: str
    number: str
    hours: str
    reviewed: str | None


@cache
def contacts() -> Mapping[str, Contact]:
    """Every contact of contacts.tsv by its id."""
    raw = resources.files("bot.danger").joinpath("contacts.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in raw.splitlines() if not line.startswith("#")), delimiter="\t")
    return {
        row["id"]: Contact(
            row["id"],
            row["kind"],
            row["name"],
            row["number"],
            row["hours"],
            None if row["reviewed"] == "null" else row["reviewed"],
        )
        for row in rows
    }


def danger_text(danger: Danger, language: Language, reader: Reader = Reader.PERSON) -> str:
    """The fixed text for a danger: plain text, one statement a line, numbers from the contacts alone.

    For staff two lines stand before it: a message of another person goes to a person at once, and whom the contacts
    are for. The words do not tell surely whose danger it is, so the text of the staff desk serves both.
    """
    return _texts()[danger, language, reader]


def reader_at(desk: DeskName) -> Reader:
    """Who reads at a desk."""
    return Reader.STAFF if desk is DeskName.STAFF else Reader.PERSON


@cache
def _texts() -> Mapping[tuple[Danger, Language, Reader], str]:
    """Every text with its numbers filled in. Raises KeyError if a text or a contact is missing."""
    data = tomllib.loads(resources.files("bot.danger").joinpath("texts.toml").read_text(encoding="utf-8"))
    numbers = {contact.id: contact.number for contact in contacts().values() if contact.number}
    numbers["dated"] = data["dated"]
    return {
        (danger, language, reader): _filled(data[language.value], danger, reader, numbers)
        for danger in Danger
        for language in Language
        for reader in Reader
    }


def _filled(part: Mapping[str, Any], danger: Danger, reader: Reader, numbers: Mapping[str, str]) -> str:
    lines: list[str] = part["texts"][danger.value]
    whole = [part["shared"][line[1:]] if line.startswith("@") else line for line in lines]
    before = part["shared"]["staff"] if reader is Reader.STAFF else []
    return "\n".join(line.format_map(numbers) for line in (*before, *whole))
