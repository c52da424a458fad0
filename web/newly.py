"""What came into a conversation since its page was made: asked again and again, cheap where nothing came."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from web.conversations import conversations_of
from web.doors import desk_of, in_pool
from web.forms import pages_of
from web.rendering import recorded
from web.security import RateLimit
from web.turns import said


def routes(root: str) -> APIRouter:
    """The door of a desk that begins at ``root`` (empty for the public desk)."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/news", news, methods=["GET"])
    return router


async def news(request: Request) -> Response:
    """Cases, what was said in them, and corrections, as a fragment; 204 where nothing changed after the token that the
    page holds. Raises Refusal (429), LogUnavailable.
    """
    asked: RateLimit = request.app.state.news
    asked.demand(request)
    held = conversations_of(request).held(request)
    desk = desk_of(request)
    newest = await in_pool(desk.pool, desk.people.newest, held) if held else None
    if held is None or newest is None or newest == request.query_params.get("after"):
        return Response(status_code=204)

    def rendered() -> Response:
        cases = desk.people.of_conversation(held)
        corrected = [recorded(each) for each in desk.conversation(held) if each.corrected]
        turns = sorted((turn for case in cases for turn in said(case)), key=lambda turn: turn.time)
        return pages_of(request).page(request, "news.html", news=newest, cases=cases, turns=turns, corrected=corrected)

    return await in_pool(desk.pool, rendered)
