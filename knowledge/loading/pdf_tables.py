"""Tables of a PDF, where ruling lines make row and column certain. Pure.

Ruling lines that cross make a grid; where a wall is missing two cells are one. A cell that spans rows is said in each
of them (that is what the span means), one that spans the whole width is a paragraph of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.loading.blocks import Block, BlockKind, row_text
from knowledge.loading.pdf_pieces import Piece
from knowledge.loading.wording import begins_anew, ends_sentence, joined, tidy

NEAR = 3.0
"""Points within which two ruling lines are one or meet."""
SHORTEST = 6.0
MOST_RULES = 4_000
"""Ruling lines of a page from which they are a drawing, not tables."""
MOST_CELLS = 2_500
MOST_EMPTY = 0.7
LONGEST_NAME = 40

Rule = tuple[float, float, float]
"""Where it lies, from, to."""
Header = tuple[tuple[float, ...], tuple[str, ...]]
"""Where the columns of a table begin and end, and their names."""
_MARK = re.compile(r"^注\d+: $")


@dataclass(frozen=True, slots=True)
class Table:
    """A table's place and its rows in order; ``pieces`` are those that it took."""

    top: float
    left: float
    right: float
    bottom: float
    blocks: tuple[Block, ...]
    pieces: frozenset[int]
    header: Header | None


def find_tables(
    pieces: Sequence[Piece], rules: Sequence[tuple[float, float, float, float]], page: str, earlier: Header | None
) -> tuple[list[Table], int]:
    """The tables of a page, and how many ruled grids could not be read with certainty (left to the lines).

    ``earlier`` names the columns of the first table where that has no names and the same columns as the table before.
    """
    across, down = _sorted_rules(rules)
    tables: list[Table] = []
    unsure = 0
    for grid in sorted(_grids(across, down), key=lambda each: each.ys[0]):
        read = grid.read(pieces, page, earlier)
        earlier = None
        if read is None:
            unsure += grid.holds_text(pieces)
        elif read.blocks:
            tables.append(read)
    return tables, unsure


