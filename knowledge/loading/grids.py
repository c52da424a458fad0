"""A table, as a grid of cells, to one text for every row. Pure; Word and HTML share it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.loading.blocks import Block, BlockKind, row_text

MOST_PLACES = 500_000
"""Columns times rows of one table; spans make it easy to ask for millions."""
_MOST_ACROSS = 1_000
_LONGEST_NAME = 60  # characters of a column's name; a first row with longer cells is a row like the others
_LONGEST_REPEATED = 100  # characters of a cell over several rows that stands in each of them
_FIGURES = re.compile(r"[\d０-９,，.．%％円年月日時分/／\-－~～〜:：\s]+")
# What columns of two-column tables are called; there a first row of other words is a name and its value.
_NAMES = re.compile(
    r".*(?:名|名称|日|月|年度|内容|区分|項目|種類|分類|備考|説明|額|金額|件数|数|率|先|方法|質問|回答|問|答|対象|定義|用語|意味"
    r"|担当|担当者|場所|期限|期間|概要|例|番号|理由|結果|要件|条件)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``across`` and ``down``: the columns and rows it covers; ``head`` marks the name of a column or row."""

    text: str
    across: int = 1
    down: int = 1
    head: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """One column of one row, and whether the cell in it begins here or reaches in from the left or from above."""

    text: str
    head: bool = False
    from_left: bool = False
    from_above: bool = False


_NOTHING = _Place("")
_Line = list[_Place]


def table_blocks(rows: Sequence[Sequence[Cell]]) -> list[Block]:
    """The blocks of a table: cells over its whole width as paragraphs, all other rows with the names of their columns.

    A cell over several columns stands once in its row; one over several rows stands in each of them, if it is short.
    """
    grid = [line for line in _grid(rows) if any(place.text for place in line)]
    width = max((len(line) for line in grid), default=0)
    first = next((number for number, line in enumerate(grid) if not _is_band(line, width)), len(grid))
    count = _head_rows(grid[first:])
    names = _names(grid[first : first + count], width)
    blocks = [_band(line) for line in grid[:first]]
    for line in grid[first + count :]:
        if _is_band(line, width):
            blocks.append(_band(line))
        elif text := _row(names, line):
            blocks.append(Block(BlockKind.ROW, text))
    return blocks


def _grid(rows: Sequence[Sequence[Cell]]) -> list[_Line]:
    reaching: dict[int, tuple[_Place, int]] = {}  # column -> what reaches into this row, and for how many rows in all
    grid: list[_Line] = []
    left = MOST_PLACES
    for row in rows:
        line: _Line = []
        below: dict[int, tuple[_Place, int]] = {}
        cells = iter(row)
        cell = next(cells, None)
        while (cell is not None or len(line) <= max(reaching, default=-1)) and len(line) < left:
            column = len(line)
            if column in reaching:
                place, more = reaching[column]
                line.append(place)
                if more > 1:
                    below[column] = (place, more - 1)
                continue
            if cell is None:
                line.append(_NOTHING)
                continue
            for step in range(min(max(cell.across, 1), _MOST_ACROSS)):
                line.append(_Place(cell.text, cell.head, from_left=step > 0))
                if cell.down > 1:
                    under = _Place(cell.text, cell.head, from_left=step > 0, from_above=True)
                    below[column + step] = (under, cell.down - 1)
            cell = next(cells, None)
        reaching = below
        left -= len(line)
        grid.append(line)
        if left <= 0:
            break
    return grid


def _is_band(line: _Line, width: int) -> bool:
    return len(line) == width and not line[0].from_above and all(place.from_left for place in line[1:])


def _band(line: _Line) -> Block:
    return Block(BlockKind.PARAGRAPH, line[0].text)


def _head_rows(grid: list[_Line]) -> int:
    """How many first rows name the columns: as marked; without any marks, the first row where it looks like names."""
    if len(grid) < 2:
        return 0
    if any(place.head for line in grid for place in line):
        marked = next((number for number, line in enumerate(grid) if not _all_heads(line)), 0)
        return min(marked, 3)
    if not _looks_like_names(grid[0]):
        return 0
    divided = any(
        place.from_left and place.text and below.text != grid[1][column - 1].text
        for column, (place, below) in enumerate(zip(grid[0], grid[1], strict=False))
    )
    return 2 if divided and len(grid) > 2 and _looks_like_names(grid[1]) else 1


def _all_heads(line: _Line) -> bool:
    return all(place.head or not place.text for place in line)


def _looks_like_names(line: _Line) -> bool:
    texts = [place.text for place in line if place.text]
    if len(texts) < 2 or any(len(text) > _LONGEST_NAME or text.endswith("。") for text in texts):
        return False
    if _FIGURES.fullmatch(texts[0]):
        return False
    return len(line) > 2 or all(_NAMES.fullmatch(text) for text in texts)


def _names(heads: list[_Line], width: int) -> list[str]:
    columns = [[line[column].text for line in heads if column < len(line)] for column in range(width)]
    return [" ".join(dict.fromkeys(text for text in column if text)) for column in columns]


def _row(names: Sequence[str], line: _Line) -> str:
    header: list[str] = []
    cells: list[str] = []
    for column, place in enumerate(line):
        if place.from_left:
            if names[column] and names[column] not in header[-1].split("・"):
                header[-1] = f"{header[-1]}・{names[column]}".strip("・")
            continue
        repeated = not place.from_above or (len(place.text) <= _LONGEST_REPEATED and place.text not in names[column])
        header.append(names[column])
        cells.append(place.text if repeated else "")
    return row_text(header, cells)
