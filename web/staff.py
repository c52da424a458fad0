"""The staff desk's application: the same desk pages behind a gate of their own, with the consultation.

It shares no cookie, conversation, limit or page with the public desk's application, and it is made from the staff
desk's ``DeskDoors`` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI

from bot.records import DeskName
from web import consult, signing
from web.accounts.roles import Right
from web.accounts.values import Door, Session
from web.desks import desk_application
from web.doors import DoorSettings, StaffDoors
from web.entrance import Entrance, Gate
from web.guard import guarded, respond
from web.i18n import Catalogues
from web.metrics import Metrics
from web.rendering import Frame

ROOT: Final = "/staff"


def application(doors: StaffDoors, settings: DoorSettings, catalogues: Catalogues, metrics: Metrics) -> FastAPI:
    """The application at ``/staff`` and ``/api/v1/staff``. Raises BadStorage."""
    entrance = Entrance(ROOT, Door.STAFF, _may, secure=settings.secure_cookies)
    frame = Frame("staff", ROOT, doors.desk.contacts, _menu)
    app = desk_application(doors.desk, frame, settings, catalogues, metrics)
    app.state.entrance = entrance
    app.state.accounts = doors.house.accounts
    app.state.provider = doors.house.provider
    app.state.pool = doors.desk.pool
    app.include_router(signing.routes(ROOT))
    app.include_router(consult.router, prefix=ROOT)
    app.add_middleware(
        Gate, inside=app, entrance=entrance, accounts=doors.house.accounts, pool=doors.desk.pool, refuse=respond
    )
    return guarded(app, metrics)


def _may(session: Session) -> bool:
    return session.may(Right.USE_DESK, DeskName.STAFF)


def _menu(_: Session) -> Sequence[tuple[str, str]]:
    pages = (
        ("", "menu.ask"),
        ("/consult", "menu.consult"),
        ("/person", "menu.person"),
        ("/lookup", "menu.lookup"),
        ("/account", "menu.account"),
    )
    return tuple((ROOT + path, key) for path, key in pages)
