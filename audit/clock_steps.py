"""Whether the machine's clock was set: told by a second clock that nobody can set."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from audit.canonical import instant
from audit.sequencer import STEP_KIND, BackStep
from bot.ports import Clock
from bot.records import ConversationId, Entry, Json

SUBJECT: Final = ConversationId("clock")
_SMALLEST: Final = timedelta(seconds=2)  # time services slew less than that between two looks


def seconds_since_boot() -> float:
    """Runs on while the machine sleeps, unlike ``time.monotonic``."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockWatch:
    """Compares, at every look, how far the clock went with how much time passed."""

    def __init__(self, clock: Clock, steady: Callable[[], float] = seconds_since_boot) -> None:
        self._clock = clock
        self._steady = steady
        self._last = (clock.now(), steady())

    def look(self) -> Entry | None:
        """The entry that says the clock was set since the last look; None where it was not."""
        (told, passed), now, steady = self._last, self._clock.now(), self._steady()
        self._last = (now, steady)
        expected = told + timedelta(seconds=steady - passed)
        return step_entry(expected, now) if abs(now - expected) > _SMALLEST else None


def entry_of(step: BackStep) -> Entry:
    """The entry for a step that two entries' times show."""
    return step_entry(step.before, step.after)


def step_entry(before: datetime, after: datetime) -> Entry:
    meta: dict[str, Json] = {
        "from": instant(before),
        "to": instant(after),
        "seconds": round((after - before).total_seconds(), 3),
    }
    return Entry(STEP_KIND, SUBJECT, meta, {}, ())
