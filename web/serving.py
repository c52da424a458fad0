"""Running the server: prepare, wire, print the addresses, serve until stopped."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from starlette.types import ASGIApp

from bot.records import DeskName
from web.accounts.service import Accounts
from web.app import create_app
from web.assembly import warm
from web.cli_support import Stop, house_ready
from web.connections import BoundedProtocol, allow_many_connections
from web.directory import AlreadyRunning, sole_server
from web.fitting import web_state, worker_pool
from web.papers import BadPaper
from web.production import lacking
from web.publishing import steps_of as publishing_steps
from web.rounds import Rounds, steps_of
from web.security import BadStorage
from web.sequencing import sequencing
from web.settings import Settings


def run(settings: Settings) -> None:
    """Serve until interrupted. Raises Stop where the service must not or cannot start."""
    missing = lacking(settings)
    if missing:
        raise Stop("production mode needs: " + "; ".join(missing), 3)
    try:
        with sole_server(settings.data), house_ready() as house:
            pool = worker_pool(settings)
            rounds, publishing = Rounds(steps_of(house)), Rounds(publishing_steps(house))

            @asynccontextmanager
            async def lifespan(_: FastAPI) -> AsyncIterator[None]:
                threading.Thread(target=warm, args=(house,), daemon=True).start()
                rounds.start()
                publishing.start()
                with sequencing(house):
                    yield
                    rounds.stop()
                    publishing.stop()
                    pool.shutdown(wait=True)

            server = uvicorn.Server(configured(settings, create_app(web_state(house, pool), lifespan)))
            listener = listening(settings)
            allow_many_connections()
            _print_addresses(settings, listener.getsockname()[1])
            if DeskName.STAFF in settings.served:
                _print_first_sign_in(house.accounts)
            server.run(sockets=[listener])
    except (AlreadyRunning, BadStorage, BadPaper) as problem:
        raise Stop(str(problem), 3) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None


def configured(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """How the server library runs. Nothing is left to variables of its own that the environment may hold."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        workers=1,
        log_config=None,  # its lines go where ours go, by the same rules
        log_level="warning",
        access_log=False,  # addresses and paths of people are nobody's business
        server_header=False,
        proxy_headers=settings.secure,
        forwarded_allow_ips=settings.proxies,
    )


def listening(settings: Settings) -> socket.socket:
    """The socket to serve on; the system chooses where the port is 0. Raises Stop."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as problem:
        raise Stop(
            f"cannot listen on {settings.host}, port {settings.port}: {problem.strerror or problem}; "
            "see MADOGUCHI_HOST and MADOGUCHI_PORT",
            3,
        ) from None


def _print_addresses(settings: Settings, port: int) -> None:
    host = settings.host
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    public = (
        f"都民窓口 (public desk)      {base}/",
        f"プログラム用 (API)           {base}/api/v1/public/exchanges",
    )
    staff = (f"職員窓口 (staff desk)       {base}/staff", f"管理 (administration)       {base}/admin")
    lines = (public if DeskName.PUBLIC in settings.served else ()) + (
        staff if DeskName.STAFF in settings.served else ()
    )
    _say(*lines, f"窓口担当 (responders)       {base}/responder", f"状態 (health)               {base}/readyz")


def _print_first_sign_in(accounts: Accounts) -> None:
    """The first administrator's password, once: only its hash is kept."""
    if first := accounts.prepare_first():
        _say(
            f"最初のサインイン (first sign-in, shown once)  {first.login}  {first.password}",
            "管理のページでサインインし、パスワードを変えてください。",
        )
    elif login := accounts.waiting_first():
        _say(f"まだだれもサインインしていません。新しいパスワード: madoguchi user reset {login}")


def _say(*lines: str) -> None:
    console = Console(stderr=True, highlight=False)
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
