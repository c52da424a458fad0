"""What comes in at a door and what goes back out: the two ends of an exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.records import (
    AutomationLevel,
    ConversationId,
    ExchangeId,
    Language,
    MaskedText,
    Receipt,
    Reply,
    Risk,
    SnapshotId,
    Speaker,
    Stamp,
    Turn,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came through a door. ``text`` is raw; ``history`` only from the batch form of the command line."""

    text: str
    conversation: ConversationId | None = None
    language: Language | None = None
    history: Sequence[tuple[Speaker, str]] = ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """A question that was asked before, as its record holds it. ``text`` was masked then.

    ``danger`` names the kind that was recognised, perhaps in words that masking left out. ``history`` are the turns
    that came with the question, where they are not those that the log tells.
    """

    text: MaskedText
    conversation: ConversationId
    language: Language
    danger: str | None = None
    history: Sequence[Turn] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What goes back to the door. ``exchange`` and ``receipt`` are None only where nothing could be recorded.

    ``masked`` names the kinds of personal data that became labels in the question, each once, in order of appearance.
    ``case`` is the number under which people will answer, where this exchange was handed to them, ``due`` by when.
    """

    conversation: ConversationId
    reply: Reply
    exchange: ExchangeId | None = None
    receipt: Receipt | None = None
    snapshot: SnapshotId | None = None
    risk: Risk = Risk.LOW
    automation: AutomationLevel = AutomationLevel.FULL
    stamps: Sequence[Stamp] = ()
    masked: Sequence[str] = ()
    case: str | None = None
    due: datetime | None = None
    stages_ms: Mapping[str, float] = field(default_factory=dict)
