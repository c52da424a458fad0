"""Samples, grading, conditions and deciding on them in a real browser: the same gates as everywhere, and the work
without scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.conditions_changes import propose
from bot.conditions_values import day_of
from bot.deciding import Actor
from bot.records import DeskName
from tests.browser.auditing import enter
from tests.browser.conftest import served
from tests.browser.stage import LANGUAGES
from tests.browser.test_web_axe import violations
from tests.browser.test_web_layout import CONTRAST, SCROLLS, SMALL
from tests.endurance.kit import SOAK
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION
from tests.web.audit_room import PUBLIC, AuditRoom, audit_room
from tests.web.staffroom import PASSWORD, staffroom

pytestmark = pytest.mark.browser
SPOKEN = LANGUAGES if SOAK else ("ja",)
STATES = (
    "samples",
    "no such plan",
    "sample",
    "grading",
    "not graded",
    "conditions",
    "deciding",
    "held back",
)
DECIDING = "/admin/conditions"
ASKED = 6


@dataclass(frozen=True)
class Grading:
    """Where the site is, the room behind it, the addresses of one sample by two graders and of one by one."""

    address: str
    room: AuditRoom
    sample: str


@pytest.fixture(scope="module")
def grading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grading]:
    room = audit_room(staffroom(tmp_path_factory.mktemp("grading")))
    sample = furnished(room)
    yield from served(room.room.site, lambda where: Grading(where, room, sample))
    room.small.house.close()


def furnished(room: AuditRoom) -> str:
    """A sample that two have begun to grade, a row whose errors were exceeded, a proposal that it return."""
    first = [room.asked(f"talk-{number}", BUDGET_QUESTION) for number in range(ASKED)]
    room.sequence()
    one, other = room.auditor("kansa"), room.auditor("futari")
    decides = room.room.signed_in("kettei", "approver", door="/admin")
    assert decides.get(DECIDING).status_code == 200
    plan = {"kind": "stratified", "size": "50", "graders": "2", "seed": ""}
    sample = str(one.post(f"{PUBLIC}/samples", data=plan).headers["location"])
    wrong = {"grade": "wrong", "reason": "資料の額と違う"}
    for browser, exchange, said in (
        (other, first[0], wrong),
        (one, first[1], wrong),
        (other, first[1], {"grade": "right"}),
        (room.auditor("betsu"), first[2], {**wrong, "grave": "yes"}),
        (one, first[2], wrong),
    ):
        assert browser.post(f"{sample}/grade", data={"exchange": exchange, **said}).status_code == 303
    house = room.small.house
    actor, until = Actor("ac_x", "提案 花子", frozenset({"approver"})), day_of(datetime.now(UTC))
    propose(house.system, house.conditions[DeskName.PUBLIC], "documents.low", until, actor, "資料を直した")
    propose(house.system, house.conditions[DeskName.STAFF], "service.low", until, actor, "様子を見る")
    return sample


@pytest.fixture
def desk(browser: Browser, grading: Grading, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without scripts where the test says so."""
    made = browser.new_context(
        base_url=grading.address,
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        java_script_enabled=getattr(request, "param", True),
    )
    made.set_default_timeout(10_000)
    yield made.new_page()
    made.close()


def show(page: Page, grading: Grading, state: str, language: str) -> None:
    """Bring the page into a state, in a language, by the means people have. Who looks has signed in at both doors."""
    paths = {"samples": f"{PUBLIC}/samples", "no such plan": f"{PUBLIC}/samples", "conditions": f"{PUBLIC}/conditions"}
    path = {**paths, "deciding": DECIDING, "held back": "/"}.get(state, grading.sample)
    page.goto(f"{path}?lang={language}")
    if state == "no such plan":
        page.locator("#size").fill("0")
        page.locator("form.entry button[type=submit]").click()
    elif state in {"grading", "not graded"}:
        page.locator("main table button[name=exchange]").first.click()
    if state == "not graded":
        page.locator("input[value=partly]").check()
        page.locator("form.entry button[type=submit]").click()
    for details in page.locator("main details:not([open]) > summary").all():
        if details.is_visible():
            details.click()


def enter_both(page: Page) -> None:
    enter(page)
    page.goto("/admin/sign-in")
    page.locator("#login").fill("kettei")
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button").click()


@pytest.mark.parametrize("language", SPOKEN)
def test_no_violation_no_sideways_scroll_large_targets(desk: Page, grading: Grading, language: str) -> None:
    enter_both(desk)
    found: dict[str, list[str]] = {}
    for state in STATES:
        desk.set_viewport_size({"width": 1280, "height": 800})
        show(desk, grading, state, language)
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


@pytest.mark.parametrize("desk", [False], ids=["no scripts"], indirect=True)
def test_draw_grade_and_look_at_the_rate(desk: Page, grading: Grading) -> None:
    enter(desk)
    desk.goto(f"{PUBLIC}/samples")
    desk.get_by_label("全体から無作為に").check()
    desk.get_by_label("件数").fill("4")
    desk.get_by_label("1", exact=True).check()
    desk.get_by_role("button", name="抽出する").click()
    expect(desk.locator("main")).not_to_contain_text(BUDGET_ANSWER)
    desk.get_by_role("button", name="もう一度抽出して確かめる").click()
    expect(desk.get_by_role("status")).to_contain_text("同じ結果です")
    desk.get_by_role("button", name="次を判定する").click()
    expect(desk.locator("main")).to_contain_text(BUDGET_ANSWER)
    desk.get_by_label("正しい", exact=True).check()
    desk.get_by_role("button", name="判定を記録する").click()
    expect(desk.get_by_role("status")).to_contain_text("判定を記録しました")
    desk.get_by_role("link", name="自動応答の継続条件").click()
    expect(desk.locator("main")).to_contain_text("773件以上")
