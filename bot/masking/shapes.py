"""What a recogniser is, and the fragments that patterns of several kinds share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.masking.checks import Check

# Signs between groups of digits: narrow where only a name introduces the number, wide where a check digit, a leading
# zero or the grouping itself speaks for it.
NARROW = r"[\s\-.・ー_]{0,3}+"
WIDE = r"[\s\-.・ー)(の_/|、,~=:*;#…]{0,4}+"
GAP = r"[^\d\ue000]{0,14}?"  # between a number's name and the number
BETWEEN = r"[^\d\ue000]{1,12}"  # between pieces of a number that somebody tells one by one
NUMBER = rf"\d(?:{WIDE}\d)"
KANJI = "一-鿿々ヶ﨎-﨩𠀀-𪛟"  # with the variant forms of names (﨑, 𠮷)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind of personal data, the pattern and the check of what the pattern finds."""

    kind: str
    pattern: re.Pattern[str]
    check: Check


def recogniser(kind: str, pattern: str, check: Check) -> Recogniser:
    return Recogniser(kind, re.compile(pattern, re.IGNORECASE), check)


def named(names: str, number: str) -> str:
    """A pattern for a number that one of its own names introduces."""
    return rf"(?:{names}){GAP}(?P<it>{number})(?!\d)"


def in_pieces(names: str, *groups: str) -> str:
    """A pattern for a number told in pieces (最初が1234、次が5678) after one of its names."""
    return named(names, BETWEEN.join(groups))


def always(match: re.Match[str]) -> bool:
    return bool(match.group("it"))
