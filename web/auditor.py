"""The auditor's console: one application for each desk, behind a gate of its own, and the page that leads to it.

It is made from one desk's ``AuditorDoors``, so nothing of the other desk is in its reach. Nothing here changes what was
recorded: what auditors do appends entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from bot.records import DeskName
from web import (
    auditor_cited,
    auditor_conditions,
    auditor_exchange,
    auditor_exports,
    auditor_figures,
    auditor_list,
    auditor_paper,
    auditor_reads,
    auditor_replay,
    auditor_samples,
    auditor_verify,
    signing,
)
from web.accounts.values import AUDITING, Session, opens
from web.auditor_doors import ROOT, root_at
from web.auditor_forms import TEXTS
from web.doors import AuditorDoors, DoorSettings
from web.entrance import Entrance, Gate
from web.forms import with_language
from web.guard import guarded, respond
from web.i18n import Catalogues
from web.metrics import Metrics
from web.rendering import Frame, Pages
from web.security import RateLimit, storage_at
from web.unsent import Unsent

PAGES: Final = (
    auditor_samples,
    auditor_conditions,
    auditor_list,
    auditor_figures,
    auditor_exports,
    auditor_reads,
    auditor_exchange,
    auditor_verify,
    auditor_paper,
    auditor_replay,
    auditor_cited,
)
"""The modules of the console's pages, each with ``routes(root)``."""
MENU: Final = (
    ("", "menu.audit.list"),
    ("/figures", "menu.audit.figures"),
    ("/samples", "menu.audit.samples"),
    ("/conditions", "menu.audit.conditions"),
    ("/exports", "menu.audit.exports"),
    ("/replaced", "menu.audit.cited"),
    ("/verify", "menu.audit.verify"),
    ("/reads", "menu.audit.reads"),
    ("/account", "menu.account"),
)
"""Where the menu leads, below the root, and the key of the name."""
_PAPERS: Final = {DeskName.PUBLIC: "", DeskName.STAFF: "/staff"}
"""Where each desk's own pages begin: its privacy notice and the like stand there."""


def application(doors: AuditorDoors, settings: DoorSettings, catalogues: Catalogues, metrics: Metrics) -> FastAPI:
    """The console of one desk. Raises BadStorage."""
    house, root = doors.house, root_at(doors.name)
    door = next(door for door, desk in AUDITING.items() if desk is doors.name)
    app = FastAPI(
        title=f"Madoguchi: auditors, {doors.name.value} desk",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )

    def may(session: Session) -> bool:
        return opens(session.grants, door)

    def menu(_: Session) -> Sequence[tuple[str, str]]:
        return tuple((f"{root}{below}", key) for below, key in MENU)

    entrance = Entrance(root, door, may, secure=settings.secure_cookies)
    storage = storage_at(settings.limits_storage)
    app.state.root = root
    app.state.settings = settings
    app.state.pages = Pages(catalogues, settings, Frame(door.value, root, None, menu, papers=_PAPERS[doors.name]))
    app.state.rate = RateLimit(settings.requests_per_minute, storage, f"{door.value}-posts")
    app.state.metrics = metrics
    app.state.entrance = entrance
    app.state.accounts = house.accounts
    app.state.provider = house.provider
    app.state.pool = house.pool
    app.state.auditor = doors
    app.state.exporter = ThreadPoolExecutor(1, thread_name_prefix=f"{door.value}-export")
    app.include_router(signing.routes(root))
    for page in PAGES:
        app.include_router(page.routes(root))
    app.add_middleware(Gate, inside=app, entrance=entrance, accounts=house.accounts, pool=house.pool, refuse=respond)
    app.add_middleware(Unsent, fields=TEXTS)
    return guarded(app, metrics)


def lead(site: FastAPI, desks: Sequence[DeskName], settings: DoorSettings, catalogues: Catalogues) -> None:
    """Have ``/auditor`` lead to the only console of the site, or offer those there are."""
    site.state.settings = settings
    pages = Pages(catalogues, settings, Frame("auditor", ROOT, papers=_PAPERS[desks[0]]))
    roots = {name.value: root_at(name) for name in desks}

    @site.get(ROOT, include_in_schema=False)
    async def consoles(request: Request) -> Response:
        if len(desks) == 1:
            return RedirectResponse(root_at(desks[0]), status_code=303)
        return with_language(request, pages.page(request, "auditor_choose.html", roots=roots))
