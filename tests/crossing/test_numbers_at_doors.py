"""Case numbers open nothing to who guesses: other desks', mistyped and invented ones are told apart by nothing, neither
by word nor by time, and a client may not try many.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from audit.codes import fresh_receipt_code
from bot import persons_case
from bot.case_numbers import as_number, fresh_number
from bot.cases import CaseKind, CaseState
from bot.intake import Taken, Wish, take
from bot.records import DeskName, Language
from bot.records_json import STRAY
from bot.responding import find
from tests.crossing.canaries import OTHER
from tests.crossing.place import ROOTS, SESSION, Place
from tests.crossing.wire import Came, Sent, form, send
from tests.endurance.kit import PATIENT, amount, report
from tests.house_kit import small_house
from tests.running import run
from web.accounts.values import Door as At
from web.app import create_app
from web.doors import DoorSettings

JSON = {"content-type": "application/json"}
GUESSES = amount(4_000, 1_000_000)
OPEN_CASES = amount(200, 10_000)
WINDOW = 12
LOOKS = 120
SEPARATE = 0.15
"""Four times what chance does to ``apart`` over so many looks."""
ALIKE = (
    ("nobody's", "other desk's"),
    ("nobody's", "withdrawn there"),
    ("nobody's receipt", "other desk's receipt"),
)
MALFORMED = ("7K3M", "ひみつの番号", "7K3M-H9X0-0F2R-WP5Y-M41K-7K3M", "1 OR 1=1 --", "0" * 21, "*" * 20, "%00%00%00")


@pytest.fixture(scope="module")
def withdrawn(place: Place) -> Mapping[DeskName, Taken]:
    """A case of each desk that its person took back."""
    made = {}
    for desk in DeskName:
        held = place.house.desks[desk]
        made[desk] = take(held, Wish(CaseKind.QUESTION, "やはり聞きたいことがあります", None, Language.JA))
        persons_case.withdraw(held, made[desk].number)
    return made


def cookies(place: Place, desk: DeskName) -> Mapping[str, str]:
    return {SESSION[At.STAFF]: place.signed(At.STAFF)} if desk is DeskName.STAFF else {}


def doors(place: Place, desk: DeskName) -> Mapping[str, Callable[[str], Came]]:
    """Everything at a desk that takes a case number: the pages, their acts, the programming interface."""
    own = cookies(place, desk)

    def page(path: str, **fields: str) -> Callable[[str], Came]:
        def asked(typed: str) -> Came:
            body, kind = form(number=typed, **fields)
            return run(send(place.site, Sent("POST", f"{ROOTS[desk]}/{path}", {}, kind, own, body)))

        return asked

    def program(member: str) -> Callable[[str], Came]:
        def asked(typed: str) -> Came:
            body = json.dumps({member: typed}).encode()
            return run(send(place.site, Sent("POST", f"/api/v1/{desk.value}/lookup", {}, JSON, own, body)))

        return asked

    acts = {
        f"act {do}": page("case", do=do, text="つづき", contact="a@example.jp", contact_consent="yes")
        for do in ("add", "withdraw", "reopen", "give_contact", "remove_contact")
    }
    return {"page": page("lookup"), "program": program("case"), "receipts": program("receipt"), **acts}


def told(came: Came, typed: str) -> tuple[int, bytes]:
    """What somebody learns: the status and every byte but what they typed themselves."""
    return came.status, re.sub(re.escape(typed).encode(), b"", came.body)


def strays(place: Place, desk: DeskName) -> Counter[str]:
    return Counter(str(each.meta["what"]) for each in place.house.logs[desk].of_kinds([STRAY]))


@pytest.mark.parametrize("desk", list(DeskName))
def test_whatever_opens_nothing_is_told_in_the_same_bytes(
    place: Place, withdrawn: Mapping[DeskName, Taken], desk: DeskName
) -> None:
    other = OTHER[desk]
    elsewhere = (place.handed[other].number, withdrawn[other].number)
    for name, asked in doors(place, desk).items():
        before = strays(place, desk)
        nothing = told(asked(wrong := fresh_number()), wrong)
        assert nothing[0] == 404, name
        for typed in (fresh_number(), *elsewhere):
            assert told(asked(typed), typed) == nothing, name
        assert (strays(place, desk) - before).total() == 4, name
        mistyped = {told(asked(typed), typed) for typed in MALFORMED}
        assert {status for status, _ in mistyped} == {404}, name
        assert len(mistyped) == 1, name
        assert (strays(place, desk) - before).total() == 4 + len(MALFORMED), name
        if name == "page":  # the hint tells what the check symbol alone tells, and the page says it of no other
            said = next(iter(mistyped))[1].decode()
            assert "番号の書き間違いのようです" in said
            assert "番号の書き間違いのようです" not in nothing[1].decode()
        else:
            assert mistyped == {nothing}, name
    for number in elsewhere:
        assert persons_case.by_number(place.house.desks[desk], number) is None
        assert find(place.house.desks[desk], number) is None
    assert persons_case.by_number(place.house.desks[other], elsewhere[0]) is not None


@pytest.mark.parametrize("desk", list(DeskName))
def test_nothing_of_another_desk_was_changed_by_its_number(
    place: Place, withdrawn: Mapping[DeskName, Taken], desk: DeskName
) -> None:
    other = OTHER[desk]
    log = place.house.logs[other]
    held = (place.handed[other].case, withdrawn[other].case)
    before = [len(log.entries(each.conversation)) for each in held]
    for asked in doors(place, desk).values():
        for number in (place.handed[other].number, withdrawn[other].number):
            assert asked(number).status == 404
    assert [len(log.entries(each.conversation)) for each in held] == before


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_case_that_was_taken_back_takes_nothing_more(
    place: Place, withdrawn: Mapping[DeskName, Taken], desk: DeskName
) -> None:
    """Its person still sees that it was; nobody can do anything in it."""
    number = withdrawn[desk].number
    every = doors(place, desk)
    assert "取下げ" in every["page"](number).text
    assert json.loads(every["program"](number).text)["state"] == CaseState.WITHDRAWN
    for name in ("act add", "act withdraw", "act reopen", "act give_contact"):
        assert every[name](number).status == 422, name


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_name_of_a_case_opens_nothing_either(place: Place, desk: DeskName) -> None:
    """Of another desk, of another conversation, of nobody: the same page."""
    other = OTHER[desk]
    names = (place.handed[other].case.id, place.handed[desk].case.id, "cs_none", place.handed[desk].number)
    own = cookies(place, desk)
    asked = [Sent("GET", f"{ROOTS[desk]}/cases/{each}", cookies=own) for each in names]
    came = [run(send(place.site, each)) for each in asked]
    pages = {told(each, name) for each, name in zip(came, names, strict=True)}
    assert len(pages) == 1
    assert next(iter(pages))[0] == 404


@PATIENT
def test_guesses_find_none_of_many_open_cases(tmp_path: Path) -> None:
    """80.7 random bits: a million guesses against ten thousand cases find one with a chance below 1 in 10**14."""
    house = small_house(tmp_path).house
    desk = house.desks[DeskName.PUBLIC]

    def open_one(number: int) -> str:
        return take(desk, Wish(CaseKind.QUESTION, f"{number}番の相談です", None, Language.JA)).number

    with ThreadPoolExecutor(2) as pool:
        numbers = list(pool.map(open_one, range(OPEN_CASES)))
    assert all(persons_case.by_number(desk, each) is not None for each in random.Random(1).sample(numbers, 100))
    start = time.perf_counter()
    found = sum(persons_case.by_number(desk, guess) is not None for guess in guesses(numbers))
    seconds = time.perf_counter() - start
    assert found == 0
    report("guessed numbers", cases=OPEN_CASES, guesses=GUESSES, found=found, a_second=round(GUESSES / seconds))
    house.close()


def guesses(numbers: Sequence[str]) -> Iterator[str]:
    """Numbers that pass the check: invented ones, and some that begin or end as one that is open."""
    chance, taken = random.Random(2), set(numbers)
    made = 0
    while made < GUESSES:
        guess, near = fresh_number(), chance.choice(numbers)
        for each in (guess, f"{near[:19]}{guess[19:]}", f"{guess[:4]}{near[4:]}"):
            if as_number(each) and each not in taken:
                made += 1
                yield each


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_client_may_not_try_many(place: Place, desk: DeskName) -> None:
    """One window for every door that takes a number; over it the right number is told no more than a wrong one."""
    kept = place.site
    right = place.handed[desk].number
    try:
        for first in ("page", "program", "act add"):
            place.site = create_app(replace(place.state, settings=DoorSettings(requests_per_minute=WINDOW)))
            every = doors(place, desk)
            statuses = Counter(every[first](fresh_number()).status for _ in range(5 * WINDOW))
            assert statuses == {404: WINDOW, 429: 4 * WINDOW}, first
            for name, asked in every.items():
                wrong = fresh_number()
                shown, hidden = asked(wrong), asked(right)
                assert shown.status == 429, name
                assert told(shown, wrong) == told(hidden, right), name
                assert shown.header("retry-after"), name
    finally:
        place.site = kept
    assert persons_case.by_number(place.house.desks[desk], right) is not None


@pytest.mark.parametrize("desk", list(DeskName))
def test_time_tells_no_more_than_the_words(place: Place, withdrawn: Mapping[DeskName, Taken], desk: DeskName) -> None:
    """A number of nobody's and one of the other desk's take the same time, at the door and below it; so do receipts.

    (What cannot be a number is looked up nowhere and may be quicker: everybody can compute the check symbol.)
    """
    other, held = OTHER[desk], place.house.desks[desk]
    told_there = place.told[other].receipt
    assert told_there is not None
    kinds = {
        "nobody's": fresh_number(),
        "other desk's": place.handed[other].number,
        "withdrawn there": withdrawn[other].number,
        "nobody's receipt": fresh_receipt_code(),
        "other desk's receipt": told_there.code,
    }
    page = doors(place, desk)["page"]
    for _ in range(2):  # what is told apart by chance is not told apart again
        at_door = timed(page, kinds, LOOKS)
        below = timed(lambda typed: persons_case.by_number(held, typed), kinds, 10 * LOOKS)
        figures = {
            f"{where}: {one} / {another}": round(apart(seconds[one], seconds[another]), 3)
            for where, seconds in (("door", at_door), ("desk", below))
            for one, another in ALIKE
        }
        report("timing of misses", desk=desk.value, **figures)
        separate = {name: value for name, value in figures.items() if abs(value - 0.5) > SEPARATE}
        if not separate:
            break
    assert separate == {}


def timed(look: Callable[[str], object], kinds: Mapping[str, str], times: int) -> Mapping[str, Sequence[float]]:
    """Seconds of each look, all kinds mixed: what the machine does meanwhile falls on all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    order = [name for name in kinds for _ in range(times)]
    random.Random(3).shuffle(order)
    for name in order:
        start = time.perf_counter()
        look(kinds[name])
        seconds[name].append(time.perf_counter() - start)
    return seconds


def apart(one: Sequence[float], another: Sequence[float]) -> float:
    """The chance that a look of one kind takes longer than one of the other: a half where nobody can tell them apart.

    Mann and Whitney's statistic over the pairs.
    """
    longer = sum((first > second) + 0.5 * (first == second) for first in one for second in another)
    return longer / (len(one) * len(another))
