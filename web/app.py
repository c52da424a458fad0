"""The web application: one application for each desk, one for each desk's responders, one for each desk's auditors, one
for the administration, side by side.

Everything they call comes in ``WebState``, made by assembly. The applications share no state but the figures for
operators: each has its own desk, cookies, limits and error pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from web import admin, auditor, auditor_doors, responder, staff, witness
from web.desks import desk_application
from web.doors import AdminDoors, WebState, in_pool
from web.guard import CachedFiles, guarded, respond
from web.i18n import load
from web.metrics import Metrics
from web.rendering import STATIC, Frame
from web.responder_doors import root_at
from web.security import SecurityHeaders

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(state: WebState, lifespan: Lifespan | None = None) -> FastAPI:
    """The whole site. ``state`` is what assembly made; ``lifespan`` closes it at the end. Builds nothing global.

    Raises CatalogueIncomplete where a language lacks a text, BadStorage where requests cannot be counted.
    """
    metrics = Metrics()
    site = FastAPI(
        title="Madoguchi", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan, redirect_slashes=False
    )
    _operators(site, state, metrics)
    site.include_router(witness.routes(state.logs))
    site.mount("/static", CachedFiles(directory=STATIC))
    entrances = applications(state, metrics)
    if consoles := [doors.desk.name for doors in state.responders]:
        responder.lead(site, consoles, state.settings, load())
    if audited := [doors.name for doors in state.auditors]:
        auditor.lead(site, audited, state.settings, load())
    site.mount("/", Entrances(entrances))
    front = next(iter(entrances.values()))

    async def refused(request: Request, error: Exception) -> Response:
        return respond(front, request, error)

    # An address with a line break belongs to no mounted application; it gets the same sentence as any other.
    site.add_exception_handler(HTTPException, refused)
    site.add_middleware(GZipMiddleware, minimum_size=1000)
    site.add_middleware(SecurityHeaders, secure=state.settings.secure_cookies)
    return site


def applications(state: WebState, metrics: Metrics) -> Mapping[str, FastAPI]:
    """The applications this process serves, by where they begin; empty for the public desk, which comes first."""
    catalogues = load()
    made: dict[str, FastAPI] = {}
    if state.public is not None:
        made[""] = guarded(
            desk_application(
                state.public, Frame("public", "", state.public.contacts), state.settings, catalogues, metrics
            ),
            metrics,
        )
    if state.staff is not None:
        made[staff.ROOT] = staff.application(state.staff, state.settings, catalogues, metrics)
        administered = AdminDoors(state.staff.house, state.editing, state.conditions, state.records)
        made[admin.ROOT] = admin.application(administered, state.settings, catalogues, metrics)
    for doors in state.responders:
        made[root_at(doors.desk.name)] = responder.application(doors, state.settings, catalogues, metrics)
    for each in state.auditors:
        made[auditor_doors.root_at(each.name)] = auditor.application(each, state.settings, catalogues, metrics)
    return made


class Entrances:
    """Leads each request to the application its address belongs to; whole path segments decide, nothing is cut off."""

    def __init__(self, applications: Mapping[str, ASGIApp]) -> None:
        self._by_segments = {tuple(root.strip("/").split("/")): app for root, app in applications.items() if root}
        self._front = applications.get("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        segments = tuple(scope["path"].split("/")[1:])
        named = segments[2:] if segments[:2] == ("api", "v1") else segments
        app = self._by_segments.get(named[:1]) or self._by_segments.get(named[:2]) or self._front
        if app is None:  # a process without the public desk
            app = RedirectResponse(staff.ROOT, status_code=307) if scope["path"] == "/" else self._elsewhere
        await app(scope, receive, send)

    @property
    def _elsewhere(self) -> ASGIApp:
        return self._by_segments[staff.ROOT.strip("/"),]


def _operators(site: FastAPI, state: WebState, metrics: Metrics) -> None:
    @site.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @site.get("/readyz", include_in_schema=False)
    async def ready() -> JSONResponse:
        states = dict(await in_pool(state.pool, state.ready))
        well = all(value == "ok" for value in states.values())
        warnings = await in_pool(state.pool, state.warnings)
        told = {
            "status": "ok" if well else "not ready",
            **states,
            **await in_pool(state.pool, state.told),
            **({"warnings": sorted(warnings)} if warnings else {}),
        }
        return JSONResponse(told, status_code=200 if well else 503)

    @site.get("/metrics", include_in_schema=False)
    async def figures() -> Response:
        metrics.queues(await in_pool(state.pool, state.backlogs))
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
