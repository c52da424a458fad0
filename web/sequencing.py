"""The logs' trees kept up to date while the server runs: entries under a signed head within the promised time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog

from audit.checkpoint import BadNote
from audit.clock_steps import ClockWatch, entry_of
from audit.log import DeskLog
from audit.proofs import DeskProofs
from audit.receipts import LONGEST_DELAY_SECONDS
from audit.sequencer import Overtaken
from bot.ports import Clock, LogUnavailable
from bot.records import Entry
from web.assembly import House
from web.directory import SYSTEM

MOST_WAITING: Final = 256
LONGEST_WAIT_SECONDS: Final = LONGEST_DELAY_SECONDS / 2
"""Half of what receipts promise: one turn may fail or be slow without a promise being broken."""

_LOOK_SECONDS: Final = 1.0
_RETRY_SECONDS: Final = 10.0
_events = structlog.get_logger("web.sequencing")


class Keeper:
    """Keeps one log's tree. ``passed`` is a clock that nobody can set, in seconds."""

    def __init__(
        self, name: str, log: DeskLog, proofs: DeskProofs, clock: Clock, passed: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._log = log
        self._proofs = proofs
        self._watch = ClockWatch(clock)
        self._passed = passed
        self._last = passed()
        self._rest_until = passed()
        self._step: Entry | None = None  # seen, and not yet written down

    def look(self) -> None:
        """Sequence if enough waits or has waited long enough; write down where the clock was set. Never raises for a
        log that is away: after a while a look tries again.
        """
        self._step = self._watch.look() or self._step
        if self._passed() < self._rest_until:
            return
        try:
            if self._step is not None:
                self._log.append(self._step)
                self._step = None
            waiting = self._proofs.waiting()
            if waiting >= MOST_WAITING or (waiting and self._passed() - self._last >= LONGEST_WAIT_SECONDS):
                self.sequence()
            elif not waiting:
                self._last = self._passed()
        except (LogUnavailable, BadNote, Overtaken) as problem:
            self._rest_until = self._passed() + _RETRY_SECONDS
            cause = getattr(problem, "cause", type(problem).__name__)
            _events.error("checkpoint_failed", log=self._name, cause=cause)

    def sequence(self) -> None:
        """Everything that waits. Raises LogUnavailable, BadNote, Overtaken."""
        added = 1
        while added:
            done = self._proofs.sequence()
            added = done.added
            for step in done.steps:
                self._log.append(entry_of(step))
        self._last = self._passed()


def keepers(house: House) -> list[Keeper]:
    """One for each log of the house."""
    logs = [*house.logs.items(), (SYSTEM, house.system)]
    clock = next(iter(house.desks.values())).clock
    return [Keeper(str(name), log, house.proofs[name], clock) for name, log in logs]


@contextmanager
def sequencing(house: House) -> Iterator[None]:
    """Look at every log once a second, in a thread of its own, and a last time at the end."""
    kept, over = keepers(house), threading.Event()

    def run() -> None:
        while not over.wait(_LOOK_SECONDS):
            for each in kept:
                each.look()

    thread = threading.Thread(target=run, name="sequencing")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        sequence_all(kept)


def sign_what_waits(name: str, log: DeskLog, proofs: DeskProofs, clock: Clock) -> None:
    """Keep the promise of receipts where no server may be running: for a command, as it ends. A log that is away has
    said so already, and another process that signs meanwhile does the same.
    """
    try:
        if proofs.waiting():
            Keeper(name, log, proofs, clock).sequence()
    except Overtaken:
        return
    except (LogUnavailable, BadNote) as problem:
        cause = getattr(problem, "cause", type(problem).__name__)
        _events.warning("checkpoint_left", log=name, cause=cause)


def sequence_all(kept: list[Keeper]) -> None:
    for each in kept:
        try:
            each.sequence()
        except (LogUnavailable, BadNote, Overtaken) as problem:
            _events.error("checkpoint_failed", cause=getattr(problem, "cause", type(problem).__name__))


def late(house: House) -> Mapping[str, str]:
    """The logs this process serves with entries that have no checkpoint though the promised time is over."""
    now = next(iter(house.desks.values())).clock.now()
    found: dict[str, str] = {}
    for name in (*sorted(house.settings.served), SYSTEM):
        proofs = house.proofs[name]
        try:
            since = proofs.waiting_since()
        except LogUnavailable:
            continue  # told by the log's own state
        if since is not None and now - since > timedelta(seconds=LONGEST_DELAY_SECONDS):
            found[f"checkpoint_{name}"] = (
                f"entries wait for a checkpoint since {since.isoformat(timespec='seconds')}; "
                "a running server signs by itself, or madoguchi audit checkpoint"
            )
    return found
