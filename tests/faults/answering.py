"""A process that answers questions without end over a data directory: ``python -m tests.faults.answering DIRECTORY``.

A line with the exchange and its receipt's code is printed only after the answer has been given.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from bot.answered import Asked
from bot.exchange import answer
from bot.records import DeskName
from tests.house_kit import BUDGET_QUESTION
from web.assembly import build
from web.settings import Settings

if __name__ == "__main__":
    house = build(Settings(data=Path(sys.argv[1])))
    for number in itertools.count(1):
        given = answer(house.desks[DeskName.PUBLIC], Asked(f"{BUDGET_QUESTION}（{number}）"))
        code = given.receipt.code if given.receipt else "none"
        sys.stdout.write(f"{given.exchange} {code} {given.reply.outcome.value}\n")
        sys.stdout.flush()
