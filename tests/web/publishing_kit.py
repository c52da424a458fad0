"""Trials that find nothing wrong, or what they are told to find."""

from __future__ import annotations

from collections.abc import Sequence

from bot.learning import NoteText
from bot.records import SnapshotId
from web.trials import Judgement


class NoTrials:
    """Remembers what it was asked."""

    def __init__(self, worse: str | None = None, *, judges: bool = False) -> None:
        self.judges = judges
        self.asked: list[str] = []
        self._worse = worse

    def compared(self, active: SnapshotId, waiting: SnapshotId) -> Judgement:
        self.asked.append(f"{active} {waiting}")
        return Judgement(self._worse, {"rows": 1})

    def unanswered(self, snapshot: SnapshotId, name: str, note: NoteText) -> Sequence[int]:
        self.asked.append(name)
        assert snapshot
        assert note.questions
        return ()
