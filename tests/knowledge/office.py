"""Word files made in tests: ordinary ones by python-docx, others by changing what is inside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

import docx
from docx.document import Document
from docx.oxml.parser import parse_xml

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def made(write: Callable[[Document], object]) -> bytes:
    """The bytes of a document into which ``write`` has written."""
    document = docx.Document()
    write(document)
    return saved(document)


def saved(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def xml(document: Document, *paragraphs: str) -> None:
    """Puts paragraphs of raw WordprocessingML at the end of the body."""
    for each in paragraphs:
        document.element.body.insert(-1, parse_xml(each.replace("<w:p>", f"<w:p {W}>", 1)))


def with_members(content: bytes, members: Mapping[str, bytes]) -> bytes:
    """The archive with members added or replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in members:
                new.writestr(entry.filename, old.read(entry.filename))
        for name, data in members.items():
            new.writestr(name, data)
    return stream.getvalue()


def member(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def run(text: str, properties: str = "") -> str:
    """A run of text in WordprocessingML."""
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}<w:t>{text}</w:t></w:r>"


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """The document with a further part, such as its footnotes, and what leads to it."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rId99" Type="{office}/{name}" Target="{name}.xml"/></Relationships>'
    kind = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{name}+xml"
    override = f'<Override PartName="/word/{name}.xml" ContentType="{kind}"/></Types>'
    relations, types = "word/_rels/document.xml.rels", "[Content_Types].xml"
    return with_members(
        content,
        {
            f"word/{name}.xml": data,
            relations: member(content, relations).replace(b"</Relationships>", relation.encode()),
            types: member(content, types).replace(b"</Types>", override.encode()),
        },
    )
