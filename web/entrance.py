"""The door of an application that not everybody may enter: who comes in is known, what is not open is closed.

Nothing that lies behind has to remember it: every address of the application is behind this gate, but the few that are
named open. The public desk has no gate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.ports import LogUnavailable
from web.accounts.service import Accounts
from web.accounts.values import AccountsUnavailable, Door, Session
from web.doors import in_pool
from web.security import Refusal, demand_same_site

_SESSION: Final = "madoguchi.session"
_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_\-.]{20,200})")
_READING: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a gated application begins, whose sessions it takes, and which of its addresses are open.

    ``may`` says whether somebody who is signed in may come in at all.
    """

    root: str
    door: Door
    may: Callable[[Session], bool]
    secure: bool

    @property
    def cookie(self) -> str:
        """The cookie that holds the session's token: for this host over TLS alone (RFC 6265bis, 4.1.3.2)."""
        plain = f"madoguchi_{self.door.value}_session"
        return f"__Host-{plain}" if self.secure else plain

    @property
    def visit(self) -> str:
        """The cookie of a visit to the identity provider."""
        return f"{self.cookie}_visit"

    @property
    def sign_in(self) -> str:
        return f"{self.root}/sign-in"

    @property
    def password(self) -> str:
        return f"{self.root}/password"

    @property
    def open(self) -> Collection[str]:
        """The addresses for people who have not signed in yet."""
        named = ("sign-in", "provider", "provider/back", "about", "privacy", "terms", "risks", "accessibility")
        return tuple(f"{self.root}/{each}" for each in named)

    @property
    def unchanged(self) -> Collection[str]:
        """The addresses for people who must change their password first."""
        return (self.password, f"{self.root}/sign-out")

    def keep(self, response: Response, token: str) -> None:
        """Put a session's token into the browser, until it is closed."""
        response.set_cookie(self.cookie, token, httponly=True, samesite="strict", secure=self.secure)

    def drop(self, response: Response) -> None:
        """Take the token out of the browser."""
        response.delete_cookie(self.cookie, httponly=True, samesite="strict", secure=self.secure)


class Gate:
    """Lets a request through with the session it belongs to; answers by itself where there is none."""

    def __init__(  # noqa: PLR0913 - the things a gate consists of
        self,
        app: ASGIApp,
        *,
        inside: FastAPI,
        entrance: Entrance,
        accounts: Accounts,
        pool: Executor,
        refuse: Callable[[FastAPI, Request, Exception], Response],
    ) -> None:
        self._app = app
        self._inside = inside
        self._entrance = entrance
        self._accounts = accounts
        self._pool = pool
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        try:
            scope[_SESSION] = session = await self._session(request)
            answer = None if scope["path"] in self._entrance.open else self._closed(request, session)
        except (Refusal, LogUnavailable, AccountsUnavailable) as refusal:
            answer = self._refuse(self._inside, request, refusal)
        await (answer or self._app)(scope, receive, send)

    async def _session(self, request: Request) -> Session | None:
        shown = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if shown and request.scope["path"].startswith("/api/"):
            return await in_pool(self._pool, self._accounts.tokens.session, shown.group(1), self._entrance.door)
        token = request.cookies.get(self._entrance.cookie)
        if token is None:
            return None
        if request.method not in _READING:
            demand_same_site(request)
        return await in_pool(self._pool, self._accounts.session, token, self._entrance.door)

    def _closed(self, request: Request, session: Session | None) -> Response | None:
        """What somebody gets who may not come in (yet); None for who may. Raises Refusal."""
        path = request.scope["path"]  # as the routes read it, whatever else a request says of its address
        programme = path.startswith("/api/")
        if session is None:
            if programme or request.method not in _READING:
                raise Refusal(401, "error.sign_in")
            return RedirectResponse(self._entrance.sign_in, status_code=303)
        if session.must_change:
            if path in self._entrance.unchanged:
                return None
            if programme:
                raise Refusal(403, "error.change_password")
            return RedirectResponse(self._entrance.password, status_code=303)
        if not self._entrance.may(session):
            raise Refusal(403, "error.right")
        return None


def session_of(request: Request) -> Session | None:
    """Who is signed in; None at the public desk and on the pages that are open to everybody."""
    session: Session | None = request.scope.get(_SESSION)
    return session


def somebody(request: Request) -> Session:
    """Who is signed in, behind a gate. Raises Refusal (401)."""
    session = session_of(request)
    if session is None:
        raise Refusal(401, "error.sign_in")
    return session
