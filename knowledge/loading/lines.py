"""From the lines of pages to blocks: the same for a PDF's lines and for those of a plain text. Pure.

A page breaks its lines where its column ends, so most line ends lie inside a sentence. A line is joined to the next
when the seam lies inside a phrase (it ends in a particle or a comma, the next begins with hiragana or a closing
bracket, katakana meets katakana) or when the line fills its column; a full stop, a short line, a bullet, a number or a
label ends the paragraph. What is left out (page numbers, repeated headers, unreadable upright signs) is either no text
or named in a remark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.loading.blocks import Block, BlockKind
from knowledge.loading.furniture import without_furniture
from knowledge.loading.headings import Headings
from knowledge.loading.pages import Line, Page
from knowledge.loading.seams import Seams
from knowledge.loading.upright import join_upright, without_bare_figures
from knowledge.loading.wording import (
    begins_anew,
    ends_sentence,
    is_item,
    joined,
    tidy,
    without_bullet,
)

_LABEL_MARK = re.compile(r"^[■●◆○▪□]")
_DOT_MARK = re.compile(r"^[•・‣◦∙]")
LONGEST_LABEL = 24
MOST_LINES = 200
"""Lines of one paragraph; a text without any full stop is cut here."""


@dataclass(slots=True)
class _Paragraph:
    """Lines that belong together, while it grows."""

    lines: list[Line]
    page: Page
    label: bool = False

    @property
    def last(self) -> Line:
        return self.lines[-1]

    def block(self) -> Block | None:
        text = ""
        for number, line in enumerate(self.lines):
            part = tidy(without_bullet(line.text) if number == 0 else line.text)
            divided = self.label and number == 1
            if text.isdigit() and part:
                text = f"{text} {part}"
            elif divided and text and part:
                text = f"{text}: {part}"
            else:
                text = joined(text, part)
        kind = BlockKind.ITEM if is_item(self.lines[0].text) else BlockKind.PARAGRAPH
        text = tidy(text)
        return Block(kind, text, page=self.page.label) if _says_something(text) else None


def to_blocks(pages: Sequence[Page]) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """The blocks of ``pages`` in their order, and remarks about what was left out (page named, text never)."""
    remarks: list[str] = []
    cleared: list[Page] = []
    for page in without_furniture(_stripped(pages)):
        place = f"page {page.label}" if page.label else f"part {page.order} between page breaks"
        items, signs = join_upright(page.items)
        if signs:
            remarks.append(f"{place}: single signs set one below the other were left out ({signs})")
        items, figures = without_bare_figures(items)
        if figures:
            remarks.append(f"{place}: figures without readable labels were left out ({figures})")
        cleared.append(replace(page, items=tuple(items)))
    builder = _Builder(Headings(cleared), Seams(cleared))
    for page in cleared:
        builder.take(page)
    return builder.blocks(), tuple(remarks)


def _stripped(pages: Sequence[Page]) -> list[Page]:
    """Without empty lines, and without the blanks around the others."""
    return [
        replace(
            page,
            items=tuple(
                replace(item, text=item.text.strip()) if isinstance(item, Line) else item
                for item in page.items
                if not isinstance(item, Line) or tidy(item.text)
            ),
        )
        for page in pages
    ]


def _says_something(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


class _Builder:
    """Grows paragraphs line by line and keeps the blocks that are done."""

    def __init__(self, headings: Headings, seams: Seams) -> None:
        self._headings = headings
        self._seams = seams
        self._done: list[Block] = []
        self._open: _Paragraph | None = None
        self._notes: list[Block] = []

    def take(self, page: Page) -> None:
        items = [item for item in page.items if not isinstance(item, Line) or not item.note]
        for place, item in enumerate(items):
            if isinstance(item, Block):
                self._close()
                self._done.append(item)
                continue
            after = items[place + 1] if place + 1 < len(items) else None
            level = self._headings.level(item, items[place - 1] if place else None, after)
            if level:
                self._heading(item, level, page, place)
            else:
                self._line(item, page, after if isinstance(after, Line) else None)
        self._take_notes(page)

    def _take_notes(self, page: Page) -> None:
        """Keeps a page's footnotes until the sentence that they interrupt has ended."""
        notes = tuple(replace(line, note=False) for line in page.lines if line.note)
        if notes:
            aside = _Builder(self._headings, self._seams)
            for place, line in enumerate(notes):
                aside._line(line, page, notes[place + 1] if place + 1 < len(notes) else None)
            self._notes += aside.blocks()

    def blocks(self) -> tuple[Block, ...]:
        self._close()
        return tuple(self._done)

    def _heading(self, line: Line, level: int, page: Page, place: int) -> None:
        self._close()
        text = tidy(line.text)
        last = self._done[-1] if self._done else None
        goes_on = place > 0 and line.left is not None and not line.gap and not is_item(line.text)
        if last and goes_on and last.kind is BlockKind.HEADING and last.level == level and last.page == page.label:
            self._done[-1] = replace(last, text=joined(last.text, text))
        elif last is None or (last.text, last.kind) != (text, BlockKind.HEADING):
            self._done.append(Block(BlockKind.HEADING, text, level, page.label))

    def _line(self, line: Line, page: Page, after: Line | None) -> None:
        grown = self._open
        same_page = grown is not None and grown.page is page
        if grown is not None and same_page and self._is_label_of(grown, line):
            grown.lines.append(line)
            grown.label = True
        elif (
            grown is not None
            and len(grown.lines) < MOST_LINES
            and self._seams.inside(grown.lines, line, after, page, same_page=same_page)
        ):
            grown.lines.append(line)
        else:
            self._close()
            self._open = _Paragraph([line], page)

    @staticmethod
    def _is_label_of(grown: _Paragraph, line: Line) -> bool:
        """Whether the paragraph so far is 「■効果」 or 「•方針の名」 and the line is what it stands above."""
        first = grown.lines[0]
        if len(grown.lines) > 1 or line.apart or begins_anew(line.text) or ends_sentence(first.text):
            return False
        if _LABEL_MARK.match(first.text):
            short = len(first.text) <= min(LONGEST_LABEL, 0.8 * len(line.text))
            return short and not re.search(r"[:：、]|[をがはにでと]$", first.text)
        return bool(_DOT_MARK.match(first.text)) and not line.gap and len(line.text) > 1.2 * len(first.text)

    def _close(self) -> None:
        block = self._open.block() if self._open else None
        if block is not None and (not self._done or self._done[-1] != block):
            self._done.append(block)
        self._open = None
        self._done += self._notes
        self._notes = []
