"""Everything in the rooms that the pattern clock times which reads a question, as functions of the text alone."""

from __future__ import annotations

from collections.abc import Callable

from bot import cues, disguise, text
from bot.assessment import consider, is_answer, is_plan
from bot.confidential import marks
from bot.danger import recognise
from bot.introductions import asked_in
from bot.masking import clean, mask
from bot.parting import parted
from bot.records import DeskName, Word
from bot.rules import rules_of
from bot.spelled import Spelled, spelling_of

_RULES = [rule for desk in DeskName for rule in rules_of(desk).rules]


def _all_rules(question: str) -> list[bool]:
    return [rule.fits(question) for rule in _RULES]


def _asked_in(question: str) -> object:
    return asked_in(mask(question))


def _marks(question: str) -> object:
    return marks(mask(question))


def _planned(question: str) -> object:
    masked = mask(question)
    return is_plan(masked), is_answer(masked), consider(masked)


def _parted(question: str) -> object:
    return parted(mask(question), rules_of(DeskName.PUBLIC))


_SPELLING = spelling_of(
    [
        [
            Spelled("法律", "ホウリツ", sliced=False),
            Spelled("国立", "コクリツ", sliced=False),
            Spelled("日", "ニチ", sliced=False),
        ]
    ],
    lambda kanji: {"国": "コク", "法": "ホウ"}.get(kanji, kanji),
)


def _spelled(question: str) -> object:
    signs = [Word(sign, sign, sign, "名詞", "普通名詞") for sign in question]
    return _SPELLING.edits(question, signs, frozenset())


READERS: tuple[Callable[[str], object], ...] = (
    mask,
    clean,
    recognise,
    _asked_in,
    _marks,
    _planned,
    cues.cues_of,
    text.fold,
    text.squeeze,
    text.language_of,
    text.is_kana_only,
    text.figures,
    text.years,
    text.ordinals,
    _all_rules,
    _parted,
    disguise.readings,
    disguise.tight,
    _spelled,
)
