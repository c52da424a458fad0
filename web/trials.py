"""What a version of a desk's knowledge does to answers, found out by asking it aside: nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.answered import Asked
from bot.exchange import answer
from bot.learning import NoteText
from bot.records import DeskName, Json, PassageId, Reply, SnapshotId
from web.admission import aside, compare
from web.assembly import House
from web.cli_support import Stop, rows_of

_EXPECTED = frozenset({"answer", "abstain", "refer", "refuse", "escalate"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a version must not be activated, None where it may be, and the figures of the comparison."""

    worse: str | None
    figures: Mapping[str, Json]


class Trials(Protocol):
    """Asks versions of one desk's knowledge. Both raise LogUnavailable, OSError."""

    @property
    def judges(self) -> bool:
        """Whether there is anything to compare versions by."""
        ...

    def compared(self, active: SnapshotId, waiting: SnapshotId) -> Judgement:
        """The version waiting against the active one."""
        ...

    def unanswered(self, snapshot: SnapshotId, name: str, note: NoteText) -> Sequence[int]:
        """The places of the note's own questions that this version does not answer with the note of that name (and
        with the sentence that was named for a question).
        """
        ...


@dataclass(frozen=True)
class HouseTrials:
    """Trials in houses beside the real one, with its models. ``rows``: the operator's questions for this desk."""

    house: House
    desk: DeskName
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def judges(self) -> bool:
        return bool(self.rows)

    def compared(self, active: SnapshotId, waiting: SnapshotId) -> Judgement:
        found = compare(self.house, self.desk, active, waiting, self.rows)
        return Judgement(found.worse, found.figures())

    def unanswered(self, snapshot: SnapshotId, name: str, note: NoteText) -> Sequence[int]:
        with aside(self.house, self.desk, snapshot) as trial:
            desk = trial.desks[self.desk]
            replies = [answer(desk, Asked(each.question, None)).reply for each in note.questions]
        return [
            place
            for place, (each, reply) in enumerate(zip(note.questions, replies, strict=True))
            if not _answers(reply, PassageId(name), each.sentence)
        ]


def question_rows(file: str, desks: Iterable[DeskName]) -> Sequence[Mapping[str, Any]]:
    """The rows of a question set (``madoguchi evaluate``) that can judge versions of these desks' knowledge.

    Raises Stop saying what is wrong with the file.
    """
    rows = list(rows_of(file))
    if not all({"id", "question", "expect"} <= row.keys() for row in rows) or not rows:
        raise Stop(f"{file}: every row needs id, question and expect", 2)
    for name in desks:
        if not any(row.get("desk", "public") == name.value for row in rows):
            raise Stop(f"{file} has no question for the {name.value} desk; give some, or leave out the file", 2)
    strange = next((row for row in rows if row["expect"] not in _EXPECTED), None)
    if strange is not None:
        raise Stop(f"{file}: row {strange['id']!r} expects none of {', '.join(sorted(_EXPECTED))}", 2)
    return rows


def _answers(reply: Reply, note: PassageId, sentence: str) -> bool:
    """Whether a reply answers with the note, and shows the sentence, where one is named."""
    cited = any(citation.passage == note for citation in reply.citations)
    return reply.outcome.family == "answered" and cited and sentence in reply.text
