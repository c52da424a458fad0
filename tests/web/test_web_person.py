"""Asking for a person: before the first question too, without a name; a case before anything is shown, and once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from bot.cases import CaseKind, CaseReason
from bot.records import Language, Risk
from tests.fakes_people import DANGER_TEXT
from tests.fakes_web import FakeDesk, web_state
from web.app import create_app
from web.doors import DoorSettings

NUMBER = re.compile(r'data-number="([0-9A-Z-]{24})"')
ONCE = re.compile(r'name="once" value="([\w-]+)"')


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> TestClient:
    return TestClient(create_app(web_state(desk)), follow_redirects=False)


def once(client: TestClient, page: str = "/person") -> str:
    """The random name of the form on a page."""
    found = ONCE.search(client.get(page).text)
    assert found
    return found.group(1)


def test_the_page_says_hours_date_and_that_no_name_is_needed(client: TestClient, desk: FakeDesk) -> None:
    page = client.get("/person").text
    assert "名前もメールアドレスも要りません" in page
    assert "いま受付時間内です。" in page
    assert "月曜日から金曜日　09:00–17:00" in page
    assert "休み：土曜日、日曜日、祝日、年末年始（12月29日から1月3日）" in page
    assert "いま送ると、遅くとも2026年11月27日 17:00までに回答します。" in page
    assert "このあと何が起きるか" in page
    desk.people.now = datetime(2026, 12, 28, 9, 0, tzinfo=UTC)  # 18:00 in Japan, before the year's end
    page = client.get("/person").text
    assert "いまは受付時間外です。" in page
    assert "次の受付は2027年1月4日 09:00からです。" in page
    assert "遅くとも2027年1月7日 17:00までに" in page


def test_every_page_leads_to_a_person_and_says_whether_one_is_there(client: TestClient, desk: FakeDesk) -> None:
    for path in ("/", "/about", "/privacy", "/lookup", "/nowhere"):
        page = client.get(path).text
        assert 'href="/person"' in page
        assert 'id="person"' in page
        assert "いま受付時間内です。" in page
    desk.people.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a holiday
    assert "次の受付は2026年11月24日 09:00からです。" in client.get("/").text


def test_a_case_before_the_first_question(client: TestClient, desk: FakeDesk) -> None:
    sent = {"text": "ひとに聞きたい", "once": once(client)}
    page = client.post("/person", data=sent)
    assert page.status_code == 200
    found = NUMBER.search(page.text)
    assert found
    assert found.group(1) == desk.people.kept[0].number
    assert found.group(1) not in str(page.url)
    assert "読み方：" in page.text
    assert "2026年11月27日 17:00までに職員が回答します。" in page.text
    kept = desk.people.kept[0]
    assert (kept.wish.text, kept.wish.kind, kept.wish.language) == ("ひとに聞きたい", CaseKind.QUESTION, Language.JA)
    assert kept.case.conversation == client.cookies["madoguchi_conversation"]


def test_a_double_click_a_reload_and_a_retry_are_one_case(client: TestClient, desk: FakeDesk) -> None:
    sent = {"text": "ひとに聞きたい", "once": once(client)}
    numbers = {NUMBER.search(client.post("/person", data=sent).text) for _ in range(1)}
    again = client.post("/person", data=sent)  # the browser has the conversation by now
    assert again.status_code == 303
    assert again.headers["location"] == f"/cases/{desk.people.kept[0].case.id}?new=1"
    client.cookies.clear()
    assert NUMBER.search(client.post("/person", data=sent).text)
    assert len(desk.people.kept) == len(numbers) == 1
    other = {"text": "ひとに聞きたい", "once": once(client)}
    client.post("/person", data=other)
    assert len(desk.people.kept) == 2


def test_a_name_that_is_none_of_ours_opens_each_time(client: TestClient, desk: FakeDesk) -> None:
    """Else whoever guesses the name of somebody's form would be shown their number."""
    for _ in range(2):
        assert client.post("/person", data={"text": "a", "once": "1"}).status_code in (200, 303)
    assert len(desk.people.kept) == 2
    assert desk.people.kept[0].wish.once is None


def test_a_form_without_a_name_is_shown_and_nothing_is_sent(client: TestClient, desk: FakeDesk) -> None:
    assert ONCE.search(client.post("/person", data={"text": "a"}).text)
    assert desk.people.kept == []


