"""What a page carries for the reader's hand, not for his eye: page numbers, repeated headers and footers. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from knowledge.loading.blocks import Block
from knowledge.loading.pages import Line, Page
from knowledge.loading.wording import begins_anew, is_address, is_item, numbering

_PAGE_NUMBER = re.compile(
    r"^(?:[-–—−‐~〜\[(]\s*)?(?:p\.?\s?|page\s?|ページ\s?)?(?P<number>\d{1,4})(?:\s?(?:/|of)\s?\d{1,4}|\s?(?:ページ|頁))?"
    r"(?:\s*[-–—−‐~〜\])])?$",
    re.IGNORECASE,
)
_BESIDE_A_NOTE = re.compile(r"^\d{1,3}(?=※)|(?<=[^\d\s])(?<!\d)\s\d{1,3}$")
_CONTENTS = re.compile(r"(?:\.{4,}|[．…‥・]{3,}|(?:[.…・] ){4,})[\s　]*[0-9０-９ivx]{1,4}$")
EDGE = 2
"""Lines from the top or bottom of a page that can be a header or a footer."""
REPEATED = 3
"""Pages on which a line must stand at an edge to be furniture; in short documents half of the pages, at least two."""


def page_number(text: str) -> int | None:
    """The number of a line that is nothing but a page number (「- 3 -」「3」「3/14」「ページ3」), else None."""
    match = _PAGE_NUMBER.match(unicodedata.normalize("NFKC", text).strip())
    return int(match["number"]) if match else None


def printed_numbers(pages: Sequence[Page]) -> dict[int, int]:
    """The printed number of each page that shows one, by the page's order.

    A number counts at an edge of its page, or elsewhere when it keeps the distance that the numbers at the edges have
    from the count of pages (a slide's text layer may put its number between two boxes). Cells that hold only a figure
    (「段階」「1」) keep no such distance.
    """
    found = {page.order: _candidates(page) for page in pages}
    edges = [number - order for order, numbers in found.items() for number, at_edge in numbers if at_edge]
    if not edges:
        return {}
    usual = median(edges)
    kept: dict[int, int] = {}
    for order, numbers in found.items():
        near = [number for number, _ in numbers if abs(number - order - usual) <= max(3, len(pages) / 10)]
        if near:
            kept[order] = min(near, key=lambda number: abs(number - order - usual))
    return kept


def _candidates(page: Page) -> list[tuple[int, bool]]:
    lines = page.lines
    numbers = [(place, page_number(line.text)) for place, line in enumerate(lines)]
    return [
        (number, place < EDGE or place >= len(lines) - EDGE)
        for place, number in numbers
        if number is not None and 0 < number <= 9_999
    ]


def without_furniture(pages: Sequence[Page]) -> list[Page]:
    """The pages without page numbers and without lines that repeat at the edges of many pages."""
    numbers = printed_numbers(pages)
    repeated = _repeated(pages)
    return [replace(page, items=_kept(page, numbers.get(page.order), repeated)) for page in pages]


def _kept(page: Page, number: int | None, repeated: frozenset[str]) -> tuple[Line | Block, ...]:
    edge = _edge(page)
    kept: list[Line | Block] = []
    for item in page.items:
        if isinstance(item, Line):
            if _CONTENTS.search(item.text):
                continue  # a table of contents says again what the headings say
            if number is not None and page_number(item.text) == number:
                continue
            if _key(item) in repeated and any(item is line for line in edge):
                continue
            if item.text.lstrip("0123456789").startswith("※"):
                kept.append(replace(item, text=_BESIDE_A_NOTE.sub("", item.text)))
                continue
        kept.append(item)
    return tuple(kept)


def _edge(page: Page) -> list[Line]:
    lines = list(page.lines)
    return lines if len(lines) <= 2 * EDGE else lines[:EDGE] + lines[-EDGE:]


def _repeated(pages: Sequence[Page]) -> frozenset[str]:
    counts = Counter(key for page in pages for key in {_key(line) for line in _edge(page)} if key)
    least = min(REPEATED, max(2, -(-len(pages) // 2)))
    return frozenset(key for key, count in counts.items() if count >= least)


def _key(line: Line) -> str:
    """A line as it repeats: 「東京都 12」 and 「東京都 13」 are one footer.

    What is numbered or labelled counts as repeated only in the same words; an item, an address and what is known for a
    heading never.
    """
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", line.text)).strip()
    if line.level or is_item(line.text) or is_address(line.text):
        return ""
    if begins_anew(line.text) or numbering(line.text) is not None:
        return plain
    return re.sub(r"\d+", "#", plain).strip("# ")
