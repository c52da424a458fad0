"""Samples, grades and rates as the auditor's pages show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from audit.grades import Drawn, Given, Gradebook, decided, differ
from audit.reading import OpenedExchange
from audit.sampling import LARGEST, MOST_GRADERS, Drawing, Item, Plan
from audit.statistics import Agreement, agreement, needed
from bot.conditions import RowCondition
from bot.grading import SEVERITY, Grade
from bot.office import JAPAN
from bot.records import Reply
from bot.records_json import CLOSED, OPENED, QUESTION, REPLY, reply_from_json

EXAMPLES: Final = (0, 1, 2, 3)
"""Numbers of errors for which the page says how many grades are needed."""
_WIDEST: Final = 0.001  # of what is drawn, as a share, where nothing is
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of a sample for one auditor. ``others`` are the grades of others, empty until the auditor gave one or
    has to settle; ``count``: how many there are.
    """

    item: Item
    mine: Given | None
    others: Sequence[Given]
    count: int
    decided: bool
    settles: bool

    @property
    def to_grade(self) -> bool:
        """Whether this auditor can grade it."""
        return self.mine is None and not self.decided


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody grades: the texts as far as they are there."""

    question: str | None = field(repr=False)
    standalone: str | None = field(repr=False)
    reply: Reply | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rate:
    """One row with its chart: positions in percent of ``end``, the rate at the end of the axis."""

    row: RowCondition
    end: float
    lower: float
    upper: float
    rate: float
    allowed: float
    needs: Sequence[tuple[int, int]]


def lines(book: Gradebook, sample: Drawn, account: str) -> Sequence[Line]:
    """The answers of a sample in the order of the lot."""
    return [line(book, item, account) for item in sample.items]


def line(book: Gradebook, item: Item, account: str) -> Line:
    """One answer for one auditor: nobody sees another's grade before they gave their own."""
    given = book.of(item.exchange)
    mine = next((each for each in given if each.by == account), None)
    settles = mine is None and differ(given)
    others = [each for each in given if each is not mine] if mine or settles else []
    return Line(item, mine, others, len(given), decided(given), settles)


def graded(book: Gradebook, sample: Drawn) -> int:
    """How many answers of a sample have as many grades as it asks for."""
    return sum(len(book.of(each.exchange)) >= sample.plan.graders for each in sample.items)


def agreed(book: Gradebook) -> Agreement:
    """How far first and second graders agree."""
    return agreement([(first.grade, second.grade) for first, second in book.pairs])


def said(found: Agreement) -> Sequence[Grade]:
    """The grades that occur in the table of an agreement."""
    return [each for each in Grade if any(each in pair for pair in found.table)]


def shown(opened: OpenedExchange) -> Shown:
    """The texts of an exchange that was opened for grading."""
    texts: dict[str, str | None] = {}
    for entry in opened.entries:
        if entry.leaf["kind"] in {OPENED, CLOSED}:
            texts.update(entry.contents)
    reply = texts.get(REPLY)
    return Shown(texts.get(QUESTION), texts.get("standalone"), None if reply is None else reply_from_json(reply))


def grades_for(seen: Shown) -> Sequence[Grade]:
    """What can be said of it: that nothing can be said, only where the reply is gone."""
    return SEVERITY if seen.reply is not None else (Grade.GONE,)


def rates(rows: Mapping[str, RowCondition]) -> Sequence[Rate]:
    """Every row with what its chart needs; all on one axis."""
    ends = [max(each.upper if each.measured.graded else 0.0, each.row.allowed_error) for each in rows.values()]
    end = min(1.0, max([_WIDEST, *ends]) * 1.1)
    return [_rate(each, end) for each in rows.values()]


def _rate(row: RowCondition, end: float) -> Rate:
    found, allowed = row.measured, row.row.allowed_error
    rate = found.strict / found.graded if found.graded else 0.0
    needs = [(errors, needed(errors, allowed)) for errors in EXAMPLES] if 0 < allowed < 1 else []
    lower, upper, rate, allowed = (round(100 * each / end, 2) for each in (row.lower, row.upper, rate, allowed))
    return Rate(row, end, lower, upper, rate, allowed, needs)


def plan_of(given: Mapping[str, str], rows: Sequence[str]) -> Plan | None:
    """The plan that a form describes; None where it cannot be one."""
    try:
        plan = Plan(
            kind=Drawing(given.get("kind", "")),
            size=int(given.get("size", "")),
            graders=int(given.get("graders", "")),
            rows=frozenset([given["row"]] if given.get("row") else []),
            since=_midnight(given.get("since", "")),
            until=_midnight(given.get("until", ""), _DAY),
        )
    except ValueError:
        return None
    well = 1 <= plan.size <= LARGEST and 1 <= plan.graders <= MOST_GRADERS and plan.rows <= set(rows)
    return plan if well else None


def _midnight(day: str, later: timedelta = timedelta(0)) -> datetime | None:
    return datetime.combine(date.fromisoformat(day) + later, time(), JAPAN) if day else None
