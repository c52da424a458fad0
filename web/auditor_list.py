"""The recorded exchanges of one desk, with no text of anybody: full-text search, filters with counts, pages that stay.

The filters stand in the address. What somebody searches for may be personal, so it travels in the body of a form alone.
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from audit.reading import Page, ReadingRefused
from web.auditor_doors import doors_of, reader_of
from web.auditor_filters import by_filter, choices, key_of
from web.auditor_forms import AT, MODES, Looked, looked_by_address, looked_by_form
from web.doors import root_of
from web.forms import form_of, pages_of, with_language
from web.signing import pooled


def routes(root: str) -> APIRouter:
    """The list, at ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(root, by_address, methods=["GET"])
    router.add_api_route(root, by_form, methods=["POST"])
    return router


async def by_address(request: Request) -> Response:
    """The exchanges that the filters in the address show."""
    return with_language(request, await _listed(request, looked_by_address(request.query_params)))


async def by_form(request: Request) -> Response:
    """The exchanges that a form asks for; without words it leads to the address of its filters."""
    looked = looked_by_form(await form_of(request))
    if not looked.words and looked.at is None:
        return RedirectResponse(looked.address(root_of(request)), status_code=303)
    return await _listed(request, looked)


async def _listed(request: Request, looked: Looked) -> Response:
    doors, reader, refused = doors_of(request), reader_of(request), ""

    def read() -> Page:
        return doors.reading.search(reader, looked.query, looked.at)

    try:
        page = await pooled(request, read)
        counted = await pooled(request, lambda: doors.reading.counts(reader, looked.query))
    except ReadingRefused as refusal:
        refused, page, counted = refusal.code, Page((), 0, None, None), {}
    root = root_of(request)
    return pages_of(request).page(
        request,
        "auditor_list.html",
        status=422 if refused else 200,
        here=root,
        looked=looked,
        modes=MODES,
        page=page,
        wrong=refused,
        choices=choices(looked.chosen, by_filter(counted)),
        key_of=key_of,
        steps={name: _step(root, looked, at) for name, at in (("before", page.before), ("after", page.after)) if at},
        exports=f"{root}/exports",
    )


def _step(root: str, looked: Looked, at: str) -> str:
    """The address of another page of the same list; with words the page is asked for by a form instead."""
    return f"{root}?{urlencode({**looked.chosen.members, AT: at})}"
