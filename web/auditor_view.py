"""One exchange as an auditor's page shows it, made from its entries alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from audit.stored import StoredEntry
from bot.records import ConversationId, ExchangeId, Reply
from bot.records_json import CLOSED, HELD, OPENED, REPLY, reply_from_json
from web.auditor_basis import (
    Evidence,
    Gate,
    Judged,
    Now,
    StampThen,
    compared,
    evidence_in,
    gate_in,
    judged_in,
    stamps_in,
)
from web.auditor_frame import Framed, framed
from web.auditor_timeline import Event, Fact, Text, told

_ERASURE: Final = "erasure"
_FIRST: Final = ("received", "answered", "outcome", "held", "topic", "risk", "automation", "language", "masked")
_HOLDS: Final = frozenset({"hold.placed", "hold.lifted"})


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """Everything the page shows. ``reply`` and ``held`` are None where they are gone or there is none; their texts then
    say why. ``events`` are all entries, oldest first.
    """

    exchange: ExchangeId
    conversation: ConversationId
    opened: Event | None
    closed: Event | None
    facts: Sequence[Fact]
    texts: Mapping[str, Text]
    reply: Reply | None = field(repr=False)
    held: Reply | None = field(repr=False)
    evidence: Sequence[Evidence]
    gate: Gate | None
    sentences: Sequence[Judged]
    stamps: Sequence[StampThen]
    frame: Framed | None
    receipt: bool
    events: Sequence[Event]

    @property
    def erasures(self) -> Sequence[Event]:
        return [each for each in self.events if each.kind == _ERASURE]

    @property
    def holds(self) -> Sequence[Event]:
        return [each for each in self.events if each.kind in _HOLDS]

    @property
    def course(self) -> Sequence[Event]:
        """The entries in which something happened."""
        return [each for each in self.events if not each.reading]

    @property
    def readings(self) -> Sequence[Event]:
        """The entries that say who read it."""
        return [each for each in self.events if each.reading]

    @property
    def missing(self) -> Sequence[tuple[Event, Text]]:
        """Texts that are gone though no entry says why: bad news."""
        return [(event, text) for event in self.events for text in event.texts if text.missing]


def view_of(
    exchange: ExchangeId, entries: Sequence[StoredEntry], now: Now, numbered: Sequence[Event] = ()
) -> ExchangeView:
    """The page's things, from the entries of one exchange and those around it, oldest first; ``numbered`` where they
    have been told among others. Members of another shape than the recorder's are passed over: the timeline still shows
    them as they stand.
    """
    by_entry = {each.entry: each for each in numbered or told(entries)}
    events = [by_entry[each.entry] for each in entries]
    opening, closing = (_own(entries, events, kind, exchange) for kind in (OPENED, CLOSED))
    meta: Mapping[str, Any] = closing[0].leaf["meta"] if closing else {}
    texts = {each.path: each for found in (opening, closing) if found for each in found[1].texts}
    reply, stamps = _reply(texts.get(REPLY)), stamps_in(meta)
    sentences = judged_in(meta, texts.get("draft"))
    return ExchangeView(
        exchange=exchange,
        conversation=ConversationId(str(entries[0].leaf["subject"])) if entries else ConversationId(""),
        opened=opening[1] if opening else None,
        closed=closing[1] if closing else None,
        facts=_ordered(fact for found in (closing, opening) if found for fact in found[1].facts),
        texts=texts,
        reply=reply,
        held=_reply(texts.get(HELD)),
        evidence=evidence_in(meta, reply, now),
        gate=gate_in(meta),
        sentences=sentences,
        stamps=[compared(each, now.stamps) for each in stamps],
        frame=framed(reply, stamps, [each.text for each in sentences if each.text]) if reply else None,
        receipt=closing is not None and closing[0].receipt is not None,
        events=events,
    )


def _ordered(facts: Iterable[Fact]) -> Sequence[Fact]:
    """Each once, what an auditor looks for first at the top."""
    return sorted(
        dict.fromkeys(facts), key=lambda fact: _FIRST.index(fact.name) if fact.name in _FIRST else len(_FIRST)
    )


def _own(
    entries: Sequence[StoredEntry], events: Sequence[Event], kind: str, exchange: ExchangeId
) -> tuple[StoredEntry, Event] | None:
    for stored, event in zip(entries, events, strict=True):
        if event.kind == kind and stored.leaf["meta"].get("exchange") == exchange:
            return stored, event
    return None


def _reply(text: Text | None) -> Reply | None:
    if text is None or text.value is None:
        return None
    try:
        return reply_from_json(text.value)
    except ValueError:
        return None
