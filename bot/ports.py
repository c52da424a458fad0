"""What the bot needs from outside, as protocols. Real things live in knowledge, audit, prompts and bot.adapters;
fakes with a memory in tests/fakes.py; both pass the same tests in tests/contracts/.

All calls are synchronous: an exchange runs in a bounded pool of workers (DESIGN §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bot.cases import Case, CaseId, CaseState
from bot.records import (
    Appended,
    Citing,
    ConversationId,
    DeskName,
    Entry,
    EntryId,
    Evidence,
    ExchangeId,
    Language,
    MaskedText,
    Notice,
    Passage,
    PassageId,
    Receipt,
    RecordedEntry,
    RecordedExchange,
    Sendable,
    SnapshotId,
    Stamp,
    Waiting,
    Word,
)


class LogUnavailable(Exception):
    """The log cannot take or give an entry. ``cause`` is one of: full, read_only, locked, corrupt, missing, io.

    The message never holds entry contents.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(f"the log is unavailable: {cause}")
        self.cause = cause


class ShelfUnavailable(Exception):
    """The active snapshot cannot be searched. ``cause`` is one of: missing, corrupt, memory, embedder, io.

    The message never holds the query.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(f"the shelf is unavailable: {cause}")
        self.cause = cause


class EmbedderUnavailable(Exception):
    """The embedder gave no usable vector. The message never holds the text."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, timezone-aware, UTC."""
        ...


class Shelf(Protocol):
    """One desk's knowledge. It holds only that desk's passages; there is no desk argument."""

    def snapshot(self) -> SnapshotId:
        """The active snapshot. Raises ShelfUnavailable."""
        ...

    def search(self, query: MaskedText, language: Language, limit: int = 10) -> Evidence:
        """The best passages for a stand-alone question, best first; one embedding of the query.

        An empty query (after cleaning) finds nothing. Raises ShelfUnavailable.
        """
        ...

    def passage(self, passage: PassageId) -> Passage | None:
        """One passage of the active snapshot. Raises ShelfUnavailable."""
        ...

    def passages(self) -> Sequence[Passage]:
        """Every passage of the active snapshot, in its order. Raises ShelfUnavailable."""
        ...

    def stamps(self) -> Sequence[Stamp]:
        """The snapshot, the embedding model and the retrieval configuration."""
        ...


class Transaction(Protocol):
    """What commits together at one desk. What is inside, the adapters that it is handed to know."""


