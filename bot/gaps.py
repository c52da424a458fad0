"""What was shown while the log was down, counted until it can be written down: kind, language and time, no text."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """One reply that left without a record (DESIGN §3 rule 2: danger texts and the outage notice only)."""

    kind: str
    language: str
    time: datetime


class Gaps:
    """Holds the unrecorded replies of one desk until a ``gap`` entry can say that they happened. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Unrecorded] = []

    def note(self, unrecorded: Unrecorded) -> None:
        with self._lock:
            self._waiting.append(unrecorded)

    def take(self) -> tuple[Unrecorded, ...]:
        """All that wait, removed: the caller writes them down or gives them back."""
        with self._lock:
            waiting, self._waiting = tuple(self._waiting), []
        return waiting

    def give_back(self, unrecorded: tuple[Unrecorded, ...]) -> None:
        with self._lock:
            self._waiting = [*unrecorded, *self._waiting]

    def __len__(self) -> int:
        with self._lock:
            return len(self._waiting)
