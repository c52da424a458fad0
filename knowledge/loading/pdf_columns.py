"""The columns of a page, in reading order. Pure.

A page is cut like a sheet of paper: along a white gutter between columns where there is one (the left part is read
first), else along the widest white band across (the upper part first), until no gutter is left. Words of two columns
are therefore never mixed. Small parts on the left (numbers, marks, names before their values) are no column of their
own, nor are the aligned short cells of a table without rules: those are read line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.loading.blocks import Block
from knowledge.loading.pdf_pieces import Piece

GUTTER = 1.2
"""Times the size of type that parts two columns."""
NARROW = 7.0
"""Times the size of type up to which a left part holds marks or names, not a column of text."""
DEEPEST = 60
ROWS = 3
LONGEST_CELL = 14.0
"""Average signs of a cell up to which aligned columns are a table; columns of text have 20 and more."""


@dataclass(frozen=True, slots=True)
class TableBox:
    """A table as one thing to be cut around."""

    top: float
    blocks: tuple[Block, ...]
    left: float
    right: float
    bottom: float
    size: float = 10.0
    text: str = ""


Thing = Piece | TableBox


def columns_of(things: Sequence[Thing]) -> list[list[Thing]]:
    """The columns of a page in reading order, each with its things in no order."""
    return _stacked(_cut(things, 0))


def rows_of(things: Sequence[Thing]) -> list[list[Thing]]:
    """Lines from top to bottom, each from left to right."""
    rows: list[list[Thing]] = []
    for thing in sorted(things, key=lambda each: (each.top, each.left)):
        last = rows[-1][-1] if rows else None
        if (
            isinstance(thing, Piece)
            and isinstance(last, Piece)
            and any(isinstance(each, Piece) and each.beside(thing) for each in rows[-1])
        ):
            rows[-1].append(thing)
        else:
            rows.append([thing])
    return [sorted(row, key=lambda each: each.left) for row in rows]


def _cut(things: Sequence[Thing], depth: int) -> list[list[Thing]]:
    """The page cut into columns, in reading order; lines one below the other stay in one column."""
    if len(things) < 2 or depth > DEEPEST:
        return [list(things)] if things else []
    gutter = _gutter(things)
    if gutter is not None:
        left = [each for each in things if each.right <= gutter]
        right = [each for each in things if each.right > gutter]
        return _cut(left, depth + 1) + _cut(right, depth + 1)
    for upper, lower in _bands(things):
        if _gutter(upper) is not None or _gutter(lower) is not None:
            return _cut(upper, depth + 1) + _cut(lower, depth + 1)
    return [list(things)]


def _stacked(columns: Sequence[list[Thing]]) -> list[list[Thing]]:
    """Parts one below the other with nothing beside them are one column, cut only to find columns elsewhere."""
    alone = [not any(_stands_beside(one, two) for two in columns if two is not one) for one in columns]
    stacked: list[list[Thing]] = []
    for place, column in enumerate(columns):
        if place and alone[place] and alone[place - 1] and _is_under(stacked[-1], column):
            stacked[-1] = [*stacked[-1], *column]
        else:
            stacked.append(column)
    return stacked


def _is_under(upper: Sequence[Thing], lower: Sequence[Thing]) -> bool:
    (left, right), (start, end) = span(upper), span(lower)
    shared = min(right, end) - max(left, start)
    below = min(each.top for each in lower) >= max(each.bottom for each in upper) - 1
    return below and shared > 0.6 * min(right - left, end - start)


def _stands_beside(one: Sequence[Thing], two: Sequence[Thing]) -> bool:
    (left, right), (start, end) = span(one), span(two)
    top = max(min(each.top for each in one), min(each.top for each in two))
    bottom = min(max(each.bottom for each in one), max(each.bottom for each in two))
    return top < bottom and (right <= start or end <= left)


def span(things: Sequence[Thing]) -> tuple[float, float]:
    return min(each.left for each in things), max(each.right for each in things)


def _gutter(things: Sequence[Thing]) -> float | None:
    """Where a white strip from top to bottom parts two columns of text, each of more than one line."""
    size = sorted(each.size for each in things)[len(things) // 2]
    reach = None
    for thing in sorted(things, key=lambda each: each.left):
        if reach is not None and thing.left - reach > GUTTER * size:
            left = [each for each in things if each.right <= reach]
            right = [each for each in things if each.right > reach]
            if _are_columns(left, right, size):
                return reach
        reach = thing.right if reach is None else max(reach, thing.right)
    return None


def _are_columns(left: Sequence[Thing], right: Sequence[Thing], size: float) -> bool:
    upright = any(isinstance(each, Piece) and each.upright for each in [*left, *right])
    if len(rows_of(left)) + len(rows_of(right)) < 4 and not upright:
        return False
    if min(len(rows_of(left)), len(rows_of(right))) < 2 and not upright:
        return False
    wide = max(each.right for each in left) - min(each.left for each in left)
    return upright or (wide > NARROW * size and not _aligned(left, right))


def _aligned(left: Sequence[Thing], right: Sequence[Thing]) -> bool:
    """Whether the parts are columns of a table without rules: short cells, every right one beside a left one."""
    cells = [each for each in [*left, *right] if isinstance(each, Piece)]
    if len(cells) < len(left) + len(right) or sum(len(each.text) for each in cells) > LONGEST_CELL * len(cells):
        return False
    lines = [row[0] for row in rows_of(left)]
    beside = [
        any(isinstance(one, Piece) and isinstance(two, Piece) and one.beside(two) for two in right) for one in lines
    ]
    return len(beside) >= ROWS and all(beside) and len(rows_of(right)) == len(lines)


def _bands(things: Sequence[Thing]) -> list[tuple[list[Thing], list[Thing]]]:
    """The page in two at each white band across, the widest first."""
    found: list[tuple[float, float]] = []
    reach = None
    for thing in sorted(things, key=lambda each: each.top):
        if reach is not None and thing.top >= reach - 1:
            found.append((thing.top - reach, thing.top))
        reach = thing.bottom if reach is None else max(reach, thing.bottom)
    widest = sorted(found, reverse=True)[:12]
    return [
        ([each for each in things if each.top < top], [each for each in things if each.top >= top]) for _, top in widest
    ]
