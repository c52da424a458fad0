"""A second process that keeps cases: ``python -m tests.audit.case_child open DIRECTORY`` opens one after another and
prints each that is durable, until it is killed; ``… die DIRECTORY POINT`` kills itself at a point of its first
transaction; ``… claim DIRECTORY WHO CASE…`` claims what it can and prints it.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from audit.choosing import database_at
from audit.log import DeskLog
from bot.case_numbers import digest
from bot.cases import CaseId, CaseRefused, Change, ChangeKind, opened
from bot.records import ConversationId, Entry
from tests.audit.case_kit import Store, notice, opening, store_over
from tests.fakes_audit import TickingClock

POINTS = ("begun", "entry", "case", "notice", "committed")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def die(store: Store, point: str) -> None:
    """One transaction, in the order in which the bot writes, and an end without any warning."""

    def reached(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    name, change = CaseId("cs_dying"), Change(ChangeKind.OPENED, opening())
    meta = {"case": name, "conversation": "c-dying", **change.meta}
    with store.log.begin() as within:
        reached("begun")
        appended = store.log.append(Entry("case.opened", ConversationId("c-dying"), meta, {"question": "?"}), within)
        reached("entry")
        case = opened(name, ConversationId("c-dying"), change, appended.time)
        store.cases.add(within, case, digest("0"), None)
        store.cases.keep_contact(within, name, "a@example.jp", appended.time)
        reached("case")
        store.outbox.put(within, notice(f"opened:{name}"))
        reached("notice")
    reached("committed")


def claim(store: Store, who: str, cases: list[str]) -> None:
    say("ready")
    sys.stdin.readline()
    for each in cases:
        try:
            store.claim(CaseId(each), who)
        except CaseRefused:
            continue
        say(each)


def main(what: str, directory: str, *rest: str) -> None:
    database = database_at(Path(directory), os.environ.get("MADOGUCHI_DATABASE"))
    log = DeskLog(Path(directory), TickingClock(), busy_seconds=30, database=database)
    store = store_over(log, Path(directory))
    if what == "die":
        die(store, rest[0])
    elif what == "claim":
        claim(store, rest[0], list(rest[1:]))
    else:
        for number in itertools.count():
            say(store.open(f"c-{number % 5}").id)


if __name__ == "__main__":
    main(*sys.argv[1:])
