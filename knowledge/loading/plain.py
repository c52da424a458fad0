"""Plain text: a note of an office, or the text layer of slides saved as text.

Form feeds part pages. A text layer that lost its form feeds still shows where pages began: two or more blank lines, or
one lone blank before a line. The lone blank is a weak sign (a cell's text may begin with one), so a piece after it is a
page of its own only if it has a title of its own; else it belongs to the page before. On slides the title may stand
anywhere in the text layer, but it belongs to the whole slide: it is put first.
"""

from __future__ import annotations

import re
from dataclasses import replace

from knowledge.documents import BadDocument
from knowledge.loading.blocks import BlockKind, Extracted
from knowledge.loading.decoding import decode
from knowledge.loading.furniture import page_number, printed_numbers
from knowledge.loading.lines import to_blocks
from knowledge.loading.pages import Line, Page
from knowledge.loading.wording import PAGE_TITLE, begins_anew, ends_sentence, is_address, numbering, tidy

LARGEST = 20_000_000
"""Bytes; 10,000 pages of text."""
SLIDES = 0.4
"""Share of pages with exactly one slide title from which a text is the text layer of slides."""
LONGEST_TITLE = 30
_MARK_INSIDE = re.compile(r"(?<=[。）)])(?=[■●◆])")
_WEAK_BREAK = re.compile(r"^ (?=\S)")


def read_text(name: str, content: bytes) -> Extracted:
    """The blocks of a text file. ``name`` is for messages. Raises BadDocument with one line that says what to do."""
    if len(content) > LARGEST:
        raise BadDocument(name, "file", f"is larger than {LARGEST:,} bytes; split it")
    text = decode(name, content).replace("\r\n", "\n").replace("\r", "\n")
    if "\f" in text:
        pages = [
            Page(_lines(part), order, str(order)) for order, part in enumerate(text.rstrip("\f\n ").split("\f"), 1)
        ]
        pages = _titled(pages) if _are_slides(pages) else pages
    else:
        pages = _guessed_pages(text)
    blocks, remarks = to_blocks(pages)
    if not blocks:
        raise BadDocument(name, "file", "holds no readable text; give a file with text")
    first = next((block for block in blocks if block.kind is BlockKind.HEADING), None)
    title = first.text if first is not None and first is blocks[0] and len(pages) == 1 else None
    return Extracted(title, blocks, len(pages), remarks)


def _lines(part: str) -> tuple[Line, ...]:
    lines: list[Line] = []
    gap = True
    for raw in part.split("\n"):
        lines += _split(raw, gap=gap)
        gap = not raw.strip()
    return tuple(lines)


def _split(raw: str, *, gap: bool) -> list[Line]:
    """The lines in one: a text layer may set 「■効果」 behind the last sentence of what stood before it."""
    parts = [part.strip() for part in _MARK_INSIDE.split(raw) if part.strip()]
    return [Line(part, gap=gap and number == 0) for number, part in enumerate(parts)]


def _guessed_pages(text: str) -> list[Page]:
    """The pages of slides whose form feeds were lost; one page without a label for any other text."""
    whole = [Page(_lines(text), 1)]
    pieces = _pieces(text)
    pages = [Page(tuple(lines), order) for order, lines in enumerate(pieces, 1)]
    if not _are_slides(pages):
        return whole
    numbers = printed_numbers(pages)
    labelled = [replace(page, label=str(numbers[page.order]) if page.order in numbers else None) for page in pages]
    return _titled(labelled)


def _pieces(text: str) -> list[list[Line]]:
    """The lines between page breaks; a piece after a weak break without a title of its own joins the one before."""
    pieces: list[tuple[bool, list[Line]]] = []
    blanks = 2
    for raw in text.split("\n"):
        if not raw.strip():
            blanks += 1
            continue
        strong = blanks >= 2
        if strong or (_WEAK_BREAK.match(raw) and not blanks):
            pieces.append((strong, []))
        pieces[-1][1].extend(_split(raw, gap=blanks > 0))
        blanks = 0
    joined: list[list[Line]] = []
    for strong, lines in pieces:
        if joined and not strong and not _titles(lines):
            joined[-1] += [replace(lines[0], gap=True), *lines[1:]]
        elif joined and all(page_number(line.text) for line in joined[-1]):
            joined[-1] += lines  # a number alone between two breaks is the first line of what follows
        else:
            joined.append(lines)
    return joined


def _titles(lines: list[Line] | tuple[Line, ...]) -> list[Line]:
    return [line for line in lines if numbering(line.text) == PAGE_TITLE]


def _are_slides(pages: list[Page]) -> bool:
    titled = sum(len(_titles(list(page.lines))) == 1 for page in pages)
    return titled >= 3 and titled / len(pages) >= SLIDES


def _titled(pages: list[Page]) -> list[Page]:
    """Every slide with its title first and known as a heading."""
    return [_with_title_first(page) for page in pages]


def _with_title_first(page: Page) -> Page:
    lines = list(page.lines)
    titles = _titles(lines)
    title = titles[0] if titles else _first_line_title(lines)
    if title is None or len(titles) > 1:
        return page
    place = lines.index(title)
    after = [replace(line, apart=True) if number == 0 else line for number, line in enumerate(lines[place + 1 :])]
    return replace(page, items=(replace(title, level=1, gap=True), *lines[:place], *after))


def _first_line_title(lines: list[Line]) -> Line | None:
    """The first line where it stands as a title: short, no number, no mark, no end of a sentence."""
    first = next((line for line in lines if page_number(line.text) is None), None)
    if first is None or len(tidy(first.text)) > LONGEST_TITLE or begins_anew(first.text):
        return None
    return None if ends_sentence(first.text) or is_address(first.text) else first
