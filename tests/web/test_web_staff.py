"""The staff desk as a member of staff meets it: signing in, the first password, asking, the own account, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.records import DeskName
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION
from tests.web.staffroom import PASSWORD, Staffroom, staffroom
from web.accounts.values import Door

EXCHANGES = "/api/v1/staff/exchanges"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffroom]:
    made = staffroom(tmp_path_factory.mktemp("staff"))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def staff(room: Staffroom) -> TestClient:
    return room.signed_in("sato", "staff@staff")


def kinds(room: Staffroom, login: str) -> list[str]:
    account = room.small.house.accounts.administration.named(login)
    return [entry.kind for entry in room.small.house.system.entries(account.id)]


def test_nobody_comes_in_without_signing_in(room: Staffroom) -> None:
    stranger = room.browser()
    assert stranger.get("/staff").headers["location"] == "/staff/sign-in"
    assert stranger.get("/staff/consult").status_code == 303
    assert stranger.post("/staff", data={"question": BUDGET_QUESTION}).status_code == 401
    answer = stranger.post(EXCHANGES, json={"question": BUDGET_QUESTION})
    assert answer.status_code == 401
    assert "サインイン" in answer.json()["error"]
    page = stranger.get("/staff/sign-in")
    assert page.status_code == 200
    assert "サインイン" in page.text


def test_the_first_password_opens_only_the_page_where_it_is_changed(room: Staffroom) -> None:
    first, browser = room.hire("suzuki", "staff@staff"), room.browser()
    entered = browser.post("/staff/sign-in", data={"login": "suzuki", "password": first})
    assert entered.headers["location"] == "/staff/password"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert browser.get("/staff").headers["location"] == "/staff/password"
    assert browser.post("/staff", data={"question": BUDGET_QUESTION}).headers["location"] == "/staff/password"
    assert browser.post(EXCHANGES, json={"question": BUDGET_QUESTION}).status_code == 403


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("short", "short", "12文字以上"),
        (PASSWORD, PASSWORD + "x", "同じではありません"),
        ("tanaka tanaka tanaka", "tanaka tanaka tanaka", "ログイン名"),
    ],
)
def test_a_password_that_is_not_taken_says_why(room: Staffroom, new: str, again: str, told: str) -> None:
    login = f"tanaka{len(new)}" if told != "ログイン名" else "tanaka"
    first, browser = room.hire(login, "staff@staff"), room.browser()
    browser.post("/staff/sign-in", data={"login": login, "password": first})
    page = browser.post("/staff/password", data={"old": first, "new": new, "again": again})
    assert page.status_code == 422
    assert told in page.text
    assert new not in page.text or new == "short"


def test_every_refusal_reads_the_same(room: Staffroom) -> None:
    room.hire("ito", "staff@staff")
    browser = room.browser()
    pages = [
        browser.post("/staff/sign-in", data={"login": login, "password": "not this one at all"})
        for login in ("ito", "nobody-here", "", "ito'--")
    ]
    assert {page.status_code for page in pages} == {401}
    assert len({page.text for page in pages}) == 1


def test_somebody_without_the_role_is_told_so_after_proving_who_they_are(room: Staffroom) -> None:
    first, browser = room.hire("admin2", "administrator"), room.browser()
    page = browser.post("/staff/sign-in", data={"login": "admin2", "password": first})
    assert page.status_code == 403
    assert "権限がありません" in page.text


def test_a_question_is_answered_and_stays_with_the_staff_desk(room: Staffroom, staff: TestClient) -> None:
    assert staff.post("/staff", data={"question": BUDGET_QUESTION}).headers["location"].startswith("/staff")
    page = staff.get("/staff")
    assert BUDGET_ANSWER in page.text
    assert 'action="/staff"' in page.text
    assert 'href="/staff/sources/' in page.text
    assert 'action="/feedback"' not in page.text
    named = staff.get("/staff/sources/budget")
    assert named.status_code == 200
    assert BUDGET_ANSWER not in room.browser().get("/").text


def test_signing_out_ends_the_session(room: Staffroom) -> None:
    browser = room.signed_in("mori", "staff@staff")
    token = browser.cookies["madoguchi_staff_session"]
    assert browser.post("/staff/sign-out").headers["location"] == "/staff/sign-in"
    assert room.small.house.accounts.session(token, Door.STAFF) is None
    assert kinds(room, "mori")[-1] == "session.closed"


def test_another_site_can_do_nothing_with_a_session(staff: TestClient) -> None:
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    for address in ("/staff", "/staff/password", "/staff/sign-out", "/staff/account/tokens", "/staff/consult"):
        assert staff.post(address, data={"question": "x"}, headers=foreign).status_code == 403
    assert staff.get("/staff").status_code == 200


def test_a_token_opens_the_programming_interface_alone(room: Staffroom) -> None:
    browser = room.signed_in("abe", "staff@staff")
    page = browser.post("/staff/account/tokens", data={"label": "月次の確認"})
    token = page.text.split('class="secret">')[1].split("<")[0]
    program, bearer = room.browser(), {"authorization": f"Bearer {token}"}
    answered = program.post(EXCHANGES, json={"question": BUDGET_QUESTION}, headers=bearer)
    assert answered.status_code == 200
    assert BUDGET_ANSWER in answered.json()["reply"]
    assert program.get("/staff", headers=bearer).status_code == 303
    shown = browser.get("/staff/account").text
    assert token not in shown
    assert "月次の確認" in shown
    named = shown.split('name="id" value="')[1].split('"')[0]
    assert browser.post("/staff/account/tokens/end", data={"id": named}).status_code == 303
    assert program.post(EXCHANGES, json={"question": BUDGET_QUESTION}, headers=bearer).status_code == 401


def test_signing_out_everywhere_ends_other_browsers_too(room: Staffroom) -> None:
    here = room.signed_in("ueda", "staff@staff")
    there = room.browser()
    there.post("/staff/sign-in", data={"login": "ueda", "password": PASSWORD})
    assert there.get("/staff").status_code == 200
    assert here.post("/staff/account/sessions/end").status_code == 303
    assert there.get("/staff").headers["location"] == "/staff/sign-in"


def test_a_page_that_is_not_there_keeps_to_its_own_desk(staff: TestClient) -> None:
    page = staff.get("/staff/nothing-here")
    assert page.status_code == 404
    assert 'href="/staff"' in page.text
    assert staff.get("/staff/openapi.json").status_code == 200


def test_without_its_log_nobody_signs_in_and_the_public_desk_goes_on(tmp_path: Path) -> None:
    room = staffroom(tmp_path)
    first = room.hire("hara", "staff@staff")
    room.small.house.close()
    for file in (room.small.data / "system").glob("log.sqlite*"):
        file.unlink()
    page = room.browser().post("/staff/sign-in", data={"login": "hara", "password": first})
    assert page.status_code == 503
    assert room.browser().get("/").status_code == 200
    assert room.small.house.logs[DeskName.PUBLIC].check() == "ready"
