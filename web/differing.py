"""What changed between two texts, word by word, so that whoever sends a reply sees what became of the draft. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

# A run of one script counts as a word: kanji, katakana, hiragana, digits and Latin letters; anything else by itself.
_WORD: Final = re.compile(
    r"[0-9０-９.,，．]+|[A-Za-zＡ-Ｚａ-ｚ]+|[一-鿿々]+|[ァ-ヴー]+|[ぁ-ゖ]+|[가-힣]+|\s+|.", re.DOTALL
)
_SENTENCE: Final = re.compile(r"[^。．.!?！？\n]*[。．.!?！？\n]*")
_MOST_PAIRS: Final = 200_000
"""Above so many pairs of words a changed stretch is shown as a whole: comparing it would take too long."""


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, went or came."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> Sequence[Piece]:
    """The pieces that lead from one text to the other: those that are not NEW make ``before``, not GONE ``after``."""
    return tuple(_joined(_by_sentence(before, after)))


def _by_sentence(before: str, after: str) -> Iterator[Piece]:
    old, new = _SENTENCE.findall(before), _SENTENCE.findall(after)
    for same, was, now in _stretches(old, new):
        if same:
            yield Piece(Kind.SAME, was)
        else:
            yield from _by_word(was, now)


def _by_word(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) * len(new) > _MOST_PAIRS:
        yield from (Piece(Kind.GONE, before), Piece(Kind.NEW, after))
        return
    for same, was, now in _stretches(old, new):
        if same:
            yield Piece(Kind.SAME, was)
        else:
            yield from (Piece(Kind.GONE, was), Piece(Kind.NEW, now))


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Whether a stretch stayed, as it was and as it is."""
    for tag, start, end, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag == "equal", "".join(old[start:end]), "".join(new[from_new:to_new])


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one, empty ones left out."""
    held: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if held is not None and held.kind is piece.kind:
            held = Piece(held.kind, held.text + piece.text)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held
