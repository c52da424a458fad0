"""The pages on paper at each desk: privacy notice, terms of use, risk analysis. Their texts are in ``web.papers``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from bot.records import Language
from web.doors import desk_of, settings_of
from web.forms import pages_of, with_language
from web.i18n import ruby
from web.papers import Papers
from web.papers.notice import Notice
from web.papers.retention import said
from web.papers.risks import COLUMNS
from web.papers.values import Paper, shown
from web.rendering import language_of


def routes(root: str) -> APIRouter:
    """The papers of a desk that begins at ``root`` (empty for the public desk)."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/privacy", privacy, methods=["GET"])
    router.add_api_route(f"{root}/terms", terms, methods=["GET"])
    router.add_api_route(f"{root}/risks", risks, methods=["GET"])
    return router


async def privacy(request: Request) -> Response:
    """What is recorded, masked and kept how long, whom to ask; the body's own notice above it."""
    papers = settings_of(request).papers
    return _paper(request, papers, papers.privacy, notice=papers.notice)


async def terms(request: Request) -> Response:
    """What the desk is and is not, and what is expected of who uses it."""
    papers = settings_of(request).papers
    return _paper(request, papers, papers.terms, notice=None)


async def risks(request: Request) -> Response:
    """What could go wrong, what prevents it, what shows that, what remains."""
    analysis = settings_of(request).papers.risks
    page = pages_of(request).page(
        request,
        "risks.html",
        head=analysis.paper.head,
        said=_saying(request, analysis.paper),
        points=analysis.points,
        columns=COLUMNS,
    )
    return with_language(request, page)


def _paper(request: Request, papers: Papers, paper: Paper, *, notice: Notice | None) -> Response:
    page = pages_of(request).page(
        request,
        "paper.html",
        head=paper.head,
        said=_saying(request, paper),
        sections=shown(paper, desk_of(request).name, _as_it_is(request, papers)),
        schedule=papers.schedule,
        notice=notice,
        ruled=partial(said, language=language_of(request)),
        read=ruby,
    )
    return with_language(request, page)


def _saying(request: Request, paper: Paper) -> Callable[[str], Markup]:
    settings, texts = settings_of(request), paper.texts[language_of(request)]
    values = {"operator": settings.operator or "", "responsible": settings.papers.responsible or ""}

    def say(key: str) -> Markup:
        return ruby(texts[key]).format(**values)

    return say


def _as_it_is(request: Request, papers: Papers) -> frozenset[str]:
    """What is configured, by the names of ``web.papers.values.WHEN``."""
    settings, contacts = settings_of(request), desk_of(request).contacts
    return frozenset(
        {
            settings.mode,
            "contacts" if contacts.lines(Language.JA) else "no_contacts",
            "own_schedule" if papers.schedule.own else "own_defaults",
            *({"responsible"} if papers.responsible else ()),
        }
    )
