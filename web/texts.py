"""The public desk's pages. They work without scripts; the script asks the same doors for the answer alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from bot.ports import LogUnavailable
from bot.records import ConversationId, ExchangeId, Language, Outcome, PassageId
from web.asking import ask, give_feedback
from web.conversations import conversations_of
from web.doors import Answered, desk_of, in_pool, settings_of
from web.i18n import language_named
from web.rendering import REASONS, Pages, Shown, chosen_language, direct, recorded
from web.security import (
    COMMENT_LIMIT,
    QUESTION_LIMIT,
    RateLimit,
    Refusal,
    demand_same_site,
    keep_language,
    plain,
)

router = APIRouter(include_in_schema=False)
# The script asks for the answer alone by this header; a form on another site cannot send it.
PART = "x-madoguchi-part"
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
    "privacy": (("kept", 2), ("masked", 2), ("cookies", 2), ("forget", 1), ("others", 1)),
    "access": (("aim", 1), ("how", 1), ("known", 1), ("tell", 1)),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the chat page says beside the exchanges: keys of a notice and an error, the answer just thanked for, and
    a question to be mended.
    """

    notice: str | None = None
    thanked: str | None = None
    error: str | None = None
    typed: str = ""


def pages_of(request: Request) -> Pages:
    """The templates of the application that received the request."""
    pages: Pages = request.app.state.pages
    return pages


@router.get("/")
async def chat(request: Request) -> Response:
    """The chat, rendered from the log. Raises LogUnavailable where the conversation cannot be read, Refusal (429)."""
    conversation = conversations_of(request).held(request)
    query = request.query_params
    # A browser that keeps no cookies comes back from its first question without one.
    notice = "notice.cookies" if "first" in query and not conversation else None
    if "forgotten" in query and not conversation:
        notice = "notice.forgotten"
    said = Said(notice=notice, thanked=query.get("thanks"))
    if conversation:
        reads: RateLimit = request.app.state.reads
        reads.demand(request)
    return _with_language(request, await _conversation(request, conversation, said))


@router.post("/")
async def question(request: Request) -> Response:
    """Record the exchange, then show it: by redirect (a reload never asks twice) or, for the script, as a fragment."""
    demand_same_site(request)
    form = await _form(request)
    asked = _field(form, "question")
    conversations = conversations_of(request)
    held = conversations.held(request)
    try:
        answered = await ask(request, asked, held or conversations.begun(), chosen_language(request) or _hidden(form))
    except Refusal as refusal:
        return await _refused(request, refusal, asked, held)
    if _partial(request):
        shown = await _read_back(request, asked, answered)
        response: Response = pages_of(request).page(
            request, "fragment.html", status=_status(answered), shown=shown, latest=True, said=Said()
        )
    elif answered.exchange is None or answered.receipt is None:
        # Not in the log: what is shown here is all there is, so there is nothing to redirect to.
        response = _chat(request, [_as_typed(asked, answered)], status=_status(answered))
    else:
        response = RedirectResponse("/#latest" if held else "/?first=1#latest", status_code=303)
    conversations.keep(response, answered.conversation)
    return response


@router.post("/feedback")
async def feedback(request: Request) -> Response:
    """Useful or not, with an optional reason and comment."""
    demand_same_site(request)
    form = await _form(request)
    useful = _field(form, "useful")
    reason = _field(form, "reason")
    comment = _field(form, "comment")
    if useful not in ("yes", "no") or (reason and reason not in REASONS):
        raise Refusal(422, "error.feedback")
    if len(comment) > COMMENT_LIMIT:
        raise Refusal(422, "error.comment")
    exchange = ExchangeId(_field(form, "exchange"))
    conversation = conversations_of(request).held(request)
    if conversation is None:
        raise Refusal(404, "error.exchange")
    await give_feedback(request, exchange, conversation, useful=useful == "yes", reason=reason or None, comment=comment)
    if _partial(request):
        return pages_of(request).page(request, "thanks.html")
    anchor = Shown("", None, exchange).anchor
    return RedirectResponse(f"/?thanks={anchor}#{anchor}", status_code=303)


