"""Golden questions of every kind, answered from the bundled notes and replayed: byte for byte the same."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

from bot.exchange import answer
from bot.records import DeskName
from tests.endurance.kit import PATIENT, amount, report
from web.assembly import House
from web.batch import asked_of
from web.replaying import Replayer

FILES = (
    "follow_ups", "fairness_forms", "consultations", "out_of_scope", "danger", "manipulation_unseen",
    "answerable_unseen", "needs_context", "near_scope_unseen", "places_unseen",
)  # fmt: skip
EACH = 100


@PATIENT
def test_golden_answers_replay_byte_for_byte(full_house: House) -> None:
    doors = {
        name: Replayer(desk, full_house.logs[name], full_house.shelves[name], full_house.system)
        for name, desk in full_house.desks.items()
    }
    assert set(doors) == set(DeskName)
    asked = 0
    for name in FILES:
        file = Path(__file__).parent / f"{name}.jsonl"
        for line in islice(file.read_text("utf-8").splitlines(), amount(1, EACH)):
            desk, question = asked_of(json.loads(line))
            given = answer(full_house.desks[desk], question)
            assert given.exchange is not None
            done = doors[desk](given.exchange)
            assert (done.same, done.missing, done.changed, done.decisions) == (True, (), (), ()), name
            asked += 1
    report("golden replays", asked=asked, same=asked)
