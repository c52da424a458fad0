"""What the bot needs from outside, as protocols. Real things live in knowledge, audit, prompts and bot.adapters;
fakes with a memory in tests/fakes.py; both pass the same tests in tests/contracts/.

All calls are synchronous: an exchange runs in a bounded pool of workers (DESIGN §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.records import (
    Appended,
    ConversationId,
    DeskName,
    Entry,
    EntryId,
    Evidence,
    ExchangeId,
    Language,
    MaskedText,
    Passage,
    PassageId,
    Receipt,
    RecordedEntry,
    RecordedExchange,
    Sendable,
    SnapshotId,
    Stamp,
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


class Log(Protocol):
    """One desk's append-only log. There is no update and no delete."""

    def append(self, entry: Entry) -> Appended:
        """Durably store one entry; returns after it is on disk. Raises LogUnavailable."""
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


class SystemLog(Protocol):
    """The service's own append-only log: what people decided and who signed in. State is a fold over its entries.

    ``subject`` names what an entry is about: ``register``, ``switch``, or an account's id.
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
