"""A second process that writes: ``python -m tests.audit.child append DIRECTORY COUNT`` prints each acknowledged entry;
``… crowd DIRECTORY COUNT`` has eight writers and a ninth thread that sequences; ``… hold DIRECTORY`` takes the write
lock, says so and keeps it until its input ends. The log lies in the database that MADOGUCHI_DATABASE names, if any.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import sys
import threading
from pathlib import Path

from audit.choosing import database_at
from audit.log import DeskLog
from audit.proofs import DeskProofs
from tests.audit.entries import opened
from tests.fakes_audit import TickingClock

URL = os.environ.get("MADOGUCHI_DATABASE")


def append(directory: Path, count: int) -> None:
    """Append ``count`` entries, without end where it is 0. A line is printed only after the entry is durable."""
    log = DeskLog(directory, TickingClock(), busy_seconds=30, database=database_at(directory, URL))
    for number in itertools.count(1):
        sys.stdout.write(log.append(opened(f"c-{number % 7}")).entry + "\n")
        sys.stdout.flush()
        if number == count:
            return


def crowd(directory: Path, count: int) -> None:
    database = database_at(directory, URL)
    log = DeskLog(directory, TickingClock(), busy_seconds=60, database=database)
    proofs = DeskProofs(directory, TickingClock(), busy_seconds=60, database=database)
    done = threading.Event()

    def write(number: int) -> None:
        for _ in range(count):
            sys.stdout.write(log.append(opened(f"c-{number}")).entry + "\n")

    def sequence() -> None:
        while not done.wait(0.01):
            proofs.sequence()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    sequencer = threading.Thread(target=sequence)
    for each in (*writers, sequencer):
        each.start()
    for each in writers:
        each.join()
    done.set()
    sequencer.join()


def hold(directory: Path) -> None:
    connection = sqlite3.connect(directory / "log.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    sys.stdout.write("held\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "append":
        append(Path(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "crowd":
        crowd(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        hold(Path(sys.argv[2]))
