"""Grades: by auditors, blind, settled by a third; what is counted of them, and what counts for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.drawing import GradeRefused, Judgement
from audit.search_values import Reader
from bot.grading import Grade, Measured, Period
from bot.masking import mask
from bot.records import EntryId, ExchangeId
from tests.grading_kit import FIRST, ROW, SECOND, THIRD, Bench, grade_entry, judged
from web.sample_view import agreed, graded, lines

ALL = Period()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "public")
    yield made
    made.close()


def measured(bench: Bench, period: Period = ALL) -> Measured:
    return bench.sampling.grades.measured(ROW, period)


def test_a_grade_comes_back_as_it_was_given(bench: Bench) -> None:
    bench.answered(3)
    sample = bench.drawn(3)
    item = sample.items[0]
    said = Judgement(Grade.PARTLY, False, mask("電話 090-1234-5678 の人が言う"), "p-1")
    given = bench.sampling.give(FIRST, item.exchange, said, sample.id)
    assert (given.grade, given.grave, given.settles, given.passage) == (Grade.PARTLY, False, False, "p-1")
    assert (given.item, given.name, given.sample) == (item, FIRST.name, sample.id)
    assert given.reason is not None
    assert "090-1234-5678" not in given.reason
    assert bench.sampling.grades.book().of(item.exchange) == (given,)


def test_nobody_sees_the_first_grade_before_their_own(bench: Bench) -> None:
    bench.answered(2)
    sample = bench.drawn(2, graders=2)
    exchange = sample.items[0].exchange
    bench.sampling.give(FIRST, exchange, judged(Grade.WRONG))
    [before, _] = lines(bench.sampling.grades.book(), sample, SECOND.id)
    assert (before.others, before.count, before.to_grade, before.settles) == ([], 1, True, False)
    bench.sampling.give(SECOND, exchange, judged())
    [after, _] = lines(bench.sampling.grades.book(), sample, SECOND.id)
    assert [each.by for each in after.others] == [FIRST.id]
    [third, _] = lines(bench.sampling.grades.book(), sample, THIRD.id)
    assert (third.settles, [each.by for each in third.others]) == (True, [FIRST.id, SECOND.id])


def test_a_third_settles_what_two_see_differently(bench: Bench) -> None:
    bench.answered(1)
    sample = bench.drawn(1, graders=2)
    exchange = sample.items[0].exchange
    bench.sampling.give(FIRST, exchange, judged(Grade.WRONG))
    assert measured(bench).graded == 0  # two are asked for
    bench.sampling.give(SECOND, exchange, judged())
    both = measured(bench)
    assert (both.graded, both.strict, both.errors) == (1, 1, 0)  # the worse for one bound, the milder for the other
    with pytest.raises(GradeRefused, match="own_twice"):
        bench.sampling.give(SECOND, exchange, judged(Grade.WRONG))
    settled = bench.sampling.give(THIRD, exchange, judged(Grade.ABSTAIN))
    assert settled.settles
    told = measured(bench)
    assert (told.graded, told.strict, told.errors) == (1, 1, 1)
    assert told.counts == {Grade.ABSTAIN: 1}
    with pytest.raises(GradeRefused, match="decided"):
        bench.sampling.give(Reader("ac_fourth", "auditor", "四人目"), exchange, judged())
    book = bench.sampling.grades.book()
    assert (agreed(book).pairs, agreed(book).agreed) == (1, 0)
    assert graded(book, sample) == 1


def test_two_who_agree_have_decided(bench: Bench) -> None:
    [exchange] = bench.answered(1)
    for who in (FIRST, SECOND):
        bench.sampling.give(who, exchange, judged())
    with pytest.raises(GradeRefused, match="decided"):
        bench.sampling.give(THIRD, exchange, judged())
    assert measured(bench).graded == 0  # no lot has chosen it


def test_grades_count_in_the_order_of_the_lot(bench: Bench) -> None:
    bench.answered(5)
    sample = bench.drawn(5)
    for place in (0, 2, 3, 4):
        bench.sampling.give(FIRST, sample.items[place].exchange, judged())
    assert measured(bench).graded == 1  # whoever leaves one out has graded up to it
    bench.sampling.give(FIRST, sample.items[1].exchange, judged(Grade.WRONG))
    assert (measured(bench).graded, measured(bench).errors) == (5, 1)


def test_what_is_gone_is_passed_over(bench: Bench) -> None:
    bench.answered(3)
    sample = bench.drawn(3)
    bench.sampling.give(FIRST, sample.items[0].exchange, judged(Grade.GONE))
    bench.sampling.give(FIRST, sample.items[1].exchange, judged())
    assert measured(bench).graded == 1


def test_an_answer_in_two_samples_counts_once(bench: Bench) -> None:
    bench.answered(4)
    one, other = bench.drawn(4, "一"), bench.drawn(4, "二")
    assert one.items != other.items
    for item in one.items:
        bench.sampling.give(FIRST, item.exchange, judged())
    assert measured(bench).graded == 4


def test_a_period_begins_with_a_decision(bench: Bench) -> None:
    bench.graded(5, errors=2)
    before = bench.sampling.grades.newest()
    since = bench.clock.now()
    period = Period(since, before)
    assert measured(bench, period) == Measured(newest=before)
    bench.graded(3)
    told = measured(bench, period)
    assert (told.graded, told.errors) == (3, 0)
    assert measured(bench).graded == 8


def test_a_grave_error_counts_from_any_grade_and_once(bench: Bench) -> None:
    first, second = bench.answered(2)
    one = bench.sampling.give(FIRST, first, judged(Grade.WRONG, grave=True))
    bench.sampling.give(SECOND, first, judged(Grade.WRONG, grave=True))
    told = measured(bench)
    assert (told.graded, told.grave) == (0, (one.id,))
    period = Period(bench.clock.now() + timedelta(days=1), bench.sampling.grades.newest())
    assert measured(bench, period).grave == ()
    late = bench.sampling.give(FIRST, second, judged(Grade.ABSTAIN, grave=True))
    assert measured(bench, period).grave == (late.id,)  # an old answer, but nobody knew when it was let return
    assert len(measured(bench, Period(None, EntryId("never-heard-of"))).grave) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        Judgement(Grade.RIGHT, grave=True),
        Judgement(Grade.WRONG),
        Judgement(Grade.WRONG, reason=mask("  ")),
        Judgement(Grade.GONE, grave=True),
    ],
    ids=["right and grave", "no reason", "empty reason", "gone and grave"],
)
def test_grades_that_make_no_sense(bench: Bench, wrong: Judgement) -> None:
    [exchange] = bench.answered(1)
    with pytest.raises(GradeRefused, match="bad"):
        bench.sampling.give(FIRST, exchange, wrong)


def test_only_what_the_service_answered_by_itself_is_graded(bench: Bench) -> None:
    [assisted] = bench.answered(1, automation="assisted", outcome="referred.assisted")
    for exchange in (assisted, ExchangeId("ex_none")):
        with pytest.raises(GradeRefused, match="unknown"):
            bench.sampling.give(FIRST, exchange, judged())


def test_grades_forged_by_other_means_count_for_nothing(bench: Bench) -> None:
    bench.answered(3)
    sample = bench.drawn(3)
    item, other, _ = sample.items
    true = bench.sampling.give(FIRST, item.exchange, judged())
    forged = [
        grade_entry(other, Grade.RIGHT, role="administrator"),
        grade_entry(other, Grade.RIGHT, by=""),
        grade_entry(item, Grade.WRONG),  # the same person again
        grade_entry(item, Grade.WRONG, SECOND, settles=True),  # nothing to settle
        grade_entry(other, Grade.RIGHT, grade="perfect"),
        grade_entry(other, Grade.RIGHT, closed="yesterday"),
        replace(grade_entry(other, Grade.RIGHT), links=()),
    ]
    for each in forged:
        bench.log.append(each)
    book = bench.sampling.grades.book()
    assert book.given == (true,)
    assert [each.why for each in book.void] == [
        "not_auditor",
        "not_auditor",
        "own_twice",
        "decided",
        "unreadable",
        "unreadable",
        "unreadable",
    ]
    assert measured(bench).graded == 1
