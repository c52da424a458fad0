"""The words of notices, from bot/notices.toml: Japanese first, one line of English, closed lists alone. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from bot.cases import Case, CaseId
from bot.office import JAPAN
from bot.records import DeskName

_WEEKDAYS: Final = "月火水木金土日"


class Telling(StrEnum):
    """What a notice about one case says."""

    OPENED = "opened"
    REOPENED = "reopened"
    SUPPLIED = "supplied"
    UNCLAIMED = "unclaimed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Day:
    """What the watcher of a desk is told on one ``day`` (of Japan), about the days from ``first`` to ``last``.

    ``outcomes``: finished exchanges of the period by outcome; ``late``: references of overdue cases with their due
    dates, the longest overdue first; ``unclaimed``: live cases that raised that alarm; ``backlog``: notices that wait,
    by way.
    """

    day: date
    first: date
    last: date
    outcomes: Mapping[str, int]
    live: int
    open: int
    needs_information: int
    overdue: int
    unclaimed: int
    late: Sequence[tuple[str, datetime]]
    backlog: Mapping[str, int]


def reference(case: CaseId) -> str:
    """How a notice names a case: the end of its id, enough to find it in a queue, and of no use elsewhere."""
    return case[-6:]


def case_words(telling: Telling, case: Case, desk: DeskName, console: str) -> tuple[str, str]:
    """Subject and text of a notice about one case."""
    words = _words()
    told = words["case"]
    japanese, english = (_case_values(telling, case, desk, console, tongue) for tongue in ("ja", "en"))
    return told["subject"].format(**japanese), _both(told, japanese, english)


def day_words(day: Day, desk: DeskName, console: str) -> tuple[str, str]:
    """Subject and text of the daily message."""
    words, told = _words(), _words()["day"]
    waiting = ", ".join(f"{words['way'][way]} {count}" for way, count in sorted(day.backlog.items()) if count)
    japanese = {
        "desk": words["desk"][desk.value]["ja"],
        "day": day.day.isoformat(),
        "period": day.last.isoformat() if day.first == day.last else f"{day.first}から{day.last}まで",
        "exchanges": sum(day.outcomes.values()),
        "outcomes": _outcome_lines(day.outcomes),
        "live": day.live,
        "open": day.open,
        "needs_information": day.needs_information,
        "overdue": day.overdue,
        "unclaimed": day.unclaimed,
        "late": "".join(f"　{name}　期限 {in_japan(due)}\n" for name, due in day.late),
        "backlog": waiting or told["none"],
        "waiting": sum(day.backlog.values()),
        "console": console or words["case"]["no_console"]["ja"],
    }
    english = {
        **japanese,
        "desk": words["desk"][desk.value]["en"],
        "console": console or words["case"]["no_console"]["en"],
    }
    return told["subject"].format(**japanese), _both(told, japanese, english)


def excess_words(topic: str, desk: DeskName, at: datetime, console: str) -> tuple[str, str]:
    """Subject and text of the message that a row's errors are more than is allowed."""
    words = _words()
    told = words["excess"]
    japanese, english = (
        {
            "desk": words["desk"][desk.value][tongue],
            "topic": words["topic"].get(topic, {}).get(tongue, topic),
            "at": moment(at),
            "console": console or words["case"]["no_console"][tongue],
        }
        for tongue, moment in (("ja", in_japan), ("en", _in_english))
    )
    return told["subject"].format(**japanese), _both(told, japanese, english)


def in_japan(moment: datetime) -> str:
    """A moment as people in Japan read it: ``2026年11月26日（木）17:00``."""
    here = moment.astimezone(JAPAN)
    return f"{here.year}年{here.month}月{here.day}日（{_WEEKDAYS[here.weekday()]}）{here:%H:%M}"


def _case_values(telling: Telling, case: Case, desk: DeskName, console: str, tongue: str) -> Mapping[str, str]:
    words = _words()
    department = f" ({words['department'][case.department][tongue]})" if case.department else ""
    moment = in_japan if tongue == "ja" else _in_english
    return {
        "telling": words["telling"][telling.value][tongue],
        "desk": words["desk"][desk.value][tongue],
        "case": reference(case.id),
        "kind": words["kind"][case.kind.value][tongue] + department,
        "reason": words["reason"][case.reason.value],
        "priority": words["priority"][case.priority.value][tongue],
        "opened": moment(case.opened),
        "due": moment(case.due) if case.due else words["case"]["no_due"][tongue],
        "console": console or words["case"]["no_console"][tongue],
    }


def _both(told: Mapping[str, str], japanese: Mapping[str, Any], english: Mapping[str, Any]) -> str:
    return f"{told['ja'].strip().format(**japanese)}\n\n{told['en'].format(**english)}\n"


def _in_english(moment: datetime) -> str:
    return f"{moment.astimezone(JAPAN):%Y-%m-%d %H:%M} (Japan time)"


def _outcome_lines(outcomes: Mapping[str, int]) -> str:
    """One line for each family of outcomes that occurred, in the order of the closed list."""
    lines = []
    for family, name in _words()["family"].items():
        of_it = {outcome: count for outcome, count in sorted(outcomes.items()) if outcome.startswith(f"{family}.")}
        if of_it:
            each = "、".join(f"{outcome} {count}" for outcome, count in of_it.items())
            lines.append(f"　{name} {sum(of_it.values())}件（{each}）")
    return "\n".join(lines) or f"　{_words()['day']['none']}"


@cache
def _words() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = tomllib.loads(resources.files("bot").joinpath("notices.toml").read_text("utf-8"))
    return loaded
