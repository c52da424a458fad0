"""Reads one PDF with PDFium in a process of its own: ``python -I pdf_worker.py < file.pdf``, JSON lines out.

PDFium is native code that reads hostile files: a fault of it, a loop or a stream that inflates without end must never
take the ingestion with it. So this file runs alone, with limits set by itself before the first byte is read, and knows
nothing of the project. One line per page: ``{"width", "height", "pieces": [[text, left, right, top, bottom, size,
bold]], "rules": [[x0, y0, x1, y1]], "turned", "unmapped", "signs"}``, coordinates in points from the upper left; a last
line ``{"end": true}`` or ``{"stop": reason}`` with a reason of ``password | broken | pages | time``.
"""

from __future__ import annotations

import ctypes
import json
import math
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MEMORY = 1_500_000_000
"""Bytes of address space; 1,000 pages of text need 150 MB, a stream that inflates to gigabytes fails here."""
OUTPUT = 300_000_000
SIGNS_OF_A_PAGE = 100_000
"""No printed page has more; what has is drawn with letters."""
OBJECTS_OF_A_PAGE = 20_000
DEEPEST_FORM = 4
_TURNED = 0.4
"""Radians from which a sign does not belong to the lines; slanted type has up to 0.3."""
_STRONG = ("bold", "black", "heavy", "demi")
_NEW_PIECE = 1.3
"""Times the size of type that may lie between two signs of one piece; columns and cells stand further apart."""


def main() -> int:
    """Reads standard input, writes JSON lines; arguments: seconds, most pages."""
    seconds, most = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    for line in read(sys.stdin.buffer.read(), time.monotonic() + seconds, most):
        sys.stdout.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n")
    return 0


def read(content: bytes, deadline: float, most: int) -> Iterator[dict[str, Any]]:
    """The document's heading line, its pages, and how it ended."""
    try:
        document = pypdfium2.PdfDocument(content)
        count = len(document)
    except pypdfium2.PdfiumError as problem:
        yield {"stop": "password" if "password" in str(problem).lower() else "broken"}
        return
    if not 0 < count <= most:
        yield {"stop": "pages" if count else "broken", "pages": count}
        return
    yield {"pages": count, "title": str(document.get_metadata_dict().get("Title", ""))[:500]}
    for number in range(count):
        if time.monotonic() > deadline:
            yield {"stop": "time", "pages": number}
            return
        yield _read_page(document, number)
    yield {"end": True}


def _read_page(document: pypdfium2.PdfDocument, number: int) -> dict[str, Any]:
    try:
        page = document[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return {
            "width": 0,
            "height": 0,
            "pieces": [],
            "rules": [],
            "turned": 0,
            "unmapped": 0,
            "signs": 0,
            "broken": True,
        }
    try:
        view = _View(page, _turn(text.raw))
        found = _Pieces(text.raw, view).read()
        return {"width": view.width, "height": view.height, "rules": _rules(page.raw, view), **found}
    finally:
        text.close()
        page.close()


def _turn(text: Any) -> int:
    """The quarter turn that makes most of the page's first signs upright; a page's own /Rotate may say otherwise."""
    turns: Counter[int] = Counter()
    for place in range(min(pdfium.FPDFText_CountChars(text), 500)):
        if pdfium.FPDFText_IsGenerated(text, place) != 1:
            turns[-90 * round(math.degrees(pdfium.FPDFText_GetCharAngle(text, place)) / 90) % 360] += 1
    return turns.most_common(1)[0][0] if turns else 0


class _View:
    """From a page's own coordinates to points from the upper left of the page as its text is read."""

    def __init__(self, page: pypdfium2.PdfPage, turn: int) -> None:
        self._left, self._bottom, right, top = page.get_bbox()
        self._wide, self._high = right - self._left, top - self._bottom
        self.turn = turn
        swapped = self.turn in (90, 270)
        self.width, self.height = (self._high, self._wide) if swapped else (self._wide, self._high)

    def point(self, x: float, y: float) -> tuple[float, float]:
        right, up = x - self._left, y - self._bottom
        if self.turn == 90:
            return up, right
        if self.turn == 180:
            return self._wide - right, up
        if self.turn == 270:
            return self._high - up, self._wide - right
        return right, self._high - up

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """left, right, top, bottom as looked at."""
        (x0, y0), (x1, y1) = self.point(left, bottom), self.point(right, top)
        return min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)


