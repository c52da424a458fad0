"""Small PDFs for tests, made in memory: Japanese without a font file, tables, columns, and hostile ones by hand."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "HeiseiMin-W3"
HIGH = A4[1]

Drawing = Callable[[Canvas], None]


def drawn(*pages: Drawing, title: str | None = None, password: str | None = None) -> bytes:
    """A PDF with one page for each drawing."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    encrypt = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(out, pagesize=A4, encrypt=encrypt)
    if title:
        canvas.setTitle(title)
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def text(canvas: Canvas, x: float, y: float, lines: Sequence[str], size: float = 10.5) -> None:
    """Lines one below the other, ``y`` from the upper edge."""
    canvas.setFont(FONT, size)
    for number, line in enumerate(lines):
        canvas.drawString(x, HIGH - y - number * size * 1.7, line)


def table(canvas: Canvas, x: float, y: float, widths: Sequence[float], rows: Sequence[Sequence[str]]) -> None:
    """A ruled table; a cell's lines are parted by newlines."""
    edges = [x]
    for width in widths:
        edges.append(edges[-1] + width)
    high = 40.0
    for number in range(len(rows) + 1):
        canvas.line(x, HIGH - y - number * high, edges[-1], HIGH - y - number * high)
    for edge in edges:
        canvas.line(edge, HIGH - y, edge, HIGH - y - len(rows) * high)
    for place, row in enumerate(rows):
        for left, cell in zip(edges, row, strict=False):
            text(canvas, left + 4, y + place * high + 14, cell.split("\n"), 9)


def by_hand(objects: Sequence[bytes]) -> bytes:
    """A PDF of the given objects, the first the catalogue, with a right cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
ONE_PAGE = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def stream(content: bytes, head: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (head, len(content), content)


def bomb(megabytes: int) -> bytes:
    """One page whose content inflates a thousandfold, twice over."""
    squeeze = zlib.compressobj(9)
    once = b"".join(squeeze.compress(b" " * 1_000_000) for _ in range(megabytes)) + squeeze.flush()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    return by_hand([CATALOGUE, ONE_PAGE, page, stream(once, b"/Filter /FlateDecode")])


def form_loop() -> bytes:
    """Two forms that draw each other."""
    resources = b"/Resources << /XObject << /A 5 0 R >> >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % resources
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /A %d 0 R >> >>"
    return by_hand(
        [
            CATALOGUE,
            ONE_PAGE,
            page,
            stream(b"/A Do"),
            stream(b"/A Do /A Do", form % 6),
            stream(b"/A Do /A Do", form % 5),
        ]
    )


def tree_loop() -> bytes:
    """A page tree whose branch is its own root."""
    return by_hand([CATALOGUE, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 3 >>"])


def deep(levels: int) -> bytes:
    """Arrays within arrays."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Extra %s%s >>" % (b"[" * levels, b"]" * levels)
    return by_hand([CATALOGUE, ONE_PAGE, page])


def many_pages(count: int) -> bytes:
    """A page tree that names one page ``count`` times."""
    kids = b" ".join([b"3 0 R"] * count)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    return by_hand([CATALOGUE, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), page])
