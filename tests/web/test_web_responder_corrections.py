"""A correction request at the console: decided with reasons; it reaches every answer that rests on the same passage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from bot.cases import CaseKind
from bot.intake import Taken
from bot.persons_case import by_number
from bot.records import ExchangeId, Language
from tests.web.cases_room import CasesRoom, address
from tests.web.staffroom import staffroom

WORDS = "正しくは182億円です。予算書の集計を誤って引用していました。"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasesRoom]:
    made = CasesRoom(staffroom(tmp_path_factory.mktemp("corrections")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def browser(room: CasesRoom) -> TestClient:
    return room.responder("sato")


def requested(
    room: CasesRoom, browser: TestClient, conversation: str, language: Language = Language.JA
) -> tuple[Taken, ExchangeId]:
    exchange = room.asked(conversation)
    taken = room.taken(
        "金額が違うと思います",
        kind=CaseKind.CORRECTION,
        conversation=conversation,
        exchange=exchange,
        language=language,
    )
    assert browser.post(address(taken), data={"do": "claim"}).status_code == 303
    return taken, exchange


def decide(browser: TestClient, taken: Taken, **fields: object) -> tuple[int, str]:
    came = browser.post(address(taken), data={"do": "decide", "text": WORDS, **fields})
    return came.status_code, came.text


def corrected(room: CasesRoom, exchange: ExchangeId) -> str | None:
    recorded = room.desk().log.exchange(exchange)
    assert recorded is not None
    return recorded.corrected.text if recorded.corrected else None


def test_the_page_shows_the_answer_and_what_else_rests_on_it(room: CasesRoom, browser: TestClient) -> None:
    other = room.asked("cv_elsewhere")
    taken, _ = requested(room, browser, "cv_shown")
    page = browser.get(address(taken)).text
    assert "申出の対象になった回答" in page
    assert "181億円" in page
    assert f'name="also" value="{other}"' in page
    assert "訂正する" in page
    assert "訂正しない" in page
    assert 'value="passage:budget"' in page
    assert 'value="preview"' not in page  # a correction request is decided, not merely answered


def test_an_upheld_request_reaches_the_answer_and_those_ticked(room: CasesRoom, browser: TestClient) -> None:
    ticked, left = room.asked("cv_ticked"), room.asked("cv_left")
    taken, exchange = requested(room, browser, "cv_upheld")
    status, _ = decide(
        browser, taken, decision="upheld", also=[ticked], flag="passage:budget", why="集計の年度を取り違えている"
    )
    assert status == 303
    assert corrected(room, exchange) == corrected(room, ticked) == WORDS
    assert corrected(room, left) is None
    flags = [each.notice for each in room.desk().queue.outbox.waiting() if each.notice.subject == "note.flagged"]
    assert len(flags) == 1
    seen = by_number(room.desk(), taken.number)
    assert seen is not None
    assert seen.corrected is not None
    page = browser.get(address(taken)).text
    assert "この回答は訂正しました" in page
    assert f'name="also" value="{left}"' in page
    assert f'name="also" value="{ticked}"' not in page
    later = browser.post(address(taken), data={"do": "correct", "text": WORDS, "also": [left]})
    assert later.status_code == 303
    assert corrected(room, left) == WORDS


def test_a_dismissed_request_corrects_nothing(room: CasesRoom, browser: TestClient) -> None:
    ticked = room.asked("cv_not_ticked")
    taken, exchange = requested(room, browser, "cv_dismissed")
    status, _ = decide(browser, taken, decision="dismissed", text="資料のとおりです。", also=[ticked])
    assert status == 303
    assert corrected(room, exchange) is None
    assert corrected(room, ticked) is None
    assert "訂正しない" in browser.get(address(taken)).text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"decision": ""}, "「訂正する」か「訂正しない」を選んでください"),
        ({"decision": "upheld", "text": " "}, "文が書かれていません"),
        ({"decision": "upheld", "also": "ex_of-nobody"}, "選んだ回答が見つかりません"),
        ({"decision": "upheld", "text": "担当の田中太郎、電話090-1234-5678です"}, "個人情報に見える語があります"),
    ],
)
def test_what_is_not_decided_says_why_and_keeps_the_words(
    room: CasesRoom, browser: TestClient, fields: dict[str, str], told: str
) -> None:
    taken, exchange = requested(room, browser, f"cv_refused_{len(told)}")
    status, page = decide(browser, taken, why="年度の取り違え", **fields)
    assert status == 422
    assert told in page
    assert str(fields.get("text", WORDS)).strip() in page
    assert "年度の取り違え" in page
    assert corrected(room, exchange) is None


def test_a_claim_that_ran_out_keeps_the_decision(room: CasesRoom, browser: TestClient) -> None:
    exchange = room.asked("cv_late")
    taken = room.taken(kind=CaseKind.CORRECTION, conversation="cv_late", exchange=exchange)
    room.claimed_long_ago(taken, "sato")
    status, page = decide(browser, taken, decision="upheld")
    assert status == 409
    assert WORDS in page
    again = browser.post(address(taken), data={"do": "claim", "text": WORDS, "decision": "upheld"})
    assert again.status_code == 200
    assert WORDS in again.text
    assert 'value="upheld" checked' in again.text
    assert decide(browser, taken, decision="upheld")[0] == 303


def test_reasons_in_another_language_have_japanese_beside_them(room: CasesRoom, browser: TestClient) -> None:
    taken, _ = requested(room, browser, "cv_english", Language.EN)
    assert 'name="text_ja"' in browser.get(address(taken)).text
    status, _ = decide(browser, taken, decision="dismissed", text="It stands.", text_ja="そのとおりです。")
    assert status == 303
    (answer,) = [each for each in room.entries(taken) if each.kind == "case.answered"]
    assert answer.contents["reply_ja"] == "そのとおりです。"
