"""What the evidence gate looks at, measured for one question and one passage. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.lexicon import CommonWords, PassageWords
from bot.questions import asks_generic_quantity, strict_slots
from bot.records import Facets, Found, Language, Passage, Question, Term, UnitKind, UnitScore
from bot.text import fold, squeeze

_JAPANESE = frozenset({Language.JA, Language.JA_EASY})
_ANSWERED = frozenset({UnitKind.QUESTION, UnitKind.FACT})
_FLOOR = 0.8  # unrelated texts lie about here with this embedding model (measured)
_CLOSE = 3  # facts that count as near
_WIDTH = 0.02  # of the kernels, a little under the usual distance of two wordings of one question
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
    ("メートル", "m"),
)
_DAY_ASKED = re.compile(r"何日(?!間)|なんにち|(?:what|which|exact) da(?:y|te)\b")
_COLOUR = re.compile(r"青|黄|赤|色|\b(?:blue|yellow|red|colou?rs?)\b|蓝|红|颜色|파란|노란|빨간|색")
_STAGE = re.compile(r"段階|ステージ|\bstages?\b|阶段|階段|단계")
_MEANING = re.compile(r"意味|とは|違い|定義|説明|レベル|扱|\bmean|\blevels?\b|含义|意思|区别|의미|뜻")
_PRODUCT = re.compile(r"[a-z][a-z0-9.+-]{2,}")  # a name in Latin letters, as products have
_NO_FACETS = Facets(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_DAY = re.compile(r"\d{1,2}月\d{1,2}日|\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts and cosines, in the order in which bot/gate.toml names them."""

    margin: float  # nearest answered question of the passage minus nearest question asked in vain
    slot_margin: float  # the same among facts and gaps of the asked kind of value
    density: float  # log odds of the two sides, every question counted by its nearness
    any_margin: float  # the margin among all passages: the nearest answered question anywhere minus the nearest gap
    any_density: float  # the log odds among the nearest units of all passages
    nearest: float  # cosine of the nearest answered question
    gap_words: float  # uncovered words that the passage knows only from what is asked in vain
    vain_words: float  # uncovered nouns by which people ask in vain elsewhere in the snapshot
    other_words: float  # uncovered nouns of which other passages speak
    new_nouns: float  # uncovered nouns that no passage knows
    new_verbs: float  # other uncovered words
    fact_cover: float  # share of the question's words (by rarity) that the nearest fact speaks of
    gap_cover: float  # the same for the nearest gap
    cover_margin: float  # the most that any fact speaks of, minus the most that any gap speaks of
    sentence: float  # cosine of the nearest sentence
    slot_match: float  # 1 where the nearest fact is of an asked kind, 0.5 where no kind is asked
    slot_missing: float  # 1 where an asked kind is none of the three nearest facts
    gap_slot: float  # 1 where, moreover, the nearest gap is of that kind
    focus: float  # 1 where the last noun of the question, what it asks about, is uncovered
    uncovered_share: float
    uncovered_weight: float  # the same share, each term weighed by its rarity
    yes_no: float
    yes_no_uncovered: float
    asked_answered: float  # what is asked, apart from its subject: how near to what this passage answers
    asked_vain: float  # to what is asked of it in vain
    asked_elsewhere: float  # to what other passages answer of their subjects
    vain_elsewhere: float  # to what is asked of theirs in vain
    vain_odds_narrow: float  # the log odds that such a thing is asked in vain, by the few nearest of all questions
    vain_odds_wide: float  # by the many

    def values(self) -> Mapping[str, float]:
        return {name: float(getattr(self, name)) for name in self.__slots__}


def uncovered_terms(question: Question, words: PassageWords) -> tuple[Term, ...]:
    """What the question speaks of and the passage does not, in order."""
    return tuple(term for term in question.terms if not words.covers(term))


