"""The states the public pages can be in, and how a browser brings each about."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.endurance.kit import SOAK
from tests.fakes_web import FakeDesk

EVERY_LANGUAGE = ("ja", "ja-easy", "en", "zh", "ko")
LANGUAGES = EVERY_LANGUAGE if SOAK else ("ja",)
"""In which every state is looked at: all in the long form (make soak), Japanese in the short one."""
LAID_OUT = EVERY_LANGUAGE if SOAK else ("ja", "ja-easy")
"""Easy Japanese has readings above its words, so its lines are laid out in another way."""
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
    "person": "/person",
    "complaint": "/voice",
    "which answer": "/correction",
    "looking up": "/lookup",
}
QUESTIONS = {
    "answered": "都のAI関連予算はいくらですか？",
    "abstained": "分からないことを聞きます",
    "danger": "危険です",
    "outage": "記録できないとき",
}
CASES = ("taken", "not sent", "in danger", "asked back", "replied", "corrected", "correcting", "receipt", "not found")
"""What a person sees who wants a person."""
STATES = (*PATHS, *QUESTIONS, "error", *CASES)


@dataclass(frozen=True, slots=True)
class Stage:
    address: str
    desk: FakeDesk


def show(page: Page, desk: FakeDesk, state: str, language: str) -> None:
    """Bring the page into a state, in a language, by the means a person has (and those whom they asked)."""
    if path := PATHS.get(state):
        page.goto(f"{path}?lang={language}")
        return
    page.context.clear_cookies(name="madoguchi_conversation")
    page.goto(f"/?lang={language}")
    if state in CASES:
        show_case(page, desk, state)
        return
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


def show_case(page: Page, desk: FakeDesk, state: str) -> None:
    """Bring about what a person sees who wants a person."""
    match state:
        case "not sent":
            hand_over(page, "ひとに聞きたい", contact="03-0000-0000")
            expect(page.locator("#wrong")).to_be_visible()
        case "in danger":
            hand_over(page, "危険です")
        case "not found" | "receipt":
            ask(page, QUESTIONS["answered"])
            page.goto("/lookup")
            page.locator("#number").fill(desk.exchanges[-1].receipt or "" if state == "receipt" else "ABCD")
            page.locator("form.handing button").click()
        case "correcting" | "corrected":
            ask(page, QUESTIONS["answered"])
            page.locator("#latest a[href*=correction]").click()
            if state == "corrected":
                page.locator("#text").fill("金額がちがいます")
                page.locator("form.handing button").click()
                expect(page.locator(".digits")).to_be_visible()
                desk.people.responder_corrects(desk.people.kept[-1], "予算は190億円です。")
                page.goto("/")
                expect(page.locator(".corrected")).to_be_visible()
        case _:
            hand_over(page, "保育園の申込みでAIの判定が使われるか知りたい。")
            expect(page.locator(".digits")).to_be_visible()
            kept = desk.people.kept[-1]
            if state == "asked back":
                desk.people.responder_asks(kept, "どの区の保育園ですか。")
            elif state == "replied":
                desk.people.responder_answers(kept, "保育園の入園の決定に、AIの判定は使っていません。")
            if state != "taken":
                look_up(page, kept.number)
    for details in page.locator("main details").all():
        if details.get_attribute("open") is None:
            details.locator("summary").click()


def hand_over(page: Page, text: str, *, contact: str = "") -> None:
    """Ask for a person, by the page that every page leads to."""
    page.goto("/person")
    page.locator("#text").fill(text)
    if contact:
        page.locator(".extra summary").click()
        page.locator("#contact").fill(contact)
    page.locator("form.handing button").click()


def look_up(page: Page, number: str) -> None:
    page.goto("/lookup")
    page.locator("#number").fill(number)
    page.locator("form.handing button").click()
