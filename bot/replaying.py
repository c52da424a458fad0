"""An answer once more, from what its record tells, and what differs. Nothing is written, nobody is told.

The desk of a replay is the real one with another log, queue, clock, register, switch, wording and shelf: those of the
record. What the record does not carry but only names by a stamp (the rules of the program, the operator's contacts and
hours) is today's; where a stamp differs, so may the answer, and ``Replayed.stamps`` says which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from bot.answered import Recalled
from bot.danger import Danger
from bot.desk import Desk
from bot.exchange import again
from bot.gaps import Gaps
from bot.labels import ConversationLabels
from bot.lexicon import Lexicon
from bot.past import NoOutbox, PastCases, PastClock, PastLog, PastRegister, PastSwitch
from bot.ports import Shelf, Wording
from bot.recalling import Missing, Past, lacking, stamps_in
from bot.records import Citation, Entry, ExchangeId, Json, Language, Outcome, Reply, Stamp
from bot.records_json import CLOSED, HELD, HISTORY, REPLY, question_from_record, reply_from_json, turns_from_record
from bot.register import AutomationRegister
from bot.switch import Off

DECISIONS: Final = (
    "outcome", "topic", "risk", "automation", "rule", "row", "danger", "parted", "assessment", "gate", "evidence",
)  # fmt: skip
"""The members of a closing entry that say how an answer came about."""
_NO_NUMBER: Final = "----"


class Part(StrEnum):
    """What of an answer a difference is in."""

    REPLY = "reply"
    CITATIONS = "citations"
    HELD = "held"  # the draft that waited for a person
    HELD_CITATIONS = "held_citations"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that differs: as it was and as it is; None where there was or is none."""

    part: Part
    then: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class StampCompared:
    """A stamp as it was recorded and as the replay has it; None where there was or is none of that name."""

    name: str
    then: Stamp | None
    now: Stamp | None

    @property
    def same(self) -> bool:
        return self.then == self.now


@dataclass(frozen=True, slots=True)
class DecisionCompared:
    """One thing that was decided on the way, as it was and as it is, in the words of the record."""

    name: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came out. ``same``: what the person saw and the draft held back are byte for byte what was recorded.

    ``reply`` is None where nothing could be replayed, ``recorded`` where nothing is recorded (any more); ``held`` and
    ``recorded_held`` are the drafts that wait for a person. ``stamps`` are all, ``decisions`` those that differ.
    """

    exchange: ExchangeId
    same: bool
    reply: Reply | None = None
    recorded: Reply | None = None
    held: Reply | None = None
    recorded_held: Reply | None = None
    differing: tuple[Line, ...] = ()
    stamps: tuple[StampCompared, ...] = ()
    decisions: tuple[DecisionCompared, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def changed(self) -> tuple[StampCompared, ...]:
        """The stamps that differ."""
        return tuple(each for each in self.stamps if not each.same)


@dataclass(frozen=True, slots=True)
class Found:
    """What the record names, as far as it is there: today's stands in where ``missing`` says so."""

    shelf: Shelf
    lexicon: Lexicon
    wording: Wording
    register: AutomationRegister
    off: Off | None
    missing: tuple[Missing, ...] = ()


def replayed(desk: Desk, past: Past, found: Found) -> Replayed:
    """The exchange once more. Raises ValueError, KeyError or TypeError for entries that no house wrote."""
    missing = (*lacking(past), *found.missing)
    if any(each.stops for each in missing):
        return unreplayed(past, missing)
    log = PastLog(past.before, past.moment)
    again(_desk(desk, past, found, log), _recalled(past))
    closed = next(each for each in log.written if each.kind == CLOSED)
    return _compared(past, closed, missing)


def unreplayed(past: Past, missing: tuple[Missing, ...]) -> Replayed:
    """What is left to say where nothing can be replayed."""
    return Replayed(
        past.exchange, same=False, recorded=_reply(past.reply), recorded_held=_reply(past.held), missing=missing
    )