def measure(
    question: Question, found: Found, near: Sequence[UnitScore], words: PassageWords, common: CommonWords
) -> Measures:
    """Measure a question against one found passage, given the nearest units of all passages, its words and those of
    the whole snapshot.
    """
    units, facts, gaps = found.units, found.passage.facts, found.passage.gaps
    uncovered = uncovered_terms(question, words)
    nouns = [term for term in uncovered if term.noun]
    elsewhere = [term for term in nouns if not _among(term, words.gaps)]
    asked = set(question.slots)
    answered = _best(units, lambda unit: unit.kind in _ANSWERED)
    gap = _best(units, lambda unit: unit.kind is UnitKind.GAP)
    slot_answered = _best(
        units,
        lambda unit: unit.kind is UnitKind.QUESTION or (unit.kind is UnitKind.FACT and facts[unit.index].slot in asked),
    )
    slot_gap = _best(units, lambda unit: unit.kind is UnitKind.GAP and gaps[unit.index].slot in asked)
    fact = _nearest(units, UnitKind.FACT)
    gap_place = _nearest(units, UnitKind.GAP)
    fact_words = words.facts[fact] if fact is not None else frozenset()
    gap_words = words.gap_units[gap_place] if gap_place is not None else frozenset()
    close = {facts[unit.index].slot for unit in _sorted(units, UnitKind.FACT)[:_CLOSE]}
    lost = set() if asks_generic_quantity(question) else asked - close
    own = [term for term in question.terms if term.noun]
    facets = found.facets or _NO_FACETS
    return Measures(
        margin=answered - gap,
        slot_margin=(slot_answered - slot_gap) if asked else (answered - gap),
        density=_mass(units, _ANSWERED) - _mass(units, frozenset({UnitKind.GAP})),
        any_margin=_best(near, lambda unit: unit.kind in _ANSWERED)
        - _best(near, lambda unit: unit.kind is UnitKind.GAP),
        any_density=_mass(near, _ANSWERED) - _mass(near, frozenset({UnitKind.GAP})),
        nearest=answered,
        gap_words=len([term for term in uncovered if _among(term, words.gaps)]),
        vain_words=len([each for each in elsewhere if _among(each, common.gaps) and not _among(each, common.said)]),
        other_words=len([each for each in elsewhere if _among(each, common.said)]),
        new_nouns=len([each for each in elsewhere if not _among(each, common.said | common.gaps)]),
        new_verbs=len(uncovered) - len(nouns),
        fact_cover=_cover(question, fact_words, common),
        gap_cover=_cover(question, gap_words, common),
        cover_margin=max((_cover(question, each, common) for each in words.facts), default=0.0)
        - max((_cover(question, each, common) for each in words.gap_units), default=0.0),
        sentence=_best(units, lambda unit: unit.kind is UnitKind.SENTENCE),
        slot_match=0.5 if not asked or fact is None else float(facts[fact].slot in asked),
        slot_missing=float(bool(lost)),
        gap_slot=float(gap_place is not None and gaps[gap_place].slot in lost),
        focus=float(bool(own) and own[-1] in uncovered),
        uncovered_share=len(uncovered) / max(1, len(question.terms)),
        uncovered_weight=_weight(uncovered, common) / max(1e-9, _weight(question.terms, common)),
        yes_no=float(question.yes_no),
        yes_no_uncovered=float(question.yes_no) * len(uncovered),
        asked_answered=facets.own_answered,
        asked_vain=facets.own_vain,
        asked_elsewhere=facets.other_answered,
        vain_elsewhere=facets.other_vain,
        vain_odds_narrow=facets.narrow,
        vain_odds_wide=facets.wide,
    )


def refusal(question: Question, passage: Passage, words: PassageWords, common: CommonWords) -> str | None:
    """The first rule by which the passage cannot state what is asked, or None.

    ``slot``: no fact of the asked kind of value; ``unit``: no figure with the asked counter; ``day``: an exact day is
    asked and none stands there; ``year``: another year is asked, or 来年度 and the like, of which it does not speak;
    ``name``: a proper name that no passage knows; ``speaker``: somebody else's opinion is asked; ``vain``: it is asked
    for in the very words of a gap; ``colour``: the colour of a stage is asked, which no text of the source holds.
    """
    day_asked = bool(_DAY_ASKED.search(fold(question.text.value)))
    strangers = [
        term
        for term in uncovered_terms(question, words)
        if (term.name or _PRODUCT.fullmatch(term.forms[0])) and not _among(term, common.said)
    ]
    rules = {
        "slot": bool(passage.facts) and lacks_slot(question, passage),
        "unit": not all(_has_unit(unit, words.stated) for unit in question.units),
        "day": day_asked and not _DAY.search(words.stated),
        "year": _other_year(question, words),
        "name": question.language in _JAPANESE and bool(strangers),
        "speaker": _other_speaker(question, passage, common),
        "vain": _asked_in_vain(question, words),
        "colour": asks_stage_colour(question),
    }
    return next((name for name, holds in rules.items() if holds), None)


