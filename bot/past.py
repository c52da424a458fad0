"""A desk's log, queue and clock as they stood when one exchange was asked, in memory: nothing written here is kept.

What an exchange writes while it is replayed stays in ``PastLog.written`` for comparing, and goes away with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.cases import Case, CaseId, CaseState, Change, ChangeKind, opened
from bot.ports import Transaction
from bot.records import (
    Appended,
    Citing,
    ConversationId,
    Entry,
    EntryId,
    ExchangeId,
    Notice,
    Receipt,
    RecordedEntry,
    RecordedExchange,
    Waiting,
)
from bot.records_json import (
    CASE,
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
from bot.register import AutomationRegister
from bot.switch import Off

_NOBODYS: Final = "replay"
_LEAF: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class PastClock:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True, slots=True)
class PastRegister:
    """The register in the version that a record names."""

    version: AutomationRegister

    def active(self) -> AutomationRegister:
        return self.version


@dataclass(frozen=True, slots=True)
class PastSwitch:
    """The switch as a record tells it."""

    off: Off | None

    def state(self) -> Off | None:
        return self.off


class PastLog:
    """``bot.ports.Log`` and ``bot.ports.UnitOfWork`` over what a conversation held before one of its exchanges.

    ``before`` are its entries up to that exchange, oldest first. Entries that were not written as the house writes
    them raise ValueError or KeyError where they are read.
    """

    def __init__(self, before: Sequence[RecordedEntry], moment: datetime) -> None:
        self._before = before
        self._moment = moment
        self.written: list[Entry] = []

    def append(self, entry: Entry, within: Transaction | None = None) -> Appended:
        del within
        self.written.append(entry)
        return Appended(EntryId(f"{_NOBODYS}-{len(self.written)}"), _LEAF, self._moment)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        yield _Nothing()

    def receipt(self, appended: Appended) -> Receipt:
        """No promise: it is signed by nobody and has no code."""
        return Receipt("", _NOBODYS, appended.entry, appended.leaf, appended.time, 0, "")

    def conversation(self, conversation: ConversationId, limit: int = 50) -> Sequence[RecordedExchange]:
        del conversation  # this log knows of one alone
        begun = [each for each in self._before if each.kind == OPENED]
        return [self._exchange(each) for each in begun[-limit:]]

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        return next((each for each in self.conversation(ConversationId("")) if each.exchange == exchange), None)

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        del subject
        return self._before

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        del subject
        return self._before[-1].entry if self._before else None

    def text(self, exchange: ExchangeId) -> str:
        del exchange
        return ""

    def by_receipt(self, typed: str) -> RecordedExchange | None:
        del typed
        return None

    def sharing(self, exchange: ExchangeId) -> Sequence[Citing]:
        del exchange
        return ()

    def outcomes(self, since: datetime, until: datetime) -> Mapping[str, int]:
        del since, until
        return {}

    def _exchange(self, begun: RecordedEntry) -> RecordedExchange:
        name = begun.meta[EXCHANGE]
        closed = next((each for each in self._before if each.kind == CLOSED and each.meta[EXCHANGE] == name), None)
        reply = closed.contents.get(REPLY) if closed else None
        return RecordedExchange(
            exchange=ExchangeId(str(name)),
            conversation=ConversationId(str(begun.meta[CONVERSATION])),
            received=datetime.fromisoformat(str(begun.meta[RECEIVED])),
            question=question_from_record(begun.contents.get(QUESTION) or "", begun.meta),
            reply=reply_from_json(reply) if reply else None,
            receipt=None,
            opened=begun.entry,
            closed=closed.entry if closed else None,
        )


class PastCases:
    """``bot.ports.Cases``: those of one conversation, as far as their opening tells. ``waiting`` is the whole queue."""

    def __init__(self, before: Sequence[RecordedEntry], waiting: int) -> None:
        self._waiting = waiting
        self._held = [_case(each) for each in before if each.kind == f"case.{ChangeKind.OPENED}"]

    def of_conversation(self, conversation: ConversationId) -> Sequence[Case]:
        del conversation
        return self._held

    def live(self, within: Transaction | None = None) -> int:
        del within
        return self._waiting

    def add(self, within: Transaction, case: Case, digest: bytes, once: str | None) -> None:
        """Nothing is kept."""

    def put(self, within: Transaction, case: Case) -> None:
        """Nothing is kept."""

    def get(self, case: CaseId, within: Transaction | None = None) -> Case | None:
        del within
        return next((each for each in self._held if each.id == case), None)

    def by_digest(self, digest: bytes) -> Case | None:
        del digest
        return None

    def by_once(self, once: str, within: Transaction | None = None) -> Case | None:
        del once, within
        return None

    def in_states(self, states: frozenset[CaseState], limit: int = 10_000) -> Sequence[Case]:
        del states, limit
        return ()

    def merged_into(self, case: CaseId, within: Transaction | None = None) -> Sequence[Case]:
        del case, within
        return ()

    def keep_contact(self, within: Transaction, case: CaseId, contact: str, until: datetime) -> None:
        """Nothing is kept."""

    def contact(self, case: CaseId) -> tuple[str, datetime] | None:
        del case
        return None

    def drop_contact(self, within: Transaction, case: CaseId) -> bool:
        del within, case
        return False

    def contacts_past(self, moment: datetime) -> Sequence[CaseId]:
        del moment
        return ()


class NoOutbox:
    """``bot.ports.Outbox`` that tells nobody anything."""

    def put(self, within: Transaction, notice: Notice) -> None:
        """Nobody is told."""

    def take(self, now: datetime, limit: int = 20) -> Sequence[Waiting]:
        del now, limit
        return ()

    def done(self, key: str, now: datetime) -> None:
        """There is nothing to deliver."""

    def later(self, key: str, when: datetime, cause: str) -> None:
        """There is nothing to deliver."""

    def waiting(self) -> Sequence[Waiting]:
        return ()


class _Nothing:
    """A transaction in which nothing is written."""


def _case(entry: RecordedEntry) -> Case:
    name, conversation = CaseId(str(entry.meta[CASE])), ConversationId(str(entry.meta[CONVERSATION]))
    return opened(name, conversation, Change(ChangeKind.OPENED, entry.meta), entry.time.astimezone(UTC))
