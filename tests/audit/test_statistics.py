"""Bounds and agreement against known values, and against the binomial summed up term by term."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.statistics import agreement, bounds, lower, needed, upper
from tests.endurance.kit import SOAK


def at_most(errors: int, graded: int, rate: Fraction) -> Fraction:
    """How likely that few errors are at a rate, exactly."""
    return sum((comb(graded, k) * rate**k * (1 - rate) ** (graded - k) for k in range(errors + 1)), Fraction(0))


def bisected(errors: int, graded: int, share: Fraction) -> float:
    """The rate at which ``errors`` or fewer are as likely as ``share``: what Clopper and Pearson's bound solves."""
    low, high = Fraction(0), Fraction(1)
    for _ in range(40):
        middle = (low + high) / 2
        if at_most(errors, graded, middle) > share:
            low = middle
        else:
            high = middle
        low, high = Fraction(round(low * 2**60), 2**60), Fraction(round(high * 2**60), 2**60)
    return float(high)


@pytest.mark.parametrize(("errors", "least"), [(0, 299), (1, 473), (3, 773)])
def test_so_many_grades_show_less_than_one_percent(errors: int, least: int) -> None:
    assert needed(errors, 0.01) == least
    assert upper(errors, least) <= 0.01 < upper(errors, least - 1)


@pytest.mark.parametrize(
    ("errors", "graded", "confidence", "low", "high"),
    # Two-sided 95 % intervals are one-sided bounds of 97.5 %: tables in Altman et al., Statistics with Confidence.
    [(1, 10, 0.975, 0.0025, 0.4450), (5, 20, 0.975, 0.0866, 0.4910), (10, 100, 0.975, 0.0490, 0.1762)],
)
def test_known_values(errors: int, graded: int, confidence: float, low: float, high: float) -> None:
    found = bounds(errors, graded, confidence)
    assert (found.lower, found.upper) == pytest.approx((low, high), abs=5e-5)


@given(st.data())
@settings(max_examples=200 if SOAK else 15, deadline=None)
def test_bounds_are_those_of_the_binomial(data: st.DataObject) -> None:
    graded = data.draw(st.integers(1, 120))
    errors = data.draw(st.integers(0, graded))
    found = bounds(errors, graded)
    if errors < graded:
        assert found.upper == pytest.approx(bisected(errors, graded, Fraction(1, 20)), abs=1e-9)
    if errors:
        assert found.lower == pytest.approx(bisected(errors - 1, graded, Fraction(19, 20)), abs=1e-9)


@given(st.integers(0, 1500), st.integers(0, 500))
def test_bounds_hold_the_rate_and_move_with_the_errors(right: int, errors: int) -> None:
    graded = right + errors
    found, more = bounds(errors, graded), bounds(errors + 1, graded + 1)
    assert 0 <= found.lower <= (errors / graded if graded else 1) <= found.upper <= 1
    assert more.lower >= found.lower
    assert more.upper >= found.upper


def test_of_nothing_nothing_is_known() -> None:
    assert (lower(0, 0), upper(0, 0)) == (0.0, 1.0)
    assert lower(7, 7) == pytest.approx(0.05 ** (1 / 7))
    assert upper(7, 7) == 1.0


@pytest.mark.parametrize(("errors", "graded", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0.0)])
def test_counts_that_cannot_be(errors: int, graded: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="among"):
        bounds(errors, graded, confidence)
    with pytest.raises(ValueError, match="between"):
        needed(0, 0.0)


def test_agreement_of_a_worked_example() -> None:
    """Fifty proposals, two readers: 35 alike, 0.5 expected by chance (the textbook's example of Cohen's kappa)."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    found = agreement(pairs)
    assert (found.pairs, found.agreed) == (50, 35)
    assert found.kappa == pytest.approx(0.4)
    assert found.table["no", "yes"] == 10


def test_agreement_where_chance_says_all() -> None:
    assert agreement([]).kappa is None
    assert agreement([("right", "right")] * 5).kappa is None
    assert agreement([("right", "right"), ("wrong", "wrong")]).kappa == pytest.approx(1.0)
    assert agreement([("right", "wrong"), ("wrong", "right")]).kappa == pytest.approx(-1.0)
