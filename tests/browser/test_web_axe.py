"""Gate 1: axe finds nothing on any page, in any language, in any state, at 320 and 1280 px; and it would find."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.stage import LANGUAGES, STATES, Stage, show

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
SEEDED = """<html><body><img src='data:,'><button></button>
<p style='color:#999;background:#fff'>too pale to read</p></body></html>"""


def violations(page: Page) -> list[str]:
    response = Axe().run(page, options=OPTIONS).response
    return [f"{found['id']}: {[node['html'][:120] for node in found['nodes']]}" for found in response["violations"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_violation_in_any_state(page: Page, stage: Stage, language: str) -> None:
    found: dict[str, list[str]] = {}
    for state in STATES:
        show(page, stage.desk, state, language)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            if wrong := violations(page):
                found[f"{state} {width}"] = wrong
    assert found == {}


def test_a_seeded_bad_page_fails(page: Page) -> None:
    page.set_content(SEEDED)
    found = " ".join(violations(page))
    for rule in ("image-alt", "button-name", "document-title", "html-has-lang", "color-contrast"):
        assert rule in found
