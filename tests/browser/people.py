"""A real site with people in it, for the journeys to a person and back: a small house, accounts, whoever signs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from bot.records import ConversationId, DeskName, RecordedEntry
from tests.house_kit import SmallHouse
from tests.web.cases_room import CasesRoom
from tests.web.staffroom import PASSWORD, Staffroom, staffroom
from web.accounts.roles import grant_named
from web.accounts.values import COMMAND_LINE, Door

CONSOLES = {DeskName.PUBLIC: "/responder/public", DeskName.STAFF: "/responder/staff"}
COOKIES = {DeskName.PUBLIC: "madoguchi_conversation", DeskName.STAFF: "madoguchi_staff_conversation"}
PEOPLE = {
    "yamada": ("staff@staff", Door.STAFF),
    "sato": ("responder@public", Door.RESPONDER_PUBLIC),
    "ito": ("responder@staff", Door.RESPONDER_STAFF),
}
"""Who has an account, with one right each, and where they first signed in."""


@dataclass(frozen=True)
class Hall:
    """Where the site is, and the room behind it."""

    address: str
    room: CasesRoom

    @property
    def small(self) -> SmallHouse:
        return self.room.small

    def visitor(self, browser: Browser, *, scripts: bool) -> BrowserContext:
        """Somebody with a browser of their own; with scripts, their clock can be turned on."""
        made = browser.new_context(base_url=self.address, java_script_enabled=scripts, reduced_motion="reduce")
        made.set_default_timeout(10_000)
        if scripts:
            made.clock.install()
        return made

    def conversation(self, context: BrowserContext, desk: DeskName) -> ConversationId:
        """The conversation that a visitor's browser holds."""
        held = {each["name"]: each["value"] for each in context.cookies()}
        return ConversationId(held[COOKIES[desk]])

    def entries(self, conversation: ConversationId, desk: DeskName) -> Sequence[RecordedEntry]:
        return self.room.entries(conversation, desk)


def people_room(directory: Path) -> CasesRoom:
    """A room whose people have chosen their passwords."""
    made = CasesRoom(staffroom(directory, requests_per_minute=100_000))
    for login, (grant, door) in PEOPLE.items():
        _hire(made.room, login, grant, door)
    return made


def _hire(room: Staffroom, login: str, grant: str, door: Door) -> None:
    accounts = room.small.house.accounts
    first = accounts.administration.create(login, login.title(), {grant_named(grant)}, by=COMMAND_LINE).password
    accounts.change_password(accounts.sign_in(login, first, door).session, first, PASSWORD)


def sign_in(page: Page, door: str, login: str) -> None:
    """Go to a door that asks who is there, and say so."""
    page.goto(door)
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button").click()
    page.wait_for_url(f"**{door}")
