"""Names of private people by the words' part of speech: what the analyzer tags as a family or given name.

A second signal beside the patterns, for Japanese alone. A full name is hidden wherever it stands; a family name or a
given name by itself only before an honorific or in a frame that introduces people (``introducing``). Places, the
people of public_names.txt and widely_known.txt, anyone with a title and names inside longer ones stay readable.
Whatever the analyzer does not tag as a name is left to the patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bot.masking import introducing
from bot.masking import person_words as words
from bot.masking.persons import listed, places, public_names, surnames
from bot.masking.shadow import BARRIER
from bot.ports import WordAnalyzer
from bot.records import Word

_NEEDED = re.compile(r"[ぁ-ゖァ-ヺ]")  # Chinese written in kanji alone is cut and tagged wrongly
_KANJI = re.compile(r"[一-鿿々ヶ﨎-﨩𠀀-𪛟]")
_ALL_KANJI = re.compile(r"[一-鿿々]+")
_KANA = re.compile(r"[ぁ-ゖー]+")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_SENTENCE_END = re.compile(r"[。!?！？\n]")
_PUBLIC_IN_KANA = frozenset({"イシズミ", "イトウ", "エマ", "コイケ", "ミヤサカ", "トモエ", "レン", "アリサ", "ユリコ"})
_JOINTS = frozenset({" ", "・", "="})
_HONORIFICS = frozenset({"さん", "さま", "様", "氏", "くん", "君", "ちゃん", "殿", "先生", "さんち"})
_FIRMS = frozenset({"本田", "松下", "渋沢", "福沢", "三井", "住友", "岩崎", "安田", "野村", "大和"})
_REACH = 28  # characters on either side that a frame may need


@dataclass(frozen=True, slots=True)
class _Placed:
    """A morpheme and where it stands."""

    word: Word
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.word.surface

    @property
    def proper(self) -> str:
        return self.word.proper


@dataclass(frozen=True, slots=True)
class _Name:
    """Morphemes ``first`` to before ``last`` that read as a name; ``full``: family and given name."""

    first: int
    last: int
    full: bool


def names(seen: str, analyzer: WordAnalyzer) -> list[tuple[int, int]]:
    """Where a shadow (see ``shadow``) names private people, in order. One analysis; what it cuts off is not read."""
    if not _NEEDED.search(seen):
        return []
    placed = _placed(seen, analyzer.words(seen.replace(BARRIER, "、")))
    if not any(each.proper for each in placed):
        return []
    found = [each for each in _candidates(placed) if _is_private(seen, placed, each)]
    return _with_repeats(placed, found)


def _placed(seen: str, found: Sequence[Word]) -> list[_Placed]:
    """The morphemes with their places; the analyzer cleans once more, so blanks may differ."""
    placed: list[_Placed] = []
    position = 0
    for word in found:
        start = seen.find(word.surface, position, position + len(word.surface) + 40)
        if start < 0:
            continue
        position = start + len(word.surface)
        placed.append(_Placed(word, start, position))
    return placed


def _candidates(placed: Sequence[_Placed]) -> Iterator[_Name]:
    index = 0
    while index < len(placed):
        name = _name_at(placed, index)
        if name:
            yield name
        index = name.last if name else index + 1


def _name_at(placed: Sequence[_Placed], index: int) -> _Name | None:
    """The longest name that begins with a morpheme."""
    head = placed[index]
    if _is_family(head):
        after = index + 1 + (index + 1 < len(placed) and placed[index + 1].text in _JOINTS)
        given = placed[after] if after < len(placed) else None
        if given and given.proper == "名" and _reads_in_full(head, given, apart=after > index + 1):
            return _Name(index, after + 1, full=True)
        last = _unknown_given(placed, index + 1)
        if last:
            return _Name(index, last, full=True)
        return _Name(index, index + 1, full=False)
    if _KATAKANA.fullmatch(head.text):
        return _foreign_at(placed, index)
    return _Name(index, index + 1, full=False) if head.proper == "名" and len(head.text) > 1 else None


def _is_family(placed: _Placed) -> bool:
    """A family name, or a place that is a listed family name too."""
    return placed.proper == "姓" or (placed.proper == "地名" and placed.text in surnames())


def _unknown_given(placed: Sequence[_Placed], index: int) -> int | None:
    """Where a given name that the analyzer does not know ends: up to three kanji before an honorific."""
    last = index
    while last < len(placed) and _ALL_KANJI.fullmatch(placed[last].text) and placed[last].text not in _HONORIFICS:
        last += 1
    text = "".join(each.text for each in placed[index:last])
    follows = last < len(placed) and placed[last].text in _HONORIFICS
    plain = len(text) <= 3 and not words.COMMON.search(text) and not words.ENDS_AS_A_PLACE.search(text)
    return last if text and follows and plain else None


def _foreign_at(placed: Sequence[_Placed], index: int) -> _Name | None:
    """Words in katakana, joined by dots or blanks, one of which the analyzer knows as a person's name."""
    last = index + 1
    while last + 1 < len(placed) and placed[last].text in _JOINTS and _KATAKANA.fullmatch(placed[last + 1].text):
        last += 2
    known = any(each.proper in {"人名", "姓", "名"} and len(each.text) > 1 for each in placed[index:last])
    return _Name(index, last, full=False) if known else None


