"""What a question asks, held against a direct computation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.records import Facets, UnitKind
from knowledge.facets import FacetIndex
from knowledge.units import Row

Floats = NDArray[np.float32]
_NOTHING = -1.0


def unit(rng: np.random.Generator, many: int, dimensions: int) -> Floats:
    vectors = rng.normal(size=(many, dimensions)) + 2.0  # of one cone, as texts of one language are
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def rows(*kinds: tuple[int, UnitKind]) -> list[Row]:
    return [Row(passage, kind, index, "") for index, (passage, kind) in enumerate(kinds)]


def directly(held: list[Row], matrix: Floats, passage: int, vector: Floats) -> Facets:
    """The same, read off the definition: the middle of a passage's questions taken away from each and from the new."""
    asked = [place for place, row in enumerate(held) if row.kind in {UnitKind.QUESTION, UnitKind.FACT, UnitKind.GAP}]
    middles = {
        owner: np.mean([matrix[place] for place in asked if held[place].passage == owner], axis=0)
        for owner in {held[place].passage for place in asked}
    }
    rest = vector - middles[passage]
    near: dict[tuple[bool, bool], list[float]] = {(own, vain): [] for own in (True, False) for vain in (True, False)}
    for place in asked:
        own = matrix[place] - middles[held[place].passage]
        cosine = float(own @ rest / (np.linalg.norm(own) * np.linalg.norm(rest)))
        near[held[place].passage == passage, held[place].kind is UnitKind.GAP].append(cosine)

    def odds(width: float) -> float:
        vain, answered = (sum(math.exp((each - 1) / width) for each in near[False, side]) for side in (True, False))
        return math.log(vain + 1e-9) - math.log(answered + 1e-9)

    most = {key: max(values, default=_NOTHING) for key, values in near.items()}
    return Facets(most[True, False], most[True, True], most[False, False], most[False, True], odds(0.05), odds(0.1))


def values(facets: Facets | None) -> list[float]:
    assert facets is not None
    return [getattr(facets, name) for name in Facets.__slots__]


KINDS = (UnitKind.TITLE, UnitKind.QUESTION, UnitKind.FACT, UnitKind.FACT, UnitKind.GAP, UnitKind.GAP, UnitKind.BODY)


@pytest.mark.parametrize("seed", range(5))
def test_facets_are_what_their_definition_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    held = rows(*((passage, kind) for passage in range(7) for kind in KINDS for _ in range(1 + passage % 3)))
    matrix, (vector,) = unit(rng, len(held), 24), unit(rng, 1, 24)
    index = FacetIndex(held, matrix, 7)
    cosines = matrix @ vector
    for passage in range(7):
        for _ in range(2):  # the second time from memory
            found = values(index.of(passage, vector, cosines))
            assert found == pytest.approx(values(directly(held, matrix, passage, vector)), abs=2e-4)


def test_a_passage_of_which_nothing_is_asked_has_none() -> None:
    rng = np.random.default_rng(1)
    held = rows((0, UnitKind.QUESTION), (0, UnitKind.GAP), (1, UnitKind.BODY), (2, UnitKind.FACT))
    matrix, (vector,) = unit(rng, 4, 8), unit(rng, 1, 8)
    index = FacetIndex(held, matrix, 3)
    assert index.of(1, vector, matrix @ vector) is None
    assert index.of(0, vector, matrix @ vector) is not None


def test_a_side_without_questions_says_so() -> None:
    rng = np.random.default_rng(2)
    held = rows((0, UnitKind.QUESTION), (0, UnitKind.FACT), (1, UnitKind.FACT), (1, UnitKind.QUESTION))
    matrix, (vector,) = unit(rng, 4, 8), unit(rng, 1, 8)
    found = FacetIndex(held, matrix, 2).of(0, vector, matrix @ vector)
    assert found is not None
    assert (found.own_vain, found.other_vain) == (_NOTHING, _NOTHING)
    assert found.own_answered > _NOTHING


def test_the_only_question_of_a_passage_is_finite() -> None:
    """Its rest is nothing: no direction to compare with, and no division by nothing either."""
    rng = np.random.default_rng(3)
    held = rows((0, UnitKind.QUESTION), (1, UnitKind.FACT), (1, UnitKind.GAP))
    matrix = unit(rng, 3, 8)
    for vector in (matrix[0], unit(rng, 1, 8)[0]):
        assert all(math.isfinite(value) for value in values(FacetIndex(held, matrix, 2).of(0, vector, matrix @ vector)))


def test_no_questions_at_all() -> None:
    rng = np.random.default_rng(4)
    matrix, (vector,) = unit(rng, 2, 8), unit(rng, 1, 8)
    index = FacetIndex(rows((0, UnitKind.BODY), (1, UnitKind.SENTENCE)), matrix, 2)
    assert index.of(0, vector, matrix @ vector) is None


def test_what_is_asked_tells_apart_what_the_subject_hides() -> None:
    """Two subjects, two things asked of each: the price is asked in vain of the first, the year of the second."""
    subjects, asks = np.eye(6)[:2] * 3, {"price": np.eye(6)[2], "year": np.eye(6)[3]}

    def question(subject: int, ask: str) -> Floats:
        vector = subjects[subject] + asks[ask]
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    held = rows((0, UnitKind.GAP), (0, UnitKind.FACT), (1, UnitKind.FACT), (1, UnitKind.GAP))
    matrix = np.array([question(0, "price"), question(0, "year"), question(1, "price"), question(1, "year")])
    vector = question(0, "price")
    found = FacetIndex(held, matrix, 2).of(0, vector, matrix @ vector)
    assert found is not None
    assert found.own_vain == pytest.approx(1.0, abs=1e-3)
    assert found.own_answered == pytest.approx(-1.0, abs=1e-3)
    assert found.other_answered == pytest.approx(1.0, abs=1e-3)  # the price of the second subject is stated
    assert found.narrow < found.wide < 0
