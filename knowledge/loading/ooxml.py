"""The inside of a Word file, opened with distrust: sizes are capped, nothing is written to disk, no entity is expanded.

A .docx is a zip archive of XML. The sizes in its directory are read first, and never believed: every member is unpacked
in small steps up to its cap. XML with a document type declaration is refused (Word never writes one), so that neither
expanding nor external entities can occur.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import OpcError
from docx.package import Package
from docx.parts.document import DocumentPart

from knowledge.documents import BadDocument

MOST_MEMBERS = 5_000
MOST_UNPACKED = 200_000_000
"""Bytes of all members together; a report of 500 pages with pictures has about 50,000,000."""
LARGEST_MEMBER = 100_000_000
LARGEST_XML = 20_000_000
"""Bytes of one member that is parsed; a page of Word has about 20,000."""
HIGHEST_RATIO = 200
"""Unpacked to packed size, for members above ``RATIO_FROM``; Word's own XML reaches about 40."""
RATIO_FROM = 1_000_000

_STEP = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = CONTENT_TYPE.WML_DOCUMENT_MAIN.encode()
_OTHER_MAINS = (
    b"application/vnd.ms-word.document.macroEnabled.main+xml",
    b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)


def open_word(name: str, content: bytes) -> Document:
    """The document in the bytes of a .docx (or .docm, .dotx: nothing in it is run). Raises BadDocument."""
    _check_kind(name, content)
    members = _members(name, content)
    types = members.get("[Content_Types].xml")
    if types is None or not any(member.startswith("word/") for member in members):
        raise BadDocument(name, "file", "is not a Word document; open it in its own program and save it as .docx")
    if b"purl.oclc.org/ooxml" in members.get("_rels/.rels", b""):
        raise BadDocument(name, "file", "is Strict Open XML; save it in Word as an ordinary Word document (.docx)")
    for other in _OTHER_MAINS:
        types = types.replace(other, _MAIN)
    try:
        part = Package.open(_archive({**members, "[Content_Types].xml": types})).main_document_part
        if not isinstance(part, DocumentPart):
            raise _broken(name)
        document: Document = part.document
        if document.element.body is None:
            raise _broken(name)
    except (
        OpcError,
        SyntaxError,
        KeyError,
        ValueError,
        AttributeError,
        AssertionError,
        TypeError,
        IndexError,
    ) as problem:
        # What python-docx raises for packages that do not hold together; its own words quote the file's text.
        raise _broken(name) from problem
    return document


def _broken(name: str) -> BadDocument:
    return BadDocument(
        name, "file", "is damaged inside; open it in Word, let Word repair it and save it again as .docx"
    )


def _check_kind(name: str, content: bytes) -> None:
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise BadDocument(name, "file", "is protected by a password; remove the password in Word and save it again")
        raise BadDocument(name, "file", "is in the old Word format (.doc); open it in Word and save it as .docx")
    if content.lstrip().startswith(b"{\\rtf"):
        raise BadDocument(name, "file", "is RTF, not .docx; open it in Word and save it as .docx")
    if not content.startswith(b"PK"):
        raise BadDocument(name, "file", "is not a Word document; open it in its own program and save it as .docx")


def _members(name: str, content: bytes) -> Mapping[str, bytes]:
    """The unpacked members by name; XML members are free of declarations that define entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_directory(name, entries)
            members: dict[str, bytes] = {}
            left = MOST_UNPACKED
            for entry in entries:
                data = _unpacked(name, archive, entry, min(left, _cap(entry.filename)))
                left -= len(data)
                members[entry.filename] = data
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as problem:
        raise BadDocument(
            name, "file", "is a broken or cut-off .docx; download or save it again from the original"
        ) from problem
    for member, data in members.items():
        if _is_xml(member) and b"<!DOCTYPE" in data.replace(b"\0", b""):
            raise BadDocument(name, "file", "defines entities of its own, which Word never does; it may be an attack")
    return members


def _check_directory(name: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_MEMBERS or len({entry.filename for entry in entries}) != len(entries):
        raise BadDocument(name, "file", "is no archive that Word has written (parts); save it again in Word as .docx")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise BadDocument(name, "file", "is protected by a password; remove the password and save it again")
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries):
        raise BadDocument(name, "file", "is packed in a way that Word does not use; save it again in Word as .docx")
    for entry in entries:
        packed = max(entry.compress_size, 1)
        if entry.file_size > RATIO_FROM and entry.file_size / packed > HIGHEST_RATIO:
            raise _too_large(name)
        if entry.file_size > _cap(entry.filename):
            raise _too_large(name)
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _too_large(name)


def _unpacked(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, cap: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while part := stream.read(_STEP):
            size += len(part)
            if size > cap:
                raise _too_large(name)
            parts.append(part)
    return b"".join(parts)


def _too_large(name: str) -> BadDocument:
    return BadDocument(
        name,
        "file",
        f"unpacks to more than a document needs (limit {MOST_UNPACKED:,} bytes); split it or save it again",
    )


def _cap(member: str) -> int:
    return LARGEST_XML if _is_xml(member) else LARGEST_MEMBER


def _is_xml(member: str) -> bool:
    return member.lower().endswith((".xml", ".rels"))


def _archive(members: Mapping[str, bytes]) -> io.BytesIO:
    """The checked members as a new archive: what is parsed is what was checked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member), data)
    packed.seek(0)
    return packed
