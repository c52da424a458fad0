"""The life of a case: every change in every state, and that the log's entries amount to what the desk keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import persons_case, responding
from bot.cases import (
    LIVE,
    Alarm,
    Case,
    CaseId,
    CaseKind,
    CaseReason,
    CaseRefused,
    CaseState,
    Change,
    ChangeKind,
    after,
    folded,
    opened,
)
from bot.records import ConversationId, Language, Risk
from bot.rounds import close_answered, raise_alarms, release_expired
from tests.cases_kit import AIKO, BUNTA, refolded, taken
from tests.fakes_bot import Room, room

START = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=10)
DUE = START + timedelta(days=3)
PLAIN = Case(
    id=CaseId("cs_1"),
    conversation=ConversationId("c-1"),
    kind=CaseKind.QUESTION,
    reason=CaseReason.PERSON_WANTED,
    priority=Risk.LOW,
    language=Language.JA,
    opened=START,
    due=DUE,
    waiting_since=START,
)
CLAIM = {"by": "a", "until": (NOW + timedelta(hours=1)).isoformat()}
METAS: dict[ChangeKind, dict[str, Any]] = {
    ChangeKind.CLAIMED: CLAIM,
    ChangeKind.RELEASED: {"by": "a", "why": "returned"},
    ChangeKind.ASKED: {"by": "a"},
    ChangeKind.SUPPLIED: {"due": None, "danger": None},
    ChangeKind.DRAFT_RETURNED: {"by": "a"},
    ChangeKind.NOTED: {"by": "b"},
    ChangeKind.ANSWERED: {"by": "a", "made": "own", "decision": None},
    ChangeKind.FORWARDED: {"by": "a", "to": "bureau", "with_content": False},
    ChangeKind.MERGED: {"by": "a", "into": "cs_2"},
    ChangeKind.WITHDRAWN: {},
    ChangeKind.REOPENED: {"due": DUE.isoformat(), "danger": None},
    ChangeKind.CLOSED: {"by": "a"},
    ChangeKind.ALARMED: {"by": "service", "alarm": "overdue"},
    ChangeKind.CONTACT_GIVEN: {"until": DUE.isoformat()},
    ChangeKind.CONTACT_REMOVED: {"why": "person"},
    ChangeKind.READ: {"by": "b"},
    ChangeKind.CONTACT_READ: {"by": "b"},
}
ALWAYS = {
    ChangeKind.NOTED,
    ChangeKind.CONTACT_GIVEN,
    ChangeKind.CONTACT_REMOVED,
    ChangeKind.READ,
    ChangeKind.CONTACT_READ,
}
# What may happen in a state beside that, and where it leads.
LEADS: dict[CaseState, dict[ChangeKind, CaseState]] = {
    CaseState.OPEN: {
        ChangeKind.CLAIMED: CaseState.CLAIMED,
        ChangeKind.SUPPLIED: CaseState.OPEN,
        ChangeKind.WITHDRAWN: CaseState.WITHDRAWN,
        ChangeKind.ALARMED: CaseState.OPEN,
    },
    CaseState.CLAIMED: {
        ChangeKind.CLAIMED: CaseState.CLAIMED,
        ChangeKind.RELEASED: CaseState.OPEN,
        ChangeKind.ASKED: CaseState.NEEDS_INFORMATION,
        ChangeKind.SUPPLIED: CaseState.CLAIMED,
        ChangeKind.DRAFT_RETURNED: CaseState.CLAIMED,
        ChangeKind.ANSWERED: CaseState.ANSWERED,
        ChangeKind.FORWARDED: CaseState.FORWARDED,
        ChangeKind.MERGED: CaseState.MERGED,
        ChangeKind.WITHDRAWN: CaseState.WITHDRAWN,
        ChangeKind.ALARMED: CaseState.CLAIMED,
    },
    CaseState.NEEDS_INFORMATION: {
        ChangeKind.CLAIMED: CaseState.CLAIMED,
        ChangeKind.SUPPLIED: CaseState.CLAIMED,
        ChangeKind.WITHDRAWN: CaseState.WITHDRAWN,
        ChangeKind.ALARMED: CaseState.NEEDS_INFORMATION,
    },
    CaseState.ANSWERED: {ChangeKind.REOPENED: CaseState.OPEN, ChangeKind.CLOSED: CaseState.CLOSED},
    CaseState.FORWARDED: {ChangeKind.REOPENED: CaseState.OPEN, ChangeKind.CLOSED: CaseState.CLOSED},
    CaseState.CLOSED: {ChangeKind.REOPENED: CaseState.OPEN},
    CaseState.WITHDRAWN: {},
    CaseState.MERGED: {ChangeKind.ANSWERED: CaseState.ANSWERED, ChangeKind.WITHDRAWN: CaseState.WITHDRAWN},
}


def change(kind: ChangeKind, **more: Any) -> Change:
    return Change(kind, {**METAS[kind], **more})


def in_state(state: CaseState) -> Case:
    """A case in a state, held by ``a`` where somebody can hold it."""
    held = state in {CaseState.CLAIMED, CaseState.NEEDS_INFORMATION}
    case = replace(PLAIN, state=state, merged_into=CaseId("cs_2") if state is CaseState.MERGED else None)
    if held:
        case = replace(case, holder="a", claim_ends=NOW + timedelta(hours=1))
    return case if state in LIVE | {CaseState.MERGED} else replace(case, ended=START)


def refusal(case: Case, what: Change, time: datetime = NOW) -> str | None:
    try:
        after(case, what, time)
    except CaseRefused as refused:
        return refused.code
    return None


@pytest.mark.parametrize("kind", [each for each in ChangeKind if each is not ChangeKind.OPENED])
@pytest.mark.parametrize("state", CaseState)
def test_every_change_in_every_state(state: CaseState, kind: ChangeKind) -> None:
    expected = {**dict.fromkeys(ALWAYS, state), **LEADS[state]}
    case = in_state(state)
    if kind in expected:
        assert after(case, change(kind), NOW).state is expected[kind]
    else:
        assert refusal(case, change(kind)) == "wrong_state"


@pytest.mark.parametrize("state", CaseState)
def test_a_case_is_opened_once(state: CaseState) -> None:
    meta = {"kind": "question", "reason": "other", "priority": "low", "language": "ja", "due": None}
    assert refusal(in_state(state), Change(ChangeKind.OPENED, meta)) == "wrong_state"


HOLDING = [
    ChangeKind.ASKED,
    ChangeKind.DRAFT_RETURNED,
    ChangeKind.ANSWERED,
    ChangeKind.FORWARDED,
    ChangeKind.MERGED,
]


@pytest.mark.parametrize("kind", HOLDING)
def test_only_who_holds_the_claim_works_on_a_case(kind: ChangeKind) -> None:
    case = in_state(CaseState.CLAIMED)
    ends = case.claim_ends
    assert ends is not None
    assert refusal(case, change(kind, by="b")) == "claimed"
    assert refusal(case, change(kind, by="b"), ends) == "not_claimed"
    assert refusal(case, change(kind), ends) == "not_claimed"
    assert refusal(case, change(kind), ends - timedelta(microseconds=1)) is None


def test_a_claim_is_another_s_until_it_ends() -> None:
    case = in_state(CaseState.CLAIMED)
    ends = case.claim_ends
    assert ends is not None
    theirs = change(ChangeKind.CLAIMED, by="b", until=(ends + timedelta(hours=1)).isoformat())
    assert refusal(case, theirs) == "claimed"
    again = after(case, theirs, ends)
    assert (again.holder, again.held_by("b", ends), again.held_by("a", ends)) == ("b", True, False)
    longer = after(case, change(ChangeKind.CLAIMED, until=(ends + timedelta(hours=2)).isoformat()), NOW)
    assert longer.claim_ends == ends + timedelta(hours=2)


def test_a_claim_is_given_back_by_its_holder_or_when_it_has_ended() -> None:
    case = in_state(CaseState.CLAIMED)
    ends = case.claim_ends
    assert ends is not None
    assert refusal(case, change(ChangeKind.RELEASED, by="b")) == "claimed"
    assert refusal(case, change(ChangeKind.RELEASED, by="service", why="expired")) == "claimed"
    assert refusal(case, change(ChangeKind.RELEASED, by="service", why="unmerged")) == "wrong_state"
    free = after(case, change(ChangeKind.RELEASED, by="service", why="expired"), ends)
    assert (free.state, free.holder, free.claim_ends, free.waiting_since) == (CaseState.OPEN, None, None, ends)


def test_a_merged_case_comes_back_only_as_such() -> None:
    case = in_state(CaseState.MERGED)
    assert refusal(case, change(ChangeKind.RELEASED)) == "wrong_state"
    back = after(case, change(ChangeKind.RELEASED, by="service", why="unmerged"), NOW)
    assert (back.state, back.merged_into, back.waiting_since) == (CaseState.OPEN, None, NOW)


def test_what_was_waited_for_sets_the_due_date_anew() -> None:
    case = replace(in_state(CaseState.NEEDS_INFORMATION), alarms=frozenset({Alarm.OVERDUE}))
    later = DUE + timedelta(days=2)
    told = after(case, change(ChangeKind.SUPPLIED, due=later.isoformat()), NOW)
    assert (told.state, told.due, told.alarms, told.holder) == (CaseState.CLAIMED, later, frozenset(), "a")
    ends = case.claim_ends
    assert ends is not None
    late = after(case, change(ChangeKind.SUPPLIED, due=later.isoformat()), ends)
    assert (late.state, late.holder, late.waiting_since) == (CaseState.OPEN, None, ends)
    unasked = after(in_state(CaseState.OPEN), change(ChangeKind.SUPPLIED), NOW)
    assert (unasked.state, unasked.due) == (CaseState.OPEN, DUE)


@pytest.mark.parametrize(
    ("state", "kind"), [(CaseState.OPEN, ChangeKind.SUPPLIED), (CaseState.ANSWERED, ChangeKind.REOPENED)]
)
def test_danger_told_later_makes_a_case_grave_and_promises_no_date(state: CaseState, kind: ChangeKind) -> None:
    told = after(in_state(state), change(kind, danger="self_harm"), NOW)
    assert (told.priority, told.due) == (Risk.GRAVE, None)


def test_an_alarm_is_raised_once_until_the_case_is_reopened() -> None:
    raised = after(in_state(CaseState.OPEN), change(ChangeKind.ALARMED), NOW)
    assert refusal(raised, change(ChangeKind.ALARMED)) == "wrong_state"
    assert after(raised, change(ChangeKind.ALARMED, alarm="unclaimed"), NOW).alarms == set(Alarm)
    done = replace(raised, state=CaseState.ANSWERED, ended=NOW, decision="upheld")
    again = after(done, change(ChangeKind.REOPENED), NOW)
    assert (again.alarms, again.reopened, again.ended, again.decision) == (frozenset(), 1, None, None)


def test_closing_leaves_the_time_of_the_answer() -> None:
    done = after(in_state(CaseState.CLAIMED), change(ChangeKind.ANSWERED, decision="upheld"), NOW)
    assert (done.ended, done.decision, done.holder) == (NOW, "upheld", None)
    closed = after(done, change(ChangeKind.CLOSED), NOW + timedelta(days=14))
    assert (closed.ended, closed.decision) == (NOW, "upheld")


def test_overdue_is_a_case_that_waits_past_its_date() -> None:
    assert not PLAIN.overdue(DUE)
    assert PLAIN.overdue(DUE + timedelta(seconds=1))
    assert not replace(PLAIN, due=None).overdue(DUE + timedelta(days=9))
    assert not replace(PLAIN, state=CaseState.ANSWERED).overdue(DUE + timedelta(days=9))


BEGINNING = Change(
    ChangeKind.OPENED,
    {"kind": "question", "reason": "other", "priority": "high", "language": "ko", "due": DUE.isoformat()},
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([each for each in ChangeKind if each is not ChangeKind.OPENED]),
            st.sampled_from(["a", "b", "service"]),
            st.sampled_from(["returned", "expired", "unmerged"]),
            st.integers(0, 90),
        ),
        max_size=25,
    )
)
def test_what_was_allowed_folds_to_the_same_case(steps: list[tuple[ChangeKind, str, str, int]]) -> None:
    """Whatever people try, in any order: what is refused leaves no trace, the rest amounts to the case."""
    time, case = START, opened(CaseId("cs_1"), ConversationId("c-1"), BEGINNING, START)
    made = [(BEGINNING, START)]
    for kind, by, why, minutes in steps:
        time += timedelta(minutes=minutes)
        until = (time + timedelta(minutes=30)).isoformat()
        meta: dict[str, Any] = {**METAS[kind], "by": by, "why": why, "until": until, "due": DUE.isoformat()}
        tried = Change(kind, meta)
        before = case
        try:
            case = after(case, tried, time)
            made.append((tried, time))
        except CaseRefused:
            assert case is before
        assert (case.state is CaseState.MERGED) <= (case.merged_into is not None)
        assert case.holder is None or case.live
        assert (case.ended is not None) == (case.state not in LIVE | {CaseState.MERGED})
    assert folded(CaseId("cs_1"), ConversationId("c-1"), made) == case


class Desk(RuleBasedStateMachine):
    """Two persons and two responders at one desk, whatever they do and whenever: the rows are what the log says."""

    def __init__(self) -> None:
        super().__init__()
        self.held: Room = room()
        first, second = (taken(self.held, conversation=ConversationId(name)) for name in ("c-1", "c-2"))
        self.cases = [first.case.id, second.case.id]
        self.numbers = [first.number, second.number]

    which = st.sampled_from([0, 1])
    who = st.sampled_from([AIKO, BUNTA])

    @rule(which=which, who=who)
    def claim(self, which: int, who: Any) -> None:
        self._tried(lambda: responding.claim(self.held.desk, self.cases[which], who))

    @rule(which=which, who=who)
    def release(self, which: int, who: Any) -> None:
        self._tried(lambda: responding.release(self.held.desk, self.cases[which], who, "昼休み"))

    @rule(which=which, who=who)
    def ask(self, which: int, who: Any) -> None:
        self._tried(lambda: responding.ask_back(self.held.desk, self.cases[which], who, "どの事業ですか"))

    @rule(which=which, who=who)
    def reply(self, which: int, who: Any) -> None:
        answer = responding.Answer("お答えします")
        self._tried(lambda: responding.reply(self.held.desk, self.cases[which], who, answer))

    @rule(which=which, who=who)
    def merge(self, which: int, who: Any) -> None:
        self._tried(lambda: responding.merge(self.held.desk, self.cases[which], who, self.cases[1 - which]))

    @rule(which=which, who=who)
    def forward(self, which: int, who: Any) -> None:
        self._tried(
            lambda: responding.forward(self.held.desk, self.cases[which], who, "水道局", "", with_content=False)
        )

    @rule(which=which)
    def add(self, which: int) -> None:
        self._tried(lambda: persons_case.add(self.held.desk, self.numbers[which], "補助金の件です"))

    @rule(which=which)
    def reopen(self, which: int) -> None:
        self._tried(lambda: persons_case.reopen(self.held.desk, self.numbers[which], "まだ分かりません"))

    @precondition(lambda self: len(self.held.log.kept) > 25)
    @rule(which=which)
    def withdraw(self, which: int) -> None:
        self._tried(lambda: persons_case.withdraw(self.held.desk, self.numbers[which]))

    @rule(which=which)
    def contact(self, which: int) -> None:
        self._tried(lambda: persons_case.give_contact(self.held.desk, self.numbers[which], "taro", consent=True))

    @rule(minutes=st.sampled_from([1, 29, 31, 60 * 24, 60 * 24 * 15, 60 * 24 * 40]))
    def time_goes_by(self, minutes: int) -> None:
        clock: Any = self.held.desk.clock
        clock.time += timedelta(minutes=minutes)
        for each in (release_expired, raise_alarms, close_answered):
            each(self.held.desk, clock.now())

    def _tried(self, what: Any) -> None:
        before = len(self.held.log.kept)
        try:
            what()
        except CaseRefused:
            assert len(self.held.log.kept) == before  # what is refused leaves no entry

    @invariant()
    def the_rows_are_what_the_entries_amount_to(self) -> None:
        for case in self.cases:
            assert refolded(self.held, case) == self.held.cases.get(case)

    @invariant()
    def nobody_waits_for_a_case_that_is_over(self) -> None:
        for case in self.cases:
            row = self.held.cases.get(case)
            assert row is not None
            if row.state is CaseState.MERGED and row.merged_into is not None:
                other = self.held.cases.get(row.merged_into)
                assert other is not None
                assert other.live


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
