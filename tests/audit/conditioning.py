"""Another process that decides on a desk's conditions or grades its answers:

``python conditioning.py DATA approve ACCOUNT PROPOSAL`` or ``… grade ACCOUNT EXCHANGE``. It waits for a line on
standard input, so that two of them can begin at the same moment; prints what became of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from audit import statistics
from audit.drawing import DeskSampling, GradeRefused, Judgement
from audit.log import DeskLog
from audit.proofs import DeskProofs
from audit.search_values import Reader
from bot.adapters.clock import SystemClock
from bot.conditions import Conditions
from bot.conditions_changes import approve
from bot.deciding import Actor, DecisionRefused
from bot.grading import Grade
from bot.masking import mask
from bot.records import DeskName, ExchangeId
from bot.register import load_register


def main(data: str, what: str, account: str, argument: str) -> None:
    clock, desk, system = SystemClock(), Path(data) / "public", DeskLog(Path(data) / "system", SystemClock())
    log = DeskLog(desk, clock)
    sampling = DeskSampling(log, DeskProofs(desk, clock), mask)
    register = load_register().of(DeskName.PUBLIC)
    conditions = Conditions(DeskName.PUBLIC, system, register, statistics, clock, measuring=sampling.grades, demo=False)
    sys.stdin.readline()
    try:
        if what == "approve":
            told = approve(system, conditions, argument, Actor(account, account, frozenset({"approver"}))).state.value
        else:
            reader = Reader(account, "auditor", account)
            judged = Judgement(Grade.WRONG, grave=True, reason=mask("違う"))
            told = sampling.give(reader, ExchangeId(argument), judged).grade.value
    except (DecisionRefused, GradeRefused) as refused:
        told = refused.code
    sys.stdout.write(told + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
