"""Word (.docx) to text: headings, paragraphs, lists, tables, notes and text boxes in the order in which they are read.

Left out: headers and footers, tables of contents, hidden text, tracked deletions, comments. Pictures are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from knowledge.documents import BadDocument
from knowledge.loading.blocks import BlockKind, Extracted
from knowledge.loading.flow import flowed
from knowledge.loading.grids import Cell, table_blocks
from knowledge.loading.ooxml import open_word
from knowledge.loading.wordheads import Line, leveled, split_title
from knowledge.loading.wording import BULLET, without_bullet
from knowledge.loading.wordnumbers import Numbers, read_numbers
from knowledge.loading.wordstyles import Style, Styles, numbering_of, outline_of, read_styles, switched_on, value
from knowledge.loading.wordtables import Seen, grid_of
from knowledge.loading.wordtext import ALTERNATE, CHOICE, Notes, Text, descendants, read_text

_CONTENTS = re.compile(r"(?:toc|目次|contents|index)\s*(?:\d|heading|見出し)", re.IGNORECASE)
_LEADER = re.compile(r"(?:…{2,}|‥{2,}|・{4,}|\.{4,}|_{4,})\s*[\d０-９]+$")
_FURNITURE = frozenset({"以上", "目次", "もくじ", "contents"})
_NOTES = (("footnote", RELATIONSHIP_TYPE.FOOTNOTES), ("endnote", RELATIONSHIP_TYPE.ENDNOTES))
_LONGEST_CONTENTS = 100


def read_word(name: str, content: bytes) -> Extracted:
    """The text of a .docx; ``name`` is the file's for messages. Raises BadDocument."""
    document = open_word(name, content)
    try:
        reading = _Reading(document)
        lines = list(reading.lines(document.element.body))
        stored = str(document.core_properties.title or "")
    except (SyntaxError, ValueError, KeyError, AttributeError, TypeError) as problem:
        # lxml's and python-docx's, for parts that are parsed late and for figures that are none.
        raise BadDocument(name, "file", "is damaged inside; open it in Word and save it again as .docx") from problem
    title, lines = split_title(lines, stored, reading.styles.plain.size)
    blocks = tuple(leveled(lines))
    if not blocks:
        raise BadDocument(name, "text", "holds no text to cite; if it holds pictures of pages, give the text itself")
    return Extracted(title, blocks, remarks=reading.remarks())


