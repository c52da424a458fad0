"""Measures of a ranking against graded relevance. Pure; ``relevant`` is never empty and its grades are above 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

DEPTH = 10


def recall(relevant: Mapping[str, float], found: Sequence[str], depth: int) -> float:
    """The share of the relevant passages among the first ``depth``."""
    return len(relevant.keys() & set(found[:depth])) / len(relevant)


def reciprocal_rank(relevant: Mapping[str, float], found: Sequence[str]) -> float:
    """One over the rank of the first relevant passage among ten, else 0."""
    return next((1 / rank for rank, each in enumerate(found[:DEPTH], 1) if each in relevant), 0.0)


def ndcg(relevant: Mapping[str, float], found: Sequence[str]) -> float:
    """Normalised discounted cumulative gain at 10, the grade itself as gain (as trec_eval has it)."""

    def gain(grades: Sequence[float]) -> float:
        return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades[:DEPTH], 1))

    return gain([relevant.get(each, 0.0) for each in found]) / gain(sorted(relevant.values(), reverse=True))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the (at least one) values lie at or under."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