def asks_stage_colour(question: Question) -> bool:
    """Whether the colour of a stage is asked or asserted. The slides show it by colour alone; their text lost it."""
    text = fold(question.text.value)
    return bool(_COLOUR.search(text) and _STAGE.search(text)) and not _MEANING.search(text)


def _other_speaker(question: Question, passage: Passage, common: CommonWords) -> bool:
    if passage.document.speaker is None:
        return False
    forms = {form for term in question.terms for form in term.forms if len(form) > 1}
    named = [
        next(iter(meant))
        for form in forms
        if len(meant := {speaker for speaker in common.speakers if form in speaker}) == 1
    ]
    return bool(named) and not any(speaker in passage.document.speaker for speaker in named)


def _asked_in_vain(question: Question, words: PassageWords) -> bool:
    if question.language in _JAPANESE:
        text = squeeze(question.text.value)
        return any(phrase in text for phrase in words.vain)
    return any(form in words.vain for term in uncovered_terms(question, words) for form in term.forms)


def _other_year(question: Question, words: PassageWords) -> bool:
    if any(year not in words.years for year in question.years):
        return True
    return any(squeeze(phrase) not in words.plain for phrase in question.relative_years)


def unknown_names(question: Question, words: PassageWords) -> tuple[Term, ...]:
    """The proper names of the question that the passage does not know, under any reading."""
    return tuple(term for term in question.terms if term.name and not words.covers(term))


def lacks_slot(question: Question, passage: Passage) -> bool:
    """Whether the asked kind of value (a date, a price, a number of people, a person …) is no fact of the passage."""
    have = {fact.slot for fact in passage.facts}
    if asks_generic_quantity(question):
        return False  # 「どのくらい」 may ask for a manner or a degree
    return any(slot not in have for slot in strict_slots(question))


def _has_unit(unit: str, text: str) -> bool:
    group = next((each for each in _UNIT_GROUPS if unit in each), (unit,))
    return bool(re.search(rf"[\d一二三四五六七八九十](?:[\d.]*)[万億千]?(?:{'|'.join(map(re.escape, group))})", text))


def _mass(units: Sequence[UnitScore], kinds: Collection[UnitKind]) -> float:
    """The logarithm of the summed kernels exp(cosine / 0.02) of all units of some kinds; a kernel density."""
    total = sum(math.exp((unit.cosine - 1.0) / _WIDTH) for unit in units if unit.kind in kinds)
    return math.log(total + math.exp((_FLOOR - 1.0) / _WIDTH))


def _sorted(units: Sequence[UnitScore], kind: UnitKind) -> list[UnitScore]:
    return sorted((unit for unit in units if unit.kind is kind), key=lambda unit: -unit.cosine)


def _nearest(units: Sequence[UnitScore], kind: UnitKind) -> int | None:
    """The index of the nearest unit of a kind."""
    best = _sorted(units, kind)
    return best[0].index if best else None


def _cover(question: Question, words: frozenset[str], common: CommonWords) -> float:
    """The share of the question's words that are among ``words``, each weighed by its rarity in the snapshot."""
    weights = [(term, common.rarity(term)) for term in question.terms]
    total = sum(weight for _, weight in weights)
    return sum(weight for term, weight in weights if _among(term, words)) / total if total else 0.0


def _weight(terms: Sequence[Term], common: CommonWords) -> float:
    return sum(common.rarity(term) for term in terms)


def _among(term: Term, words: Collection[str]) -> bool:
    return any(form in words for form in term.forms)


def _best(units: Sequence[UnitScore], wanted: Callable[[UnitScore], bool]) -> float:
    return max((unit.cosine for unit in units if wanted(unit)), default=_FLOOR)
