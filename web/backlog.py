"""How much waits for people at each desk, and which notices do not get out: for figures, warnings and the doctor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.cases import LIVE
from bot.desk import Desk
from bot.ports import LogUnavailable
from bot.records import Waiting, Way

LONG: Final = timedelta(hours=1)
"""A notice that has waited for so long is worth a warning: nobody may have heard of the case."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """One desk's queue in figures: live cases, overdue ones, and notices on their way out."""

    desk: str
    live: int
    overdue: int
    notices: Mapping[Way, int]


def backlogs(desks: Iterable[Desk]) -> Sequence[Backlog]:
    """The figures of each desk whose record can be read."""
    found = []
    for desk in desks:
        with suppress(LogUnavailable):  # told by the state of the log
            found.append(_backlog(desk))
    return found


def notice_warnings(desks: Iterable[Desk], mode: str) -> Mapping[str, str]:
    """What is wrong with telling people of cases, by part; in production also that nobody is told."""
    found: dict[str, str] = {}
    for desk in desks:
        with suppress(LogUnavailable):  # as above
            if stuck := _stuck(desk):
                found[f"notices_{desk.name.value}"] = f"notices wait for more than an hour: {stuck}"
                continue
        if mode == "production" and nobody_told(desk):
            found[f"notices_{desk.name.value}"] = "nobody is told of cases (MADOGUCHI_NOTICES)"
    return found


def nobody_told(desk: Desk) -> bool:
    """Whether no responder of a desk hears of a case by mail or web hook."""
    return not (desk.queue.recipients.mail or desk.queue.recipients.hook)


def _backlog(desk: Desk) -> Backlog:
    now, cases = desk.clock.now(), desk.queue.cases.in_states(LIVE)
    waiting = Counter(each.notice.way for each in _waiting(desk))
    return Backlog(
        desk.name.value, len(cases), sum(case.overdue(now) for case in cases), {way: waiting[way] for way in Way}
    )


def _stuck(desk: Desk) -> str:
    """How many notices have waited for long, by way and cause of the last failure; empty where none has."""
    before = desk.clock.now() - LONG
    old = [each for each in _waiting(desk) if each.since < before]
    causes = Counter(f"{each.notice.way.value} ({each.cause or 'untried'})" for each in old)
    return ", ".join(f"{count} by {name}" for name, count in sorted(causes.items()))


def _waiting(desk: Desk) -> Sequence[Waiting]:
    """The notices that wait for somebody who is told still."""
    return [each for each in desk.queue.outbox.waiting() if desk.queue.recipients.include(each.notice)]
