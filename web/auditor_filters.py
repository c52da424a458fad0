"""What narrows a list of recorded exchanges: closed values and ids that stand in an address, never a typed word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from audit.reading import Filters
from bot.cases import CaseState
from bot.labels import WORDS
from bot.office import JAPAN
from bot.records import AutomationLevel, Language, Outcome, Risk, Topic

NONE: Final = "none"
YES, NO = "yes", "no"
DAYS: Final = ("since", "until")
CLOSED: Final[Mapping[str, Sequence[str]]] = {
    "outcome": tuple(dict.fromkeys(each for outcome in Outcome for each in (outcome.family, outcome.value))),
    "topic": tuple(Topic),
    "risk": tuple(reversed(Risk)),
    "level": tuple(AutomationLevel),
    "language": tuple(Language),
    "case": (NONE, *CaseState),
    "feedback": ("useful", "not_useful", NONE),
    "corrected": (YES, NO),
    "masked": tuple(WORDS),
}
"""The filters whose values are known beforehand, in the order of the page."""
OPEN: Final = ("model", "snapshot", "prompt", "document")
"""The filters whose values come from the record itself: names, versions and ids of what shaped an answer."""
FIELDS: Final[Mapping[str, str]] = {
    "outcome": "outcomes",
    "topic": "topics",
    "risk": "risks",
    "level": "levels",
    "language": "languages",
    "case": "case_states",
    "feedback": "feedback",
    "masked": "masked",
    "model": "models",
    "snapshot": "snapshots",
    "prompt": "prompts",
    "document": "documents",
}
"""The member of ``audit.reading.Filters`` that each filter sets; ``corrected`` and the days are of another shape."""
_PREFIXES: Final[Mapping[str, str]] = {
    "outcome": "audit_list.outcome.",
    "topic": "audit_list.topic.",
    "risk": "priority.",
    "level": "level.",
    "case": "case.state.",
    "feedback": "audit_list.feedback.",
    "corrected": "audit_list.corrected.",
    "masked": "masked.kind.",
}
"""What the keys of the words for a filter's values begin with."""
_UNSET: Final = {("case", NONE): "audit_list.case.none"}
_NAME: Final = re.compile(r"[\w.:@/+~ -]{1,200}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, and how many exchanges it would show beside the other filters."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters that are set, each with its one value, in the order of the page."""

    members: Mapping[str, str]

    @property
    def filters(self) -> Filters:
        """The same as the record is asked. The last day counts to its end; days are Japan's."""
        since, until = (_day(self.members[name]) if name in self.members else None for name in DAYS)
        corrected = self.members.get("corrected")
        return Filters(
            since=_midnight(since),
            until=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
            corrected=None if corrected is None else corrected == YES,
            **{FIELDS[name]: frozenset({value}) for name, value in self.members.items() if name in FIELDS},
        )


def read_filters(given: Mapping[str, str]) -> Chosen:
    """The filters of an address or a form; what is not known counts as not set."""
    known = {name: given.get(name, "").strip() for name in (*DAYS, *CLOSED, *OPEN)}
    return Chosen({name: value for name, value in known.items() if value and _is_value(name, value)})


def choices(chosen: Chosen, counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Sequence[Choice]]:
    """What can be chosen, by filter: values known beforehand, those of the record, the one that is set."""
    found: dict[str, Sequence[Choice]] = {}
    for name in (*CLOSED, *OPEN):
        counted, held = counts.get(name, {}), chosen.members.get(name)
        values = CLOSED.get(name) or sorted({*counted, *([held] if held else [])})
        found[name] = [Choice(value, counted.get(value, 0), value == held) for value in values]
    return found


def by_filter(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """The record's own counts, under the names of the filters; an outcome's family counts all of its outcomes."""
    found = {name: dict(counts.get(member, {})) for name, member in FIELDS.items()}
    for value, count in list(found["outcome"].items()):
        family = value.partition(".")[0]
        found["outcome"][family] = found["outcome"].get(family, 0) + count if family != value else count
    corrected = counts.get("corrected", {})
    found["corrected"] = {YES: corrected.get("true", 0), NO: corrected.get("false", 0)}
    return found


def key_of(name: str, value: str) -> str | None:
    """The key of the word for a filter's value; None where the value is shown as it is (a language by its own name)."""
    if value not in CLOSED.get(name, ()) or name == "language":
        return None
    return _UNSET.get((name, value), _PREFIXES[name] + value)


def _is_value(name: str, value: str) -> bool:
    if name in DAYS:
        return _day(value) is not None
    return value in CLOSED[name] if name in CLOSED else _NAME.fullmatch(value) is not None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, JAPAN)
