"""The pages beside a desk's chat: what is AI here, the accessibility statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Request, Response

from web.forms import pages_of, with_language

Tried = Literal["passed", "untested"]
# What the accessibility statement reports: the check (``access.check.<name>``) and what tests/browser says of it.
CHECKS: Sequence[tuple[str, Tried]] = (
    ("axe", "passed"),
    ("scripts", "passed"),
    ("zoom", "passed"),
    ("spacing", "passed"),
    ("keyboard", "passed"),
    ("ime", "passed"),
    ("live", "passed"),
    ("targets", "passed"),
    ("contrast", "passed"),
    ("reader", "untested"),
    ("people", "untested"),
    ("browsers", "untested"),
    ("audit", "untested"),
)
# Each section has a heading ``<page>.<section>`` and as many paragraphs ``<page>.<section>.<n>``.
TEXTS = {
    "about": (("ai", 3), ("can", 2), ("cannot", 2), ("sources", 2), ("recorded", 2), ("wrong", 1)),
    "access": (("aim", 1), ("how", 1), ("known", 1), ("tell", 1)),
}


def routes(root: str) -> APIRouter:
    """The text pages of a desk that begins at ``root`` (empty for the public desk)."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/about", about, methods=["GET"])
    router.add_api_route(f"{root}/accessibility", accessibility, methods=["GET"])
    return router


async def about(request: Request) -> Response:
    """What is AI here, what is recorded, where the limits are."""
    return _text(request, "about")


async def accessibility(request: Request) -> Response:
    """The accessibility statement with its table of results."""
    return _text(request, "access")


def _text(request: Request, name: str) -> Response:
    checks = CHECKS if name == "access" else ()
    page = pages_of(request).page(request, "text.html", name=name, sections=TEXTS[name], checks=checks)
    return with_language(request, page)
