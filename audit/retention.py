"""The retention schedule as rules: which rule an entry's texts fall under, and from when they are to be gone. Pure.

The words beside each rule are read by web.papers.retention from the same file, so what is shown is what is applied.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

JAPAN: Final = timezone(timedelta(hours=9))

CONTENTS: Final = "contents"
CASES: Final = "cases"
READS: Final = "reads"
DECISIONS: Final = "decisions"
ENVELOPES: Final = "envelopes"
KEY_BACKUPS: Final = "key_backups"
NEEDED: Final = (CONTENTS, ENVELOPES)
"""What every record consists of: texts that people wrote or were shown, and what surrounds them."""
OWN: Final = (CASES, READS, DECISIONS, KEY_BACKUPS, "contacts", "search_index")
"""Rules that a body may leave out; those of ``_INSTEAD`` then follow another, the rest stand as in the default."""
WITH: Final = ("contents", "office")
DEFAULT: Final = Path(__file__).with_name("retention.toml")

_INSTEAD: Final = {CASES: CONTENTS, READS: CONTENTS, DECISIONS: ENVELOPES}
APPLIED: Final = (CONTENTS, CASES, READS, DECISIONS)
"""The rules that texts fall under."""

_LONGEST_YEARS: Final = 100
_LONGEST_DAYS: Final = 3_650
_LONGEST_BACKUP_DAYS: Final = 366
_DECIDED: Final = ("erasure", "hold.", "verification")
_READ: Final = ("read", "export.")


class BadSchedule(ValueError):
    """The schedule cannot be applied; one line says what to mend."""


@dataclass(frozen=True, slots=True)
class Period:
    """How long: whole years, days, or together with something else (``contents``, ``office``). One of them is set."""

    years: int | None = None
    days: int | None = None
    along: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The periods by the rules' names, and which version of the schedule they are of. ``own``: the body's own."""

    version: str
    digest: str
    periods: Mapping[str, Period]
    own: bool

    def governing(self, rule: str) -> tuple[str, Period]:
        """The rule that is applied where this one is asked for, by its name: itself, or the one it follows."""
        name = rule if rule in self.periods else _INSTEAD[rule]
        return name, self.periods[name]

    @property
    def backup_days(self) -> int:
        """The age that no backup of the key files may reach."""
        return self.periods[KEY_BACKUPS].days or 0


def periods_of(rules: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Period]:
    """The periods of a schedule's rules, as its file has them. Raises BadSchedule."""
    for name in NEEDED:
        if name not in rules:
            raise BadSchedule(f"rule: {name} is missing")
    periods = {name: _period(name, rule) for name, rule in rules.items()}
    for name in APPLIED:
        if name in periods and _longer(name, periods):
            raise BadSchedule(f"{name} cannot be kept longer than the envelopes they belong to")
    return periods


def schedule_of(data: bytes, version: str, periods: Mapping[str, Period], *, own: bool) -> Schedule:
    """The schedule of a file with these bytes. Rules that a body left out and that follow none are the default's."""
    left = {name: period for name, period in _default_periods().items() if name not in {*_INSTEAD, *NEEDED}}
    return Schedule(version, sha256(data).hexdigest(), {**left, **periods}, own)


def rule_of(kind: str) -> str:
    """The rule under which the texts of entries of a kind fall."""
    if kind.startswith("case."):
        return CASES
    if kind.startswith(_DECIDED):
        return DECISIONS
    return READS if kind.startswith(_READ) else CONTENTS


def expires(period: Period, ended: datetime) -> datetime:
    """The first moment at which a period that began with ``ended`` is over.

    Days are those of Japan; the first day is not counted and a period ends with the day before the one that answers to
    its beginning, or with the month's last day where there is none such (民法 第140条, 第141条, 第143条).
    """
    begins = ended.astimezone(JAPAN).date() + timedelta(days=1)
    if period.years is not None:
        over = _years_later(begins, period.years)
    elif period.days is not None:
        over = begins + timedelta(days=period.days)
    else:
        raise BadSchedule("what goes together with something else has no period of its own")
    return datetime.combine(over, time(), JAPAN)


def latest_end(period: Period, now: datetime) -> datetime:
    """Nothing that ended later can be over at ``now``: for looking at no more than is needed."""
    return now - timedelta(days=365 * period.years if period.years is not None else period.days or 0)


@cache
def _default_periods() -> Mapping[str, Period]:
    return periods_of(tomllib.loads(DEFAULT.read_text("utf-8"))["rule"])


def _years_later(begins: date, years: int) -> date:
    try:
        return begins.replace(year=begins.year + years)
    except ValueError:  # the 29th of February in a year without one
        return date(begins.year + years, 3, 1)


def _longer(name: str, periods: Mapping[str, Period]) -> bool:
    begin = datetime(2024, 1, 1, tzinfo=JAPAN)
    return expires(periods[name], begin) > expires(periods[ENVELOPES], begin)


def _period(name: str, rule: Mapping[str, Any]) -> Period:
    given = [each for each in ("years", "days", "with") if each in rule]
    if given == ["with"] and name not in {*APPLIED, ENVELOPES, KEY_BACKUPS}:
        if rule["with"] not in WITH:
            raise BadSchedule(f"rule.{name}: with must be one of {', '.join(WITH)}")
        return Period(along=rule["with"])
    if given == ["days"]:
        longest = _LONGEST_BACKUP_DAYS if name == KEY_BACKUPS else _LONGEST_DAYS
        return Period(days=_whole(name, rule, "days", longest))
    if given == ["years"] and name != KEY_BACKUPS:
        return Period(years=_whole(name, rule, "years", _LONGEST_YEARS))
    wanted = "days" if name == KEY_BACKUPS else "years"
    raise BadSchedule(f"rule.{name}: {wanted} is missing, or more than one period is given")


def _whole(name: str, rule: Mapping[str, Any], member: str, longest: int) -> int:
    value = rule[member]
    if type(value) is not int or not 1 <= value <= longest:
        raise BadSchedule(f"rule.{name}: {member} must be a whole number from 1 to {longest}")
    return value
