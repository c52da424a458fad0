"""The journeys of people who want a person, over the real house: the pages, the log and the desk's people together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot import correcting, responding
from bot.cases import Case, CaseReason, Department
from bot.deciding import Actor
from bot.desk import Desk
from bot.records import AutomationLevel, DeskName
from bot.register import load_register
from bot.replying import Answer
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION
from tests.web.staffroom import Staffroom, staffroom
from web.app import create_app
from web.fitting import web_state, worker_pool

RESPONDER = Actor("ac_responder", "窓口 花子", frozenset({"responder"}))
UNANSWERABLE = "都民一人当たりのAI予算はいくらですか"
NUMBER = re.compile(r'data-number="([0-9A-Z-]{24})"')
ONCE = re.compile(r'name="once" value="([\w-]+)"')


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffroom]:
    made = staffroom(tmp_path_factory.mktemp("people"))
    yield made
    made.small.house.close()


def desk_of(room: Staffroom, name: DeskName = DeskName.PUBLIC) -> Desk:
    return room.small.house.desks[name]


def case_of(page: str, desk: Desk) -> Case:
    found = NUMBER.search(page)
    assert found
    case = responding.find(desk, found.group(1))
    assert case
    known = desk.queue.cases.get(case)
    assert known
    return known


def handed(browser: TestClient, path: str, root: str = "", **sent: str) -> str:
    """The page of a new case."""
    form = browser.get(f"{root}{path}").text
    once = ONCE.search(form)
    assert once
    response = browser.post(f"{root}{path.partition('?')[0]}", data={**sent, "once": once.group(1)})
    if response.status_code == 303:
        response = browser.get(response.headers["location"])
    assert response.status_code == 200, response.text
    return response.text


def kinds(desk: Desk, case: Case) -> list[str]:
    return [each.kind for each in desk.log.entries(case.conversation)]


def test_from_a_question_that_no_document_answers_to_a_corrected_answer(room: Staffroom) -> None:
    desk, browser = desk_of(room), room.browser()
    browser.post("/", data={"question": UNANSWERABLE})
    page = browser.get("/").text
    assert "この質問を職員に送れます" in page
    exchange = re.search(r'name="exchange" value="([^"]+)"', page)
    assert exchange
    once = ONCE.search(page)
    assert once
    sent = browser.post("/person", data={"exchange": exchange.group(1), "once": once.group(1)})
    page = browser.get(sent.headers["location"]).text
    case = case_of(page, desk)
    assert (case.reason, case.exchange) == (CaseReason.ABSTAINED, exchange.group(1))
    token = re.search(r'data-news="([^"]+)"', browser.get("/").text)
    assert token
    responding.claim(desk, case.id, RESPONDER)
    responding.reply(desk, case.id, RESPONDER, Answer("一人当たりの額は公表していません。"))
    news = browser.get("/news", params={"after": token.group(1)}).text
    assert "一人当たりの額は公表していません。" in news
    assert "職員（担当者）が書いた回答" in news
    elsewhere = room.browser()
    number = NUMBER.search(page)
    assert number
    assert "一人当たりの額は公表していません。" in elsewhere.post("/lookup", data={"number": number.group(1)}).text
    assert "窓口 花子" not in elsewhere.post("/lookup", data={"number": number.group(1)}).text  # by role alone
    assert kinds(desk, case) == [
        "exchange.opened",
        "exchange.closed",
        "case.opened",
        "case.claimed",
        "case.answered",
    ]


def test_a_correction_reaches_the_page_the_receipt_and_the_program(room: Staffroom) -> None:
    desk, browser = desk_of(room), room.browser()
    asked = browser.post("/api/v1/public/exchanges", json={"question": BUDGET_QUESTION}).json()
    assert BUDGET_ANSWER in asked["reply"]
    form = browser.post("/correction", data={"receipt": asked["receipt"]["code"]}).text
    once = ONCE.search(form)
    assert once
    sent = {"receipt": asked["receipt"]["code"], "text": "金額が古い", "once": once.group(1)}
    case = case_of(browser.post("/correction", data=sent).text, desk)
    responding.claim(desk, case.id, RESPONDER)
    correcting.decide(desk, case.id, RESPONDER, upheld=True, text="補正後の額は190億円です。")
    page = browser.post("/lookup", data={"number": asked["receipt"]["code"]}).text
    assert page.index("補正後の額は190億円です。") < page.index(BUDGET_ANSWER)
    assert asked["receipt"]["leaf"] in page
    assert asked["receipt"]["signature"].replace("+", "&#43;") in page.replace("+", "&#43;")
    program = browser.post("/api/v1/public/lookup", json={"receipt": asked["receipt"]["code"]}).json()
    assert program["corrected"]["text"] == "補正後の額は190億円です。"
    assert program["receipt"] == asked["receipt"]


def test_a_complaint_is_forwarded_and_the_person_reads_where(room: Staffroom) -> None:
    desk, browser = desk_of(room), room.browser()
    sent = {"service": "補助金の審査", "happened": "AIだけで落とされたようだ", "may_forward": "yes"}
    page = handed(browser, "/voice", **sent)
    case = case_of(page, desk)
    assert case.reason is CaseReason.COMPLAINT
    responding.claim(desk, case.id, RESPONDER)
    responding.forward(desk, case.id, RESPONDER, "産業労働局", "産業労働局に引き継ぎました。", with_content=True)
    shown = browser.get(f"/cases/{case.id}").text
    assert "引継ぎ先：産業労働局" in shown
    assert "担当部署へ引継ぎ済み" in shown


def test_personal_data_is_masked_and_the_contact_is_nowhere(room: Staffroom) -> None:
    desk, browser = desk_of(room), room.browser()
    sent = {"text": "電話は090-1234-5678です", "contact": "090-8765-4321", "contact_consent": "yes"}
    page = handed(browser, "/person", **sent)
    assert "090-1234-5678" not in page
    assert "090-8765-4321" not in page
    case = case_of(page, desk)
    assert "090-8765-4321" not in str(desk.log.entries(case.conversation))
    kept = responding.read_contact(desk, case.id, RESPONDER)
    assert kept
    assert kept[0] == "090-8765-4321"
    assert page.count("預かっています") == 1


def test_an_approved_draft_is_seen_after_approval_and_never_before(tmp_path: Path) -> None:
    """By no door: page, fragment, news, look-up, program."""
    room = staffroom(tmp_path)
    try:
        _assisted(room)
    finally:
        room.small.house.close()


def _assisted(room: Staffroom) -> None:
    desk = _with_level(desk_of(room), AutomationLevel.ASSISTED)
    house = replace(room.small.house, desks={**room.small.house.desks, DeskName.PUBLIC: desk})
    browser = TestClient(create_app(web_state(house, worker_pool(house.settings))), follow_redirects=False)
    fragment = browser.post("/", data={"question": BUDGET_QUESTION}, headers={"x-madoguchi-part": "1"}).text
    asked = browser.post("/api/v1/public/exchanges", json={"question": BUDGET_QUESTION}).json()
    assert asked["case"]
    assert asked["due"]
    seen = [
        fragment,
        str(asked),
        browser.get("/").text,
        browser.get("/news").text,
        browser.post("/lookup", data={"number": asked["case"]}).text,
        browser.post("/lookup", data={"number": asked["receipt"]["code"]}).text,
        browser.post("/api/v1/public/lookup", json={"case": asked["case"]}).text,
    ]
    assert not [page for page in seen if BUDGET_ANSWER in page]
    assert "受付番号 <code" in fragment
    assert "この質問を職員に送れます" not in fragment  # it is with people already
    case = responding.find(desk, asked["case"])
    assert case
    opened = responding.open_file(desk, case, RESPONDER)
    assert BUDGET_ANSWER in str(opened)
    responding.claim(desk, case, RESPONDER)
    draft = desk.log.exchange(asked["exchange"]).draft.text  # type: ignore[union-attr] # it is there
    responding.reply(desk, case, RESPONDER, Answer(draft, base=draft))
    page = browser.post("/lookup", data={"number": asked["case"]}).text
    assert BUDGET_ANSWER in page
    assert "AIの案を職員が確認した回答" in page


def _with_level(desk: Desk, level: AutomationLevel) -> Desk:
    register = load_register()
    rows = tuple(replace(row, level=level) for row in register.rows)
    return replace(desk, register=replace(register, rows=rows).of(desk.name))


def test_the_staff_desk_names_the_department(room: Staffroom) -> None:
    desk = desk_of(room, DeskName.STAFF)
    browser = room.signed_in("kanda", "staff@staff")
    page = handed(browser, "/person", "/staff", text="議事録をAIで作る計画の相談", department="technology")
    case = case_of(page, desk)
    assert case.department is Department.TECHNOLOGY
    assert "技術" in page
    assert browser.get("/staff/voice").status_code == 404  # complaints are the public desk's
    number = NUMBER.search(page)
    assert number
    assert room.browser().post("/lookup", data={"number": number.group(1)}).status_code == 404
    stranger = room.browser()
    for path in ("/staff/person", "/staff/lookup", "/staff/news", f"/staff/cases/{case.id}"):
        assert stranger.get(path).headers["location"] == "/staff/sign-in"
