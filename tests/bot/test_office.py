"""Deadlines and opening hours, over ten years of days, against a calendar written a second time from the law."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.office import JAPAN, Office, Span, Spans
from bot.office_table import BadOffice, bundled_office, office_of
from bot.records import DeskName, Risk
from web.office import office_for

PLAIN = bundled_office(DeskName.PUBLIC)
SPLIT = office_of(
    DeskName.PUBLIC,
    {
        "hours": {
            "monday": ["09:00-12:00", "13:00-17:00"],
            "tuesday": ["09:00-12:00", "13:00-17:00"],
            "wednesday": ["9:00-12:00", "13:00-15:30", "17:00-24:00"],
            "friday": ["00:00-06:00", "10:00-17:00"],
            "saturday": ["10:00-12:00"],
            "holiday": ["10:00-11:00"],
        },
        "opened": {"2026-05-04": ["08:00-20:00"], "2027-01-02": ["09:00-10:00"], "2026-02-15": ["09:00-10:00"]},
        "closed": [date(2026, 8, 14), date(2026, 8, 17), date(2026, 11, 3)],
    },
)
OFFICES = (PLAIN, SPLIT)
FIRST, LAST = date(2024, 1, 1), date(2034, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]

# What the Cabinet Office published for these years (内閣府「国民の祝日について」), without the fixed dates of the law.
PUBLISHED = {
    2024: "1-1 1-8 2-11 2-12 2-23 3-20 4-29 5-3 5-4 5-5 5-6 7-15 8-11 8-12 9-16 9-22 9-23 10-14 11-3 11-4 11-23",
    2025: "1-1 1-13 2-11 2-23 2-24 3-20 4-29 5-3 5-4 5-5 5-6 7-21 8-11 9-15 9-23 10-13 11-3 11-23 11-24",
    2026: "1-1 1-12 2-11 2-23 3-20 4-29 5-3 5-4 5-5 5-6 7-20 8-11 9-21 9-22 9-23 10-12 11-3 11-23",
    2027: "1-1 1-11 2-11 2-23 3-21 3-22 4-29 5-3 5-4 5-5 7-19 8-11 9-20 9-23 10-11 11-3 11-23",
}


def at(text: str) -> datetime:
    """A moment in Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


@cache
def lawful_holidays(year: int) -> frozenset[date]:
    """国民の祝日に関する法律 arts. 2 and 3 a second time; equinoxes by their usual formula (1980 to 2099)."""
    past = year - 1980
    spring, autumn = (int(base + 0.242194 * past) - past // 4 for base in (20.8431, 23.2488))
    fixed = [
        (1, 1),
        (2, 11),
        (2, 23),
        (3, spring),
        (4, 29),
        (5, 3),
        (5, 4),
        (5, 5),
        (8, 11),
        (9, autumn),
        (11, 3),
        (11, 23),
    ]
    named = {date(year, month, day) for month, day in fixed}
    named |= {monday(year, 1, 2), monday(year, 7, 3), monday(year, 9, 3), monday(year, 10, 2)}
    substitutes = set()
    for day in named:
        if day.weekday() == 6:
            substitutes.add(next(later for later in following(day) if later not in named))
    between = {
        day + timedelta(days=1)
        for day in named
        if day + timedelta(days=2) in named and day + timedelta(days=1) not in named | substitutes
    }
    return frozenset(named | substitutes | between)


def following(day: date) -> Iterator[date]:
    return (day + timedelta(days=number) for number in itertools.count(1))


def monday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (number - 1))


def spans_by_law(office: Office, day: date) -> Spans:
    if day in office.opened:
        return office.opened[day]
    if day in office.closed:
        return ()
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return office.year_end
    return office.holiday if day in lawful_holidays(day.year) else office.hours[day.weekday()]


def open_minutes(office: Office, day: date) -> set[int]:
    return {minute for span in spans_by_law(office, day) for minute in range(span.start, span.end)}


