"""A case for the person who holds its number: what they see, what they may do, what nobody else can."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot import persons_case, responding
from bot.cases import CaseKind, CaseReason, CaseRefused, CaseState, ChangeKind
from bot.persons_case import PersonsCase
from bot.ports import LogUnavailable
from bot.records import ConversationId, DeskName, Risk
from bot.rounds import close_answered
from tests.cases_kit import AIKO, TALK, asked, claimed, corrected_about, everything_of, kinds, refolded, taken
from tests.fakes_bot import FakeShelf, Room, room

SECRET = "090-1234-5678"
DANGER = "もう死にたいです"
ACTS: dict[str, Any] = {
    "add": lambda held, number: persons_case.add(held.desk, number, "補助金の件です"),
    "withdraw": lambda held, number: persons_case.withdraw(held.desk, number),
    "reopen": lambda held, number: persons_case.reopen(held.desk, number, "まだ分かりません"),
    "give_contact": lambda held, number: persons_case.give_contact(held.desk, number, "taro", consent=True),
    "remove_contact": lambda held, number: persons_case.remove_contact(held.desk, number),
}


@pytest.fixture
def desk() -> Room:
    return room()


def seen(held: Room, number: str) -> PersonsCase:
    found = persons_case.by_number(held.desk, number)
    assert found is not None
    return found


def replied(held: Room, text: str = "お答えします", **more: Any) -> persons_case.PersonsCase:
    got = taken(held, **more)
    claimed(held, got.case.id)
    responding.reply(held.desk, got.case.id, AIKO, responding.Answer(text))
    return seen(held, got.number)


def refusal(what: Any) -> str:
    with pytest.raises(CaseRefused) as caught:
        what()
    return caught.value.code


def later(held: Room, **time: float) -> None:
    clock: Any = held.desk.clock
    clock.time += timedelta(**time)


def test_the_number_shows_state_question_and_words(desk: Room) -> None:
    got = taken(desk, "会って話したいです")
    own = seen(desk, got.number)
    assert (own.case, own.number, own.question) == (got.case, got.number, "会って話したいです")
    assert (own.about, own.messages, own.corrected, own.receipt) == (None, [], None, None)
    assert own.may == {"add", "withdraw", "give_contact"}


@pytest.mark.parametrize(
    "typed",
    [
        lambda number: number.lower(),
        lambda number: number.replace("-", ""),
        lambda number: number.replace("-", " ー "),
        lambda number: f"  {number}\n",
        lambda number: number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789FHKMPRWXY"}),
    ],
)
def test_the_number_is_known_however_it_is_typed(desk: Room, typed: Any) -> None:
    got = taken(desk)
    assert seen(desk, typed(got.number)).case.id == got.case.id


@pytest.mark.parametrize("typed", ["", "12345", "あ", "x" * 5_000, "\ud800", "F4P0-9H5W-863K-2610-K21Y"])
def test_what_is_no_number_of_this_desk_finds_nothing(desk: Room, typed: str) -> None:
    taken(desk)
    assert persons_case.by_number(desk.desk, typed) is None
    for act in ACTS.values():
        assert refusal(lambda act=act: act(desk, typed)) == "unknown"


def test_a_number_of_the_other_desk_finds_nothing(desk: Room) -> None:
    staff = room(name=DeskName.STAFF)
    assert persons_case.by_number(desk.desk, taken(staff).number) is None


def test_what_it_is_about_is_shown_with_its_receipt() -> None:
    held = room(FakeShelf())
    given = asked(held, "今年の米の値段はいくらですか")
    got = taken(held, "", exchange=given.exchange)
    own = seen(held, got.number)
    assert own.about is not None
    assert (own.about.exchange, own.about.reply) == (given.exchange, given.reply)
    assert given.receipt is not None
    assert own.receipt == given.receipt.code
    assert "correct" in own.may


def test_what_is_said_is_shown_in_order_and_who_said_it(desk: Room) -> None:
    got = taken(desk)
    claimed(desk, got.case.id)
    responding.note(desk.desk, got.case.id, AIKO, "内部の覚え書き")
    responding.ask_back(desk.desk, got.case.id, AIKO, "どの事業ですか")
    persons_case.add(desk.desk, got.number, "補助金です")
    responding.release(desk.desk, got.case.id, AIKO, "担当が違う")
    claimed(desk, got.case.id)
    answer = responding.Answer("Here is the answer.", text_ja="お答えします")
    responding.reply(desk.desk, got.case.id, AIKO, answer)
    persons_case.reopen(desk.desk, got.number, "まだ分かりません")
    own = seen(desk, got.number)
    assert [(each.who, each.kind, each.text) for each in own.messages] == [
        ("responder", ChangeKind.ASKED, "どの事業ですか"),
        ("person", ChangeKind.SUPPLIED, "補助金です"),
        ("responder", ChangeKind.ANSWERED, "Here is the answer."),
        ("person", ChangeKind.REOPENED, "まだ分かりません"),
    ]
    assert (own.messages[2].text_ja, own.messages[2].made) == ("お答えします", "own")
    for hidden in ("内部", "担当が違う", AIKO.name, AIKO.id):
        assert hidden not in f"{own.messages}{own.question}"


def test_the_cases_of_a_conversation_are_its_own(desk: Room) -> None:
    first, second = taken(desk, "一つ目"), taken(desk, "二つ目")
    taken(desk, "別の人", conversation=ConversationId("c-2"))
    found = persons_case.of_conversation(desk.desk, TALK)
    assert [each.number for each in found] == [first.number, second.number]


def test_the_token_changes_when_anything_happens(desk: Room) -> None:
    tokens = [persons_case.newest(desk.desk, TALK)]
    got = taken(desk)
    tokens.append(persons_case.newest(desk.desk, TALK))
    claimed(desk, got.case.id)
    tokens.append(persons_case.newest(desk.desk, TALK))
    taken(desk, conversation=ConversationId("c-2"))
    assert persons_case.newest(desk.desk, TALK) == tokens[-1]
    assert len(set(tokens)) == 3


@pytest.mark.parametrize("act", ["add", "reopen"])
def test_what_a_person_adds_is_masked(desk: Room, act: str) -> None:
    number = taken(desk).number if act == "add" else replied(desk).number
    getattr(persons_case, act)(desk.desk, number, f"電話は{SECRET}です")
    assert SECRET not in everything_of(desk)
    said = seen(desk, number).messages[-1].text
    assert said is not None
    assert "〈電話番号1〉" in said


@pytest.mark.parametrize("act", ["add", "reopen"])
def test_danger_in_what_is_added_comes_first_and_makes_the_case_grave(desk: Room, act: str) -> None:
    number = taken(desk).number if act == "add" else replied(desk).number
    told = getattr(persons_case, act)(desk.desk, number, DANGER)
    assert told.danger is not None
    assert (told.case.priority, told.case.due) == (Risk.GRAVE, None)
    assert told.case.reason is CaseReason.PERSON_WANTED
    assert seen(desk, number).danger is None
    assert refolded(desk, told.case.id) == told.case


def test_what_is_added_is_told_to_responders_each_time(desk: Room) -> None:
    number = taken(desk).number
    persons_case.add(desk.desk, number, "一つ")
    persons_case.add(desk.desk, number, "二つ")
    keys = [each.notice.key for each in desk.outbox.waiting()]
    assert len(keys) == len(set(keys)) == 6
    assert "一つ" not in str([each.notice for each in desk.outbox.waiting()])


def test_an_answer_to_a_question_back_moves_the_due_date(desk: Room) -> None:
    got = taken(desk)
    claimed(desk, got.case.id)
    waiting = responding.ask_back(desk.desk, got.case.id, AIKO, "どの事業ですか")
    assert waiting.state is CaseState.NEEDS_INFORMATION
    later(desk, days=10)
    told = persons_case.add(desk.desk, got.number, "補助金です").case
    assert told.state is CaseState.OPEN  # the claim has ended meanwhile
    assert got.case.due is not None
    assert told.due is not None
    assert told.due > got.case.due
    assert not told.overdue(desk.desk.clock.now())


@pytest.mark.parametrize(("text", "code"), [("", "no_text"), (" \n", "no_text"), ("あ" * 2_001, "long_text")])
def test_an_empty_or_endless_text_is_refused(desk: Room, text: str, code: str) -> None:
    number, done = taken(desk).number, replied(desk).number
    before = len(desk.log.kept)
    assert refusal(lambda: persons_case.add(desk.desk, number, text)) == code
    assert refusal(lambda: persons_case.reopen(desk.desk, done, text)) == code
    assert len(desk.log.kept) == before


def test_a_person_can_add_twenty_times(desk: Room) -> None:
    number = taken(desk).number
    for each in range(20):
        persons_case.add(desk.desk, number, f"{each}")
    assert refusal(lambda: persons_case.add(desk.desk, number, "もう一つ")) == "too_many"


def test_a_case_taken_back_is_over_and_how_to_be_reached_is_gone(desk: Room) -> None:
    got = taken(desk, contact="taro", contact_consent=True)
    told = persons_case.withdraw(desk.desk, got.number)
    assert told.case.state is CaseState.WITHDRAWN
    assert (told.contact_until, desk.cases.contact(got.case.id)) == (None, None)
    assert told.may == frozenset()
    assert kinds(desk)[-2:] == ["withdrawn", "contact_removed"]
    assert refolded(desk, got.case.id) == told.case


def test_what_was_merged_into_a_case_taken_back_waits_again(desk: Room) -> None:
    own, other = taken(desk), taken(desk, conversation=ConversationId("c-2"))
    claimed(desk, own.case.id)
    responding.merge(desk.desk, own.case.id, AIKO, other.case.id)
    persons_case.withdraw(desk.desk, other.number)
    back = desk.cases.get(own.case.id)
    assert back is not None
    assert (back.state, back.merged_into) == (CaseState.OPEN, None)


def test_an_answered_case_is_reopened_within_the_period(desk: Room) -> None:
    own = replied(desk)
    assert own.may == {"reopen"}
    assert own.case.ended is not None
    assert own.reopen_until == own.case.ended + timedelta(days=30)
    later(desk, days=20)
    close_answered(desk.desk, desk.desk.clock.now())
    closed = seen(desk, own.number)
    assert (closed.case.state, closed.reopen_until) == (CaseState.CLOSED, own.reopen_until)
    again = persons_case.reopen(desk.desk, own.number, "まだ分かりません")
    assert (again.case.state, again.case.reopened, again.reopen_until) == (CaseState.OPEN, 1, None)
    assert again.case.due is not None
    assert again.case.due > desk.desk.clock.now()


def test_after_the_period_a_case_stays_closed(desk: Room) -> None:
    own = replied(desk)
    later(desk, days=31)
    assert seen(desk, own.number).may == frozenset()
    assert refusal(lambda: persons_case.reopen(desk.desk, own.number, "まだです")) == "too_late"


@pytest.mark.parametrize(
    ("act", "state"), [("add", "answered"), ("withdraw", "answered"), ("give_contact", "answered"), ("reopen", "open")]
)
def test_what_a_state_forbids_is_refused(desk: Room, act: str, state: str) -> None:
    number = replied(desk).number if state == "answered" else taken(desk).number
    before = len(desk.log.kept)
    assert refusal(lambda: ACTS[act](desk, number)) == "wrong_state"
    assert len(desk.log.kept) == before
    assert act not in seen(desk, number).may


def test_how_to_be_reached_is_given_changed_and_removed(desk: Room) -> None:
    got = taken(desk)
    told = persons_case.give_contact(desk.desk, got.number, "taro@example.jp", consent=True)
    assert told.contact_until is not None
    assert "remove_contact" in told.may
    persons_case.give_contact(desk.desk, got.number, "taro2@example.jp", consent=True)
    kept = desk.cases.contact(got.case.id)
    assert kept is not None
    assert kept[0] == "taro2@example.jp"
    gone = persons_case.remove_contact(desk.desk, got.number)
    assert (gone.contact_until, desk.cases.contact(got.case.id)) == (None, None)
    assert kinds(desk) == ["opened", "contact_given", "contact_given", "contact_removed"]
    assert "example.jp" not in everything_of(desk).replace("desk@example.jp", "").replace("hook.example.jp", "")
    persons_case.remove_contact(desk.desk, got.number)
    assert kinds(desk)[-1] == "contact_removed"
    assert len(kinds(desk)) == 4  # nothing to remove is no change


@pytest.mark.parametrize(
    ("contact", "consent", "code"),
    [("taro", False, "no_consent"), (" ", True, "no_text"), ("x" * 301, True, "long_text")],
)
def test_no_contact_is_kept_without_consent(desk: Room, contact: str, consent: bool, code: str) -> None:
    got = taken(desk)
    assert refusal(lambda: persons_case.give_contact(desk.desk, got.number, contact, consent=consent)) == code
    assert desk.cases.contact(got.case.id) is None


def test_a_correction_request_is_no_answer_to_correct(desk: Room) -> None:
    _, got = corrected_about(desk)
    own = seen(desk, got.number)
    assert own.case.kind is CaseKind.CORRECTION
    assert "correct" not in own.may


@pytest.mark.parametrize("act", ["add", "withdraw", "give_contact"])
@pytest.mark.parametrize("where", ["begin", "cases", "commit"])
def test_nothing_is_done_without_a_record(desk: Room, act: str, where: str) -> None:
    got = taken(desk)
    before, row = len(desk.log.kept), desk.cases.get(got.case.id)
    desk.log.refuse("full", where)
    with pytest.raises(LogUnavailable):
        ACTS[act](desk, got.number)
    desk.log.refuse(None)
    assert (len(desk.log.kept), desk.cases.get(got.case.id)) == (before, row)
    assert desk.cases.contact(got.case.id) is None
