"""What the evidence gate looks at, measured for one question and one passage. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.lexicon import CommonWords, PassageWords
from bot.questions import asks_generic_quantity, strict_slots
from bot.records import Fact, Gap, Passage, Question, Slot, UnitKind, UnitScore
from bot.text import fold, squeeze, years

_ANSWERED = frozenset({UnitKind.QUESTION, UnitKind.FACT})
_FLOOR = 0.8  # unrelated texts lie about here with this embedding model (measured)
_UNIT_GROUPS = (
    ("か所", "ヶ所", "箇所", "カ所", "区域"),
    ("%", "パーセント", "割"),
    ("円", "億円", "万円"),
    ("人", "名"),
    ("か月", "ヶ月", "箇月"),
    ("歳", "才"),
    ("ページ", "頁"),
    ("か国", "ヵ国", "カ国"),
    ("語", "か国語", "カ国語"),
    ("件", "件数"),
    ("回", "度"),
    ("個", "項目", "種類", "つ", "点", "本"),
    ("キロ", "km"),
)
_DAY_ASKED = re.compile(r"何日(?!間)|なんにち|(?:what|which|exact) da(?:y|te)\b")
_DAY = re.compile(r"\d{1,2}月\d{1,2}日|\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts and cosines, in the order in which bot/gate.toml names them."""

    margin: float  # nearest answered question of the passage minus nearest question asked in vain
    slot_margin: float  # the same among facts and gaps of the asked kind of value
    nearest: float  # cosine of the nearest answered question
    gap_words: float  # uncovered words that the passage knows only from what is asked in vain
    vain_words: float  # uncovered nouns by which people ask in vain elsewhere in the snapshot
    other_words: float  # uncovered nouns of which other passages speak
    new_nouns: float  # uncovered nouns that no passage knows
    new_verbs: float  # other uncovered words
    focus: float  # 1 where the last noun of the question, what it asks about, is uncovered
    uncovered_share: float
    yes_no: float
    yes_no_uncovered: float

    def values(self) -> Mapping[str, float]:
        return {name: float(getattr(self, name)) for name in self.__slots__}


def uncovered_words(question: Question, words: PassageWords) -> tuple[str, ...]:
    """The content words of the question of which the passage does not speak, in order."""
    pairs = zip(question.words, question.readings, strict=True)
    return tuple(word for word, reading in pairs if not words.covers(word, reading))


def measure(
    question: Question,
    units: Sequence[UnitScore],
    facts: Sequence[Fact],
    gaps: Sequence[Gap],
    words: PassageWords,
    common: CommonWords,
) -> Measures:
    """Measure a question against one passage, given as its units' cosines, facts, gaps and words."""
    uncovered = uncovered_words(question, words)
    nouns = [word for word in uncovered if word in question.nouns]
    elsewhere = [word for word in nouns if word not in words.gaps]
    asked = set(question.slots)
    answered = _best(units, lambda unit: unit.kind in _ANSWERED)
    gap = _best(units, lambda unit: unit.kind is UnitKind.GAP)
    slot_answered = _best(
        units,
        lambda unit: unit.kind is UnitKind.QUESTION
        or (unit.kind is UnitKind.FACT and facts[unit.index].slot in asked),
    )
    slot_gap = _best(units, lambda unit: unit.kind is UnitKind.GAP and gaps[unit.index].slot in asked)
    own = [word for word in question.words if word in question.nouns]
    return Measures(
        margin=answered - gap,
        slot_margin=(slot_answered - slot_gap) if asked else (answered - gap),
        nearest=answered,
        gap_words=len([word for word in uncovered if word in words.gaps]),
        vain_words=len([word for word in elsewhere if word in common.gaps and word not in common.said]),
        other_words=len([word for word in elsewhere if word in common.said]),
        new_nouns=len([word for word in elsewhere if word not in common.said and word not in common.gaps]),
        new_verbs=len(uncovered) - len(nouns),
        focus=float(bool(own) and own[-1] in uncovered),
        uncovered_share=len(uncovered) / max(1, len(question.words)),
        yes_no=float(question.yes_no),
        yes_no_uncovered=float(question.yes_no) * len(uncovered),
    )


def refusal(question: Question, passage: Passage, words: PassageWords) -> str | None:
    """The first rule by which the passage cannot state what is asked, or None.

    ``slot``: no fact of the asked kind of value; ``unit``: no figure with the asked counter; ``day``: an exact day is
    asked and none stands there; ``year``: another year is asked, or 来年度 and the like that it does not say; ``name``: a proper name it does not know.
    """
    text = squeeze(passage.text)
    if passage.facts and lacks_slot(question, passage):
        return "slot"
    if not all(_has_unit(unit, text) for unit in question.units):
        return "unit"
    if _DAY_ASKED.search(fold(question.text.value)) and not _DAY.search(text):
        return "day"
    known_years = {*years(passage.text), *years(passage.document.as_of), *years(words.plain)}
    if any(year not in known_years for year in question.years):
        return "year"
    if any(squeeze(phrase) not in words.plain for phrase in question.relative_years):
        return "year"
    if unknown_names(question, words):
        return "name"
    return None


def unknown_names(question: Question, words: PassageWords) -> tuple[str, ...]:
    """The proper names of the question that the passage does not know, under any reading."""
    reading = dict(zip(question.words, question.readings, strict=True))
    return tuple(name for name in question.names if not words.covers(name, reading.get(name, "")))


def lacks_slot(question: Question, passage: Passage) -> bool:
    """Whether the asked kind of value (a date, a price, a number of people, a person …) is no fact of the passage."""
    have = {fact.slot for fact in passage.facts}
    if passage.document.speaker:
        have.add(Slot.WHO)
    if asks_generic_quantity(question):
        return not have & set(question.slots)
    return any(slot not in have for slot in strict_slots(question))


def _has_unit(unit: str, text: str) -> bool:
    group = next((each for each in _UNIT_GROUPS if unit in each), (unit,))
    return bool(re.search(rf"[\d一二三四五六七八九十](?:[\d.]*)[万億千]?(?:{'|'.join(map(re.escape, group))})", text))


def _best(units: Sequence[UnitScore], wanted: Callable[[UnitScore], bool]) -> float:
    return max((unit.cosine for unit in units if wanted(unit)), default=_FLOOR)
