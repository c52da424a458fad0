"""The retention schedule (保存期間表): how long what is kept, and on what ground. What is shown is what audit.retention
applies: both come from one file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from audit import retention
from audit.retention import DEFAULT, NEEDED, OWN, BadSchedule, Period
from bot.records import Language, Stamp
from web.papers import tables
from web.papers.reading import HEAD, head_of
from web.papers.values import BadPaper, Head

_Said = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the schedule. ``what`` and ``basis`` by language; Japanese is always there."""

    name: str
    what: Mapping[Language, str]
    period: Period
    basis: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The whole, as it is shown and as it is applied. ``own`` is False for this project's defaults."""

    head: Head
    rules: tuple[Rule, ...]
    applied: retention.Schedule

    @property
    def own(self) -> bool:
        return self.applied.own


def schedule_of(file: Path | None) -> Schedule:
    """The body's schedule, or this project's defaults. Raises BadPaper."""
    path = file or DEFAULT
    where = f"{path.name} (MADOGUCHI_RETENTION)" if file else path.name
    found = tables.bounded(path, where)
    table = tables.closed(tables.toml_of(found, where), where, (*HEAD, "rule"))
    rules = tables.closed(table["rule"], f"{where}: rule", NEEDED, {*OWN, *_names(table["rule"])})
    version = tables.text(table, "version", where)
    words = {name: _words(each, f"{where}: rule.{name}") for name, each in rules.items()}
    try:
        applied = retention.schedule_of(found, version, retention.periods_of(rules), own=file is not None)
    except BadSchedule as problem:
        raise BadPaper(f"{where}: {problem}") from None
    stamp = Stamp("retention", version, sha256(found).hexdigest())
    shown = [Rule(name, what, applied.periods[name], basis) for name, (what, basis) in words.items()]
    return Schedule(head_of(table, stamp, where), (*shown, *_left(applied, words)), applied)


def said(by_language: Mapping[Language, str], language: Language) -> str:
    """A text in this language, or in Japanese."""
    return by_language.get(language) or by_language[Language.JA]


def _names(value: object) -> set[str]:
    """The body may name more of its records than ours: any rule with a plain name is shown."""
    if not isinstance(value, dict):
        return set()
    return {each for each in value if each.isascii() and each.replace("_", "").isalnum()}


def _left(applied: retention.Schedule, named: Collection[str]) -> list[Rule]:
    """What the body's schedule leaves out and holds as in the default: it is shown too."""
    if not applied.own:
        return []
    return [each for each in schedule_of(None).rules if each.name in applied.periods and each.name not in named]


def _words(value: object, where: str) -> tuple[_Said, _Said]:
    table = tables.closed(value, where, ("what", "basis"), ("years", "days", "with"))
    return _by_language(table["what"], f"{where}.what"), _by_language(table["basis"], f"{where}.basis")


def _by_language(value: object, where: str) -> Mapping[Language, str]:
    """Plain text is Japanese; else a table by language that has Japanese. Raises BadPaper."""
    given = tables.closed(
        {"ja": value} if isinstance(value, str) else value, where, ("ja",), [each.value for each in Language]
    )
    return {Language(name): tables.text(given, name, where) for name in given}
