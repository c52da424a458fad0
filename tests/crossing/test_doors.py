"""The list of doors is the applications' own: a route that is added is tried without anybody remembering it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.applications import Starlette

from tests.crossing.doors import doors_of, every_door, site_doors
from tests.crossing.place import Place


class Given(BaseModel):
    thing: str


async def new(thing: str) -> Mapping[str, str]:
    return {"thing": thing}


async def taking(given: Given) -> Mapping[str, str]:
    return {"thing": given.thing}


def test_the_list_of_doors_is_the_routes_own(place: Place) -> None:
    listed = every_door(place.site, place.applications())
    doors = {(door.path, method) for door in listed for method in door.methods}
    assert {("/", "GET"), ("/", "POST"), ("/staff", "POST"), ("/admin", "GET"), ("/metrics", "GET")} <= doors
    assert {("/api/v1/public/exchanges", "POST"), ("/api/v1/staff/exchanges", "POST")} <= doors
    assert all(door.bodies for door in listed if door.path.startswith("/api/"))


def test_a_new_route_is_tried_by_itself() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/staff/new/{thing}", new, methods=["GET", "POST"], include_in_schema=False)
    app.add_api_route("/staff/taking", taking, methods=["POST"])
    sent = [each for door in doors_of("/staff", app) for each in door.requests("lure")]
    assert {("GET", "/staff/new/lure"), ("POST", "/staff/new/lure")} <= {(each.method, each.path) for each in sent}
    assert b"question=lure" in b"".join(each.body for each in sent)
    assert [each.body for each in sent if each.path == "/staff/taking"] == [b'{"thing": "lure"}'] * 2


def test_what_cannot_be_tried_fails() -> None:
    site = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    site.mount("/elsewhere", Starlette())
    with pytest.raises(AssertionError, match=r"say in tests/crossing/doors\.py"):
        site_doors(site)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/elsewhere", Starlette())
    with pytest.raises(AssertionError, match=r"say in tests/crossing/doors\.py"):
        doors_of("", app)
