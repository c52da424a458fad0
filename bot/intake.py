"""Taking a case: what a person hands to people, with a number, a date and a record."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from bot import case_contacts
from bot.case_entries import NUMBER, Opening, begun, instant, opening_of
from bot.case_numbers import fresh_number
from bot.case_reasons import Placing, Wanted, placing
from bot.case_texts import LONGEST_LINE, danger_told, masked, measured, on_a_line, plain
from bot.cases import Case, CaseKind, CaseReason, CaseRefused, CaseState, Department
from bot.desk import Desk
from bot.ports import LogUnavailable, Transaction
from bot.records import ConversationId, DeskName, ExchangeId, Json, Language, MaskedText, RecordedExchange


@dataclass(frozen=True, slots=True)
class Wish:
    """What came through a door. Every text is raw; nothing here says how risky it is or why it came (the record does).

    ``conversation`` None: the one of the exchange, or a new one. ``once`` names the request, so that the same one sent
    twice is one case. ``service``, ``happened``, ``wish`` and ``bureau`` are those of a complaint.
    """

    kind: CaseKind
    text: str = field(repr=False)
    conversation: ConversationId | None
    language: Language
    exchange: ExchangeId | None = None
    department: Department | None = None
    service: str = field(default="", repr=False)
    happened: str = field(default="", repr=False)
    wish: str = field(default="", repr=False)
    bureau: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    contact_consent: bool = False
    may_forward: bool = False
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A case that is durably there. ``danger`` is the text to show first, before the number."""

    case: Case
    number: str = field(repr=False)
    danger: str | None


_MOST: Final = 10
"""Cases of one conversation that wait for people at the same time."""

_ONLY_AT: Final[Mapping[CaseKind, DeskName]] = {
    CaseKind.COMPLAINT: DeskName.PUBLIC,
    CaseKind.CONSULTATION: DeskName.STAFF,
}


def danger_first(desk: Desk, language: Language, *texts: str) -> str | None:
    """The fixed text for danger that somebody tells of in raw texts; None where nobody does.

    Touches no disk and never raises: for a door to show first where ``take`` (or adding, reopening) is refused or the
    log is away.
    """
    told = danger_told(desk, language, *texts)
    return told.text if told else None


def take(desk: Desk, wish: Wish) -> Taken:
    """Open a case. It is durable, with its notices, when this returns.

    Raises CaseRefused (no_text, long_text, unknown_exchange, not_here, too_many, no_consent) and LogUnavailable. A
    ``once`` seen before gives the same case and number again, and so does asking for a person, without a word, about
    an exchange whose case still waits.
    """
    danger = danger_told(desk, wish.language, *_texts(wish).values(), wish.contact)
    _refuse(desk, wish)
    about = _about(desk, wish)
    conversation = wish.conversation or (about.conversation if about else ConversationId(secrets.token_urlsafe(16)))
    contents = {path: masked(desk, conversation, text) for path, text in _texts(wish).items() if plain(text).strip()}
    if about is not None:
        contents.setdefault("question", about.question)
    wanted = Wanted(wish.kind, _joined(tuple(contents.values())), conversation, about, danger is not None)
    placed = placing(desk, wanted)
    with desk.queue.work.begin() as within:
        case = _earlier(desk, within, wish, conversation) or _opened(desk, within, wish, wanted, placed, contents)
    return Taken(case, _number(desk, case), danger.text if danger else None)


def _texts(wish: Wish) -> dict[str, str]:
    """What was typed, by where it goes in the entry."""
    return {
        "question": wish.text,
        "service": wish.service,
        "happened": wish.happened,
        "wish": wish.wish,
        "bureau": wish.bureau,
    }


