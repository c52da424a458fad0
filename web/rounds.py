"""A thread beside the server that does the desks' rounds and sends their notices out.

One for each data directory, since the server holds that alone. A round that fails is named by kind and tried again;
it never stops the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, Thread
from typing import Any, Final

import structlog

from audit.search_values import IndexUnavailable
from bot.conditions_changes import settle
from bot.desk import Desk
from bot.dispatch import Dispatcher
from bot.ports import LogUnavailable
from bot.rounds import ROUNDS
from web.assembly import House

TICK_SECONDS: Final = 1.0
ROUND_SECONDS: Final = 15.0
STOP_SECONDS: Final = 1.0
EXPIRY_SECONDS: Final = 3_600.0

_SENDING_SECONDS: Final = 5.0  # at one go; then the rounds have their turn
_INDEXING_SECONDS: Final = 3.0  # likewise: a search index that is made anew is made bit by bit
_events = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done every so many seconds. ``name`` is from a closed list: it stands in log lines."""

    name: str
    work: Callable[[], object]
    seconds: float


class Rounds:
    """Does its steps in their order again and again, in one thread, until it is stopped.

    ``steps`` is handed a function that says whether to stop, for work that is long.
    """

    def __init__(self, steps: Callable[[Callable[[], bool]], Sequence[Step]], tick: float = TICK_SECONDS) -> None:
        self._stop = Event()
        self._tick = tick
        self._next = dict.fromkeys(steps(self._stop.is_set), 0.0)
        # A daemon: a delivery that hangs does not hold up the end of the process. Its notice is sent again.
        self._thread = Thread(target=self._run, name="rounds", daemon=True)

    def start(self) -> None:
        """Begin at once."""
        self._thread.start()

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """Begin nothing more, and wait a moment for what is being done. Whether it has ended."""
        self._stop.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            for step, due in self._next.items():
                if time.monotonic() >= due and not self._stop.is_set():
                    self._next[step] = time.monotonic() + self._do(step)
            self._stop.wait(self._tick)

    def _do(self, step: Step) -> float:
        """Do a step. After how many seconds it is to be done again."""
        try:
            step.work()
        except Exception as fault:  # noqa: BLE001 - whatever breaks here, the other rounds and notices go on
            told: dict[str, Any] = {}
            if isinstance(fault, LogUnavailable | IndexUnavailable):
                told = {"cause": fault.cause}
            _events.error("round_failed", round=step.name, kind=type(fault).__name__, **told)
            return max(step.seconds, ROUND_SECONDS)
        return step.seconds


def steps_of(house: House) -> Callable[[Callable[[], bool]], Sequence[Step]]:
    """The steps of every desk that the process serves."""
    desks = [house.desks[name] for name in sorted(house.settings.served)]

    def steps(stopped: Callable[[], bool]) -> Sequence[Step]:
        sending = [_sending(desk, house, stopped) for desk in desks]
        settling = [_settling(desk, house) for desk in desks]
        keeping = [step for desk in desks for step in _keeping(desk, house, stopped)]
        indexing = [_indexing(desk, house) for desk in desks]
        return [*sending, *(step for desk in desks for step in _rounds(desk)), *settling, *keeping, *indexing]

    return steps


def _sending(desk: Desk, house: House, stopped: Callable[[], bool]) -> Step:
    queue = desk.queue
    dispatcher = Dispatcher(queue.outbox, house.ways, desk.clock, wanted=queue.recipients.include, stopped=stopped)

    def send() -> None:
        until = time.monotonic() + _SENDING_SECONDS
        more = True
        while more and not stopped() and time.monotonic() < until:
            delivery = dispatcher.dispatch()
            more = delivery.more
            for (way, cause), count in delivery.failed.items():
                _events.warning("notice_not_delivered", desk=desk.name.value, way=way.value, cause=cause, count=count)

    return Step(f"{desk.name.value}.notices", send, 0.0)


def _settling(desk: Desk, house: House) -> Step:
    """What a grade brought about is written down where the process that recorded it could not."""
    settling = partial(settle, house.system, house.conditions[desk.name], desk.queue)
    return Step(f"{desk.name.value}.conditions", settling, ROUND_SECONDS)


def _keeping(desk: Desk, house: House, stopped: Callable[[], bool]) -> Sequence[Step]:
    """Erasing what is over by rule, and finishing what was erased, also by a command."""
    records = house.records[desk.name]
    return [
        Step(f"{desk.name.value}.expiry", partial(records.expire, stopped), EXPIRY_SECONDS),
        Step(f"{desk.name.value}.sweep", records.sweep, ROUND_SECONDS),
    ]


def _indexing(desk: Desk, house: House) -> Step:
    """Bring the search index up to the log, so that whoever searches need not wait for it."""
    catching_up = partial(house.readings[desk.name].catch_up, _INDEXING_SECONDS)
    return Step(f"{desk.name.value}.search_index", catching_up, ROUND_SECONDS)


def _rounds(desk: Desk) -> Sequence[Step]:
    def done(work: Callable[[Desk, datetime], int]) -> int:
        return work(desk, desk.clock.now())

    return [Step(f"{desk.name.value}.{name}", partial(done, work), ROUND_SECONDS) for name, work in ROUNDS.items()]
