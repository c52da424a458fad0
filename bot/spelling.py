"""From kana and mistyped signs to the words that the documents write: 「よさん」 「よ算」 to 予算, 「法立」 to 法律.

Pure. A word is never guessed: what is written must sound like a word of the documents. Kana alone is cut so that words
and particles cover as much of it as they can; beside kanji only what is no word is respelled, and only into a word of
two kanji that keeps one of them in its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import NamedTuple

from bot.records import Stamp, Word
from bot.text import is_kana_only

Edit = tuple[int, int, str]
"""Where in a text a stretch begins and ends, and what is to stand there."""

_KANJI = re.compile(r"[㐀-鿿々]")
_HIRAGANA = re.compile(r"[ぁ-ゖ][ぁ-ゖー]*")
_RUN = re.compile(r"[ぁ-ゖ][ぁ-ゖー]*+(?: [ぁ-ゖ][ぁ-ゖー]*+)*+")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_MASKED = re.compile(r"〈[^〈〉]*+〉")
_GAP = re.compile(
    r"(?<=[ぁ-ヿ㐀-鿿、。「」]) +(?=[ぁ-ヿ㐀-鿿「」0-9０-９a-zA-Z])|(?<=[0-9０-９a-zA-Z]) +(?=[ぁ-ヿ㐀-鿿「」])"
)
_LONG = re.compile(r"[ーッ]")
_NEVER_FIRST = frozenset("っゃゅょぁぃぅぇぉんー")
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
LONGEST = 14  # signs of a reading
_SHORTEST_LONG_WORD = 4  # signs of katakana without long vowels; ビール and ビル are two words
_WORD_COST, _SHORT_WORD_COST, _PARTICLE_COST, _SIGN_COST = 1.0, 1.6, 0.3, 1.0
_SHORT = 2


@dataclass(frozen=True, slots=True)
class _Table:
    """bot/spelling.toml. ``counting`` finds asking words, counters behind なん and digits, and だい before digits."""

    particles: frozenset[str]
    endings: frozenset[str]
    counted: Mapping[str, str]
    counting: re.Pattern[str]
    stamp: Stamp


@cache
def _table() -> _Table:
    raw = resources.files("bot").joinpath("spelling.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    counters, asking = ("|".join(sorted(data[name], key=len, reverse=True)) for name in ("counted", "asking"))
    return _Table(
        frozenset(data["particles"].split()),
        frozenset(data["endings"].split()),
        {**data["asking"], **data["counted"]},
        re.compile(  # 「なんだい？」 asks what it is, no number of machines
            rf"(?:(?<![ぁ-ゖ])|(?<=ねん)|(?<=がつ))(なん)({counters})(?!(?<=だい)(?:[よ?？。]|$))"
            rf"|(?<=[0-9０-９])({counters})"
            rf"|(?<![ぁ-ゖ])({asking})(?!か|も|て|で(?!す|し)|とか|[げゃゅょ])"
            r"|(?<![ぁ-ゖ])(だい)(?=[0-9０-９])"
        ),
        Stamp("spelling", data["version"], sha256(raw).hexdigest()),
    )


def stamp() -> Stamp:
    """Version and digest of the words around words, for the record of every exchange they shaped."""
    return _table().stamp


class _Stand(Enum):
    """What stands before a place in a run of kana."""

    START = auto()
    WORD = auto()
    SHORT = auto()  # a word of two kana or one kanji, which is none if another word touches it
    PARTICLE = auto()
    SHORT_PARTICLE = auto()  # a particle behind such a word: no loose signs may follow
    LOOSE = auto()  # signs of no known word


class _Way(NamedTuple):
    """How dearly a place is reached, and the last word on the way with the way before it."""

    cost: float
    last: tuple[Edit, _Way] | None = None


@dataclass(frozen=True, slots=True)
class Spelling:
    """The words of a snapshot by their sound. ``sounds`` of single kanji are those by which its words are read."""

    by_reading: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)  # words of two kanji, by each
    sounds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    long_words: Mapping[str, str] = field(default_factory=dict)  # katakana by what is left without long vowels
    surfaces: frozenset[str] = frozenset()

    def edits(self, text: str, words: Sequence[Word], said: frozenset[str]) -> tuple[Edit, ...]:
        """What to write otherwise in a Japanese text so that it says its words as the documents do, in order.

        ``words`` are its morphemes, ``said`` the normalised words that the documents say.
        """
        places, kana = _places(text, words), is_kana_only(text)
        found = [*(self._of_kana(text) if kana else self._of_pairs(text, places, said))]
        found += self._of_katakana(places, said)
        if found and kana:
            within = {place for start, end, _ in found for place in range(start, end)}
            found += [(gap.start(), gap.end(), "") for gap in _GAP.finditer(text) if gap.start() not in within]
        return tuple(sorted(found))

    def _of_kana(self, text: str) -> Iterator[Edit]:
        counted = _table().counting
        for match in counted.finditer(text):
            asking, counter, unit, alone, ordinal = match.groups(default="")
            parts = (_table().counted[each] for each in (asking, counter, unit, alone) if each)
            yield match.start(), match.end(), "第" if ordinal else "".join(parts)
        blanked = counted.sub(lambda match: "\0" * len(match.group(0)), text)
        for run in _RUN.finditer(blanked):
            yield from self._of_run(run.group(0), run.start())

    def _of_run(self, run: str, offset: int) -> Iterator[Edit]:
        """The words of the cheapest cutting of a run of kana into words of the documents, particles and loose signs."""
        best: list[dict[_Stand, _Way]] = [{} for _ in range(len(run) + 1)]
        best[0][_Stand.START] = _Way(0.0)
        for place in range(len(run)):
            for stand, way in best[place].items():
                for end, then, price, word in self._steps(run, place, stand):
                    known = best[end].get(then)
                    if known is None or way.cost + price < known.cost:
                        edit = (place + offset, end + offset, word)
                        best[end][then] = _Way(way.cost + price, (edit, way) if word else way.last)
        last = min(best[-1].values(), key=lambda way: way.cost, default=_Way(0.0)).last
        while last:
            yield last[0]
            last = last[1].last

    def _steps(self, run: str, place: int, stand: _Stand) -> Iterator[tuple[int, _Stand, float, str]]:
        """What may come next: where it ends, how one stands there, its price, and the word that it is."""
        if run[place] == " ":
            yield place + 1, _Stand.START, 0.0, ""
            return
        after_word, after_short = stand in {_Stand.WORD, _Stand.SHORT}, stand in {_Stand.SHORT, _Stand.SHORT_PARTICLE}
        if not (after_word or after_short) and not (stand is _Stand.PARTICLE and run[place] in _NEVER_FIRST):
            yield place + 1, _Stand.LOOSE, _SIGN_COST, ""
        for end in range(place + 1, min(len(run), place + LONGEST) + 1):
            piece = run[place:end]
            if piece in _table().particles or (piece in _table().endings and not after_word):
                yield end, _Stand.SHORT_PARTICLE if after_short else _Stand.PARTICLE, _PARTICLE_COST, ""
            word = self._word(piece)
            short = len(piece) <= _SHORT or len(word) == 1
            if word and stand is (_Stand.START if short else stand) and stand not in {_Stand.LOOSE, _Stand.SHORT}:
                yield end, _Stand.SHORT if short else _Stand.WORD, _SHORT_WORD_COST if short else _WORD_COST, word

    def _word(self, piece: str) -> str:
        """The word that a piece of kana sounds like; a space may part it, as it parts 「ひとり あたり」."""
        if any(len(each) < _SHORT for each in piece.split(" ")):
            return ""
        return self.by_reading.get(piece.replace(" ", "").translate(_TO_KATAKANA), "")

    def _of_pairs(self, text: str, places: Sequence[tuple[int, Word]], said: frozenset[str]) -> Iterator[Edit]:
        """Two kanji, or kana and a kanji, that are no word but sound like one that has one of them."""
        doubtful = {place + sign for place, word in _doubtful(places, said) for sign in range(len(word.surface))}
        doubtful -= {place for match in _MASKED.finditer(text) for place in range(match.start(), match.end())}
        single = {word.surface: word.reading for _, word in places if len(word.surface) == 1}
        free = 0
        for place in range(len(text)):
            if place < free or place not in doubtful:
                continue
            if edit := self._pair_at(text, place, doubtful, single):
                yield edit
                free = edit[1]

    def _pair_at(self, text: str, place: int, doubtful: set[int], single: Mapping[str, str]) -> Edit | None:
        for size in (4, 3, 2):
            stretch = text[place : place + size]
            if len(stretch) < size or stretch in self.surfaces or not doubtful.issuperset(range(place, place + size)):
                continue
            if word := self._alike(stretch, single):
                return place, place + size, word
        return None

    def _alike(self, stretch: str, single: Mapping[str, str]) -> str | None:
        """The word of two kanji that keeps the first or the last sign of a stretch and sounds like the whole."""
        for kept, other, first in ((stretch[0], stretch[1:], True), (stretch[-1], stretch[:-1], False)):
            if not _KANJI.match(kept):
                continue
            heard = self._heard(other) | ({single[other]} if other in single else set())
            for word, reading in self.pairs.get(kept, ()):
                if word[0 if first else 1] != kept:
                    continue
                for own in self.sounds.get(kept, ()):
                    if any(reading == (own + each if first else each + own) for each in heard):
                        return word
        return None

    def _heard(self, signs: str) -> frozenset[str]:
        if _HIRAGANA.fullmatch(signs):
            return frozenset({signs.translate(_TO_KATAKANA)})
        return self.sounds.get(signs, frozenset()) if len(signs) == 1 else frozenset()

    def _of_katakana(self, places: Sequence[tuple[int, Word]], said: frozenset[str]) -> Iterator[Edit]:
        for place, word in places:
            surface = word.surface
            if not _KATAKANA.fullmatch(surface) or word.normal.lower() in said or surface in self.surfaces:
                continue
            left = without_long_vowels(surface)
            known = self.long_words.get(left) if len(left) >= _SHORTEST_LONG_WORD else None
            if known:
                yield place, place + len(surface), known


def without_long_vowels(katakana: str) -> str:
    """What is left of a katakana word without its long vowels and stops, which are mistyped most easily."""
    return _LONG.sub("", katakana)


def _doubtful(places: Sequence[tuple[int, Word]], said: frozenset[str]) -> Iterator[tuple[int, Word]]:
    """The morphemes that may be scraps of mistyped words: single signs, and names that the documents do not say.

    A name beside another name is that of a person.
    """
    names = [word.detail == "固有名詞" for _, word in places]
    for number, (place, word) in enumerate(places):
        if len(word.surface) == 1:
            if word.part != "助詞" and (_KANJI.match(word.surface) or _HIRAGANA.match(word.surface)):
                yield place, word
            continue
        beside = any(names[max(0, number - 1) : number] + names[number + 1 : number + 2])
        if names[number] and not beside and word.normal.lower() not in said and _KANJI.match(word.surface):
            yield place, word


def _places(text: str, words: Sequence[Word]) -> list[tuple[int, Word]]:
    """Where each morpheme stands; those that the analyzer's cleaning changed are left out."""
    found, place = [], 0
    for word in words:
        at = text.find(word.surface, place)
        if at >= 0 and word.surface.strip():
            found.append((at, word))
            place = at + len(word.surface)
    return found
