"""What is told to whom: words from closed lists, one key for one occasion, nothing a person wrote."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from bot.cases import Case, CaseId, CaseKind, CaseReason, Department
from bot.notice_words import Day, Telling, case_words, day_words, reference
from bot.notices import NOTICE, Recipients, about_case, daily, entry_notice, entry_of
from bot.records import ConversationId, DeskName, Language, Notice, Outcome, Risk, Way
from tests.house_kit import ROOT

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
CASE = Case(
    id=CaseId("cs_secretsecret9f3a1c"),
    conversation=ConversationId("cv_private"),
    kind=CaseKind.QUESTION,
    reason=CaseReason.ABSTAINED,
    priority=Risk.HIGH,
    language=Language.JA,
    opened=AT,
    due=datetime(2026, 11, 26, 8, tzinfo=UTC),
)
DAY = Day(
    day=date(2026, 11, 24),
    first=date(2026, 11, 23),
    last=date(2026, 11, 23),
    outcomes={"answered.documents": 3, "answered.service": 1, "failed.log": 2},
    live=4,
    open=2,
    needs_information=1,
    overdue=1,
    unclaimed=1,
    late=[("9f3a1c", AT)],
    backlog={"mail": 2},
)
TOLD = Recipients(
    DeskName.PUBLIC,
    ("a@example.jp", "b@example.jp"),
    ("https://hook.example.jp/x",),
    ("w@example.jp", "https://hook.example.jp/w"),
    "https://madoguchi.example.jp/responder/public",
)


def test_each_recipient_gets_one_notice() -> None:
    notices = about_case(Telling.OPENED, CASE, TOLD, AT)
    assert [(each.way, each.to) for each in notices] == [
        (Way.MAIL, "a@example.jp"),
        (Way.MAIL, "b@example.jp"),
        (Way.HOOK, "https://hook.example.jp/x"),
    ]
    assert len({each.key for each in notices}) == 3
    assert about_case(Telling.OPENED, CASE, Recipients(DeskName.PUBLIC), AT) == []


def test_an_occasion_has_the_same_keys_whenever_it_is_told() -> None:
    def keys(**changes: object) -> set[str]:
        values = {"telling": Telling.SUPPLIED, "case": CASE, "recipients": TOLD, "at": AT, "occasion": "e1", **changes}
        return {each.key for each in about_case(**values)}  # type: ignore[arg-type]

    assert keys() == keys(at=datetime(2027, 1, 1, tzinfo=UTC)) == keys(case=replace(CASE, priority=Risk.LOW))
    others = [
        keys(),
        keys(occasion="e2"),
        keys(telling=Telling.OVERDUE),
        keys(case=replace(CASE, reopened=1)),
        keys(case=replace(CASE, id=CaseId("cs_other9f3a1c"))),
        keys(recipients=replace(TOLD, desk=DeskName.STAFF)),
    ]
    assert len(set().union(*others)) == sum(len(each) for each in others)


def test_the_mail_says_what_and_where_japanese_first() -> None:
    notice = about_case(Telling.OPENED, CASE, TOLD, AT)[0]
    assert notice.subject == "［都民窓口］新しい案件が届きました（9f3a1c、優先度高）"
    japanese, english = notice.body.rstrip().rsplit("\n\n", 1)
    for part in ("都民窓口", "9f3a1c", "質問", "高", "2026年11月26日（木）17:00", TOLD.console, "AIが回答を控えた"):
        assert part in japanese
    assert english == (
        "A new case has come (public desk): case 9f3a1c, question, priority high, due 2026-11-26 17:00 (Japan time). "
        f"Console: {TOLD.console}"
    )


def test_a_notice_names_neither_the_whole_case_nor_the_conversation() -> None:
    for notice in about_case(Telling.OVERDUE, CASE, TOLD, AT):
        whole = notice.key + notice.subject + notice.body
        assert "secret" not in whole
        assert "private" not in whole


def test_the_hook_gets_type_time_and_data() -> None:
    told = json.loads(about_case(Telling.UNCLAIMED, CASE, TOLD, AT)[2].body)
    assert (told["type"], told["timestamp"]) == ("case.unclaimed", "2026-11-23T10:00:00+09:00")
    assert told["data"] == {
        "desk": "public",
        "case": "9f3a1c",
        "kind": "question",
        "reason": "abstained",
        "priority": "high",
        "department": None,
        "opened": "2026-11-23T10:00:00+09:00",
        "due": "2026-11-26T17:00:00+09:00",
        "console": TOLD.console,
    }
    assert "担当者の決まっていない案件" in told["text"]


def test_danger_has_no_date_and_says_that_nobody_is_watching() -> None:
    grave = replace(CASE, priority=Risk.GRAVE, reason=CaseReason.DANGER, due=None)
    _, body = case_words(Telling.OPENED, grave, DeskName.PUBLIC, "")
    assert "すぐに確認" in body
    assert "nobody is watching" in body


@pytest.mark.parametrize("desk", DeskName)
@pytest.mark.parametrize("telling", Telling)
def test_every_case_has_words(desk: DeskName, telling: Telling) -> None:
    for kind, reason, priority, department in product(CaseKind, CaseReason, Risk, (None, *Department)):
        case = replace(CASE, kind=kind, reason=reason, priority=priority, department=department)
        subject, body = case_words(telling, case, desk, "")
        assert subject.isprintable()
        assert "{" not in body


def test_the_daily_message_says_how_things_stand() -> None:
    subject, body = day_words(DAY, DeskName.STAFF, "https://example.jp/responder/staff")
    assert subject == "［職員窓口］日報 2026-11-24"
    for part in (
        "対象：2026-11-23",
        "6件",
        "　回答 4件（answered.documents 3、answered.service 1）",
        "　障害 2件（failed.log 2）",
        "対応中の案件　：4件（うち担当者なし 2件、追加情報待ち 1件）",
        "期限を過ぎた案件：1件",
        "　9f3a1c　期限 2026年11月23日（月）10:00",
        "送れていない通知：メール 2",
        "Daily report of the staff desk, 2026-11-24: 6 exchanges, 4 live cases, 1 overdue, 2 notices waiting.",
    ):
        assert part in body


def test_a_quiet_day_is_told_too() -> None:
    quiet = replace(DAY, outcomes={}, live=0, open=0, needs_information=0, overdue=0, unclaimed=0, late=[], backlog={})
    _, body = day_words(replace(quiet, first=date(2026, 11, 20)), DeskName.PUBLIC, "")
    assert "やり取りの結果：0件\n　なし" in body
    assert "2026-11-20から2026-11-23まで" in body
    assert "送れていない通知：なし" in body


def test_the_watchers_get_one_message_a_day() -> None:
    first, again = daily(DAY, TOLD, AT), daily(replace(DAY, live=9), TOLD, datetime(2026, 11, 24, tzinfo=UTC))
    assert [(each.way, each.to) for each in first] == [(Way.MAIL, "w@example.jp"), (Way.HOOK, TOLD.watcher[1])]
    assert [each.key for each in first] == [each.key for each in again]
    assert {each.key for each in first}.isdisjoint(
        each.key for each in daily(replace(DAY, day=date(2026, 11, 25)), TOLD, AT)
    )
    assert json.loads(first[1].body)["type"] == "desk.daily"


def test_every_family_of_outcomes_has_a_word() -> None:
    words = tomllib.loads((ROOT / "bot" / "notices.toml").read_text("utf-8"))
    assert list(words["family"]) == list(dict.fromkeys(each.family for each in Outcome))
    assert set(words["way"]) == {each.value for each in Way}


def test_an_entry_travels_as_a_notice_and_names_it() -> None:
    notice = entry_notice("k1", ConversationId("knowledge"), "knowledge.flagged", {"desk": "public"}, {"why": "誤り"})
    assert (notice.way, notice.to) == (Way.SYSTEM, "knowledge")
    entry = entry_of(notice)
    assert (entry.kind, entry.subject) == ("knowledge.flagged", "knowledge")
    assert entry.meta == {"desk": "public", NOTICE: "k1"}
    assert entry.contents == {"why": "誤り"}


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"meta": {}}', '{"meta": [], "contents": {}}'])
def test_what_is_no_entry_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"of an entry|Expecting value"):
        entry_of(Notice("k", Way.SYSTEM, "knowledge", "kind", body))


def test_who_is_told_still() -> None:
    notices = [*about_case(Telling.OPENED, CASE, TOLD, AT), *daily(DAY, TOLD, AT)]
    assert all(TOLD.include(each) for each in notices)
    assert [each.to for each in notices if replace(TOLD, mail=("a@example.jp",), watcher=()).include(each)] == [
        "a@example.jp",
        "https://hook.example.jp/x",
    ]
    assert Recipients(DeskName.STAFF).include(entry_notice("k", ConversationId("knowledge"), "kind", {}))


def test_a_reference_is_short() -> None:
    assert reference(CASE.id) == "9f3a1c"
