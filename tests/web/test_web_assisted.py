"""What the command line and the batch print of an answer that a person approves first."""

from __future__ import annotations

import json

from bot.case_numbers import as_number
from tests.cases_kit import asked, assisted
from tests.fakes_bot import BUDGET_SENTENCE, room
from web.batch import answer_object


def test_the_printed_answer_has_the_case_and_nothing_of_the_draft() -> None:
    given = asked(assisted())
    printed = answer_object(given)
    assert (printed["outcome"], printed["reason"]) == ("referred", "assisted")
    assert as_number(printed["case"]) == printed["case"] == given.case
    assert BUDGET_SENTENCE not in json.dumps(printed, ensure_ascii=False)
    assert printed["citations"] == []


def test_an_answer_that_opens_no_case_has_none() -> None:
    assert answer_object(asked(room()))["case"] is None
