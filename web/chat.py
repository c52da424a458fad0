"""The chat of a desk. The same pages serve both desks; which one it is, the application knows (``request.app.state``).

They work without scripts; the script asks the same doors for the answer alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.ports import LogUnavailable
from bot.records import ConversationId, ExchangeId, Outcome, PassageId
from web.asking import ask, demand, give_feedback, stray
from web.conversations import conversations_of
from web.doors import Answered, desk_of, in_pool, root_of
from web.forms import field, form_of, is_partial, pages_of, with_language
from web.i18n import language_named
from web.rendering import REASONS, Shown, chosen_language, direct
from web.security import COMMENT_LIMIT, QUESTION_LIMIT, RateLimit, Refusal, demand_same_site, plain
from web.turns import Turn, turns


def routes(root: str) -> APIRouter:
    """The pages of a desk that begins at ``root`` (empty for the public desk)."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(root or "/", chat, methods=["GET"])
    router.add_api_route(root or "/", question, methods=["POST"])
    router.add_api_route(f"{root}/feedback", feedback, methods=["POST"])
    router.add_api_route(f"{root}/forget", forget, methods=["POST"])
    router.add_api_route(f"{root}/sources/{{passage:path}}", source, methods=["GET"])
    return router


@dataclass(frozen=True, slots=True)
class Said:
    """What the chat page says beside the exchanges: keys of a notice and an error, the answer just thanked for, and
    a question to be mended.
    """

    notice: str | None = None
    thanked: str | None = None
    error: str | None = None
    typed: str = ""


async def chat(request: Request) -> Response:
    """The chat, rendered from the log. Raises LogUnavailable where the conversation cannot be read, Refusal (429)."""
    conversations = conversations_of(request)
    conversation = conversations.held(request)
    query = request.query_params
    # A browser that keeps no cookies comes back from its first question without one.
    notice = "notice.cookies" if "first" in query and not conversation else None
    if "forgotten" in query and not conversation:
        notice = "notice.forgotten"
    said = Said(notice=notice, thanked=query.get("thanks"))
    foreign = conversations.foreign(request)
    if conversation or foreign:
        reads: RateLimit = request.app.state.reads
        reads.demand(request)
    response = with_language(request, await _conversation(request, conversation, said))
    if foreign:
        await stray(request, "conversation")
        conversations.forget(response)  # else every page would tell of it again
    return response


async def question(request: Request) -> Response:
    """Record the exchange, then show it: by redirect (a reload never asks twice) or, for the script, as a fragment."""
    demand_same_site(request)
    form = await form_of(request)
    asked = field(form, "question")
    conversations = conversations_of(request)
    held = conversations.held(request)
    try:
        answered = await ask(
            request,
            asked,
            held or conversations.begun(),
            chosen_language(request) or language_named(field(form, "lang")),
        )
    except Refusal as refusal:
        return await _refused(request, refusal, asked, held)
    if conversations.foreign(request):
        await stray(request, "conversation")
    if is_partial(request):
        shown = await _read_back(request, asked, answered)
        response: Response = pages_of(request).page(
            request, "fragment.html", status=_status(answered), shown=shown, latest=True, said=Said()
        )
    elif answered.exchange is None or answered.receipt is None:
        # Not in the log: what is shown here is all there is, so there is nothing to redirect to.
        alone = Turn(datetime.now(UTC), shown=_as_typed(asked, answered))
        response = _chat(request, [alone], status=_status(answered))
    else:
        response = RedirectResponse(_home(request) + ("#latest" if held else "?first=1#latest"), status_code=303)
    conversations.keep(response, answered.conversation)
    return response


