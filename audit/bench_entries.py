"""What the measurements of the record write: exchanges of the usual size, into a log and as plain rows."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.canonical import canonical
from audit.files import create_private_file
from audit.sqlite import connect
from bot.records import ConversationId, Entry, Json
from bot.records_json import CLOSED, CONVERSATION, EXCHANGE, OPENED

BUSY_SECONDS: Final = 60.0
IN_ONE_CONVERSATION: Final = 3
"""Exchanges that share a subject's key."""

_QUESTION: Final = "都のAI関連予算はいくらですか。"
_LINE: Final = "2025年度の東京都のAI関連予算は140事業、181億円です。"
_PASSAGES: Final = 10

# As wide as the tables of a log are where somebody looks entries up, and no wider.
_PLAIN: Final = (
    "CREATE TABLE plain (sequence INTEGER PRIMARY KEY, entry TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, "
    "time TEXT NOT NULL, conversation TEXT NOT NULL, exchange TEXT, body BLOB NOT NULL) STRICT",
    "CREATE INDEX plain_by_conversation ON plain (conversation, kind)",
    "CREATE INDEX plain_by_exchange ON plain (exchange)",
)
_ADD: Final = "INSERT INTO plain (entry, kind, time, conversation, exchange, body) VALUES (?, ?, ?, ?, ?, ?)"

PlainRow = tuple[str, str, str, str, str, bytes]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of one piece of work: on the clock, and of the processor."""

    wall: float
    cpu: float


def spent(work: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def opening(number: int) -> Entry:
    """The beginning of exchange ``number``: about 500 bytes of leaf and one text of 45 to 80 bytes."""
    conversation = ConversationId(f"c-{number // IN_ONE_CONVERSATION}")
    meta: dict[str, Json] = {
        EXCHANGE: secrets.token_hex(12),
        CONVERSATION: conversation,
        "desk": "public",
        "language": "ja",
        "masked": [],
        "received": "2026-11-23T09:00:00.000000+00:00",
    }
    return Entry(OPENED, conversation, meta, {"question": f"{_QUESTION}（{number}）"})


def closing(opened: Entry) -> Entry:
    """Its end, with evidence, measures, verdicts and stamps as a direct answer has them: about 4 KB of leaf and two
    texts of together 1.5 KB. Its receipt is made with it.
    """
    evidence: list[Json] = [
        {
            "passage": f"passage-{number}",
            "version": f"{number:064x}",
            "score": 3.0811 - number / 7,
            "dense": 0.9096,
            "words": 6.8114,
            "characters": 21.3711,
            "used": number < 3,
        }
        for number in range(_PASSAGES)
    ]
    meta: dict[str, Json] = {
        EXCHANGE: opened.meta[EXCHANGE],
        CONVERSATION: opened.subject,
        "desk": "public",
        "outcome": "answered.documents",
        "evidence": evidence,
        "gate": {f"measure_{number}": 0.123456 * number for number in range(20)},
        "verdict": [{"sentence": number, "kept": True, "passage": f"passage-{number}"} for number in range(4)],
        "stamps": [{"name": f"rules_{number}", "version": "1", "digest": f"{number:064x}"} for number in range(12)],
    }
    reply = canonical({"text": _LINE * 4, "citations": [{"number": 1, "excerpt": _LINE * 8}]}).decode("utf-8")
    return Entry(CLOSED, opened.subject, meta, {"draft": _LINE * 2, "reply": reply})


def plain_row(entry: Entry) -> PlainRow:
    """The same entry as a service without proofs would keep it: one text with everything in it, ready to insert."""
    body: Json = {"meta": entry.meta, "contents": dict(entry.contents)}
    time_, exchange = "2026-11-23T09:00:00.000000Z", str(entry.meta[EXCHANGE])
    return secrets.token_hex(13), entry.kind, time_, entry.subject, exchange, canonical(body)


class PlainLog:
    """Rows in a file of their own, opened as a log's is and synced as often."""

    def __init__(self, path: Path) -> None:
        create_private_file(path, b"")
        self._connection: sqlite3.Connection = connect(path, BUSY_SECONDS)
        for statement in _PLAIN:
            self._connection.execute(statement)

    def add(self, *rows: PlainRow) -> None:
        """All rows in one durable transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        for row in rows:
            self._connection.execute(_ADD, row)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


def bytes_of(directory: Path) -> int:
    """What the files in a directory hold, SQLite's shared memory left out."""
    return sum(each.stat().st_size for each in directory.rglob("*") if each.is_file() and each.suffix != ".sqlite-shm")


def rounded(value: float) -> float:
    """Three digits that count."""
    return float(f"{value:.3g}")
