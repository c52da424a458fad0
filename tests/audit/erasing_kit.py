"""A log in which people and rules erase, with what lies beside it, and a search for bytes that should be gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audit.erasing import DeskErasing
from audit.erasing_scope import Scope
from audit.erasing_values import Decision
from audit.holds import LIFTED, PLACED, SUBJECT
from audit.retention import Period, Schedule
from audit.sealing import NONCE_BYTES
from bot.ports import Transaction
from bot.records import Appended, ConversationId, Entry, EntryId, ExchangeId
from tests.audit.logs_kit import KeptLog

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SUSPENSION = Decision(
    {"basis": "suspension", "rule": None, "by": "ac_1", "role": "records_officer", "approved_by": "ac_2"},
    {"name": "記録 花子", "reason": "利用停止の決定"},
)


@dataclass
class SetClock:
    """A clock that the test sets; it moves on a little at each look."""

    time: datetime = START

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=10)
        return self.time


@dataclass
class Beside:
    """What lies in other tables and files, remembering what it was told."""

    dropped: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    forgotten: set[ExchangeId] = field(default_factory=set)

    def erased(self, within: Transaction, cases: Collection[str]) -> None:
        self.dropped |= set(cases)

    def pruned(self, within: Transaction, cases: Collection[str]) -> None:
        self.gone |= set(cases)

    def forget(self, exchanges: Collection[ExchangeId]) -> None:
        self.forgotten |= set(exchanges)


class ErasingLog(KeptLog):
    """A kept log with an eraser over it. ``clock`` is set by the test."""

    def __init__(self, directory: Path) -> None:
        self.time = SetClock()
        super().__init__(directory, self.time)
        self.erasing = DeskErasing(directory, self.time, busy_seconds=30)
        self.beside = Beside()

    def close(self) -> None:
        self.erasing.close()
        super().close()

    def decide(self, scope: Scope, decision: Decision = SUSPENSION) -> Appended | None:
        with self.erasing.begin() as within:
            return self.erasing.erase(scope, decision, self.beside, within)

    def finish(self) -> int:
        return self.erasing.finish([self.beside], backup_days=35)

    def expire(self, schedule: Schedule | None = None) -> int:
        return self.erasing.expire(schedule or years(1, 5), self.beside)

    def hold(self, conversation: str) -> EntryId:
        meta = {"by": "ac_1", "role": "records_officer", "why": "legal", "held": conversation}
        with self.erasing.begin() as within:
            return self.erasing.append(Entry(PLACED, SUBJECT, meta, {"reason": "訴訟"}), within).entry

    def lift(self, hold: EntryId, by: str = "ac_2") -> None:
        with self.erasing.begin() as within:
            self.erasing.append(Entry(LIFTED, SUBJECT, {"by": by, "role": "records_officer"}, {}, (hold,)), within)

    def later(self, years_later: int, days: int = 1) -> None:
        self.time.time = START.replace(year=START.year + years_later) + timedelta(days=days)

    def secrets(self, conversation: str) -> list[bytes]:
        """What of a conversation's texts must be nowhere afterwards: sealed bytes, and keys in both forms."""
        rows = self.rows(
            "SELECT subject_key, wrapped, sealed FROM contents JOIN entries USING (sequence) WHERE conversation = ?",
            conversation,
        )
        with closing(sqlite3.connect(self.directory / "keys" / "subjects.sqlite", timeout=30)) as keys:
            wrapped = [
                keys.execute("SELECT wrapped FROM subject_keys WHERE id = ?", (row[0],)).fetchone()[0] for row in rows
            ]
        return [*(row[1] for row in rows), *(row[2][: NONCE_BYTES + 16] for row in rows), *wrapped]


def whole(conversation: str) -> Scope:
    return Scope(ConversationId(conversation))


def years(contents: int, envelopes: int, **more: Period) -> Schedule:
    periods = {"contents": Period(contents), "envelopes": Period(envelopes), "key_backups": Period(days=35), **more}
    return Schedule("7", "0" * 64, periods, own=True)


def files_with(directory: Path, needles: Collection[bytes]) -> list[str]:
    """The files under a directory that hold one of these byte strings, journals included."""
    found = []
    for file in sorted(directory.rglob("*")):
        if file.is_file():
            data = file.read_bytes()
            found += [file.name for needle in needles if needle in data]
    return found


def in_every_coding(text: str) -> list[bytes]:
    return [text.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be", "shift_jis", "euc_jp")] + [
        text.encode("unicode_escape")
    ]
