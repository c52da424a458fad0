"""The auditor's console in a real browser: the same gates as everywhere, and the work with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.records import DeskName
from tests.browser.auditing import STATES, Auditing, enter, furnished, show
from tests.browser.conftest import served
from tests.browser.stage import LANGUAGES
from tests.browser.test_web_axe import violations
from tests.browser.test_web_layout import CONTRAST, SCROLLS, SMALL
from tests.endurance.kit import SOAK
from tests.house_kit import BUDGET_ANSWER
from tests.web.audit_room import PUBLIC, SECRET, audit_room
from tests.web.staffroom import staffroom

pytestmark = pytest.mark.browser
SPOKEN = LANGUAGES if SOAK else ("ja",)


@pytest.fixture(scope="module")
def auditing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditing]:
    room = audit_room(staffroom(tmp_path_factory.mktemp("auditing")))
    told = furnished(room)
    yield from served(room.room.site, lambda where: Auditing(where, room, told))
    room.small.house.close()


@pytest.fixture
def desk(browser: Browser, auditing: Auditing, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of an auditor who has signed in; without scripts where the test says so."""
    made = browser.new_context(
        base_url=auditing.address,
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        java_script_enabled=getattr(request, "param", True),
    )
    made.set_default_timeout(10_000)
    page = made.new_page()
    enter(page)
    yield page
    made.close()


@pytest.mark.parametrize("language", SPOKEN)
def test_no_violation_no_sideways_scroll_large_targets(desk: Page, auditing: Auditing, language: str) -> None:
    found: dict[str, list[str]] = {}
    for state in STATES:
        desk.set_viewport_size({"width": 1280, "height": 800})
        show(desk, auditing, state, language)
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


@pytest.mark.parametrize("desk", [True, False], ids=["scripts", "no scripts"], indirect=True)
def test_search_filter_open_verify_export(desk: Page, auditing: Auditing, tmp_path: Path) -> None:
    """The whole work; nothing that was typed is in any address on the way."""
    addresses: list[str] = []
    desk.on("request", lambda request: addresses.append(request.url))
    desk.get_by_label("記録の全文検索").fill(SECRET)
    desk.get_by_role("button", name="検索する").click()
    expect(desk.get_by_role("status")).to_contain_text("1件のやり取りがあります")
    desk.get_by_label("記録の全文検索").fill("")
    desk.locator("summary").click()
    desk.get_by_label("利用者の評価").select_option("useful")
    desk.get_by_role("button", name="検索する").click()
    assert desk.url.endswith(f"{PUBLIC}?feedback=useful")
    desk.locator(f'a[href="{PUBLIC}/exchanges/{auditing.told["budget"]}"]').click()
    expect(desk.locator("main")).not_to_contain_text(BUDGET_ANSWER)
    desk.locator("main input[value=quality]").check()
    desk.locator("main form:has(input[name=purpose]) button").first.click()
    expect(desk.locator("main")).to_contain_text(BUDGET_ANSWER)
    desk.goto(f"{PUBLIC}?feedback=useful")
    desk.get_by_role("button", name="書き出しへ進む").click()
    form = desk.locator("form.taking").first
    form.get_by_label("CSV").check()
    form.get_by_label("決められた検査・監査").check()
    with desk.expect_download() as waiting:
        form.get_by_role("button").click()
    file = tmp_path / "export"
    waiting.value.save_as(file)
    recorded = auditing.room.small.house.logs[DeskName.PUBLIC].newest("export.made")
    assert recorded is not None
    assert recorded["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert str(recorded["sha256"]) in waiting.value.suggested_filename
    desk.goto(f"{PUBLIC}/reads")
    expect(desk.locator("main")).to_contain_text(str(recorded["sha256"]))
    assert not [each for each in addresses if SECRET in each or "%E6%B0%B4" in each]


def test_the_search_by_keyboard_alone(desk: Page, auditing: Auditing) -> None:
    desk.goto(PUBLIC)
    desk.locator("#words").focus()
    desk.keyboard.insert_text(SECRET)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status")).to_contain_text("1件のやり取りがあります")
    desk.locator(f'a[href$="{auditing.told["secret"]}"]').focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("main input[name=purpose]").first).to_be_visible()