def test_about_an_exchange_with_its_question_and_without_a_word(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "分からない 090-1234-5678"})
    page = client.get("/").text
    assert "この質問を職員に送れます" in page
    assert 'href="/person?exchange=exchange-1"' in page
    form = client.get("/person?exchange=exchange-1").text
    assert "〔電話番号〕" in form
    assert "090-1234-5678" not in form
    sent = client.post("/person", data={"exchange": "exchange-1", "once": once(client, "/")})
    case = desk.people.kept[0].case
    assert sent.headers["location"] == f"/cases/{case.id}?new=1"
    assert case.exchange == "exchange-1"
    shown = client.get("/").text
    assert desk.people.kept[0].number in shown
    assert "この質問を職員に送れます" not in shown
    assert "受け付けました" in client.get(f"/cases/{case.id}?new=1").text


@pytest.mark.parametrize("exchange", ["exchange-9", "x", "exchange-1"])
def test_no_other_conversations_exchange(client: TestClient, desk: FakeDesk, exchange: str) -> None:
    client.post("/", data={"question": "a"})
    client.cookies.clear()
    assert client.get(f"/person?exchange={exchange}").status_code == 404
    sent = {"text": "a", "exchange": exchange, "once": once(client)}
    assert client.post("/person", data=sent).status_code == 404
    assert client.post("/correction", data=sent).status_code == 404
    assert desk.people.kept == []
    assert desk.strays == ["exchange"] * 3


def test_a_contact_needs_its_own_tick_and_comes_back(client: TestClient, desk: FakeDesk) -> None:
    sent = {"text": "a", "contact": "03-0000-0000", "once": once(client)}
    page = client.post("/person", data=sent)
    assert page.status_code == 422
    assert "同意の欄に印を付けてください" in page.text
    assert 'value="03-0000-0000"' in page.text
    assert desk.people.kept == []
    page = client.post("/person", data={**sent, "contact_consent": "yes", "may_forward": "yes"})
    assert "預かっています（2026年12月27日に消します）" in page.text
    assert "03-0000-0000" not in page.text
    assert desk.people.kept[0].contact == "03-0000-0000"
    assert desk.people.kept[0].case.may_forward
    assert "渡してよい" in page.text


def test_the_form_says_when_the_contact_is_deleted(client: TestClient) -> None:
    assert "いま送ると、遅くとも2026年12月27日に消します。" in client.get("/person").text


@pytest.mark.parametrize(("text", "said"), [(" ", "内容を書いてから送ってください。"), ("あ" * 2_001, "2,000字")])
def test_what_can_be_mended_comes_back(client: TestClient, desk: FakeDesk, text: str, said: str) -> None:
    page = client.post("/person", data={"text": text, "once": once(client)})
    assert page.status_code == 422
    assert said in page.text
    assert text in page.text
    assert desk.people.kept == []


def test_danger_comes_first_and_the_case_has_no_date(client: TestClient, desk: FakeDesk) -> None:
    page = client.post("/person", data={"text": "危険です", "once": once(client)}).text
    assert page.index(DANGER_TEXT[:4]) < page.index("受付番号</p>")
    assert 'role="alert"' in page
    assert "返事の日時は約束できません。この相談を見守っている人はいません。" in page
    assert desk.people.kept[0].case.due is None
    assert desk.people.kept[0].case.reason is CaseReason.DANGER
    client.post("/", data={"question": "はじめ"})
    again = client.post("/person", data={"text": "危険です", "once": once(client)})
    assert again.status_code == 200  # a redirect would lose the text
    assert "110" in again.text


def test_danger_in_what_is_not_taken_comes_first_too(client: TestClient, desk: FakeDesk) -> None:
    sent = {"text": "もう死にたい", "once": once(client)}
    for refuses, broken, status in (("too_many", False, 422), (None, True, 503)):
        desk.people.refuses, desk.people.broken = refuses, broken
        page = client.post("/person", data=sent)
        assert page.status_code == status
        assert page.text.index('href="tel:110"') < page.text.index("<h1>")
    assert len(desk.told) == 2


def test_danger_beyond_the_limits_is_still_answered(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(requests_per_minute=1))), follow_redirects=False)
    sent = {"text": "もう死にたい", "once": once(client)}
    assert client.post("/person", data=sent).status_code == 200
    page = client.post("/person", data=sent)
    assert page.status_code == 429
    assert page.text.index('href="tel:110"') < page.text.index("<h1>")


