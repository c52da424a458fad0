"""The cells of a Word table as they are joined and marked in the file, made into a grid. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.loading.grids import Cell


@dataclass(frozen=True, slots=True)
class Seen:
    """A cell of the file. ``strong`` is bold or shaded type; ``goes_on`` marks the lower part of a joined cell."""

    cell: Cell
    strong: bool = False
    starts: bool = False
    goes_on: bool = False


def grid_of(rows: Sequence[Sequence[Seen]]) -> list[list[Cell]]:
    """The rows of cells, vertically joined ones once; a strong first row or column counts as its names."""
    marked = [list(row) for row in rows]
    if not any(seen.cell.head for row in rows for seen in row):
        marked = _marked(rows)
    grid: list[list[Cell]] = []
    origins: dict[int, tuple[int, int]] = {}  # column -> the row and place of the joined cell above
    for row in marked:
        line: list[Cell] = []
        column = 0
        for seen in row:
            if seen.goes_on and column in origins:
                above, place = origins[column]
                grid[above][place] = replace(grid[above][place], down=grid[above][place].down + 1)
            else:
                origins.pop(column, None)
                if seen.starts:
                    origins[column] = (len(grid), len(line))
                line.append(seen.cell)
            column += seen.cell.across
        grid.append(line)
    return grid


def _marked(rows: Sequence[Sequence[Seen]]) -> list[list[Seen]]:
    first = _is_strong(rows[0]) and len(rows) > 1 and not _is_strong(rows[1])
    column = not first and all(row and row[0].strong and not _is_strong(row) for row in rows)
    return [
        [
            replace(seen, cell=replace(seen.cell, head=True))
            if (first and not number) or (column and not place)
            else seen
            for place, seen in enumerate(row)
        ]
        for number, row in enumerate(rows)
    ]


def _is_strong(row: Sequence[Seen]) -> bool:
    filled = [seen for seen in row if seen.cell.text]
    return bool(filled) and all(seen.strong for seen in filled)
