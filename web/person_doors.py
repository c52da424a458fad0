"""What the pages for people who want a person call: one desk's cases, as those see them who opened them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.intake import Taken, Wish
from bot.office import Office
from bot.persons_case import PersonsCase
from bot.records import ConversationId, Receipt, RecordedExchange


class Giving(Protocol):
    def __call__(self, typed: str, contact: str, *, consent: bool) -> PersonsCase: ...


@dataclass(frozen=True, slots=True)
class Found:
    """An exchange that somebody holds the receipt of, with the receipt as it was signed."""

    exchange: RecordedExchange
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class PersonDoors:
    """One desk's cases. Every callable but ``now`` blocks, so the doors run it in the desk's pool.

    office, now: when people are there, by the server's clock alone; waiting: how many cases wait for people.
    take: as bot.intake.take. by_receipt: the exchange of a receipt as somebody typed it; raises LogUnavailable. All
    others: as in bot.persons_case.
    """

    office: Office
    now: Callable[[], datetime]
    waiting: Callable[[], int]
    take: Callable[[Wish], Taken]
    by_number: Callable[[str], PersonsCase | None]
    by_receipt: Callable[[str], Found | None]
    of_conversation: Callable[[ConversationId], Sequence[PersonsCase]]
    newest: Callable[[ConversationId], str]
    add: Callable[[str, str], PersonsCase]
    withdraw: Callable[[str], PersonsCase]
    reopen: Callable[[str, str], PersonsCase]
    give_contact: Giving
    remove_contact: Callable[[str], PersonsCase]
