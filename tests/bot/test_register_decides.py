"""The automation register decides who answers, and a shelf that goes away in the middle still ends in a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answered import Asked
from bot.exchange import answer
from bot.ports import ShelfUnavailable
from bot.records import AutomationLevel, Outcome, Stamp
from bot.register import AutomationRegister
from tests.fakes_bot import FakeShelf, room

QUESTION = "令和7年度の都のAI関連予算はいくらですか"


def test_what_the_register_leaves_to_a_person_is_not_answered() -> None:
    held = room()
    emptied = AutomationRegister((), held.desk.register.stamp)
    answered = answer(replace(held.desk, register=emptied), Asked(QUESTION))
    assert answered.reply.outcome is Outcome.REFERRED_BY_REGISTER
    assert answered.automation is AutomationLevel.NONE
    assert not answered.reply.citations


def test_a_shelf_lost_after_the_search_is_a_recorded_failure() -> None:
    class Vanishing(FakeShelf):
        def stamps(self) -> Sequence[Stamp]:
            raise ShelfUnavailable("missing")

    held = room()
    whole = held.desk.shelf
    assert isinstance(whole, FakeShelf)
    lost = Vanishing(**{name: getattr(whole, name) for name in whole.__dataclass_fields__})
    answered = answer(replace(held.desk, shelf=lost), Asked(QUESTION))
    assert answered.reply.outcome is Outcome.FAILED_INDEX
    assert answered.receipt is not None
    assert held.kinds == ["exchange.opened", "exchange.closed"]
