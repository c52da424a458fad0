"""What a desk's cases stand on: transactions, the cases as they are, the outbox, the office, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.case_numbers import fresh_number
from bot.notices import Recipients
from bot.office import Office
from bot.ports import Cases, Outbox, UnitOfWork


@dataclass(frozen=True, slots=True)
class Queue:
    """One desk's cases: ``work`` begins its transactions, and what is written in one of them is written together.

    ``office`` says when people are there and by when they answer, ``recipients`` who is told; ``number`` makes the
    number of a case that an exchange opens.
    """

    work: UnitOfWork
    cases: Cases
    outbox: Outbox
    office: Office
    recipients: Recipients
    number: Callable[[], str] = fresh_number
