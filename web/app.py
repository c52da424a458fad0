"""The web application: the public application mounted at the root, with the doors that operators watch.

Everything it calls comes in ``WebState``, made by assembly. The staff application will be mounted beside it as an
application of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.ports import LogUnavailable, ShelfUnavailable
from bot.records import Language
from web import api, public
from web.conversations import Conversations
from web.doors import WebState, in_pool
from web.i18n import language_named, load
from web.lifeline import Lifeline
from web.metrics import Metrics
from web.rendering import STATIC, Pages
from web.security import BODY_LIMIT, BodyLimit, RateLimit, Refusal, SecurityHeaders, Waiting, storage_at

_log = structlog.get_logger()
# Statuses that the framework itself raises, with the sentence that says what to do.
_SENTENCES = {400: "error.request", 404: "error.missing", 405: "error.missing", 413: "error.large"}
# Pages that render a conversation, for each post: every post without scripts is followed by one.
_READS = 6
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
    desk = _public(state, metrics)
    site.mount("/", desk)

    async def refused(request: Request, error: Exception) -> Response:
        return _respond(desk, request, *_reason(error))

    # An address with a line break belongs to no mounted application; it gets the same sentence as any other.
    site.add_exception_handler(HTTPException, refused)
    site.add_middleware(GZipMiddleware, minimum_size=1000)
    site.add_middleware(SecurityHeaders, secure=state.settings.secure_cookies)
    return site


def _public(state: WebState, metrics: Metrics) -> FastAPI:
    # No redirect that adds a slash: its address would be made of whatever Host a request names.
    app = FastAPI(title="Madoguchi: public desk", docs_url=None, redoc_url=None, redirect_slashes=False)
    per_minute, storage = state.settings.requests_per_minute, storage_at(state.settings.limits_storage)
    app.state.desk = state.public
    app.state.settings = state.settings
    app.state.pages = Pages(load(), state.public, state.settings)
    app.state.conversations = Conversations(state.conversation_key, secure=state.settings.secure_cookies)
    app.state.rate = RateLimit(per_minute, storage, "posts")
    app.state.reads = RateLimit(_READS * per_minute, storage, "reads")
    app.state.lifeline = Lifeline(per_minute)
    app.state.waiting = Waiting(state.settings.waiting)
    app.state.metrics = metrics
    app.include_router(public.router)
    app.include_router(api.router)
    app.mount("/static", CachedFiles(directory=STATIC))

    async def refused(request: Request, error: Exception) -> Response:
        return _respond(app, request, *_reason(error))

    async def too_large(request: Request) -> Response:
        return _respond(app, request, 413, "error.large", None)

    for kind in (Refusal, HTTPException, RequestValidationError, LogUnavailable, ShelfUnavailable):
        app.add_exception_handler(kind, refused)
    app.add_middleware(BodyLimit, refuse=too_large, limit=BODY_LIMIT)
    app.add_middleware(Guard, refuse=refused, metrics=metrics)
    return app


def _operators(site: FastAPI, state: WebState, metrics: Metrics) -> None:
    @site.get("/healthz", include_in_schema=False)
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @site.get("/readyz", include_in_schema=False)
    async def ready() -> JSONResponse:
        states = dict(await in_pool(state.public.pool, state.public.ready))
        well = all(value == "ok" for value in states.values())
        warnings = await in_pool(state.public.pool, state.public.warnings)
        told = {
            "status": "ok" if well else "not ready",
            **states,
            **({"warnings": sorted(warnings)} if warnings else {}),
        }
        return JSONResponse(told, status_code=200 if well else 503)

    @site.get("/metrics", include_in_schema=False)
    async def figures() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _reason(error: Exception) -> tuple[int, str, int | None]:
    match error:
        case Refusal():
            return error.status, error.key, error.retry_after
        case HTTPException():
            return error.status_code, _SENTENCES.get(error.status_code, "error.request"), None
        case RequestValidationError():
            return 422, "error.request", None
        case LogUnavailable() | ShelfUnavailable():
            _log.error("door_unavailable", kind=type(error).__name__, cause=error.cause)
            return 503, "error.unavailable", 30
        case _:
            return 500, "error.internal", None


def _respond(app: FastAPI, request: Request, status: int, key: str, retry_after: int | None) -> Response:
    """One sentence that says what to do, and how to get help in danger: as JSON, as a fragment for the script, or as a
    page with the contact.
    """
    pages: Pages = app.state.pages
    headers = {"retry-after": str(retry_after)} if retry_after else {}
    if request.url.path.startswith("/api/"):
        # A program has no cookies to speak for it: Japanese, unless the address says otherwise.
        language = language_named(request.query_params.get("lang")) or Language.JA
        said = f"{pages.text(key, language)} {pages.text('person.urgent', language)}"
        return JSONResponse({"error": said}, status_code=status, headers=headers)
    template = "trouble.html" if public.PART in request.headers else "refusal.html"
    return pages.page(request, template, status=status, headers=headers, status_code=status, error=key)


class CachedFiles(StaticFiles):
    """Static files; their addresses carry a digest of their contents, so a browser may keep them for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """As the framework's, with the caching said. Raises HTTPException (404, 405)."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


class Guard:
    """Counts responses and turns any failure into the error page.

    What failed is logged by its kind and place alone: an exception's message may hold what a person wrote.
    """

    def __init__(
        self, app: ASGIApp, *, refuse: Callable[[Request, Exception], Awaitable[Response]], metrics: Metrics
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started: list[int] = []

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message["status"])
                door = getattr(scope.get("route"), "path", "other")
                self._metrics.response(door, scope["method"], message["status"])
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001 - the last door: a person gets a sentence, never a stack trace
            _log.error("door_failed", kind=type(error).__name__, place=_place(error))
            if not started:
                await (await self._refuse(Request(scope), error))(scope, receive, counted)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"