def _reads_in_full(family: _Placed, given: _Placed, *, apart: bool) -> bool:
    """Not two signs in a row, nor kana: those are too often something else."""
    if not _KANJI.match(family.text):
        return False
    return apart or len(family.text) + len(given.text) > 2


def _is_private(seen: str, placed: Sequence[_Placed], name: _Name) -> bool:
    start, end = placed[name.first].start, placed[name.last - 1].end
    before, after = seen[max(0, start - _REACH) : start], seen[end : end + _REACH]
    if _is_known(placed, name) or _in_a_longer_name(placed, name) or introducing.in_office(before, after):
        return False
    honoured = _next_text(placed, name) in _HONORIFICS
    if honoured and not introducing.OF_THE_COUNCIL.search(_sentence(seen, start, end)):
        return _may_be_honoured(placed, name, after)
    if name.full:
        return not introducing.of_a_work(before, after)
    return _is_introduced(seen, placed[name.first], before, after)


def _is_introduced(seen: str, head: _Placed, before: str, after: str) -> bool:
    """Whether a family name, a given name or a name in katakana by itself is that of somebody private."""
    if _is_family(head) and not _KANA.fullmatch(head.text):
        place = head.text in places() or head.proper == "地名"
        weak = len(head.text) < 2 or head.text in _towns()
        if introducing.family(before, after, place=place, weak=weak):
            return True
        common = head.text in surnames() and not place and not weak and head.text not in _FIRMS
        council = introducing.OF_THE_COUNCIL.search(_sentence(seen, head.start, head.end))
        return common and introducing.acts(after) and not council
    if head.proper == "名":
        return introducing.given(before, after) and not words.COMMON.search(head.text)
    return bool(_KATAKANA.fullmatch(head.text)) and introducing.foreign(before, after)


def _is_known(placed: Sequence[_Placed], name: _Name) -> bool:
    """A person of the documents, of history or of letters."""
    text = "".join(each.text for each in placed[name.first : name.last] if each.text not in _JOINTS)
    if text in public_names() or text in _widely_known():
        return True
    if _KANA.fullmatch(text) or _KATAKANA.fullmatch(text):
        return all(
            each.word.reading in _PUBLIC_IN_KANA for each in placed[name.first : name.last] if each.text not in _JOINTS
        )
    return not name.full and any(each.endswith(text) for each in public_names())


@cache
def _widely_known() -> frozenset[str]:
    return listed("widely_known.txt")


@cache
def _towns() -> frozenset[str]:
    return listed("towns_as_names.txt")


def _in_a_longer_name(placed: Sequence[_Placed], name: _Name) -> bool:
    """Whether another noun or a prefix is written on to the name (a road, a company, a prize, a museum)."""
    previous = placed[name.first - 1] if name.first else None
    if previous and previous.end == placed[name.first].start:
        noun = previous.word.part == "名詞" and previous.word.detail != "数詞"
        if previous.word.part == "接頭辞" or (noun and not introducing.stands_before_names(previous.text)):
            return True
    following = placed[name.last] if name.last < len(placed) else None
    if not following or following.start != placed[name.last - 1].end or following.text in _HONORIFICS:
        return False
    return following.word.part in {"名詞", "接尾辞", "記号"} and not introducing.stands_after_names(following.text)


def _next_text(placed: Sequence[_Placed], name: _Name) -> str:
    return placed[name.last].text if name.last < len(placed) else ""


def _may_be_honoured(placed: Sequence[_Placed], name: _Name, after: str) -> bool:
    """Not a given name of kana signs that the words before could have lent."""
    head = placed[name.first]
    if len(head.text) == 1 and name.last == name.first + 1:
        return after[len(_next_text(placed, name)) :][:1] != "の"  # a pun on 原 or 森 speaks of their matter
    if (_is_family(head) or head.proper == "人名") and not _KANA.fullmatch(head.text):
        return True
    previous = placed[name.first - 1] if name.first else None
    lent = previous is not None and previous.end == head.start and bool(_KANA.search(previous.text[-1:]))
    particle = previous is not None and previous.word.part in {"助詞", "助動詞", "補助記号", "空白"}
    return len(head.text) > 1 and (bool(_KANJI.match(head.text)) or not lent or particle)


def _sentence(seen: str, start: int, end: int) -> str:
    """The sentence around a stretch, 200 characters to either side at most."""
    left = _SENTENCE_END.split(seen[max(0, start - 200) : start])[-1]
    return left + seen[start:end] + _SENTENCE_END.split(seen[end : end + 200], maxsplit=1)[0]


def _with_repeats(placed: Sequence[_Placed], found: Sequence[_Name]) -> list[tuple[int, int]]:
    """The spans of the names, and those of the same family names elsewhere in the text."""
    families = {placed[each.first].text for each in found if _is_family(placed[each.first])} - places()
    spans = {(placed[each.first].start, placed[each.last - 1].end) for each in found}
    spans |= {(each.start, each.end) for each in placed if _is_family(each) and each.text in families}
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    kept = ordered[:1]
    for _, span in pairwise(ordered):
        if span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
