"""A desk's log with answers in it, its samples and grades, and the conditions that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from audit import statistics
from audit.drawing import DeskSampling, Judgement
from audit.grades import Drawn
from audit.log import DeskLog
from audit.prepare import prepare
from audit.proofs import DeskProofs
from audit.sampling import Item, Plan
from audit.search_values import Reader
from bot.conditions import Conditions
from bot.conditions_changes import approve, propose, settle
from bot.conditions_values import day_of
from bot.grading import GRADE_GIVEN, SUBJECT, Grade
from bot.masking import mask
from bot.ports import SystemLog
from bot.queue import Queue
from bot.records import DeskName, Entry, ExchangeId, Json
from bot.register import Register, load_register
from tests.audit.entries import ORIGIN, REPLY, closed, opened
from tests.decisions_kit import APPROVER, EDITOR
from tests.fakes_audit import FakeLog, TickingClock
from tests.fakes_bot import room

ROW = "documents.low"
FIRST = Reader("ac_first", "auditor", "監査 一子")
SECOND = Reader("ac_second", "auditor", "監査 二郎")
THIRD = Reader("ac_third", "auditor", "監査 三子")
DIRECT = {"topic": "documents", "risk": "low", "automation": "full"}


def judged(grade: Grade = Grade.RIGHT, *, grave: bool = False) -> Judgement:
    reason = None if grade in {Grade.RIGHT, Grade.GONE} else mask("資料と違う")
    return Judgement(grade, grave, reason)


@dataclass
class Bench:
    """The real log of one desk in a directory, and a system log (with a memory, unless another is given)."""

    directory: Path
    clock: TickingClock = field(default_factory=TickingClock)
    system: SystemLog | None = None
    demo: bool = False
    register: Register = field(default_factory=lambda: load_register().of(DeskName.PUBLIC))
    queue: Queue = field(default_factory=lambda: room().desk.queue)

    def __post_init__(self) -> None:
        self.decisions: SystemLog = self.system or FakeLog(self.clock)
        prepare(self.directory, ORIGIN, self.clock)
        self.log = DeskLog(self.directory, self.clock)
        self.proofs = DeskProofs(self.directory, self.clock)
        self.sampling = DeskSampling(self.log, self.proofs, mask)
        self.conditions = self.asked()

    def asked(self, *, reported: bool = False) -> Conditions:
        """The conditions as the desk asks for them, or as those do who reach the system log alone."""
        measuring = None if reported else self.sampling.grades
        return Conditions(
            DeskName.PUBLIC, self.decisions, self.register, statistics, self.clock, measuring=measuring, demo=self.demo
        )

    def close(self) -> None:
        self.log.close()
        self.proofs.close()

    def answered(self, count: int = 1, **meta: Json) -> Sequence[ExchangeId]:
        """So many answers that the service gave by itself, under a checkpoint."""
        made = []
        with self.log.begin() as within:
            for _ in range(count):
                opening = opened()
                told = self.log.append(opening, within)
                self.log.append(closed(opening, told, REPLY, **{**DIRECT, **meta}), within)
                made.append(ExchangeId(str(opening.meta["exchange"])))
        while self.proofs.sequence().added:
            pass
        return made

    def drawn(self, size: int = 10, seed: str = "種", **plan: Any) -> Drawn:
        return self.sampling.draw(FIRST, replace(Plan(size=size), **plan), seed)

    def graded(self, size: int, errors: int = 0, grade: Grade = Grade.WRONG, **meta: Json) -> Drawn:
        """New answers, a sample of all, and grades of what has none by one person, the first ``errors`` of them bad."""
        self.answered(size, **meta)
        sample = self.drawn(2_000, f"{self.clock.now()}")
        known = self.sampling.grades.book().grades
        todo = [item for item in sample.items if item.exchange not in known]
        with self.log.begin() as within:  # as ``give`` writes them, without a wait for the disk each time
            for place, item in enumerate(todo):
                self.log.append(grade_entry(item, grade if place < errors else Grade.RIGHT), within)
        return sample

    def settle(self) -> int:
        return settle(self.decisions, self.conditions, self.queue)

    def permitted(self, days: int = 30, row: str = ROW) -> None:
        """Two people let the row answer directly for so many days."""
        waiting = propose(self.decisions, self.conditions, row, self.today + timedelta(days), EDITOR, "様子を見る")
        approve(self.decisions, self.conditions, waiting.id, APPROVER)

    @property
    def today(self) -> date:
        return day_of(self.clock.now())


def grade_entry(item: Item, grade: Grade, by: Reader = FIRST, /, **more: Json) -> Entry:
    """A grade as ``DeskSampling.give`` writes it."""
    meta: dict[str, Json] = {
        "by": by.id,
        "role": by.role,
        "answer": item.entry,
        "exchange": item.exchange,
        "row": item.row,
        "closed": item.closed.isoformat(),
        "grade": grade.value,
        "grave": False,
        "settles": False,
        "passage": None,
        "sample": None,
        **more,
    }
    return Entry(GRADE_GIVEN, SUBJECT, meta, {"name": by.name}, (item.entry,))
