"""One exchange at the auditor's console: opened for a reason, which is recorded before anything of it is shown."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from audit.reading import Purpose
from bot.records import ExchangeId
from web.accounts.roles import Role
from web.auditor_basis import Now
from web.auditor_doors import doors_of, reader_of
from web.auditor_filters import key_of
from web.auditor_opening import ask_why, carried, through
from web.auditor_view import ExchangeView, view_of
from web.auditor_vocabulary import NAMES, PATHS
from web.forms import pages_of


def routes(root: str) -> APIRouter:
    """The page of an exchange, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/exchanges/{{exchange}}", ask_why, methods=["GET"])
    router.add_api_route(f"{root}/exchanges/{{exchange}}", look, methods=["POST"])
    return router


async def look(request: Request, exchange: str) -> Response:
    """The whole exchange. That it was read, by whom and why, is recorded."""
    doors, reader, named = doors_of(request), reader_of(request), ExchangeId(exchange)

    def work(purpose: Purpose) -> ExchangeView:
        opened = doors.reading.open(reader, named, purpose)
        return view_of(named, opened.entries, Now(doors.stamps(), doors.passage))

    found = await through(request, named, work)
    if isinstance(found, Response):
        return found
    view, purpose = found
    return pages_of(request).page(
        request,
        "auditor_exchange.html",
        view=view,
        exchange=exchange,
        purpose=purpose,
        carried=carried(purpose),
        key_of=key_of,
        names=NAMES,
        paths=PATHS,
        roles=frozenset(Role),
    )
