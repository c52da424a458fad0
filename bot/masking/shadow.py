"""Cleaning raw text, and a shadow of it to look for identifiers in.

The shadow writes full-width forms, digits of any script, kanji digits in long runs of digits and every kind of hyphen
in one way, and remembers which stretch of the text each of its characters stands for. Labels already in the text are
barriers in the shadow, so that a label is never read as the name that introduces a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.masking.spoken import KANJI_VALUES

LONGEST = 100_000  # characters; the doors accept 2,000, files and histories may bring more
BARRIER = "\ue000"  # private use: removed from every text by `clean`

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−﹣ｰ⁃➖─━"), "-") | {ord("〜"): "~"}
_DIGIT = rf"[{''.join(map(chr, KANJI_VALUES))}\d]"
_KANJI_RUN = re.compile(rf"{_DIGIT}(?:[-\s・のー]{{0,3}}+{_DIGIT}){{8,}}+")
# ①, ⑴ and the like number sections and lists; read as digits they would look like addresses.
_ENCLOSED = re.compile(r"[①-⓿❶-➓㉑-㊿]")
_PLAIN = re.compile(r"[\n -~ぁ-ゖァ-ヺ・ー、。「」々一-鿿]*")


def clean(text: str) -> str:
    """The text without control, format, surrogate and private characters, cut to ``LONGEST``, composed (NFC)."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii() or not text.isprintable():
        text = "".join(
            "\n" if character in "\u2028\u2029\x85\v\f" else character
            for character in text
            if character in "\n\t\u2028\u2029\x85\v\f" or unicodedata.category(character) not in _DROPPED
        )
    return unicodedata.normalize("NFC", text)


@dataclass(frozen=True, slots=True)
class Shadow:
    """``text`` is what recognisers read; ``starts[i]`` and ``ends[i]`` the stretch its character i stands for."""

    text: str
    starts: list[int] | range
    ends: list[int] | range


def shadow_of(text: str, labels: re.Pattern[str]) -> Shadow:
    """The shadow of a cleaned text; what ``labels`` matches becomes barriers."""
    text = labels.sub(lambda match: BARRIER * len(match.group()), text)
    if _PLAIN.fullmatch(text.replace(BARRIER, " ")):
        return Shadow(_digits(text.translate(_HYPHENS)), range(len(text)), range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        for letter in _folded(text[start:end]):
            letters.append(letter)
            starts.append(start)
            ends.append(end)
    return Shadow(_digits("".join(letters).translate(_HYPHENS)), starts, ends)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Each character with the marks that follow it (half-width voicing marks and keycaps included)."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not _is_mark(text[index]):
            yield start, index
            start = index


def _is_mark(character: str) -> bool:
    return character in "ﾞﾟ" or unicodedata.category(character)[0] == "M"


def _folded(cluster: str) -> str:
    if _ENCLOSED.match(cluster) or cluster == BARRIER:
        return cluster
    value = unicodedata.decimal(cluster[0], None)
    if value is not None:
        return str(value)
    return unicodedata.normalize("NFKC", cluster)


def _digits(text: str) -> str:
    return _KANJI_RUN.sub(lambda match: match.group().translate(KANJI_VALUES), text)
