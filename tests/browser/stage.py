"""The states the public pages can be in, and how a browser brings each about."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.fakes_web import FakeDesk

LANGUAGES = ("ja", "ja-easy", "en", "zh", "ko")
PATHS = {
    "empty": "/",
    "about": "/about",
    "privacy": "/privacy",
    "terms": "/terms",
    "risks": "/risks",
    "accessibility": "/accessibility",
    "source": "/sources/tokyo-budget-fy2025",
    "opinion": "/sources/opinion-ema",
    "missing": "/no-such-page",
}
QUESTIONS = {
    "answered": "都のAI関連予算はいくらですか？",
    "abstained": "分からないことを聞きます",
    "danger": "危険です",
    "outage": "記録できないとき",
}
STATES = (*PATHS, *QUESTIONS, "error")


@dataclass(frozen=True, slots=True)
class Stage:
    address: str
    desk: FakeDesk


def show(page: Page, state: str, language: str) -> None:
    """Bring the page into a state, in a language, by the means a person has."""
    if path := PATHS.get(state):
        page.goto(f"{path}?lang={language}")
        return
    page.context.clear_cookies(name="madoguchi_conversation")
    page.goto(f"/?lang={language}")
    if state == "error":
        page.locator("#ask button[type=submit]").click()
        expect(page.locator("#trouble")).not_to_be_empty()
        return
    ask(page, QUESTIONS[state])
    for details in page.locator("#latest details").all():
        details.locator("summary").click()


def ask(page: Page, question: str) -> None:
    """Ask with scripts and wait for the answer."""
    page.locator("#question").fill(question)
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("#jump")).to_be_visible()
