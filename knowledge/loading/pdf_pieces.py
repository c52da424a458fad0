"""What the PDF worker gives, as values: pieces of text and ruling lines of a page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SHORTEST_UPRIGHT = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of signs on one line, in points from the upper left of the page; ``upright``: set from top to bottom."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool
    upright: bool = False

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2

    def beside(self, other: Piece) -> bool:
        """Whether the two stand on one line."""
        overlap = min(self.bottom, other.bottom) - max(self.top, other.top)
        return overlap > 0.5 * min(self.bottom - self.top, other.bottom - other.top)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as the worker read it."""

    pieces: tuple[Piece, ...]
    rules: tuple[tuple[float, float, float, float], ...]
    width: float
    height: float


def with_upright_words(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with single signs set one below the other joined into one upright piece."""
    kept: list[Piece] = []
    run: list[Piece] = []
    for piece in pieces:
        if run and not _is_below(run[-1], piece):
            kept += _word(run)
            run = []
        if len(piece.text) == 1:
            run.append(piece)
        else:
            kept += _word(run)
            run = []
            kept.append(piece)
    return kept + _word(run)


def _is_below(upper: Piece, piece: Piece) -> bool:
    step = piece.top - upper.top
    near = abs(piece.centre - upper.centre) < 0.5 * upper.size
    return len(piece.text) == 1 and near and 0.4 * upper.size < step < 2 * upper.size


def _word(run: Sequence[Piece]) -> list[Piece]:
    if len(run) < SHORTEST_UPRIGHT:
        return list(run)
    return [
        replace(
            run[0],
            text="".join(piece.text for piece in run),
            left=min(piece.left for piece in run),
            right=max(piece.right for piece in run),
            bottom=run[-1].bottom,
            upright=True,
        )
    ]


def without_marks(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without the small figures that point to footnotes; before a footnote the figure becomes 「注3: 」.

    After a Latin letter or a figure a small figure is a power or an index (m2, CO2) and stays.
    """
    kept: list[Piece] = []
    for place, piece in enumerate(pieces):
        larger = [other for other in pieces[max(0, place - 2) : place + 3] if _towers_over(other, piece)]
        if not larger or not piece.text.strip("()（）注※*,、 ").isdigit() or len(piece.text) > 6:
            kept.append(piece)
            continue
        before = [other for other in larger if abs(piece.left - other.right) < 0.8 * other.size]
        if not before:
            kept.append(replace(piece, text=f"注{piece.text.strip('()（）注※* ')}: ", size=larger[0].size))
        elif before[0].text[-1:].isascii() and before[0].text[-1:].isalnum():
            kept.append(piece)
    return kept


def _towers_over(other: Piece, piece: Piece) -> bool:
    return other.size * 0.75 >= piece.size and other.top - 0.5 * other.size < piece.middle < other.bottom
