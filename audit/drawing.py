"""One desk's samples and grades in its log: drawn, given, read back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from audit.checkpoint import opened
from audit.grades import Drawn, Given, Gradebook, decided, differ, folded, measured
from audit.log import DeskLog
from audit.proofs import DeskProofs
from audit.sampling import Item, Plan, asked_for, drawn
from audit.search_values import Reader
from bot.grading import GRADE_GIVEN, SAMPLE_DRAWN, SUBJECT, Grade, Measured, Period
from bot.records import Entry, EntryId, ExchangeId, Json, MaskedText

LONGEST_REASON: Final = 1_000
LONGEST_SEED: Final = 64


class GradeRefused(Exception):
    """A sample that cannot be drawn or a grade that cannot be given. ``code`` is one of: no_checkpoint, empty (no
    answer is asked for), unknown (the service gave no such answer by itself), own_twice, decided, bad (a grave error
    that is none, no reason where there must be one), other (somebody else was faster).
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"not recorded: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an auditor says of one answer. ``passage``: the id of the passage at fault, where one is."""

    grade: Grade
    grave: bool = False
    reason: MaskedText | None = None
    passage: str | None = None


class DeskGrades:
    """What a desk's grades amount to, read again only when an entry came: ``bot.grading.Measuring``. Safe to call from
    any thread.
    """

    def __init__(self, log: DeskLog) -> None:
        self._log = log
        self._lock = Lock()
        self._last: tuple[EntryId | None, Gradebook] | None = None

    def newest(self) -> EntryId | None:
        return self._log.newest_about(SUBJECT)

    def book(self) -> Gradebook:
        """Every sample and grade as the log holds them now. Raises LogUnavailable."""
        newest = self.newest()
        with self._lock:
            if self._last is None or self._last[0] != newest:
                self._last = (newest, folded(self._log.entries(SUBJECT)))
            return self._last[1]

    def measured(self, row: str, period: Period) -> Measured:
        return measured(self.book(), row, period)


class DeskSampling:
    """Sampling at one desk. ``masked`` takes personal data out of what somebody typed. Every method raises
    LogUnavailable.
    """

    def __init__(self, log: DeskLog, proofs: DeskProofs, masked: Callable[[str], MaskedText]) -> None:
        self.masked = masked
        self._log = log
        self._proofs = proofs
        self.grades = DeskGrades(log)

    def draw(self, who: Reader, plan: Plan, seed: str = "") -> Drawn:
        """Draw a sample under the newest checkpoint, with a seed or one made by chance. Recorded before anybody sees
        what was drawn. Raises GradeRefused (no_checkpoint, empty); ValueError for a plan that cannot be drawn.
        """
        note = self._proofs.checkpoint()
        if note is None:
            raise GradeRefused("no_checkpoint")
        head, chosen = opened(note, self._proofs.verifier()), seed[:LONGEST_SEED] or secrets.token_hex(16)
        population = asked_for(self._log.answers(head.size), plan)
        items = drawn(population, plan, chosen)
        if not items:
            raise GradeRefused("empty")
        meta: dict[str, Json] = {
            "by": who.id,
            "role": who.role,
            "plan": _as_json(plan),
            "seed": chosen,
            "checkpoint": {"size": head.size, "root": head.root.hex()},
            "population": len(population),
            "items": [[each.entry, each.exchange, each.row, each.closed.isoformat()] for each in items],
        }
        appended = self._log.append(Entry(SAMPLE_DRAWN, SUBJECT, meta, {"name": who.name}))
        return self.grades.book().samples[appended.entry]

    def draws_again(self, sample: Drawn) -> bool:
        """Whether the log gives the same sample again."""
        population = asked_for(self._log.answers(sample.size), sample.plan)
        again = tuple(drawn(population, sample.plan, sample.seed))
        return len(population) == sample.population and again == sample.items

    def item(self, exchange: ExchangeId) -> Item | None:
        """The answer that the service gave by itself in an exchange."""
        return self._log.answer(exchange)

    def give(self, who: Reader, exchange: ExchangeId, judged: Judgement, sample: EntryId | None = None) -> Given:
        """Grade an answer; where two grades differ, settle it.

        Raises GradeRefused (unknown, own_twice, decided, bad, other).
        """
        item = self.item(exchange)
        if item is None:
            raise GradeRefused("unknown")
        _demand(judged)
        before = self.grades.book().of(exchange)
        if any(each.by == who.id for each in before):
            raise GradeRefused("own_twice")
        if decided(before):
            raise GradeRefused("decided")
        meta, contents = _meta(who, item, judged, sample, before), _contents(who, judged)
        entry = Entry(GRADE_GIVEN, SUBJECT, meta, contents, (item.entry,))
        appended = self._log.append(entry)
        given = next((each for each in self.grades.book().of(exchange) if each.id == appended.entry), None)
        if given is None:
            raise GradeRefused("other")
        return given


def _demand(judged: Judgement) -> None:
    error = judged.grade not in {Grade.RIGHT, Grade.GONE}
    if (judged.grave and not error) or (error and not _reason(judged)):
        raise GradeRefused("bad")


def _meta(
    who: Reader, item: Item, judged: Judgement, sample: EntryId | None, before: Sequence[Given]
) -> dict[str, Json]:
    return {
        "by": who.id,
        "role": who.role,
        "answer": item.entry,
        "exchange": item.exchange,
        "row": item.row,
        "closed": item.closed.isoformat(),
        "grade": judged.grade.value,
        "grave": judged.grave,
        "settles": differ(before),
        "passage": judged.passage,
        "sample": sample,
    }


def _reason(judged: Judgement) -> str:
    return judged.reason.value.strip()[:LONGEST_REASON] if judged.reason else ""


def _contents(who: Reader, judged: Judgement) -> dict[str, str]:
    reason = _reason(judged)
    return {"name": who.name, **({"reason": reason} if reason else {})}


def _as_json(plan: Plan) -> dict[str, Json]:
    return {
        "kind": plan.kind.value,
        "size": plan.size,
        "graders": plan.graders,
        "rows": sorted(plan.rows),
        "since": plan.since.isoformat() if plan.since else None,
        "until": plan.until.isoformat() if plan.until else None,
    }
