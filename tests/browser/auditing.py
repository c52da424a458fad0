"""The auditor's console over a real small house, and how a browser comes to see each of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

from bot.records import DeskName, ExchangeId
from tests.web.audit_room import PUBLIC, SECRET, AuditRoom
from tests.web.staffroom import PASSWORD

STATES = (
    "choosing", "signing in", "list", "filtered", "nothing there", "found", "too long", "figures", "exports",
    "from a search", "not exported", "reads", "opening", "not opened", "opened", "checked", "papers", "verify",
    "missing", "replaying", "replayed", "replaced",
)  # fmt: skip
MANY = 26
"""Exchanges beside those told of: more than one page."""


@dataclass(frozen=True)
class Auditing:
    """Where the site is, the room behind it, and its exchanges by what was asked."""

    address: str
    room: AuditRoom
    told: Mapping[str, ExchangeId]


def furnished(room: AuditRoom) -> Mapping[str, ExchangeId]:
    """An auditor of the public desk, more exchanges than a page holds, and a log with its indices."""
    for number in range(MANY):
        room.asked(f"many-{number}", "電話090-1234-5678に電話をください")
    told = room.furnish()
    room.auditor("kansa")
    room.room.signed_in("betsu", "auditor@staff", door="/auditor/staff")
    room.sequence()
    return told


def enter(page: Page, login: str = "kansa", desk: DeskName = DeskName.PUBLIC) -> None:
    page.goto(f"/auditor/{desk.value}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button").click()


def show(page: Page, auditing: Auditing, state: str, language: str) -> None:
    """Bring the page into a state, in a language, by the means an auditor has. Who looks has signed in."""
    exchange = auditing.told["budget"]
    paths = {
        "choosing": "/auditor",
        "signing in": "/auditor/staff/sign-in",
        "filtered": f"{PUBLIC}?outcome=answered&feedback=useful&since=2020-01-01",
        "nothing there": f"{PUBLIC}?language=ko&corrected=yes",
        "figures": f"{PUBLIC}/figures",
        "exports": f"{PUBLIC}/exports?risk=low",
        "not exported": f"{PUBLIC}/exports",
        "reads": f"{PUBLIC}/reads",
        "opening": f"{PUBLIC}/exchanges/{exchange}",
        "not opened": f"{PUBLIC}/exchanges/{exchange}",
        "opened": f"{PUBLIC}/exchanges/{exchange}",
        "checked": f"{PUBLIC}/exchanges/{exchange}",
        "papers": f"{PUBLIC}/exchanges/{exchange}/paper",
        "verify": f"{PUBLIC}/verify",
        "missing": f"{PUBLIC}/exchanges/ex_none",
        "replaying": f"{PUBLIC}/exchanges/{exchange}/replay",
        "replayed": f"{PUBLIC}/exchanges/{exchange}/replay",
        "replaced": f"{PUBLIC}/replaced",
    }
    path = paths.get(state, PUBLIC)
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
    if state in ("found", "too long", "from a search"):
        page.locator("#words").evaluate("element => element.removeAttribute('maxlength')")
        page.locator("#words").fill("あ" * 501 if state == "too long" else SECRET)
        page.locator("form.filters button[type=submit]").click()
    if state == "from a search":
        page.locator("button[value=offer]").click()
    elif state == "not exported":
        form = page.locator("form.taking").first
        form.locator("input[value=csv]").check()
        form.locator("input[value=other]").check()
        form.locator("button[value=records]").click()
    elif state == "not opened":
        page.locator("main input[value=other]").check()
        page.locator("main form:has(input[name=purpose]) button").first.click()
    elif state == "checked":
        page.locator("main form[action$=verify] button").click()
    elif state in ("opened", "replayed", "papers"):
        page.locator("main input[value=quality]").check()
        page.locator("main form:has(input[name=purpose]) button").first.click()
    for details in page.locator("main details:not([open]) > summary").all():
        if details.is_visible():
            details.click()
