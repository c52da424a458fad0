"""Recorded exchanges as files: CSV (RFC 4180) for a table's program, JSON Lines with everything. Pure.

A file is made in memory before any of it leaves, so that its digest is recorded first, nothing lies on a disk where no
erasure reaches it, and a fault leaves no half of a file with anybody. Hence it has a largest size.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final

from audit.reading import Hit, OpenedExchange
from audit.stored import StoredEntry
from bot.records import Json
from bot.records_json import CLOSED, CORRECTED, CORRECTION, FEEDBACK, OPENED, QUESTION, REPLY

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of one file."""
MOST: Final = 10_000
"""Exchanges in one file."""
ERASED: Final = "（消去済み）"
ANSWERED: Final = "case.answered"
_NUMBER: Final = "number"  # opens the person's own page of the case: nobody needs it to check a record
_BOM: Final = "\ufeff".encode()
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), full-width forms included."""

Rows = Iterable[OpenedExchange]


class TooLarge(Exception):
    """A file grew over its largest size; nothing of it leaves."""


class Made:
    """A file that grows in memory, with its digest. ``write`` raises TooLarge."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._parts = io.BytesIO()
        self._digest = sha256()
        self._largest = largest

    def write(self, part: bytes) -> None:
        if self.size + len(part) > self._largest:
            raise TooLarge
        self._parts.write(part)
        self._digest.update(part)

    @property
    def size(self) -> int:
        return self._parts.tell()

    @property
    def sha256(self) -> bytes:
        return self._digest.digest()

    @property
    def data(self) -> bytes:
        return self._parts.getvalue()


def as_csv(exchanges: Rows) -> Iterator[bytes]:
    """A table with a line of names, UTF-8 with the mark by which programs know it, every field quoted."""
    yield _BOM + _line([*_COLUMNS, *_TEXTS])
    for each in exchanges:
        told = [read(each.hit) for read in _COLUMNS.values()]
        yield _line([*told, *(read(each) for read in _TEXTS.values())])


def as_lines(exchanges: Rows) -> Iterator[bytes]:
    """One JSON object a line: what the list shows, and every entry with its hash, metadata and contents."""
    for each in exchanges:
        value: dict[str, Json] = {
            **{name: read(each.hit) for name, read in _COLUMNS.items()},
            "entries": [_entry(entry) for entry in each.entries],
        }
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


FORMS: Final[Mapping[str, Callable[[Rows], Iterator[bytes]]]] = {"csv": as_csv, "jsonl": as_lines}
"""The files of exchanges, by the end of their name."""


def _line(values: Iterable[Json]) -> bytes:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([_cell(value) for value in values])
    return written.getvalue().encode()


def _cell(value: Json) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _entry(stored: StoredEntry) -> Json:
    return {
        "entry": stored.entry,
        "kind": stored.leaf["kind"],
        "time": stored.leaf["time"],
        "leaf_hash": stored.hash,
        "meta": dict(stored.leaf["meta"]),
        "contents": {path: text for path, text in stored.contents.items() if path != _NUMBER},
    }


def _text(kind: str, path: str) -> Callable[[OpenedExchange], str]:
    """What the newest entry of a kind says under a path; empty where none does."""

    def read(exchange: OpenedExchange) -> str:
        for each in reversed(exchange.entries):
            if each.leaf["kind"] == kind and path in each.contents:
                text = each.contents[path]
                return ERASED if text is None else text
        return ""

    return read


def _reply(exchange: OpenedExchange) -> str:
    said = _text(CLOSED, REPLY)(exchange)
    return str(json.loads(said)["text"]) if said and said != ERASED else said


def _cited(exchange: OpenedExchange) -> str:
    closed = (each.leaf["meta"] for each in exchange.entries if each.leaf["kind"] == CLOSED)
    return " ".join(str(passage) for meta in closed for passage in meta.get("citations", ()))


_COLUMNS: Final[Mapping[str, Callable[[Hit], Json]]] = {
    "exchange": lambda hit: hit.exchange,
    "received": lambda hit: hit.received.isoformat(),
    "outcome": lambda hit: hit.outcome,
    "topic": lambda hit: hit.topic,
    "risk": lambda hit: hit.risk,
    "automation": lambda hit: hit.automation,
    "language": lambda hit: hit.language,
    "snapshot": lambda hit: hit.snapshot,
    "case_state": lambda hit: hit.case_state,
    "useful": lambda hit: hit.useful,
    "corrected": lambda hit: hit.corrected,
    "masked": lambda hit: " ".join(hit.masked),
    "index": lambda hit: hit.index,
    "entry": lambda hit: hit.closed or hit.opened,
}
_TEXTS: Final[Mapping[str, Callable[[OpenedExchange], Json]]] = {
    "question": _text(OPENED, QUESTION),
    "reply": _reply,
    "citations": _cited,
    "staff_reply": _text(ANSWERED, REPLY),
    "correction": _text(CORRECTED, CORRECTION),
    "comment": _text(FEEDBACK, "comment"),
}
