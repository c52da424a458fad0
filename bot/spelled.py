"""The words of a snapshot by their sound, gathered once: what ``bot.spelling`` writes kana and mistyped words with."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.records import Word
from bot.spelling import LONGEST, Spelling, without_long_vowels

_KANJI = re.compile(r"[㐀-鿿々]")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_PAIR = 2
_JOINED = 4  # morphemes
_BEGIN = frozenset({"名詞", "形状詞", "接頭辞"})
_WITHIN = frozenset({"名詞", "形状詞", "接尾辞"})
_NOT_NOUNS = frozenset({"数詞", "助動詞語幹"})
_ROUNDS = 2  # readings found in the first round tell more in the second


class Spelled(NamedTuple):
    """A noun or compound with its katakana reading; ``sliced``: it is a part of a longer compound."""

    surface: str
    reading: str
    sliced: bool


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
            long_words.setdefault(without_long_vowels(surface), surface)
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
        if word and word.part in (_WITHIN if run else _BEGIN) and word.detail not in _NOT_NOUNS:
            run.append(word)
            continue
        yield from _slices(run)
        run = [word] if word and word.part == "接頭辞" else []


def _slices(run: Sequence[Word]) -> Iterator[Spelled]:
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + _JOINED) + 1):
            part = run[start:end]
            if part[0].part not in _BEGIN:
                break
            if part[-1].part == "接頭辞":
                continue
            reading = "".join(word.reading for word in part)
            if len(reading) > LONGEST:
                break
            sliced = len(part) > 1 and len(part) < len(run)
            yield Spelled("".join(word.surface for word in part), reading, sliced)


def _sounds(twos: Sequence[tuple[str, str]], single: Callable[[str], str]) -> dict[str, frozenset[str]]:
    """How each kanji is read: alone, and in words of two kanji of which the other's reading is known."""
    known: dict[str, set[str]] = {sign: {single(sign)} for sign in dict.fromkeys("".join(word for word, _ in twos))}
    for _ in range(_ROUNDS):
        for word, reading in twos:
            first, last = word[0], word[1]
            ends = {reading[len(each) :] for each in known[first] if each and reading.startswith(each)}
            begins = {reading[: -len(each)] for each in known[last] if each and reading.endswith(each)}
            known[first] |= begins - {""}
            known[last] |= ends - {""}
    return {sign: frozenset(each) for sign, each in known.items()}
