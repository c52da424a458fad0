"""The office calendar of one desk: when people are there, and by when they should have answered. Pure.

Moments go in and come out with a time zone (out: UTC); only the server's clock is asked, never a client's. The days
are Japan's: its holidays come from the ``holidays`` library (国民の祝日に関する法律 art. 3: holidays, substitute
holidays, the day between two holidays), the closing over the year's end from 行政機関の休日に関する法律 art. 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import islice, pairwise
from typing import Final

from bot.records import Risk

# Asia/Tokyo as a plain offset: no daylight saving since 1952, and small machines lack the zone tables.
JAPAN: Final = timezone(timedelta(hours=9), "JST")

_DAY: Final = 24 * 60
_FORESEEN: Final = 2 * 366  # days; a later opening is nothing one can tell a person
_LONGEST_WAIT: Final = 2_500  # open days, ten years: whatever stands in the queue, a date comes out


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` to just before ``end``, in minutes after midnight (0 to 1440). Raises ValueError."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= _DAY:
            raise ValueError(f"{self} does not end after it begins, within one day")

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


Spans = tuple[Span, ...]
"""The hours of one day in order, apart from each other; none: closed."""


@dataclass(frozen=True, slots=True)
class Office:
    """When a desk's people are there and what they promise.

    ``hours``: one entry for each weekday, Monday first. ``holiday`` and ``year_end``: the hours on public holidays
    and from 29 December to 3 January. ``opened`` and ``closed``: single days that differ; ``opened`` counts first.
    ``due_days``: open days till an answer is due, by priority, the day of arrival not counted; ``per_day``: cases
    that people can answer in a day. ``reopen_days``: how long an answered case can be reopened; ``close_days``: after
    so many days it closes; ``contact_days``: so long contact details are kept after the answer is due;
    ``claim_minutes``: how long a claim holds; ``unclaimed_hours``: open hours till an unclaimed case raises the alarm.
    ``configured`` is False for the bundled default, which nobody has decided. Raises ValueError for hours that are
    not seven days, never open, or out of order.
    """

    hours: tuple[Spans, ...]
    due_days: Mapping[Risk, int]
    per_day: int
    reopen_days: int
    close_days: int
    contact_days: int
    claim_minutes: int
    unclaimed_hours: int
    configured: bool
    holiday: Spans = ()
    year_end: Spans = ()
    opened: Mapping[date, Spans] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.hours) != 7 or not any(self.hours):
            raise ValueError("hours are given for seven weekdays, at least one of them open")
        for spans in (*self.hours, self.holiday, self.year_end, *self.opened.values()):
            if any(later.start <= earlier.end for earlier, later in pairwise(spans)):
                raise ValueError("the hours of a day stand in order and do not touch")

    def hours_on(self, day: date) -> Spans:
        """The hours of one day in Japan."""
        if day in self.opened:
            return self.opened[day]
        if day in self.closed:
            return ()
        if (day.month, day.day) in _YEAR_END:
            return self.year_end
        if day in _holidays(day.year):
            return self.holiday
        return self.hours[day.weekday()]

    def open_at(self, moment: datetime) -> bool:
        """Whether somebody is there at this moment."""
        local = _in_japan(moment)
        day = local.date()
        return any(_at(day, span.start) <= local < _at(day, span.end) for span in self.hours_on(day))

    def next_opening(self, moment: datetime) -> datetime | None:
        """The first moment, this one or later, at which the office is open; None where none comes within two years."""
        local = _in_japan(moment)
        for day in islice(_days(local.date()), _FORESEEN):
            for span in self.hours_on(day):
                if local < _at(day, span.end):
                    return max(local, _at(day, span.start)).astimezone(UTC)
        return None

    def due(self, opened: datetime, priority: Risk, waiting: int) -> datetime:
        """By when a case opened at a moment should be answered, with ``waiting`` cases before it in the queue.

        It is the end of an open day. The day of arrival is not counted (民法 art. 140); what comes after the last
        hours of a day arrives on the next open day. A full queue adds a day for each ``per_day`` waiting cases.
        """
        days = min(self.due_days[priority] + waiting // self.per_day, _LONGEST_WAIT)
        local = _in_japan(opened)
        open_days = (day for day in _days(local.date()) if self._ends_after(day, local))
        day = next(islice(open_days, days, None))
        return _at(day, self.hours_on(day)[-1].end).astimezone(UTC)

    def open_hours_between(self, begin: datetime, end: datetime) -> timedelta:
        """How long the office was open between two moments; nothing where the second is the earlier one."""
        first, last = _in_japan(begin), _in_japan(end)
        total = timedelta()
        for day in _days(first.date()):
            if day > last.date():
                break
            for span in self.hours_on(day):
                total += max(min(last, _at(day, span.end)) - max(first, _at(day, span.start)), timedelta())
        return total

    def _ends_after(self, day: date, local: datetime) -> bool:
        spans = self.hours_on(day)
        return bool(spans) and local < _at(day, spans[-1].end)


_YEAR_END: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


@cache
def _holidays(year: int) -> frozenset[date]:
    """The public holidays of a year; none before 1949 and after 2099, for which the library knows nothing."""
    # Some 130 ms for the countries of the world: paid at the first look at a calendar, not by every start.
    from holidays import country_holidays  # noqa: PLC0415 - as above

    return frozenset(country_holidays("JP", years=year))


def _days(first: date) -> Iterator[date]:
    """Each day from the first one to the end of the calendar."""
    return map(date.fromordinal, range(first.toordinal(), date.max.toordinal() + 1))


def _in_japan(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    return moment.astimezone(JAPAN)


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(), JAPAN) + timedelta(minutes=minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
