"""Notices on their way out: taken from a desk's outbox, delivered, marked as done or put off. Never given up.

A notice is marked after it was delivered, so one whose delivery dies in between is delivered again under the same
key: at least once everywhere, once where the other side knows keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import SystemRandom
from typing import Final

from bot.ports import Clock, NotDelivered, Notifier, Outbox
from bot.records import Notice, Waiting, Way

FAULT: Final = "fault."
"""Begins the cause where a notifier itself broke, which ends with the kind of the fault: one notice that cannot be
handled must not hold up the others.
"""

_BATCH: Final = 8  # with the notifiers' limit of ten seconds each, all are tried before the outbox's lease ends
_MOST_DOUBLINGS: Final = 32
_TIMEOUT: Final = "timeout"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait after a failure: at random up to ``first`` doubled with each try, at most ``most`` (full
    jitter). A recipient that did not answer in time is left alone for ``rest``, so that it does not hold up others.
    """

    first: timedelta = timedelta(seconds=4)
    most: timedelta = timedelta(hours=1)
    rest: timedelta = timedelta(seconds=30)

    def before_next(self, tries: int, chance: float) -> timedelta:
        """The wait after a notice failed that had failed ``tries`` times before; ``chance`` is 0 to 1."""
        longest = self.first * (1 << min(tries, _MOST_DOUBLINGS))
        return min(longest, self.most) * chance


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one batch: notices ``taken``, ``delivered``, ``failed`` by way and cause, and ``left`` for later
    untried.
    """

    taken: int = 0
    delivered: int = 0
    failed: Mapping[tuple[Way, str], int] = field(default_factory=dict)
    left: int = 0

    @property
    def more(self) -> bool:
        """Whether more may be waiting now."""
        return self.taken == _BATCH


@dataclass(slots=True)
class Dispatcher:
    """Delivers one desk's notices. For one thread.

    ``wanted``: whether a notice goes to somebody who is told still; any other waits, in case they are told again.
    ``stopped`` is asked before each delivery.
    """

    outbox: Outbox
    ways: Mapping[Way, Notifier]
    clock: Clock
    patience: Patience = field(default_factory=Patience)
    wanted: Callable[[Notice], bool] = lambda _: True
    stopped: Callable[[], bool] = lambda: False
    _resting: dict[str, datetime] = field(default_factory=dict, init=False)
    _chance: SystemRandom = field(default_factory=SystemRandom, init=False)

    def dispatch(self) -> Delivery:
        """Try the notices whose time has come, some at a time. Raises LogUnavailable where the outbox is away; what
        was taken then is given again when its lease ends.
        """
        taken = self.outbox.take(self.clock.now(), limit=_BATCH)
        delivered, left = 0, 0
        failed: Counter[tuple[Way, str]] = Counter()
        for waiting in taken:
            if self.stopped() or self._rests(waiting.notice):
                left += 1
            elif cause := self._tried(waiting):
                failed[waiting.notice.way, cause] += 1
            else:
                delivered += 1
        return Delivery(len(taken), delivered, failed, left)

    def _tried(self, waiting: Waiting) -> str | None:
        """Why a notice was not delivered; None where it was. The outbox knows either way."""
        cause = self._delivered(waiting.notice)
        now = self.clock.now()
        if cause is None:
            self.outbox.done(waiting.notice.key, now)
            return None
        if cause == _TIMEOUT:
            self._resting[_destination(waiting.notice)] = now + self.patience.rest
        pause = self.patience.before_next(waiting.tries, self._chance.random())
        self.outbox.later(waiting.notice.key, now + pause, cause)
        return cause

    def _delivered(self, notice: Notice) -> str | None:
        notifier = self.ways.get(notice.way)
        if notifier is None or not self.wanted(notice):
            return "unconfigured"
        try:
            notifier.deliver(notice)
        except NotDelivered as failure:
            return failure.cause
        except Exception as fault:  # noqa: BLE001 - see FAULT; the cause is counted and logged, and the notice waits
            return FAULT + type(fault).__name__
        return None

    def _rests(self, notice: Notice) -> bool:
        until = self._resting.get(_destination(notice))
        return until is not None and self.clock.now() < until


def _destination(notice: Notice) -> str:
    """Who would be kept waiting for: the one mail server, each web hook."""
    return notice.to if notice.way is Way.HOOK else notice.way.value