@router.post("/forget")
async def forget(request: Request) -> Response:
    """Drop the conversation from this browser. The record stays, and the page says so."""
    demand_same_site(request)
    response = RedirectResponse("/?forgotten=1", status_code=303)
    conversations_of(request).forget(response)
    return response


@router.get("/sources/{passage:path}")
async def source(request: Request, passage: str) -> Response:
    """The whole passage behind a citation."""
    desk = desk_of(request)
    found = await in_pool(desk.pool, desk.source, PassageId(passage))
    if found is None:
        raise Refusal(404, "error.source")
    return _with_language(request, pages_of(request).page(request, "source.html", passage=found))


@router.get("/about")
async def about(request: Request) -> Response:
    """What is AI here, what is recorded, where the limits are."""
    return _text(request, "about")


@router.get("/privacy")
async def privacy(request: Request) -> Response:
    """What is kept, what is masked, which cookies there are."""
    return _text(request, "privacy")


@router.get("/accessibility")
async def accessibility(request: Request) -> Response:
    """The accessibility statement with its table of results."""
    return _text(request, "access")


def _text(request: Request, name: str) -> Response:
    checks = CHECKS if name == "access" else ()
    page = pages_of(request).page(request, "text.html", name=name, sections=TEXTS[name], checks=checks)
    return _with_language(request, page)


def _chat(request: Request, exchanges: Sequence[Shown], said: Said | None = None, *, status: int = 200) -> Response:
    return pages_of(request).page(
        request,
        "chat.html",
        status=status,
        exchanges=exchanges,
        examples=desk_of(request).examples,
        chosen=chosen_language(request),
        said=said or Said(),
    )


async def _refused(request: Request, refusal: Refusal, asked: str, held: ConversationId | None) -> Response:
    """A question that can be mended is shown again in its box, with what to do; other refusals have their page."""
    if refusal.status != 422 or _partial(request):
        raise refusal
    said = Said(error=refusal.key, typed=asked)
    return await _conversation(request, held, said, status=refusal.status)


async def _conversation(
    request: Request, conversation: ConversationId | None, said: Said, *, status: int = 200
) -> Response:
    """The chat with what was said in it: fifty long answers take their time, so the pool reads and renders them."""
    if conversation is None:
        return _chat(request, (), said, status=status)
    desk = desk_of(request)

    def rendered() -> Response:
        return _chat(request, [recorded(each) for each in desk.conversation(conversation)], said, status=status)

    return await in_pool(desk.pool, rendered)


async def _read_back(request: Request, asked: str, answered: Answered) -> Shown:
    """The exchange as the log has it, so that the page shows the masked question; else what the desk returned."""
    if answered.exchange is None or answered.receipt is None:
        return _as_typed(asked, answered)
    desk = desk_of(request)
    try:
        read = await in_pool(desk.pool, desk.conversation, answered.conversation)
    except LogUnavailable:  # it is recorded; a log that cannot be read back must not withhold a danger text
        read = []
    found = [recorded(each) for each in read if each.exchange == answered.exchange]
    return found[0] if found else _as_typed(asked, answered)


def _as_typed(asked: str, answered: Answered) -> Shown:
    return direct(plain(asked)[:QUESTION_LIMIT], answered)


def _status(answered: Answered) -> int:
    return 503 if answered.reply.outcome is Outcome.FAILED_LOG else 200


def _partial(request: Request) -> bool:
    return PART in request.headers


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=8)


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _hidden(form: FormData) -> Language | None:
    return language_named(_field(form, "lang"))


def _with_language(request: Request, response: Response) -> Response:
    if chosen := language_named(request.query_params.get("lang")):
        keep_language(response, chosen.value, secure=settings_of(request).secure_cookies)
    return response
