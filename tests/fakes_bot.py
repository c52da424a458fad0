"""A desk whose shelf, log and contacts are fakes with a memory; its rules, wording and register are the real ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot import confidential, cues, danger, masking
from bot.desk import Desk
from bot.gaps import Gaps
from bot.gate import Gate, Weighing, load_gate
from bot.labels import ConversationLabels
from bot.lexicon import Lexicon
from bot.meaning import meaning_of, sentences
from bot.notices import Recipients
from bot.office import Office, Span
from bot.ports import Examples, ShelfUnavailable, WordAnalyzer
from bot.queue import Queue
from bot.records import (
    DeskName,
    Document,
    DocumentKind,
    Evidence,
    ExcerptKind,
    Fact,
    Found,
    Gap,
    Language,
    MaskedText,
    NearUnit,
    Passage,
    PassageId,
    Risk,
    Slot,
    SnapshotId,
    Stamp,
    UnitKind,
    UnitScore,
    Validity,
)
from bot.register import Register, load_register
from bot.rules import rules_of
from bot.switch import AlwaysOn, Switch
from prompts.library import wording_for
from tests.fakes_audit import FakeLog, TickingClock
from tests.fakes_cases import FakeCases, FakeOutbox
from tests.fakes_knowledge import FakeAnalyzer

SNAPSHOT = SnapshotId("snapshot-1")
BUDGET_SENTENCE = "令和7年度の東京都のAI関連予算は181億円です。"
PROJECTS_SENTENCE = "令和7年度の東京都のAI関連事業は140事業です。"


def document(key: str = "budget", **changes: Any) -> Document:
    plain = Document(
        id=key,
        title="令和7年度の都のAI関連予算",
        publisher="東京都",
        source="試験資料",
        section="予算",
        page="3",
        url=None,
        kind=DocumentKind.DOCUMENT,
        validity=Validity.FINAL,
        as_of="2025",
        version=f"{key:0<64}",
        excerpt_kind=ExcerptKind.SUMMARY,
    )
    return replace(plain, **changes)


def passage(
    *sentences: str,
    key: str = "budget",
    facts: Sequence[Fact] = (),
    gaps: Sequence[Gap] = (),
    questions: Sequence[str] = (),
    **changes: Any,
) -> Passage:
    return Passage(
        id=PassageId(key),
        document=document(key, **changes),
        text="\n".join(sentences),
        sentences=sentences,
        questions=tuple(questions),
        facts=tuple(facts),
        gaps=tuple(gaps),
    )


def fact(sentence: str, slot: Slot, value: str, *questions: str, subject: str = "AI関連予算") -> Fact:
    return Fact(subject, slot, value, sentence, asks=(), questions=questions)


def gap(slot: Slot, *questions: str, subject: str = "AI関連予算", unreadable: bool = False) -> Gap:
    return Gap(subject, slot, "資料にない", questions=questions, unreadable=unreadable)


BUDGET = passage(
    BUDGET_SENTENCE,
    PROJECTS_SENTENCE,
    questions=("都のAI関連予算はいくらですか",),
    facts=(
        fact(BUDGET_SENTENCE, Slot.MONEY, "181", "都のAI関連予算はいくらですか", "AI関連予算の金額は"),
        fact(PROJECTS_SENTENCE, Slot.COUNT, "140", "都のAI関連事業は何事業ですか", subject="AI関連事業"),
    ),
    gaps=(gap(Slot.MONEY, "都民一人当たりのAI関連予算はいくらですか"),),
)


def units_of(held: Passage, **cosines: float) -> tuple[UnitScore, ...]:
    """Hand-made nearness: ``fact_0=0.95, gap_0=0.84, sentence_1=0.9``; what is not named lies far off (0.82)."""
    many = {
        UnitKind.TITLE: 1,
        UnitKind.BODY: 1,
        UnitKind.SENTENCE: len(held.sentences),
        UnitKind.QUESTION: len(held.questions),
        UnitKind.FACT: len(held.facts),
        UnitKind.GAP: len(held.gaps),
    }
    return tuple(
        UnitScore(kind, index, cosines.get(f"{kind.value}_{index}", 0.82))
        for kind, count in many.items()
        for index in range(count)
    )


def found(held: Passage, score: float = 4.0, **cosines: float) -> Found:
    return Found(held, score, score / 2, score / 4, score / 4, units_of(held, **cosines))


@dataclass
class FakeShelf:
    """Gives the evidence it was told to give and remembers every search. ``fails`` is raised, ``slow`` is slept."""

    gives: Sequence[Found] = ()
    fails: BaseException | None = None
    slow: float = 0.0
    nearest: Sequence[NearUnit] = ()
    searched: list[MaskedText] = field(default_factory=list)
    when_searched: Callable[[], None] = lambda: None

    def snapshot(self) -> SnapshotId:
        return SNAPSHOT

    def search(self, query: MaskedText, language: Language, limit: int = 10) -> Evidence:
        self.searched.append(query)
        self.when_searched()
        time.sleep(self.slow)
        if self.fails is not None:
            raise self.fails
        return Evidence(SNAPSHOT, tuple(self.gives), tuple(self.nearest), tuple(self.stamps()))

    def passage(self, passage: PassageId) -> Passage | None:
        return next((each.passage for each in self.gives if each.passage.id == passage), None)

    def passages(self) -> Sequence[Passage]:
        return tuple(each.passage for each in self.gives)

    def stamps(self) -> Sequence[Stamp]:
        return tuple(Stamp(name, "1", "ab" * 32) for name in ("knowledge", "embedding", "retrieval"))


def unavailable(cause: str) -> FakeShelf:
    return FakeShelf(fails=ShelfUnavailable(cause))


@dataclass(frozen=True)
class FakeContacts:
    by_language: Mapping[Language, Sequence[str]] = field(default_factory=dict)
    desk: DeskName = DeskName.PUBLIC

    def lines(self, language: Language) -> Sequence[str]:
        return self.by_language.get(language, ())


@dataclass(frozen=True)
class FakeExamples:
    """Gives each example sentence the cosine it was told to give; ``near`` by a part of the sentence, ``far`` else."""

    near: Mapping[str, float] = field(default_factory=dict)
    far: float = 0.7
    fails: BaseException | None = None

    def cosines(self, text: str) -> Sequence[float]:
        if self.fails is not None:
            raise self.fails
        return [
            next((value for part, value in self.near.items() if part in sentence), self.far) for sentence in sentences()
        ]


def nearness_gate() -> Gate:
    """The published gate with a weighing of one thing: an answer nearer than a gap by 0.01."""
    weighing = Weighing({"margin": 0.0}, {"margin": 0.01}, {"margin": 1.0}, -1.0, {})
    return replace(load_gate(), weighing=weighing, threshold=0.5, yes_no_threshold=0.5)


def weekdays(**changes: Any) -> Office:
    """An office that somebody configured: Monday to Friday, nine to five, holidays off."""
    plain = Office(
        hours=((Span(540, 1020),),) * 5 + ((), ()),
        due_days={Risk.LOW: 3, Risk.MODERATE: 2, Risk.HIGH: 1, Risk.GRAVE: 1},
        per_day=20,
        reopen_days=30,
        close_days=14,
        contact_days=30,
        claim_minutes=30,
        unclaimed_hours=8,
        configured=True,
    )
    return replace(plain, **changes)


def recipients(desk: DeskName) -> Recipients:
    return Recipients(desk, ("desk@example.jp",), ("https://hook.example.jp/cases",), ("watch@example.jp",))


@dataclass
class Room:
    """One desk with what it stands on in reach of a test."""

    desk: Desk
    log: FakeLog
    shelf: FakeShelf
    cases: FakeCases
    outbox: FakeOutbox

    @property
    def kinds(self) -> list[str]:
        return [kept.entry.kind for kept in self.log.kept]


def room(
    shelf: FakeShelf | None = None,
    *,
    log: FakeLog | None = None,
    contacts: Mapping[Language, Sequence[str]] | None = None,
    analyzer: WordAnalyzer | None = None,
    gate: Gate | None = None,
    budget_seconds: float = 20.0,
    examples: Examples | None = None,
    name: DeskName = DeskName.PUBLIC,
    register: Register | None = None,
    switch: Switch | None = None,
    office: Office | None = None,
) -> Room:
    """A desk that answers the budget question, unless the shelf says otherwise."""
    clock = TickingClock()
    log = log or FakeLog(clock)
    shelf = shelf or FakeShelf([found(BUDGET, fact_0=0.96, question_0=0.95, sentence_0=0.93)])
    words = analyzer or FakeAnalyzer()
    cases, outbox = FakeCases(log), FakeOutbox(log)
    desk = Desk(
        name=name,
        shelf=shelf,
        log=log,
        wording=wording_for(name),
        register=register or load_register().of(name),
        switch=switch or AlwaysOn(),
        rules=rules_of(name),
        meaning=meaning_of(name, examples or FakeExamples()),
        contacts=FakeContacts(contacts or {}, name),
        analyzer=words,
        lexicon=Lexicon(words),
        gate=gate or nearness_gate(),
        clock=clock,
        gaps=Gaps(),
        labels=ConversationLabels(log),
        confidential=confidential.rules_of(name),
        queue=Queue(log, cases, outbox, office or weekdays(), recipients(name)),
        budget_seconds=budget_seconds,
        stamps=(masking.stamp(), danger.stamp(), cues.stamp()),
    )
    return Room(desk, log, shelf, cases, outbox)
