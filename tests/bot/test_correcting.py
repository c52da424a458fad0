"""Correction requests: decided with reasons, set beside every answer they reach, and told to the knowledge editors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot import correcting, persons_case, responding
from bot.cases import CaseId, CaseRefused, CaseState, Department
from bot.correcting import Flag
from bot.notices import entry_of
from bot.ports import LogUnavailable
from bot.records import ConversationId, Corrected, DeskName, ExchangeId, PassageId, RecordedExchange, Way
from tests.cases_kit import AIKO, BUNTA, asked, claimed, corrected_about, everything_of, kinds, refolded, taken
from tests.fakes_bot import FakeShelf, Room, room

WORDS = "正しくは191億円です。資料の表を読み違えていました。"
SECRET = "090-1234-5678"


@pytest.fixture
def desk() -> Room:
    return room()


def exchange(held: Room, name: ExchangeId | None) -> RecordedExchange:
    found = held.log.exchange(ExchangeId(str(name)))
    assert found is not None
    return found


def correction(held: Room, name: ExchangeId | None) -> Corrected | None:
    return exchange(held, name).corrected


def others(held: Room, many: int = 3) -> list[ExchangeId]:
    """The same question by other people."""
    found = [asked(held, conversation=ConversationId(f"c-other-{each}")).exchange for each in range(many)]
    return [each for each in found if each is not None]


def refusal(held: Room, what: Callable[[], Any]) -> str:
    before, notices = len(held.log.kept), len(held.outbox.waiting())
    with pytest.raises(CaseRefused) as caught:
        what()
    assert (len(held.log.kept), len(held.outbox.waiting())) == (before, notices)
    return caught.value.code


def decided(held: Room, case: CaseId, **more: Any) -> Any:
    given: dict[str, Any] = {"upheld": True, "text": WORDS, **more}
    return correcting.decide(held.desk, case, AIKO, **given)


def test_an_upheld_request_sets_the_words_beside_the_answer(desk: Room) -> None:
    wrong, got = corrected_about(desk)
    claimed(desk, got.case.id)
    done = decided(desk, got.case.id)
    assert (done.state, done.decision) == (CaseState.ANSWERED, "upheld")
    told = correction(desk, wrong)
    assert told is not None
    assert (told.text, told.case) == (WORDS, got.case.id)
    entry = desk.log.kept[-1].entry
    assert (entry.kind, entry.links) == ("answer.corrected", (exchange(desk, wrong).closed,))
    assert entry.meta["passages"] == ["budget"]
    assert (entry.meta["exchange"], entry.meta["by"], entry.meta["role"]) == (wrong, AIKO.id, "responder")
    assert dict(entry.contents) == {"text": WORDS}
    own = persons_case.by_number(desk.desk, got.number)
    assert own is not None
    assert (own.corrected, own.messages[0].decision, own.messages[0].text) == (told, "upheld", WORDS)
    assert refolded(desk, got.case.id) == done


def test_a_dismissed_request_changes_no_answer(desk: Room) -> None:
    wrong, got = corrected_about(desk)
    other = others(desk)[0]
    claimed(desk, got.case.id)
    done = decided(desk, got.case.id, upheld=False, text="資料のとおりです。", also=(other,))
    assert done.decision == "dismissed"
    assert (correction(desk, wrong), correction(desk, other)) == (None, None)
    assert "answer.corrected" not in desk.kinds


def test_everyone_whose_answer_rests_on_the_same_passages_is_listed(desk: Room) -> None:
    same = others(desk)
    desk.shelf.gives = ()
    asked(desk, conversation=ConversationId("c-else"))  # rests on nothing
    desk.shelf.gives = room().shelf.gives
    _, got = corrected_about(desk)
    found = correcting.affected(desk.desk, got.case.id)
    assert [each.exchange for each in found] == same[::-1]
    assert {each.passages for each in found} == {(PassageId("budget"),)}
    assert all(each.corrected is None and "181" in each.reply and each.question for each in found)


def test_the_affected_are_corrected_together_where_they_are_chosen(desk: Room) -> None:
    first, second, third = others(desk)
    wrong, got = corrected_about(desk)
    claimed(desk, got.case.id)
    decided(desk, got.case.id, also=(first, third))
    for name in (wrong, first, third):
        told = correction(desk, name)
        assert told is not None
        assert told.text == WORDS
    assert correction(desk, second) is None
    corrected = [each.entry for each in desk.log.kept if each.entry.kind == "answer.corrected"]
    assert {each.subject for each in corrected} == {exchange(desk, each).conversation for each in (wrong, first, third)}
    assert all(each.links == (exchange(desk, ExchangeId(str(each.meta["exchange"]))).closed,) for each in corrected)
    listed = {each.exchange: each.corrected is not None for each in correcting.affected(desk.desk, got.case.id)}
    assert listed == {first: True, second: False, third: True}


def test_more_answers_can_be_corrected_after_the_decision(desk: Room) -> None:
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    assert refusal(desk, lambda: correcting.correct(desk.desk, got.case.id, AIKO, also=())) == "wrong_state"
    decided(desk, got.case.id)
    late = others(desk, 2)
    correcting.correct(desk.desk, got.case.id, BUNTA, also=(late[0],))
    correcting.correct(desk.desk, got.case.id, BUNTA, text="191億円です。", also=(late[1],))
    assert [each.text for each in (correction(desk, name) for name in late) if each] == [WORDS, "191億円です。"]
    _, dismissed = corrected_about(desk)
    claimed(desk, dismissed.case.id)
    decided(desk, dismissed.case.id, upheld=False)
    assert refusal(desk, lambda: correcting.correct(desk.desk, dismissed.case.id, AIKO, also=late)) == "wrong_state"


def test_only_affected_answers_of_this_desk_are_corrected(desk: Room) -> None:
    staff = room(name=DeskName.STAFF)
    elsewhere = asked(staff).exchange
    desk.shelf.gives = ()
    unrelated = asked(desk, "今年の米の値段はいくらですか", ConversationId("c-else")).exchange
    desk.shelf.gives = room().shelf.gives
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    for name in (elsewhere, unrelated, ExchangeId("ex_none")):
        assert refusal(desk, lambda name=name: decided(desk, got.case.id, also=(name,))) == "unknown_exchange"
    assert all(each.entry.kind != "answer.corrected" for each in (*desk.log.kept, *staff.log.kept))


def test_requests_merged_into_one_are_decided_and_corrected_with_it(desk: Room) -> None:
    first, one = corrected_about(desk)
    second = asked(desk, conversation=ConversationId("c-2")).exchange
    two = taken(desk, "私も違うと思います", kind=one.case.kind, exchange=second, conversation=ConversationId("c-2"))
    claimed(desk, two.case.id)
    responding.merge(desk.desk, two.case.id, AIKO, one.case.id)
    claimed(desk, one.case.id)
    decided(desk, one.case.id)
    for name, got in ((first, one), (second, two)):
        told = correction(desk, name)
        assert told is not None
        assert told.text == WORDS
        own = persons_case.by_number(desk.desk, got.number)
        assert own is not None
        assert (own.case.decision, own.case.state) == ("upheld", CaseState.ANSWERED)


def test_the_latest_correction_counts(desk: Room) -> None:
    wrong, got = corrected_about(desk)
    claimed(desk, got.case.id)
    decided(desk, got.case.id)
    again = taken(desk, "訂正も違います", kind=got.case.kind, exchange=wrong)
    claimed(desk, again.case.id)
    decided(desk, again.case.id, text="正しくは192億円です。")
    told = correction(desk, wrong)
    assert told is not None
    assert told.text == "正しくは192億円です。"


def test_a_passage_at_fault_goes_to_the_knowledge_editors(desk: Room) -> None:
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    flag = Flag(passage=PassageId("budget"), why=f"表の読み違い。{SECRET}の指摘")
    decided(desk, got.case.id, flag=flag)
    (notice,) = [each.notice for each in desk.outbox.waiting() if each.notice.way is Way.SYSTEM]
    entry = entry_of(notice)
    assert (entry.kind, entry.subject) == ("note.flagged", "knowledge-public")
    assert (entry.meta["passage"], entry.meta["rule"], entry.meta["case"]) == ("budget", None, got.case.id)
    assert SECRET not in notice.body


def test_a_rule_can_be_at_fault_even_where_the_answer_was_right(desk: Room) -> None:
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    decided(desk, got.case.id, upheld=False, flag=Flag(rule="documents", why="別の窓口の質問です"))
    (notice,) = [each.notice for each in desk.outbox.waiting() if each.notice.way is Way.SYSTEM]
    assert entry_of(notice).meta["rule"] == "documents"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"text": " "}, "no_text"),
        ({"text": "あ" * 6_001}, "long_text"),
        ({"text": f"電話は{SECRET}です"}, "personal"),
        ({"flag": Flag(rule="x", why="あ" * 2_001)}, "long_text"),
    ],
)
def test_what_cannot_be_decided_so(desk: Room, more: dict[str, Any], code: str) -> None:
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    assert refusal(desk, lambda: decided(desk, got.case.id, **more)) == code


def test_a_decision_needs_the_claim_and_a_request(desk: Room) -> None:
    _, got = corrected_about(desk)
    assert refusal(desk, lambda: decided(desk, got.case.id)) == "wrong_state"
    claimed(desk, got.case.id, BUNTA)
    assert refusal(desk, lambda: decided(desk, got.case.id)) == "claimed"
    plain = claimed(desk)
    assert refusal(desk, lambda: decided(desk, plain.id)) == "wrong_state"
    assert refusal(desk, lambda: decided(desk, CaseId("cs_none"))) == "unknown"
    assert refusal(desk, lambda: correcting.affected(desk.desk, plain.id)) == "unknown_exchange"


@pytest.mark.parametrize("where", ["begin", "case.answered", "answer.corrected", "outbox", "cases", "commit"])
def test_decision_correction_and_flag_are_recorded_together_or_not_at_all(desk: Room, where: str) -> None:
    other = others(desk, 1)[0]
    wrong, got = corrected_about(desk)
    claimed(desk, got.case.id)
    before = len(desk.log.kept)
    desk.log.refuse("full", where)
    with pytest.raises(LogUnavailable):
        decided(desk, got.case.id, also=(other,), flag=Flag(rule="documents", why="なぜ"))
    desk.log.refuse(None)
    assert len(desk.log.kept) == before
    assert (correction(desk, wrong), correction(desk, other)) == (None, None)
    assert [each for each in desk.outbox.waiting() if each.notice.way is Way.SYSTEM] == []
    decided(desk, got.case.id, also=(other,))
    assert correction(desk, other) is not None


def test_words_of_a_correction_are_contents(desk: Room) -> None:
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    decided(desk, got.case.id)
    metas = str([dict(each.entry.meta) for each in desk.log.kept])
    assert "191億円" not in metas
    assert "191億円" in everything_of(desk)
    assert kinds(desk) == ["opened", "claimed", "answered"]


def test_a_request_at_the_staff_desk_is_its_own() -> None:
    held = room(FakeShelf(room().shelf.gives), name=DeskName.STAFF)
    given = asked(held)
    got = taken(
        held,
        "金額が違います",
        kind=corrected_kind(),
        exchange=given.exchange,
        department=Department.FINANCE,
    )
    claimed(held, got.case.id)
    decided(held, got.case.id)
    assert correction(held, given.exchange) is not None


def corrected_kind() -> Any:
    return corrected_about(room())[1].case.kind
