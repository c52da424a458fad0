"""Digits as they are read aloud or written out, in either kana, kanji and figures, one after another."""

from __future__ import annotations

import re

# Atomic: 「にい」 and 「に、」 could otherwise be read in two ways each, and reading would double with every unit.
_KANA = (
    r"[ぜゼ][ろロ]|[れレ][いイ]|[まマ][るル]|[いイ][ちチ]|[にニ](?:[いイー](?![ちチ]))?|[さサ][んン]|[よヨ][んンー]"
    r"|[しシ][ちチ]?|[ごゴ][おオうウー]?|[ろロ][くクッ]|[なナ][なナ]|[はハ][ちチ]|[きキ][ゅュ][うウー]?|[くク]"
)
_KANJI = "〇○零一二三四五六七八九壱弐参肆伍陸漆捌玖壹貳參"
UNIT = re.compile(rf"(?>{_KANA}|[{_KANJI}]|\d)")
_ZERO = r"(?>[ぜゼ][ろロ]|[れレ][いイ]|[まマ][るル]|[〇○零0])"
_BETWEEN = r"[\s\-ー、,.・の/_]{0,4}+"

# 「に」 at the end after white space is rather the particle of 「… に でんわ」.
KANA_RUN = rf"(?!\d{{12}})(?P<it>(?:{UNIT.pattern}{_BETWEEN}){{8,40}}(?!(?<=[\s、])[にニ](?![いイー])){UNIT.pattern})"
MOBILE = rf"(?<!\d)(?P<it>{_ZERO}{_BETWEEN}{UNIT.pattern}{_BETWEEN}{_ZERO}(?:{_BETWEEN}{UNIT.pattern}){{8}})(?!\d)"
LANDLINE = rf"(?<!\d)(?P<it>{_ZERO}(?:{_BETWEEN}{UNIT.pattern}){{9}})(?!\d)"

KANJI_VALUES = str.maketrans("〇○零一二三四五六七八九壱弐参肆伍陸漆捌玖壹貳參", "000123456789123456789123")
_VALUES = {"ぜ": "0", "れ": "0", "ま": "0", "い": "1", "に": "2", "さ": "3", "よ": "4", "ご": "5", "ろ": "6", "な": "7"}
_VALUES |= {"は": "8", "き": "9", "く": "9", "しち": "7", "し": "4"}
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def units(text: str) -> list[str]:
    """The digits of a stretch of text, each as it is spelled there."""
    return UNIT.findall(text)


def value(unit: str) -> str:
    """The figure that a unit stands for."""
    if unit.isdigit():
        return unit
    kana = unit.translate(_TO_HIRAGANA)
    return _VALUES.get(kana) or _VALUES.get(kana[0]) or unit.translate(KANJI_VALUES)
