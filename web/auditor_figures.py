"""How many exchanges ended how, week by week, and what they were about: figures alone, drawn and in a table at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from audit.reading import Query
from bot.office import JAPAN
from bot.records import Outcome, Topic
from web.auditor_doors import doors_of, reader_of
from web.auditor_filters import by_filter
from web.doors import AuditorDoors
from web.forms import pages_of, with_language
from web.signing import pooled

WEEKS: Final = 12
FAMILIES: Final = tuple(dict.fromkeys(outcome.family for outcome in Outcome))


@dataclass(frozen=True, slots=True)
class About:
    """How many exchanges a topic had. ``part``: of the most frequent one, in percent: how long its bar is."""

    name: str
    count: int
    part: float


@dataclass(frozen=True, slots=True)
class Week:
    """One week, by its Monday, with how many exchanges ended in each family, in the order of ``FAMILIES``. ``part``: of
    the week with most, in percent.
    """

    monday: date
    counts: Sequence[int]
    part: float

    @property
    def total(self) -> int:
        return sum(self.counts)


def routes(root: str) -> APIRouter:
    """The page, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/figures", figures, methods=["GET"])
    return router


async def figures(request: Request) -> Response:
    """The last weeks, and the topics of everything recorded."""
    doors, reader = doors_of(request), reader_of(request)
    weeks = await pooled(request, lambda: weeks_of(doors))
    counted = by_filter(await pooled(request, lambda: doors.reading.counts(reader, Query())))
    page = pages_of(request).page(
        request, "auditor_figures.html", weeks=weeks, topics=topics_of(counted["topic"]), families=FAMILIES
    )
    return with_language(request, page)


def weeks_of(doors: AuditorDoors) -> Sequence[Week]:
    """The last weeks, oldest first; weeks begin on Mondays in Japan. Raises LogUnavailable."""
    today = doors.clock.now().astimezone(JAPAN).date()
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    counted = [_families(doors.outcomes(_at(monday), _at(monday + timedelta(weeks=1)))) for monday in mondays]
    most = max(map(sum, counted))
    return [Week(monday, counts, _part(sum(counts), most)) for monday, counts in zip(mondays, counted, strict=True)]


def topics_of(counts: Mapping[str, int]) -> Sequence[About]:
    """Every topic, the most frequent one first."""
    ordered = sorted(((topic.value, counts.get(topic.value, 0)) for topic in Topic), key=lambda each: -each[1])
    most = ordered[0][1]
    return [About(name, count, _part(count, most)) for name, count in ordered]


def _families(outcomes: Mapping[str, int]) -> Sequence[int]:
    return [sum(count for name, count in outcomes.items() if name.partition(".")[0] == family) for family in FAMILIES]


def _part(count: int, most: int) -> float:
    return round(100 * count / most, 1) if most else 0.0


def _at(day: date) -> datetime:
    return datetime.combine(day, time.min, JAPAN)