def test_what_was_typed_is_not_lost_where_the_log_is_away(client: TestClient, desk: FakeDesk) -> None:
    sent = {"text": "長い相談の文", "once": once(client)}
    desk.people.broken = True
    page = client.post("/person", data=sent)
    assert page.status_code == 503
    assert "長い相談の文" in page.text
    assert "いま記録または資料を読み出せません" in page.text
    assert client.get("/person").status_code == 200  # the contacts and the form are still there, without a date
    assert "遅くとも" not in client.get("/person").text


def test_an_answer_to_danger_offers_a_case_that_promises_nothing(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "危険です"})
    page = client.get("/").text
    assert "職員にも伝えられます（見守りではありません）" in page
    assert "返事の日時は約束できません" in page
    client.post("/person", data={"exchange": "exchange-1", "once": once(client, "/")})
    assert desk.people.kept[0].case.due is None
    assert desk.people.kept[0].case.priority is Risk.GRAVE


def test_an_answer_that_did_not_help_offers_a_person(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "予算は？"})
    assert "この質問を職員に送れます" not in client.get("/").text
    desk.unhelpful("exchange-1")
    assert "この質問を職員に送れます" in client.get("/").text


def test_a_complaint_says_which_service_what_happened_and_what_is_wished(client: TestClient, desk: FakeDesk) -> None:
    assert "審査請求や情報公開請求ではありません" in client.get("/voice").text
    sent = {
        "service": "補助金の審査",
        "happened": "AIだけで決められた",
        "wish": "職員に見直してほしい",
        "bureau": "産業労働局",
        "may_forward": "yes",
        "once": once(client, "/voice"),
    }
    page = client.post("/voice", data=sent).text
    kept = desk.people.kept[0]
    assert kept.case.kind is CaseKind.COMPLAINT
    for text in ("補助金の審査", "AIだけで決められた", "職員に見直してほしい", "産業労働局"):
        assert text in page
    assert "行政のAI利用に関する相談・苦情" in page
    assert kept.case.may_forward
    assert client.post("/voice", data={"once": once(client, "/voice"), "service": ""}).status_code == 422


def test_a_correction_request_is_about_an_answer(client: TestClient, desk: FakeDesk) -> None:
    assert "どの回答のことかを選んでください" in client.get("/correction").text
    client.post("/", data={"question": "予算は？"})
    assert 'href="/correction?exchange=exchange-1"' in client.get("/").text
    form = client.get("/correction?exchange=exchange-1").text
    assert "予算は？" in form
    assert "審査請求ではありません" in form
    sent = {"exchange": "exchange-1", "once": once(client)}
    assert client.post("/correction", data=sent).status_code == 422
    assert client.post("/correction", data={**sent, "text": "金額がちがう"}).status_code == 303
    assert desk.people.kept[0].case.kind is CaseKind.CORRECTION


def test_a_receipt_is_enough_to_ask_about_an_answer(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "予算は？"})
    client.cookies.clear()
    form = client.post("/correction", data={"receipt": "K7QM-0001-XW3P-9RTD"})
    assert "予算は？" in form.text
    name = ONCE.search(form.text)
    assert name
    sent = {"receipt": "K7QM-0001-XW3P-9RTD", "text": "ちがう", "once": name.group(1)}
    page = client.post("/correction", data=sent)
    assert page.status_code == 200
    assert desk.people.kept[0].case.exchange == "exchange-1"
    assert "madoguchi_conversation" not in client.cookies  # a receipt does not open the conversation
    client.post("/correction", data=sent)
    assert len(desk.people.kept) == 1


def test_another_sites_form_is_refused(client: TestClient, desk: FakeDesk) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    for path in ("/person", "/voice", "/correction", "/lookup", "/case"):
        sent = {"text": "a", "once": "a", "number": "a", "do": "add"}
        assert client.post(path, data=sent, headers=headers).status_code == 403
    assert desk.people.kept == []


@pytest.mark.parametrize("language", list(Language))
def test_every_page_in_every_language(client: TestClient, language: Language) -> None:
    client.post("/", data={"question": "分からない"})
    client.post("/person", data={"exchange": "exchange-1", "once": once(client)})
    for path in ("/person", "/voice", "/correction?exchange=exchange-1", "/lookup", "/"):
        page = client.get(path, params={"lang": language.value, **_query(path)})
        assert page.status_code == 200
        assert "《" not in page.text


def _query(path: str) -> dict[str, str]:
    return {"exchange": "exchange-1"} if "exchange" in path else {}
