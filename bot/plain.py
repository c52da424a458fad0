"""What the evidence gate looks at in a passage of which no facts, gaps or questions are known: an imported original.

It has nothing but its own sentences, so the question's words and the asked kind of value are looked for in them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.lexicon import CommonWords, PassageWords
from bot.measures import uncovered_terms
from bot.questions import strict_slots
from bot.records import Found, Passage, Question, Slot, Term, UnitKind, UnitScore
from bot.text import squeeze

_HEARTS = 2
"""Sentences nearest to the question in which the asked kind of value is looked for, as the answer would show them."""
_NONE = 0.7  # under every cosine of the model in use
_NUMBER = r"[\d一二三四五六七八九十百千]"
_VALUES: Mapping[Slot, re.Pattern[str]] = {
    Slot.WHEN: re.compile(rf"{_NUMBER}(?:年|月|日|世紀|時)|令和|平成|昭和|大正|明治|\d{{4}}-\d\d"),
    Slot.DURATION: re.compile(rf"{_NUMBER}(?:時間|分|秒|日間?|年間?|[かヶ箇]月|週間|世紀)"),
    Slot.MONEY: re.compile(rf"{_NUMBER}[万億兆千]?(?:円|ドル|ユーロ|元|ポンド)|無料|有料|無償"),
    Slot.PEOPLE: re.compile(rf"{_NUMBER}[万億千]?(?:人|名)"),
    Slot.COUNT: re.compile(_NUMBER),
    Slot.SHARE: re.compile(r"\d(?:%|パーセント)|[割分]|倍"),
    Slot.SIZE: re.compile(rf"{_NUMBER}(?:キロ|メートル|センチ|ミリ|[kcm]?m|km|平方|ヘクタール|ha|度|トン|g|kg|ページ)"),
    Slot.CONTACT: re.compile(r"\d{2,4}-\d{2,4}-\d{3,4}|@|https?:|www\."),
}


@dataclass(frozen=True, slots=True)
class PlainMeasures:
    """Cosines and shares, in the order in which bot/plain_gate.toml names them."""

    sentence: float  # cosine of the nearest sentence or question of an FAQ
    second: float  # of the second nearest sentence
    body: float
    head: float  # of the title or section
    covered: float  # share of the question's words, by rarity, that the passage says
    sentence_cover: float  # the most that one sentence with its title and section says
    hearts_cover: float  # what the nearest sentences say together
    uncovered_nouns: float  # nouns of the question that the passage does not say
    held: float  # 1 where the asked kind of value stands in the nearest sentences, 0 where not, .5 where none is asked
    yes_no: float
    open: float  # 1 where no kind of value is asked

    def values(self) -> Mapping[str, float]:
        return {name: float(getattr(self, name)) for name in self.__slots__}


def is_plain(passage: Passage) -> bool:
    """Whether nothing is known of the passage but its own sentences."""
    return not passage.facts and not passage.gaps


def measure_plain(question: Question, found: Found, words: PassageWords, common: CommonWords) -> PlainMeasures:
    """Measure a question against one found passage by its own sentences."""
    sentences = _sorted(found.units, UnitKind.SENTENCE)
    asked = [unit.cosine for unit in _sorted(found.units, UnitKind.QUESTION)]
    nearest = [found.passage.sentences[unit.index] for unit in sentences[:_HEARTS]]
    head = squeeze(f"{found.passage.document.title}\n{found.passage.document.section or ''}")
    uncovered = uncovered_terms(question, words)
    return PlainMeasures(
        sentence=max([unit.cosine for unit in sentences[:1]] + asked, default=_NONE),
        second=sentences[1].cosine if len(sentences) > 1 else _NONE,
        body=_best(found.units, UnitKind.BODY),
        head=_best(found.units, UnitKind.TITLE),
        covered=1.0 - _share(question, uncovered, common),
        sentence_cover=max(_said(question, head + squeeze(each), common) for each in found.passage.sentences),
        hearts_cover=_said(question, head + squeeze("".join(nearest)), common),
        uncovered_nouns=sum(term.noun for term in uncovered),
        held=_held(question, "".join(nearest)),
        yes_no=float(question.yes_no),
        open=float(not question.slots),
    )


def lacks_value(question: Question, passage: Passage) -> bool:
    """Whether a kind of value is asked (a date, a price …) of which nothing in the passage has the form."""
    return not _held(question, passage.text)


def _held(question: Question, text: str) -> float:
    asked = [slot for slot in strict_slots(question) if slot in _VALUES]
    if not asked:
        return 0.5
    return float(any(_VALUES[slot].search(squeeze(text)) for slot in asked))


def _said(question: Question, text: str, common: CommonWords) -> float:
    """The share of the question's words, each weighed by its rarity, that a squeezed text says."""
    missing = [term for term in question.terms if not any(form in text for form in term.forms)]
    return 1.0 - _share(question, missing, common)


def _share(question: Question, terms: Sequence[Term], common: CommonWords) -> float:
    total = sum(common.rarity(term) for term in question.terms)
    return sum(common.rarity(term) for term in terms) / total if total else 0.0


def _sorted(units: Sequence[UnitScore], kind: UnitKind) -> list[UnitScore]:
    return sorted((unit for unit in units if unit.kind is kind), key=lambda unit: -unit.cosine)


def _best(units: Sequence[UnitScore], kind: UnitKind) -> float:
    return max((unit.cosine for unit in units if unit.kind is kind), default=_NONE)
