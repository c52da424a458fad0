"""Whether the end of a line lies inside a sentence. Pure.

Where a column's place is known, its right edge decides. Of a plain text only the words tell: whether the seam lies
inside a phrase (``must_join``), whether its two signs stand side by side elsewhere in the same document (「検討」), or
whether the line is as long as the lines that surely go on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from knowledge.loading.pages import Line, Page
from knowledge.loading.wording import begins_anew, ends_sentence, is_address, is_bullet, must_join

FULL = 0.85
"""Share of the column from which a line counts as filled."""
SHORTEST_FULL = 12
"""Signs of a line without known place from which it can fill a column: shorter ones are labels and cells."""
SHORTEST_REST = 5
"""Signs of a line that can be the rest of a filled one, where nothing but the length speaks for it."""
SURE_LINES = 3
NARROW = 15.0
"""Signs of a column up to which each line of a list may fill it."""
_SIZES_DIFFER = 0.15
_ONE_WORD = re.compile(r"[㐀-鿿々]{2}|[ァ-ヺー]{2}")
_JAPANESE_PAIR = re.compile(r"[㐀-鿿々ぁ-ゖァ-ヺー]{2}")
_CLOSED = re.compile(r"[」』）)】]$")
_DEFINES_NEXT = re.compile(r"(?:した|する|できる|れた)$")
_IN_BRACKETS = re.compile(r"^[（(]")


class Seams:
    """Knows the pages of one document, so that it can say of two lines whether they are one."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._blanks_mean_nothing = _blanks_mean_nothing(pages)
        self._pairs = {pair for page in pages for line in page.lines for pair in _pairs(line.text)}
        self._widths = {page.order: _full_width(page) for page in pages}

    def inside(self, grown: Sequence[Line], line: Line, after: Line | None, page: Page, *, same_page: bool) -> bool:
        """Whether ``line`` goes on with the sentence of the lines ``grown``; ``after`` follows it."""
        last = grown[-1]
        if line.apart or is_bullet(line.text) or is_address(last.text) or is_address(line.text):
            return False
        if last.size and line.size and abs(last.size - line.size) > _SIZES_DIFFER * last.size:
            return False
        if last.column is not None:
            return (not same_page or (last.column == line.column and not line.gap)) and _runs_on(last, line)
        if begins_anew(line.text) or ends_sentence(last.text):
            return False
        if not same_page or (line.gap and not self._blanks_mean_nothing):
            return False
        return self._words_go_on(grown, line, after, page)

    def _words_go_on(self, grown: Sequence[Line], line: Line, after: Line | None, page: Page) -> bool:
        last = grown[-1]
        if must_join(last.text, line.text):
            return True
        if not (any(map(str.isalpha, last.text)) and any(map(str.isalpha, line.text))):
            return last.text.isdigit() and len(last.text) <= 2 and not line.gap
        seam = _seam(last.text, line.text)
        if seam in self._pairs and (not line.gap or _ONE_WORD.match(seam)):
            return True
        if not line.gap and (len(line.text) == 1 or _IN_BRACKETS.match(line.text) or _DEFINES_NEXT.search(last.text)):
            return True
        return not _CLOSED.search(last.text) and self._is_filled(grown, line, after, page)

    def _is_filled(self, grown: Sequence[Line], line: Line, after: Line | None, page: Page) -> bool:
        last = grown[-1].text
        width = self._widths[page.order]
        if width is not None and len(line.text) >= SHORTEST_REST and len(last) >= FULL * width:
            return True
        near = [*grown, line, *([after] if after and not after.gap else [])]
        return not line.gap and len(last) >= max(SHORTEST_FULL, FULL * max(len(each.text) for each in near))


def _runs_on(last: Line, line: Line) -> bool:
    """Whether a line of known place goes to the right edge of its column without ending a sentence there.

    A number or a note's mark that begins the next line is then part of the sentence (「第520条の3」), unless the column
    is so narrow that every line fills it.
    """
    if last.column is None or last.right is None or re.search(r"[。．.！？!?]$", last.text):
        return False
    if begins_anew(line.text) and last.column[1] - last.column[0] < NARROW * (last.size or 0):
        return False
    if (begins_anew(line.text) or ends_sentence(last.text)) and not _fills(last):
        return False
    return _fills(last) or (must_join(last.text, line.text) and _nearly_fills(last))


def _fills(last: Line) -> bool:
    if last.column is None or last.right is None:
        return False
    left, right = last.column
    return last.right >= right - max((1 - FULL) / 2 * (right - left), 1.5 * (last.size or 0))


def _nearly_fills(last: Line) -> bool:
    if last.column is None or last.right is None:
        return False
    left, right = last.column
    return last.right >= right - 0.4 * (right - left)


def _full_width(page: Page) -> int | None:
    """The length of the lines of a page that surely go on in the next: the longest but for a tenth of them."""
    lines = page.lines
    sure = sorted(
        len(before.text)
        for before, after in pairwise(lines)
        if not begins_anew(after.text) and not ends_sentence(before.text) and must_join(before.text, after.text)
    )
    long = [length for length in sure if length >= SHORTEST_FULL]
    return long[int(0.9 * (len(long) - 1))] if len(long) >= SURE_LINES else None


def _blanks_mean_nothing(pages: Sequence[Page]) -> bool:
    """Whether blank lines stand inside sentences, as in the text layer of slides: then they part nothing."""
    seams = [
        (before, after) for page in pages for before, after in pairwise(page.lines) if after.gap and after.left is None
    ]
    inside = sum(not ends_sentence(a.text) and not begins_anew(b.text) and must_join(a.text, b.text) for a, b in seams)
    return inside >= 3 and inside / len(seams) >= 0.05


def _pairs(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", text)
    return {pair for first, second in pairwise(plain) if _JAPANESE_PAIR.match(pair := first + second)}


def _seam(before: str, after: str) -> str:
    return unicodedata.normalize("NFKC", before[-1:] + after[:1])
