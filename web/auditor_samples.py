"""Samples of directly answered exchanges, drawn so that anybody can draw them again, and grading them.

The list shows no text of anybody. Grading opens the exchange, which is recorded first; nobody sees what another said of
an answer before they said it themselves, but whoever settles a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from audit.drawing import LONGEST_REASON, LONGEST_SEED, GradeRefused, Judgement
from audit.grades import Drawn
from audit.reading import Purpose, PurposeKind, ReadingRefused
from audit.sampling import LARGEST, Drawing
from bot.grading import Grade
from bot.records import EntryId, ExchangeId
from web.auditor_doors import doors_of, reader_of, stray
from web.doors import AuditorDoors, root_of
from web.forms import field, form_of, pages_of, with_language
from web.sample_view import agreed, graded, grades_for, line, lines, plan_of, said, shown
from web.security import Refusal
from web.signing import pooled

ANY: Final = "any"
"""In the place of a sample: an answer that somebody grades without a lot."""
SAMPLE: Final = "sample"
"""What kind of reading grading is."""
_SIZE = "50"


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed into the form of a grade."""

    grade: str = ""
    grave: bool = False
    passage: str = ""
    reason: str = ""


def routes(root: str) -> APIRouter:
    """Samples and grading, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/samples", samples, methods=["GET"])
    router.add_api_route(f"{root}/samples", draw, methods=["POST"])
    router.add_api_route(f"{root}/samples/{{sample}}", one, methods=["GET"])
    router.add_api_route(f"{root}/samples/{{sample}}/again", again, methods=["POST"])
    router.add_api_route(f"{root}/samples/{{sample}}/open", opened, methods=["POST"])
    router.add_api_route(f"{root}/samples/{{sample}}/grade", grade, methods=["POST"])
    return router


async def samples(request: Request) -> Response:
    """Every sample, how far graders agree, and the form to draw one."""
    return with_language(request, await _samples(request))


async def draw(request: Request) -> Response:
    """Draw a sample; recorded before it is seen."""
    doors, reader, form = doors_of(request), reader_of(request), await form_of(request)
    typed = {name: field(form, name) for name in ("kind", "size", "graders", "row", "since", "until", "seed")}
    rows = await pooled(request, lambda: list(doors.conditions.now().rows))
    plan = plan_of(typed, rows)
    if plan is None or len(typed["seed"]) > LONGEST_SEED:
        return await _samples(request, "sample.wrong.plan", typed, status=422)
    try:
        drawn = await pooled(request, lambda: doors.sampling.draw(reader, plan, typed["seed"].strip()))
    except GradeRefused as refused:
        return await _samples(request, f"sample.wrong.{refused.code}", typed, status=422)
    return RedirectResponse(f"{root_of(request)}/samples/{drawn.id}", status_code=303)


async def one(request: Request, sample: str) -> Response:
    """One sample: its answers in the order of the lot, with what this auditor may see."""
    return with_language(request, await _one(request, await _found(request, sample)))


async def again(request: Request, sample: str) -> Response:
    """Draw it once more from the log, and say whether it is the same."""
    doors, drawn = doors_of(request), await _found(request, sample)
    same = await pooled(request, lambda: doors.sampling.draws_again(drawn))
    return await _one(request, drawn, notice="sample.same" if same else "sample.not_same")


async def opened(request: Request, sample: str) -> Response:
    """The exchange with the form to grade it; that it was opened is recorded first."""
    if sample != ANY:
        await _found(request, sample)
    exchange = ExchangeId(field(await form_of(request), "exchange"))
    return await _grading(request, sample, exchange, _Typed())


async def grade(request: Request, sample: str) -> Response:
    """Record a grade, and what follows from it for the row."""
    if sample != ANY:
        await _found(request, sample)
    form = await form_of(request)
    exchange = ExchangeId(field(form, "exchange"))
    typed = _Typed(field(form, "grade"), bool(field(form, "grave")), field(form, "passage"), field(form, "reason"))
    if typed.grade not in set(Grade) or len(typed.reason) > LONGEST_REASON:
        return await _grading(request, sample, exchange, typed, "grade.wrong.bad")
    doors, reader = doors_of(request), reader_of(request)
    judged = Judgement(Grade(typed.grade), typed.grave, doors.sampling.masked(typed.reason), typed.passage or None)
    drawn = None if sample == ANY else EntryId(sample)
    try:
        await pooled(request, lambda: doors.sampling.give(reader, exchange, judged, drawn))
    except GradeRefused as refused:
        return await _grading(request, sample, exchange, typed, f"grade.wrong.{refused.code}")
    await pooled(request, doors.settle)
    below = "/conditions" if drawn is None else f"/samples/{sample}?done=1"
    return RedirectResponse(root_of(request) + below, status_code=303)


async def _grading(
    request: Request, sample: str, exchange: ExchangeId, typed: _Typed, error: str | None = None
) -> Response:
    """Raises Refusal (404), LogUnavailable."""
    doors, reader = doors_of(request), reader_of(request)
    item = await pooled(request, lambda: doors.sampling.item(exchange))
    if item is None:
        raise await stray(request, "exchange", "error.exchange")
    try:
        read = await pooled(request, lambda: doors.reading.open(reader, exchange, Purpose(PurposeKind.QUALITY), SAMPLE))
    except ReadingRefused:
        raise await stray(request, "exchange", "error.exchange") from None
    book = await pooled(request, doors.sampling.grades.book)
    seen = shown(read)
    return pages_of(request).page(
        request,
        "auditor_grade.html",
        status=422 if error else 200,
        here=f"{root_of(request)}/samples" + ("" if sample == ANY else f"/{sample}"),
        sample=sample,
        seen=seen,
        line=line(book, item, reader.id),
        grades=grades_for(seen),
        longest=LONGEST_REASON,
        typed=typed,
        error=error,
    )


async def _samples(
    request: Request, error: str | None = None, typed: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    doors = doors_of(request)
    book = await pooled(request, doors.sampling.grades.book)
    agreement = agreed(book)
    rows = await pooled(request, lambda: list(doors.conditions.now().rows))
    return pages_of(request).page(
        request,
        "auditor_samples.html",
        status=status,
        here=f"{root_of(request)}/samples",
        samples=[(each, graded(book, each)) for each in reversed(list(book.samples.values()))],
        void=book.void,
        agreed=agreement,
        said=said(agreement),
        kinds=tuple(Drawing),
        rows=rows,
        largest=LARGEST,
        typed=typed or {"kind": Drawing.STRATIFIED.value, "size": _SIZE, "graders": "2"},
        error=error,
    )


async def _one(request: Request, drawn: Drawn, notice: str = "") -> Response:
    doors, reader = doors_of(request), reader_of(request)
    book = await pooled(request, doors.sampling.grades.book)
    told = lines(book, drawn, reader.id)
    return pages_of(request).page(
        request,
        "auditor_sample.html",
        here=f"{root_of(request)}/samples/{drawn.id}",
        sample=drawn,
        lines=told,
        graded=graded(book, drawn),
        following=next((each for each in told if each.to_grade), None),
        notice=notice or ("grade.done" if "done" in request.query_params else ""),
    )


async def _found(request: Request, sample: str) -> Drawn:
    """A sample of this desk. Raises Refusal (404), LogUnavailable."""
    doors: AuditorDoors = doors_of(request)
    book = await pooled(request, doors.sampling.grades.book)
    found = book.samples.get(EntryId(sample))
    if found is None:
        raise Refusal(404, "error.missing")
    return found