@dataclass(slots=True)
class _Reading:
    """One pass through a document: counts numbers, notes and pictures on its way."""

    document: Document
    styles: Styles = field(init=False)
    numbers: Numbers = field(init=False)
    notes: Notes = field(init=False)
    pictures: int = 0

    def __post_init__(self) -> None:
        parts = {
            relation.reltype: relation for relation in self.document.part.rels.values() if not relation.is_external
        }

        def root(kind: str) -> Element | None:
            return parse_xml(parts[kind].target_part.blob) if kind in parts else None

        self.styles = read_styles(root(RELATIONSHIP_TYPE.STYLES))
        self.numbers = read_numbers(root(RELATIONSHIP_TYPE.NUMBERING))
        self.notes = Notes({})
        texts: dict[tuple[str, str], str] = {}
        for kind, relation in _NOTES:
            for note in parse_xml(parts[relation].target_part.blob) if relation in parts else ():
                if note.tag == qn(f"w:{kind}") and note.get(qn("w:type")) in {None, "normal"}:
                    texts[kind, str(note.get(qn("w:id")))] = self._plain(note)
        self.notes = Notes(texts)

    def remarks(self) -> tuple[str, ...]:
        found = []
        if self.pictures:
            found.append(f"{self.pictures} pictures were left out; what is written in them is not known")
        unread = len([key for key, text in self.notes.texts.items() if text and key not in self.notes.numbers])
        if unread:
            found.append(f"{unread} notes were left out; nothing in the text refers to them")
        return tuple(found)

    def lines(self, container: Element) -> Iterator[Line]:
        """The lines of a body, a cell or a text box, in order."""
        for node in container.iterchildren():
            if node.tag == qn("w:p"):
                yield from self._paragraph(node)
            elif node.tag == qn("w:tbl"):
                yield from self._table(node)
            elif node.tag == ALTERNATE:
                for choice in node.iterchildren(CHOICE):
                    yield from self.lines(choice)
            elif node.tag == qn("w:sdt"):
                if not _is_contents(node):
                    for inner in node.iterchildren(qn("w:sdtContent")):
                        yield from self.lines(inner)
            elif node.tag in {qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:smartTag")}:
                yield from self.lines(node)

    def _paragraph(self, node: Element) -> Iterator[Line]:
        properties = node.find(qn("w:pPr"))
        style = self.styles.of(value(properties, qn("w:pStyle")))
        numbering = numbering_of(properties) or style.numbering
        number = self.numbers.next(numbering)
        text = self._text(node)
        bullet = BULLET.match(text.value.strip())
        words = flowed(without_bullet(text.value.strip()))
        if words and not _is_left_out(words, style, text):
            outline = outline_of(properties, style)
            yield Line(
                f"{number} {words}" if outline is not None and number else words,
                style=style.name.lower(),
                outline=outline,
                bold=text.bold,
                size=text.size,
                listed=outline is None and (bullet is not None or _is_listed(numbering)),
                centred=value(properties, qn("w:jc")) == "center",
            )
        yield from self._boxes(text)
        yield from self._notes(text)

    def _text(self, node: Element) -> Text:
        text = read_text(node, self.styles, self.notes)
        self.pictures += text.pictures
        return text

    def _boxes(self, text: Text) -> Iterator[Line]:
        for box in text.boxes:
            for line in self.lines(box):
                yield replace(line, boxed=True)

    def _notes(self, text: Text) -> Iterator[Line]:
        for key in text.notes:
            yield Line(f"注{self.notes.numbers[key]}: {self.notes.texts[key]}", note=True)

    def _table(self, table: Element) -> Iterator[Line]:
        rows = [row for row in descendants(table, qn("w:tr")) if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is None]
        cells = [list(descendants(row, qn("w:tc"))) for row in rows]
        if all(len(line) <= 1 for line in cells):  # a frame around text, not a table
            for line in cells:
                for cell in line:
                    yield from self.lines(cell)
            return
        inside: list[Line] = []
        grid = grid_of([self._row(row, line, inside) for row, line in zip(rows, cells, strict=True)])
        for block in table_blocks(grid):
            yield Line(block.text, row=block.kind is BlockKind.ROW, tabled=True)
        yield from inside

    def _row(self, row: Element, cells: list[Element], inside: list[Line]) -> list[Seen]:
        properties = row.find(qn("w:trPr"))
        head = bool(switched_on(properties, "w:tblHeader"))
        before = value(properties, qn("w:gridBefore")) or ""
        line = [Seen(Cell("", int(before)))] if before.isdecimal() else []
        return line + [self._cell(cell, inside, head=head) for cell in cells]

    def _cell(self, node: Element, inside: list[Line], *, head: bool) -> Seen:
        """The cell; ``inside`` takes the tables, boxes and notes in it, which follow the table."""
        properties = node.find(qn("w:tcPr"))
        across = value(properties, qn("w:gridSpan")) or "1"
        texts = [self._text(paragraph) for paragraph in descendants(node, qn("w:p"), but_in=qn("w:tbl"))]
        for text in texts:
            inside.extend((*self._boxes(text), *self._notes(text)))
        for table in descendants(node, qn("w:tbl")):
            inside.extend(self._table(table))
        merge = value(properties, qn("w:vMerge"))
        return Seen(
            Cell(flowed("\n".join(text.value for text in texts)), int(across) if across.isdecimal() else 1, head=head),
            strong=all(text.bold for text in texts) or _is_shaded(properties),
            starts=merge == "restart",
            goes_on=merge in {"", "continue"},
        )

    def _plain(self, container: Element) -> str:
        """The words of a note."""
        texts = [read_text(node, self.styles, self.notes).value for node in descendants(container, qn("w:p"))]
        return flowed("\n".join(texts))


def _is_contents(node: Element) -> bool:
    gallery = value(node.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}"), qn("w:docPartGallery"))
    return gallery is not None and "table of" in gallery.lower()


def _is_left_out(words: str, style: Style, text: Text) -> bool:
    """Tables of contents, page furniture."""
    if _CONTENTS.fullmatch(style.name) or _LEADER.search(words) or words.lower().replace(" ", "") in _FURNITURE:
        return True
    fields = text.fields.upper()
    return ("TOC " in fields or "PAGEREF" in fields) and len(words) <= _LONGEST_CONTENTS and words[-1:].isdigit()


def _is_listed(numbering: tuple[str, int] | None) -> bool:
    return numbering is not None and numbering[0] not in {"", "0"}


def _is_shaded(properties: Element | None) -> bool:
    shade = properties.find(qn("w:shd")) if properties is not None else None
    return shade is not None and str(shade.get(qn("w:fill"), "auto")).lower() not in {"auto", "ffffff", "none"}
