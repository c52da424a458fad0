"""Apart by construction: whatever an application holds, and whatever that holds, is none of another desk's."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType

import pytest
from fastapi import FastAPI

from audit.log import DeskLog
from audit.proofs import DeskProofs
from audit.reading import DeskReading
from audit.search_index import SearchIndex
from bot.desk import Desk
from bot.lexicon import Lexicon
from bot.queue import Queue
from bot.records import DeskName, Passage
from knowledge.shelf import OpenSnapshot, SnapshotShelf
from tests.crossing.canaries import OTHER, PLANTED, found_in
from tests.crossing.place import Place
from tests.crossing.wire import Sent, send
from tests.running import run
from web.doors import DeskDoors, Governance, StaffDoors, WebState
from web.records import Records

# What holds everything there is, and belongs to the program rather than to an application.
_PROGRAM = (ModuleType, type, CodeType, FrameType, BuiltinFunctionType, threading.Thread)
ROOT_OF = {DeskName.PUBLIC: "", DeskName.STAFF: "/staff"}
CONSOLE_OF = {DeskName.PUBLIC: "/responder/public", DeskName.STAFF: "/responder/staff"}
AUDIT_OF = {DeskName.PUBLIC: "/auditor/public", DeskName.STAFF: "/auditor/staff"}


@dataclass(frozen=True)
class Reached:
    """An object and how it was come by."""

    thing: object
    way: str


def reachable(start: object) -> Iterator[Reached]:
    """Everything that can be had from an object: its attributes, what it contains, what its functions keep."""
    waiting, seen = [Reached(start, type(start).__name__)], {id(start)}
    kept = []  # else an id could be given out anew
    while waiting:
        reached = waiting.pop()
        yield reached
        if isinstance(reached.thing, Records):
            continue  # what it gives out is tested by itself
        for thing in _next(reached.thing):
            if id(thing) not in seen and not isinstance(thing, _PROGRAM):
                seen.add(id(thing))
                kept.append(thing)
                waiting.append(Reached(thing, f"{reached.way} → {type(thing).__name__}"))


def _next(thing: object) -> list[object]:
    if isinstance(thing, FunctionType):  # not its globals: they are the module's
        cells = [cell.cell_contents for cell in thing.__closure__ or () if _filled(cell)]
        return [*cells, thing.__defaults__, thing.__kwdefaults__, thing.__dict__]
    if isinstance(thing, MethodType):
        return [thing.__self__, thing.__func__]
    return gc.get_referents(thing)


def _filled(cell: object) -> bool:
    try:
        cell.cell_contents  # type: ignore[attr-defined]  # noqa: B018 - reading it tells
    except ValueError:
        return False
    return True


@pytest.fixture(scope="module")
def apps(place: Place) -> Mapping[str, FastAPI]:
    """The applications, after each desk was asked in its own way: memory that they fill is filled."""
    made = place.applications()
    for desk in DeskName:
        assert place.house.desks[desk].shelf.passages()
    for root, app in made.items():
        run(send(app, Sent("GET", root or "/")))
    return made


def all_of(app: FastAPI) -> list[Reached]:
    found = list(reachable(app))
    assert len(found) > 5_000  # the walk goes deep, or it would show nothing
    return found


def test_the_administration_reaches_no_desk_no_shelf_and_no_desks_log(
    place: Place, apps: Mapping[str, FastAPI]
) -> None:
    """But those who keep the record erase in it, through ``Records`` alone: see the next test."""
    found = all_of(apps["/admin"])
    assert {each.thing.desk for each in found if isinstance(each.thing, Records)} == set(DeskName)
    contents = (Desk, DeskDoors, StaffDoors, WebState, SnapshotShelf, OpenSnapshot, Lexicon, Passage)
    assert [each.way for each in found if isinstance(each.thing, contents)] == []
    logs = {id(each.thing): each for each in found if isinstance(each.thing, DeskLog)}
    assert set(logs) == {id(place.house.system)}


@pytest.mark.parametrize("desk", list(DeskName))
def test_those_who_keep_the_record_are_given_no_text_of_it(place: Place, desk: DeskName) -> None:
    """All that ``Records`` gives out about what was said at a desk, or says when it refuses."""
    records, told = place.house.records[desk], place.told[desk]
    assert told.exchange is not None
    assert told.receipt is not None
    for named in (told.exchange, told.conversation, told.receipt.code, place.handed[desk].number):
        scope = records.find(named, whole=True)
        assert scope is not None
        assert records.count(scope) > 0
        given = repr((scope, records.count(scope), records.history(), records.holds()))
        assert found_in(given.encode(), PLANTED[desk].secrets) == []


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_desk_reaches_nothing_of_the_other(place: Place, apps: Mapping[str, FastAPI], desk: DeskName) -> None:
    found = all_of(apps[ROOT_OF[desk]])
    other, house = OTHER[desk], place.house
    assert [each.way for each in found if isinstance(each.thing, (WebState, type(house)))] == []
    for kind, own in ((DeskLog, house.logs), (SnapshotShelf, house.shelves), (Desk, house.desks)):
        reached = {id(each.thing) for each in found if isinstance(each.thing, kind)}
        assert id(own[desk]) in reached  # the walk does come as far as this
        assert id(own[other]) not in reached
    assert {each.thing.name for each in found if isinstance(each.thing, DeskDoors)} == {desk}
    governed = [each for each in found if isinstance(each.thing, (Governance, type(house.accounts)))]
    assert bool(governed) is (desk is DeskName.STAFF)


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_console_reaches_its_own_desk_alone(place: Place, apps: Mapping[str, FastAPI], desk: DeskName) -> None:
    found = all_of(apps[CONSOLE_OF[desk]])
    other, house = OTHER[desk], place.house
    forbidden = (WebState, DeskDoors, StaffDoors, type(house))
    assert [each.way for each in found if isinstance(each.thing, forbidden)] == []
    for kind, own in ((DeskLog, house.logs), (SnapshotShelf, house.shelves), (Desk, house.desks)):
        reached = {id(each.thing) for each in found if isinstance(each.thing, kind)}
        assert id(own[desk]) in reached
        assert id(own[other]) not in reached
    queues = {id(each.thing) for each in found if isinstance(each.thing, Queue)}
    assert queues == {id(house.desks[desk].queue)}


@pytest.mark.parametrize("desk", list(DeskName))
def test_an_auditors_console_reaches_its_own_record_alone(
    place: Place, apps: Mapping[str, FastAPI], desk: DeskName
) -> None:
    found = all_of(apps[AUDIT_OF[desk]])
    other, house = OTHER[desk], place.house
    forbidden = (WebState, DeskDoors, StaffDoors, type(house))
    assert [each.way for each in found if isinstance(each.thing, forbidden)] == []
    held = ((DeskLog, house.logs), (DeskReading, house.readings), (SearchIndex, house.indexes))
    for kind, own in (*held, (DeskProofs, {name: house.proofs[name] for name in DeskName})):
        reached = {id(each.thing) for each in found if isinstance(each.thing, kind)}
        assert id(own[desk]) in reached
        assert id(own[other]) not in reached
    for kind, others in ((SnapshotShelf, house.shelves), (Desk, house.desks)):
        assert id(others[other]) not in {id(each.thing) for each in found if isinstance(each.thing, kind)}


@pytest.mark.parametrize("root", ["", "/staff", "/admin", *CONSOLE_OF.values(), *AUDIT_OF.values()])
def test_no_text_path_or_key_of_another_desk_is_in_an_applications_memory(
    place: Place, apps: Mapping[str, FastAPI], root: str
) -> None:
    """Caches too: what is asked at one desk is in nobody else's memory, and neither is where its things lie."""
    for desk in DeskName:
        if root in (ROOT_OF[desk], CONSOLE_OF[desk], AUDIT_OF[desk]):
            continue
        texts = PLANTED[desk].secrets
        doors = place.state.public if desk is DeskName.PUBLIC else place.state.staff and place.state.staff.desk
        assert doors
        directory = str(place.data / desk.value)
        found = []
        for each in all_of(apps[root]):
            match each.thing:
                case str() as text:
                    found += [(each.way, text) for _ in found_in(text.encode(errors="replace"), texts)]
                    found += [(each.way, text)] if directory in text else []
                case bytes() as data:
                    found += [(each.way, "bytes") for _ in found_in(data, texts)]
                    assert doors.conversation_key not in data
                case Path() as path:
                    found += [(each.way, str(path))] if directory in str(path) else []
        assert found == []


def test_the_walk_sees_what_hides(place: Place) -> None:
    """In a closure, a default, a bound method, a partial and a cache: so that nothing above is shown by blindness."""
    from functools import lru_cache, partial  # noqa: PLC0415 - the things this test is about

    hidden = object()

    def closure() -> object:
        return hidden

    def default(thing: object = hidden) -> object:
        return thing

    class Holder:
        def __init__(self) -> None:
            self.held = hidden

        def method(self) -> None: ...

    @lru_cache
    def remembering(text: str) -> str:
        return text

    remembering("a secret that was asked")
    ways: list[Callable[..., object]] = [closure, default, Holder().method, partial(print, hidden)]
    assert all(any(each.thing is hidden for each in reachable([way])) for way in ways)
    assert any(each.thing == "a secret that was asked" for each in reachable([remembering]))
    assert place
