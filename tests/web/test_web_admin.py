"""The administration as people use it: accounts, the off switch seen by everybody, two people for the register."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from bot.register import as_toml, load_register
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION
from tests.web.staffroom import Staffroom, staffroom

PUBLIC = "/api/v1/public/exchanges"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffroom]:
    made = staffroom(tmp_path_factory.mktemp("admin"))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def admin(room: Staffroom) -> TestClient:
    return room.signed_in("chief", "administrator", door="/admin")


@pytest.fixture(scope="module")
def editor(room: Staffroom) -> TestClient:
    return room.signed_in("editor", "knowledge_editor", door="/admin")


@pytest.fixture(scope="module")
def approver(room: Staffroom) -> TestClient:
    return room.signed_in("approver", "approver", door="/admin")


def ask(room: Staffroom, question: str = BUDGET_QUESTION) -> dict[str, str]:
    answered: dict[str, str] = room.browser().post(PUBLIC, json={"question": question}).json()
    return answered


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Pages may show what they knew a second ago; the exchange itself never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return holds()


def account(room: Staffroom, login: str) -> str:
    return room.small.house.accounts.administration.named(login).id


def test_an_account_is_made_changed_and_closed(room: Staffroom, admin: TestClient) -> None:
    made = admin.post("/admin/accounts", data={"login": "kato", "name": "加藤", "grant": ["staff@staff"]})
    assert made.status_code == 200
    password = made.text.split('class="secret">')[1].split("<")[0]
    entered = room.browser().post("/staff/sign-in", data={"login": "kato", "password": password})
    assert entered.status_code == 303
    assert password not in admin.get("/admin/accounts").text
    address = f"/admin/accounts/{account(room, 'kato')}"
    assert admin.post(f"{address}/grants", data={"grant": "responder@public", "do": "give"}).status_code == 303
    assert admin.post(f"{address}/grants", data={"grant": "responder@public", "do": "take"}).status_code == 303
    assert admin.post(f"{address}/state", data={"do": "disable"}).status_code == 303
    refused = room.browser().post("/staff/sign-in", data={"login": "kato", "password": password})
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("login", "name", "told"),
    [("x", "人", "ログイン名は3～64文字"), ("chief", "人", "使われています"), ("good-login", " ", "名前を1～100文字")],
)
def test_what_cannot_be_an_account_says_why(admin: TestClient, login: str, name: str, told: str) -> None:
    page = admin.post("/admin/accounts", data={"login": login, "name": name})
    assert page.status_code == 422
    assert told in page.text


def test_nobody_gives_roles_to_themself_and_the_last_administrator_stays(room: Staffroom, admin: TestClient) -> None:
    address = f"/admin/accounts/{account(room, 'chief')}"
    own = admin.post(f"{address}/grants", data={"grant": "approver", "do": "give"})
    assert own.status_code == 422
    last = admin.post(f"{address}/state", data={"do": "disable"})
    assert last.status_code == 422


def test_the_switch_stops_answers_at_once_and_everybody_sees_it(room: Staffroom, admin: TestClient) -> None:
    assert BUDGET_ANSWER in ask(room)["reply"]
    thrown = {"scope": "public", "do": "off", "why": "回答の点検のため"}
    assert admin.post("/admin/switch", data=thrown).status_code == 303
    off = ask(room)
    assert (off["outcome"], off["reason"]) == ("referred", "ai_off")
    assert BUDGET_ANSWER not in off["reply"]
    assert off["receipt"]
    assert room.browser().get("/readyz").json()["ai_public"] == "off"
    assert within(5, lambda: "回答の点検のため" in room.browser().get("/about").text)
    assert ask(room, "津波が来ています。どこへ逃げればいいですか")["outcome"] == "escalated"
    assert admin.post("/admin/switch", data={**thrown, "do": "off"}).status_code == 422
    resumed = {"scope": "public", "do": "on", "why": "点検が終わったため"}
    assert admin.post("/admin/switch", data=resumed).status_code == 303
    assert BUDGET_ANSWER in ask(room)["reply"]


def test_a_switch_needs_a_reason(admin: TestClient) -> None:
    page = admin.post("/admin/switch", data={"scope": "all", "do": "off", "why": "  "})
    assert page.status_code == 422
    assert "理由を書いてください" in page.text


def test_the_register_changes_only_by_two_people(room: Staffroom, editor: TestClient, approver: TestClient) -> None:
    changed = as_toml(load_register()).replace('version = "2"', 'version = "9-test"', 1)
    topic, level = changed.index('topic = "documents"'), 'level = "full"'
    changed = changed[:topic] + changed[topic:].replace(level, 'level = "none"', 1)
    proposed = editor.post("/admin/register", data={"register": changed, "reason": "点検の間は人が答える"})
    assert proposed.status_code == 303
    assert BUDGET_ANSWER in ask(room)["reply"]
    named = editor.get("/admin/register").text.split('action="/admin/register/')[1].split('"')[0]
    assert editor.post(f"/admin/register/{named}", data={"do": "approve"}).status_code == 422
    assert approver.post(f"/admin/register/{named}", data={"do": "approve"}).status_code == 303
    assert ask(room)["outcome"] == "referred"
    assert "9-test" in approver.get("/admin/register").text


def test_a_register_that_breaks_a_rule_says_which(editor: TestClient) -> None:
    page = editor.post("/admin/register", data={"register": 'version = "3"', "reason": "x"})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "version = &#34;3&#34;" in page.text


def test_pages_are_for_those_with_the_right(room: Staffroom, editor: TestClient, admin: TestClient) -> None:
    assert editor.get("/admin/accounts").status_code == 403
    assert editor.post("/admin/switch", data={"scope": "all", "do": "off", "why": "x"}).status_code == 403
    assert admin.get("/admin/register").status_code == 200
    assert 'href="/admin/accounts"' not in editor.get("/admin").text
    assert 'href="/admin/accounts"' in admin.get("/admin").text
    staff_only = room.hire("plain", "staff@staff")
    refused = room.browser().post("/admin/sign-in", data={"login": "plain", "password": staff_only})
    assert refused.status_code == 403
