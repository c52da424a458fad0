"""What a desk's cases stand on: transactions, the cases as they are, the outbox, the office, and who is told."""

from __future__ import annotations

from dataclasses import dataclass

from bot.notices import Recipients
from bot.office import Office
from bot.ports import Cases, Outbox, UnitOfWork


@dataclass(frozen=True, slots=True)
class Queue:
    """One desk's cases: ``work`` begins its transactions, and what is written in one of them is written together.

    ``office`` says when people are there and by when they answer, ``recipients`` who is told.
    """

    work: UnitOfWork
    cases: Cases
    outbox: Outbox
    office: Office
    recipients: Recipients