moments = st.datetimes(datetime(2024, 1, 1), datetime(2034, 12, 31), timezones=st.sampled_from([JAPAN, UTC]))  # noqa: DTZ001 - hypothesis adds the zone
minutes = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=JAPAN) + timedelta(minutes=minute),
    st.sampled_from(DAYS),
    st.integers(0, 1_439),
)
offices = st.sampled_from(OFFICES)
risks = st.sampled_from(list(Risk))


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_holidays_are_those_that_were_published(year: int) -> None:
    told = {date(year, *map(int, each.split("-"))) for each in PUBLISHED[year].split()}
    assert lawful_holidays(year) == told
    closed = {day for day in DAYS if day.year == year and day.weekday() < 5 and not PLAIN.hours_on(day)}
    year_end = {
        day
        for day in DAYS
        if day.year == year and (day.month, day.day) in {(12, 29), (12, 30), (12, 31), (1, 2), (1, 3)}
    }
    assert closed == {day for day in told | year_end if day.weekday() < 5}


@pytest.mark.parametrize("office", OFFICES)
def test_ten_years_of_days_agree_with_the_law(office: Office) -> None:
    assert len(DAYS) == 4_018
    assert [day for day in DAYS if office.hours_on(day) != spans_by_law(office, day)] == []


def test_kinds_of_closed_days() -> None:
    for day in ("2024-02-12", "2025-05-06", "2026-05-06", "2024-08-12"):  # 振替休日, of them two behind three holidays
        assert not PLAIN.hours_on(date.fromisoformat(day))
    for day in ("2026-09-22", "2032-09-21"):  # 国民の休日
        assert not PLAIN.hours_on(date.fromisoformat(day))
    for day in ("2025-12-29", "2025-12-31", "2026-01-02"):
        assert not PLAIN.hours_on(date.fromisoformat(day))
    for day in ("2025-12-26", "2026-01-05", "2026-05-07", "2026-09-24"):
        assert PLAIN.hours_on(date.fromisoformat(day)) == (Span(540, 1_020),)
    assert SPLIT.hours_on(date(2026, 11, 3)) == ()  # closed counts before the hours of holidays
    assert SPLIT.hours_on(date(2026, 5, 5)) == (Span(600, 660),)
    assert SPLIT.hours_on(date(2026, 5, 4)) == (Span(480, 1_200),)
    assert SPLIT.hours_on(date(2026, 1, 2)) == ()
    assert SPLIT.hours_on(date(2027, 1, 2)) == (Span(540, 600),)


@given(offices, minutes)
def test_open_at_is_the_calendar_s_word(office: Office, moment: datetime) -> None:
    assert office.open_at(moment) == (moment.hour * 60 + moment.minute in open_minutes(office, moment.date()))
    assert office.open_at(moment.astimezone(timezone(timedelta(hours=-5)))) == office.open_at(moment)


@given(offices, moments)
def test_the_next_opening_is_the_first(office: Office, moment: datetime) -> None:
    opening = office.next_opening(moment)
    assert opening is not None
    assert opening.tzinfo is UTC
    assert opening >= moment
    assert office.open_at(opening)
    assert (opening == moment) == office.open_at(moment)
    assert office.open_hours_between(moment, opening) == timedelta()


@given(offices, moments, risks, st.integers(0, 400))
def test_due_is_counted_on_open_days(office: Office, moment: datetime, risk: Risk, waiting: int) -> None:
    due = office.due(moment, risk, waiting)
    days = office.due_days[risk] + waiting // office.per_day
    opening = office.next_opening(moment)
    assert opening is not None
    assert due.tzinfo is UTC
    day = opening.astimezone(JAPAN).date()
    for _ in range(days):
        day += timedelta(days=1)
        while not open_minutes(office, day):
            day += timedelta(days=1)
    end = due.astimezone(JAPAN)
    assert end - datetime(day.year, day.month, day.day, tzinfo=JAPAN) == timedelta(
        minutes=max(open_minutes(office, day)) + 1
    )
    assert office.open_at(due - timedelta(microseconds=1))
    assert due > moment