async def feedback(request: Request) -> Response:
    """Useful or not, with an optional reason and comment."""
    demand_same_site(request)
    form = await form_of(request)
    useful = field(form, "useful")
    reason = field(form, "reason")
    comment = field(form, "comment")
    if useful not in ("yes", "no") or (reason and reason not in REASONS):
        raise Refusal(422, "error.feedback")
    if len(comment) > COMMENT_LIMIT:
        raise Refusal(422, "error.comment")
    exchange = ExchangeId(field(form, "exchange"))
    conversation = conversations_of(request).held(request)
    if conversation is None:
        demand(request)
        await stray(request, "exchange")
        raise Refusal(404, "error.exchange")
    await give_feedback(request, exchange, conversation, useful=useful == "yes", reason=reason or None, comment=comment)
    if is_partial(request):
        return pages_of(request).page(request, "thanks.html")
    anchor = Shown("", None, exchange).anchor
    return RedirectResponse(f"{_home(request)}?thanks={anchor}#{anchor}", status_code=303)


async def forget(request: Request) -> Response:
    """Drop the conversation from this browser. The record stays, and the page says so."""
    demand_same_site(request)
    response = RedirectResponse(f"{_home(request)}?forgotten=1", status_code=303)
    conversations_of(request).forget(response)
    return response


async def source(request: Request, passage: str) -> Response:
    """The whole passage behind a citation."""
    desk = desk_of(request)
    found = await in_pool(desk.pool, desk.source, PassageId(passage))
    if found is None:
        demand(request)
        await stray(request, "passage")
        raise Refusal(404, "error.source")
    return with_language(request, pages_of(request).page(request, "source.html", passage=found))


def _chat(
    request: Request, turns: Sequence[Turn], said: Said | None = None, *, status: int = 200, news: str = ""
) -> Response:
    return pages_of(request).page(
        request,
        "chat.html",
        status=status,
        turns=turns,
        latest=next((turn.shown for turn in reversed(turns) if turn.shown), None),
        news=news,
        examples=desk_of(request).examples,
        chosen=chosen_language(request),
        said=said or Said(),
    )


async def _refused(request: Request, refusal: Refusal, asked: str, held: ConversationId | None) -> Response:
    """A question that can be mended is shown again in its box, with what to do; other refusals have their page."""
    if refusal.status != 422 or is_partial(request):
        raise refusal
    said = Said(error=refusal.key, typed=asked)
    return await _conversation(request, held, said, status=refusal.status)


async def _conversation(
    request: Request, conversation: ConversationId | None, said: Said, *, status: int = 200
) -> Response:
    """The chat with what was said in it: fifty long answers take their time, so the pool reads and renders them.

    The token for news is read first: what comes while the rest is read is news once more.
    """
    if conversation is None:
        return _chat(request, (), said, status=status)
    desk = desk_of(request)

    def rendered() -> Response:
        news, cases = desk.people.newest(conversation), desk.people.of_conversation(conversation)
        return _chat(request, turns(desk.conversation(conversation), cases), said, status=status, news=news)

    return await in_pool(desk.pool, rendered)


async def _read_back(request: Request, asked: str, answered: Answered) -> Shown:
    """The exchange as the log has it, so that the page shows the masked question; else what the desk returned."""
    if answered.exchange is None or answered.receipt is None:
        return _as_typed(asked, answered)
    desk = desk_of(request)
    try:
        read = await in_pool(desk.pool, desk.conversation, answered.conversation)
        cases = await in_pool(desk.pool, desk.people.of_conversation, answered.conversation)
    except LogUnavailable:  # it is recorded; a log that cannot be read back must not withhold a danger text
        read, cases = [], []
    found = (turn.shown for turn in turns(read, cases) if turn.shown and turn.shown.exchange == answered.exchange)
    return next(found, None) or _as_typed(asked, answered)


def _as_typed(asked: str, answered: Answered) -> Shown:
    return direct(plain(asked)[:QUESTION_LIMIT], answered)


def _status(answered: Answered) -> int:
    return 503 if answered.reply.outcome is Outcome.FAILED_LOG else 200


def _home(request: Request) -> str:
    return root_of(request) or "/"
