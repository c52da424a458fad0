"""When a period is over, what hangs together, and what a schedule may not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.erasing_history import folded
from audit.holds import LIFTED, PLACED, held
from audit.matters import Known, matters, over
from audit.retention import JAPAN, BadSchedule, Period, expires, latest_end, periods_of, rule_of
from bot.records import EntryId, RecordedEntry
from tests.audit.erasing_kit import years

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended", "period", "over_from"),
    [
        ("2026-11-23T12:00", Period(1), "2027-11-24"),
        ("2026-11-23T23:59", Period(1), "2027-11-24"),
        ("2024-02-28T12:00", Period(1), "2025-03-01"),  # begins on the 29th, which 2025 does not have
        ("2024-02-29T12:00", Period(1), "2025-03-01"),
        ("2023-02-28T12:00", Period(1), "2024-03-01"),  # begins on the 1st: the 29th of 2024 is within
        ("2026-12-31T12:00", Period(5), "2032-01-01"),
        ("2026-11-23T12:00", Period(days=35), "2026-12-29"),
    ],
)
def test_a_period_ends_with_the_day_before_the_one_that_answers_to_its_beginning(
    ended: str, period: Period, over_from: str
) -> None:
    moment = datetime.fromisoformat(ended).replace(tzinfo=JAPAN)
    assert expires(period, moment) == datetime.fromisoformat(over_from).replace(tzinfo=JAPAN)


@given(st.integers(0, 20_000), st.integers(1, 30), st.integers(0, 12_000))
def test_nothing_that_is_over_is_looked_for_in_vain(day: int, length: int, later: int) -> None:
    ended = datetime(1990, 1, 1, 15, tzinfo=UTC) + timedelta(days=day)
    now = ended + timedelta(days=later)
    for period in (Period(length), Period(days=length)):
        if now >= expires(period, ended):
            assert ended <= latest_end(period, now)


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ({"contents": {"years": 1}}, "envelopes is missing"),
        ({"contents": {"years": 6}, "envelopes": {"years": 5}}, "contents cannot be kept longer"),
        ({"contents": {"days": 400}, "envelopes": {"years": 1}}, "contents cannot be kept longer"),
        ({"contents": {"with": "office"}, "envelopes": {"years": 1}}, "years is missing"),
        ({"contents": {"years": 1}, "envelopes": {"years": 1}, "key_backups": {"years": 1}}, "days is missing"),
        ({"contents": {"years": 1}, "envelopes": {"years": 1}, "key_backups": {"days": 367}}, "from 1 to 366"),
        ({"contents": {"years": 1}, "envelopes": {"years": 1}, "contacts": {"with": "moon"}}, "with must be one of"),
    ],
)
def test_a_schedule_that_cannot_be_applied_is_refused(rules: dict, line: str) -> None:
    with pytest.raises(BadSchedule) as refused:
        periods_of(rules)
    assert line in str(refused.value)


def test_every_kind_falls_under_a_rule() -> None:
    kinds = {
        "exchange.opened": "contents", "feedback": "contents", "grade.given": "contents", "case.noted": "cases",
        "read": "reads", "export.made": "reads", "erasure": "decisions", "erasure.proposed": "decisions",
        "hold.placed": "decisions",
    }  # fmt: skip
    assert {kind: rule_of(kind) for kind in kinds} == kinds


def known(sequence: int, kind: str, **more: object) -> Known:
    plain = Known(sequence, f"e-{sequence}", kind, NOON, "c-1", None, sequence, b"", {}, ("text",))
    return replace(plain, **more)


def test_an_exchange_its_cases_and_those_they_were_merged_into_are_one_matter() -> None:
    entries = [
        known(1, "exchange.opened", exchange="x-1"),
        known(2, "exchange.opened", exchange="x-2"),
        known(3, "case.opened", exchange="x-1", meta={"case": "a"}),
        known(4, "case.opened", meta={"case": "b"}),
        known(5, "case.merged", exchange="x-1", meta={"case": "a", "into": "b"}),
        known(6, "feedback", exchange="x-2"),
        known(7, "read", exchange="x-1"),
    ]
    assert [[each.sequence for each in matter.entries] for matter in matters(entries)] == [[1, 3, 4, 5], [2, 6], [7]]


def test_a_case_whose_entries_contradict_one_another_does_not_expire() -> None:
    [matter] = matters([known(1, "case.answered", meta={"case": "a"})])
    assert matter.ended is None
    assert not over(years(1, 5), [matter], NOON + timedelta(days=9_999)).texts


def entry(name: str, kind: str, meta: dict, links: tuple[str, ...] = ()) -> RecordedEntry:
    return RecordedEntry(EntryId(name), kind, NOON, meta, {}, tuple(map(EntryId, links)))


def test_an_erasure_that_nobody_else_approved_is_told_as_void() -> None:
    proposed = entry("p", "erasure.proposed", {"by": "a", "role": "records_officer", "basis": "suspension",
                                               "scope": {"conversation": "c"}})  # fmt: skip
    right = {"basis": "suspension", "by": "a", "approved_by": "b", "approved_role": "approver", "proposal": "p",
             "targets": [{"entry": "e", "paths": ["x", "y"]}]}  # fmt: skip
    for change, void in (
        ({}, None),
        ({"approved_by": "a"}, "own_proposal"),
        ({"approved_by": None}, "own_proposal"),
        ({"approved_role": "administrator"}, "not_allowed"),
        ({"proposal": "q"}, "unknown_proposal"),
    ):
        history = folded([proposed, entry("d", "erasure", {**right, **change}, ("e", "p"))])
        assert (history.done[0].void, history.done[0].texts) == (void, 2)
        assert history.proposals[0].state == ("waiting" if void else "approved")
    twice = folded([proposed, *(entry(name, "erasure", right, ("e", "p")) for name in ("d", "f"))])
    assert [each.void for each in twice.done] == [None, "not_waiting"]


def test_a_hold_ends_by_somebody_else_alone() -> None:
    placed = entry("h", PLACED, {"by": "a", "why": "legal", "held": "c"})
    assert held([placed]) == {"c"}
    assert held([placed, entry("l", LIFTED, {"by": "a"}, ("h",))]) == {"c"}
    assert held([placed, entry("l", LIFTED, {"by": "b"}, ("x",))]) == {"c"}
    assert held([placed, entry("l", LIFTED, {"by": "b"}, ("h",))]) == set()
