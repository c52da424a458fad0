"""Cutting text into sentences, Japanese first. Pure.

A sentence ends with 。！？ (or ． behind Japanese) outside brackets and quotes, or in Latin text with . ! ? before a
blank and a new beginning. Where a bracket never closes, it counts as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 1_000
"""Characters of one sentence; what is longer is cut at a comma or blank, for no index takes it whole."""
_UNLIKELY = 400  # characters from which a sentence with ends inside brackets has brackets that do not match

_DEEPEST = 20  # brackets inside each other

_OPEN = {
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "【": "】",
    "〔": "〕",
    "“": "”",
    "[": "]",
    "〈": "〉",
    "《": "》",
}
_CLOSE = frozenset(_OPEN.values())
_ENDS = frozenset("。！？!?．｡")
_NEW = re.compile(r"\s+[A-Z0-9「『（(“\"぀-ヿ㐀-鿿]")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(（])(?:e\.g|i\.e|etc|cf|vs|no|nos|vol|pp?|figs?|eq|sec|ch|mr|mrs|ms|dr|prof|st|jan|feb|mar|apr|jun|jul|aug|sept?"
    r"|oct|nov|dec|inc|ltd|co|corp|al|approx|[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z])$",
    re.IGNORECASE,
)
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿々」』）)]")
_IN_BRACKETS = re.compile(r"[（(].*[）)]")
_SOFT = re.compile(r".*[、，,;；/　 ]", re.DOTALL)


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph, in order, none empty. Joined they are the paragraph but for blanks."""
    found: list[str] = []
    for piece in _cut(text, nested=True):
        parts = _cut(piece, nested=False) if len(piece) > _UNLIKELY else iter([piece])
        for part in parts:
            if found and (_belongs_to(found[-1], part)):
                found[-1] += part
            else:
                found.extend(shortened(part))
    return found


def _belongs_to(before: str, piece: str) -> bool:
    """Whether a piece is no sentence of its own: a remark in brackets, or signs alone."""
    if len(before) + len(piece) > _UNLIKELY:
        return False
    return bool(_IN_BRACKETS.fullmatch(piece)) or not any(sign.isalnum() for sign in piece)


def _cut(text: str, *, nested: bool) -> Iterator[str]:
    closers: list[str] = []
    start = 0
    for place, sign in enumerate(text):
        if nested and sign in _OPEN and len(closers) < _DEEPEST:
            closers.append(_OPEN[sign])
        elif nested and closers and sign in _CLOSE:
            if sign in closers:
                del closers[closers.index(sign) :]
            if not closers and text[place - 1] in _ENDS and text[start : place + 1].lstrip()[:1] in {"（", "("}:
                yield text[start : place + 1].strip()
                start = place + 1
        elif not closers and _ends(text, place):
            piece = text[start : place + 1].strip()
            if piece:
                yield piece
            start = place + 1
    rest = text[start:].strip()
    if rest:
        yield rest


def _ends(text: str, place: int) -> bool:
    sign, after = text[place], text[place + 1 : place + 2]
    if sign == ".":
        return bool(_NEW.match(text, place + 1)) and not _ABBREVIATION.search(text[max(0, place - 12) : place])
    if sign not in _ENDS or after in _ENDS or after in _CLOSE:
        return False
    if sign == "．":
        return bool(_JAPANESE.match(text[place - 1 : place]))
    if sign in "!?" and place and text[place - 1].isascii():
        return not after or after.isspace()
    return True


def shortened(sentence: str) -> Iterator[str]:
    """The sentence whole, or in parts of at most ``LONGEST`` characters."""
    rest = sentence
    while len(rest) > LONGEST:
        soft = _SOFT.match(rest[:LONGEST])
        end = soft.end() if soft and soft.end() > LONGEST // 2 else LONGEST
        yield rest[:end].strip()
        rest = rest[end:]
    if rest.strip():
        yield rest.strip()
