"""What erasing is told and what it calls: a decision, and what lies beside the entries. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.ports import Transaction
from bot.records import EntryId, ExchangeId, Json


class Aside(Protocol):
    """What lies beside the entries in the same database and goes with them."""

    def erased(self, within: Transaction, cases: Collection[str]) -> None:
        """The texts of these cases go."""
        ...

    def pruned(self, within: Transaction, cases: Collection[str]) -> None:
        """Nothing of these cases is kept but hashes."""
        ...


class Forgetting(Protocol):
    """What is made from the texts and lies elsewhere: the search index."""

    def forget(self, exchanges: Collection[ExchangeId]) -> None: ...


class Held(Exception):
    """Nothing was erased: a hold is open on what was to go."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Why something goes, as its entry says it: ``meta`` beside what was destroyed (``basis``, ``rule``, who), the
    names and reasons in ``contents``, and the entry of the proposal.
    """

    meta: Mapping[str, Json]
    contents: Mapping[str, str] = field(default_factory=dict, repr=False)
    links: tuple[EntryId, ...] = ()
