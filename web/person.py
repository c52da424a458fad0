"""Asking for a person, at both desks: a question, a complaint about government using AI, a correction request.

The same three forms without scripts and with them. What is sent is a case before anything is shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from bot.cases import CaseKind, Department
from bot.intake import Taken, Wish
from bot.persons_case import PersonsCase
from bot.ports import LogUnavailable
from bot.records import DeskName, RecordedExchange, Risk
from web.asking import demand, stray
from web.case_pages import case_page
from web.conversations import conversations_of
from web.doors import desk_of, in_pool, root_of
from web.forms import field, form_of, pages_of, with_language
from web.rendering import Shown, language_of, recorded
from web.security import RateLimit, Refusal, demand_same_site
from web.taking import danger_in, life_first, through

Name = Literal["person", "voice", "correction"]
TEXTS: Final = ("text", "service", "happened", "wish", "bureau", "contact")
FIELDS: Final = (*TEXTS, "department", "about", "receipt")
TICKS: Final = ("contact_consent", "may_forward")
_KINDS: Final[Mapping[Name, CaseKind]] = {"voice": CaseKind.COMPLAINT, "correction": CaseKind.CORRECTION}
# The least urgent that such a case can be (bot.case_reasons): the latest date that it can get.
_LATEST: Final[Mapping[Name, Risk]] = {"voice": Risk.MODERATE, "correction": Risk.MODERATE}


def routes(root: str, desk: DeskName) -> APIRouter:
    """The pages of a desk that begins at ``root``; complaints are the public desk's alone."""
    router = APIRouter(include_in_schema=False)
    names: list[Name] = ["person", "correction", *(("voice",) if desk is DeskName.PUBLIC else ())]
    for name in names:
        router.add_api_route(f"{root}/{name}", _showing(name), methods=["GET"])
        router.add_api_route(f"{root}/{name}", _taking(name), methods=["POST"])
    return router


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody filled it in. ``about``: the exchange it is about, as they may see it."""

    fields: Mapping[str, str]
    ticked: frozenset[str] = frozenset()
    about: RecordedExchange | None = None

    @property
    def shown(self) -> Shown | None:
        return recorded(self.about, own=not self.fields["receipt"]) if self.about else None

    @property
    def texts(self) -> tuple[str, ...]:
        """What people write, as it is looked at for danger where it is not taken."""
        return tuple(self.fields[name] for name in TEXTS if self.fields[name].strip())


def _showing(name: Name) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        """The form, empty, or about one exchange of this browser's conversation. Raises Refusal, LogUnavailable."""
        fields = {**dict.fromkeys(FIELDS, ""), "about": request.query_params.get("about", "")}
        filled = await _about(request, Filled(fields))
        return with_language(request, await _form(request, name, filled))

    return show


def _taking(name: Name) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        """Open the case, then show its number. A form that names no ``once`` is none of ours: it is shown first."""
        demand_same_site(request)
        sent = await form_of(request)
        fields = {each: field(sent, each) for each in FIELDS}
        filled = Filled(fields, frozenset(tick for tick in TICKS if field(sent, tick) == "yes"))
        try:
            if fields["receipt"]:
                demand(request)  # a receipt is looked up: nobody tries many
            filled = await _about(request, filled)
            if not field(sent, "once"):
                return await _shown_first(request, name, filled)
            return await _taken(request, name, filled, sent)
        except (Refusal, LogUnavailable) as failure:
            refusal = await life_first(request, failure, filled.texts)
        if refusal.status != 422:
            raise refusal
        return await _form(request, name, filled, refusal)

    return take


async def _shown_first(request: Request, name: Name, filled: Filled) -> Response:
    """The form with what was typed elsewhere, to be sent from here; danger in it is answered at once."""
    conversations = conversations_of(request)
    conversation = conversations.held(request) or conversations.begun()
    danger = await danger_in(request, filled.texts, conversation, language_of(request))
    return await _form(request, name, filled, danger=danger)