def _desk(desk: Desk, past: Past, found: Found, log: PastLog) -> Desk:
    queue = replace(
        desk.queue,
        work=log,
        cases=PastCases(past.before, past.waiting),
        outbox=NoOutbox(),
        number=lambda: past.number or _NO_NUMBER,
    )
    return replace(
        desk,
        shelf=found.shelf,
        log=log,
        wording=found.wording,
        register=PastRegister(found.register),
        switch=PastSwitch(found.off),
        lexicon=found.lexicon,
        clock=PastClock(past.moment),
        gaps=Gaps(),
        labels=ConversationLabels(log),
        queue=queue,
    )


def _recalled(past: Past) -> Recalled:
    history = past.closed.contents.get(HISTORY) if past.closed else None
    danger = past.meta.get("danger")
    return Recalled(
        text=question_from_record(past.question or "", past.opened.meta),
        conversation=past.conversation,
        language=Language(str(past.opened.meta["language"])),
        danger=danger if isinstance(danger, str) and danger in list(Danger) else None,
        history=turns_from_record(history) if history else (),
    )


def _compared(past: Past, closed: Entry, missing: tuple[Missing, ...]) -> Replayed:
    now, held = closed.contents[REPLY], closed.contents.get(HELD)
    reply, recorded = reply_from_json(now), _reply(past.reply)
    held_now, held_then = _reply(held), _reply(past.held)
    lines = [
        *(_differing(_lines(recorded), _lines(reply), Part.REPLY) if recorded else ()),
        *(_differing(_cited(recorded), _cited(reply), Part.CITATIONS) if recorded else ()),
        *_differing(_lines(held_then), _lines(held_now), Part.HELD),
        *_differing(_cited(held_then), _cited(held_now), Part.HELD_CITATIONS),
    ]
    return Replayed(
        exchange=past.exchange,
        same=(now, held) == (past.reply, past.held),
        reply=reply,
        recorded=recorded,
        held=held_now,
        recorded_held=held_then,
        differing=tuple(lines),
        stamps=_stamps(past.meta, closed.meta),
        decisions=tuple(_decisions(past.meta, closed.meta)) if past.closed else (),
        missing=(*missing, *_faults(reply, recorded)),
    )


def _faults(now: Reply, then: Reply | None) -> Iterator[Missing]:
    if then is not None and now.outcome.family == "failed" and now.outcome is not then.outcome:
        yield Missing.LATE if now.outcome is Outcome.FAILED_TIMEOUT else Missing.FAULT_NOW


def _reply(text: str | None) -> Reply | None:
    return None if text is None else reply_from_json(text)


def _lines(reply: Reply | None) -> list[str]:
    return reply.text.split("\n") if reply else []


def _cited(reply: Reply | None) -> list[str]:
    return [_source(each) for each in reply.citations] if reply else []


def _source(citation: Citation) -> str:
    """A citation on one line: where it is from, and what of it is shown."""
    place = (citation.title, citation.publisher, citation.section, citation.page, citation.as_of, citation.url)
    state = "" if citation.validity.value == "final" else f" ({citation.validity.value})"
    return f"[{citation.number}] {'｜'.join(each for each in place if each)}{state}｜{citation.excerpt}"


def _differing(then: list[str], now: list[str], part: Part) -> Iterator[Line]:
    """The lines that went or came; those that stand in each other's place together."""
    for tag, begin, end, first, last in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        if tag != "equal":
            for was, becomes in zip_longest(then[begin:end], now[first:last]):
                yield Line(part, was, becomes)


def _stamps(then: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[StampCompared, ...]:
    before, after = ({each.name: each for each in stamps_in(meta)} for meta in (then, now))
    return tuple(StampCompared(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after)))


def _decisions(then: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[DecisionCompared]:
    for name in DECISIONS:
        before, after = then.get(name), json.loads(json.dumps(now.get(name)))
        if before != after:
            yield DecisionCompared(name, _said(name, before), _said(name, after))


def _said(name: str, value: Json) -> str:
    """A decision on one line: the passages with their scores (those used with a mark), the gate with its rule."""
    if name == "evidence" and isinstance(value, list):
        each = [item for item in value if isinstance(item, Mapping)]
        return "、".join(f"{item['passage']} {item['score']}{' ●' if item['used'] else ''}" for item in each)
    if name == "gate" and isinstance(value, Mapping):
        return f"{value['outcome']} ({value['rule']})"
    return "" if value is None else str(value)
