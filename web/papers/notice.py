"""The body's own privacy notice: plain text or the plainest Markdown, shown as headings, paragraphs and lists.

Nothing in it becomes markup: tags, links and emphasis are shown as the characters they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.records import Stamp
from web.papers import tables
from web.papers.values import BadPaper

_HTML: Final = re.compile(r"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_HEADING: Final = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_POINT: Final = re.compile(r"(?:[-*+]\s+|・\s*)(.+)")
_NUMBERED: Final = re.compile(r"[0-9]{1,2}[.)]\s+(.+)")
_HIGHEST, _LOWEST = 3, 4  # the page's own headings stand above


@dataclass(frozen=True, slots=True)
class Piece:
    """``kind``: h3, h4, p, ul or ol; ``lines``: the heading, the lines of the paragraph, the points of the list."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice as it is shown, with the digest of its file."""

    stamp: Stamp
    pieces: tuple[Piece, ...]


def notice_of(file: Path | None) -> Notice | None:
    """The notice in a file, None without one. Raises BadPaper: unreadable, empty, too large, no text, or HTML."""
    if file is None:
        return None
    where = f"{file.name} (MADOGUCHI_PRIVACY_NOTICE)"
    found = tables.bounded(file, where)
    text = tables.decoded(found, where)
    if _HTML.match(text):
        raise BadPaper(f"{where} is HTML; save it as plain text or Markdown")
    return Notice(Stamp("notice", "1", sha256(found).hexdigest()), pieces_of(text))


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The pieces of a text. Headings begin at h3 and never skip a level."""
    pieces: list[Piece] = []
    going_on = False
    for line in map(str.strip, text.split("\n")):
        kind, words = _read(line)
        if kind == "#":
            pieces.append(Piece(_level(line, pieces), (words,)))
        elif going_on and kind == pieces[-1].kind:
            pieces[-1] = Piece(kind, (*pieces[-1].lines, words))
        elif kind:
            pieces.append(Piece(kind, (words,)))
        going_on = kind not in ("", "#")
    return tuple(pieces)


def _read(line: str) -> tuple[str, str]:
    """The kind of a line (empty for a blank one, # for a heading) and its words."""
    if not line:
        return "", ""
    for kind, pattern, group in (("#", _HEADING, 2), ("ul", _POINT, 1), ("ol", _NUMBERED, 1)):
        if found := pattern.fullmatch(line):
            return kind, found.group(group)
    return "p", line


def _level(line: str, pieces: list[Piece]) -> str:
    first = not any(piece.kind in ("h3", "h4") for piece in pieces)
    deep = len(line) - len(line.lstrip("#")) > 1
    return f"h{_LOWEST if deep and not first else _HIGHEST}"
