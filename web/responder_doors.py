"""Where the console of each desk's responders begins, and who is at work there."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from bot.deciding import Actor
from bot.desk import Desk
from bot.records import DeskName
from web.accounts.roles import Role
from web.doors import ResponderDoors, Stray, in_pool
from web.entrance import somebody
from web.security import Refusal

ROOT: Final = "/responder"


def root_at(name: DeskName) -> str:
    """Where a desk's console begins."""
    return f"{ROOT}/{name.value}"


def desk_of(request: Request) -> Desk:
    """The desk whose console received the request."""
    doors: ResponderDoors = request.app.state.responder
    return doors.desk


async def stray(request: Request, what: Stray, key: str) -> Refusal:
    """Record that an id was shown which this desk never gave out; the refusal to raise. Raises LogUnavailable."""
    doors: ResponderDoors = request.app.state.responder
    await in_pool(doors.house.pool, doors.stray, what)
    return Refusal(404, key)


def responder_of(request: Request) -> Actor:
    """Who is at work. The gate has let in nobody but responders of this desk. Raises Refusal (401)."""
    session = somebody(request)
    return Actor(session.account, session.name, frozenset({Role.RESPONDER.value}))
