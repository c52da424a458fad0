"""One process may serve one desk alone: of the other one nothing is there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from starlette.types import ASGIApp

from bot.records import DeskName
from tests.crossing.canaries import PLANTED, VAULT_ID, found_in
from tests.crossing.doors import doors_of, site_doors
from tests.crossing.place import CONVERSATION, SESSION, Place
from tests.crossing.wire import Came, Sent, send
from tests.running import run
from web.accounts.values import Door as At
from web.app import applications, create_app
from web.assembly import House
from web.doors import WebState
from web.fitting import web_state
from web.metrics import Metrics


def only(house: House, desk: DeskName, pool: ThreadPoolExecutor) -> WebState:
    settings = house.settings.model_copy(update={"desks": desk.value})
    return web_state(replace(house, settings=settings), pool)


@pytest.fixture
def public(place: Place) -> Iterator[WebState]:
    with ThreadPoolExecutor(2) as pool:
        yield only(place.house, DeskName.PUBLIC, pool)


@pytest.fixture
def staff(place: Place) -> Iterator[WebState]:
    with ThreadPoolExecutor(2) as pool:
        yield only(place.house, DeskName.STAFF, pool)


def get(app: ASGIApp, path: str, **given: object) -> Came:
    return run(send(app, Sent("GET", path, **given)))  # type: ignore[arg-type] # named as the fields are


def test_where_the_public_desk_is_alone_there_is_no_other(place: Place, public: WebState) -> None:
    own = applications(public, Metrics())
    assert list(own) == ["", "/responder/public", "/auditor/public"]
    assert public.staff is None
    site = create_app(public)
    with ThreadPoolExecutor(1) as pool:
        both = replace(place.state, pool=pool)
        gone = [
            door
            for root, app in applications(both, Metrics()).items()
            if root not in own
            for door in doors_of(root, app)
        ]
    none = get(site, "/no-such-page")
    assert none.status == 404
    secrets = [*PLANTED[DeskName.STAFF].secrets, *place.ids(DeskName.STAFF)]
    cookies = {SESSION[door]: place.signed(door) for door in At}
    for door in gone:
        for sent in door.requests(VAULT_ID[DeskName.STAFF]):
            came = run(send(site, replace(sent, query={}, cookies=cookies)))
            assert came.status in (404, 405), (sent.told(), came.status)
            assert set(found_in(came.whole, secrets)) <= {VAULT_ID[DeskName.STAFF]}  # that was sent, and may come back
        if not door.path.startswith("/api/") and "{" not in door.path and "GET" in door.methods:
            # Word for word the page for an address that never was.
            assert get(site, door.path).body.replace(door.path.encode(), b"") == none.body.replace(
                b"/no-such-page", b""
            )
    assert "staff" not in get(site, "/").text
    assert get(site, "/responder").header("location") == "/responder/public"
    assert get(site, "/auditor").header("location") == "/auditor/public"
    ready = get(site, "/readyz")
    assert ready.status == 200
    assert "staff" not in ready.text


def test_where_the_staff_desk_is_alone_the_front_leads_to_it(place: Place, staff: WebState) -> None:
    assert list(applications(staff, Metrics())) == ["/staff", "/admin", "/responder/staff", "/auditor/staff"]
    assert staff.public is None
    site = create_app(staff)
    front = get(site, "/")
    assert get(site, "/responder").header("location") == "/responder/staff"
    assert get(site, "/auditor").header("location") == "/auditor/staff"
    assert get(site, "/responder/public").status == 303  # to the staff desk's own sign-in, as every address here
    assert (front.status, front.header("location")) == (307, "/staff")
    assert get(site, "/staff").status == 303
    told = place.told[DeskName.PUBLIC]
    secrets = PLANTED[DeskName.PUBLIC].secrets
    public_doors = doors_of("", place.applications()[""])
    for session in ({}, {SESSION[At.STAFF]: place.signed(At.STAFF)}):
        cookies = {CONVERSATION[DeskName.PUBLIC]: told.conversation, **session}
        for door in public_doors:
            for sent in door.requests(VAULT_ID[DeskName.PUBLIC]):
                came = run(send(site, replace(sent, query={}, cookies=cookies)))
                assert came.status in ((404, 405, 307) if session else (303, 401, 307)), (sent.told(), came.status)
                assert found_in(came.whole, secrets) == []
    ready = get(site, "/readyz")
    assert (ready.status, "public" in ready.text) == (200, False)
    assert site_doors(site)
