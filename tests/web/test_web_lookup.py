"""A number opens its case, a receipt its exchange, and nothing else opens anything or says why."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from bot.case_numbers import fresh_number
from bot.cases import CaseState
from tests.fakes_people import Kept
from tests.fakes_web import FakeDesk, web_state
from tests.web.test_web_person import ONCE, once
from web.app import create_app
from web.doors import DoorSettings

RECEIPT = "K7QM-0001-XW3P-9RTD"
PART = {"X-Madoguchi-Part": "1"}


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> TestClient:
    return TestClient(create_app(web_state(desk)), follow_redirects=False)


@pytest.fixture
def kept(client: TestClient, desk: FakeDesk) -> Kept:
    """A case whose person is in this browser."""
    client.post("/person", data={"text": "ひとに聞きたい", "once": once(client)})
    return desk.people.kept[0]


def looked_up(client: TestClient, number: str) -> str:
    page = client.post("/lookup", data={"number": number})
    assert page.status_code == 200
    return page.text


def test_a_number_opens_its_case_in_any_browser(client: TestClient, kept: Kept) -> None:
    client.cookies.clear()
    for typed in (kept.number, kept.number.lower(), kept.number.replace("-", " "), f"　{kept.number}"):
        page = looked_up(client, typed)
        assert "受付済み" in page
        assert "ひとに聞きたい" in page
    assert client.get(f"/cases/{kept.case.id}").status_code == 404  # the case's name opens nothing


def test_a_receipt_shows_what_is_recorded_and_how_to_contest_it(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "予算は？ 090-1234-5678"})
    client.cookies.clear()
    page = looked_up(client, RECEIPT.lower())
    assert "〔電話番号〕" in page
    assert "181億円" in page
    for shown in ("ab" * 32, "entry-1", "c2ln", "public", RECEIPT):
        assert shown in page
    assert f'name="receipt" value="{RECEIPT}"' in page
    assert 'action="/feedback"' not in page  # it is another browser's conversation
    assert "madoguchi_conversation" not in client.cookies


def test_whatever_opens_nothing_gets_the_same_page(client: TestClient, desk: FakeDesk) -> None:
    def page(typed: str) -> str:
        response = client.post("/lookup", data={"number": typed})
        assert response.status_code == 404
        return response.text.replace(typed, "")

    wrong = page(fresh_number())
    assert "この番号の記録は、この窓口には見つかりません" in wrong
    assert {page(fresh_number()), page("ZZZZ-ZZZZ-ZZZZ-ZZZZ")} == {wrong}
    mistyped = page("ABCD")
    assert "番号の書き間違いのようです" in mistyped
    assert {page("x" * 90), page("ひみつの番号です"), page(f"{fresh_number()}1")} == {mistyped}
    assert desk.strays.count("receipt") == 1
    assert desk.strays.count("case") == len(desk.strays) - 1 == 6
    empty = client.post("/lookup", data={"number": " "})
    assert empty.status_code == 422
    assert "番号を入力してください。" in empty.text


def test_looking_up_is_limited_like_every_post(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(requests_per_minute=2))))
    codes = [client.post("/lookup", data={"number": fresh_number()}).status_code for _ in range(4)]
    assert codes == [404, 404, 429, 429]


def test_what_people_say_is_shown_with_who_wrote_it(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    desk.people.responder_asks(kept, "どの手続ですか")
    page = looked_up(client, kept.number)
    assert "追加の情報待ち" in page
    assert "職員（担当者）からの質問" in page
    assert "<details open><summary>職員に追加で伝える" in page
    sent = {"do": "add", "number": kept.number, "text": "補助金です", "once": name(page)}
    assert client.post("/case", data=sent).headers["location"] == f"/cases/{kept.case.id}"
    assert client.post("/case", data=sent).status_code == 303
    assert [message.text for message in kept.messages] == ["どの手続ですか", "補助金です"]  # once
    for made, said in (
        ("own", "職員（担当者）が書いた回答"),
        ("approved", "AIの案を職員が確認した回答"),
        ("edited", "AIの案を職員が直した回答"),
    ):
        desk.people.responder_answers(kept, "返事です", made)
        page = looked_up(client, kept.number)
        assert "回答済み" in page
        assert said in page
        assert "2026年12月24日までは、続けて質問できます。" in page
        again = {"do": "reopen", "number": kept.number, "text": "もう少し", "once": name(page)}
        assert client.post("/case", data=again).status_code == 303
        assert kept.case.state is CaseState.OPEN


def name(page: str) -> str:
    found = ONCE.search(page)
    assert found
    return found.group(1)


def test_without_the_conversation_the_page_comes_directly(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    client.cookies.clear()
    page = looked_up(client, kept.number)
    sent = {"do": "add", "number": kept.number, "text": "つづき", "once": name(page)}
    for _ in range(2):
        response = client.post("/case", data=sent)
        assert response.status_code == 200
        assert "つづき" in response.text
    assert len(kept.messages) == 1
    assert "madoguchi_conversation" not in client.cookies


def test_withdrawing_and_contacts(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    def act(**sent: str) -> int:
        return client.post("/case", data={"number": kept.number, **sent}).status_code

    assert act(do="give_contact", contact="a@example.jp") == 422
    assert kept.contact is None
    assert act(do="give_contact", contact="a@example.jp", contact_consent="yes") == 303
    page = looked_up(client, kept.number)
    assert "預かっています" in page
    assert "a@example.jp" not in page
    assert act(do="remove_contact") == 303
    assert kept.contact is None
    assert act(do="withdraw") == 303
    assert "取下げ" in looked_up(client, kept.number)
    assert act(do="add", text="やっぱり") == 422
    assert act(do="nothing") == 422


def test_what_cannot_be_done_says_why_and_keeps_the_text(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    page = client.post("/case", data={"do": "add", "number": kept.number, "text": "あ" * 2_001})
    assert page.status_code == 422
    assert "あ" * 2_001 in page.text
    assert "長すぎます" in page.text
    desk.people.broken = True
    page = client.post("/case", data={"do": "add", "number": kept.number, "text": "書いたこと"})
    assert page.status_code == 503
    assert "書いたこと" in page.text
    desk.people.broken = False
    assert client.post("/case", data={"do": "add", "number": fresh_number(), "text": "a"}).status_code == 404
    assert desk.strays == ["case"]


def test_a_form_that_failed_may_be_sent_again(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    sent = {"do": "add", "number": kept.number, "text": "つづき", "once": once(client)}
    desk.people.broken = True
    assert client.post("/case", data=sent).status_code == 503
    desk.people.broken = False
    assert client.post("/case", data=sent).status_code == 303
    assert len(kept.messages) == 1


def test_danger_in_what_is_added_comes_first(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    page = client.post("/case", data={"do": "add", "number": kept.number, "text": "危険です"})
    assert page.status_code == 200
    assert page.text.index('role="alert"') < page.text.index("<h1>")


def test_a_forwarded_case_names_the_bureau(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    desk.people.responder_forwards(kept, "産業労働局", "引き継ぎました")
    page = looked_up(client, kept.number)
    assert "担当部署へ引継ぎ済み" in page
    assert "引継ぎ先：産業労働局" in page


def test_a_correction_stands_above_the_answer_wherever_it_is_shown(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "予算は？"})
    sent = {"exchange": "exchange-1", "text": "ちがう", "once": once(client)}
    client.post("/correction", data=sent)
    kept = desk.people.kept[0]
    desk.people.responder_corrects(kept, "正しくは190億円です。")
    for page in (client.get("/").text, looked_up(client, RECEIPT), looked_up(client, kept.number)):
        assert page.index("この回答は訂正されました") < page.index("181億円")
        assert "正しくは190億円です。" in page
    assert "判断：回答は誤りでした。訂正しました。" in looked_up(client, kept.number)


def test_replies_stand_in_the_conversation_in_their_order(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    client.post("/", data={"question": "予算は？"})
    desk.people.now += timedelta(hours=1)
    desk.people.responder_answers(kept, "職員の返事です")
    page = client.get("/").text
    order = [page.index(text) for text in ("ひとに聞きたい", "職員の返事です")]
    assert order == sorted(order)
    assert "職員（担当者）が書いた回答" in page


def test_news_are_told_once_and_nothing_costs_nothing(client: TestClient, desk: FakeDesk, kept: Kept) -> None:
    token = re.search(r'data-news="([^"]+)"', client.get("/").text)
    assert token
    assert client.get("/news", params={"after": token.group(1)}).status_code == 204
    desk.people.responder_answers(kept, "職員の返事です")
    came = client.get("/news", params={"after": token.group(1)}, headers=PART)
    assert came.status_code == 200
    assert "職員の返事です" in came.text
    assert f'id="c-{kept.case.id}"' in came.text
    fresh = re.search(r'data-news="([^"]+)"', came.text)
    assert fresh
    assert client.get("/news", params={"after": fresh.group(1)}).status_code == 204
    client.cookies.clear()
    assert client.get("/news").status_code == 204  # nobody's conversation


def test_news_tell_of_corrections(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "予算は？"})
    client.post("/correction", data={"exchange": "exchange-1", "text": "ちがう", "once": once(client)})
    desk.people.responder_corrects(desk.people.kept[0], "正しくは190億円です。")
    came = client.get("/news").text
    assert 'id="fix-x-exchange-1"' in came
    assert 'data-in="x-exchange-1"' in came


def test_news_are_limited(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(requests_per_minute=1))))
    codes = {client.get("/news").status_code for _ in range(8)}
    assert codes == {204, 429}
