"""The page of one case for the person who holds its number."""

from __future__ import annotations

from fastapi import Request, Response

from bot.case_numbers import spoken
from bot.persons_case import PersonsCase
from web.forms import pages_of
from web.rendering import recorded
from web.security import Refusal
from web.turns import said


def case_page(  # noqa: PLR0913 - what the page may say beside the case
    request: Request,
    case: PersonsCase,
    *,
    new: bool = False,
    danger: str | None = None,
    refusal: Refusal | None = None,
    typed: str = "",
    news: str | None = None,
) -> Response:
    """A case as its person sees it. ``new``: it was opened just now; ``refusal``: what could not be done, with what
    was ``typed``; ``news``: from when on this browser's conversation is asked for news.
    """
    return pages_of(request).page(
        request,
        "case.html",
        status=refusal.status if refusal else 200,
        case=case,
        spoken=spoken(case.number) if case.number else "",
        turns=said(case),
        about=recorded(case.about, own=False) if case.about else None,
        new=new,
        danger=danger,
        error=refusal.key if refusal else None,
        typed=typed,
        news=news,
    )