class _Pieces:
    """Gathers a page's signs to pieces of lines."""

    def __init__(self, text: Any, view: _View) -> None:
        self._text, self._view = text, view
        self._found: list[list[Any]] = []
        self._turned = self._unmapped = self._signs = 0
        self._blank = False
        self._box = pdfium.FS_RECTF()

    def read(self) -> dict[str, Any]:
        for place in range(min(pdfium.FPDFText_CountChars(self._text), SIGNS_OF_A_PAGE)):
            self._take(place)
        rounded = [[piece[0], *(round(number, 1) for number in piece[1:6]), piece[6]] for piece in self._found]
        return {"pieces": rounded, "turned": self._turned, "unmapped": self._unmapped, "signs": self._signs}

    def _take(self, place: int) -> None:
        code = pdfium.FPDFText_GetUnicode(self._text, place)
        sign = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if not sign or sign.isspace() or pdfium.FPDFText_IsGenerated(self._text, place) == 1:
            self._blank = self._blank or sign != ""
            return
        angle = (pdfium.FPDFText_GetCharAngle(self._text, place) + math.radians(self._view.turn)) % (2 * math.pi)
        if min(angle, 2 * math.pi - angle) > _TURNED:
            self._turned += 1
        elif pdfium.FPDFText_GetLooseCharBox(self._text, place, self._box):
            self._signs += 1
            self._unmapped += pdfium.FPDFText_HasUnicodeMapError(self._text, place) == 1
            self._add(place, sign)
            self._blank = False

    def _add(self, place: int, sign: str) -> None:
        box = self._box
        left, right, top, bottom = self._view.box(box.left, box.bottom, box.right, box.top)
        size = _size(self._text, place) or bottom - top
        last = self._found[-1] if self._found else None
        new = [sign, left, right, top, bottom, size]
        if last is None or not _goes_on(last, new):
            self._found.append([*new, _is_bold(self._text, place)])
            return
        gap = left - last[2]
        both_latin = last[0][-1].isascii() and sign.isascii()
        divided = (both_latin and (self._blank or gap > 0.25 * size)) or gap > 0.55 * size
        last[0] += f" {sign}" if divided else sign
        last[2], last[3], last[4] = max(last[2], right), min(last[3], top), max(last[4], bottom)


def _goes_on(last: list[Any], new: list[Any]) -> bool:
    _, left, right, top, bottom, size = new
    overlap = min(last[4], bottom) - max(last[3], top)
    if overlap < 0.5 * min(last[4] - last[3], bottom - top) or abs(last[5] - size) > 0.25 * max(last[5], size):
        return False
    return bool(-0.5 * size <= left - last[2] <= _NEW_PIECE * size and right > last[1])


def _size(text: Any, place: int) -> float:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(text, place, matrix):
        return 0.0
    return abs(float(pdfium.FPDFText_GetFontSize(text, place))) * math.hypot(matrix.c, matrix.d)


def _is_bold(text: Any, place: int) -> bool:
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(text, place, name, 128, flags)
    plain = name.value.decode("latin-1").lower()
    return any(word in plain for word in _STRONG) or pdfium.FPDFText_GetFontWeight(text, place) >= 600


def _rules(page: Any, view: _View) -> list[list[float]]:
    rules: list[list[float]] = []
    left = [OBJECTS_OF_A_PAGE]
    for place in range(pdfium.FPDFPage_CountObjects(page)):
        _rules_of(pdfium.FPDFPage_GetObject(page, place), (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0, rules, left)
        if left[0] <= 0:
            return []
    return [[round(number, 1) for x, y in (rule[:2], rule[2:]) for number in view.point(x, y)] for rule in rules]


def _rules_of(each: Any, outer: tuple[float, ...], depth: int, rules: list[list[float]], left: list[int]) -> None:
    left[0] -= 1
    if left[0] <= 0:
        return
    kind = pdfium.FPDFPageObj_GetType(each)
    if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM):
        return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(each, matrix)
    inner = _times((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        rules += _straight(each, inner, left)
    elif depth < DEEPEST_FORM:
        for place in range(pdfium.FPDFFormObj_CountObjects(each)):
            _rules_of(pdfium.FPDFFormObj_GetObject(each, place), inner, depth + 1, rules, left)
            if left[0] <= 0:
                return


def _times(one: tuple[float, ...], two: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = two
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _straight(path: Any, matrix: tuple[float, ...], left: list[int]) -> list[list[float]]:
    """The horizontal and vertical lines of a path that is drawn: stroked, or filled and thin."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    points = _points(path, matrix, left)
    if not stroke.value:
        xs, ys = [x for x, _, _ in points], [y for _, y, _ in points]
        if not fill.value or not points or min(max(xs) - min(xs), max(ys) - min(ys)) > 3:
            return []
    lines = [[x0, y0, x1, y1] for (x0, y0, _), (x1, y1, drawn) in pairwise(points) if drawn]
    return [line for line in lines if abs(line[0] - line[2]) < 1 or abs(line[1] - line[3]) < 1]


def _points(path: Any, matrix: tuple[float, ...], left: list[int]) -> list[tuple[float, float, bool]]:
    points: list[tuple[float, float, bool]] = []
    start = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for place in range(min(pdfium.FPDFPath_CountSegments(path), left[0])):
        left[0] -= 1
        segment = pdfium.FPDFPath_GetPathSegment(path, place)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        a, b, c, d, e, f = matrix
        here = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        moves = pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO
        straight = pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_LINETO
        start = here if moves else start
        points.append((*here, straight))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append((*start, True))
    return points


if __name__ == "__main__":
    sys.exit(main())
