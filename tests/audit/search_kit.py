"""Logs with exchanges to be found again, their index, and a search by brute force to compare with."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audit.log import DeskLog
from audit.reading import DeskReading, Filters, Query, Reader
from audit.search_index import FILE, SearchIndex
from audit.search_rows import Row
from audit.search_terms import runs
from bot.cases import ChangeKind
from bot.ports import WordAnalyzer
from bot.records import ConversationId, Entry, EntryId, ExchangeId, Json
from tests.audit.entries import fresh_log
from tests.fakes_audit import TickingClock
from tests.fakes_knowledge import FakeAnalyzer

READER = Reader("ac_1", "auditor", "監査 花子")
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Searched:
    """A log in a directory of its own with its reading; writes entries as the bot does."""

    directory: Path
    clock: TickingClock = field(default_factory=TickingClock)
    analyzer: WordAnalyzer = field(default_factory=FakeAnalyzer)
    count: int = 0

    def __post_init__(self) -> None:
        self.log: DeskLog = fresh_log(self.directory, self.clock)
        self.index = SearchIndex(self.directory / FILE, self.analyzer)
        self.reading = DeskReading(self.log, self.index, self.clock)

    def close(self) -> None:
        self.reading.close()
        self.log.close()

    def opened(self, question: str, conversation: str = "c-1", **meta: Json) -> tuple[ExchangeId, EntryId]:
        self.count += 1
        exchange = ExchangeId(f"ex_{secrets.token_hex(8)}")
        told = {
            "exchange": exchange,
            "conversation": conversation,
            "desk": "public",
            "received": (BEGIN + timedelta(minutes=self.count)).isoformat(),
            "language": "ja",
            "masked": [],
            **meta,
        }
        entry = Entry("exchange.opened", ConversationId(conversation), told, {"question": question})
        return exchange, self.log.append(entry).entry

    def closed(
        self, exchange: ExchangeId, opening: EntryId, reply: str, conversation: str = "c-1", **meta: Json
    ) -> EntryId:
        told: Mapping[str, Json] = {
            "exchange": exchange,
            "conversation": conversation,
            "outcome": "answered.documents",
            "language": "ja",
            "topic": "documents",
            "risk": "low",
            "automation": "full",
            "snapshot": "s-1",
            "stamps": stamps(),
            "citations": ["doc-a:1"],
            **meta,
        }
        said = json.dumps({"text": reply, "citations": [{"title": "題名"}]}, ensure_ascii=False)
        return self.log.append(
            Entry("exchange.closed", ConversationId(conversation), told, {"reply": said}, (opening,))
        ).entry

    def exchange(self, question: str, reply: str = "回答です。", outcome: str = "answered.documents") -> ExchangeId:
        name, opening = self.opened(question)
        self.closed(name, opening, reply, outcome=outcome)
        return name

    def case(self, exchange: ExchangeId, change: str, meta: Mapping[str, Json] | None = None, **texts: str) -> EntryId:
        opening: Mapping[str, Json] = {}
        if change == ChangeKind.OPENED:
            opening = {"kind": "question", "reason": "person_wanted", "priority": "low", "language": "ja", "due": None}
        told = {"case": f"cs_{exchange}", "exchange": exchange, **opening, **(meta or {})}
        return self.log.append(Entry(f"case.{change}", ConversationId("c-1"), told, texts)).entry

    def said(self, exchange: ExchangeId, kind: str, meta: Mapping[str, Json], **texts: str) -> EntryId:
        return self.log.append(Entry(kind, ConversationId("c-1"), {"exchange": exchange, **meta}, texts)).entry

    def found(self, words: str = "", mode: str = "words", **filters: object) -> list[ExchangeId]:
        """What a search gives, on one page."""
        query = Query(words, "characters" if mode == "characters" else "words", Filters(**filters))  # type: ignore[arg-type]  # what a test names
        return [hit.exchange for hit in self.reading.search(READER, query, limit=200).hits]

    def reads(self) -> list[tuple[str, Mapping[str, Json], Mapping[str, str | None]]]:
        return [(each.kind, each.meta, each.contents) for each in self.log.of_kinds({"read", "export.made"})]

    def bytes(self) -> bytes:
        return b"".join(file.read_bytes() for file in sorted(self.directory.glob(f"{FILE}*")))


def stamps(wording: str = "v2", model: str = "1") -> list[Json]:
    named = (("gate", "1"), ("reply", wording), ("knowledge", "s-1"), ("e5", model), ("retrieval", "1"))
    return [{"name": name, "version": version, "digest": "0"} for name, version in named]


def matches(row: Row, filters: Filters) -> bool:
    """Whether an exchange is one of those that filters ask for, one by one."""
    shape = row.shape
    outcome = {shape.outcome, shape.outcome.partition(".")[0]} if shape.outcome else set()
    chosen: Sequence[tuple[frozenset[str], set[str | None]]] = [
        (filters.outcomes, {*outcome}),
        (filters.risks, {shape.risk}),
        (filters.topics, {shape.topic}),
        (filters.levels, {shape.level}),
        (filters.languages, {shape.language}),
        (filters.models, {*shape.models}),
        (filters.snapshots, {shape.snapshot}),
        (filters.prompts, {shape.prompt}),
        (filters.case_states, {shape.case_state}),
        (filters.feedback, {shape.feedback}),
        (filters.masked, {*shape.masked}),
        (filters.documents, {*row.documents}),
    ]
    return (
        all(not wanted or wanted & has for wanted, has in chosen)
        and (filters.since is None or row.received >= filters.since)
        and (filters.until is None or row.received < filters.until)
        and filters.corrected in {None, shape.corrected}
    )


def holds(row: Row, words: str) -> bool:
    """Whether every run of letters that was typed stands in one of the exchange's texts."""
    said = ["/".join(runs(text)) for text in row.texts]
    typed = [run for chunk in words.split() for run in runs(chunk)]
    return (not words.strip() or bool(typed)) and all(any(run in text for text in said) for run in typed)
