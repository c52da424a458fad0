"""The fixed texts and the contacts they name, read once from texts.toml and contacts.tsv."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bot.danger.kinds import Danger
from bot.records import Language


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


def danger_text(danger: Danger, language: Language) -> str:
    """The fixed text for a danger: plain text, one statement a line, numbers from the contacts alone."""
    return _texts()[danger, language]


@cache
def _texts() -> Mapping[tuple[Danger, Language], str]:
    """Every text with its numbers filled in. Raises KeyError if a text or a contact is missing."""
    data = tomllib.loads(resources.files("bot.danger").joinpath("texts.toml").read_text(encoding="utf-8"))
    numbers = {contact.id: contact.number for contact in contacts().values() if contact.number}
    numbers["dated"] = data["dated"]
    return {
        (danger, language): _filled(data[language.value], danger, numbers) for danger in Danger for language in Language
    }


def _filled(part: Mapping[str, Any], danger: Danger, numbers: Mapping[str, str]) -> str:
    lines: list[str] = part["texts"][danger.value]
    whole = [part["shared"][line[1:]] if line.startswith("@") else line for line in lines]
    return "\n".join(line.format_map(numbers) for line in whole)
