"""The reading order of a PDF page: tables, columns, lines. Pure.

Ruled tables are taken out as rows, the rest is cut into columns (``pdf_columns``) and read line by line. What is set
from top to bottom is read from right to left. A drawing of cells and arrows has no order that can be trusted: it is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from knowledge.loading.blocks import Block
from knowledge.loading.pages import Line, Page
from knowledge.loading.pdf_columns import GUTTER, TableBox, columns_of, rows_of, span
from knowledge.loading.pdf_pieces import Piece, Sheet, with_upright_words, without_marks
from knowledge.loading.pdf_tables import Header, find_tables
from knowledge.loading.wording import ends_sentence

GAP = 1.1
"""Times the size of type between two lines from which they stand apart; Japanese documents lead up to 1.0."""
MOST_PIECES = 1_500

# A page is given up as a matrix of cells and arrows where all of this holds. Measured on 23 real pages: the one-page
# overview of points of law, with upright cells and arrows, has .84 beside, .00 ends, .88 uneven and 13 signs a piece;
# a table of contents .87, .00, .00; the other pages of a dozen lines or more are under .25 beside and .00 uneven.
MATRIX_LINES = 12
MATRIX_MOST = 400
MATRIX_SIDE = 0.35
"""Share of lines that stand beside another one outside of any ruled table."""
MATRIX_ENDS = 0.1
"""Share of lines that end a sentence; Japanese prose has one in seven to one in three."""
MATRIX_UNEVEN = 0.4
"""Share of neighbours that stand on different lines; cells of a table share theirs, boxes of a drawing do not."""
MATRIX_SIGNS = 20
"""Average signs of a line; columns of Latin prose, which end few sentences at a line's end, have 40 and more."""


@dataclass(frozen=True, slots=True)
class Read:
    """A page in reading order, and what is doubtful about it."""

    page: Page
    remarks: tuple[str, ...]
    header: Header | None = None


def read_sheet(sheet: Sheet, order: int, earlier: Header | None = None) -> Read:
    """The page's lines and rows. Empty, with a remark, where the reading order cannot be trusted.

    ``earlier`` is the header of the last table of the page before, which a table may go on with.
    """
    label = str(order)
    pieces = with_upright_words(without_marks([piece for piece in sheet.pieces if piece.text.strip()]))
    if _is_vertical(pieces):
        return Read(Page(tuple(_vertical_lines(pieces)), order, label), ())
    tables, unsure = find_tables(pieces, sheet.rules, label, earlier)
    taken = {number for table in tables for number in table.pieces}
    free = [piece for number, piece in enumerate(pieces) if number not in taken]
    if len(free) > MOST_PIECES:
        return Read(Page((), order, label), (f"page {label}: left out; it is a drawing made of letters",))
    if _is_matrix(free):
        why = "cells and arrows without a certain reading order; give its content as text"
        return Read(Page((), order, label), (f"page {label}: left out; {why}",))
    remarks = (f"page {label}: {unsure} ruled grid(s) read as lines, not as a table",) if unsure else ()
    rows = [TableBox(table.top, table.blocks, table.left, table.right, table.bottom) for table in tables]
    header = tables[-1].header if tables else None
    return Read(Page(tuple(_items(free, rows)), order, label), remarks, header)


def _items(pieces: Sequence[Piece], tables: Sequence[TableBox]) -> list[Line | Block]:
    items: list[Line | Block] = []
    above: Piece | None = None
    for column in columns_of([*pieces, *tables]):
        left, right = span(column)
        for row in rows_of(column):
            if isinstance(row[0], TableBox):
                items += [block for each in row if isinstance(each, TableBox) for block in each.blocks]
                above = None
            else:
                line = [each for each in row if isinstance(each, Piece)]
                items.append(_line(line, above, (left, right)))
                above = max(line, key=lambda piece: piece.bottom)
    return _with_notes(items)


def _with_notes(items: Sequence[Line | Block]) -> list[Line | Block]:
    """Footnotes and what stands below them, marked as such."""
    first = next((place for place, item in enumerate(items) if isinstance(item, Line) and _is_note(item)), len(items))
    return [
        replace(item, note=True) if isinstance(item, Line) and place >= first else item
        for place, item in enumerate(items)
    ]


def _is_note(line: Line) -> bool:
    return bool(re.match(r"注\d{1,3}: ", line.text))


def _line(row: Sequence[Piece], above: Piece | None, column: tuple[float, float]) -> Line:
    first = row[0]
    size = max(row, key=lambda piece: len(piece.text)).size
    gap = above is None or not -size < first.top + 0.1 * size - above.bottom <= GAP * max(size, above.size)
    return Line(
        _line_text(row),
        gap=gap,
        left=first.left,
        right=max(piece.right for piece in row),
        size=size,
        bold=sum(len(piece.text) for piece in row if piece.bold) * 2 > sum(len(piece.text) for piece in row),
        column=column,
        apart=any(piece.upright for piece in row),
    )


def _line_text(row: Sequence[Piece]) -> str:
    text = ""
    for before, piece in pairwise([None, *row]):
        if piece is None:
            continue
        latin = before is not None and before.text[-1:].isascii() and piece.text[:1].isascii()
        touching = before is not None and piece.left - before.right < (0.25 if latin else 0.7) * piece.size
        text = piece.text if not text else f"{text}{'' if touching else ' '}{piece.text}"
    return text


def _is_vertical(pieces: Sequence[Piece]) -> bool:
    """Whether the page is set from top to bottom: most of its signs stand in long upright lines."""
    upright = sum(len(piece.text) for piece in pieces if piece.upright and len(piece.text) >= 8)
    return upright > 0.6 * sum(len(piece.text) for piece in pieces) > 0


def _vertical_lines(pieces: Sequence[Piece]) -> list[Line]:
    column = (min(piece.top for piece in pieces), max(piece.bottom for piece in pieces))
    lines = sorted(pieces, key=lambda piece: (-round(piece.centre / piece.size), piece.top))
    return [
        Line(piece.text, left=piece.top, right=piece.bottom, size=piece.size, bold=piece.bold, column=column)
        for piece in lines
    ]


def _is_matrix(pieces: Sequence[Piece]) -> bool:
    signs = sum(len(piece.text) for piece in pieces)
    if not MATRIX_LINES <= len(pieces) <= MATRIX_MOST or signs > MATRIX_SIGNS * len(pieces):
        return False
    beside = sum(any(one is not two and _stand_apart(one, two) for two in pieces) for one in pieces)
    ends = sum(ends_sentence(piece.text) for piece in pieces)
    return beside / len(pieces) >= MATRIX_SIDE and ends / len(pieces) < MATRIX_ENDS and _uneven(pieces)


def _stand_apart(one: Piece, two: Piece) -> bool:
    gap = max(one.left, two.left) - min(one.right, two.right)
    overlap = min(one.bottom, two.bottom) - max(one.top, two.top)
    return overlap > 0 and gap > GUTTER * one.size


def _uneven(pieces: Sequence[Piece]) -> bool:
    """Whether the neighbours stand on different lines: cells of a table share theirs, boxes of a drawing do not."""
    pairs = [(one, two) for one in pieces for two in pieces if one.left < two.left and _stand_apart(one, two)]
    uneven = sum(abs(one.middle - two.middle) > 0.25 * one.size for one, two in pairs)
    return bool(pairs) and uneven / len(pairs) >= MATRIX_UNEVEN
