"""The administration: accounts and roles, the off switch, the automation register, notes. Behind a gate of its own.

Nothing here shows what anybody asked or was answered: this application has no desk, and no log of one, in its reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response

from web import admin_accounts, admin_conditions, admin_decisions, admin_notes, admin_records, signing
from web.accounts.roles import Right
from web.accounts.values import Door, Session, opens
from web.doors import AdminDoors, DoorSettings
from web.entrance import Entrance, Gate, somebody
from web.forms import pages_of, with_language
from web.guard import guarded, respond
from web.i18n import Catalogues
from web.metrics import Metrics
from web.rendering import Frame, Pages
from web.security import RateLimit, storage_at

ROOT: Final = "/admin"
# Which page needs which right; the page itself asks again.
PAGES: Final = (
    ("accounts", "menu.accounts", (Right.SEE_ACCOUNTS,)),
    ("switch", "menu.switch", (Right.THROW_SWITCH,)),
    ("register", "menu.register", (Right.PROPOSE, Right.APPROVE)),
    ("conditions", "menu.conditions", (Right.PROPOSE, Right.APPROVE)),
    ("notes", "menu.notes", (Right.EDIT_NOTES,)),
    ("records", "menu.records", (Right.KEEP_RECORD, Right.APPROVE)),
)


def application(doors: AdminDoors, settings: DoorSettings, catalogues: Catalogues, metrics: Metrics) -> FastAPI:
    """The application at ``/admin``. Raises BadStorage."""
    house = doors.house
    app = FastAPI(
        title="Madoguchi: administration", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    entrance = Entrance(ROOT, Door.ADMIN, _may, secure=settings.secure_cookies)
    app.state.root = ROOT
    app.state.settings = settings
    app.state.pages = Pages(catalogues, settings, Frame("admin", ROOT, None, _menu, papers="/staff"))
    app.state.rate = RateLimit(settings.requests_per_minute, storage_at(settings.limits_storage), "admin-posts")
    app.state.metrics = metrics
    app.state.entrance = entrance
    app.state.accounts = house.accounts
    app.state.provider = house.provider
    app.state.system = house.system
    app.state.pool = house.pool
    app.state.editing = doors.editing
    app.state.conditions = doors.conditions
    app.state.records = doors.records
    app.include_router(signing.routes(ROOT))
    app.include_router(_overview())
    app.include_router(admin_accounts.router, prefix=ROOT)
    app.include_router(admin_decisions.router, prefix=ROOT)
    app.include_router(admin_conditions.router, prefix=ROOT)
    app.include_router(admin_notes.router, prefix=ROOT)
    app.include_router(admin_records.router, prefix=ROOT)
    app.add_middleware(Gate, inside=app, entrance=entrance, accounts=house.accounts, pool=house.pool, refuse=respond)
    return guarded(app, metrics)


def _may(session: Session) -> bool:
    return opens(session.grants, Door.ADMIN)


def _menu(session: Session) -> Sequence[tuple[str, str]]:
    allowed = [(f"{ROOT}/{address}", key) for address, key, rights in PAGES if any(map(session.may_somewhere, rights))]
    return ((ROOT, "menu.overview"), *allowed, (f"{ROOT}/account", "menu.account"))


def _overview() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get(ROOT)
    async def overview(request: Request) -> Response:
        """What waits for somebody, and where to go."""
        somebody(request)
        state, learned = await admin_decisions.state_of(request), await admin_notes.to_decide(request)
        return with_language(request, pages_of(request).page(request, "admin.html", state=state, learned=learned))

    return router
