"""The pages of a document as its reader found them: lines in reading order, ready rows between them. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.loading.blocks import Block


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line of one column, as printed.

    ``gap``: it stands apart from the line before. ``left``, ``right``, ``size`` and ``bold`` are known of a PDF's lines
    only; ``column`` is the (left, right) of the column the line belongs to. ``level`` is set where the reader knows the
    line for a heading, ``apart`` where it knows that the line does not go on from the one before,
    ``note`` where it is of a footnote.
    """

    text: str
    gap: bool = False
    left: float | None = None
    right: float | None = None
    size: float | None = None
    bold: bool = False
    column: tuple[float, float] | None = None
    level: int = 0
    apart: bool = False
    note: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """``label`` is how the document counts the page, None where it does not; ``order`` counts from 1 for remarks."""

    items: tuple[Line | Block, ...]
    order: int
    label: str | None = None

    @property
    def lines(self) -> Sequence[Line]:
        return [item for item in self.items if isinstance(item, Line)]
