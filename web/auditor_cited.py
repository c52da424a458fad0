"""The documents that were replaced, and the past answers that rested on them as they were: each one click from opening.

The lists hold no text of anybody.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from audit.reading import Filters, Page, Query, ReadingRefused
from web.auditor_doors import doors_of, reader_of
from web.auditor_filters import key_of
from web.doors import root_of
from web.forms import pages_of, with_language
from web.replaced import Replaced
from web.signing import pooled

DOCUMENT, AT = "document", "at"
_NOTHING: Final = Page((), 0, None, None)


def routes(root: str) -> APIRouter:
    """The page, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/replaced", documents, methods=["GET"])
    return router


async def documents(request: Request) -> Response:
    """What was replaced; with a document named in the address, the answers that rested on it before."""
    doors = doors_of(request)
    found = await pooled(request, doors.replaced)
    asked = request.query_params.get(DOCUMENT)
    chosen = next((each for each in found if each.document == asked), None)
    page, wrong = (_NOTHING, "") if chosen is None else await _answers(request, chosen)
    root = root_of(request)
    steps = {"newer": page.before, "older": page.after}
    shown = pages_of(request).page(
        request,
        "auditor_cited.html",
        status=422 if wrong else 200,
        documents=found,
        chosen=chosen,
        page=page,
        wrong=wrong,
        key_of=key_of,
        steps={
            name: f"{root}/replaced?{urlencode({DOCUMENT: chosen.document, AT: at})}"
            for name, at in steps.items()
            if chosen and at
        },
    )
    return with_language(request, shown)


async def _answers(request: Request, chosen: Replaced) -> tuple[Page, str]:
    """The answers from the snapshots that held the document as it was; the reading is recorded."""
    doors, reader, at = doors_of(request), reader_of(request), request.query_params.get(AT) or None
    query = Query(filters=Filters(documents=frozenset({chosen.document}), snapshots=chosen.snapshots))
    try:
        return await pooled(request, lambda: doors.reading.search(reader, query, at)), ""
    except ReadingRefused as refusal:
        return _NOTHING, refusal.code
