"""What is asked of the derived index and what it gives: nouns of searching and reading. Pure.

Nothing here holds a text of a person but ``Query.words`` and ``OpenedExchange.entries``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from audit.stored import StoredEntry
from bot.records import EntryId, ExchangeId

NONE: Final = "none"
"""The value of ``case_states`` and ``feedback`` for an exchange that has no case or no feedback."""

LONGEST_WORDS: Final = 500
LONGEST_PURPOSE: Final = 500
LARGEST_PAGE: Final = 200


class IndexUnavailable(Exception):
    """The derived index cannot be used, though the log may be. ``cause`` is one of: full, read_only, locked, corrupt,
    missing, io. Nothing is lost: it is made from the log again. The message never holds what was searched.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(f"the search index is unavailable: {cause}")
        self.cause = cause


class ReadingRefused(Exception):
    """A reading that cannot be done. ``code`` is one of: no_purpose (none given, or ``other`` without words), unknown
    (no such exchange at this desk), bad_cursor, long_words.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"nothing is read: {code}")
        self.code = code


class PurposeKind(StrEnum):
    """Why somebody opens or takes away what people wrote: a closed list."""

    QUALITY = "quality"  # looking at the quality of answers, sampling and grading
    CORRECTION = "correction"  # a correction request or a complaint
    DISCLOSURE = "disclosure"  # 開示請求、訂正請求、利用停止請求
    INCIDENT = "incident"  # a fault, an attack, a leak
    INSPECTION = "inspection"  # an inspection or audit laid down by a rule
    OTHER = "other"  # said in words


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why, from the closed list, and in words. The kind stands in the read entry's meta, the words in its contents."""

    kind: PurposeKind
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which exchanges. Values of one member are alternatives, members add up; an empty one demands nothing.

    ``since`` and ``until`` (up to before) are aware and about when the question was received. ``outcomes`` are whole
    ones (``answered.documents``) or families (``answered``). ``models`` and ``prompts`` are stamps as ``name version``
    and versions of the wording. ``case_states`` are ``bot.cases.CaseState`` or ``none``; ``feedback`` is ``useful``,
    ``not_useful`` or ``none``; ``masked`` are kinds of masked data in the question. ``corrected``: whether a
    correction stands beside the answer. ``documents``: ids of documents that the reply cites or rests on.
    """

    since: datetime | None = None
    until: datetime | None = None
    outcomes: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    snapshots: frozenset[str] = frozenset()
    prompts: frozenset[str] = frozenset()
    case_states: frozenset[str] = frozenset()
    feedback: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    corrected: bool | None = None
    documents: frozenset[str] = frozenset()


CHOICES: Final = tuple(each.name for each in fields(Filters) if each.name not in {"since", "until", "corrected"})
"""The members of Filters that are sets of values."""

Mode = Literal["words", "characters"]


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. All of ``words`` must stand somewhere in the exchange: as words (any inflection, any way of
    writing that the dictionary knows) or as runs of characters.
    """

    words: str = field(default="", repr=False)
    mode: Mode = "words"
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """One exchange in a list, with no text of anybody. What stands in the closing entry is None before that.

    ``index`` is the place in the tree of the closing entry (of the opening one while there is none), None until it
    has one. ``cursor`` begins a page right behind this hit.
    """

    exchange: ExchangeId
    opened: EntryId
    closed: EntryId | None
    received: datetime
    outcome: str | None
    topic: str | None
    risk: str | None
    automation: str | None
    language: str | None
    snapshot: str | None
    case_state: str | None
    useful: bool | None
    corrected: bool
    masked: tuple[str, ...]
    index: int | None
    cursor: str


@dataclass(frozen=True, slots=True)
class Page:
    """Hits, newest first (by the order of the log, never the clock). ``total``: how many there are on all pages.

    ``before`` leads to the page of newer ones, ``after`` to that of older ones; None where there are none. ``behind``:
    how many entries of the log the index has not taken yet (0 but while it is made anew).
    """

    hits: Sequence[Hit]
    total: int
    before: str | None
    after: str | None
    behind: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the account's id or ``command_line``, the role they read in, the name (goes into contents)."""

    id: str
    role: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedExchange:
    """Everything about one exchange, oldest first, contents opened (None where erased); its cases' entries, feedback,
    corrections, erasures and readings included.
    """

    hit: Hit
    entries: Sequence[StoredEntry] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """Who read or took away what, when and why. ``filters`` as recorded; ``words`` and ``purpose_words`` None where
    there were none or they were erased. ``count``: how many exchanges it was about, ``sha256``: the digest of what
    left, where that was told.
    """

    entry: EntryId
    time: datetime
    what: str
    by: str
    role: str | None
    name: str | None
    exchange: ExchangeId | None
    purpose: str | None
    purpose_words: str | None = field(repr=False)
    words: str | None = field(repr=False)
    filters: Mapping[str, object]
    count: int | None
    sha256: str | None


Left = Callable[[str, int, str], EntryId]
"""To be called with digest (hex), number and form (``csv``, ``jsonl``) of the bytes that left: appends ``export.made``
and gives its id. Raises LogUnavailable.
"""


@dataclass(frozen=True, slots=True)
class Exporting:
    """An export under way, its ``read`` entry already written: iterate it, then say with ``made`` what left."""

    read: EntryId
    numbers: Sequence[int] = field(repr=False)
    opening: Callable[[int], OpenedExchange | None] = field(repr=False)
    made: Left = field(repr=False)

    @property
    def total(self) -> int:
        """How many exchanges there were when it began; fewer are given where one expired meanwhile."""
        return len(self.numbers)

    def __iter__(self) -> Iterator[OpenedExchange]:
        """Oldest first. Raises LogUnavailable, IndexUnavailable."""
        for number in self.numbers:
            found = self.opening(number)
            if found is not None:
                yield found
