"""PDF files, read with PDFium in a process of its own (``pdf_worker``).

PDFium and pdfminer.six were compared on five public PDFs (a report made with Word, a law with CID fonts that are not
embedded, a matrix slide, a broken file, a scan): both read the same signs, also where pypdf gives mojibake, and both
carry on after damage. PDFium was 2 to 13 times faster (2 to 31 ms a page against 18 to 78) and says of every sign
whether its meaning is known. So only PDFium reads; the reading order is our own (``pdf_layout``), because neither
reads tables or tells cells and columns from lines of text.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from knowledge.documents import BadDocument
from knowledge.loading.blocks import Block, BlockKind, Extracted
from knowledge.loading.legibility import FEWEST, MOST_UNKNOWN, is_garbled
from knowledge.loading.lines import to_blocks
from knowledge.loading.pages import Page
from knowledge.loading.pdf_layout import read_sheet
from knowledge.loading.pdf_pieces import Piece, Sheet
from knowledge.loading.pdf_tables import Header
from knowledge.loading.wording import tidy

MOST_PAGES = 1_000
SECONDS = 120
"""For one document, reading and ordering together; 1,000 pages of text take about 30."""
FEWEST_SIGNS = 3
"""Signs of a page from which it counts as having a text layer."""
LONGEST_TITLE = 120

_WORKER = Path(__file__).with_name("pdf_worker.py")
_FILE_NAME = re.compile(r"\.\w{2,4}$|^untitled|^無題|^Microsoft \w+ - |^[A-Za-z0-9_\-]+$", re.IGNORECASE)
_OCR = "run OCR (for instance ocrmypdf -l jpn) and give the result"
_BROKEN = "cannot be read as a PDF; open it in a viewer and save or print it to a new PDF"
_TOO_LONG = f"takes longer than {SECONDS} seconds to read; split it or print it to a new PDF"
_STOPS = {
    "password": "is protected by a password; remove the protection and give the result",
    "broken": _BROKEN,
    "time": _TOO_LONG,
}


def read_pdf(name: str, content: bytes) -> Extracted:
    """The blocks of a PDF. ``name`` is for messages. Raises BadDocument with one line that says what to do."""
    if not content.strip():
        raise BadDocument(name, "file", "is empty; give a PDF with text")
    if b"%PDF" not in content[:1024]:
        raise BadDocument(name, "file", "is not a PDF; give a PDF")
    with tempfile.TemporaryFile() as output:
        deadline = time.monotonic() + SECONDS
        _run_worker(name, content, output)
        output.seek(0)
        return _extracted(name, _parsed(name, output), deadline)


def _run_worker(name: str, content: bytes, output: IO[bytes]) -> None:
    """Lets the worker write its lines to ``output``. Raises BadDocument where it was stopped or died."""
    command = [sys.executable, "-I", str(_WORKER), str(SECONDS), str(MOST_PAGES)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file with two numbers; the document goes in by standard input
            command, input=content, stdout=output, stderr=subprocess.DEVNULL, timeout=SECONDS + 10, check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise BadDocument(name, "file", _TOO_LONG) from problem
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise BadDocument(name, "file", _TOO_LONG)
    if done.returncode != 0:
        advice = "needs more memory to read than a document may take, or is broken; print it to a new PDF"
        raise BadDocument(name, "file", advice)


def _parsed(name: str, output: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The worker's lines, without the last. Raises BadDocument for a stop."""
    for line in output:
        read = json.loads(line)
        if read.get("stop") == "pages":
            raise BadDocument(name, "file", f"has {read['pages']:,} pages, more than {MOST_PAGES:,}; split it")
        if "stop" in read:
            raise BadDocument(name, "file", _STOPS[read["stop"]])
        if "end" in read:
            return
        yield read
    raise BadDocument(name, "file", _BROKEN)


