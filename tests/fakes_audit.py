"""A log with a memory in place of a disk. It passes the contract of ``bot.ports.Log`` (tests/contracts/test_log.py)."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock, get_ident
from typing import Any

from audit.canonical import canonical
from audit.citing import rested, shared
from audit.codes import as_receipt_code, fresh_receipt_code
from bot.ports import Clock, LogUnavailable, Transaction
from bot.records import (
    Appended,
    Citing,
    ConversationId,
    Corrected,
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
    CORRECTED,
    EXCHANGE,
    FEEDBACK,
    HELD,
    OPENED,
    OUTCOME,
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


@dataclass(eq=False)
class FakeTransaction:
    """What was written since it began, seen by those it is handed to alone; ``store`` holds what others keep."""

    log: FakeLog
    kept: list[Kept] = field(default_factory=list)
    receipts: dict[EntryId, Receipt] = field(default_factory=dict)
    open: bool = True
    spoiled: bool = False
    _states: dict[int, tuple[Any, Callable[[Any], None]]] = field(default_factory=dict)

    def store(self, owner: object, copied: Callable[[], Any], adopt: Callable[[Any], None]) -> Any:
        """The owner's state inside this transaction: ``copied`` at first, adopted when it commits."""
        if id(owner) not in self._states:
            self._states[id(owner)] = (copied(), adopt)
        return self._states[id(owner)][0]

    @contextmanager
    def unspoiled(self) -> Iterator[None]:
        """After an error in here the whole transaction is void, even where somebody hides the error."""
        try:
            yield
        except BaseException:
            self.spoiled = True
            raise

    def commit(self) -> None:
        self.log.kept.extend(self.kept)
        self.log.receipts.update(self.receipts)
        for state, adopt in self._states.values():
            adopt(state)


