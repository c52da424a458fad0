"""The numbers that Word shows before headings and stores nowhere: 「1.1」, 「第2章」 (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from knowledge.loading.wordstyles import value

_LEVELS = 9
_KANJI = "〇一二三四五六七八九"
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class _Level:
    text: str
    form: str
    start: int


@dataclass(slots=True)
class Numbers:
    """Counts as Word counts; every numbered paragraph must pass through ``next``, in order."""

    levels: Mapping[str, tuple[str, tuple[_Level, ...]]]  # list -> the definition it shares counts with, its levels
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    def next(self, numbering: tuple[str, int] | None) -> str:
        """The number of the next paragraph of this list and level; "" where it has none or one of an unknown form."""
        if numbering is None or numbering[0] not in self.levels:
            return ""
        shared, levels = self.levels[numbering[0]]
        place = numbering[1]
        if place >= len(levels):
            return ""
        counts = self._counts.setdefault(shared, [None] * _LEVELS)
        last = counts[place]
        counts[place] = levels[place].start if last is None else last + 1
        counts[place + 1 :] = [None] * (_LEVELS - place - 1)
        return _shown(levels, counts, place)


def read_numbers(root: Element | None) -> Numbers:
    """The lists of ``numbering.xml``."""
    if root is None:
        return Numbers({})
    shared = {
        str(node.get(qn("w:abstractNumId"))): tuple(_level(level) for level in node.iterchildren(qn("w:lvl")))[:_LEVELS]
        for node in root.iterchildren(qn("w:abstractNum"))
    }
    lists = {
        str(node.get(qn("w:numId"))): value(node, qn("w:abstractNumId")) or ""
        for node in root.iterchildren(qn("w:num"))
    }
    return Numbers({key: (target, shared[target]) for key, target in lists.items() if target in shared})


def _level(node: Element) -> _Level:
    start = value(node, qn("w:start")) or "1"
    return _Level(
        text=value(node, qn("w:lvlText")) or "",
        form=value(node, qn("w:numFmt")) or "decimal",
        start=int(start) if start.isdecimal() else 1,
    )


def _shown(levels: tuple[_Level, ...], counts: list[int | None], place: int) -> str:
    def written(match: re.Match[str]) -> str:
        level = int(match[1]) - 1
        if level >= len(levels):
            return ""
        count = counts[level]
        form = _FORMS.get(levels[level].form)
        return form(levels[level].start if count is None else count) if form else ""

    text = levels[place].text
    if levels[place].form not in _FORMS or "%" not in text:
        return ""
    return re.sub(r"%([1-9])", written, text).strip()


def _kanji(number: int) -> str:
    if number < 10:
        return _KANJI[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _KANJI[min(tens, 9)]) + "十" + (_KANJI[ones] if ones else "")


def _roman(number: int) -> str:
    text = ""
    for amount, sign in _ROMAN:
        while number >= amount and number < 40:
            text += sign
            number -= amount
    return text


def _letter(number: int) -> str:
    return chr(ord("A") + (number - 1) % 26)


_FORMS: Mapping[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": str,
    "decimalFullWidth2": str,
    "decimalHalfWidth": str,
    "decimalEnclosedCircle": lambda number: chr(0x2460 + number - 1) if 1 <= number <= 20 else str(number),
    "upperRoman": _roman,
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "aiueo": lambda number: _KANA[(number - 1) % len(_KANA)],
    "aiueoFullWidth": lambda number: _KANA[(number - 1) % len(_KANA)],
    "japaneseCounting": _kanji,
    "japaneseDigitalTenThousand": _kanji,
    "ideographDigital": _kanji,
    "chineseCounting": _kanji,
}
