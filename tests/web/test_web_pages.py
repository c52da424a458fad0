"""The public pages: recorded before shown, never asked twice, honest where nothing was recorded."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from bot.records import ExchangeId, Language, Outcome, Reply
from tests.fakes_web import ANSWERED, FakeDesk, web_state
from web.app import create_app
from web.doors import DoorSettings
from web.rendering import Shown
from web.reply_markup import lang_attribute, reachable, reply_markup

PART = {"X-Madoguchi-Part": "1"}


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> TestClient:
    return TestClient(create_app(web_state(desk)), follow_redirects=False)


def test_a_question_is_recorded_then_shown_from_the_log(client: TestClient, desk: FakeDesk) -> None:
    first = client.post("/", data={"question": "予算は？ 090-1234-5678"})
    assert (first.status_code, first.headers["location"]) == (303, "/?first=1#latest")
    page = client.get("/?first=1").text
    assert "〔電話番号〕" in page
    assert "090-1234-5678" not in page
    assert "記録の控え <code>K7QM-0001-XW3P-9RTD</code>" in page
    second = client.post("/", data={"question": "つづき"})
    assert second.headers["location"] == "/#latest"
    client.get("/")
    assert len(desk.exchanges) == 2
    assert len({exchange.conversation for exchange in desk.exchanges}) == 1


def test_the_script_gets_the_answer_alone_by_the_same_door(client: TestClient, desk: FakeDesk) -> None:
    response = client.post("/", data={"question": "予算は？ 090-1234-5678"}, headers=PART)
    assert response.status_code == 200
    assert "〔電話番号〕" in response.text
    assert "<form id=" not in response.text
    assert len(desk.exchanges) == 1


@pytest.mark.parametrize("headers", [{}, PART])
def test_an_unrecorded_outage_is_shown_directly_without_receipt(
    client: TestClient, desk: FakeDesk, headers: dict[str, str]
) -> None:
    response = client.post("/", data={"question": "記録できないとき"}, headers=headers)
    assert response.status_code == 503
    assert "いま記録ができないため" in response.text
    assert "このやり取りは記録されていません" in response.text
    assert "<code>" not in response.text
    assert desk.exchanges == []


def test_a_browser_without_cookies_is_told(client: TestClient) -> None:
    assert "クッキーが使えないため" in client.get("/?first=1").text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("  \n", "質問を入力してから送信してください。"),
        ("あ" * 2001, "質問は2,000文字以内に短くして送信してください。"),
    ],
)
def test_a_question_that_can_be_mended_comes_back(client: TestClient, desk: FakeDesk, question: str, said: str) -> None:
    page = client.post("/", data={"question": question})
    assert page.status_code == 422
    assert said in page.text
    assert question in page.text
    assert 'aria-invalid="true"' in page.text
    part = client.post("/", data={"question": question}, headers=PART)
    assert part.status_code == 422
    assert said in part.text
    assert desk.exchanges == []


def test_line_ends_of_forms_do_not_count_twice(client: TestClient) -> None:
    assert client.post("/", data={"question": "\r\n".join("あ" * 1000)}).status_code == 303


def test_the_language_chosen_is_remembered_and_told_to_the_desk(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "a"})
    page = client.get("/?lang=en")
    assert '<html lang="en"' in page.text
    assert "Talk to a person" in client.get("/about").text
    client.post("/", data={"question": "b"})
    client.cookies.clear()
    client.post("/", data={"question": "c", "lang": "ko"})
    assert desk.languages == [None, Language.EN, Language.KO]
    assert '<html lang="ja"' in client.get("/", headers={"accept-language": "en"}).text


def test_feedback_reaches_the_desk_only_from_its_own_conversation(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "a"})
    sent = {"exchange": "exchange-1", "useful": "no", "reason": "wrong", "comment": "  ちがう "}
    response = client.post("/feedback", data=sent)
    anchor = Shown("", None, ExchangeId("exchange-1")).anchor
    assert response.headers["location"] == f"/?thanks={anchor}#{anchor}"
    assert "ご意見を記録しました" in client.get(f"/?thanks={anchor}").text
    assert desk.given == [("exchange-1", False, "wrong", "ちがう")]
    assert client.post("/feedback", data={**sent, "useful": "maybe"}).status_code == 422
    assert client.post("/feedback", data={**sent, "reason": "x"}).status_code == 422
    assert client.post("/feedback", data={**sent, "comment": "あ" * 501}).status_code == 422
    assert "ご意見を記録しました" in client.post("/feedback", data=sent, headers=PART).text
    client.cookies.clear()
    assert client.post("/feedback", data=sent).status_code == 404


def test_forgetting_drops_the_cookie_and_says_the_record_remains(client: TestClient, desk: FakeDesk) -> None:
    client.post("/", data={"question": "a"})
    response = client.post("/forget")
    assert response.status_code == 303
    assert "madoguchi_conversation" not in client.cookies
    assert "記録は台帳に残っています" in client.get("/?forgotten=1").text
    client.post("/", data={"question": "b"})
    shown = client.get("/?forgotten=1").text
    assert "このブラウザから消しました" not in shown  # while exchanges are shown
    assert len(desk.exchanges) == 2


def test_a_source_page_shows_the_whole_passage_or_says_it_is_gone(client: TestClient) -> None:
    page = client.get("/sources/tokyo-budget-fy2025")
    assert "令和7年度の東京都のAI関連事業は140件です。" in page.text
    assert "当サービスによる要約" in page.text
    gone = client.get("/sources/gone/too")
    assert gone.status_code == 404
    assert "いまの知識版にはありません" in gone.text


def test_the_contact_is_in_view_on_every_page_and_never_invented(desk: FakeDesk) -> None:
    lines = ("デジタル相談 03-0000-0000（平日 9:00〜17:00）",)
    production = TestClient(create_app(web_state(desk, contacts=lines, demo=False)))
    demo = TestClient(create_app(web_state(desk)))
    for path in ("/", "/about", "/privacy", "/terms", "/risks", "/accessibility", "/nowhere"):
        assert 'href="tel:03-0000-0000"' in production.get(path).text
        assert "公式サービスではありません" not in production.get(path).text
        assert "連絡先は運営者が設定していません" in demo.get(path).text
        assert "東京都の公式サービスではありません（デモ）" in demo.get(path).text


def test_the_operator_is_named(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(operator="<例>市"))))
    assert "運営：&lt;例&gt;市" in client.get("/").text


def test_a_broken_log_and_a_failure_give_a_sentence_and_nothing_else(
    client: TestClient, desk: FakeDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    client.post("/", data={"question": "a"})
    desk.broken = True
    page = client.get("/")
    assert page.status_code == 503
    assert page.headers["retry-after"] == "30"
    assert "いま記録または資料を読み出せません" in page.text
    desk.fails = True
    failed = client.post("/", data={"question": "秘密の質問"})
    assert failed.status_code == 500
    assert "処理できませんでした" in failed.text
    told = capsys.readouterr()
    assert "RuntimeError" in told.out + told.err
    assert "秘密の質問" not in failed.text + told.out + told.err
    assert "Traceback" not in failed.text + told.out + told.err


def test_no_inline_script_or_style(client: TestClient) -> None:
    client.post("/", data={"question": "a"})
    for path in ("/", "/about", "/accessibility", "/sources/opinion-ema", "/nowhere"):
        page = client.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page)


def test_reply_text_is_escaped_and_only_known_markers_become_links() -> None:
    html = reply_markup(ANSWERED, "x-1")
    assert '<a class="mark" href="#x-1-1">[1]</a>' in html
    assert "&lt;b&gt;これは印ではありません&lt;/b&gt; [9]</p>" in html
    assert "<ul><li>" in html


def test_numbers_and_addresses_become_links_only_where_the_words_are_ours() -> None:
    danger = Reply(Outcome.ESCALATED_DANGER, Language.JA, "#7119 か 0120-279-338 か 1100 https://a.jp/x/。<i>")
    html = reply_markup(danger, "x")
    assert 'href="tel:%237119"' in html
    assert 'href="tel:0120-279-338"' in html
    assert ">1100<" not in html
    assert '<a href="https://a.jp/x/" rel="noopener">' in html
    assert "&lt;i&gt;" in html
    outside = Reply(Outcome.ANSWERED_DOCUMENTS, Language.JA, "https://evil.example/ 0120-000-000")
    assert "<a" not in reply_markup(outside, "x")
    assert reachable("119") == '<a class="call" href="tel:119">119</a>'


@pytest.mark.parametrize(
    ("text", "language", "japanese"),
    [
        ("予算です", Language.EN, True),
        ("预算", Language.ZH, False),
        ("予算です", Language.JA, False),
        ("예산", Language.KO, False),
    ],
)
def test_japanese_on_foreign_pages_says_so(text: str, language: Language, japanese: bool) -> None:
    assert bool(lang_attribute(text, language)) is japanese


@pytest.mark.parametrize("address", ["//evil.example/a", "/%5Cevil.example/a", "/%09/evil.example", "///evil.example"])
def test_links_to_a_page_itself_never_lead_to_another_site(client: TestClient, address: str) -> None:
    page = client.get(f"http://testserver{address}")
    assert page.status_code == 404
    links = re.findall(r'href="([^"]*)\?lang=', page.text)
    assert links
    for link in links:
        assert re.match(r"/[^/\\\s]", link), link