async def _taken(request: Request, name: Name, filled: Filled, sent: FormData) -> Response:
    conversations = conversations_of(request)
    held, named = conversations.held(request), conversations.named(field(sent, "once"))
    people, language = desk_of(request).people, language_of(request)
    conversation = held or named or conversations.begun()
    wish = Wish(
        kind=_kind(request, name, filled),
        text=filled.fields["text"],
        conversation=None if filled.fields["receipt"] else conversation,
        language=language,
        exchange=filled.about.exchange if filled.about else None,
        department=_department(filled),
        service=filled.fields["service"],
        happened=filled.fields["happened"],
        wish=filled.fields["wish"],
        bureau=filled.fields["bureau"],
        contact=filled.fields["contact"],
        contact_consent="contact_consent" in filled.ticked,
        may_forward="may_forward" in filled.ticked,
        once=named,
    )
    taken: Taken = await through(request, filled.texts, conversation, language, partial(people.take, wish))
    if conversations.foreign(request):
        await stray(request, "conversation")
    if taken.danger is None and held == taken.case.conversation:
        return RedirectResponse(f"{root_of(request)}/cases/{taken.case.id}?new=1", status_code=303)
    # A browser that may keep no cookies has this page alone: the number is on it.
    own = conversation == taken.case.conversation
    response = case_page(request, await _read_back(request, taken), new=True, danger=taken.danger, own=own)
    if own:
        conversations.keep(response, conversation)
    return response


async def _read_back(request: Request, taken: Taken) -> PersonsCase:
    """The case as the log has it; it is recorded, and a log that cannot be read back must not withhold its number."""
    desk = desk_of(request)
    try:
        read = await in_pool(desk.pool, desk.people.by_number, taken.number)
    except LogUnavailable:
        read = None
    return read or PersonsCase(taken.case, taken.number, "", None, (), None, None, frozenset())


def _kind(request: Request, name: Name, filled: Filled) -> CaseKind:
    """At the staff desk a question for a department is a consultation."""
    if name == "person" and _department(filled) and desk_of(request).name is DeskName.STAFF:
        return CaseKind.CONSULTATION
    return _KINDS.get(name, CaseKind.QUESTION)


def _department(filled: Filled) -> Department | None:
    chosen = filled.fields["department"]
    return Department(chosen) if chosen in {each.value for each in Department} else None


async def _about(request: Request, filled: Filled) -> Filled:
    """The form with the exchange it is about: one of this browser's conversation, or one whose receipt was shown.

    Raises Refusal (404) where there is none.
    """
    anchor, receipt = filled.fields["about"], filled.fields["receipt"]
    if anchor:
        about = await _own(request, anchor)
    elif receipt:
        desk = desk_of(request)
        found = await in_pool(desk.pool, desk.people.by_receipt, receipt)
        about = found.exchange if found else None
    else:
        return filled
    if about is None:
        if not receipt:
            demand(request)
        await stray(request, "receipt" if receipt else "exchange")
        raise Refusal(404, "error.exchange")
    return replace(filled, about=about)


async def _own(request: Request, anchor: str) -> RecordedExchange | None:
    """The exchange of this browser's conversation that is named as its page names it."""
    reads: RateLimit = request.app.state.reads
    reads.demand(request)
    desk, held = desk_of(request), conversations_of(request).held(request)
    found = await in_pool(desk.pool, desk.conversation, held) if held else ()
    return next((each for each in found if recorded(each).anchor == anchor), None)


async def _form(
    request: Request, name: Name, filled: Filled, refusal: Refusal | None = None, *, danger: str | None = None
) -> Response:
    due = await _due(request, name)
    kept = timedelta(days=desk_of(request).people.office.contact_days)
    return pages_of(request).page(
        request,
        f"{name}.html",
        status=refusal.status if refusal else 200,
        filled=filled,
        error=refusal.key if refusal else None,
        danger=refusal.danger if refusal else danger,
        due=due,
        contact_until=due + kept if due else None,
        departments=[each.value for each in Department],
    )


async def _due(request: Request, name: Name) -> datetime | None:
    """The date that a case opened now gets at the latest; None while nobody can say."""
    desk = desk_of(request)
    people = desk.people
    try:
        waiting = await in_pool(desk.pool, people.waiting)
    except LogUnavailable:
        return None
    return people.office.due(people.now(), _LATEST.get(name, Risk.LOW), waiting)
