"""What an outside witness follows a log by: its newest checkpoint, the tiles of its tree, its key. Never entries.

The addresses are those of https://c2sp.org/tlog-tiles under ``/log/{name}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from limits.storage import MemoryStorage

from audit.tiles import WIDTH, Tile, tile_named
from bot.ports import LogUnavailable
from web.doors import LogDoor, in_pool
from web.security import RateLimit

T = TypeVar("T")

_PER_MINUTE: Final = 600  # a whole tree of a million entries in seven minutes
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_SHORTLY: Final = "public, max-age=60"


def routes(logs: Mapping[str, LogDoor]) -> APIRouter:
    """The routes over these logs. Reading is bounded and has its own threads: it never keeps a question waiting."""
    router = APIRouter(include_in_schema=False)
    door = _Door(logs)
    router.add_api_route("/log/{name}/checkpoint", door.checkpoint, methods=["GET"])
    router.add_api_route("/log/{name}/key", door.key, methods=["GET"])
    router.add_api_route("/log/{name}/tile/{path:path}", door.tile, methods=["GET"])
    return router


class _Door:
    def __init__(self, logs: Mapping[str, LogDoor]) -> None:
        self._logs = logs
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="witness")
        self._rate = RateLimit(_PER_MINUTE, MemoryStorage(), "witness")

    async def checkpoint(self, request: Request, name: str) -> Response:
        return await self._answer(request, name, lambda log: _text(log.checkpoint(), "no-cache"))

    async def key(self, request: Request, name: str) -> Response:
        return await self._answer(request, name, lambda log: _text(log.key() + "\n", _SHORTLY))

    async def tile(self, request: Request, name: str, path: str) -> Response:
        wanted = tile_named(path)
        if wanted is None:
            return _none()
        return await self._answer(request, name, lambda log: _hashes(log.tile(wanted), wanted))

    async def _answer(self, request: Request, name: str, read: Callable[[LogDoor], Response]) -> Response:
        log = self._logs.get(name)
        if log is None:
            return _none()
        if not self._rate.allows(request):
            return PlainTextResponse("too many requests; try again in a minute\n", 429, {"retry-after": "60"})
        try:
            return await in_pool(self._pool, read, log)
        except LogUnavailable:
            return PlainTextResponse("the log cannot be read now; try again later\n", 503, {"retry-after": "30"})


def _text(text: str | None, caching: str) -> Response:
    return _none() if text is None else PlainTextResponse(text, headers={"cache-control": caching})


def _hashes(hashes: bytes | None, wanted: Tile) -> Response:
    if hashes is None:
        return _none()
    caching = _FOR_EVER if wanted.width == WIDTH else _SHORTLY
    return Response(hashes, media_type="application/octet-stream", headers={"cache-control": caching})


def _none() -> Response:
    return PlainTextResponse("there is nothing at this address\n", 404)
