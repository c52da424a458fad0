"""A conversation as its page shows it: what was asked and answered, what went to people, what was said there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.persons_case import Message, PersonsCase
from bot.records import RecordedExchange
from web.rendering import Shown, recorded


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing in a conversation: an exchange, a case about none of them, or something said in a case."""

    time: datetime
    shown: Shown | None = None
    case: PersonsCase | None = None
    message: Message | None = None
    number: int = 0

    @property
    def anchor(self) -> str:
        """An id for the element of what is said in a case."""
        return message_anchor(self.case, self.number) if self.case else ""


def message_anchor(case: PersonsCase, number: int) -> str:
    """The id of the element that holds the n-th thing said in a case."""
    return f"m-{case.case.id}-{number}"


def turns(exchanges: Sequence[RecordedExchange], cases: Sequence[PersonsCase]) -> Sequence[Turn]:
    """Everything in the order in which it happened. A case stands with the exchange it is about."""
    known = {each.exchange for each in exchanges}
    made = [Turn(each.received, shown=recorded(each, _about(each, cases))) for each in exchanges]
    made += [Turn(each.case.opened, case=each) for each in cases if each.case.exchange not in known]
    made += [turn for each in cases for turn in said(each)]
    return sorted(made, key=lambda turn: turn.time)


def said(case: PersonsCase) -> Sequence[Turn]:
    """What the person and the desk's people said in a case after it was opened, oldest first."""
    return [
        Turn(message.time, case=case, message=message, number=number)
        for number, message in enumerate(case.messages, start=1)
    ]


def _about(exchange: RecordedExchange, cases: Sequence[PersonsCase]) -> Sequence[PersonsCase]:
    return tuple(each for each in cases if each.case.exchange == exchange.exchange)