@given(offices, moments, moments, risks, st.tuples(st.integers(0, 400), st.integers(0, 400)))
def test_nobody_gains_by_coming_later(
    office: Office, one: datetime, other: datetime, risk: Risk, queues: tuple[int, int]
) -> None:
    early, late, fewer, more = min(one, other), max(one, other), min(queues), max(queues)
    assert office.due(early, risk, fewer) <= office.due(late, risk, more)
    assert office.due(early, Risk.GRAVE, fewer) <= office.due(early, risk, fewer) <= office.due(early, Risk.LOW, fewer)


@given(st.sampled_from(DAYS), risks)
def test_one_minute_decides_at_closing_and_none_before_opening(day: date, risk: Risk) -> None:
    """16:59 still arrives today, 17:00 on the next open day; the early morning is the day itself."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=JAPAN)
    closing = midnight + timedelta(hours=17)
    before, after = PLAIN.due(closing - timedelta(minutes=1), risk, 0), PLAIN.due(closing, risk, 0)
    assert (before < after) == bool(PLAIN.hours_on(day))
    assert PLAIN.due(midnight, risk, 0) == before
    assert PLAIN.due(closing - timedelta(microseconds=1), risk, 0) == before


@pytest.mark.parametrize(
    ("opened", "risk", "waiting", "due"),
    [
        ("2026-07-10T16:59", Risk.LOW, 0, "2026-07-17T17:00"),  # a Friday
        ("2026-07-10T17:00", Risk.LOW, 0, "2026-07-21T17:00"),  # arrives on Monday; the 20th is 海の日
        ("2026-07-11T12:00", Risk.LOW, 0, "2026-07-21T17:00"),
        ("2026-07-13T08:00", Risk.LOW, 0, "2026-07-21T17:00"),
        ("2026-04-28T16:59", Risk.GRAVE, 0, "2026-04-30T17:00"),  # over 昭和の日
        ("2026-05-01T16:59", Risk.HIGH, 0, "2026-05-08T17:00"),  # over the May holidays and their substitute
        ("2026-09-18T16:59", Risk.GRAVE, 0, "2026-09-24T17:00"),  # over 敬老の日, 国民の休日 and 秋分の日
        ("2025-12-26T16:59", Risk.MODERATE, 0, "2026-01-07T17:00"),
        ("2025-12-26T17:00", Risk.MODERATE, 0, "2026-01-08T17:00"),
        ("2025-12-31T23:59", Risk.GRAVE, 0, "2026-01-06T17:00"),
        ("2026-07-13T10:00", Risk.GRAVE, 19, "2026-07-14T17:00"),
        ("2026-07-13T10:00", Risk.GRAVE, 20, "2026-07-15T17:00"),
        ("2026-07-13T10:00", Risk.GRAVE, 100, "2026-07-22T17:00"),
    ],
)
def test_due_dates_by_hand(opened: str, risk: Risk, waiting: int, due: str) -> None:
    assert PLAIN.due(at(opened), risk, waiting) == at(due)


def test_several_spans_a_day() -> None:
    lunch = at("2026-07-13T12:30")
    assert not SPLIT.open_at(lunch)
    assert SPLIT.next_opening(lunch) == at("2026-07-13T13:00")
    assert SPLIT.due(lunch, Risk.GRAVE, 0) == at("2026-07-14T17:00")
    assert SPLIT.due(at("2026-07-14T17:00"), Risk.GRAVE, 0) == at("2026-07-17T17:00")  # Wednesday; Thursday is closed
    assert SPLIT.open_at(at("2026-07-15T23:59"))
    assert not SPLIT.open_at(at("2026-07-16T00:00"))
    assert SPLIT.due(at("2026-07-14T10:00"), Risk.GRAVE, 0) == at("2026-07-16T00:00")  # Wednesday's end is midnight


def test_the_same_day_can_be_promised() -> None:
    office = replace(PLAIN, due_days=dict.fromkeys(Risk, 0))
    assert office.due(at("2026-07-10T16:59"), Risk.LOW, 0) == at("2026-07-10T17:00")
    assert office.due(at("2026-07-10T17:00"), Risk.LOW, 0) == at("2026-07-13T17:00")


def test_open_hours_between() -> None:
    assert PLAIN.open_hours_between(at("2026-07-10T16:00"), at("2026-07-13T09:30")) == timedelta(hours=1, minutes=30)
    assert PLAIN.open_hours_between(at("2026-07-13T09:30"), at("2026-07-10T16:00")) == timedelta()
    assert PLAIN.open_hours_between(at("2025-12-27T00:00"), at("2026-01-05T09:00")) == timedelta()
    assert SPLIT.open_hours_between(at("2026-07-13T11:30"), at("2026-07-13T13:15")) == timedelta(minutes=45)


@given(offices, minutes, st.integers(0, 20_000), st.integers(0, 20_000))
def test_open_hours_add_up(office: Office, begin: datetime, first: int, second: int) -> None:
    middle, end = begin + timedelta(minutes=first), begin + timedelta(minutes=first + second)
    whole = office.open_hours_between(begin, end)
    assert whole == office.open_hours_between(begin, middle) + office.open_hours_between(middle, end)
    assert timedelta() <= whole <= end - begin


def test_a_long_closing_ends_the_foresight_and_not_the_due_date() -> None:
    months = frozenset(date(2026, 1, 1) + timedelta(days=number) for number in range(3 * 366))
    office = replace(PLAIN, closed=months)
    assert office.next_opening(at("2026-01-05T10:00")) is None
    assert office.due(at("2026-01-05T10:00"), Risk.GRAVE, 0) == at("2029-01-05T17:00")  # it arrives on the 4th


def test_whatever_waits_gets_a_date() -> None:
    due = PLAIN.due(at("2026-07-13T10:00"), Risk.GRAVE, 10**9)
    assert at("2035-01-01T00:00") < due < at("2038-01-01T00:00")


@pytest.mark.parametrize("year", [1900, 1948, 1949, 2099, 2100, 2150, 9900])
def test_years_of_which_the_library_knows_nothing(year: int) -> None:
    moment = datetime(year, 12, 28, 23, tzinfo=UTC)
    assert PLAIN.next_opening(moment) is not None
    assert PLAIN.due(moment, Risk.LOW, 0) > moment
    assert not PLAIN.open_at(datetime(year, 12, 31, 3, tzinfo=UTC))


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 7, 13, 10)  # noqa: DTZ001 - the mistake is the test
    for call in (PLAIN.open_at, PLAIN.next_opening, lambda moment: PLAIN.due(moment, Risk.LOW, 0)):
        with pytest.raises(ValueError, match="time zone"):
            call(naive)


def test_an_office_opens_and_its_hours_are_in_order() -> None:
    span = Span(540, 600)
    for hours in ((), ((),) * 7, ((span,),) * 6, ((span, span),) * 7, ((Span(600, 660), span),) * 7):
        with pytest.raises(ValueError, match="hours"):
            replace(PLAIN, hours=hours)
    for start, end in ((600, 600), (600, 540), (-1, 5), (0, 1_441)):
        with pytest.raises(ValueError, match="does not end"):
            Span(start, end)
    assert str(Span(0, 1_440)) == "00:00-24:00"


HOURS: Mapping[str, Any] = {"monday": ["09:00-17:00"]}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "public: hours are missing"),
        ({"hours": {}}, "at least one of them open"),
        ({"hours": 9}, "public.hours must be a table"),
        ({"hours": {"monday": "09:00-17:00"}}, "list of spans"),
        ({"hours": {"monday": ["9-17"]}}, "a span is written"),
        ({"hours": {"monday": ["09:00-17:60"]}}, "a span is written"),
        ({"hours": {"monday": ["０9:00-17:00"]}}, "a span is written"),
        ({"hours": {"monday": ["17:00-09:00"]}}, "17:00-09:00 does not end after it begins"),
        ({"hours": {"monday": ["09:00-24:01"]}}, "does not end after it begins, within one day"),
        ({"hours": {"monday": ["13:00-17:00", "09:00-12:00"]}}, "stand in order"),
        ({"hours": {"monday": ["09:00-12:00", "12:00-17:00"]}}, "do not touch"),
        ({"hours": {"montag": []}}, 'there is no "montag"'),
        ({"hours": HOURS, "per_days": 3}, 'there is no "per_days"'),
        ({"hours": HOURS, "per_day": 0}, "public.per_day is a whole number from 1 to 10000"),
        ({"hours": HOURS, "per_day": True}, "whole number"),
        ({"hours": HOURS, "contact_days": 1.5}, "public.contact_days"),
        ({"hours": HOURS, "claim_minutes": 4}, "public.claim_minutes is a whole number from 5 to 1440"),
        ({"hours": HOURS, "due_days": {"low": -1}}, "public.due_days"),
        ({"hours": HOURS, "due_days": {"urgent": 1}}, 'there is no "urgent"'),
        ({"hours": HOURS, "due_days": {"low": 0}}, "must not fall in this order"),
        ({"hours": HOURS, "closed": ["2026-08-14"]}, "without quotation marks"),
        ({"hours": HOURS, "closed": [at("2026-08-14T00:00")]}, "list of days"),
        ({"hours": HOURS, "closed": date(2026, 8, 14)}, "list of days"),
        ({"hours": HOURS, "opened": {"14 August": ["09:00-12:00"]}}, '"14 August" is no day'),
        ({"hours": HOURS, "opened": {"2026-08-14": []}}, "belongs into closed"),
        ({"hours": HOURS, "opened": {"2026-08-14": ["09:00-12:00"]}, "closed": [date(2026, 8, 14)]}, "both opened"),
    ],
)
def test_a_table_that_is_no_calendar_is_told_in_one_line(table: Mapping[str, Any], said: str) -> None:
    with pytest.raises(BadOffice) as told:
        office_of(DeskName.PUBLIC, table)
    assert said in str(told.value)
    assert "\n" not in str(told.value)


def test_what_a_table_leaves_out_is_the_default_s() -> None:
    office = office_of(DeskName.STAFF, {"hours": HOURS, "due_days": {"low": 9}, "per_day": 1})
    assert office.configured
    assert not bundled_office(DeskName.STAFF).configured
    assert (office.per_day, office.due_days[Risk.LOW], office.due_days[Risk.GRAVE]) == (1, 9, 1)
    assert office.claim_minutes == bundled_office(DeskName.STAFF).claim_minutes
    assert office.hours == ((Span(540, 1_020),), (), (), (), (), (), ())


def test_the_file_of_the_operator(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text('[public]\nclosed = [2026-08-14]\n[public.hours]\nfriday = ["10:00-24:00"]\n', "utf-8")
    office = office_for(DeskName.PUBLIC, file)
    assert office.configured
    assert office.next_opening(at("2026-08-13T10:00")) == at("2026-08-21T10:00")
    assert office_for(DeskName.STAFF, file) == office_for(DeskName.STAFF, None) == bundled_office(DeskName.STAFF)
    for content in ("x", "[responder]", "public = 1", "[public]", "public.hours.monday = [1]"):
        file.write_text(content, "utf-8")
        with pytest.raises(BadOffice, match=r"office\.toml"):
            office_for(DeskName.PUBLIC, file)
    with pytest.raises(BadOffice, match="MADOGUCHI_OFFICE"):
        office_for(DeskName.PUBLIC, tmp_path / "nowhere.toml")


def test_no_start_pays_for_the_holidays_of_the_world() -> None:
    """The library takes longer to import than all of ours: it waits for the first look at a calendar."""
    probe = (
        "import sys; from bot.records import DeskName; from web.office import office_for;"
        "office = office_for(DeskName.PUBLIC, None); assert 'holidays' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=60)
