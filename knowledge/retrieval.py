"""How passages are found and ordered: one frozen configuration, the same for the shelf and for every measurement.

Three looks at the same passages (meaning, words, signs), each turned into z-scores over the candidates and summed with
fixed weights. Weights and BM25 figures were chosen on two public Japanese sets (JSQuAD valid, lawqa_jp), in one round;
reciprocal rank fusion was worse on every set tried.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.records import Found, Language, NearUnit, Passage, Stamp, UnitKind, UnitScore, Word
from knowledge.facets import FacetIndex
from knowledge.lexical import K1, B, Lexical
from knowledge.units import HEADS, LAYOUT, Row, body_text
from knowledge.words import content_words, grams, is_kana_only, readings

Floats = NDArray[np.float32]
Neighbours = Callable[[Floats, int], Sequence[int]]
"""The places of the rows nearest to a vector, for snapshots too large to compare with every row."""


@dataclass(frozen=True, slots=True)
class Weights:
    dense: float
    words: float = 0.0
    characters: float = 0.0
    readings: float = 0.0


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The configuration. There is one; its stamp is in every record of an answer."""

    japanese: Weights = Weights(dense=0.65, words=0.2, characters=0.15)
    # Other languages meet words of their own only in titles, questions and asks: lean on meaning, but not wholly
    # (questions of facts left out one by one: first places .77 against .66 with meaning alone in English).
    foreign: Weights = Weights(dense=0.8, words=0.1, characters=0.1)
    # Kana alone (fact questions turned into hiragana): meaning finds .03 of the first places, with readings .59.
    kana: Weights = Weights(dense=0.35, readings=0.65)
    exact_up_to: int = 50_000  # rows compared one by one (about 5 ms); above, Chroma proposes the candidates
    candidates: int = 100  # of each look, above exact_up_to; 100 gave what the whole set gave, 20 lost .002 to .012
    nearest: int = 20
    facets: int = 5  # of the best passages; the gate looks at no more

    def weights(self, text: str, language: Language) -> Weights:
        """The weights for a cleaned query; its script counts more than the language of the reply's frame."""
        if is_kana_only(text):
            return self.kana
        if _KANA.search(text):
            return self.japanese
        japanese = language in {Language.JA, Language.JA_EASY} and not _HANGUL.search(text)
        return self.japanese if japanese else self.foreign

    @property
    def stamp(self) -> Stamp:
        content = json.dumps([asdict(self), LAYOUT, K1, B], sort_keys=True)
        return Stamp("retrieval", "1", hashlib.sha256(content.encode()).hexdigest())


RETRIEVAL = Retrieval()

_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]")


@dataclass(frozen=True, slots=True)
class Query:
    """A cleaned question with everything computed from it once."""

    text: str
    words: Sequence[Word]
    vector: Floats
    language: Language


