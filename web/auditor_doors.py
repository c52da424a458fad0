"""Where the console of each desk's auditors begins, and who is at work there."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from audit.reading import Reader
from bot.records import DeskName
from web.accounts.roles import Role
from web.doors import AuditorDoors, Stray, in_pool
from web.entrance import somebody
from web.security import Refusal

ROOT: Final = "/auditor"


def root_at(name: DeskName) -> str:
    """Where a desk's console begins."""
    return f"{ROOT}/{name.value}"


def doors_of(request: Request) -> AuditorDoors:
    """What the console that received the request has: one desk's own things."""
    doors: AuditorDoors = request.app.state.auditor
    return doors


def reader_of(request: Request) -> Reader:
    """Who reads. The gate has let in nobody but auditors of this desk. Raises Refusal (401)."""
    session = somebody(request)
    return Reader(session.account, Role.AUDITOR.value, session.name)


async def stray(request: Request, what: Stray, key: str) -> Refusal:
    """Record that an id was shown which this desk never gave out; the refusal to raise. Raises LogUnavailable."""
    doors = doors_of(request)
    await in_pool(doors.house.pool, doors.stray, what)
    return Refusal(404, key)
