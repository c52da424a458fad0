"""The visible text of one Word paragraph: without deletions, hidden runs and field codes, with marks for its notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from knowledge.loading.wordstyles import Styles, switched_on, value

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
CHOICE, FALLBACK = f"{_COMPATIBILITY}Choice", f"{_COMPATIBILITY}Fallback"
ALTERNATE = f"{_COMPATIBILITY}AlternateContent"
GONE = frozenset({qn("w:del"), qn("w:moveFrom"), FALLBACK})
"""What a reader does not see: tracked deletions, and the second telling of a drawing for old programs."""
BOX = qn("w:txbxContent")
_PICTURE = frozenset({qn("a:blip"), "{urn:schemas-microsoft-com:vml}imagedata"})
_SKIPPED = GONE | {qn("w:pPr"), qn("w:rPr"), qn("w:sdtPr"), qn("w:rt"), qn("w:tbl"), qn("w:tcPr"), qn("w:trPr")}
_SIGNS: Mapping[str, str] = {
    qn("w:tab"): " ",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
    qn("w:ptab"): " ",
}
_REFERENCES: Mapping[str, str] = {qn("w:footnoteReference"): "footnote", qn("w:endnoteReference"): "endnote"}
_SUPERSCRIPT = re.compile(r"\d{1,3}")


@dataclass(slots=True)
class Notes:
    """The notes of a document, numbered as they are first referred to. ``texts`` are by kind and id."""

    texts: Mapping[tuple[str, str], str]
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """How many notes say anything."""
        return sum(bool(text) for text in self.texts.values())

    def number(self, key: tuple[str, str]) -> int | None:
        """The number of a note, None where the document has no such note."""
        return self.numbers.setdefault(key, len(self.numbers) + 1) if self.texts.get(key) else None


@dataclass(slots=True)
class Text:
    """What a paragraph shows. ``bold`` and ``size`` hold for all of its signs; ``boxes`` are the text boxes in it."""

    value: str = ""
    bold: bool = True
    size: int | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    pictures: int = 0
    fields: str = ""  # the codes of its fields

    def add(self, text: str) -> None:
        self.value += text


@dataclass(frozen=True, slots=True)
class _Run:
    node: Element
    bold: bool
    size: int | None
    raised: bool


def read_text(paragraph: Element, styles: Styles, notes: Notes) -> Text:
    """The text of a paragraph and what stands in it. Notes are counted in the order of reading."""
    style = styles.of(value(paragraph.find(qn("w:pPr")), qn("w:pStyle")))
    text = Text()
    for node in _inner(paragraph):
        if node.tag != qn("w:r"):
            text.add(str(node.text or ""))
            continue
        properties = node.find(qn("w:rPr"))
        own = styles.of(value(properties, qn("w:rStyle"))) if value(properties, qn("w:rStyle")) else style
        hidden = switched_on(properties, "w:vanish")
        if own.hidden or style.hidden if hidden is None else hidden:
            continue
        bold = switched_on(properties, "w:b")
        size = value(properties, qn("w:sz")) or ""
        run = _Run(
            node,
            bold=(own.bold or style.bold) if bold is None else bold,
            size=int(size) if size.isdecimal() else style.size,
            raised=value(properties, qn("w:vertAlign")) == "superscript",
        )
        _read_run(run, text, notes)
    return text


def descendants(node: Element, tag: str, but_in: str = "") -> Iterator[Element]:
    """Those below that a reader sees; not those inside another of the same kind or inside a ``but_in``."""
    for child in node.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag not in GONE and child.tag != but_in:
            yield from descendants(child, tag, but_in)


def _inner(node: Element) -> Iterator[Element]:
    """Runs and the signs of formulas, in order."""
    for child in node.iterchildren():
        if child.tag == qn("w:r") or child.tag == qn("m:t"):
            yield child
        elif child.tag not in _SKIPPED and isinstance(child.tag, str):
            yield from _inner(child)


def _read_run(run: _Run, text: Text, notes: Notes) -> None:
    for child in run.node.iterchildren():
        if child.tag == qn("w:t"):
            _add(run, str(child.text or ""), text, notes)
        elif child.tag in _SIGNS:
            text.add(_SIGNS[child.tag])
        elif child.tag in _REFERENCES:
            key = (_REFERENCES[child.tag], str(child.get(qn("w:id"))))
            number = notes.number(key)
            if number is not None:
                text.add(f"（注{number}）")
                text.notes.append(key)
        elif child.tag == qn("w:ruby"):
            for base in child.iterchildren(qn("w:rubyBase")):
                for inner in _inner(base):
                    _read_run(_Run(inner, run.bold, run.size, raised=False), text, notes)
        elif child.tag == qn("w:instrText"):
            text.fields += str(child.text or "")
        elif child.tag not in GONE and isinstance(child.tag, str):
            text.boxes.extend(descendants(child, BOX))
            text.pictures += sum(1 for each in child.iter() if each.tag in _PICTURE)


def _add(run: _Run, words: str, text: Text, notes: Notes) -> None:
    if not words.strip():
        text.add(words)
        return
    text.bold = text.bold and run.bold
    text.size = max(text.size or 0, run.size or 0) or None
    if run.raised and _SUPERSCRIPT.fullmatch(words.strip()):
        words = _raised(words.strip(), text.value[-1:], notes)
    text.add(words)


def _raised(digits: str, before: str, notes: Notes) -> str:
    """A raised number: a power behind a figure, a sign of a unit behind a letter, else a note by its number."""
    if before.isdigit():
        return f"^{digits}"
    if before.isascii():
        return digits
    return f"（注{digits}）" if 1 <= int(digits) <= notes.known else digits
