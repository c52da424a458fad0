"""The pages behind a sign-in hold the same gates, in every language: axe, reflow, targets, contrast."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.inside import PASSWORD, STATES, Inside, show, sign_in
from tests.browser.stage import LANGUAGES
from tests.browser.test_web_axe import violations
from tests.browser.test_web_layout import CONTRAST, SCROLLS, SMALL

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_violation_no_sideways_scroll_large_targets(inner: Page, inside: Inside, language: str) -> None:
    found: dict[str, list[str]] = {}
    for state in STATES:
        inner.set_viewport_size({"width": 1280, "height": 800})
        show(inner, inside, state, language)
        for width in (1280, 320):
            inner.set_viewport_size({"width": width, "height": 800})
            wrong = violations(inner)
            wrong += ["sideways"] if inner.evaluate(SCROLLS) else []
            wrong += [f"contrast {low}" for low in inner.evaluate(CONTRAST)]
            wrong += ["style attribute"] if inner.locator("[style]").count() else []
            if width == 320:
                wrong += [f"small {small}" for small in inner.evaluate(SMALL)]
            if wrong:
                found[f"{state} {width}"] = wrong
    assert found == {}


def test_sign_in_by_keyboard_alone(inner: Page) -> None:
    inner.goto("/staff")
    inner.locator("#login").focus()
    inner.keyboard.type("staff")
    inner.keyboard.press("Tab")
    inner.keyboard.type(PASSWORD)
    inner.keyboard.press("Enter")
    expect(inner.locator("#question")).to_be_visible()


def test_an_answer_comes_without_a_new_page_and_a_switch_is_seen(inner: Page) -> None:
    sign_in(inner, "/staff", "staff", PASSWORD)
    inner.locator("#question").fill("都のAI関連予算はいくらですか？")
    inner.locator("#ask button[type=submit]").click()
    expect(inner.locator("#latest")).to_contain_text("181億円")
    assert inner.url.endswith("/staff")
