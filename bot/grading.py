"""Grades that auditors give to answers, and what is counted of them: names of kinds and members, and plain values.

Pure. The desk's log is written and read by these names (audit/grades.py), and the conditions for going on answering
directly are read from the counts (bot/conditions.py), so they stand in one place that both may import.

A desk's samples and grades are entries about one subject, ``grades`` (meta of a grade names its exchange):

==============  ============================================================  ================  ======================
kind            meta                                                          contents          links
==============  ============================================================  ================  ======================
sample.drawn    by, role, plan (kind, size, graders, rows, since, until),     name              none
                seed, checkpoint (size, root), population, items: each
                [closing entry, exchange, row, when it closed]
grade.given     by, role, answer (closing entry), exchange, row, closed,      name, reason      the closing entry
                grade, grave, settles, passage, sample
==============  ============================================================  ================  ======================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.records import AutomationLevel, ConversationId, EntryId, Json, Outcome, Topic

SUBJECT: Final = ConversationId("grades")
SAMPLE_DRAWN: Final = "sample.drawn"
GRADE_GIVEN: Final = "grade.given"
GRADER: Final = "auditor"
"""The role in which grades are given."""

_DRAFTED: Final = frozenset({Topic.DOCUMENTS.value, Topic.SERVICE.value, Topic.CONSULTATION.value})
"""Topics that the service has answers of its own to; for the others its reply is a fixed sentence."""
_NO_REPLY: Final = frozenset({"failed", "escalated", "referred"})


class Grade(StrEnum):
    """What an auditor says of an answer."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    ABSTAIN = "should_abstain"
    GONE = "gone"  # nothing can be said: the texts were erased


BAD: Final = frozenset({Grade.WRONG, Grade.ABSTAIN})
"""What is an error beyond doubt."""
SEVERITY: Final = (Grade.RIGHT, Grade.PARTLY, Grade.ABSTAIN, Grade.WRONG)
"""From the mildest to the gravest."""


@dataclass(frozen=True, slots=True)
class Period:
    """What counts for a row: answers given since a moment, and grave errors found after a grade (its entry)."""

    since: datetime | None = None
    seen: EntryId | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the grades of one row amount to. Of ``graded`` answers drawn at random, ``strict`` are not wholly right (a
    difference of opinion that nobody settled counts as the worse), ``errors`` are wrong or should not have been given
    (it counts as the milder). ``grave``: grades that say an error is grave, from a sample or not, oldest first.
    """

    graded: int = 0
    strict: int = 0
    errors: int = 0
    grave: tuple[EntryId, ...] = ()
    newest: EntryId | None = None
    counts: Mapping[Grade, int] = field(default_factory=dict)


class Measuring(Protocol):
    """What a desk's grades amount to. Both raise LogUnavailable."""

    def newest(self) -> EntryId | None:
        """The newest sample or grade: a cheap way to see that nothing came since."""
        ...

    def measured(self, row: str, period: Period) -> Measured: ...


def row_key(topic: str, risk: str) -> str:
    """How conditions name a row of one desk's register: the same in every version of it."""
    return f"{topic}.{risk}"


def counted_row(meta: Mapping[str, Json]) -> str | None:
    """The row that an answer counts for, from the closing entry's meta; None for what the service did not answer by
    itself: another level than full, and every reply that is no answer (where the service has answers of its own,
    abstaining is none).
    """
    topic, risk = str(meta.get("topic")), str(meta.get("risk"))
    try:
        family = Outcome(str(meta.get("outcome"))).family
    except ValueError:
        return None
    if meta.get("automation") != AutomationLevel.FULL.value or family in _NO_REPLY:
        return None
    if topic in _DRAFTED and family != "answered":
        return None
    return row_key(topic, risk)


class Statistics(Protocol):
    """Bounds of a rate from a sample (audit/statistics.py)."""

    def lower(self, errors: int, graded: int, /) -> float: ...

    def upper(self, errors: int, graded: int, /) -> float: ...
