"""Lines on standard error: so many a minute of each kind and no more, and none that repeats what people sent."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

MOST_A_MINUTE: Final = 60
_MINUTE: Final = 60.0


class LineLimit:
    """Counts lines by kind. Whoever can cause a fault at will must not fill the operator's disk with it."""

    def __init__(self, most: int = MOST_A_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[str, tuple[float, int]] = {}

    def takes(self, kind: str) -> int | None:
        """None: leave this line out. Else how many of its kind were left out before it."""
        now = self._clock()
        with self._lock:
            since, count = self._seen.get(kind, (now, 0))
            left_out = 0
            if now - since >= _MINUTE:
                left_out = max(0, count - self._most)
                since, count = now, 0
            self._seen[kind] = (since, count + 1)
        return left_out if count < self._most else None


def limited(limit: LineLimit) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    """The limit as a structlog processor; the events of our own code are a closed list."""

    def process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        left_out = limit.takes(str(event["event"]))
        if left_out is None:
            raise structlog.DropEvent
        return {**event, "left_out": left_out} if left_out else event

    return process


class LibraryLimit(logging.Filter):
    """The limit for the lines of libraries, by logger."""

    def __init__(self, limit: LineLimit) -> None:
        super().__init__()
        self._limit = limit

    def filter(self, record: logging.LogRecord) -> bool:
        left_out = self._limit.takes(record.name)
        if left_out:
            record.left_out = left_out
        return left_out is not None


class LibraryLine(logging.Formatter):
    """A library's line as JSON: its sentence without the values in it, the kind of an exception without its text."""

    def format(self, record: logging.LogRecord) -> str:
        said = str(record.msg) if isinstance(record.msg, str) else type(record.msg).__name__
        line: dict[str, str | int] = {
            "event": said.partition("\n")[0],  # what follows may spell out a task with its exception
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[0]:
            line["kind"] = record.exc_info[0].__name__
        if left_out := getattr(record, "left_out", 0):
            line["left_out"] = left_out
        return json.dumps(line, ensure_ascii=False)
