"""What can be said of a rate from a sample, and how far two people agree. Pure.

Bounds are those of Clopper and Pearson (The Use of Confidence or Fiducial Limits Illustrated in the Case of the
Binomial, Biometrika 26 (1934), 404-413), one-sided: with the probability ``CONFIDENCE`` the true rate is not above the
upper one, and with the same not below the lower one. They are exact, so they err to the careful side only. Agreement is
kappa of Cohen (A Coefficient of Agreement for Nominal Scales, Educational and Psychological Measurement 20 (1960),
37-46).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final

CONFIDENCE: Final = 0.95

_ITERATIONS: Final = 500
_PRECISION: Final = 1e-15
_TINY: Final = 1e-300
_HALVINGS: Final = 100  # each adds a bit; a double has 53


@dataclass(frozen=True, slots=True)
class Bounds:
    """One-sided bounds of a rate, each at ``CONFIDENCE``."""

    lower: float
    upper: float


def bounds(errors: int, graded: int, confidence: float = CONFIDENCE) -> Bounds:
    """The bounds of the rate of errors, of which ``errors`` were found among ``graded`` drawn at random.

    Of nothing graded nothing is known: 0 and 1. Raises ValueError for counts that cannot be.
    """
    return Bounds(lower(errors, graded, confidence), upper(errors, graded, confidence))


def upper(errors: int, graded: int, confidence: float = CONFIDENCE) -> float:
    """The largest rate at which so few errors are not rarer than 1 - ``confidence``. Raises ValueError."""
    _demand(errors, graded, confidence)
    if errors == graded:
        return 1.0
    return _least(lambda rate: _at_least(errors + 1, graded, rate), confidence)


def lower(errors: int, graded: int, confidence: float = CONFIDENCE) -> float:
    """The smallest rate at which so many errors are not rarer than 1 - ``confidence``. Raises ValueError."""
    _demand(errors, graded, confidence)
    if errors == 0:
        return 0.0
    return _least(lambda rate: _at_least(errors, graded, rate), 1 - confidence)


def needed(errors: int, allowed: float, confidence: float = CONFIDENCE) -> int:
    """How many must be graded so that with ``errors`` among them the upper bound is no more than ``allowed``.

    Raises ValueError: nothing is enough for a rate of 0, and everything for a rate of 1.
    """
    if not 0 < allowed < 1:
        raise ValueError("a rate between 0 and 1")
    few, many = errors, errors + 1
    while upper(errors, many, confidence) > allowed:
        few, many = many, many * 2
    while many - few > 1:
        middle = (few + many) // 2
        if upper(errors, middle, confidence) > allowed:
            few = middle
        else:
            many = middle
    return many


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two people agree on the same things. ``kappa`` is 1 where they always do, 0 where they do as often as by
    chance alone; None where nothing was graded twice, or where chance alone would have them agree always.
    ``table``: how often the first said one thing and the second the other.
    """

    pairs: int
    agreed: int
    kappa: float | None
    table: Counter[tuple[Hashable, Hashable]]


def agreement(pairs: Sequence[tuple[Hashable, Hashable]]) -> Agreement:
    """Cohen's kappa over pairs of what the first and what the second person said of one thing."""
    table = Counter(pairs)
    agreed = sum(count for (first, second), count in table.items() if first == second)
    if not pairs:
        return Agreement(0, 0, None, table)
    said_first, said_second = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_chance = sum(count * said_second[value] for value, count in said_first.items()) / len(pairs) ** 2
    if by_chance >= 1:
        return Agreement(len(pairs), agreed, None, table)
    return Agreement(len(pairs), agreed, (agreed / len(pairs) - by_chance) / (1 - by_chance), table)


def _demand(errors: int, graded: int, confidence: float) -> None:
    if not 0 <= errors <= graded or not 0 < confidence < 1:
        raise ValueError("errors are among what was graded, and a confidence is between 0 and 1")


def _least(share: Callable[[float], float], wanted: float) -> float:
    """The rate between 0 and 1 at which a share that rises with it reaches ``wanted``."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if share(middle) < wanted:
            low = middle
        else:
            high = middle
    return high


def _at_least(errors: int, graded: int, rate: float) -> float:
    """How likely ``errors`` or more are among ``graded`` at a rate: the regularised incomplete beta function at
    (errors, graded - errors + 1) (NIST Digital Library of Mathematical Functions, 8.17.5).
    """
    return _incomplete_beta(float(errors), float(graded - errors + 1), rate)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), by the method of Lentz."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ITERATIONS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _not_zero(1 + step * d)
            c = _not_zero(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