@dataclass
class FakeLog:
    """``refuse`` makes it unavailable: for every call, or for entries of the kinds named (``begin``, ``commit``,
    ``cases`` and ``outbox`` are kinds too); ``None`` ends that. It is the desk's unit of work too, as the real one is.
    """

    clock: Clock = field(default_factory=TickingClock)
    origin: str = "example.org/fake"
    kept: list[Kept] = field(default_factory=list)
    receipts: dict[EntryId, Receipt] = field(default_factory=dict)
    _cause: str | None = None
    _kinds: frozenset[str] = frozenset()
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _turn: Lock = field(default_factory=Lock)
    _writing: int | None = None

    def refuse(self, cause: str | None, *kinds: str) -> None:
        self._cause = cause
        self._kinds = frozenset(kinds)

    @contextmanager
    def begin(self) -> Iterator[FakeTransaction]:
        self.available("begin")
        if self._writing == get_ident() or not self._turn.acquire(timeout=30):
            raise LogUnavailable("locked")  # the real one waits for itself, in vain
        transaction = FakeTransaction(self)
        self._writing = get_ident()
        try:
            yield transaction
            self.available("commit")
            if transaction.spoiled:
                raise LogUnavailable("io")
            transaction.commit()
        finally:
            transaction.open, self._writing = False, None
            self._turn.release()

    def own(self, within: Transaction) -> FakeTransaction:
        """The transaction as this log's own. Raises ValueError for another's, or one that has ended."""
        if not isinstance(within, FakeTransaction) or within.log is not self or not within.open:
            raise ValueError("not an open transaction of this log")
        return within

    def append(self, entry: Entry, within: Transaction | None = None) -> Appended:
        if within is None:
            with self.begin() as transaction:
                return self._append(entry, transaction)
        transaction = self.own(within)
        with transaction.unspoiled():
            return self._append(entry, transaction)

    def _append(self, entry: Entry, transaction: FakeTransaction) -> Appended:
        self.available(entry.kind)
        if entry.meta.get(CONVERSATION, entry.subject) != entry.subject:
            raise ValueError("an entry is about the conversation whose key seals it")
        if not set(entry.links) <= {each.appended.entry for each in (*self.kept, *transaction.kept)}:
            raise ValueError("not an entry of this log")
        bytes_ = canonical({"meta": entry.meta, "contents": dict(entry.contents), "kind": entry.kind})
        appended = Appended(
            EntryId(f"entry-{next(self._numbers)}"), hashlib.sha256(b"\x00" + bytes_).hexdigest(), self.clock.now()
        )
        transaction.kept.append(Kept(appended, entry))
        if entry.kind == CLOSED:
            transaction.receipts[appended.entry] = self._fresh(appended)
        return appended

    def receipt(self, appended: Appended) -> Receipt:
        self.available()
        if appended not in [each.appended for each in self.kept]:
            raise ValueError("not an entry of this log")
        return self.receipts.setdefault(appended.entry, self._fresh(appended))

    def conversation(self, conversation: ConversationId, limit: int = 50) -> Sequence[RecordedExchange]:
        self.available()
        found = [self._recorded(each) for each in self._of_kind(OPENED) if each.entry.subject == conversation]
        return found[-limit:] if limit else []

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        self.available()
        opened = (each for each in self._of_kind(OPENED) if each.entry.meta[EXCHANGE] == exchange)
        return next((self._recorded(each) for each in opened), None)

    def text(self, exchange: ExchangeId) -> str:
        self.available()
        own = [each for each in self.kept if each.entry.meta.get(EXCHANGE) == exchange]
        names = {each.appended.entry for each in own}
        about = [each for each in self.kept if each in own or names & set(each.entry.links)]
        lines = [line for each in about for line in self._lines(each)]
        return "\n".join(lines)

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        self.available()
        return [_as_entry(each) for each in self.kept if each.entry.subject == subject]

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        found = self.entries(subject)
        return found[-1].entry if found else None

    def of_kinds(self, kinds: Collection[str]) -> Sequence[RecordedEntry]:
        self.available()
        return [_as_entry(each) for each in self.kept if each.entry.kind in kinds]

    def by_receipt(self, typed: str) -> RecordedExchange | None:
        self.available()
        promised = next((each for each in self.receipts.values() if each.code == as_receipt_code(typed)), None)
        closed = (each.entry for each in self.kept if promised and each.appended.entry == promised.entry)
        return next((self.exchange(ExchangeId(str(each.meta[EXCHANGE]))) for each in closed), None)

    def sharing(self, exchange: ExchangeId) -> Sequence[Citing]:
        self.available()
        closed = self._of_kind(CLOSED)
        own = next((rested(_meta(each)) for each in closed if each.entry.meta[EXCHANGE] == exchange), {})
        return [found for each in closed if (found := self._citing(each, own)) and found.exchange != exchange]

    def _citing(self, closed: Kept, wanted: Mapping[str, str | None]) -> Citing | None:
        meta = _meta(closed)
        passages = shared(meta, wanted)
        code, time = self.receipts[closed.appended.entry].code, closed.appended.time.isoformat()
        return Citing(ExchangeId(meta[EXCHANGE]), time, code, meta.get("snapshot"), passages) if passages else None

    def outcomes(self, since: datetime, until: datetime) -> Mapping[str, int]:
        self.available()
        found: dict[str, int] = {}
        for each in self._of_kind(CLOSED):
            if since <= each.appended.time < until:
                outcome = str(each.entry.meta[OUTCOME])
                found[outcome] = found.get(outcome, 0) + 1
        return found

    def _lines(self, kept: Kept) -> list[str]:
        meta = canonical(kept.entry.meta).decode()
        promised = self.receipts.get(kept.appended.entry)
        return [
            f"{kept.entry.kind} {kept.appended.entry} {meta}",
            *(f"{path}: {value}" for path, value in kept.entry.contents.items()),
            *([f"receipt: {promised.code}"] if promised else []),
        ]

    def _fresh(self, appended: Appended) -> Receipt:
        return Receipt(
            fresh_receipt_code(), self.origin, appended.entry, appended.leaf, appended.time, 60, "bm90IHNpZ25lZA=="
        )

    def _of_kind(self, kind: str) -> list[Kept]:
        return [each for each in self.kept if each.entry.kind == kind]

    def _recorded(self, opened: Kept) -> RecordedExchange:
        meta = opened.entry.meta
        exchange = str(meta[EXCHANGE])
        closed = next((each for each in self._of_kind(CLOSED) if each.entry.meta[EXCHANGE] == exchange), None)
        promised = self.receipts.get(closed.appended.entry) if closed else None
        held = closed.entry.contents.get(HELD) if closed else None
        about = [each for each in self.kept if each.entry.meta.get(EXCHANGE) == exchange]
        return RecordedExchange(
            exchange=ExchangeId(exchange),
            conversation=opened.entry.subject,
            received=datetime.fromisoformat(str(meta[RECEIVED])),
            question=question_from_record(opened.entry.contents[QUESTION], meta),
            reply=reply_from_json(closed.entry.contents[REPLY]) if closed else None,
            receipt=promised.code if promised else None,
            opened=opened.appended.entry,
            closed=closed.appended.entry if closed else None,
            corrected=next((_correction(each) for each in reversed(about) if each.entry.kind == CORRECTED), None),
            useful=next(
                (bool(each.entry.meta["useful"]) for each in reversed(about) if each.entry.kind == FEEDBACK), None
            ),
            draft=None if held is None else reply_from_json(held),
        )

    def available(self, kind: str | None = None) -> None:
        if self._cause is not None and (not self._kinds or kind in self._kinds):
            raise LogUnavailable(self._cause)


def _meta(kept: Kept) -> dict[str, Any]:
    """As JSON gives it back."""
    meta: dict[str, Any] = json.loads(canonical(kept.entry.meta))
    return meta


def _correction(kept: Kept) -> Corrected:
    entry = kept.entry
    return Corrected(entry.contents["text"], kept.appended.time, str(entry.meta["case"]))


def _as_entry(kept: Kept) -> RecordedEntry:
    """As the real log gives it back: what JSON makes of the metadata."""
    entry, appended = kept.entry, kept.appended
    return RecordedEntry(appended.entry, entry.kind, appended.time, _meta(kept), dict(entry.contents), entry.links)
