"""Writes the record while its system calls fail: ``python -m tests.endurance.appending DIRECTORY COUNT``.

Prints a JSON line for everything that somebody outside would hold afterwards: each receipt once its exchange is
recorded, each checkpoint once it is signed; at the end, how many calls of the log were refused. With COUNT 0 it makes
the log itself ready.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from audit.log import DeskLog
from audit.prepare import prepare
from audit.proofs import DeskProofs
from bot.adapters.clock import SystemClock
from bot.ports import LogUnavailable
from tests.audit.entries import ORIGIN, closed, opened


def write(directory: Path, count: int) -> None:
    log, proofs = (made(directory, SystemClock(), busy_seconds=0.2) for made in (DeskLog, DeskProofs))
    refused = 0

    def tried(work: Callable[[], None]) -> None:
        nonlocal refused
        try:
            work()
        except LogUnavailable:
            refused += 1

    def exchange(number: int) -> None:
        opening = opened(f"c-{number % 5}", question=f"問い{number}")
        appended = log.append(closed(opening, log.append(opening)))
        say("entry", [appended.entry, appended.leaf])
        receipt = log.receipt(appended)
        say("receipt", {**asdict(receipt), "time": receipt.time.isoformat()})

    def sequence() -> None:
        if proofs.sequence().added:
            say("checkpoint", proofs.checkpoint())

    for number in range(count):
        tried(lambda: exchange(number))  # noqa: B023 - run at once
        if number % 3 == 2:
            tried(sequence)
    say("refused", refused)


def say(what: str, value: object) -> None:
    sys.stdout.write(json.dumps([what, value]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[2] == "0":
        prepare(Path(sys.argv[1]), ORIGIN, SystemClock())
    else:
        write(Path(sys.argv[1]), int(sys.argv[2]))
