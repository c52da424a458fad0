"""The queue of one desk at the responder console: filters in the address, a case by its number, what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot import responding
from bot.cases import LIVE, Case, CaseId, CaseState
from bot.desk import Desk
from bot.records import PassageId
from web.doors import root_of
from web.entrance import somebody
from web.forms import field, form_of, pages_of, with_language
from web.responder_acts import reference
from web.responder_doors import desk_of, stray
from web.responder_filters import Filters, Looking, find, newer, newest, read_filters, read_page
from web.security import Refusal
from web.signing import accounts_of, pooled

_NUMBER_LIMIT = 100  # characters


def routes(root: str) -> APIRouter:
    """The queue and what stands beside it, from ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(root, queue, methods=["GET"])
    router.add_api_route(root, by_number, methods=["POST"])
    router.add_api_route(f"{root}/news", news, methods=["GET"])
    router.add_api_route(f"{root}/sources/{{passage}}", source, methods=["GET"])
    return router


async def queue(request: Request) -> Response:
    """The cases that the address asks for."""
    return with_language(request, await _queue(request))


async def by_number(request: Request) -> Response:
    """The case whose number somebody tells on the phone: in the body, never in an address."""
    desk, typed = desk_of(request), field(await form_of(request), "number")[:_NUMBER_LIMIT]
    found: CaseId | None = await pooled(request, lambda: responding.find(desk, typed))
    if found is None:
        return await _queue(request, typed=typed, status=404)
    return RedirectResponse(f"{root_of(request)}/cases/{found}", status_code=303)


async def news(request: Request) -> Response:
    """What the script says aloud: how many cases began to wait since ``after``; 204 where there are none."""
    desk = desk_of(request)
    try:
        since = datetime.fromisoformat(request.query_params.get("after", ""))
    except ValueError:
        raise Refusal(422, "error.request") from None
    if since.tzinfo is None:
        raise Refusal(422, "error.request")
    count = newer(await pooled(request, lambda: responding.queue_of(desk)), since)
    if not count:
        return Response(status_code=204)
    return pages_of(request).page(request, "responder_news.html", count=count)


async def source(request: Request, passage: str) -> Response:
    """One passage of this desk's snapshot in force, for whoever checks a draft. Raises Refusal, ShelfUnavailable."""
    desk = desk_of(request)
    found = await pooled(request, lambda: desk.shelf.passage(PassageId(passage)))
    if found is None:
        raise await stray(request, "passage", "error.source")
    return with_language(request, pages_of(request).page(request, "source.html", passage=found))


async def _queue(request: Request, *, typed: str = "", status: int = 200) -> Response:
    desk, session = desk_of(request), somebody(request)
    filters = read_filters(request.query_params)
    cases = await pooled(request, lambda: _cases(desk, filters))
    looking = Looking(session.account, desk.clock.now())
    found = find(cases, filters, looking, read_page(request.query_params))
    holders = await _names(request, found.cases)
    return pages_of(request).page(
        request,
        "responder_queue.html",
        status=status,
        found=found,
        filters=filters,
        now=looking.now,
        me=session.account,
        holders=holders,
        typed=typed,
        missed=status == 404,
        after=newest(cases).isoformat(),
        reference=reference,
        address=_addressed(request, filters),
        staff=desk.name.value == "staff",
    )


def _cases(desk: Desk, filters: Filters) -> Sequence[Case]:
    """The live cases always, for they are counted; those that ended only where they are looked for."""
    ended = filters.states - LIVE
    return [*responding.queue_of(desk), *(responding.queue_of(desk, ended) if ended else ())]


def _addressed(request: Request, filters: Filters) -> Mapping[str, str]:
    """Addresses of the same queue: in another state, on another page."""
    root, query = root_of(request), dict(filters.query)
    rest = {name: value for name, value in query.items() if name != "state"}
    states = {state: _address(root, {"state": state, **rest}) for state in ("all", *(each.value for each in CaseState))}
    return {**states, "live": _address(root, rest), "page": _address(root, {**query, "page": ""})}


def _address(root: str, query: Mapping[str, str]) -> str:
    return f"{root}?{urlencode(query)}" if query else root


async def _names(request: Request, cases: Sequence[Case]) -> Mapping[str, str]:
    """The names of those who hold these cases."""
    held = {case.holder for case in cases if case.holder}
    if not held:
        return {}
    accounts = accounts_of(request)
    everybody = await pooled(request, accounts.administration.list)
    return {account.id: account.name for account in everybody if account.id in held}
