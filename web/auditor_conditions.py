"""The conditions for going on answering directly, row by row: what was graded, its bounds, what is allowed, how people
err, and the arithmetic. Figures alone; who decides does so on an administration page.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from audit.statistics import CONFIDENCE, needed
from web.auditor_doors import doors_of
from web.forms import pages_of, with_language
from web.sample_view import EXAMPLES, agreed, rates, said
from web.signing import pooled

_CALL_CENTRE = 0.01  # the rate of the worked example, for which the register's own rows ask too


def routes(root: str) -> APIRouter:
    """The page, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/conditions", conditions, methods=["GET"])
    return router


async def conditions(request: Request) -> Response:
    """How every row stands that the register lets answer directly."""
    doors = doors_of(request)
    standing = await pooled(request, doors.conditions.now)
    agreement = agreed(await pooled(request, doors.sampling.grades.book))
    page = pages_of(request).page(
        request,
        "auditor_conditions.html",
        rates=rates(standing.rows),
        standing=standing,
        demo=doors.conditions.demo,
        agreed=agreement,
        said=said(agreement),
        confidence=CONFIDENCE,
        example=_CALL_CENTRE,
        needs=[(errors, needed(errors, _CALL_CENTRE)) for errors in EXAMPLES],
    )
    return with_language(request, page)
