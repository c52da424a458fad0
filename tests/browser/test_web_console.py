"""The responder console in a real browser: the same gates as everywhere, the whole work without scripts, and live."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import served
from tests.browser.console import HOME, STATES, Console, enter, furnished, show
from tests.browser.stage import LANGUAGES
from tests.browser.test_web_axe import violations
from tests.browser.test_web_layout import CONTRAST, SCROLLS, SMALL
from tests.web.cases_room import CasesRoom, address
from tests.web.staffroom import staffroom

pytestmark = pytest.mark.browser
REPLY = "内訳は財務局の資料でご確認いただけます。"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    room = CasesRoom(staffroom(tmp_path_factory.mktemp("console")))
    cases = furnished(room)
    yield from served(room.room.site, lambda where: Console(where, room, cases))
    room.small.house.close()


@pytest.fixture
def desk(browser: Browser, console: Console) -> Iterator[Page]:
    """A page of somebody who has signed in."""
    made = browser.new_context(
        base_url=console.address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    made.set_default_timeout(10_000)
    page = made.new_page()
    enter(page)
    yield page
    made.close()


@pytest.fixture
def plain(browser: Browser, console: Console) -> Iterator[Page]:
    """The same in a browser without scripts."""
    made = browser.new_context(base_url=console.address, java_script_enabled=False)
    made.set_default_timeout(10_000)
    page = made.new_page()
    enter(page)
    yield page
    made.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_violation_no_sideways_scroll_large_targets(desk: Page, console: Console, language: str) -> None:
    found: dict[str, list[str]] = {}
    for state in STATES:
        desk.set_viewport_size({"width": 1280, "height": 800})
        show(desk, console, state, language)
        for width in (1280, 320):
            desk.set_viewport_size({"width": width, "height": 800})
            wrong = violations(desk)
            wrong += ["sideways"] if desk.evaluate(SCROLLS) else []
            wrong += [f"contrast {low}" for low in desk.evaluate(CONTRAST)]
            wrong += ["style attribute"] if desk.locator("[style]").count() else []
            if width == 320:
                wrong += [f"small {small}" for small in desk.evaluate(SMALL)]
            if wrong:
                found[f"{state} {width}"] = wrong
    assert found == {}


def test_the_whole_work_without_scripts(plain: Page, console: Console) -> None:
    taken = console.room.taken("予算の内訳を知りたい")
    plain.goto(HOME)
    plain.get_by_label("種類").select_option("question")
    plain.get_by_role("button", name="絞り込む").click()
    assert re.search(r"[?&]kind=question", plain.url)
    plain.locator(f'a[href="{address(taken)}"]').click()
    plain.get_by_role("button", name="引き受ける").click()
    expect(plain.get_by_role("status").filter(has_text="引き受けました")).to_be_visible()
    plain.get_by_label("定型文").select_option("time")
    plain.get_by_role("button", name="定型文を書き加える").click()
    expect(plain.get_by_label("相手に送る文")).to_have_value(re.compile(re.escape(taken.number)))
    plain.get_by_label("相手に送る文").fill(REPLY)
    plain.get_by_role("button", name="送る前に確認する").click()
    expect(plain.get_by_role("heading", name="送る前の確認")).to_be_visible()
    assert plain.locator("del, ins").count()
    plain.get_by_role("button", name="書き直す").click()
    expect(plain.get_by_label("相手に送る文")).to_have_value(REPLY)
    plain.get_by_role("button", name="送る前に確認する").click()
    plain.get_by_role("button", name="相手に送る").click()
    expect(plain.get_by_role("status").filter(has_text="回答を送りました")).to_be_visible()
    assert console.room.kinds(taken) == ["case.opened", "case.claimed", "case.answered"]
    plain.reload()  # nothing is done twice
    assert console.room.kinds(taken) == ["case.opened", "case.claimed", "case.answered"]


def test_the_whole_work_by_keyboard(desk: Page, console: Console) -> None:
    taken = console.room.taken()
    desk.goto(address(taken))
    desk.locator("button[value=claim]").focus()
    desk.keyboard.press("Enter")
    desk.locator("#text").focus()
    desk.keyboard.insert_text(REPLY)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    desk.locator("button[value=send]").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".notice[role=status]")).to_be_visible()
    assert console.room.kinds(taken)[-1] == "case.answered"


def test_new_cases_are_told_politely(desk: Page, console: Console) -> None:
    desk.clock.install()
    desk.goto(HOME)
    news = desk.locator("#news")
    expect(news).to_have_attribute("role", "status")
    expect(news).to_be_empty()
    rows = desk.locator("a.case").count()
    console.room.taken()
    with desk.expect_response(re.compile("/news")):
        desk.clock.run_for(21_000)
    expect(news).to_contain_text("新しい案件が1件あります")
    assert desk.locator("a.case").count() == rows  # nothing moves under somebody's hand
    news.get_by_role("link").click()
    assert desk.locator("a.case").count() == rows + 1


def test_nobody_at_the_desk_nothing_is_asked(desk: Page) -> None:
    """Asking counts as use of the session: it ends for who has gone away."""
    desk.clock.install()
    desk.goto(HOME)
    desk.clock.run_for(21 * 60_000)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.clock.run_for(10 * 60_000)
    assert asked == []
