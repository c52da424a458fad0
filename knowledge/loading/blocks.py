"""What every reader of a document gives: its text as blocks in reading order. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # a member of a list, without its mark
    ROW = "row"  # one row of a table, see ``row_text``


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of text that stands together, cleaned, without line breaks of the page's making.

    ``level`` is the depth of a heading (1 the highest), 0 for all else. ``page`` is the page as the document counts it
    from its first one (「3」), None where a format has no pages.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Extracted:
    """A document's text. ``title`` is what the document calls itself, None where it does not.

    ``remarks`` are doubts about parts that were left out or may be wrong, one line each in English, naming the page and
    never the text.
    """

    title: str | None
    blocks: tuple[Block, ...]
    pages: int = 1
    remarks: tuple[str, ...] = ()


def row_text(header: Sequence[str], cells: Sequence[str]) -> str:
    """One row of a table as one text in which every cell stands with its column: 「列: 値、列: 値」.

    Where a cell has no column name only the cell stands; empty cells are left out. The first cell names the row and
    stands first, without its column, followed by a colon-free separator (「値 / 列: 値、列: 値」).
    """
    named = [
        f"{name}: {cell}" if name and name != cell else cell
        for name, cell in zip((*header, *("",) * (len(cells) - len(header))), cells, strict=False)
        if cell
    ]
    if cells and cells[0] and len(named) > 1:
        return f"{cells[0]} / {'、'.join(named[1:])}"
    return "、".join(named)
