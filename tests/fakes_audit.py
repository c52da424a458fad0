"""A log with a memory in place of a disk. It passes the contract of ``bot.ports.Log`` (tests/contracts/test_log.py)."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from audit.canonical import canonical
from audit.codes import fresh_receipt_code
from bot.ports import Clock, LogUnavailable
from bot.records import (
    Appended,
    ConversationId,
    Entry,
    EntryId,
    ExchangeId,
    Receipt,
    RecordedEntry,
    RecordedExchange,
)
from bot.records_json import (
    CLOSED,
    CONVERSATION,
    EXCHANGE,
    OPENED,
    QUESTION,
    RECEIVED,
    REPLY,
    question_from_record,
    reply_from_json,
)


@dataclass
class TickingClock:
    """Starts at a fixed time and moves on by a second each time it is asked."""

    time: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@dataclass(frozen=True)
class Kept:
    appended: Appended
    entry: Entry


@dataclass
class FakeLog:
    """``refuse`` makes it unavailable: for every call, or for entries of the kinds named; ``None`` ends that."""

    clock: Clock = field(default_factory=TickingClock)
    origin: str = "example.org/fake"
    kept: list[Kept] = field(default_factory=list)
    receipts: dict[EntryId, Receipt] = field(default_factory=dict)
    _cause: str | None = None
    _kinds: frozenset[str] = frozenset()
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def refuse(self, cause: str | None, *kinds: str) -> None:
        self._cause = cause
        self._kinds = frozenset(kinds)

    def append(self, entry: Entry) -> Appended:
        self._available(entry.kind)
        if entry.meta.get(CONVERSATION, entry.subject) != entry.subject:
            raise ValueError("an entry is about the conversation whose key seals it")
        if not set(entry.links) <= {each.appended.entry for each in self.kept}:
            raise ValueError("not an entry of this log")
        bytes_ = canonical({"meta": entry.meta, "contents": dict(entry.contents), "kind": entry.kind})
        appended = Appended(
            EntryId(f"entry-{next(self._numbers)}"), hashlib.sha256(b"\x00" + bytes_).hexdigest(), self.clock.now()
        )
        self.kept.append(Kept(appended, entry))
        if entry.kind == CLOSED:
            self._promise(appended)
        return appended

    def receipt(self, appended: Appended) -> Receipt:
        self._available()
        if appended not in [each.appended for each in self.kept]:
            raise ValueError("not an entry of this log")
        return self._promise(appended)

    def conversation(self, conversation: ConversationId, limit: int = 50) -> Sequence[RecordedExchange]:
        self._available()
        found = [self._recorded(each) for each in self._of_kind(OPENED) if each.entry.subject == conversation]
        return found[-limit:] if limit else []

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        self._available()
        opened = (each for each in self._of_kind(OPENED) if each.entry.meta[EXCHANGE] == exchange)
        return next((self._recorded(each) for each in opened), None)

    def text(self, exchange: ExchangeId) -> str:
        self._available()
        own = [each for each in self.kept if each.entry.meta.get(EXCHANGE) == exchange]
        names = {each.appended.entry for each in own}
        about = [each for each in self.kept if each in own or names & set(each.entry.links)]
        lines = [line for each in about for line in self._lines(each)]
        return "\n".join(lines)

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        self._available()
        return [_as_entry(each) for each in self.kept if each.entry.subject == subject]

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        found = self.entries(subject)
        return found[-1].entry if found else None

    def _lines(self, kept: Kept) -> list[str]:
        meta = canonical(kept.entry.meta).decode()
        promised = self.receipts.get(kept.appended.entry)
        return [
            f"{kept.entry.kind} {kept.appended.entry} {meta}",
            *(f"{path}: {value}" for path, value in kept.entry.contents.items()),
            *([f"receipt: {promised.code}"] if promised else []),
        ]

    def _promise(self, appended: Appended) -> Receipt:
        fresh = Receipt(
            fresh_receipt_code(), self.origin, appended.entry, appended.leaf, appended.time, 60, "bm90IHNpZ25lZA=="
        )
        return self.receipts.setdefault(appended.entry, fresh)

    def _of_kind(self, kind: str) -> list[Kept]:
        return [each for each in self.kept if each.entry.kind == kind]

    def _recorded(self, opened: Kept) -> RecordedExchange:
        meta = opened.entry.meta
        exchange = str(meta[EXCHANGE])
        closed = next((each for each in self._of_kind(CLOSED) if each.entry.meta[EXCHANGE] == exchange), None)
        promised = self.receipts.get(closed.appended.entry) if closed else None
        return RecordedExchange(
            exchange=ExchangeId(exchange),
            conversation=opened.entry.subject,
            received=datetime.fromisoformat(str(meta[RECEIVED])),
            question=question_from_record(opened.entry.contents[QUESTION], meta),
            reply=reply_from_json(closed.entry.contents[REPLY]) if closed else None,
            receipt=promised.code if promised else None,
            opened=opened.appended.entry,
            closed=closed.appended.entry if closed else None,
        )

    def _available(self, kind: str | None = None) -> None:
        if self._cause is not None and (not self._kinds or kind in self._kinds):
            raise LogUnavailable(self._cause)


def _as_entry(kept: Kept) -> RecordedEntry:
    """As the real log gives it back: what JSON makes of the metadata."""
    entry, appended = kept.entry, kept.appended
    meta = json.loads(canonical(entry.meta))
    return RecordedEntry(appended.entry, entry.kind, appended.time, meta, dict(entry.contents), entry.links)
