"""Another process that decides: ``python deciding.py DIRECTORY approve ACCOUNT PROPOSAL`` or ``… off ACCOUNT WHY``.

It waits for a line on standard input, so that two of them can begin at the same moment; prints what became of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from audit.log import DeskLog
from bot.adapters.clock import SystemClock
from bot.deciding import Actor, DecisionRefused
from bot.register_changes import approve
from bot.switch import Scope, throw


def main(directory: str, what: str, account: str, argument: str) -> None:
    log = DeskLog(Path(directory), SystemClock())
    actor = Actor(account, account, frozenset({"approver", "administrator"}))
    sys.stdin.readline()
    try:
        if what == "approve":
            told = approve(log, argument, actor).state.value
        else:
            told = " ".join(sorted(throw(log, Scope.ALL, actor, argument, off=True)))
    except DecisionRefused as refused:
        told = refused.code
    finally:
        log.close()
    sys.stdout.write(told + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
