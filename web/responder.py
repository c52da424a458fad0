"""The responder console: one application for each desk, behind a gate of its own, and the page that leads to it.

It is made from one desk's ``ResponderDoors``, so nothing of the other desk is in its reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from bot.records import DeskName
from web import responder_case, responder_queue, signing
from web.accounts.values import RESPONDING, Session, opens
from web.doors import DoorSettings, ResponderDoors
from web.entrance import Entrance, Gate
from web.forms import with_language
from web.guard import guarded, respond
from web.i18n import Catalogues
from web.metrics import Metrics
from web.rendering import Frame, Pages
from web.responder_acts import TEXTS
from web.responder_doors import ROOT, root_at
from web.security import RateLimit, storage_at
from web.unsent import Unsent

_PAPERS: Final = {DeskName.PUBLIC: "", DeskName.STAFF: "/staff"}
"""Where each desk's own pages begin: its privacy notice and the like stand there."""


def application(doors: ResponderDoors, settings: DoorSettings, catalogues: Catalogues, metrics: Metrics) -> FastAPI:
    """The console of one desk. Raises BadStorage."""
    name, house = doors.desk.name, doors.house
    root = root_at(name)
    door = next(door for door, desk in RESPONDING.items() if desk is name)
    app = FastAPI(
        title=f"Madoguchi: responders, {name.value} desk",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

    def may(session: Session) -> bool:
        return opens(session.grants, door)

    def menu(_: Session) -> Sequence[tuple[str, str]]:
        return ((root, "menu.cases"), (f"{root}/account", "menu.account"))

    entrance = Entrance(root, door, may, secure=settings.secure_cookies)
    storage = storage_at(settings.limits_storage)
    app.state.root = root
    app.state.settings = settings
    app.state.pages = Pages(catalogues, settings, Frame(door.value, root, None, menu, papers=_PAPERS[name]))
    app.state.rate = RateLimit(settings.requests_per_minute, storage, f"{door.value}-posts")
    app.state.metrics = metrics
    app.state.entrance = entrance
    app.state.accounts = house.accounts
    app.state.provider = house.provider
    app.state.pool = house.pool
    app.state.responder = doors
    app.include_router(signing.routes(root))
    app.include_router(responder_queue.routes(root))
    app.include_router(responder_case.routes(root))
    app.add_middleware(Gate, inside=app, entrance=entrance, accounts=house.accounts, pool=house.pool, refuse=respond)
    app.add_middleware(Unsent, fields=TEXTS)
    return guarded(app, metrics)


def lead(site: FastAPI, desks: Sequence[DeskName], settings: DoorSettings, catalogues: Catalogues) -> None:
    """Have ``/responder`` lead to the only console of the site, or offer those there are."""
    site.state.settings = settings
    pages = Pages(catalogues, settings, Frame("responder", ROOT, papers=_PAPERS[desks[0]]))
    roots = {name.value: root_at(name) for name in desks}

    @site.get(ROOT, include_in_schema=False)
    async def consoles(request: Request) -> Response:
        if len(desks) == 1:
            return RedirectResponse(root_at(desks[0]), status_code=303)
        return with_language(request, pages.page(request, "responder_choose.html", roots=roots))
