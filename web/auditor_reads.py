"""Who read what at one desk: those who check are checked by everybody who may check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from audit.reading import PurposeKind
from bot.office import JAPAN
from web.accounts.roles import Role
from web.auditor_doors import doors_of
from web.auditor_filters import DAYS, FIELDS, NO, YES, key_of
from web.forms import pages_of, with_language
from web.signing import pooled

SPANS: Final = (7, 30, 90, 365)
"""How many days the page goes back."""
MOST: Final = 500
"""Readings on the page."""
KINDS: Final = {
    **{what: what for what in ("search", "view", "export", "log", "bundle", "paper", "replay", "sample")},
    "export.made": "made",
}
"""Ways of reading, each with the end of its word's key; any other stands there as it was recorded."""
_MEMBERS: Final = {member: name for name, member in FIELDS.items()} | {"corrected": "corrected"}
"""The name of a filter, by the member under which it was recorded."""


@dataclass(frozen=True, slots=True)
class Told:
    """One filter of a reading: the keys of its name and of its values; a value without a key is shown as it is.
    ``day``: the date it is, where it is one.
    """

    name: str | None
    member: str
    values: Sequence[tuple[str | None, str]]
    day: str | None = None


def routes(root: str) -> APIRouter:
    """The page, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/reads", reads, methods=["GET"])
    return router


def told(filters: Mapping[str, object]) -> Sequence[Told]:
    """The filters of a reading as they were recorded, the days first."""
    days = [
        Told(f"audit_list.{name}", name, (), _day(str(filters[name]), ended=name == "until"))
        for name in DAYS
        if filters.get(name)
    ]
    return [*days, *(_told(member, value) for member, value in filters.items() if member not in DAYS)]


def _told(member: str, value: object) -> Told:
    name = _MEMBERS.get(member)
    if isinstance(value, bool):
        values = [YES if value else NO]
    else:
        values = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
    shown = [(None if name is None else key_of(name, each), each) for each in values]
    return Told(None if name is None else f"audit_list.by.{name}", member, shown)


def _day(moment: str, *, ended: bool) -> str:
    """The last day in Japan that is meant: a filter ends before a midnight."""
    try:
        found = datetime.fromisoformat(moment).astimezone(JAPAN)
    except ValueError:  # as an older or newer version wrote it
        return moment
    return (found - timedelta(microseconds=1) if ended else found).date().isoformat()


async def reads(request: Request) -> Response:
    """The newest readings of the last days that the address asks for."""
    doors, asked = doors_of(request), request.query_params.get("days", "")
    days = next((each for each in SPANS if str(each) == asked), SPANS[0])
    since = doors.clock.now() - timedelta(days=days)
    found = await pooled(request, lambda: doors.reading.reads(since, MOST))
    page = pages_of(request).page(
        request,
        "auditor_reads.html",
        reads=found,
        days=days,
        spans=SPANS,
        most=MOST,
        kinds=KINDS,
        purposes=frozenset(PurposeKind),
        roles=frozenset(Role),
        told=told,
    )
    return with_language(request, page)
