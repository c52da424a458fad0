"""Which lines of a document are headings, and how deep: by size and weight of the type, by their numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from knowledge.loading.blocks import Block
from knowledge.loading.pages import Line, Page
from knowledge.loading.wording import (
    DOTTED,
    IN_BRACKETS,
    LONGEST_HEADING,
    PLAIN,
    begins_anew,
    ends_sentence,
    is_address,
    numbering,
)

BIGGER = 1.15
"""Times the size of the body's type from which a line can be a heading."""
DEEPEST = 6
_CHAPTERS = 3
"""Numbers of this rank or higher (第1部, 第2章, 第1節) make a heading whatever stands around them."""
_UNNUMBERED = 10

Key = tuple[float, int]


class Headings:
    """Knows the document's body type, so that it can say of one line whether it is a heading."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._body = _body_size(pages)
        self._bold_body = _is_mostly_bold(pages)
        self._known = any(line.level for page in pages for line in page.lines)
        keys = {
            key
            for page in pages
            for line, before, after in _with_neighbours(page)
            if (key := self._key(line, before, after)) is not None
        }
        self._dotted = DOTTED if any(rank == PLAIN for _, rank in keys) else PLAIN
        ranked = sorted({self._ranked(key) for key in keys})
        self._levels = {key: min(place, DEEPEST) for place, key in enumerate(ranked, 1)}

    def level(self, line: Line, before: Line | Block | None, after: Line | Block | None) -> int:
        """The heading's level, 1 the highest, or 0 for a line that is none."""
        key = self._key(line, before, after)
        return 0 if key is None else self._levels[self._ranked(key)]

    def _ranked(self, key: Key) -> Key:
        return (key[0], self._dotted) if key[1] == DOTTED else key

    def _key(self, line: Line, before: Line | Block | None, after: Line | Block | None) -> Key | None:
        if line.level:
            return (0.0, line.level)
        if not _may_head(line.text):
            return None
        rank = numbering(line.text)
        if self._stands_out(line):
            return (-round(2 * (line.size or 0)) / 2, rank or _UNNUMBERED)
        if rank is None or _is_filled(line) or not self._heads_by_number(line, rank, before, after):
            return None
        return (-round(2 * (self._body or 0)) / 2, rank)

    def _heads_by_number(self, line: Line, rank: int, before: Line | Block | None, after: Line | Block | None) -> bool:
        """Whether a numbered line is a heading and not a member of a list: no neighbour is numbered in the same way."""
        if rank == IN_BRACKETS or (rank <= _CHAPTERS and not self._known):
            return True
        if self._known or after is None or _same_rank(rank, before) or _same_rank(rank, after):
            return False
        return line.gap or line.left is not None or before is None

    def _stands_out(self, line: Line) -> bool:
        if line.size is None or self._body is None or (_is_filled(line) and line.size < BIGGER * self._body):
            return False
        return line.size >= BIGGER * self._body or (line.bold and not self._bold_body and line.size >= self._body)


def _may_head(text: str) -> bool:
    """Short, with letters, without the end of a sentence, and no bullet before it unless a number."""
    bare = text.strip()
    if not 2 <= len(bare) <= LONGEST_HEADING or ends_sentence(bare) or is_address(bare):
        return False
    if bare.endswith(("、", "，", ",", "・")) or sum(sign.isalpha() for sign in bare) * 3 < len(bare):
        return False
    return not begins_anew(bare) or numbering(bare) is not None


def _is_filled(line: Line) -> bool:
    """Whether the line goes to the end of its column, so that it may go on in the next."""
    if line.column is None or line.right is None:
        return False
    left, right = line.column
    return right - left > 12 * (line.size or 0) and line.right >= right - 1.5 * (line.size or 0)


def _same_rank(rank: int, other: Line | Block | None) -> bool:
    return isinstance(other, Line) and numbering(other.text) == rank


def _with_neighbours(page: Page) -> list[tuple[Line, Line | Block | None, Line | Block | None]]:
    items = page.items
    return [
        (item, items[place - 1] if place else None, items[place + 1] if place + 1 < len(items) else None)
        for place, item in enumerate(items)
        if isinstance(item, Line)
    ]


def _body_size(pages: Sequence[Page]) -> float | None:
    """The size in which most signs are set."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            if line.size:
                sizes[round(2 * line.size) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else None


def _is_mostly_bold(pages: Sequence[Page]) -> bool:
    signs = Counter({line.bold: 0 for page in pages for line in page.lines})
    for page in pages:
        for line in page.lines:
            signs[line.bold] += len(line.text)
    return signs[True] > signs[False]
