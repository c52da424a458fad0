"""Running the server: prepare, wire, print the addresses, serve until stopped."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from web.app import create_app
from web.assembly import AlreadyRunning, sole_server, warm, web_state, worker_pool
from web.cli_support import Stop, house_ready
from web.production import lacking
from web.settings import Settings


def run(settings: Settings) -> None:
    """Serve until interrupted. Raises Stop where the service must not or cannot start."""
    missing = lacking(settings)
    if missing:
        raise Stop("production mode needs: " + "; ".join(missing), 3)
    try:
        with sole_server(settings.data), house_ready() as house:
            pool = worker_pool(settings)

            @asynccontextmanager
            async def lifespan(_: FastAPI) -> AsyncIterator[None]:
                threading.Thread(target=warm, args=(house,), daemon=True).start()
                yield
                pool.shutdown(wait=True)

            app = create_app(web_state(house, pool), lifespan)
            config = uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_level="warning",
                access_log=False,  # addresses and paths of people are nobody's business
                server_header=False,
                proxy_headers=settings.secure,
            )
            _print_addresses(settings)
            uvicorn.Server(config).run()
    except AlreadyRunning as problem:
        raise Stop(str(problem), 3) from None
    except OSError as problem:
        raise Stop(f"the data directory {settings.data} cannot be used: {problem.strerror or problem}", 3) from None


def _print_addresses(settings: Settings) -> None:
    console = Console(stderr=True, highlight=False)
    base = f"http://{settings.host}:{settings.port}"
    console.print(f"都民窓口 (public desk)   {base}/")
    console.print(f"プログラム用 (API)        {base}/api/v1/public/exchanges")
    console.print(f"状態 (health)            {base}/readyz")
