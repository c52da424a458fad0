"""A real house with people: accounts made by the command line's means, and browsers that are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.house_kit import SmallHouse, small_house
from web.accounts.roles import grant_named
from web.accounts.values import COMMAND_LINE
from web.app import create_app
from web.fitting import web_state, worker_pool

PASSWORD = "seven quiet lanterns on a bridge"


@dataclass
class Staffroom:
    """The site over a small house. ``passwords`` are those people chose."""

    small: SmallHouse
    site: Any

    def browser(self) -> TestClient:
        """A browser of its own: nobody's cookies."""
        return TestClient(self.site, follow_redirects=False)

    def hire(self, login: str, *grants: str) -> str:
        """Make an account; its first password."""
        named = {grant_named(grant) for grant in grants}
        return self.small.house.accounts.administration.create(login, login.title(), named, by=COMMAND_LINE).password

    def signed_in(self, login: str, *grants: str, door: str = "/staff") -> TestClient:
        """A browser of a new person who signed in at a door and changed the first password."""
        first, browser = self.hire(login, *grants), self.browser()
        assert browser.post(f"{door}/sign-in", data={"login": login, "password": first}).status_code == 303
        changed = {"old": first, "new": PASSWORD, "again": PASSWORD}
        assert browser.post(f"{door}/password", data=changed).headers["location"] == door
        return browser


def staffroom(directory: Path, **settings: Any) -> Staffroom:
    small = small_house(directory, **{"requests_per_minute": 1000, **settings})
    return Staffroom(small, create_app(web_state(small.house, worker_pool(small.house.settings))))