def _extracted(name: str, read: Iterator[dict[str, Any]], deadline: float) -> Extracted:
    head = next(read)
    book = _Book()
    for order, raw in enumerate(read, 1):
        if time.monotonic() > deadline:
            raise BadDocument(name, "file", _TOO_LONG)
        book.take(raw, order)
    if len(book.broken) == len(book.pages):
        raise BadDocument(name, "file", _BROKEN)
    if len(book.bare) + len(book.broken) == len(book.pages):
        raise BadDocument(name, "file", f"has no text layer; {_OCR}")
    if 2 * len(book.garbled) >= len(book.pages) - len(book.bare) - len(book.broken):
        raise BadDocument(name, "file", f"has a text layer of garbled signs (mojibake); {_OCR}")
    blocks, remarks = to_blocks(book.pages)
    if not blocks:
        raise BadDocument(name, "file", " ".join(book.remarks[:1]) or f"has no text layer; {_OCR}")
    title = _title(book.largest, blocks, str(head.get("title", "")))
    return Extracted(title, blocks, len(book.pages), (*book.all_remarks(), *remarks))


class _Book:
    """The pages read so far, and what was found wrong with them."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.remarks: list[str] = []
        self.bare: list[int] = []
        self.garbled: list[int] = []
        self.broken: list[int] = []
        self.largest: list[Piece] = []
        self._header: Header | None = None

    def take(self, raw: dict[str, Any], order: int) -> None:
        sheet = _sheet(raw)
        if raw.get("broken"):
            self.broken.append(order)
        elif raw["signs"] + raw["turned"] < FEWEST_SIGNS:
            self.bare.append(order)
        if raw["turned"] > FEWEST_SIGNS:
            self.remarks.append(f"page {order}: {raw['turned']} slanted or turned signs were left out")
        text = "\n".join(piece.text for piece in sheet.pieces)
        if raw["unmapped"] > MOST_UNKNOWN * max(raw["signs"], FEWEST) or is_garbled(text):
            self.garbled.append(order)
            self.pages.append(Page((), order, str(order)))
            return
        read = read_sheet(sheet, order, self._header)
        self._header = read.header
        self.pages.append(read.page)
        self.remarks += read.remarks
        if order == 1:
            self.largest = _largest(sheet)

    def all_remarks(self) -> tuple[str, ...]:
        bare = [f"page {order}: has no text; if it shows any, {_OCR}" for order in self.bare]
        garbled = [f"page {order}: left out; its text layer is garbled (mojibake); {_OCR}" for order in self.garbled]
        broken = [f"page {order}: left out; it is broken" for order in self.broken]
        return (*self.remarks, *bare, *garbled, *broken)


def _sheet(raw: dict[str, Any]) -> Sheet:
    pieces = tuple(Piece(*piece) for piece in raw["pieces"])
    rules = tuple((rule[0], rule[1], rule[2], rule[3]) for rule in raw["rules"])
    return Sheet(pieces, rules, raw["width"], raw["height"])


def _largest(sheet: Sheet) -> list[Piece]:
    """The largest type in the upper two thirds of the page, where it is larger than what most of the page is set in."""
    upper = [piece for piece in sheet.pieces if piece.top < sheet.height * 2 / 3 and len(piece.text) > 1]
    if not upper:
        return []
    size = max(piece.size for piece in upper)
    usual = max(
        upper, key=lambda piece: sum(len(each.text) for each in upper if abs(each.size - piece.size) < 0.5)
    ).size
    if size < 1.15 * usual:
        return []
    return sorted((each for each in upper if each.size > 0.95 * size), key=lambda each: (each.top, each.left))


def _title(largest: list[Piece], blocks: Sequence[Block], metadata: str) -> str | None:
    heads = [block.text for block in blocks[:5] if block.kind is BlockKind.HEADING and block.page == "1"]
    for given in (" ".join(piece.text for piece in largest[:4]), *heads[:1], metadata):
        title = re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", tidy(given))
        if 2 <= len(title) <= LONGEST_TITLE and any(map(str.isalpha, title)) and not _FILE_NAME.search(title):
            return title
    return None
