"""The patterns of danger, read once from patterns.toml, and the two ways in which text is folded for them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bot.danger.kinds import Danger
from bot.text import fold

_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SPACELESS_DROPS = re.compile(r"[\s、,。.・…「」『』\"'“”]+(?!\d)")
_NEVER = "(?!)"
_SMALL_VOWELS = str.maketrans("ぁぃぅぇぉ", "あいうえお")
# Disguises: a sign in the place of a letter (自○), a figure or a letter for a sound (4にたい, 氏にたい), signs between
# letters (死/に/た/い). 「…氏に対して」 and 「段階4にたいして」 are none.
_SELF_KILLING = re.compile(r"自[○〇◯●×✕*x]+(?=し(?:た|よ|そ|ま|て|ち)|する|を(?:考|し))")
_DYING = re.compile(
    r"(?:(?<![○〇◯●×✕*])[○〇◯●×✕*]++|(?:(?<![^\s、。.!?])|(?<=もう)|(?<=まじ)|(?<=まじで)|(?<=ほんと)|(?<=私)|(?<=俺)|(?<=僕)|(?<=早く)|(?<=はやく))"
    r"[4四氏市])(?=に(?:た[いく](?![しすおさ])|てえ))"
)
_JAPANESE = "ぁ-ゖ一-鿿々"
_BETWEEN = re.compile(rf"(?<=[{_JAPANESE}])[-/*○●◯〇_|+~^=#:;☆★♪♡]+(?=[{_JAPANESE}])")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in the two forms that patterns read."""

    spaceless: str
    spaced: str


@dataclass(frozen=True, slots=True)
class Either:
    """One pattern for each form of a text."""

    spaceless: re.Pattern[str]
    spaced: re.Pattern[str]

    def fits(self, text: Folded) -> bool:
        return bool(self.spaceless.search(text.spaceless) or self.spaced.search(text.spaced))


@dataclass(frozen=True, slots=True)
class DangerPatterns:
    """How one kind of danger is told: surely, likely, or by words that tell it only of what is here and now."""

    danger: Danger
    sure: Either
    likely: Either
    with_here: Either


@dataclass(frozen=True, slots=True)
class Reading:
    """What the patterns see in a piece of text: ``marks`` are weighed, ``danger`` is the kind if any pattern fits."""

    marks: tuple[str, ...]
    danger: Danger | None


@dataclass(frozen=True, slots=True)
class Book:
    """All patterns: kinds in the order they are tried, what marks talk about documents and policies,
    more and less strictly, and what tells that something is happening here and now.
    """

    version: str
    kinds: tuple[DangerPatterns, ...]
    about: Either
    policy: Either
    here: Either
    near: Either

    def read(self, text: Folded) -> Reading:
        """The marks ``=here``, ``=near``, ``=about``, ``=policy``; how surely the first fitting kind is told, which it
        is, and ``=alone`` where nothing speaks of documents or policies.
        """
        around = {"=here": self.here, "=near": self.near, "=about": self.about, "=policy": self.policy}
        seen = [name for name, pattern in around.items() if pattern.fits(text)]
        close = "=here" in seen or "=near" in seen
        for level, pattern_of in (("=sure", _sure), ("=likely", _likely), ("=weak", _with_here)):
            if level == "=weak" and not close:
                break
            for kind in self.kinds:
                if pattern_of(kind).fits(text):
                    alone = () if {"=about", "=policy"} & set(seen) else (f"=alone{level}",)
                    return Reading((*seen, level, f"{level}:{kind.danger}", *alone), kind.danger)
        return Reading(tuple(seen), None)


def _sure(kind: DangerPatterns) -> Either:
    return kind.sure


def _likely(kind: DangerPatterns) -> Either:
    return kind.likely


def _with_here(kind: DangerPatterns) -> Either:
    return kind.with_here


def folded(text: str) -> Folded:
    """``spaceless``: NFKC, lower case, hiragana, no white space or stops; ``spaced``: the same with single spaces.

    Small vowels become full size in both; disguised words are written out in ``spaceless``.
    """
    spaced = fold(text).replace("’", "'").translate(_KATAKANA_TO_HIRAGANA).translate(_SMALL_VOWELS)
    plain = _DYING.sub("死", _SELF_KILLING.sub("自殺", spaced))
    return Folded(_BETWEEN.sub("", _SPACELESS_DROPS.sub("", plain)), spaced)


@cache
def book() -> Book:
    """The patterns of patterns.toml. Raises KeyError or re.error if the file is not of its shape."""
    data = tomllib.loads(resources.files("bot.danger").joinpath("patterns.toml").read_text(encoding="utf-8"))
    words = data["words"]
    kinds = tuple(
        DangerPatterns(
            danger,
            Either(_compiled(data[danger.value]["sure"], words), _compiled(data[danger.value]["spaced_sure"], words)),
            Either(_compiled(data[danger.value]["likely"], words), _compiled((), words)),
            Either(_compiled(data[danger.value]["with_here"], words), _compiled((), words)),
        )
        for danger in Danger
        if danger.value in data
    )
    about, policy, here, near = (
        Either(_compiled(data[name]["spaceless"], words), _compiled(data[name]["spaced"], words))
        for name in ("about", "policy", "here", "near")
    )
    return Book(data["version"], kinds, about, policy, here, near)


def _compiled(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns) or _NEVER
    for name, word in words.items():
        joined = joined.replace(f"<{name}>", word)
    return re.compile(joined.lower().translate(_KATAKANA_TO_HIRAGANA).translate(_SMALL_VOWELS))
