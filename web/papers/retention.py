"""The retention schedule (保存期間表): how long what is kept, and on what ground. It is shown; nothing is erased by it
yet, and the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.records import Language, Stamp
from web.papers import tables
from web.papers.reading import DIRECTORY, HEAD, head_of
from web.papers.values import BadPaper, Head

NEEDED: Final = ("contents", "envelopes")
"""What every record consists of: texts that people wrote or were shown, and what surrounds them."""
_LONGEST: Final = 100  # years


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the schedule. ``what`` and ``basis`` by language; Japanese is always there."""

    name: str
    what: Mapping[Language, str]
    years: int
    basis: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The whole. ``own`` is False for this project's defaults."""

    head: Head
    rules: tuple[Rule, ...]
    own: bool


def schedule_of(file: Path | None) -> Schedule:
    """The body's schedule, or this project's defaults. Raises BadPaper."""
    path = file or DIRECTORY / "retention.toml"
    where = f"{path.name} (MADOGUCHI_RETENTION)" if file else path.name
    found = tables.bounded(path, where)
    table = tables.closed(tables.toml_of(found, where), where, (*HEAD, "rule"))
    rules = tables.closed(table["rule"], f"{where}: rule", NEEDED, _names(table["rule"]))
    made = {name: _rule(name, each, f"{where}: rule.{name}") for name, each in rules.items()}
    if made["contents"].years > made["envelopes"].years:
        raise BadPaper(f"{where}: contents cannot be kept longer than the envelopes they belong to")
    stamp = Stamp("retention", tables.text(table, "version", where), sha256(found).hexdigest())
    return Schedule(head_of(table, stamp, where), tuple(made.values()), own=file is not None)


def said(by_language: Mapping[Language, str], language: Language) -> str:
    """A text in this language, or in Japanese."""
    return by_language.get(language) or by_language[Language.JA]


def _names(value: object) -> set[str]:
    """The body may name more of its records than ours: any rule with a plain name is shown."""
    if not isinstance(value, dict):
        return set()
    return {each for each in value if each.isascii() and each.replace("_", "").isalnum()}


def _rule(name: str, value: object, where: str) -> Rule:
    table = tables.closed(value, where, ("what", "years", "basis"))
    years = table["years"]
    if type(years) is not int or not 1 <= years <= _LONGEST:
        raise BadPaper(f"{where}: years must be a whole number from 1 to {_LONGEST}")
    return Rule(
        name, _by_language(table["what"], f"{where}.what"), years, _by_language(table["basis"], f"{where}.basis")
    )


def _by_language(value: object, where: str) -> Mapping[Language, str]:
    """Plain text is Japanese; else a table by language that has Japanese. Raises BadPaper."""
    given = tables.closed(
        {"ja": value} if isinstance(value, str) else value, where, ("ja",), [each.value for each in Language]
    )
    return {Language(name): tables.text(given, name, where) for name in given}