def _sorted_rules(rules: Sequence[tuple[float, float, float, float]]) -> tuple[list[Rule], list[Rule]]:
    if len(rules) > MOST_RULES:
        return [], []
    across = [((y0 + y1) / 2, min(x0, x1), max(x0, x1)) for x0, y0, x1, y1 in rules if abs(y0 - y1) < 1]
    down = [((x0 + x1) / 2, min(y0, y1), max(y0, y1)) for x0, y0, x1, y1 in rules if abs(x0 - x1) < 1]
    return _merged(across), _merged(down)


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Rules on one line that touch, as one; dashes and borders of single cells add up to a line."""
    levels: list[list[Rule]] = []
    for rule in sorted(rules):
        if levels and rule[0] - levels[-1][-1][0] <= NEAR / 2:
            levels[-1].append(rule)
        else:
            levels.append([rule])
    merged: list[Rule] = []
    for level in levels:
        at = sum(rule[0] for rule in level) / len(level)
        start, end = None, 0.0
        for _, first, last in sorted(level, key=lambda rule: rule[1]):
            if start is not None and first <= end + NEAR:
                end = max(end, last)
                continue
            if start is not None:
                merged.append((at, start, end))
            start, end = first, last
        if start is not None:
            merged.append((at, start, end))
    return [rule for rule in merged if rule[2] - rule[1] >= SHORTEST]


def _grids(across: Sequence[Rule], down: Sequence[Rule]) -> list[_Grid]:
    """Rules that cross, directly or over others, make a grid."""
    groups: list[tuple[list[Rule], list[Rule]]] = []
    for rule in across:
        touched = [group for group in groups if any(_cross(rule, other) for other in group[1])]
        upright = [other for other in down if _cross(rule, other)]
        merged: tuple[list[Rule], list[Rule]] = ([rule], list(upright))
        for group in touched:
            merged[0].extend(group[0])
            merged[1].extend(other for other in group[1] if other not in merged[1])
            groups.remove(group)
        groups.append(merged)
    grids = [_Grid(_places(rows), _places(columns), rows, columns) for rows, columns in groups]
    return [
        grid for grid in grids if len(grid.ys) >= 3 and len(grid.xs) >= 3 and len(grid.ys) * len(grid.xs) <= MOST_CELLS
    ]


def _cross(across: Rule, down: Rule) -> bool:
    return across[1] - NEAR <= down[0] <= across[2] + NEAR and down[1] - NEAR <= across[0] <= down[2] + NEAR


def _places(rules: Sequence[Rule]) -> list[float]:
    places: list[float] = []
    for place in sorted(rule[0] for rule in rules):
        if not places or place - places[-1] > NEAR:
            places.append(place)
    return places


@dataclass(frozen=True, slots=True)
class _Grid:
    ys: list[float]
    xs: list[float]
    across: list[Rule]
    down: list[Rule]

    def holds_text(self, pieces: Sequence[Piece]) -> bool:
        return any(self._inside(piece) for piece in pieces)

    def _inside(self, piece: Piece) -> bool:
        return self.xs[0] <= piece.centre <= self.xs[-1] and self.ys[0] <= piece.middle <= self.ys[-1]

    def read(self, pieces: Sequence[Piece], page: str, earlier: Header | None) -> Table | None:
        """The grid's rows, None where they are not certain."""
        cells = self._cells()
        texts: dict[int, list[Piece]] = {}
        taken: set[int] = set()
        for number, piece in enumerate(pieces):
            if not self._inside(piece):
                continue
            cell = cells[self._row(piece.middle)][self._column(piece.centre)]
            if not self._fits(piece, cell, cells):
                return None
            texts.setdefault(cell, []).append(piece)
            taken.add(number)
        distinct = {cell for row in cells for cell in row}
        if len(texts) < 2 or len(texts) < (1 - MOST_EMPTY) * len(distinct):
            return None
        said = {cell: _cell_text(held) for cell, held in texts.items()}
        own = self._names(cells, said)
        names = own or self._names_of(earlier)
        blocks = self._blocks(cells[1:] if own else cells, said, names or [""] * len(cells[0]), page)
        header = (tuple(self.xs), tuple(names)) if names else None
        return Table(self.ys[0], self.xs[0], self.xs[-1], self.ys[-1], tuple(blocks), frozenset(taken), header)

    def _names(self, cells: list[list[int]], said: dict[int, str]) -> list[str]:
        """The names of the columns, where the first row has one for each."""
        names = [said.get(cell, "") for cell in cells[0]]
        named = len(set(cells[0])) == len(cells[0]) and all(map(_is_name, names)) and len(cells) > 1
        return names if named else []

    def _names_of(self, earlier: Header | None) -> list[str]:
        if earlier is None or len(earlier[0]) != len(self.xs):
            return []
        same = all(abs(one - two) <= NEAR for one, two in zip(earlier[0], self.xs, strict=True))
        return list(earlier[1]) if same else []

    def _row(self, y: float) -> int:
        return max(place for place, start in enumerate(self.ys[:-1]) if start <= y or place == 0)

    def _column(self, x: float) -> int:
        return max(place for place, start in enumerate(self.xs[:-1]) if start <= x or place == 0)

    def _cells(self) -> list[list[int]]:
        """The number of the cell at every place of the grid; places without a wall between them share one."""
        wide, high = len(self.xs) - 1, len(self.ys) - 1
        cells = [[row * wide + column for column in range(wide)] for row in range(high)]
        for row in range(high):
            for column in range(wide):
                middle_y = (self.ys[row] + self.ys[row + 1]) / 2
                middle_x = (self.xs[column] + self.xs[column + 1]) / 2
                if column and not _wall(self.down, self.xs[column], middle_y):
                    _unite(cells, cells[row][column], cells[row][column - 1])
                if row and not _wall(self.across, self.ys[row], middle_x):
                    _unite(cells, cells[row][column], cells[row - 1][column])
        return cells

    def _fits(self, piece: Piece, cell: int, cells: list[list[int]]) -> bool:
        columns = [column for row in cells for column, each in enumerate(row) if each == cell]
        left, right = self.xs[min(columns)], self.xs[max(columns) + 1]
        return piece.left > left - 0.6 * piece.size and piece.right < right + 0.6 * piece.size

    @staticmethod
    def _blocks(cells: list[list[int]], said: dict[int, str], names: list[str], page: str) -> list[Block]:
        blocks: list[Block] = []
        for row in cells:
            distinct = list(dict.fromkeys(row))
            if len(distinct) == 1:
                if said.get(row[0]) and (not blocks or blocks[-1].text != said[row[0]]):
                    blocks.append(Block(BlockKind.PARAGRAPH, said[row[0]], page=page))
                continue
            texts = [said.get(cell, "") if row.index(cell) == place else "" for place, cell in enumerate(row)]
            text = row_text(names, texts)
            if text and (not blocks or blocks[-1].text != text):
                blocks.append(Block(BlockKind.ROW, text, page=page))
        return blocks


def _is_name(text: str) -> bool:
    return bool(text) and len(text) <= LONGEST_NAME and not ends_sentence(text)


def _wall(rules: Sequence[Rule], at: float, beside: float) -> bool:
    return any(abs(rule[0] - at) <= NEAR and rule[1] - 1 <= beside <= rule[2] + 1 for rule in rules)


def _unite(cells: list[list[int]], one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    for row in cells:
        row[:] = [low if cell == high else cell for cell in row]


def _cell_text(pieces: Sequence[Piece]) -> str:
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: (each.top, each.left)):
        if lines and _MARK.match(piece.text):
            continue
        if lines and lines[-1][-1].beside(piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    text = ""
    for line in lines:
        part = " ".join(piece.text.strip() for piece in sorted(line, key=lambda each: each.left))
        text = f"{text} {part}" if text and begins_anew(part) else joined(text, part)
    return tidy(text)