@dataclass(frozen=True)
class Index:
    """Everything a search needs of one snapshot, in memory, immutable."""

    passages: Sequence[Passage]
    rows: Sequence[Row]
    matrix: Floats
    words: Lexical
    characters: Lexical
    readings: Lexical
    neighbours: Neighbours | None = None
    retrieval: Retrieval = RETRIEVAL
    _layout: _Layout = field(init=False, repr=False)
    _facets: FacetIndex = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_facets", FacetIndex(self.rows, self.matrix, len(self.passages)))
        object.__setattr__(self, "_layout", _Layout.of(self.rows, len(self.passages)))

    def search(self, query: Query, limit: int) -> tuple[tuple[Found, ...], tuple[NearUnit, ...]]:
        """The best passages and the nearest question, fact and gap units, both best first; ties in snapshot order."""
        if not self.passages:
            return (), ()
        weights = self.retrieval.weights(query.text, query.language)
        if weights.readings:
            words, word_weight = self.readings.scores(readings(query.words)), weights.readings
        else:
            words, word_weight = self.words.scores(content_words(query.words)), weights.words
        characters = self.characters.scores(grams(query.text))
        chosen = self._candidates(query.vector, words, characters)
        cosines = self._cosines(query.vector, chosen)
        dense = self._layout.dense(cosines)
        fused = (
            weights.dense * _z(dense[chosen])
            + word_weight * _z(words[chosen])
            + weights.characters * _z(characters[chosen])
        )
        best = np.argsort(-fused, kind="stable")[:limit]
        found = tuple(
            Found(
                passage=self.passages[place],
                score=float(fused[rank]),
                dense=float(dense[place]),
                words=float(words[place]),
                characters=float(characters[place]),
                units=self._units(place, cosines),
                facets=self._facets.of(place, query.vector, cosines) if order < self.retrieval.facets else None,
            )
            for order, (rank, place) in enumerate((rank, int(chosen[rank])) for rank in best)
        )
        return found, self._nearest(cosines)

    def _candidates(self, vector: Floats, *lists: Floats) -> NDArray[np.intp]:
        if self.neighbours is None or len(self.rows) <= self.retrieval.exact_up_to:
            return np.arange(len(self.passages))
        many = self.retrieval.candidates
        chosen = {self.rows[row].passage for row in self.neighbours(vector, many * 4)}
        for scores in lists:
            chosen.update(int(place) for place in np.argsort(-scores, kind="stable")[:many] if scores[place] > 0)
        return np.array(sorted(chosen), dtype=np.intp)

    def _cosines(self, vector: Floats, chosen: NDArray[np.intp]) -> Floats:
        """The cosine of every row of the chosen passages; -1 elsewhere."""
        if len(chosen) == len(self.passages):
            return _cosines(self.matrix, vector)
        wanted = np.isin(self._layout.passage, chosen)
        cosines = np.full(len(self.rows), -1.0, dtype=np.float32)
        cosines[wanted] = _cosines(self.matrix[wanted], vector)
        return cosines

    def _units(self, place: int, cosines: Floats) -> tuple[UnitScore, ...]:
        start, end = self._layout.starts[place], self._layout.starts[place + 1]
        best: dict[tuple[UnitKind, int], float] = {}
        for row, cosine in zip(self.rows[start:end], cosines[start:end].tolist(), strict=True):
            unit = (row.kind, row.index)
            best[unit] = max(cosine, best.get(unit, -1.0))
        return tuple(UnitScore(kind, index, cosine) for (kind, index), cosine in best.items())

    def _nearest(self, cosines: Floats) -> tuple[NearUnit, ...]:
        askable = self._layout.askable
        # A unit has a handful of texts, so this many rows hold more than enough units.
        many = min(self.retrieval.nearest * 16, len(askable))
        order = askable[np.argsort(-cosines[askable], kind="stable")[:many]]
        best: dict[tuple[int, UnitKind, int], float] = {}
        for place in order.tolist():
            row = self.rows[place]
            best.setdefault((row.passage, row.kind, row.index), float(cosines[place]))
        return tuple(
            NearUnit(self.passages[passage].id, UnitScore(kind, index, cosine))
            for (passage, kind, index), cosine in list(best.items())[: self.retrieval.nearest]
            if cosine > -1.0
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each passage's rows begin, and its three parts: heads, body, sentences (in this order)."""

    passage: NDArray[np.intp]
    starts: list[int]
    parts: NDArray[np.intp]  # first rows of the parts, of all passages
    owners: NDArray[np.intp]  # the passage of each part
    askable: NDArray[np.intp]

    @staticmethod
    def of(rows: Sequence[Row], passages: int) -> _Layout:
        owner = np.array([row.passage for row in rows], dtype=np.intp)
        parts = [place for place, row in enumerate(rows) if place == 0 or _part(rows[place - 1]) != _part(row)]
        kinds = {UnitKind.QUESTION, UnitKind.FACT, UnitKind.GAP}
        return _Layout(
            passage=owner,
            starts=np.searchsorted(owner, np.arange(passages + 1)).tolist(),
            parts=np.array(parts, dtype=np.intp),
            owners=owner[parts],
            askable=np.array([place for place, row in enumerate(rows) if row.kind in kinds], dtype=np.intp),
        )

    def dense(self, cosines: Floats) -> Floats:
        """The mean, over a passage's parts, of the best cosine in each."""
        best = np.maximum.reduceat(cosines, self.parts)
        count = np.bincount(self.owners, minlength=len(self.starts) - 1)
        total = np.bincount(self.owners, weights=best, minlength=len(self.starts) - 1)
        return (total / np.maximum(count, 1)).astype(np.float32)


def _part(row: Row) -> tuple[int, str]:
    return row.passage, "head" if row.kind in HEADS else row.kind


def _cosines(matrix: Floats, vector: Floats) -> Floats:
    # Not ``matrix @ vector``: BLAS starts threads of its own, and with eight callers they fight (40 ms against 1.2).
    cosines: Floats = np.einsum("ij,j->i", matrix, vector)
    return cosines


def _z(scores: Floats) -> Floats:
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros_like(scores)


def indexed_text(passage: Passage) -> str:
    """What the word, sign and reading tables see of a passage: its body and the words by which people ask for it."""
    asked = [ask for fact in passage.facts for ask in (fact.subject, *fact.asks)]
    parts = [body_text(passage), *passage.document.titles.values(), *passage.aliases, *passage.questions, *asked]
    return "\n".join(dict.fromkeys(parts))
