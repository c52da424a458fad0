"""Why a case came to people and how urgent it is: from what is recorded, never from what a client says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.assessment import consider, risk_of
from bot.cases import CaseKind, CaseReason
from bot.desk import Desk
from bot.records import ConversationId, MaskedText, Outcome, RecordedEntry, RecordedExchange, Risk, Topic
from bot.records_json import CLOSED, EXCHANGE

_BY_OUTCOME: Final[Mapping[Outcome, CaseReason]] = {
    Outcome.REFERRED_PERSON_WANTED: CaseReason.PERSON_WANTED,
    Outcome.REFERRED_COMPLAINT: CaseReason.COMPLAINT,
    Outcome.REFERRED_OWN_CASE: CaseReason.OWN_CASE,
    Outcome.REFERRED_OTHER_DESK: CaseReason.OTHER,
    Outcome.REFERRED_BY_REGISTER: CaseReason.BY_REGISTER,
    Outcome.REFERRED_AI_OFF: CaseReason.AI_OFF,
    Outcome.REFERRED_ASSISTED: CaseReason.ASSISTED,
    Outcome.ESCALATED_DANGER: CaseReason.DANGER,
}
_BY_FAMILY: Final[Mapping[str, CaseReason]] = {"abstained": CaseReason.ABSTAINED, "failed": CaseReason.FAILED}
_BY_KIND: Final[Mapping[CaseKind, CaseReason]] = {
    CaseKind.CORRECTION: CaseReason.CORRECTION,
    CaseKind.COMPLAINT: CaseReason.COMPLAINT,
}
_ENOUGH: Final = 2
"""So many answers that did not help are a reason of their own."""

_PEOPLES: Final = frozenset({Topic.OWN_CASE, Topic.COMPLAINT})
"""Topics whose rules tell how risky a text is that was put to no AI."""

_ORDER: Final = tuple(Risk)


@dataclass(frozen=True, slots=True)
class Placing:
    """Why a case came, and its priority."""

    reason: CaseReason
    priority: Risk


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants of people: masked, in which conversation, about which exchange.

    ``endangered``: what was typed tells of danger.
    """

    kind: CaseKind
    text: MaskedText
    conversation: ConversationId
    about: RecordedExchange | None
    endangered: bool


def placing(desk: Desk, wanted: Wanted) -> Placing:
    """Where a case stands. Raises LogUnavailable."""
    reason = CaseReason.DANGER if wanted.endangered else _BY_KIND.get(wanted.kind) or _from(wanted.about)
    if reason is None:
        reason = CaseReason.UNHELPFUL if _unhelped(desk, wanted.conversation) else CaseReason.PERSON_WANTED
    if reason is CaseReason.DANGER:
        return Placing(reason, Risk.GRAVE)
    return Placing(reason, max(_risks(desk, wanted), key=_ORDER.index))


def _from(about: RecordedExchange | None) -> CaseReason | None:
    """The reason that the outcome of an exchange is; None where it is none: it was answered, or refused."""
    if about is None:
        return None
    if about.reply is None:  # it never ended, or its reply was erased
        return CaseReason.FAILED if about.closed is None else CaseReason.OTHER
    outcome = about.reply.outcome
    return _BY_OUTCOME.get(outcome) or _BY_FAMILY.get(outcome.family)


def _unhelped(desk: Desk, conversation: ConversationId) -> bool:
    earlier = desk.log.conversation(conversation)
    return sum(each.useful is False for each in earlier) >= _ENOUGH


def _risks(desk: Desk, wanted: Wanted) -> list[Risk]:
    found = [Risk.LOW]
    if wanted.kind in _BY_KIND:  # somebody was treated wrongly, or an answer misleads
        found.append(Risk.MODERATE)
    if wanted.kind is CaseKind.CONSULTATION:
        found.append(risk_of(consider(wanted.text)))
    rule = desk.rules.first(wanted.text.value)
    if rule is not None and rule.topic in _PEOPLES:
        found.append(rule.risk)
    closing = _closing(desk, wanted.about) if wanted.about else None
    if closing is not None:
        found.append(Risk(str(closing.meta["risk"])))
    return found


def _closing(desk: Desk, about: RecordedExchange) -> RecordedEntry | None:
    entries = desk.log.entries(about.conversation)
    return next((each for each in entries if each.kind == CLOSED and each.meta[EXCHANGE] == about.exchange), None)
