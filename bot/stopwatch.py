"""How long the stages of one exchange took, and whether it is still within the desk's budget."""

from __future__ import annotations

import time


class Late(Exception):
    """The exchange took longer than the desk's budget."""


class Stopwatch:
    """Milliseconds per stage, and the desk's budget."""

    def __init__(self, budget_seconds: float) -> None:
        self._start = self._last = time.perf_counter()
        self._budget = budget_seconds
        self.stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        """What passed since the last lap belongs to ``stage``."""
        now = time.perf_counter()
        self.stages[stage] = round(self.stages.get(stage, 0.0) + (now - self._last) * 1000, 2)
        self._last = now

    def check(self) -> None:
        """Raises Late when the budget is spent."""
        if time.perf_counter() - self._start > self._budget:
            raise Late
