"""What stands around every application: failures become one sentence, responses are counted, static files are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audit.reading import IndexUnavailable
from bot.ports import LogUnavailable, ShelfUnavailable
from bot.records import Language
from web.forms import is_partial, pages_of
from web.i18n import language_named
from web.metrics import Metrics
from web.security import BODY_LIMIT, BodyLimit, Refusal

_log = structlog.get_logger()
# Statuses that the framework itself raises, with the sentence that says what to do.
_SENTENCES = {400: "error.request", 404: "error.missing", 405: "error.missing", 413: "error.large"}


def guarded(app: FastAPI, metrics: Metrics) -> FastAPI:
    """Give an application its error pages, its limit on bodies and its guard. ``app.state.pages`` must be set."""

    async def refused(request: Request, error: Exception) -> Response:
        return respond(app, request, error)

    async def too_large(request: Request) -> Response:
        return respond(app, request, Refusal(413, "error.large"))

    for kind in (Refusal, HTTPException, RequestValidationError, LogUnavailable, ShelfUnavailable, IndexUnavailable):
        app.add_exception_handler(kind, refused)
    app.add_middleware(BodyLimit, refuse=too_large, limit=BODY_LIMIT)
    app.add_middleware(Guard, refuse=refused, metrics=metrics)
    return app


def respond(app: FastAPI, request: Request, error: Exception) -> Response:
    """One sentence that says what to do, and how to get help in danger: as JSON, as a fragment for the script, or as a
    page with the contact.
    """
    status, key, retry_after = _reason(error)
    danger = error.danger if isinstance(error, Refusal) else None
    request.scope["app"] = app  # an error outside any application is shown by this one
    pages = pages_of(request)
    headers = {"retry-after": str(retry_after)} if retry_after else {}
    if request.url.path.startswith("/api/"):
        # A program has no cookies to speak for it: Japanese, unless the address says otherwise.
        language = language_named(request.query_params.get("lang")) or Language.JA
        said = f"{pages.text(key, language)} {pages.text('person.urgent', language)}"
        said = f"{danger}\n{said}" if danger else said
        return JSONResponse({"error": said}, status_code=status, headers=headers)
    template = "trouble.html" if is_partial(request) else "refusal.html"
    return pages.page(request, template, status=status, headers=headers, status_code=status, error=key, danger=danger)


def _reason(error: Exception) -> tuple[int, str, int | None]:
    match error:
        case Refusal():
            return error.status, error.key, error.retry_after
        case HTTPException():
            return error.status_code, _SENTENCES.get(error.status_code, "error.request"), None
        case RequestValidationError():
            return 422, "error.request", None
        case LogUnavailable() | ShelfUnavailable() | IndexUnavailable():
            _log.error("door_unavailable", kind=type(error).__name__, cause=error.cause)
            return 503, "error.unavailable", 30
        case _:
            return 500, "error.internal", None


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
