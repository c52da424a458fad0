"""What the responder console is made of: the filters in the address, the difference of two texts, canned replies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.canned import PLACES, canned
from bot.cases import Case, CaseId, CaseKind, CaseReason, CaseState, Department
from bot.records import ConversationId, Language, Risk
from web.differing import Kind, difference
from web.responder_filters import PAGE, Looking, find, newer, newest, read_filters, read_page

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ME = Looking("ac_me", NOW)
TEXTS = st.text(alphabet="令和7年度の予算は億円です。次のAB c\n！", max_size=60)


def case(number: int, **given: object) -> Case:
    made = {
        "id": CaseId(f"cs_{number:03}"),
        "conversation": ConversationId(f"cv_{number}"),
        "kind": CaseKind.QUESTION,
        "reason": CaseReason.ABSTAINED,
        "priority": Risk.LOW,
        "language": Language.JA,
        "opened": NOW - timedelta(hours=number),
        "due": NOW + timedelta(days=number),
        "waiting_since": NOW - timedelta(hours=number),
        **given,
    }
    return Case(**made)  # type: ignore[arg-type] # the fields of a case by their names


CASES = (
    case(1),
    case(2, priority=Risk.GRAVE, due=None, reason=CaseReason.DANGER),
    case(3, priority=Risk.HIGH, kind=CaseKind.COMPLAINT, language=Language.EN),
    case(4, state=CaseState.CLAIMED, holder="ac_me", claim_ends=NOW + timedelta(minutes=9)),
    case(5, state=CaseState.CLAIMED, holder="ac_you", due=NOW - timedelta(days=1)),
    case(6, state=CaseState.ANSWERED, ended=NOW),
    case(7, kind=CaseKind.CONSULTATION, department=Department.FINANCE),
)


def shown(**query: str) -> list[str]:
    return [each.id for each in find(CASES, read_filters(query), ME).cases]


def test_what_waits_is_shown_by_risk_then_due_then_age() -> None:
    assert shown() == ["cs_002", "cs_003", "cs_005", "cs_001", "cs_004", "cs_007"]
    backwards = find(tuple(reversed(CASES)), read_filters({}), ME)
    assert [each.id for each in backwards.cases] == shown()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"risk": "high"}, ["cs_003"]),
        ({"kind": "consultation"}, ["cs_007"]),
        ({"department": "finance"}, ["cs_007"]),
        ({"reason": "danger"}, ["cs_002"]),
        ({"language": "en"}, ["cs_003"]),
        ({"state": "answered"}, ["cs_006"]),
        ({"state": "all", "kind": "question", "reason": "abstained"}, ["cs_005", "cs_001", "cs_004", "cs_006"]),
        ({"overdue": "1"}, ["cs_005"]),
        ({"mine": "1"}, ["cs_004"]),
        ({"mine": "1", "overdue": "1"}, []),
        ({"risk": "of no kind", "state": "nowhere", "mine": "0"}, shown()),
    ],
)
def test_filters(query: dict[str, str], ids: list[str]) -> None:
    assert shown(**query) == ids


def test_counts_say_what_a_filter_would_show_beside_the_others() -> None:
    found = find(CASES, read_filters({"kind": "question"}), ME)
    for name in ("risk", "reason", "language"):
        for choice in found.choices[name]:
            assert choice.count == len(shown(kind="question", **{name: choice.value}))
    for choice in found.choices["kind"]:  # its own filter is not asked
        assert choice.count == len(shown(kind=choice.value))
    for choice in found.choices["state"]:
        assert choice.count == len(shown(kind="question", state=choice.value))
    for name, choice in found.switches.items():
        assert choice.count == len(shown(kind="question", **{name: "1"}))


def test_an_address_says_its_filters_again_in_one_order() -> None:
    query = {"mine": "1", "language": "en", "risk": "high", "state": "open", "other": "x"}
    assert list(read_filters(query).query.items()) == [
        ("state", "open"),
        ("risk", "high"),
        ("language", "en"),
        ("mine", "1"),
    ]
    assert read_filters({}).query == {}


@pytest.mark.parametrize(("typed", "page"), [("2", 2), ("0", 1), ("-3", 1), ("x", 1), ("１", 1), ("99999999999", 1)])
def test_pages(typed: str, page: int) -> None:
    assert read_page({"page": typed}) == page


def test_every_case_is_on_one_page_alone() -> None:
    many = [case(number, due=None) for number in range(2 * PAGE + 3)]
    pages = [find(many, read_filters({}), ME, page) for page in (1, 2, 3, 4)]
    assert [len(each.cases) for each in pages] == [PAGE, PAGE, 3, 3]
    assert {each.id for found in pages for each in found.cases} == {each.id for each in many}
    assert (pages[3].page, pages[3].pages) == (3, 3)


def test_what_is_new_waits_since_then() -> None:
    assert newest(CASES) == NOW - timedelta(hours=1)
    assert newer(CASES, NOW - timedelta(hours=2, minutes=1)) == 2
    assert newer(CASES, newest(CASES)) == 0
    assert newer(CASES, newest(())) == 4  # those that nobody holds


@given(before=TEXTS, after=TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(each.text for each in pieces if each.kind is not Kind.NEW) == before
    assert "".join(each.text for each in pieces if each.kind is not Kind.GONE) == after
    assert all(each.text for each in pieces)
    assert all(one.kind is not two.kind for one, two in pairwise(pieces))


def test_a_difference_is_told_by_words() -> None:
    pieces = difference("令和7年度の予算は181億円です。", "令和8年度の予算は181億円です。詳しくは窓口へ。")
    assert [(each.kind, each.text) for each in pieces] == [
        (Kind.SAME, "令和"),
        (Kind.GONE, "7"),
        (Kind.NEW, "8"),
        (Kind.SAME, "年度の予算は181億円です。"),
        (Kind.NEW, "詳しくは窓口へ。"),
    ]


def test_long_texts_are_compared_in_no_time() -> None:
    one, two = "あ亜" * 3000, "亜あ" * 3000
    assert [each.kind for each in difference(one, two)] == [Kind.GONE, Kind.NEW]


@pytest.mark.parametrize("language", Language)
def test_canned_replies_fill_their_places_and_leave_out_what_nobody_knows(language: Language) -> None:
    values = {"number": "K3M9-Q2XD", "due": "2026-12-01", "hours": "9:00-17:00"}
    assert len({each.id for each in canned()}) == len(canned())
    for each in canned():
        whole = each.filled(language, values)
        assert "{" not in whole
        assert each.title[language].strip()
        bare = each.filled(language, {})
        assert bare.strip()
        assert not any(value in bare for value in values.values())
        assert len(bare.splitlines()) == len(whole.splitlines()) - sum(
            any(f"{{{place}}}" in line for place in PLACES) for line in each.text[language].splitlines()
        )


def test_canned_replies_in_easy_japanese_are_read_aloud() -> None:
    for each in canned():
        unread = re.sub(r"[々一-鿿]+[ぁ-ん]*（[ぁ-ん]+）", "", each.text[Language.JA_EASY])
        assert not re.search(r"[一-鿿]", unread), unread
