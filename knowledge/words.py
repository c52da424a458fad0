"""What an index takes from words and signs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.records import Word

_CONTENT = frozenset({"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞", "連体詞", "感動詞"})
_EMPTY_DETAILS = frozenset({"非自立可能", "数詞接尾"})
_EMPTY_VERBS = frozenset(
    {"為る", "居る", "有る", "成る", "出来る", "御座る", "無い", "言う", "呉れる", "下さる", "貰う"}
)

_KANA_ONLY = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\s、。，．・!?！？,.「」『』()〜~ー…]+")
_HIRAGANA = re.compile(r"[\u3041-\u309f]")
_NOT_LETTERS = re.compile(r"[\W_]+")
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


def content_words(words: Iterable[Word]) -> list[str]:
    """Normalised forms, lower case, of the words that carry meaning, in order, repetitions kept."""
    return [word.normal.lower() for word in words if is_content(word)]


def is_content(word: Word) -> bool:
    """Whether a word says what a text is about (not a particle, auxiliary, symbol or helping verb)."""
    if word.part not in _CONTENT or not _NOT_LETTERS.sub("", word.normal):
        return False
    return not (word.detail in _EMPTY_DETAILS and word.normal in _EMPTY_VERBS)


def grams(text: str, sizes: Sequence[int] = (1, 2)) -> list[str]:
    """Runs of 1 and 2 signs of cleaned text, lower case, without white space and punctuation."""
    found: list[str] = []
    for run in _NOT_LETTERS.split(text.lower()):
        for size in sizes:
            found.extend(run[start : start + size] for start in range(len(run) - size + 1))
    return found


def is_kana_only(text: str) -> bool:
    """Whether a cleaned text is written in kana alone, as children and hurried people do; some of it hiragana."""
    return bool(_HIRAGANA.search(text)) and _KANA_ONLY.fullmatch(text) is not None


def readings(words: Iterable[Word]) -> list[str]:
    """Katakana readings of the content words, and runs of 2 and 3 signs of the whole reading.

    A text in kana is cut into other words than the same text with kanji; the runs meet where the words do not.
    """
    spoken = [word.reading.translate(_TO_KATAKANA) for word in words if is_content(word)]
    return [*spoken, *grams("".join(spoken), (2, 3))]
