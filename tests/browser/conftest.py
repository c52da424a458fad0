"""One browser and one server for the whole session. Without a browser these tests skip, except where CI is set."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp

from tests.browser.inside import Inside, site
from tests.browser.people import Hall, people_room
from tests.browser.stage import Stage
from tests.fakes_web import FakeDesk, web_state
from web.app import create_app

Made = TypeVar("Made")
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
MISSING = (
    "no browser: apt-get install -y --no-install-recommends chromium-headless-shell fonts-noto-cjk "
    "(browser tests are required where CI is set)"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    desk = FakeDesk()
    yield from served(create_app(web_state(desk)), lambda address: Stage(address, desk))


@pytest.fixture(scope="session")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    app, desk, newcomer = site(tmp_path_factory.mktemp("accounts"))
    yield from served(app, lambda address: Inside(address, desk, newcomer))


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The real site, where the AI answers by itself."""
    room = people_room(tmp_path_factory.mktemp("people"))
    yield from served(room.room.site, lambda address: Hall(address, room))
    room.small.house.close()


@pytest.fixture(scope="session")
def approving_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The real site, where people approve what the AI answers."""
    room = people_room(tmp_path_factory.mktemp("approving"))
    room.approved_by_people()
    yield from served(room.room.site, lambda address: Hall(address, room))
    room.small.house.close()


def served(app: ASGIApp, made: Callable[[str], Made]) -> Iterator[Made]:
    """Serve an application while the test runs; ``made`` gets its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield made(f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def context(browser: Browser, stage: Stage) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=stage.address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, stage: Stage) -> Page:
    stage.desk.delay = 0.0
    return context.new_page()


@pytest.fixture
def plain_page(browser: Browser, stage: Stage) -> Iterator[Page]:
    """A page in a browser without scripts."""
    made = browser.new_context(base_url=stage.address, java_script_enabled=False)
    made.set_default_timeout(10_000)
    yield made.new_page()
    made.close()


@pytest.fixture
def inner(browser: Browser, inside: Inside) -> Iterator[Page]:
    """A page of the site that has a staff desk."""
    made = browser.new_context(
        base_url=inside.address, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    made.set_default_timeout(10_000)
    yield made.new_page()
    made.close()
