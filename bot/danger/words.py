"""What a piece of text is made of, for weighing: short runs of letters, families of words, and pairs of families.

Families and the simplified forms of characters stand in families.toml. Everything is a look-up: the time it takes
grows with the length of the text alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import combinations, pairwise

from bot.danger.patterns import folded

LONGEST_RUN = 4
"""Runs of one to four letters are weighed; families know words of up to ``_LONGEST_WORD``."""

_LONGEST_WORD = 5
_SPACELESS_LETTERS = re.compile(r"[ぁ-ゖー一-鿿㐀-䶿가-힣ᄀ-ᇿ0?!~〇○●×]+")
_SLIPS = re.compile(r"(?<=[ぁ-ゖ])[a-z]{1,2}(?![a-z])")
"""Letters that a slip of the fingers left among kana (たすkて)."""

_WORDS = re.compile(r"[a-z']+|[0?!]")
_FIGURES = re.compile(r"\d+")
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``families``: the families of a word; ``context``: those that hold for the whole text."""

    families: Mapping[str, tuple[str, ...]]
    context: frozenset[str]
    simplified: Mapping[int, int]


@cache
def lexicon() -> Lexicon:
    """The word families of families.toml. Raises KeyError if the file is not of its shape."""
    data = tomllib.loads(resources.files("bot.danger").joinpath("families.toml").read_text(encoding="utf-8"))
    signs = data["simplified"]
    traditional, simplified = ("".join(signs[name].split()) for name in ("traditional", "simplified"))
    table = dict(zip(map(ord, traditional), map(ord, simplified), strict=True))
    families: dict[str, tuple[str, ...]] = {}
    for name, words in data["families"].items():
        for word in words.split():
            key = _key(word, table)
            families[key] = (*families.get(key, ()), name)
    return Lexicon(families, frozenset(data["context"]), table)


def _key(word: str, table: Mapping[int, int]) -> str:
    """A word of a family as :func:`runs` names it."""
    if word.startswith("b:"):
        return word.replace("_", " ")
    plain = _FIGURES.sub("0", folded(word).spaceless.translate(table))
    return f"w:{plain}" if _LATIN.match(plain) else plain


def runs(text: str) -> set[str]:
    """Runs of one to five letters of scripts without spaces (^ and $ at the ends); words, and two and three in a
    row, of Latin ones (``w:``, ``b:``, ``t:``) with the beginnings of longer words (``p:``); figures are 0.
    """
    seen = folded(text)
    table = lexicon().simplified
    found: set[str] = set()
    plain = _SLIPS.sub("", _FIGURES.sub("0", seen.spaceless.translate(table)))
    for piece in _SPACELESS_LETTERS.findall(plain):
        whole = f"^{piece}$"
        for size in range(1, _LONGEST_WORD + 1):
            found.update(whole[start : start + size] for start in range(len(whole) - size + 1))
    if _LATIN.search(seen.spaced):
        found.update(_latin(_WORDS.findall(_FIGURES.sub("0", seen.spaced))))
    return found


def _latin(words: list[str]) -> Iterable[str]:
    line = ["^", *words, "$"]
    yield from (f"w:{word}" for word in line)
    yield from (f"b:{one} {two}" for one, two in pairwise(line))
    yield from (f"t:{one} {two} {three}" for one, two, three in zip(line, line[1:], line[2:], strict=False))
    for word in words:
        if len(word) > LONGEST_RUN:
            yield from (f"p:{word[:4]}", f"p:{word[:5]}")


def families_in(found: Iterable[str]) -> frozenset[str]:
    """The families that have a word among the runs of a text."""
    known = lexicon().families
    return frozenset(name for run in found for name in known.get(run, ()))


def letters(found: Iterable[str]) -> list[str]:
    """The runs that are weighed by themselves."""
    return [run for run in found if len(run) <= LONGEST_RUN or run[1:2] == ":"]


def told_by(families: frozenset[str], context: frozenset[str]) -> list[str]:
    """``@family``, ``@one&other`` for each pair, ``^family`` for what holds for the whole text."""
    names = sorted(families)
    alone = [f"@{name}" for name in names]
    pairs = [f"@{one}&{other}" for one, other in combinations(names, 2)]
    return [*alone, *pairs, *(f"^{name}" for name in sorted(context))]
