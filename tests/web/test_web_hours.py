"""The office calendar in words: every shape that an operator may write, in the page's own language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from markupsafe import Markup

from bot.office import Office, Span
from bot.records import Language
from tests.fakes_people import NOW, OFFICE
from web.hours import Calendar
from web.i18n import load

CATALOGUES = load()
MORNING, AFTERNOON = Span(540, 720), Span(780, 1020)


def lines(office: Office, language: Language = Language.JA) -> list[str]:
    def words(key: str, **values: object) -> Markup:
        return CATALOGUES.markup(key, language, values)

    return [str(line) for line in Calendar(office, lambda: NOW).hours(words).lines]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["月曜日から金曜日　09:00–17:00", "休み：土曜日、日曜日、祝日、年末年始（12月29日から1月3日）"]),
        (
            {"hours": ((MORNING, AFTERNOON),) * 2 + ((MORNING,),) + ((),) * 3 + ((MORNING,),), "holiday": (MORNING,)},
            [
                "月曜日、火曜日　09:00–12:00、13:00–17:00",
                "水曜日　09:00–12:00",
                "日曜日　09:00–12:00",
                "祝日　09:00–12:00",
                "休み：木曜日から土曜日、年末年始（12月29日から1月3日）",
            ],
        ),
        (
            {"hours": ((MORNING,),) * 7, "holiday": (MORNING,), "year_end": (MORNING,)},
            [
                "月曜日から日曜日　09:00–12:00",
                "祝日　09:00–12:00",
                "年末年始（12月29日から1月3日）　09:00–12:00",
            ],
        ),
    ],
)
def test_a_week_in_as_few_lines_as_it_takes(changes: dict[str, Any], said: list[str]) -> None:
    assert lines(replace(OFFICE, **changes)) == said


def test_in_another_language() -> None:
    assert lines(OFFICE, Language.EN) == [
        "Monday to Friday: 09:00–17:00",
        "Closed: Saturday, Sunday, public holidays, 29 December to 3 January",
    ]


@pytest.mark.parametrize(
    ("now", "open_now", "opens"),
    [
        (datetime(2026, 11, 24, 7, 59, tzinfo=UTC), True, datetime(2026, 11, 24, 7, 59, tzinfo=UTC)),
        (datetime(2026, 11, 24, 8, 0, tzinfo=UTC), False, datetime(2026, 11, 25, 0, 0, tzinfo=UTC)),
        (datetime(2026, 12, 28, 8, 0, tzinfo=UTC), False, datetime(2027, 1, 4, 0, 0, tzinfo=UTC)),
    ],
)
def test_by_the_servers_clock(now: datetime, open_now: bool, opens: datetime) -> None:
    hours = Calendar(OFFICE, lambda: now).hours(lambda key, **_: Markup("{}").format(key))
    assert (hours.open, hours.next) == (open_now, opens)
    assert hours.decided
