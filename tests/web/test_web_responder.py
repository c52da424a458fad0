"""The responder console: who comes in, the queue, a case by its number, what is read and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from bot import responding
from bot.cases import CaseKind
from bot.records import DeskName, Language
from tests.web.cases_room import CasesRoom, address
from tests.web.staffroom import staffroom

PUBLIC, STAFF = "/responder/public", "/responder/staff"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasesRoom]:
    made = CasesRoom(staffroom(tmp_path_factory.mktemp("responder")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def responder(room: CasesRoom) -> TestClient:
    return room.responder("sato")


def test_the_front_offers_the_consoles(room: CasesRoom) -> None:
    page = room.room.browser().get("/responder")
    assert page.status_code == 200
    assert f'href="{PUBLIC}"' in page.text
    assert f'href="{STAFF}"' in page.text
    assert room.room.browser().get("/responder?lang=en").headers["set-cookie"].startswith("madoguchi_language=en")


def test_only_responders_of_the_desk_come_in(room: CasesRoom) -> None:
    browser = room.room.browser()
    assert browser.get(PUBLIC).headers["location"] == f"{PUBLIC}/sign-in"
    for grants in (("staff@staff",), ("administrator",), ("auditor",), ("responder@staff",), ("approver",)):
        login = f"p-{grants[0].replace('@', '-')}"
        password = room.room.hire(login, *grants)
        refused = room.room.browser().post(f"{PUBLIC}/sign-in", data={"login": login, "password": password})
        assert refused.status_code == 403
    whole = room.room.signed_in("whole", "responder", door=STAFF)
    assert whole.get(STAFF).status_code == 200
    assert whole.get(PUBLIC).status_code == 303  # a session is good at its own door alone


def test_the_queue_shows_filters_and_counts(room: CasesRoom, responder: TestClient) -> None:
    room.taken("予算について聞きたい")
    room.taken("A question about the budget", language=Language.EN)
    room.taken("審査でAIが使われたか知りたい", kind=CaseKind.COMPLAINT, service="補助金", happened="x", wish="y")
    everything = responder.get(PUBLIC)
    assert everything.status_code == 200
    complaints = responder.get(f"{PUBLIC}?kind=complaint").text
    assert complaints.count('class="case"') == 1
    assert '<option value="complaint" selected>行政のAI利用に関する相談・苦情（1）</option>' in complaints
    english = responder.get(f"{PUBLIC}?language=en").text
    assert english.count('class="case"') == 1
    none = responder.get(f"{PUBLIC}?language=ko&kind=complaint").text
    assert none.count('class="case"') == 0
    assert "当てはまる案件はありません" in none
    assert "予算について聞きたい" not in everything.text  # the queue says what waits, not what people wrote


def test_the_queue_says_who_holds_a_case_until_when(room: CasesRoom, responder: TestClient) -> None:
    taken = room.taken()
    other = room.responder("suzuki")
    assert other.post(address(taken), data={"do": "claim"}).status_code == 303
    seen = responder.get(f"{PUBLIC}?state=claimed").text
    assert "担当：Suzuki" in seen
    mine = other.get(f"{PUBLIC}?mine=1").text
    assert taken.case.id in mine
    assert "自分が担当中" in mine
    assert taken.case.id not in responder.get(f"{PUBLIC}?mine=1").text


def test_a_case_is_found_by_the_number_somebody_tells(room: CasesRoom, responder: TestClient) -> None:
    taken = room.taken()
    typed = f" {taken.number.lower().replace('-', ' ')} "
    found = responder.post(PUBLIC, data={"number": typed})
    assert (found.status_code, found.headers["location"]) == (303, address(taken))
    assert taken.number not in found.headers["location"]
    missed = responder.post(PUBLIC, data={"number": "9999-9999-9999-9999-9999"})
    assert missed.status_code == 404
    assert 'value="9999-9999-9999-9999-9999"' in missed.text
    assert 'role="alert"' in missed.text


def test_news_are_told_once_they_come(room: CasesRoom, responder: TestClient) -> None:
    page = responder.get(PUBLIC).text
    news = unescape(page.split('data-news="')[1].split('"')[0])
    assert responder.get(news, headers={"x-madoguchi-part": "1"}).status_code == 204
    room.taken()
    told = responder.get(news, headers={"x-madoguchi-part": "1"})
    assert told.status_code == 200
    assert "新しい案件が1件あります" in told.text
    for after in ("", "yesterday", "2026-11-23"):
        assert responder.get(f"{PUBLIC}/news", params={"after": after}).status_code == 422


def test_reading_a_case_is_recorded_once_in_a_while(room: CasesRoom, responder: TestClient) -> None:
    taken = room.taken()
    for _ in range(3):
        assert responder.get(address(taken)).status_code == 200
    reads = [each for each in room.entries(taken) if each.kind == "case.read"]
    assert [each.meta["by"] for each in reads] == [room.actor("sato").id]


def test_a_case_shows_the_whole_conversation_masked_with_its_evidence(room: CasesRoom, responder: TestClient) -> None:
    exchange = room.asked("cv_whole")
    room.asked("cv_whole", "東京港の水門の遠隔操作はいつから始まりますか？")
    taken = room.taken("電話は090-1234-5678です", conversation="cv_whole", exchange=exchange)
    page = responder.get(address(taken)).text
    assert "090-1234-5678" not in page
    assert "〈電話番号1〉" in page
    assert "181億円" in page
    assert "令和9年度" in page
    assert "資料に裏付けあり" in page
    assert "使わなかった" in page
    assert f'href="{PUBLIC}/sources/budget"' in page
    source = responder.get(f"{PUBLIC}/sources/budget")
    assert source.status_code == 200
    assert "181億円" in source.text


def test_contact_details_show_only_when_asked_for_and_that_is_recorded(room: CasesRoom, responder: TestClient) -> None:
    contact = "連絡は03-1111-2222へ"
    taken = room.taken(contact=contact, contact_consent=True)
    assert contact not in responder.get(address(taken)).text
    assert "case.contact_read" not in room.kinds(taken)
    shown = responder.post(address(taken), data={"do": "contact"})
    assert contact in shown.text
    assert room.kinds(taken)[-1] == "case.contact_read"
    assert contact not in responder.get(address(taken)).text
    assert not any(contact in str(each.contents) for each in room.entries(taken))


@pytest.mark.parametrize("desk", list(DeskName))
def test_the_other_desks_cases_are_not_there(room: CasesRoom, desk: DeskName) -> None:
    other = DeskName.STAFF if desk is DeskName.PUBLIC else DeskName.PUBLIC
    taken = room.taken("もう一方の窓口の相談フォンデュルク", other)
    browser = room.responder(f"only-{desk.value}", desk)
    here = f"/responder/{desk.value}/cases"
    unknown = browser.get(f"{here}/cs_no-such-case-there-is-none")
    guessed = browser.get(f"{here}/{taken.case.id}")
    assert guessed.status_code == unknown.status_code == 404
    assert guessed.text.replace(taken.case.id, "") == unknown.text.replace("cs_no-such-case-there-is-none", "")
    before = room.kinds(taken, other)
    for do in ("claim", "note", "contact", "preview", "send", "release", "close", "decide", "merge", "propose"):
        came = browser.post(f"{here}/{taken.case.id}", data={"do": do, "text": "x", "reason": "x", "title": "x"})
        assert came.status_code == 404, do
        assert "フォンデュルク" not in came.text
    assert browser.post(f"/responder/{desk.value}", data={"number": taken.number}).status_code == 404
    own = room.taken(desk=desk)
    assert browser.post(f"{here}/{own.case.id}", data={"do": "claim"}).status_code == 303
    merged = browser.post(f"{here}/{own.case.id}", data={"do": "merge", "into": taken.case.id})
    assert merged.status_code == 422
    assert room.kinds(taken, other) == before
    assert taken.case.id not in browser.get(f"/responder/{desk.value}?state=all").text
    assert responding.queue_of(room.desk(other))


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en", "zh", "ko"])
def test_every_page_is_in_every_language(room: CasesRoom, responder: TestClient, language: str) -> None:
    taken = room.taken(language=Language.EN)
    for path in (PUBLIC, address(taken), f"{PUBLIC}/account", f"{PUBLIC}/sources/budget"):
        page = responder.get(path, params={"lang": language})
        assert page.status_code == 200
        assert "responder." not in page.text.replace("responder.css", "").replace("responder.js", "")
        assert "《" not in page.text


def test_what_is_no_button_is_refused(room: CasesRoom, responder: TestClient) -> None:
    taken = room.taken()
    for do in ("", "delete", "opened", "__init__"):
        assert responder.post(address(taken), data={"do": do}).status_code == 422
    assert room.kinds(taken) == ["case.opened"]
