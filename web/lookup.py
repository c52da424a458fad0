"""What became of it: a case by its number, an exchange by its receipt, and what a person may still do in a case.

Numbers are sent in forms and never stand in an address. A number that is wrong, another desk's or none at all gets the
same page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from audit.codes import as_receipt_code
from bot.case_numbers import as_number
from bot.persons_case import PersonsCase
from web.asking import demand, stray
from web.case_pages import case_page
from web.conversations import conversations_of
from web.doors import desk_of, in_pool, root_of
from web.forms import field, form_of, pages_of, with_language
from web.person_doors import Found, PersonDoors
from web.rendering import language_of, recorded
from web.security import RateLimit, Refusal, demand_same_site
from web.taking import Onces, life_first, through

Act = Callable[[PersonDoors, str, FormData], PersonsCase]
ACTS: Mapping[str, Act] = {
    "add": lambda people, number, sent: people.add(number, field(sent, "text")),
    "reopen": lambda people, number, sent: people.reopen(number, field(sent, "text")),
    "withdraw": lambda people, number, _: people.withdraw(number),
    "give_contact": lambda people, number, sent: people.give_contact(
        number, field(sent, "contact"), consent=field(sent, "contact_consent") == "yes"
    ),
    "remove_contact": lambda people, number, _: people.remove_contact(number),
}
"""What a person may do in a case, by the name the form sends."""


def routes(root: str) -> APIRouter:
    """The pages of a desk that begins at ``root`` (empty for the public desk)."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/lookup", lookup, methods=["GET"])
    router.add_api_route(f"{root}/lookup", look_up, methods=["POST"])
    router.add_api_route(f"{root}/cases/{{case}}", own_case, methods=["GET"])
    router.add_api_route(f"{root}/case", act, methods=["POST"])
    return router


async def lookup(request: Request) -> Response:
    """The form, empty."""
    return with_language(request, _form(request))


async def look_up(request: Request) -> Response:
    """The case of a number, or the exchange of a receipt. Raises Refusal (429), LogUnavailable."""
    demand_same_site(request)
    demand(request)
    typed = field(await form_of(request), "number").strip()
    if not typed:
        return _form(request, error="lookup.empty", status=422)
    found = await find(request, typed)
    if isinstance(found, PersonsCase):
        return case_page(request, found)
    if isinstance(found, Found):
        return pages_of(request).page(
            request, "receipt.html", shown=recorded(found.exchange, own=False), receipt=found.receipt
        )
    return _form(request, typed=typed, error=_missing(typed), status=404)


async def find(request: Request, typed: str) -> PersonsCase | Found | None:
    """What somebody holds the number or the receipt of; that there is none is recorded. Raises LogUnavailable."""
    desk = desk_of(request)
    found: PersonsCase | Found | None = await in_pool(desk.pool, desk.people.by_number, typed)
    if found is None:
        found = await in_pool(desk.pool, desk.people.by_receipt, typed)
    if found is None:
        await stray(request, "receipt" if as_receipt_code(typed) else "case")
    return found


async def own_case(request: Request, case: str) -> Response:
    """One case of this browser's conversation. Raises Refusal (404, 429), LogUnavailable."""
    reads: RateLimit = request.app.state.reads
    reads.demand(request)
    desk, held = desk_of(request), conversations_of(request).held(request)
    if held is not None:
        news = await in_pool(desk.pool, desk.people.newest, held)
        for each in await in_pool(desk.pool, desk.people.of_conversation, held):
            if each.case.id == case:
                return with_language(request, case_page(request, each, new="new" in request.query_params, news=news))
    demand(request)
    await stray(request, "case")
    raise Refusal(404, "error.case")


async def act(request: Request) -> Response:
    """One thing that a person does in a case. Raises Refusal (403, 404, 422, 429, 503)."""
    demand_same_site(request)
    sent = await form_of(request)
    does, number = ACTS.get(field(sent, "do")), field(sent, "number")
    if does is None:
        raise await life_first(request, Refusal(422, "error.request"), _texts(sent))
    try:
        done = await _done(request, does, number, sent)
    except Refusal as refusal:
        if refusal.status != 422:
            if refusal.status == 404:
                await stray(request, "case")
            raise
        return await _refused(request, refusal, number, field(sent, "text"))
    if done is None:
        raise Refusal(404, "error.case")
    if done.danger is None and conversations_of(request).held(request) == done.case.conversation:
        return RedirectResponse(f"{root_of(request)}/cases/{done.case.id}", status_code=303)
    return case_page(request, done, danger=done.danger)


def _texts(sent: FormData) -> list[str]:
    """What was written, as it is looked at for danger."""
    return [text for name in ("text", "contact") if (text := field(sent, name).strip())]


async def _done(request: Request, does: Act, number: str, sent: FormData) -> PersonsCase | None:
    """The case after it; the same form sent twice is done once."""
    desk, conversations, onces = desk_of(request), conversations_of(request), _onces(request)
    conversation = conversations.held(request) or conversations.begun()
    work = partial(
        through, request, _texts(sent), conversation, language_of(request), partial(does, desk.people, number, sent)
    )
    once = conversations.named(field(sent, "once"))
    done = await onces.first(once, work) if once else await work()
    return done or await in_pool(desk.pool, desk.people.by_number, number)


async def _refused(request: Request, refusal: Refusal, number: str, typed: str) -> Response:
    """The case again, with what could not be done and what was typed. Raises the refusal where it cannot be read."""
    desk = desk_of(request)
    case = await in_pool(desk.pool, desk.people.by_number, number)
    if case is None:
        raise refusal
    return case_page(request, case, refusal=refusal, danger=refusal.danger, typed=typed)


def _missing(typed: str) -> str:
    """The key of what to say of a number that opened nothing: what is none at all was written down wrongly."""
    return "lookup.unknown" if as_number(typed) or as_receipt_code(typed) else "lookup.mistyped"


def _onces(request: Request) -> Onces:
    onces: Onces = request.app.state.onces
    return onces


def _form(request: Request, *, typed: str = "", error: str | None = None, status: int = 200) -> Response:
    return pages_of(request).page(request, "lookup.html", status=status, typed=typed, error=error)
