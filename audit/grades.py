"""What a desk's samples and grades amount to: a pure fold over its entries about the subject ``grades``
(bot/grading.py has the table).

A sample counts if its items stand in the order of their ranks under its seed, each once. A grade counts if an auditor
gave it on an exchange that has fewer than two, the auditor's own not among them; where the two differ, a third auditor
settles it. What does not count is listed as void. What an entry is worth depends on the entries before it alone.

Of a row are counted, for each sample, the answers in the order of the lot up to the first that is not graded by as many
people as the sample asks for: nobody can leave out what is hard to grade, or stop only when it suits. An answer in two
samples counts once. What can no longer be read is passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.sampling import MOST_GRADERS, Drawing, Item, Plan, rank
from bot.grading import BAD, GRADE_GIVEN, GRADER, SAMPLE_DRAWN, SEVERITY, Grade, Measured, Period
from bot.records import EntryId, ExchangeId, RecordedEntry


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample as recorded: under which checkpoint, with which seed, of how many; its items in the order of the lot."""

    id: EntryId
    time: datetime
    by: str
    name: str | None
    plan: Plan
    seed: str
    size: int
    root: str
    population: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A grade as recorded. ``settles``: it decides between two that differ. ``name`` and ``reason`` are None where they
    were erased.
    """

    id: EntryId
    time: datetime
    by: str
    name: str | None
    item: Item
    grade: Grade
    grave: bool
    settles: bool
    passage: str | None
    sample: str | None
    reason: str | None = field(repr=False)

    @property
    def said(self) -> tuple[Grade, bool]:
        """What two graders must agree on."""
        return self.grade, self.grave


@dataclass(frozen=True, slots=True)
class VoidGrade:
    """An entry that counts for nothing, and why: not_auditor, own_twice, decided, unreadable, not_by_lot."""

    id: EntryId
    kind: str
    time: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Gradebook:
    """Samples and grades of one desk, oldest first."""

    samples: Mapping[EntryId, Drawn] = field(default_factory=dict)
    grades: Mapping[ExchangeId, tuple[Given, ...]] = field(default_factory=dict)
    given: tuple[Given, ...] = ()
    void: tuple[VoidGrade, ...] = ()

    def of(self, exchange: ExchangeId) -> tuple[Given, ...]:
        """The grades of one exchange that count, oldest first."""
        return self.grades.get(exchange, ())

    @property
    def pairs(self) -> Sequence[tuple[Given, Given]]:
        """The first and the second grade of everything graded twice."""
        return [(found[0], found[1]) for found in self.grades.values() if len(found) > 1]


def differ(given: Sequence[Given]) -> bool:
    """Whether two graders say different things that nobody has settled."""
    return len(given) == MOST_GRADERS and given[0].said != given[1].said


def decided(given: Sequence[Given]) -> bool:
    """Whether there is no more to be said: two agree, or a third has settled it."""
    return len(given) > MOST_GRADERS or (len(given) == MOST_GRADERS and not differ(given))


def folded(entries: Iterable[RecordedEntry]) -> Gradebook:
    """What these entries amount to, oldest first."""
    samples: dict[EntryId, Drawn] = {}
    grades: dict[ExchangeId, tuple[Given, ...]] = {}
    counting: list[Given] = []
    void: list[VoidGrade] = []
    for entry in entries:
        if entry.kind == SAMPLE_DRAWN:
            sample = _drawn(entry)
            why = "unreadable" if sample is None else _by_lot(sample)
            if sample is not None and why is None:
                samples[entry.entry] = sample
        elif entry.kind == GRADE_GIVEN:
            given = _given(entry)
            why = "unreadable" if given is None else _flaw(entry, given, grades.get(given.item.exchange, ()))
            if given is not None and why is None:
                grades[given.item.exchange] = (*grades.get(given.item.exchange, ()), given)
                counting.append(given)
        else:
            continue
        if why is not None:
            void.append(VoidGrade(entry.entry, entry.kind, entry.time, str(entry.meta.get("by", "")), why))
    return Gradebook(samples, grades, tuple(counting), tuple(void))


def measured(book: Gradebook, row: str, period: Period) -> Measured:
    """What the grades of one row amount to in a period."""
    counted: dict[ExchangeId, tuple[Given, ...]] = {}
    for sample in book.samples.values():
        counted.update(_graded_in_order(book, sample, row, period))
    strict = Counter(max((each.grade for each in _standing(given)), key=SEVERITY.index) for given in counted.values())
    mild = Counter(min((each.grade for each in _standing(given)), key=SEVERITY.index) for given in counted.values())
    return Measured(
        graded=len(counted),
        strict=len(counted) - strict[Grade.RIGHT],
        errors=sum(mild[each] for each in BAD),
        grave=_grave(book, row, period),
        newest=next((each.id for each in reversed(book.given) if each.item.row == row), None),
        counts={grade: strict[grade] for grade in SEVERITY if strict[grade]},
    )


def _graded_in_order(
    book: Gradebook, sample: Drawn, row: str, period: Period
) -> Mapping[ExchangeId, tuple[Given, ...]]:
    """The answers of a sample that count, with their grades."""
    found: dict[ExchangeId, tuple[Given, ...]] = {}
    for item in sample.items:
        if item.row != row or (period.since is not None and item.closed < period.since):
            continue
        given = book.of(item.exchange)
        if any(each.grade is Grade.GONE for each in given):
            continue
        if len(given) < sample.plan.graders:
            break
        found[item.exchange] = given
    return found


def _standing(given: Sequence[Given]) -> Sequence[Given]:
    """The grades that say how an answer is counted: the one that settles, else all."""
    return given[-1:] if given[-1].settles else given


def _grave(book: Gradebook, row: str, period: Period) -> tuple[EntryId, ...]:
    """Grades since the period began that call an error grave which nobody had called so before."""
    known: set[ExchangeId] = set()
    new: dict[ExchangeId, EntryId] = {}
    begun = all(each.id != period.seen for each in book.given)
    for each in book.given:
        if each.grave and each.item.row == row:
            if begun and each.item.exchange not in known:
                new.setdefault(each.item.exchange, each.id)
            elif not begun:
                known.add(each.item.exchange)
        begun = begun or each.id == period.seen
    return tuple(new.values())


def _by_lot(sample: Drawn) -> str | None:
    lots = [rank(sample.seed, each.entry) for each in sample.items]
    return None if lots == sorted(set(lots)) and len(lots) <= sample.plan.size else "not_by_lot"


def _flaw(entry: RecordedEntry, given: Given, before: Sequence[Given]) -> str | None:
    """Why a grade counts for nothing; None where it counts."""
    if entry.meta.get("role") != GRADER or not given.by:
        return "not_auditor"
    if given.item.entry not in entry.links:
        return "unreadable"
    if any(each.by == given.by for each in before):
        return "own_twice"
    if decided(before) or given.settles != differ(before):
        return "decided"
    return None


def _drawn(entry: RecordedEntry) -> Drawn | None:
    """A sample from its entry; None for another shape."""
    meta: Mapping[str, Any] = entry.meta
    try:
        plan = meta["plan"]
        return Drawn(
            id=entry.entry,
            time=entry.time,
            by=str(meta["by"]),
            name=entry.contents.get("name"),
            plan=Plan(
                Drawing(plan["kind"]),
                int(plan["size"]),
                int(plan["graders"]),
                frozenset(map(str, plan["rows"])),
                _moment(plan["since"]),
                _moment(plan["until"]),
            ),
            seed=str(meta["seed"]),
            size=int(meta["checkpoint"]["size"]),
            root=str(meta["checkpoint"]["root"]),
            population=int(meta["population"]),
            items=tuple(_item(*each) for each in meta["items"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _given(entry: RecordedEntry) -> Given | None:
    """A grade from its entry; None for another shape."""
    meta: Mapping[str, Any] = entry.meta
    try:
        return Given(
            id=entry.entry,
            time=entry.time,
            by=str(meta["by"]),
            name=entry.contents.get("name"),
            item=_item(str(meta["answer"]), str(meta["exchange"]), str(meta["row"]), str(meta["closed"])),
            grade=Grade(meta["grade"]),
            grave=meta["grave"] is True,
            settles=meta["settles"] is True,
            passage=meta["passage"] and str(meta["passage"]),
            sample=meta["sample"] and str(meta["sample"]),
            reason=entry.contents.get("reason"),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _item(entry: str, exchange: str, row: str, closed: str) -> Item:
    return Item(EntryId(entry), ExchangeId(exchange), row, datetime.fromisoformat(closed))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
