"""From kana and mistyped signs to the words that the documents write: 「よさん」 and 「よ算」 to 予算, 「法立」 to 法律.

Pure. A word is never guessed: what is written must sound like a word of the documents. Kana alone is cut so that words
and particles cover as much of it as they can; beside kanji only what is no word is respelled, and only into a word of
two kanji that keeps one of them in its place.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.records import Word
from bot.text import is_kana_only

Edit = tuple[int, int, str]
"""Where in a text a stretch begins and ends, and what is to stand there."""

_KANJI = re.compile(r"[㐀-鿿々]")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_MASKED = re.compile(r"〈[^〈〉]*+〉")
_GAP = re.compile(
    r"(?<=[ぁ-ヿ㐀-鿿、。「」]) +(?=[ぁ-ヿ㐀-鿿「」0-9０-９a-zA-Z])|(?<=[0-9０-９a-zA-Z]) +(?=[ぁ-ヿ㐀-鿿「」])"
)
_LONG = re.compile(r"[ーッ]")
_PARTICLES = frozenset(
    "の は が を に で と も か や へ な から まで など より って とは には では への での だけ という とか について における"
    " に関する です ですか でした でしたか でしょうか する します しますか しました した して している される できる".split()
)
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_LONGEST = 14  # signs of a reading
_SHORTEST_LONG_WORD = 4  # signs of katakana without long vowels; ビール and ビル are two words
_PAIR = 2
_JOINED = 4  # morphemes
_NOUNS = frozenset({"名詞", "形状詞"})
_NOT_NOUNS = frozenset({"数詞", "助動詞語幹"})
_COUNTED = {
    "けん": "件", "こう": "校", "きょく": "局", "かしょ": "か所", "にん": "人", "だい": "台", "さい": "歳", "かい": "回",
    "しゃ": "社", "さつ": "冊", "まい": "枚", "じぎょう": "事業", "しゅるい": "種類", "ねん": "年", "ねんど": "年度", "がつ": "月",
    "にち": "日", "えん": "円", "おくえん": "億円", "じかん": "時間", "だんかい": "段階", "ばん": "番",
}  # fmt: skip
_COUNTING = re.compile(
    rf"(なん|(?<=[0-9０-９]))({'|'.join(sorted(_COUNTED, key=len, reverse=True))})"
    r"(?=$|[^ぁ-ゖ]|です|でし|の|に|を|が|は|から|まで|で[、 ]|あり|い|と)"
)
_WORD_COST, _SHORT_WORD_COST, _PARTICLE_COST, _SIGN_COST = 1.0, 1.6, 0.3, 1.0
_SHORT = 2


class Spelled(NamedTuple):
    """A noun or compound with its katakana reading; ``sliced``: it is a part of a longer compound."""

    surface: str
    reading: str
    sliced: bool


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
        if is_kana_only(text):
            found = [*self._of_kana(text)]
        else:
            found = [*self._of_pairs(text, _places(text, words), said)]
        found += self._of_katakana(text, _places(text, words), said)
        if found and is_kana_only(text):
            found += [(match.start(), match.end(), "") for match in _GAP.finditer(text)]
        return tuple(sorted(found))

    def _of_kana(self, text: str) -> Iterator[Edit]:
        counted = list(_COUNTING.finditer(text))
        for match in counted:
            yield match.start(), match.end(), ("何" if match.group(1) else "") + _COUNTED[match.group(2)]
        blanked = _COUNTING.sub(lambda match: " " * len(match.group(0)), text)
        for run in _HIRAGANA.finditer(blanked):
            yield from self._of_run(run.group(0), run.start())

    def _of_run(self, run: str, offset: int) -> Iterator[Edit]:
        """The cheapest cutting of a run of kana into words of the documents, particles and loose signs."""
        sound = run.translate(_TO_KATAKANA)
        size = len(run)
        # Two ways to stand at a place: where a word may begin, and inside what is no known word.
        best: list[list[tuple[float, tuple[int, int, str] | None, int, int]]] = [
            [(float("inf"), None, -1, 0), (float("inf"), None, -1, 0)] for _ in range(size + 1)
        ]
        best[0][0] = (0.0, None, -1, 0)

        def reach(place: int, state: int, cost: float, step: tuple[Edit | None, int, int]) -> None:
            if cost < best[place][state][0]:
                best[place][state] = (cost, *step)

        for place in range(size):
            for state in (0, 1):
                cost = best[place][state][0]
                if cost == float("inf"):
                    continue
                begins = place == 0 or state == 0
                after_word = state == 0 and place > 0
                for end in range(place + 1, min(size, place + _LONGEST) + 1):
                    piece = run[place:end]
                    if piece in _PARTICLES:
                        reach(end, 0, cost + _PARTICLE_COST, (None, place, state))
                    word = self.by_reading.get(sound[place:end]) if begins and end - place >= _SHORT else None
                    if word:
                        price = _WORD_COST if end - place > _SHORT else _SHORT_WORD_COST
                        reach(end, 0, cost + price, ((place + offset, end + offset, word), place, state))
                if not (after_word and best[place][0][1]):  # a word is followed by a word or a particle
                    reach(place + 1, 1, cost + _SIGN_COST, (None, place, state))
        place, state = size, min((0, 1), key=lambda each: best[size][each][0])
        while place > 0:
            _, edit, before, state_before = best[place][state]
            if edit:
                yield edit
            place, state = before, state_before

    def _of_pairs(self, text: str, places: Sequence[tuple[int, Word]], said: frozenset[str]) -> Iterator[Edit]:
        """Two kanji, or kana and a kanji, that are no word but sound like one that has one of them."""
        doubtful = {
            place + sign for place, word in places if _is_doubtful(word, said) for sign in range(len(word.surface))
        }
        doubtful -= {place for match in _MASKED.finditer(text) for place in range(match.start(), match.end())}
        free = 0
        for place in range(len(text)):
            if place < free or place not in doubtful:
                continue
            edit = self._pair_at(text, place, doubtful)
            if edit:
                yield edit
                free = edit[1]

    def _pair_at(self, text: str, place: int, doubtful: set[int]) -> Edit | None:
        for size in (4, 3, 2):
            stretch = text[place : place + size]
            if len(stretch) < size or stretch in self.surfaces or not doubtful.issuperset(range(place, place + size)):
                continue
            word = self._alike(stretch)
            if word:
                return place, place + size, word
        return None

    def _alike(self, stretch: str) -> str | None:
        """The word of two kanji that keeps the first or the last sign of a stretch and sounds like the whole."""
        for kept, other, first in ((stretch[0], stretch[1:], True), (stretch[-1], stretch[:-1], False)):
            if not _KANJI.match(kept):
                continue
            heard = self._heard(other)
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

    def _of_katakana(self, text: str, places: Sequence[tuple[int, Word]], said: frozenset[str]) -> Iterator[Edit]:
        for place, word in places:
            surface = word.surface
            if not _KATAKANA.fullmatch(surface) or word.normal.lower() in said or surface in self.surfaces:
                continue
            left = _LONG.sub("", surface)
            known = self.long_words.get(left) if len(left) >= _SHORTEST_LONG_WORD else None
            if known and text.startswith(surface, place):
                yield place, place + len(surface), known


def spelling_of(spelled: Iterable[Iterable[Spelled]], single: Callable[[str], str]) -> Spelling:
    """The spelling of a snapshot: the words of each passage as ``nouns`` gives them. ``single`` reads one kanji."""
    counts: Counter[tuple[str, str]] = Counter()
    whole: set[tuple[str, str]] = set()
    for each in (each for passage in spelled for each in passage):
        counts[each.surface, each.reading] += 1
        if not each.sliced:
            whole.add((each.surface, each.reading))
    by_reading: dict[str, str] = {}
    long_words: dict[str, str] = {}
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    twos: list[tuple[str, str]] = []
    for (surface, reading), count in sorted(counts.items(), key=lambda each: (-each[1], len(each[0][0]), each[0])):
        if count == 1 and (surface, reading) not in whole:
            continue
        if _KATAKANA.fullmatch(surface):
            long_words.setdefault(_LONG.sub("", surface), surface)
        if not _KANJI.search(surface):
            continue
        by_reading.setdefault(reading, surface)
        if len(surface) == _PAIR and all(_KANJI.match(sign) for sign in surface):
            twos.append((surface, reading))
            for sign in dict.fromkeys(surface):
                pairs[sign].append((surface, reading))
    surfaces = frozenset(surface for surface, _ in counts)
    return Spelling(by_reading, dict(pairs), _sounds(twos, single), long_words, surfaces)


def nouns(words: Sequence[Word]) -> Iterator[Spelled]:
    """The nouns of a text and what adjacent ones make together."""
    run: list[Word] = []
    for word in (*words, None):
        if word and (word.part in _NOUNS or (run and word.part == "接尾辞")) and word.detail not in _NOT_NOUNS:
            run.append(word)
            continue
        yield from _slices(run)
        run = []


def _slices(run: Sequence[Word]) -> Iterator[Spelled]:
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + _JOINED) + 1):
            part = run[start:end]
            if part[0].part not in _NOUNS:
                break
            reading = "".join(word.reading for word in part)
            if len(reading) > _LONGEST:
                break
            sliced = len(part) > 1 and len(part) < len(run)
            yield Spelled("".join(word.surface for word in part), reading, sliced)


def _sounds(twos: Sequence[tuple[str, str]], single: Callable[[str], str]) -> dict[str, frozenset[str]]:
    """How each kanji is read: alone, and in words of two kanji of which the other's reading is known."""
    known: dict[str, set[str]] = {sign: {single(sign)} for sign in dict.fromkeys("".join(word for word, _ in twos))}
    for _ in range(2):
        for (first, last), reading in twos:
            ends = {reading[len(each) :] for each in known[first] if each and reading.startswith(each)}
            begins = {reading[: -len(each)] for each in known[last] if each and reading.endswith(each)}
            known[first] |= begins - {""}
            known[last] |= ends - {""}
    return {sign: frozenset(each) for sign, each in known.items()}


def _is_doubtful(word: Word, said: frozenset[str]) -> bool:
    """Whether a morpheme may be a scrap of a mistyped word: one sign, or a name that the documents do not say."""
    if len(word.surface) == 1:
        return bool(_KANJI.match(word.surface) or _HIRAGANA.match(word.surface)) and word.part != "助詞"
    return word.detail == "固有名詞" and word.normal.lower() not in said and bool(_KANJI.match(word.surface))


def _places(text: str, words: Sequence[Word]) -> list[tuple[int, Word]]:
    """Where each morpheme stands; those that the analyzer's cleaning changed are left out."""
    found, place = [], 0
    for word in words:
        at = text.find(word.surface, place)
        if at >= 0 and word.surface.strip():
            found.append((at, word))
            place = at + len(word.surface)
    return found
