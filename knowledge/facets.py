"""What a question asks, apart from what it is about.

Two questions about one note differ in what they ask for (its fee, its vendor, its first year); two about different
notes mostly in what they are about, which hides the rest. So the middle of all that is asked about a passage is taken
away, from the question and from every question known of every passage, and what is left is compared: has this been
asked in vain elsewhere, or is it what this passage answers? On 1,320 questions of our own this raised the answers kept
at 91 % withheld from .76 to .82 (cross-validated) and from .76 to .83 (questions apart).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.records import Facets, UnitKind
from knowledge.units import Row

Floats = NDArray[np.float32]

_NARROW, _WIDE = 0.05, 0.1  # widths of the kernels; a few single nearest questions, and the usual kind
_NOTHING = -1.0  # where a passage has no question of a side
_LEAST = 1e-9
_REMEMBERED = 10_000_000  # figures, 40 MB


class FacetIndex:
    """The questions of one snapshot without their subjects. Immutable but for what it remembers; safe in any thread."""

    def __init__(self, rows: Sequence[Row], matrix: Floats, passages: int) -> None:
        kinds = (UnitKind.QUESTION, UnitKind.FACT, UnitKind.GAP)
        places = [place for place, row in enumerate(rows) if row.kind in kinds]
        self._places = np.array(places, dtype=np.intp)
        self._owner = np.array([rows[place].passage for place in places], dtype=np.intp)
        self._vain = np.array([rows[place].kind is UnitKind.GAP for place in places], dtype=np.bool_)
        self._asked = matrix[self._places] if places else np.zeros((0, matrix.shape[1]), dtype=np.float32)
        counts = np.bincount(self._owner, minlength=passages)
        starts = np.concatenate(([0], np.cumsum(counts)))
        self._ranges = list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
        self._middles = np.zeros((passages, matrix.shape[1]), dtype=np.float32)
        for passage, (start, end) in enumerate(self._ranges):
            if end > start:
                self._middles[passage] = self._asked[start:end].mean(axis=0)
        own = self._middles[self._owner]
        self._length = np.linalg.norm(self._asked - own, axis=1) + _LEAST
        self._from = lru_cache(maxsize=max(16, _REMEMBERED // max(1, len(places))))(self._from_middle)

    def of(self, passage: int, vector: Floats, cosines: Floats) -> Facets | None:
        """The facets of a question at one passage; None where nothing is known to be asked of it.

        ``vector`` is the question's, ``cosines`` those of every row of the snapshot with it.
        """
        start, end = self._ranges[passage]
        if end == start:
            return None
        middle = self._middles[passage]
        rest = float(np.linalg.norm(vector - middle)) + _LEAST
        # (u - m(u)) . (q - m(p)), of which only the first and third terms are new for every question
        near = cosines[self._places] - np.einsum("ij,j->i", self._middles, vector)[self._owner] - self._from(passage)
        near /= self._length * rest
        own = np.zeros(len(near), dtype=np.bool_)
        own[start:end] = True
        return Facets(
            own_answered=_most(near[start:end][~self._vain[start:end]]),
            own_vain=_most(near[start:end][self._vain[start:end]]),
            other_answered=_most(near[~self._vain & ~own]),
            other_vain=_most(near[self._vain & ~own]),
            narrow=self._odds(near, own, _NARROW),
            wide=self._odds(near, own, _WIDE),
        )

    def _odds(self, near: Floats, own: NDArray[np.bool_], width: float) -> float:
        """The logarithm of how much likelier this is asked in vain than answered at the other passages (kernels)."""
        mass = np.exp((near - 1.0) / width)
        vain, answered = mass[self._vain & ~own].sum(), mass[~self._vain & ~own].sum()
        return float(np.log(vain + _LEAST) - np.log(answered + _LEAST))

    def _from_middle(self, passage: int) -> Floats:
        """(u - m(u)) . m(passage) for every asked row: the part that is the same for every question."""
        middle = self._middles[passage]
        own = np.einsum("ij,j->i", self._middles, middle)[self._owner]
        products: Floats = np.einsum("ij,j->i", self._asked, middle) - own
        return products


def _most(values: Floats) -> float:
    return float(values.max()) if len(values) else _NOTHING
