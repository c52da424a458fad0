"""The evidence gate: is what was asked for stated in what was found? If not, the reply abstains.

It looks at the best passage. Rules that can be read come first (the asked kind of value, counter, year, name must be
there); then a fitted weighing of how much nearer the question is to what the passage answers than to what is asked of
it in vain. All figures stand in bot/gate.toml with the version that is stamped into every record.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from bot.lexicon import CommonWords, PassageWords
from bot.questions import asks_generic_quantity, strict_slots
from bot.records import Fact, Found, Language, Passage, Question, Stamp, UnitKind
from bot.text import squeeze

_POSITIVE = frozenset({UnitKind.QUESTION, UnitKind.FACT})
_FLOOR = 0.8  # unrelated texts lie about here with this embedding model (measured)


@dataclass(frozen=True, slots=True)
class Measures:
    """What the weighing looks at, for one question and one passage. All are counts or cosines."""

    margin: float  # nearest answered question of the passage minus nearest question asked in vain
    slot_margin: float  # the same among facts and gaps of the asked kind of value
    nearest: float
    gap_words: float  # words of the question that the passage only knows from its gaps
    vain_words: float  # uncovered nouns by which people ask in vain elsewhere in the snapshot
    other_words: float  # uncovered nouns of which other passages speak
    new_nouns: float  # uncovered nouns that no passage knows
    new_verbs: float  # other uncovered words
    uncovered_share: float
    yes_no: float
    yes_no_uncovered: float
    missing_slot: float

    def values(self) -> Mapping[str, float]:
        return {name: float(getattr(self, name)) for name in self.__slots__}


def uncovered_words(question: Question, words: PassageWords) -> tuple[str, ...]:
    """The content words of the question of which the passage does not speak, in order."""
    pairs = zip(question.words, question.readings, strict=True)
    return tuple(word for word, reading in pairs if not words.covers(word, reading))


def measure(
    question: Question,
    cosines: Sequence[tuple[UnitKind, int, float]],
    facts: Sequence[Fact],
    gap_slots: Sequence[object],
    words: PassageWords,
    common: CommonWords,
) -> Measures:
    """Work the measures out. ``cosines`` are (unit kind, index, cosine) of the passage's question, fact, gap units."""
    uncovered = uncovered_words(question, words)
    nouns = [word for word in uncovered if word in question.nouns]
    gap_words = [word for word in uncovered if word in words.gaps]
    vain = [word for word in nouns if word in common.gaps and word not in common.said and word not in words.gaps]
    other = [word for word in nouns if word in common.said and word not in words.gaps]
    new = [word for word in nouns if word not in common.said and word not in common.gaps]
    asked = set(question.slots)
    positive = _best(cosines, lambda kind, _: kind in _POSITIVE)
    gap = _best(cosines, lambda kind, _: kind is UnitKind.GAP)
    slot_positive = _best(
        cosines,
        lambda kind, index: kind is UnitKind.QUESTION or (kind is UnitKind.FACT and facts[index].slot in asked),
    )
    slot_gap = _best(cosines, lambda kind, index: kind is UnitKind.GAP and gap_slots[index] in asked)
    return Measures(
        margin=positive - gap,
        slot_margin=(slot_positive - slot_gap) if asked else (positive - gap),
        nearest=positive,
        gap_words=len(gap_words),
        vain_words=len(vain),
        other_words=len(other),
        new_nouns=len(new),
        new_verbs=len(uncovered) - len(nouns),
        uncovered_share=len(uncovered) / max(1, len(question.words)),
        yes_no=float(question.yes_no),
        yes_no_uncovered=float(question.yes_no) * len(uncovered),
        missing_slot=float(lacks_slot(question, facts)),
    )


def lacks_slot(question: Question, facts: Sequence[Fact]) -> bool:
    """Whether the asked kind of value (a date, a price, a number of people, a person …) is no fact of the passage."""
    have = {fact.slot for fact in facts}
    if asks_generic_quantity(question):
        return not have & set(question.slots)
    return any(slot not in have for slot in strict_slots(question))


def _best(
    cosines: Sequence[tuple[UnitKind, int, float]], wanted: Callable[[UnitKind, int], bool]
) -> float:
    return max((cosine for kind, index, cosine in cosines if wanted(kind, index)), default=_FLOOR)
