"""Whether a built version of a desk's knowledge may become the active one.

The version waiting and the active one answer the same questions, each in a house of its own that keeps nothing; worse
answers hold it back unless somebody forces it with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.records import DeskName, Json, SnapshotId
from knowledge.building import snapshots_of
from web.assembly import House, build_around
from web.evaluation import Evaluation, evaluate


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same questions asked of the active version and of the one waiting."""

    active: Evaluation
    waiting: Evaluation

    @property
    def worse(self) -> str | None:
        """One line that says in what the version waiting is worse; None where it is not."""
        before, after = self.active, self.waiting
        passed_before, passed_after = (len(each.rows) - len(each.failed) for each in (before, after))
        if after.bad_news:
            return after.bad_news
        if after.wrong > before.wrong:
            return f"{after.wrong} wrong answers, the active version gives {before.wrong}"
        if passed_after < passed_before:
            return f"{passed_after} questions pass, with the active version {passed_before}"
        return None

    def figures(self) -> Mapping[str, Json]:
        """What the entry of an activation says of it."""
        return {
            "rows": len(self.waiting.rows),
            "wrong_before": self.active.wrong,
            "wrong": self.waiting.wrong,
            "passed_before": len(self.active.rows) - len(self.active.failed),
            "passed": len(self.waiting.rows) - len(self.waiting.failed),
        }


def compare(
    house: House, desk: DeskName, active: SnapshotId, waiting: SnapshotId, rows: Sequence[Mapping[str, Any]]
) -> Comparison:
    """Ask both versions the questions of this desk among ``rows``. Raises LogUnavailable, OSError."""
    own = [row for row in rows if row.get("desk", "public") == desk.value]
    return Comparison(_evaluated(house, desk, active, own), _evaluated(house, desk, waiting, own))


def _evaluated(house: House, desk: DeskName, snapshot: SnapshotId, rows: Sequence[Mapping[str, Any]]) -> Evaluation:
    """The evaluation of one version, asked in a house whose logs are thrown away."""
    with aside(house, desk, snapshot) as trial:
        return evaluate(trial, rows)


@contextmanager
def aside(house: House, desk: DeskName, snapshot: SnapshotId) -> Iterator[House]:
    """A house in which one version of a desk's knowledge is the active one, and whose logs are thrown away.

    Raises LogUnavailable, OSError.
    """
    with TemporaryDirectory() as place:
        data = Path(place)
        root = snapshots_of(data / desk.value)
        root.mkdir(parents=True)
        (root / snapshot).symlink_to(snapshots_of(house.settings.data / desk.value).resolve() / snapshot)
        (root / "active").write_text(f"{snapshot}\n", encoding="ascii")
        trial = build_around(house, data)
        try:
            yield trial
        finally:
            trial.close()
