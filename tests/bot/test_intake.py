"""Taking a case: what is recorded, what is refused, and that life comes first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import feedback, intake
from bot.answered import Answered
from bot.case_numbers import as_number
from bot.cases import CaseKind, CaseReason, CaseRefused, CaseState, ChangeKind, Department
from bot.feedback import Feedback
from bot.labels import ConversationLabels
from bot.ports import LogUnavailable
from bot.records import ConversationId, DeskName, ExchangeId, Language, Risk
from bot.replying import Answer
from bot.responding import reply
from bot.switch import Off, Scope
from tests.cases_kit import (
    AIKO,
    MONDAY,
    TALK,
    asked,
    assisted,
    claimed,
    everything_of,
    kinds,
    refolded,
    taken,
    with_level,
)
from tests.fakes_bot import FakeShelf, Room, room, unavailable

SECRETS = ("090-1234-5678", "yamada.taro@example.jp", "123456789018")
PRIVATE = f"電話は{SECRETS[0]}、メールは{SECRETS[1]}、マイナンバーは{SECRETS[2]}です。"
DANGER = "もう死にたいです"
CONTACT = "山田太郎 080-9999-8888"
CAUSES = ["full", "read_only", "locked", "corrupt", "missing", "io"]


@pytest.fixture
def desk() -> Room:
    return room()


@pytest.fixture(autouse=True)
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def refused(held: Room, **wish: Any) -> str:
    before = len(held.log.kept)
    with pytest.raises(CaseRefused) as caught:
        taken(held, **wish)
    assert len(held.log.kept) == before
    assert held.outbox.waiting() == []
    return caught.value.code


def opening(held: Room) -> tuple[dict[str, Any], dict[str, str], tuple[str, ...]]:
    (kept,) = [each for each in held.log.kept if each.entry.kind == "case.opened"]
    return dict(kept.entry.meta), dict(kept.entry.contents), kept.entry.links


def test_a_case_is_an_entry_a_row_and_notices(desk: Room) -> None:
    got = taken(desk, "会って話したいです", may_forward=True)
    case = got.case
    assert as_number(got.number) == got.number
    assert got.danger is None
    meta, contents, links = opening(desk)
    assert meta == {
        "case": case.id,
        "conversation": TALK,
        "kind": "question",
        "reason": "person_wanted",
        "priority": "low",
        "language": "ja",
        "due": case.due.isoformat() if case.due else None,
        "exchange": None,
        "department": None,
        "may_forward": True,
    }
    assert contents == {"number": got.number, "question": "会って話したいです"}
    assert links == ()
    assert desk.cases.get(case.id) == case == refolded(desk, case.id)
    assert [each.notice.to for each in desk.outbox.waiting()] == ["desk@example.jp", "https://hook.example.jp/cases"]


def test_neither_number_nor_words_are_in_metadata_or_notices(desk: Room, lines: list[Any]) -> None:
    got = taken(desk, "会って話したいです", contact=CONTACT, contact_consent=True)
    metas = json.dumps([dict(each.entry.meta) for each in desk.log.kept], ensure_ascii=False)
    told = str([each.notice for each in desk.outbox.waiting()])
    for text in (got.number, got.number.replace("-", ""), "会って", "山田", "080"):
        assert text not in metas
        assert text not in told
        assert text not in str(lines)


def test_the_due_date_is_the_office_s(desk: Room) -> None:
    case = taken(desk).case
    assert case.due == desk.desk.queue.office.due(case.opened, Risk.LOW, 0)


def test_a_full_queue_is_no_excuse_and_the_due_date_says_so() -> None:
    held = room()
    first = taken(held, conversation=ConversationId("c-0")).case
    for number in range(1, 40):
        taken(held, conversation=ConversationId(f"c-{number}"))
    last = taken(held, conversation=ConversationId("c-last")).case
    assert first.due is not None
    assert last.due is not None
    assert last.due > first.due
    assert last.due == held.desk.queue.office.due(last.opened, Risk.LOW, 40)


@pytest.mark.parametrize("field", ["text", "service", "happened", "wish", "bureau"])
def test_every_text_is_masked_before_it_is_kept(desk: Room, field: str, lines: list[Any]) -> None:
    taken(desk, **{"text": "相談です", "kind": CaseKind.COMPLAINT, field: PRIVATE})
    for secret in SECRETS:
        assert secret not in everything_of(desk)
        assert secret not in str(lines)
    assert "〈電話番号1〉" in everything_of(desk)


def test_labels_go_on_after_those_of_a_case(desk: Room) -> None:
    taken(desk, f"電話は{SECRETS[0]}です")
    started_again = replace(desk, desk=replace(desk.desk, labels=ConversationLabels(desk.log)))
    got = taken(started_again, "電話は03-1111-2222です")
    assert "〈電話番号2〉" in desk.log.kept[-1].entry.contents["question"]
    assert got.case.live


@pytest.mark.parametrize("field", ["text", "service", "happened", "wish", "bureau", "contact"])
def test_danger_in_any_field_comes_first_and_the_case_is_still_taken(desk: Room, field: str) -> None:
    wish = {"text": "相談です", "kind": CaseKind.COMPLAINT, "contact_consent": True, field: DANGER}
    got = taken(desk, **wish)
    assert got.danger is not None
    assert "119" in got.danger or "110" in got.danger or "ダイヤル" in got.danger
    assert (got.case.reason, got.case.priority, got.case.due) == (CaseReason.DANGER, Risk.GRAVE, None)


def test_danger_can_be_shown_where_a_case_is_refused_or_the_log_is_away(desk: Room) -> None:
    desk.log.refuse("full")
    told = intake.danger_first(desk.desk, Language.EN, "hello", "I want to kill myself")
    assert told is not None
    assert intake.danger_first(desk.desk, Language.EN, "hello", "") is None
    assert desk.log.kept == []


def test_danger_by_itself_opens_no_case(desk: Room) -> None:
    given = asked(desk, DANGER)
    assert given.case is None
    assert kinds(desk) == []
    got = taken(desk, "", exchange=given.exchange)
    assert (got.case.reason, got.case.priority, got.case.due) == (CaseReason.DANGER, Risk.GRAVE, None)


REASONS = [
    ("今年の米の値段はいくらですか", CaseReason.ABSTAINED, Risk.LOW),
    ("職員と話したい", CaseReason.PERSON_WANTED, Risk.LOW),
    ("苦情を言いたい", CaseReason.COMPLAINT, Risk.MODERATE),
    ("私の申請はどうなりましたか", CaseReason.OWN_CASE, Risk.HIGH),
    ("うちの課でAIを導入したいのですがリスクを判定して", CaseReason.OTHER, Risk.LOW),
    ("あなたはどう思いますか", CaseReason.PERSON_WANTED, None),
]


@pytest.mark.parametrize(("text", "reason", "priority"), REASONS)
def test_reason_and_priority_come_from_the_record(text: str, reason: CaseReason, priority: Risk | None) -> None:
    held = room(FakeShelf())
    given = asked(held, text)
    got = taken(held, "", exchange=given.exchange).case
    assert got.reason is reason
    assert got.priority is (priority or given.risk)
    meta, contents, links = opening(held)
    assert meta["exchange"] == given.exchange
    assert contents["question"] == text
    assert links == (held.log.exchange(ExchangeId(str(given.exchange))).closed,)  # type: ignore[union-attr] # asked


def test_failures_and_rows_and_the_switch_are_reasons() -> None:
    failed = room(unavailable("io"))
    assert taken(failed, "", exchange=asked(failed).exchange).case.reason is CaseReason.FAILED
    by_register = room(register=with_level("documents", "none"))
    assert taken(by_register, "", exchange=asked(by_register).exchange).case.reason is CaseReason.BY_REGISTER


class SwitchedOff:
    def state(self) -> Off:
        return Off(Scope.ALL, "administrator", "点検", MONDAY)


def test_answers_switched_off_are_a_reason() -> None:
    held = room(switch=SwitchedOff())
    assert taken(held, "", exchange=asked(held).exchange).case.reason is CaseReason.AI_OFF


def test_an_exchange_that_never_closed_is_a_failure(desk: Room) -> None:
    desk.log.refuse("full", "exchange.closed")
    asked(desk)
    desk.log.refuse(None)
    (recorded,) = desk.log.conversation(TALK)
    got = taken(desk, "", exchange=recorded.exchange)
    assert got.case.reason is CaseReason.FAILED
    assert refused_correction(desk, recorded.exchange) == "unknown_exchange"


def refused_correction(held: Room, exchange: ExchangeId) -> str:
    with pytest.raises(CaseRefused) as caught:
        taken(held, "違います", kind=CaseKind.CORRECTION, exchange=exchange)
    return caught.value.code


def unhelpful(held: Room, given: Answered) -> None:
    assert given.exchange is not None
    assert feedback.give(held.desk, given.exchange, None, Feedback(useful=False))


def test_two_answers_that_did_not_help_are_a_reason(desk: Room) -> None:
    first = asked(desk)
    unhelpful(desk, first)
    assert taken(desk, "職員に聞きます").case.reason is CaseReason.PERSON_WANTED
    second = asked(desk)
    unhelpful(desk, second)
    assert taken(desk, "", exchange=second.exchange).case.reason is CaseReason.UNHELPFUL
    assert taken(desk, "もう一つ").case.reason is CaseReason.UNHELPFUL


def test_a_text_put_to_no_ai_is_as_risky_as_the_rules_say(desk: Room) -> None:
    assert taken(desk, "私の申請はどうなりましたか").case.priority is Risk.HIGH
    assert taken(desk, "ちょっと聞きたいことがあります").case.priority is Risk.LOW


def test_a_complaint_about_government_using_ai(desk: Room) -> None:
    got = taken(
        desk,
        "",
        kind=CaseKind.COMPLAINT,
        service="給付金のAI審査",
        happened="AIの返答が不親切でした",
        wish="人に見てほしい",
        bureau="福祉局",
        may_forward=True,
    )
    assert (got.case.kind, got.case.reason, got.case.priority) == (
        CaseKind.COMPLAINT,
        CaseReason.COMPLAINT,
        Risk.MODERATE,
    )
    contents = opening(desk)[1]
    assert {path: contents[path] for path in ("service", "happened", "wish", "bureau")} == {
        "service": "給付金のAI審査",
        "happened": "AIの返答が不親切でした",
        "wish": "人に見てほしい",
        "bureau": "福祉局",
    }


def test_a_consultation_of_staff_names_its_department() -> None:
    held = room(name=DeskName.STAFF)
    plan = "救急の通報をAIで受けて、救急車を出すかどうかAIが決める計画です"
    got = taken(held, plan, kind=CaseKind.CONSULTATION, department=Department.TECHNOLOGY)
    assert (got.case.department, got.case.priority) == (Department.TECHNOLOGY, Risk.HIGH)
    mild = taken(held, "議事録をAIで作る計画です", kind=CaseKind.CONSULTATION, department=Department.POLICY)
    assert mild.case.priority is Risk.MODERATE


@pytest.mark.parametrize(
    ("desk_name", "wish"),
    [
        (DeskName.STAFF, {"kind": CaseKind.COMPLAINT}),
        (DeskName.PUBLIC, {"kind": CaseKind.CONSULTATION}),
        (DeskName.PUBLIC, {"department": Department.POLICY}),
    ],
)
def test_each_desk_takes_its_own_kinds(desk_name: DeskName, wish: dict[str, Any]) -> None:
    assert refused(room(name=desk_name), **wish) == "not_here"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"text": ""}, "no_text"),
        ({"text": " \n\t"}, "no_text"),
        ({"text": "\u200b\u2060"}, "no_text"),
        ({"text": "", "kind": CaseKind.COMPLAINT, "service": "AI審査"}, "no_text"),
        ({"text": "あ" * 2_001}, "long_text"),
        ({"text": "あ", "happened": "あ" * 2_001}, "long_text"),
        ({"text": "あ", "service": "あ" * 301}, "long_text"),
        ({"text": "あ", "contact": "あ" * 301, "contact_consent": True}, "long_text"),
        ({"text": "あ", "contact": CONTACT}, "no_consent"),
        ({"text": "あ", "exchange": ExchangeId("ex_none")}, "unknown_exchange"),
        ({"text": "あ", "kind": CaseKind.CORRECTION}, "unknown_exchange"),
    ],
)
def test_what_cannot_be_a_case(desk: Room, wish: dict[str, Any], code: str) -> None:
    assert refused(desk, **wish) == code


def test_the_longest_text_is_a_question_s(desk: Room) -> None:
    assert taken(desk, "あ" * 2_000 + "  \n").case.state is CaseState.OPEN


def test_an_exchange_of_another_conversation_is_unknown(desk: Room) -> None:
    given = asked(desk, conversation=ConversationId("c-2"))
    assert given.exchange is not None
    with pytest.raises(CaseRefused, match="unknown_exchange"):
        taken(desk, exchange=given.exchange)
    got = taken(desk, exchange=given.exchange, conversation=None)  # the id alone is known to who asked
    assert got.case.conversation == "c-2"


def test_a_case_without_a_conversation_begins_one(desk: Room) -> None:
    made = {taken(desk, conversation=None).case.conversation for _ in range(3)}
    assert len(made) == 3
    assert all(len(each) >= 22 for each in made)


def test_a_request_sent_twice_is_one_case(desk: Room) -> None:
    first = taken(desk, once="form-1")
    again = taken(desk, once="form-1")
    assert (again.case.id, again.number) == (first.case.id, first.number)
    assert kinds(desk) == ["opened"]
    assert len(desk.outbox.waiting()) == 2
    other = taken(desk, once="form-2")
    assert other.number != first.number
    elsewhere = taken(desk, once="form-1", conversation=ConversationId("c-2"))
    assert elsewhere.number != first.number  # the name of a request opens nothing to anybody else


def test_a_request_sent_twice_at_once_is_one_case(desk: Room) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(lambda _: taken(desk, once="form-1").number, range(16)))
    assert len(numbers) == 1
    assert kinds(desk) == ["opened"]


def test_the_same_wish_about_an_exchange_is_one_case_while_it_waits(desk: Room) -> None:
    given = asked(desk, "今年の米の値段はいくらですか")
    first, again = taken(desk, "", exchange=given.exchange), taken(desk, "", exchange=given.exchange)
    assert again.number == first.number
    assert taken(desk, "それと、別のことも", exchange=given.exchange).number != first.number
    claimed(desk, first.case.id)
    reply(desk.desk, first.case.id, AIKO, Answer("お答えします"))
    assert taken(desk, "", exchange=given.exchange).number != first.number


def test_ten_cases_of_a_conversation_wait_at_most(desk: Room) -> None:
    cases = [taken(desk, f"相談 {number}") for number in range(10)]
    with pytest.raises(CaseRefused, match="too_many"):
        taken(desk)
    assert taken(desk, conversation=ConversationId("c-2")).case.live
    claimed(desk, cases[0].case.id)
    reply(desk.desk, cases[0].case.id, AIKO, Answer("お答えします"))
    assert taken(desk).case.live


def test_how_to_be_reached_is_kept_apart_and_sealed_until_a_date(desk: Room, lines: list[Any]) -> None:
    got = taken(desk, contact=f"  {CONTACT}\n ", contact_consent=True)
    kept = desk.cases.contact(got.case.id)
    assert kept is not None
    assert kept[0] == CONTACT
    assert got.case.due is not None
    assert kept[1] == got.case.due + timedelta(days=30)
    assert kinds(desk) == ["opened", "contact_given"]
    given = desk.log.kept[-1].entry
    assert given.links == (desk.log.kept[-2].appended.entry,)
    assert (given.meta["until"], dict(given.contents)) == (kept[1].isoformat(), {})
    assert CONTACT not in everything_of(desk) + str(lines)
    assert refolded(desk, got.case.id) == desk.cases.get(got.case.id)


def test_no_contact_no_trace_of_one(desk: Room) -> None:
    got = taken(desk, contact="  ", contact_consent=True)
    assert desk.cases.contact(got.case.id) is None
    assert kinds(desk) == ["opened"]


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("where", ["begin", "case.opened", "case.contact_given", "cases", "outbox", "commit"])
def test_without_a_record_there_is_no_case(desk: Room, where: str, cause: str) -> None:
    desk.log.refuse(cause, where)
    with pytest.raises(LogUnavailable) as caught:
        taken(desk, contact=CONTACT, contact_consent=True)
    desk.log.refuse(None)
    assert caught.value.cause == cause
    assert (desk.log.kept, desk.outbox.waiting(), desk.cases.live()) == ([], [], 0)
    assert taken(desk).case.live


def test_every_number_is_another(desk: Room) -> None:
    numbers = {taken(desk, conversation=ConversationId(f"c-{each}")).number for each in range(50)}
    assert len(numbers) == 50


def test_the_case_of_one_desk_is_unknown_at_the_other(desk: Room) -> None:
    staff = room(name=DeskName.STAFF)
    got = taken(desk)
    assert staff.cases.get(got.case.id) is None
    assert {kept.entry.kind for kept in staff.log.kept} == set()


def test_asking_for_a_person_after_an_assisted_answer_is_the_case_it_has() -> None:
    held = assisted()
    given = asked(held)
    got = taken(held, "", exchange=given.exchange)
    assert got.number == given.case
    assert kinds(held) == [ChangeKind.OPENED]
