"""Conditions for going on answering directly: what was graded and what two people decided, in real logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.answered import Asked
from bot.conditions import Basis, ConditionedRegister, ConditionState, lowered, lowered_then
from bot.conditions_changes import approve, propose, reject
from bot.conditions_values import APPROVED, EXCEEDED, MEASURED, PROPOSED, PermitState, subject_of
from bot.deciding import DecisionRefused
from bot.exchange import answer
from bot.grading import Grade
from bot.ports import LogUnavailable
from bot.records import DeskName, Entry, Json, Outcome
from bot.register import load_register
from tests.decisions_kit import APPROVER, EDITOR, NOBODY, SECOND_APPROVER
from tests.fakes_audit import FakeLog
from tests.fakes_bot import room
from tests.grading_kit import FIRST, ROW, SECOND, Bench, judged

QUESTION = "令和7年度の都のAI関連予算はいくらですか"
SUBJECT = subject_of(DeskName.PUBLIC)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "public")
    yield made
    made.close()


def state(bench: Bench, *, reported: bool = False) -> tuple[ConditionState, Basis]:
    row = bench.asked(reported=reported).now().rows[ROW]
    return row.state, row.basis


def asked(bench: Bench) -> Outcome:
    """How the desk answers a question that the row is for."""
    held = room(register=ConditionedRegister(bench.register, bench.conditions))
    return answer(held.desk, Asked(QUESTION)).reply.outcome


def test_in_production_an_unmeasured_row_without_a_decision_is_assisted(bench: Bench) -> None:
    assert state(bench) == (ConditionState.UNMEASURED, Basis.NONE)
    assert asked(bench) is Outcome.REFERRED_ASSISTED


def test_in_a_demonstration_it_answers_as_ever(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "demo", demo=True)
    assert state(bench) == (ConditionState.UNMEASURED, Basis.DEMO)
    assert asked(bench) is Outcome.ANSWERED_DOCUMENTS
    plain = load_register().of(DeskName.PUBLIC)
    conditioned = ConditionedRegister(bench.register, bench.conditions).active()
    assert (conditioned.rows, conditioned.stamp, conditioned.lowered) == (plain.rows, plain.stamp, ())
    bench.close()


def test_two_people_let_a_row_answer_up_to_a_day(bench: Bench) -> None:
    bench.permitted(days=3)
    assert state(bench) == (ConditionState.UNMEASURED, Basis.DECISION)
    assert asked(bench) is Outcome.ANSWERED_DOCUMENTS
    bench.clock.time += timedelta(days=3)
    assert state(bench) == (ConditionState.UNMEASURED, Basis.DECISION)
    bench.clock.time += timedelta(days=1)
    assert state(bench) == (ConditionState.UNMEASURED, Basis.EXPIRED)
    assert asked(bench) is Outcome.REFERRED_ASSISTED


def test_nobody_decides_alone(bench: Bench) -> None:
    until = bench.today + timedelta(30)
    own = propose(bench.decisions, bench.conditions, ROW, until, APPROVER, "わたしが")
    with pytest.raises(DecisionRefused) as refused:
        approve(bench.decisions, bench.conditions, own.id, APPROVER)
    assert refused.value.code == "own_proposal"
    with pytest.raises(DecisionRefused) as refused:
        approve(bench.decisions, bench.conditions, own.id, EDITOR)
    assert refused.value.code == "not_allowed"
    assert state(bench) == (ConditionState.UNMEASURED, Basis.NONE)
    told = approve(bench.decisions, bench.conditions, own.id[:-1], SECOND_APPROVER)
    assert (told.state, told.name, told.decision and told.decision.name) == (
        PermitState.APPROVED,
        APPROVER.name,
        SECOND_APPROVER.name,
    )


@pytest.mark.parametrize(
    ("row", "days", "reason", "code"),
    [
        (ROW, 400, "理由", "bad_day"),
        (ROW, -1, "理由", "bad_day"),
        (ROW, 3, " ", "no_reason"),
        ("danger.grave", 3, "理由", "unknown_row"),
    ],
)
def test_proposals_that_cannot_be_made(bench: Bench, row: str, days: int, reason: str, code: str) -> None:
    with pytest.raises(DecisionRefused) as refused:
        propose(bench.decisions, bench.conditions, row, bench.today + timedelta(days), EDITOR, reason)
    assert refused.value.code == code
    with pytest.raises(DecisionRefused) as refused:
        propose(bench.decisions, bench.conditions, row, bench.today + timedelta(days), NOBODY, reason)
    assert refused.value.code == "not_allowed"


def test_a_proposal_is_decided_once(bench: Bench) -> None:
    waiting = propose(bench.decisions, bench.conditions, ROW, bench.today, EDITOR, "一日だけ")
    assert [each.id for each in bench.conditions.now().decisions.waiting] == [waiting.id]
    assert reject(bench.decisions, bench.conditions, waiting.id, EDITOR).state is PermitState.REJECTED
    with pytest.raises(DecisionRefused) as refused:
        approve(bench.decisions, bench.conditions, waiting.id, APPROVER)
    assert refused.value.code == "not_waiting"
    late = propose(bench.decisions, bench.conditions, ROW, bench.today, EDITOR, "一日だけ")
    bench.clock.time += timedelta(days=1)
    with pytest.raises(DecisionRefused) as refused:
        approve(bench.decisions, bench.conditions, late.id, APPROVER)
    assert refused.value.code == "expired"
    with pytest.raises(DecisionRefused) as refused:
        approve(bench.decisions, bench.conditions, "nothing", APPROVER)
    assert refused.value.code == "unknown_proposal"


@pytest.mark.parametrize(
    ("size", "errors", "grade", "expected"),
    [
        (298, 0, Grade.WRONG, ConditionState.UNCERTAIN),
        (299, 0, Grade.WRONG, ConditionState.WITHIN),
        (472, 1, Grade.PARTLY, ConditionState.UNCERTAIN),
        (473, 1, Grade.PARTLY, ConditionState.WITHIN),
        (773, 3, Grade.ABSTAIN, ConditionState.WITHIN),
        (20, 3, Grade.WRONG, ConditionState.EXCEEDED),
        (20, 3, Grade.PARTLY, ConditionState.UNCERTAIN),
    ],
)
def test_states_by_what_was_graded(
    bench: Bench, size: int, errors: int, grade: Grade, expected: ConditionState
) -> None:
    bench.graded(size, errors, grade)
    found, basis = state(bench)
    assert found is expected
    assert (basis is Basis.MEASURED) is (expected is ConditionState.WITHIN)
    bench.settle()
    assert state(bench, reported=True) == (found, basis)  # those who decide see the same, by the system log alone


def test_within_needs_no_decision(bench: Bench) -> None:
    bench.graded(299)
    assert asked(bench) is Outcome.ANSWERED_DOCUMENTS


def test_one_grave_error_flips_a_row_at_once_and_is_told(bench: Bench) -> None:
    bench.permitted()
    [exchange] = bench.answered(1)
    assert asked(bench) is Outcome.ANSWERED_DOCUMENTS
    given = bench.sampling.give(FIRST, exchange, judged(Grade.WRONG, grave=True))
    assert asked(bench) is Outcome.REFERRED_ASSISTED  # before anything is written down about it
    assert bench.settle() == 2
    assert bench.settle() == 0
    [entry] = [each for each in bench.decisions.entries(SUBJECT) if each.kind == EXCEEDED]
    assert (entry.meta["cause"], entry.meta["grade"], entry.meta["role"]) == ("grave", given.id, "service")
    [notice] = [waiting.notice for waiting in bench.queue.outbox.waiting()]
    assert notice.to == "watch@example.jp"
    assert "資料についての質問" in notice.subject
    assert "二人の決定" in notice.body
    assert state(bench) == state(bench, reported=True) == (ConditionState.EXCEEDED, Basis.EXCEEDED)


def test_errors_beyond_what_is_allowed_flip_it_until_two_people_return_it(bench: Bench) -> None:
    bench.permitted()
    bench.graded(20, errors=4)
    bench.settle()
    bench.graded(300)  # however many right ones follow
    bench.settle()
    assert state(bench) == (ConditionState.EXCEEDED, Basis.EXCEEDED)
    assert asked(bench) is Outcome.REFERRED_ASSISTED
    bench.permitted(days=10)
    row = bench.conditions.now().rows[ROW]
    assert (row.state, row.basis, row.measured.graded) == (ConditionState.UNMEASURED, Basis.DECISION, 0)
    assert asked(bench) is Outcome.ANSWERED_DOCUMENTS
    bench.graded(5)
    assert bench.conditions.now().rows[ROW].measured.graded == 5  # answers given since alone
    bench.settle()
    assert state(bench, reported=True) == (ConditionState.UNCERTAIN, Basis.DECISION)
    bench.clock.time += timedelta(days=11)
    assert state(bench) == (ConditionState.UNCERTAIN, Basis.EXPIRED)


def test_a_permission_asked_for_before_an_excess_does_not_return_the_row(bench: Bench) -> None:
    early = propose(bench.decisions, bench.conditions, ROW, bench.today + timedelta(9), EDITOR, "測る前に")
    bench.graded(20, errors=4)
    bench.settle()
    with pytest.raises(DecisionRefused) as refused:
        approve(bench.decisions, bench.conditions, early.id, APPROVER)
    assert refused.value.code == "stale"
    bench.decisions.append(Entry(APPROVED, SUBJECT, {"by": "ac_x", "role": "approver"}, {}, (early.id,)))
    assert state(bench) == (ConditionState.EXCEEDED, Basis.EXCEEDED)
    assert bench.conditions.now().decisions.void[-1].why == "stale"


def test_what_is_forged_by_other_means_counts_for_nothing(bench: Bench) -> None:
    log, until = bench.decisions, (bench.today + timedelta(30)).isoformat()
    asked_for: dict[str, Json] = {
        "by": "ac_a",
        "role": "approver",
        "desk": "public",
        "row": ROW,
        "until": until,
        "base": None,
    }
    mine = log.append(Entry(PROPOSED, SUBJECT, asked_for)).entry
    figures: dict[str, Json] = {
        "desk": "public",
        "row": ROW,
        "graded": 900,
        "strict": 0,
        "errors": 0,
        "counts": {},
        "grave": [],
    }
    excess: dict[str, Json] = {
        "desk": "public",
        "row": ROW,
        "cause": "bound",
        "grade": "g",
        "graded": 100,
        "errors": 0,
        "allowed": 0.01,
    }
    forged = [
        Entry(APPROVED, SUBJECT, {"by": "ac_a", "role": "approver"}, {}, (mine,)),
        Entry(APPROVED, SUBJECT, {"by": "ac_b", "role": "administrator"}, {}, (mine,)),
        Entry(APPROVED, SUBJECT, {"by": "", "role": "approver"}, {}, (mine,)),
        Entry(APPROVED, SUBJECT, {"by": "ac_b", "role": "approver"}),
        Entry(PROPOSED, SUBJECT, {**asked_for, "until": "2099-01-01"}),
        Entry(PROPOSED, SUBJECT, {**asked_for, "until": "いつまでも"}),
        Entry(PROPOSED, SUBJECT, {**asked_for, "desk": "staff"}),
        Entry(MEASURED, SUBJECT, {"by": "ac_a", "role": "approver", **figures, "newest": "g"}),
        Entry(MEASURED, SUBJECT, {"by": "service", "role": "service", **figures, "errors": 9, "newest": "g"}),
        Entry(EXCEEDED, SUBJECT, {"by": "service", "role": "service", **excess, "since": ""}),
        Entry(EXCEEDED, SUBJECT, {"by": "ac_a", "role": "approver", **excess, "errors": 50, "since": ""}),
        Entry(EXCEEDED, SUBJECT, {"by": "service", "role": "service", **excess, "errors": 50, "since": "2020"}),
    ]
    for each in forged:
        log.append(each)
    assert state(bench) == (ConditionState.UNMEASURED, Basis.NONE)
    assert state(bench, reported=True) == (ConditionState.UNMEASURED, Basis.NONE)
    assert [each.why for each in bench.conditions.now().decisions.void] == [
        "own_proposal",
        "not_approver",
        "own_proposal",
        "unknown_proposal",
        "expired",
        "unreadable",
        "unreadable",
        "unreadable",
        "unreadable",
        "not_exceeded",
        "unreadable",
        "stale",
    ]
    # Figures that the service's own hand seems to have written: the desk goes by its grades, and puts them right.
    log.append(Entry(MEASURED, SUBJECT, {"by": "service", "role": "service", **figures, "newest": "g"}))
    assert state(bench) == (ConditionState.UNMEASURED, Basis.NONE)
    assert asked(bench) is Outcome.REFERRED_ASSISTED
    assert bench.settle() == 1
    assert state(bench, reported=True) == (ConditionState.UNMEASURED, Basis.NONE)


def test_the_record_says_which_conditions_held(bench: Bench) -> None:
    held = room(register=ConditionedRegister(bench.register, bench.conditions))
    answer(held.desk, Asked(QUESTION))
    bench.permitted()
    answer(held.desk, Asked(QUESTION))
    answer(held.desk, Asked("家の中に煙が充満していて逃げられない"))
    first, second, danger = (each.entry.meta for each in held.log.kept if each.entry.kind == "exchange.closed")
    rows = sorted(bench.conditions.now().rows)
    assert first["conditions"] == {"state": "unmeasured", "basis": "none", "lowered": rows}
    assert second["conditions"] == {
        "state": "unmeasured",
        "basis": "decision",
        "lowered": [row for row in rows if row != ROW],
    }
    assert "conditions" not in danger
    assert lowered_then(first) == set(rows)
    assert lowered_then(danger) == set()
    again = lowered(bench.register.active(), lowered_then(first))
    assert again.rows == ConditionedRegister(bench.register, Bench(bench.directory).conditions).active().rows


def test_a_desk_goes_by_what_it_read_last_where_a_log_is_away(bench: Bench) -> None:
    bench.permitted()
    register = ConditionedRegister(bench.register, bench.conditions)
    known = register.active()
    assert isinstance(bench.decisions, FakeLog)
    bench.decisions.refuse("io")
    assert register.active() is known
    with pytest.raises(LogUnavailable):
        ConditionedRegister(bench.register, bench.asked()).active()
    with pytest.raises(LogUnavailable):
        bench.conditions.now()


def test_a_register_that_lowers_a_row_is_not_asked_about_it(bench: Bench) -> None:
    held = lowered(load_register().of(DeskName.PUBLIC), [ROW])
    bench.register = replace(held, lowered=())
    assert ROW not in bench.asked().now().rows


def test_what_two_graders_see_differently_flips_nothing_yet(bench: Bench) -> None:
    bench.permitted()
    sample = bench.graded(20)
    for item in sample.items[:4]:
        bench.sampling.give(SECOND, item.exchange, judged(Grade.WRONG))
    assert state(bench) == (ConditionState.UNCERTAIN, Basis.DECISION)
    assert bench.conditions.now().rows[ROW].measured.strict == 4
