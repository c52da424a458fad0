"""A desk's programming interface for people: open a case, look one up, ask for a correction. Errors are one sentence.

Case numbers and receipts travel in bodies alone: addresses are written down by machines on the way.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from markupsafe import Markup

from bot.case_numbers import spoken
from bot.cases import CaseKind, ChangeKind
from bot.intake import Taken, Wish
from bot.persons_case import Message, PersonsCase
from bot.records import DeskName, ExchangeId, Language, RecordedExchange
from web.api import ERRORS, citation_out, receipt_out
from web.api_case_models import (
    CaseIn,
    CaseOut,
    CorrectedOut,
    CorrectionIn,
    HoursOut,
    LookupIn,
    LookupOut,
    MessageOut,
)
from web.asking import demand, stray
from web.conversations import conversations_of
from web.doors import desk_of
from web.forms import pages_of
from web.hours import Calendar
from web.lookup import find
from web.person_doors import Found, PersonDoors
from web.security import Refusal
from web.taking import life_first, through


def routes(desk: DeskName) -> APIRouter:
    """The routes of one desk, under ``/api/v1/<desk>``."""
    router = APIRouter(prefix=f"/api/v1/{desk.value}", responses={**ERRORS})
    router.add_api_route("/cases", open_case, methods=["POST"], response_model=CaseOut)
    router.add_api_route("/lookup", look_up, methods=["POST"], response_model=LookupOut)
    router.add_api_route("/exchanges/{exchange_id}/correction", correction, methods=["POST"], response_model=CaseOut)
    return router


async def open_case(request: Request, given: CaseIn) -> CaseOut:
    """Hand something to people. Nobody needs to give a name; the answer is looked up by the number."""
    wish = Wish(
        kind=given.kind,
        text=given.question,
        conversation=None,
        language=given.lang,
        exchange=ExchangeId(given.exchange) if given.exchange else None,
        department=given.department,
        service=given.service,
        happened=given.happened,
        wish=given.wish,
        bureau=given.bureau,
        contact=given.contact,
        contact_consent=given.contact_consent,
        may_forward=given.may_forward,
        once=given.once,
    )
    return await _taken(request, wish, given.conversation)


async def correction(request: Request, exchange_id: str, given: CorrectionIn) -> CaseOut:
    """Ask for the correction of an answer (訂正の申出). It is no legal objection."""
    wish = Wish(
        kind=CaseKind.CORRECTION,
        text=given.why,
        conversation=None,
        language=given.lang,
        exchange=ExchangeId(exchange_id),
        contact=given.contact,
        contact_consent=given.contact_consent,
        once=given.once,
    )
    return await _taken(request, wish, given.conversation)


async def look_up(request: Request, given: LookupIn) -> LookupOut:
    """A case by its number, or an exchange by its receipt; 404 for anything else, whatever it is."""
    demand(request)
    typed = (given.case or given.receipt or "").strip()
    found = await find(request, typed)
    if isinstance(found, PersonsCase) and given.case:
        return _case(found)
    if isinstance(found, Found) and given.receipt:
        return _exchange(found)
    raise Refusal(404, "lookup.unknown")


async def _taken(request: Request, wish: Wish, named: str | None) -> CaseOut:
    conversations = conversations_of(request)
    held = conversations.named(named)
    if named is not None and held is None:
        demand(request)
        await stray(request, "conversation")
        raise await life_first(request, Refusal(404, "error.exchange"), _texts(wish))
    # A request's name is of no use to others only where it goes with something that they do not know.
    once = wish.once if held or wish.exchange else None
    conversation = held or (None if wish.exchange else conversations.begun())
    wish = replace(wish, conversation=conversation, once=once)
    people = desk_of(request).people
    taken: Taken = await through(
        request, _texts(wish), conversation or conversations.begun(), wish.language, partial(people.take, wish)
    )
    return CaseOut(
        danger=taken.danger,
        case=taken.number,
        spoken=spoken(taken.number),
        state=taken.case.state,
        due=taken.case.due,
        hours=_hours(request, people, wish.language),
    )


def _texts(wish: Wish) -> list[str]:
    """What was written, as it is looked at for danger."""
    return [text for text in (wish.text, wish.service, wish.happened, wish.wish, wish.bureau, wish.contact) if text]


def _hours(request: Request, people: PersonDoors, language: Language) -> HoursOut:
    catalogues = pages_of(request).catalogues

    def words(key: str, **values: object) -> Markup:
        return Markup("{}").format(catalogues.text(key, language, values))

    hours = Calendar(people.office, people.now).hours(words)
    return HoursOut(
        open_now=hours.open,
        next_opening=hours.next,
        lines=[str(line) for line in hours.lines],
        decided=hours.decided,
    )


def _case(case: PersonsCase) -> LookupOut:
    answers = [each for each in case.messages if each.kind in (ChangeKind.ANSWERED, ChangeKind.FORWARDED)]
    return LookupOut(
        state=case.case.state,
        due=case.case.due,
        question=case.question,
        reply=answers[-1].text if answers else None,
        outcome=_outcome(case.about),
        citations=[citation_out(each) for each in (answers[-1].citations if answers else ())],
        messages=[_message(each) for each in case.messages],
        corrected=_corrected(case.about),
        may=sorted(case.may),
        receipt=None,
        receipt_code=case.receipt,
    )


def _exchange(found: Found) -> LookupOut:
    exchange = found.exchange
    return LookupOut(
        state=None,
        due=None,
        question=exchange.question.value,
        reply=exchange.reply.text if exchange.reply else None,
        outcome=_outcome(exchange),
        citations=[citation_out(each) for each in (exchange.reply.citations if exchange.reply else ())],
        messages=[],
        corrected=_corrected(exchange),
        may=["correct"],
        receipt=receipt_out(found.receipt),
        receipt_code=exchange.receipt,
    )


def _outcome(exchange: RecordedExchange | None) -> str | None:
    return exchange.reply.outcome.value if exchange and exchange.reply else None


def _corrected(exchange: RecordedExchange | None) -> CorrectedOut | None:
    corrected = exchange.corrected if exchange else None
    return CorrectedOut(text=corrected.text, time=corrected.time) if corrected else None


def _message(message: Message) -> MessageOut:
    return MessageOut(
        who=message.who,
        kind=message.kind,
        time=message.time,
        text=message.text,
        text_ja=message.text_ja,
        made=message.made,
        bureau=message.bureau,
        decision=message.decision,
    )
