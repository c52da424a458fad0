"""Drawing samples of a desk's answers so that anybody can draw them again from the log. Pure.

The population are the answers under one checkpoint (entries with an index below its size) that the plan asks for. Each
has a rank, SHA-256(seed ‖ entry id), both in UTF-8; those with the lowest ranks are drawn. Stratified, the size is
shared out among the rows that occur in proportion to how many answers each has (the method of the largest remainders,
ties by name), at least one each as far as the size goes, and drawn from each row by rank. The sample stands in the
order of the ranks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from bot.grading import counted_row
from bot.records import EntryId, ExchangeId, Json

LARGEST: Final = 2_000
MOST_GRADERS: Final = 2


class Drawing(StrEnum):
    """How a sample is drawn."""

    RANDOM = "random"
    STRATIFIED = "stratified"  # shared out among the rows: topic and risk


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn: how, how many, by how many people each is graded, of which rows (all where empty), of answers
    given from ``since`` to before ``until`` (aware).
    """

    kind: Drawing = Drawing.RANDOM
    size: int = 50
    graders: int = 1
    rows: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One answer: its closing entry, its exchange, the row it was given under, when."""

    entry: EntryId
    exchange: ExchangeId
    row: str
    closed: datetime


def item_of(entry: EntryId, closed: datetime, meta: Mapping[str, Json]) -> Item | None:
    """An answer from its closing entry; None where the service did not answer by itself."""
    row, exchange = counted_row(meta), meta.get("exchange")
    return None if row is None or not isinstance(exchange, str) else Item(entry, ExchangeId(exchange), row, closed)


def asked_for(items: Iterable[Item], plan: Plan) -> Sequence[Item]:
    """The population of a plan."""
    return [
        each
        for each in items
        if (not plan.rows or each.row in plan.rows)
        and (plan.since is None or each.closed >= plan.since)
        and (plan.until is None or each.closed < plan.until)
    ]


def rank(seed: str, entry: EntryId) -> bytes:
    """An answer's place in the lot."""
    return sha256(f"{seed}{entry}".encode()).digest()


def drawn(population: Sequence[Item], plan: Plan, seed: str) -> Sequence[Item]:
    """The sample. Raises ValueError for a plan that cannot be drawn."""
    if not 1 <= plan.size <= LARGEST or not 1 <= plan.graders <= MOST_GRADERS or not seed:
        raise ValueError(f"a sample has 1 to {LARGEST} answers, 1 to {MOST_GRADERS} graders and a seed")
    lots = sorted(population, key=lambda each: rank(seed, each.entry))
    if plan.kind is Drawing.RANDOM:
        return lots[: plan.size]
    strata: dict[str, list[Item]] = defaultdict(list)
    for each in lots:
        strata[each.row].append(each)
    share = shares({row: len(members) for row, members in strata.items()}, plan.size)
    return sorted(
        (each for row, members in strata.items() for each in members[: share[row]]),
        key=lambda each: rank(seed, each.entry),
    )


def shares(sizes: Mapping[str, int], size: int) -> Mapping[str, int]:
    """How many are drawn of each stratum: one each, largest strata first, then the rest in proportion."""
    names = sorted(sizes, key=lambda name: (-sizes[name], name))
    given = {name: int(place < size) for place, name in enumerate(names)}
    left, total = size - sum(given.values()), sum(sizes.values()) - len(names)
    if left <= 0 or total <= 0:
        return given
    left = min(left, total)
    whole = {name: left * (sizes[name] - 1) // total for name in names}
    rest = {name: left * (sizes[name] - 1) % total for name in names}
    by_remainder = sorted(names, key=lambda name: (-rest[name], name))[: left - sum(whole.values())]
    return {name: given[name] + whole[name] + (name in by_remainder) for name in names}