def _refuse(desk: Desk, wish: Wish) -> None:
    """Whatever can be told without the record. Raises CaseRefused."""
    if _ONLY_AT.get(wish.kind, desk.name) is not desk.name or (wish.department and desk.name is not DeskName.STAFF):
        raise CaseRefused("not_here")
    said = [measured(text) for text in (wish.text, wish.happened, wish.wish)]
    for line in (wish.service, wish.bureau, wish.contact):
        measured(line, LONGEST_LINE)
    if wish.kind is CaseKind.CORRECTION and wish.exchange is None:
        raise CaseRefused("unknown_exchange")
    if not any(said) and (wish.kind is CaseKind.CORRECTION or wish.exchange is None):
        raise CaseRefused("no_text")
    if on_a_line(wish.contact) and not wish.contact_consent:
        raise CaseRefused("no_consent")


def _about(desk: Desk, wish: Wish) -> RecordedExchange | None:
    """The exchange that a case is about. Raises CaseRefused (unknown_exchange), LogUnavailable."""
    if wish.exchange is None:
        return None
    found = desk.log.exchange(wish.exchange)
    strange = found is None or (wish.conversation is not None and found.conversation != wish.conversation)
    if found is None or strange or (wish.kind is CaseKind.CORRECTION and found.closed is None):
        raise CaseRefused("unknown_exchange")
    return found


def _joined(texts: Sequence[MaskedText]) -> MaskedText:
    """All that was said, to see how risky it is."""
    whole = texts[0]
    for each in texts[1:]:
        whole = whole.then(each)
    return whole


def _earlier(desk: Desk, within: Transaction, wish: Wish, conversation: ConversationId) -> Case | None:
    """The case that this very wish opened before."""
    if wish.once is not None and (found := desk.queue.cases.by_once(_once(wish), within)):
        return found
    if plain(wish.text).strip() or wish.exchange is None:
        return None
    waiting = (each for each in desk.queue.cases.of_conversation(conversation) if _waits(each))
    return next((each for each in waiting if each.exchange == wish.exchange and each.kind is wish.kind), None)


def _opened(  # noqa: PLR0913, PLR0917 - what a case consists of
    desk: Desk,
    within: Transaction,
    wish: Wish,
    wanted: Wanted,
    placed: Placing,
    contents: Mapping[str, MaskedText],
) -> Case:
    if sum(map(_waits, desk.queue.cases.of_conversation(wanted.conversation))) >= _MOST:
        raise CaseRefused("too_many")
    opening = Opening(
        conversation=wanted.conversation,
        meta=_meta(desk, within, wish, placed),
        contents={path: text.value for path, text in contents.items()},
        number=fresh_number(),
        once=None if wish.once is None else _once(wish),
        links=(wanted.about.closed,) if wanted.about and wanted.about.closed else (),
    )
    fresh = begun(desk, within, opening)
    contact = on_a_line(wish.contact)
    return case_contacts.keep(desk, within, fresh, contact) if contact else fresh.case


def _meta(desk: Desk, within: Transaction, wish: Wish, placed: Placing) -> dict[str, Json]:
    """Nobody promises a time where life is in danger: nobody watches."""
    due = None
    if placed.reason is not CaseReason.DANGER:
        due = desk.queue.office.due(desk.clock.now(), placed.priority, desk.queue.cases.live(within))
    return {
        "kind": wish.kind.value,
        "reason": placed.reason.value,
        "priority": placed.priority.value,
        "language": wish.language.value,
        "due": instant(due),
        "exchange": wish.exchange,
        "department": wish.department.value if wish.department else None,
        "may_forward": wish.may_forward,
    }


def _waits(case: Case) -> bool:
    return case.live or case.state is CaseState.MERGED


def _once(wish: Wish) -> str:
    """A request's name, of use to whoever sent it alone."""
    return sha256(f"{wish.conversation or wish.exchange or ''}\0{wish.once}".encode()).hexdigest()


def _number(desk: Desk, case: Case) -> str:
    """The number as the record has it. Raises LogUnavailable where it was erased."""
    number = opening_of(desk, case).contents.get(NUMBER)
    if number is None:
        raise LogUnavailable("missing")
    return number
