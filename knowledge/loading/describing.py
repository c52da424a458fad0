"""What a citation says of a document: declared by the operator, else read from its first page, else said to be unknown.

Pure. Nothing is guessed: a date counts only if the first page shows exactly one.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from bot.records import Document, DocumentKind, ExcerptKind, Validity
from knowledge.loading.blocks import Block, BlockKind, Extracted
from knowledge.loading.declared import Declared

UNKNOWN_PUBLISHER = "発行者の記載なし"
UNKNOWN_DATE = "日付不明"
"""Shown as it is wherever a date would stand; no year can be read out of it."""

_LONGEST_ID = 100
_CITED_TITLE = 120  # signs of a title that nobody declared; citations and lists repeat it
_FRONT = 12  # blocks of a document without pages that count as its first page
_LONGEST_TITLE = 40
_SHORT = 60  # characters of a line that names the document, its date or its state; running text is longer
_DRAFT = re.compile(
    r"[(（【\[]\s*案\s*[)）】\]]|素案|原案|ドラフト|たたき台|(?<![a-z])draft(?![a-z])"
    r"|(?:計画|方針|戦略|指針|要綱|要領|ガイドライン|条例|報告書?|基準|ビジョン)案(?:$|[\s(（」』])",
    re.IGNORECASE,
)
_BOTH_CALENDARS = re.compile(r"[(（](?:(?:令和|平成|昭和)\s?(?:元|\d{1,2})|(?:19|20)\d\d)\s?年?度?[)）]")
_DATE = re.compile(
    r"(?:(?P<era>令和|平成|昭和)\s?(?P<count>元|\d{1,2})|(?<!\d)(?P<year>(?:19|20)\d\d))\s?年\s?(?P<month>\d{1,2})\s?月(?:\s?(?P<day>\d{1,2})\s?日)?"
    r"|(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})(?![\d.])"
)
_OTHER_DATE = re.compile(r"期間|期限|締切|締め切り|施行|から|まで|より|以降|以前|予定|改正|法律|[~〜～]|掲載")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}


def described(extracted: Extracted, declared: Declared, file: str, version: str) -> Document:
    """The document as a whole, without section and page."""
    name = unicodedata.normalize("NFC", PurePath(file).name)
    title = declared.title or extracted.title or _first_line(extracted.blocks) or PurePath(name).stem or name
    front = [title, *_front_lines(extracted.blocks)]  # before the cut: a draft may say so at its title's end
    if declared.title is None and len(title) > _CITED_TITLE:
        title = title[: _CITED_TITLE - 1].rstrip() + "…"
    return Document(
        id=declared.id or document_id(name),
        title=title,
        publisher=declared.publisher or UNKNOWN_PUBLISHER,
        source=declared.source or title,
        section=None,
        page=None,
        url=declared.url,
        kind=declared.kind or (DocumentKind.OPINION if declared.speaker else DocumentKind.DOCUMENT),
        validity=_validity(declared, front),
        as_of=declared.as_of or _date(front),
        version=version,
        excerpt_kind=ExcerptKind.ORIGINAL,
        speaker=declared.speaker,
        superseded_by=declared.superseded_by,
    )


def document_id(name: str) -> str:
    """The id of a file's name: itself in kebab case, or a digest of it where it is not ASCII or too long."""
    if name.isascii():
        key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        if 0 < len(key) <= _LONGEST_ID:
            return key
    return "doc-" + hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[:10]


def _first_line(blocks: Sequence[Block]) -> str | None:
    """The line that a document begins with, where it is a title by its shape: short, and no sentence."""
    first = blocks[0].text if blocks else ""
    return first if 0 < len(first) <= _LONGEST_TITLE and not first.endswith(("。", ".", "、")) else None


def _front_lines(blocks: Sequence[Block]) -> Iterator[str]:
    """The short lines of the first page."""
    for number, block in enumerate(blocks):
        if block.page != blocks[0].page:
            return
        if block.page is None and (number >= _FRONT or (number and block.kind is BlockKind.HEADING)):
            return
        if len(block.text) <= _SHORT:
            yield block.text


def _validity(declared: Declared, front: Sequence[str]) -> Validity:
    if declared.validity is not None:
        return declared.validity
    if declared.superseded_by is not None:
        return Validity.SUPERSEDED
    return Validity.DRAFT if any(_DRAFT.search(line) for line in front) else Validity.FINAL


def _date(front: Sequence[str]) -> str:
    """The one date of the lines, as exact as it stands there (ISO 8601)."""
    dates: set[str] = set()
    for line in front:
        if not _OTHER_DATE.search(line):
            dates.update(_dates(unicodedata.normalize("NFKC", line)))
    exact = {date for date in dates if not any(other != date and other.startswith(date) for other in dates)}
    return exact.pop() if len(exact) == 1 else UNKNOWN_DATE


def _dates(line: str) -> Iterator[str]:
    for match in _DATE.finditer(_BOTH_CALENDARS.sub("", line)):
        if match["era"]:
            year = _ERAS[match["era"]] + (1 if match["count"] == "元" else int(match["count"]))
        else:
            year = int(match["year"] or match["y"])
        month, day = int(match["month"] or match["m"]), int(match["day"] or match["d"] or 0)
        if 1 <= month <= 12 and day <= 31:
            yield f"{year}-{month:02d}" + (f"-{day:02d}" if day else "")
