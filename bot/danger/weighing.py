"""How strongly a piece of text tells of danger: a sum of weights that can be read one by one (weights.tsv).

The weights were fitted on sentences of danger and on such as only look like it (tests/calibration/fit_danger.py). What
is weighed: what the patterns see, families of words and pairs of them, short runs of letters. No model, no network.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

from bot.danger.kinds import Danger
from bot.danger.patterns import Reading, book, folded
from bot.danger.pieces import WHOLE, sentences
from bot.danger.words import families_in, letters, lexicon, runs, told_by

MARK, FAMILY, PAIR = 0.5, 0.3, 0.17
"""How much one mark of the patterns, one family, one pair of families counts, beside a weight of one."""

FEWEST = 12
"""Runs of letters count less the more there are; below this many, as if there were so many."""

READ_BY_PATTERNS = 4
_CLEAR = 0.5
_OUTRIGHT = {"=sure:self_harm", "=alone=sure"}
"""Somebody says outright that they want to die, beside nothing of documents: that is enough, whatever else weighs."""


@dataclass(frozen=True, slots=True)
class Weights:
    """``start`` and ``limit``: where the sum begins and what it has to reach. ``of`` and ``kinds`` are by sign."""

    version: str
    start: float
    limit: float
    of: Mapping[str, float]
    kinds: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The piece of a text that tells most of danger, and how much of it."""

    strength: float
    danger: Danger


@cache
def weights() -> Weights:
    """The weights of weights.tsv and kinds.tsv. Raises ValueError or KeyError if a file is not of its shape."""
    of = {sign: float(weight) for sign, weight in _table("weights.tsv")}
    kinds = {sign: tuple(float(each) for each in row) for sign, *row in _table("kinds.tsv")}
    named = {name: of.pop(f"!{name}") for name in ("version", "start", "limit")}
    return Weights(f"{named['version']:g}", named["start"], named["limit"], of, kinds)


def _table(name: str) -> Iterable[list[str]]:
    lines = resources.files("bot.danger").joinpath(name).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines if not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, two in a row, or a whole text that is not long: its text and what it is made of."""

    text: str
    found: frozenset[str]


def pieces(text: str) -> list[Piece]:
    """What of a text is weighed, the whole first where it is not long. Each sentence is taken apart once."""
    one_by_one = [Piece(each, frozenset(runs(each))) for each in sentences(text)]
    if len(one_by_one) < 2:
        return one_by_one
    pairs = [_together(two) for two in pairwise(one_by_one)]
    whole = [_together(one_by_one)] if len(text) <= WHOLE else []
    return [*whole, *one_by_one, *pairs]


def _together(parts: Sequence[Piece]) -> Piece:
    return Piece(" ".join(part.text for part in parts), frozenset().union(*(part.found for part in parts)))


def context_of(parts: Sequence[Piece]) -> frozenset[str]:
    """What holds for every piece of a text: that it is long ago, a story, the news, a joke, a drill."""
    return families_in(run for part in parts for run in part.found) & lexicon().context


def signs_of(piece: Piece, context: frozenset[str]) -> dict[str, float]:
    """Every sign of a piece of text but those of the patterns, and how much it counts."""
    alone = letters(piece.found)
    share = 1 / math.sqrt(max(len(alone), FEWEST))
    told = told_by(families_in(piece.found), context)
    return dict.fromkeys(alone, share) | {sign: PAIR if "&" in sign else FAMILY for sign in told}


def weigh(text: str) -> Weighed | None:
    """The strongest piece of a text, whatever it reaches; None for a text without letters.

    Only the pieces whose words tell most are read by the patterns as well.
    """
    known = weights()
    parts = pieces(text)
    context = context_of(parts)
    tried = []
    for place, piece in enumerate(parts):
        signs = signs_of(piece, context)
        tried.append((-sum(known.of.get(sign, 0.0) * count for sign, count in signs.items()), place, signs))
    best: Weighed | None = None
    for untold, place, signs in sorted(tried, key=lambda each: each[:2])[:READ_BY_PATTERNS]:
        reading = book().read(folded(parts[place].text))
        strength = known.start - untold + sum(MARK * known.of.get(mark, 0.0) for mark in reading.marks)
        if not context and set(reading.marks) >= _OUTRIGHT:
            strength = max(strength, known.limit)
        if best is None or strength > best.strength:
            best = Weighed(strength, _kind_of(reading, signs))
    return best


def _kind_of(reading: Reading, signs: Mapping[str, float]) -> Danger:
    """The kind that a sure pattern names, else the likeliest by its words, or UNCLEAR where none is likely."""
    if reading.danger and "=sure" in reading.marks:
        return reading.danger
    known = [danger for danger in Danger if danger is not Danger.UNCLEAR]
    sums = list(weights().kinds["!start"])
    for sign, count in signs.items():
        for place, weight in enumerate(weights().kinds.get(sign, ())):
            sums[place] += weight * count
    highest = max(sums)
    shares = [math.exp(each - highest) for each in sums]
    if max(shares) / sum(shares) >= _CLEAR:
        return known[sums.index(highest)]
    return reading.danger or Danger.UNCLEAR
