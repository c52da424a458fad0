"""Many cases and several responders at once, on the real store: each case is answered once, by who holds it."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.case_entries import change_of, entries_of
from bot.cases import CaseKind, CaseRefused, CaseState, ChangeKind
from bot.deciding import Actor
from bot.intake import Taken, Wish, take
from bot.persons_case import by_number
from bot.records import DeskName, Language
from bot.responding import Answer, claim, queue_of, reply
from tests.endurance.kit import PATIENT, report
from tests.house_kit import small_house

pytestmark = PATIENT
CASES = 200
RESPONDERS = 5


def test_each_case_is_answered_once(tmp_path: Path) -> None:
    house = small_house(tmp_path).house
    desk = house.desks[DeskName.PUBLIC]

    def open_one(number: int) -> Taken:
        text = f"{number}番の相談です。職員の方に聞きたいことがあります"
        wish = Wish(CaseKind.QUESTION, text, None, Language.JA, once=f"once-{number}")
        return take(desk, wish)

    with ThreadPoolExecutor(RESPONDERS) as pool:
        taken = list(pool.map(open_one, range(CASES)))
    assert len({each.number for each in taken}) == CASES
    assert len(queue_of(desk)) == CASES

    refused: Counter[str] = Counter()
    together = threading.Barrier(RESPONDERS)

    def work(name: int) -> int:
        """Everybody goes for the same case first; who comes too late takes the next one."""
        who, done = Actor(f"ac_{name}", f"担当{name}", frozenset({"responder"})), 0
        together.wait()
        while waiting := queue_of(desk, frozenset({CaseState.OPEN})):
            for case in waiting[:3]:
                try:
                    claim(desk, case.id, who)
                    reply(desk, case.id, who, Answer(f"担当{name}からの回答です"))
                except CaseRefused as refusal:
                    refused[refusal.code] += 1
                else:
                    done += 1
        return done

    with ThreadPoolExecutor(RESPONDERS) as pool:
        done = list(pool.map(work, range(RESPONDERS)))
    assert sum(done) == CASES
    for each in taken:
        kinds = [change_of(entry).kind for entry in entries_of(desk, each.case)]
        assert kinds == [ChangeKind.OPENED, ChangeKind.CLAIMED, ChangeKind.ANSWERED]
        seen = by_number(desk, each.number)
        assert seen is not None
        assert seen.case.state is CaseState.ANSWERED
        assert [message.kind for message in seen.messages].count(ChangeKind.ANSWERED) == 1
    report("racing responders", cases=CASES, responders=RESPONDERS, answered=sum(done), refused=dict(refused))
    house.close()
