"""How to reach a person: what the operator wrote into the contacts file, and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.records import DeskName, Language


class BadContacts(Exception):
    """The contacts file cannot be used; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class ConfiguredContacts:
    """``bot.ports.Contacts`` over ``[<desk>]`` tables like ``ja = ["…"]``; Japanese serves where a language lacks."""

    desk: DeskName
    by_language: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def lines(self, language: Language) -> Sequence[str]:
        return self.by_language.get(language.value) or self.by_language.get(Language.JA.value, ())


def contacts_of(desk: DeskName, file: Path | None) -> ConfiguredContacts:
    """The contacts of one desk; without a file there are none. Raises BadContacts."""
    if file is None:
        return ConfiguredContacts(desk)
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as problem:
        raise BadContacts(f"{file.name} cannot be read; check MADOGUCHI_CONTACTS") from problem
    except ValueError as problem:
        raise BadContacts(f"{file.name} is not TOML ({problem}); see docs/operations.md") from problem
    if strangers := set(tables) - {each.value for each in DeskName}:
        raise BadContacts(f"{file.name}: there is no desk {min(strangers)}; the tables are [public] and [staff]")
    table = tables.get(desk.value, {})
    if not isinstance(table, dict):
        raise BadContacts(f'{file.name}: {desk.value} must be a table, [{desk.value}] with lines like ja = ["…"]')
    languages = {language.value for language in Language}
    for name, lines in table.items():
        if name not in languages or not isinstance(lines, list) or not all(_is_line(line) for line in lines):
            raise BadContacts(f'{file.name}: [{desk.value}] takes lines like ja = ["…"]; mend "{name}"')
    return ConfiguredContacts(desk, table)


def _is_line(value: object) -> bool:
    """A line that says something: a blank one would show a person in need an empty place."""
    return isinstance(value, str) and bool(value.strip())