class UnitOfWork(Protocol):
    """One desk's transactions: what is written in one is durable together, or not at all."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """Begin to write; no other writer comes between. Durable when the block ends without an error, void
        otherwise. Raises LogUnavailable.
        """
        ...


class Log(Protocol):
    """One desk's append-only log. There is no update and no delete."""

    def append(self, entry: Entry, within: Transaction | None = None) -> Appended:
        """Durably store one entry; returns after it is on disk. Within a transaction of the same desk it is durable
        when that one is. Raises LogUnavailable.
        """
        ...

    def receipt(self, appended: Appended) -> Receipt:
        """The signed promise for an entry of this log, stored with it. Raises LogUnavailable."""
        ...

    def conversation(self, conversation: ConversationId, limit: int = 50) -> Sequence[RecordedExchange]:
        """The newest ``limit`` exchanges of a conversation, oldest first. Raises LogUnavailable."""
        ...

    def exchange(self, exchange: ExchangeId) -> RecordedExchange | None:
        """One exchange by its id. Raises LogUnavailable."""
        ...

    def text(self, exchange: ExchangeId) -> str:
        """Everything stored for an exchange (all its entries, contents opened), as an auditor would read it."""
        ...

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        """Every entry about a conversation, oldest first. Raises LogUnavailable."""
        ...

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        """The newest entry about a conversation: a cheap way to see that nothing came since. Raises LogUnavailable."""
        ...

    def by_receipt(self, typed: str) -> RecordedExchange | None:
        """The exchange a person holds the receipt of, as they typed its code. Raises LogUnavailable."""
        ...

    def sharing(self, exchange: ExchangeId) -> Sequence[Citing]:
        """The other exchanges whose reply rests on a passage that this one's rests on, in the same version, oldest
        first: where one answer was wrong, these may be. Raises LogUnavailable.
        """
        ...

    def outcomes(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """How many exchanges ended with which outcome, from ``since`` to before ``until``. Raises LogUnavailable."""
        ...


class SystemLog(Protocol):
    """The service's own append-only log: what people decided and who signed in. State is a fold over its entries.

    ``subject`` names what an entry is about: ``register``, ``switch``, ``knowledge-<desk>``, or an account's id.
    """

    def append(self, entry: Entry) -> Appended:
        """Durably store one entry; returns after it is on disk. Raises LogUnavailable."""
        ...

    def entries(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        """Every entry about a subject, oldest first. Raises LogUnavailable."""
        ...

    def newest_about(self, subject: ConversationId) -> EntryId | None:
        """The newest entry about a subject: a cheap way to see that nothing came since. Raises LogUnavailable."""
        ...


class WordAnalyzer(Protocol):
    def words(self, text: str) -> Sequence[Word]:
        """Morphemes of cleaned text (Sudachi mode A), in order. Safe to call from any thread."""
        ...


class Embedder(Protocol):
    """Maps texts to unit vectors. Inputs are cleaned and capped by the caller (knowledge.cleaning).

    Both raise EmbedderUnavailable, MemoryError, and ValueError for an empty text.
    """

    @property
    def stamp(self) -> Stamp: ...

    @property
    def dimensions(self) -> int: ...

    def query(self, text: str) -> Sequence[float]: ...

    def passages(self, texts: Sequence[str]) -> Sequence[Sequence[float]]: ...


class Examples(Protocol):
    """How near a text is to sentences that came with the software, in their order (bot/meaning.toml)."""

    def cosines(self, text: str) -> Sequence[float]:
        """One cosine a sentence; none where the sentences have no vectors of the embedder at hand.

        The text is embedded as a shelf embeds its query: the same text costs one embedding for both. Raises
        EmbedderUnavailable, MemoryError, and ValueError for an empty text.
        """
        ...


class Wording(Protocol):
    """The service's own sentences (frames of replies, notices), versioned, by language."""

    def text(self, name: str, language: Language, values: Mapping[str, str] | None = None) -> str:
        """The sentence ``name`` with its placeholders filled. Raises KeyError for an unknown name or placeholder."""
        ...

    @property
    def stamp(self) -> Stamp: ...


class ChatModel(Protocol):
    """A language model, for drafting only. The extractive composer needs none.

    It may stand outside, so it takes nothing but :class:`~bot.records.Sendable`: masked text without a mark of
    confidential information.
    """

    def complete(self, system: str, prompt: Sendable) -> str:
        """One answer to one prompt. Raises ModelUnavailable."""
        ...

    @property
    def stamp(self) -> Stamp: ...


class ModelUnavailable(Exception):
    """The model gave no usable answer; ``cause`` is one of: timeout, refused, malformed, unreachable."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the model is unavailable: {cause}")
        self.cause = cause


class Contacts(Protocol):
    """How to reach a person at this desk; configuration, never invented."""

    @property
    def desk(self) -> DeskName: ...

    def lines(self, language: Language) -> Sequence[str]:
        """Name, phone, hours, address or form as configured; empty where the operator configured nothing."""
        ...


class Cases(Protocol):
    """One desk's cases as they stand: what the log's entries amount to, kept for finding them, and what the person
    gave to be reached by, which stands nowhere else. Every method raises LogUnavailable.
    """

    def add(self, within: Transaction, case: Case, digest: bytes, once: str | None) -> None:
        """Keep a new case. ``digest`` finds it by its number (bot.case_numbers); ``once`` names the request it came
        by, so that the same one sent twice is one case.
        """
        ...

    def put(self, within: Transaction, case: Case) -> None:
        """Keep a case as it stands after a change."""
        ...

    def get(self, case: CaseId, within: Transaction | None = None) -> Case | None: ...

    def by_digest(self, digest: bytes) -> Case | None: ...

    def by_once(self, once: str, within: Transaction | None = None) -> Case | None: ...

    def of_conversation(self, conversation: ConversationId) -> Sequence[Case]:
        """Oldest first."""
        ...

    def in_states(self, states: frozenset[CaseState], limit: int = 10_000) -> Sequence[Case]:
        """The cases in these states: grave first, then by due date, then by time of opening."""
        ...

    def merged_into(self, case: CaseId, within: Transaction | None = None) -> Sequence[Case]: ...

    def live(self, within: Transaction | None = None) -> int:
        """How many cases wait for people."""
        ...

    def keep_contact(self, within: Transaction, case: CaseId, contact: str, until: datetime) -> None:
        """Keep, sealed, how the person wishes to be reached; in place of what was kept before."""
        ...

    def contact(self, case: CaseId) -> tuple[str, datetime] | None:
        """How the person wishes to be reached, and when that is deleted."""
        ...

    def drop_contact(self, within: Transaction, case: CaseId) -> bool:
        """Delete it for good. False where there is none."""
        ...

    def contacts_past(self, moment: datetime) -> Sequence[CaseId]:
        """The cases whose contact is to be deleted by now."""
        ...


class Outbox(Protocol):
    """One desk's notices on their way out, written with what they tell of. Every method raises LogUnavailable."""

    def put(self, within: Transaction, notice: Notice) -> None:
        """Keep a notice to be delivered. One with a key that was put before is the same notice: nothing happens."""
        ...

    def take(self, now: datetime, limit: int = 20) -> Sequence[Waiting]:
        """Notices whose time has come, oldest first. They are not given again before ``now`` plus the lease (120 s)
        unless ``done`` or ``later`` says so, so that a delivery that dies is tried again.
        """
        ...

    def done(self, key: str, now: datetime) -> None:
        """It was delivered."""
        ...

    def later(self, key: str, when: datetime, cause: str) -> None:
        """It was not delivered, for a cause from a closed list; try again then."""
        ...

    def waiting(self) -> Sequence[Waiting]:
        """What is not delivered yet, oldest first."""
        ...


class Notifier(Protocol):
    """One way out: mail, a web hook, the service's own log. Delivers one notice, once per key where the other side
    can tell keys apart.
    """

    def deliver(self, notice: Notice) -> None:
        """Raises NotDelivered."""
        ...


class NotDelivered(Exception):
    """A notice did not arrive; ``cause`` is one of: unreachable, timeout, refused, rejected, unconfigured."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the notice was not delivered: {cause}")
        self.cause = cause
