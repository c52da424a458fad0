"""Danger is answered at both desks whatever is gone, through the real doors and at once (DESIGN §3 rules 2 and 3)."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from audit import engines
from audit.sqlite import connect
from bot.ports import EmbedderUnavailable
from bot.records import ConversationId, DeskName, Language, Stamp
from knowledge.shelf import SnapshotShelf
from tests.crossing.place import ROOTS, SESSION, Place, opened
from tests.crossing.wire import Sent, form, send
from tests.running import run
from web.accounts.values import Door as At
from web.app import create_app
from web.assembly import build_around
from web.doors import Answered, DeskDoors

DANGER = "助けて、もう死にたいです"
LONGEST_SECONDS = 0.05
TRIES = 4


def reading_only(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """A connection to a log that takes no more, as on a disk that may only be read."""
    connection = connect(path, busy_seconds)
    connection.execute("PRAGMA query_only = ON")
    return connection


class NoEmbedder:
    """An embedder whose engine does not run."""

    def __init__(self, stamp: Stamp, dimensions: int) -> None:
        self.stamp, self.dimensions = stamp, dimensions

    def query(self, text: str) -> tuple[float, ...]:
        raise EmbedderUnavailable("no engine")

    def passages(self, texts: object) -> list[tuple[float, ...]]:
        raise EmbedderUnavailable("no engine")


@pytest.fixture
def own(place: Place, tmp_path: Path) -> Iterator[Place]:
    """A copy to take things away from."""
    shutil.copytree(place.data, tmp_path / "data")
    made = opened(build_around(place.house, tmp_path / "data"), tmp_path / "data")
    made.signed(At.STAFF)  # before anything is gone
    yield made
    made.close()


def without_embedder(place: Place) -> Place:
    house, gone = place.house, NoEmbedder(place.house.embedder.stamp, place.house.embedder.dimensions)
    shelves = {name: SnapshotShelf(place.data / name.value, gone, house.analyzer) for name in DeskName}
    desks = {name: replace(desk, shelf=shelves[name]) for name, desk in house.desks.items()}
    return opened(replace(house, shelves=shelves, desks=desks, embedder=gone), place.data)


def without_index(place: Place) -> None:
    for name in DeskName:
        shutil.rmtree(place.data / name.value / "snapshots")


def without_logs(place: Place) -> None:
    for name in DeskName:
        for each in (place.data / name.value).glob("log.sqlite*"):
            each.unlink()


def without_system_log(place: Place) -> None:
    for each in (place.data / "system").glob("log.sqlite*"):
        each.unlink()


def without_keys(place: Place) -> None:
    for name in DeskName:
        shutil.rmtree(place.data / name.value / "keys")


TAKEN: dict[str, Callable[[Place], Place | None]] = {
    "nothing": lambda _: None,
    "index": without_index,
    "embedder": without_embedder,
    "logs": without_logs,
    "system log": without_system_log,
    "keys": without_keys,
    "room for the logs": lambda place: place.house.close(),  # what is opened anew takes nothing, see below
}


def measured(place: Place, seconds: list[float]) -> ASGIApp:
    """The site, with the time of each exchange taken where the doors hand the question to the desk."""

    def timed(doors: DeskDoors) -> DeskDoors:
        def ask(question: str, conversation: ConversationId | None, language: Language | None) -> Answered:
            start = time.perf_counter()
            try:
                return doors.ask(question, conversation, language)
            finally:
                seconds.append(time.perf_counter() - start)

        return replace(doors, ask=ask)

    assert place.state.public is not None
    assert place.state.staff is not None
    staff = replace(place.state.staff, desk=timed(place.state.staff.desk))
    return create_app(replace(place.state, public=timed(place.state.public), staff=staff))


def asking(desk: DeskName, cookies: Mapping[str, str]) -> tuple[Sent, Sent]:
    """Somebody in danger at a desk: on its page, and through its programming interface."""
    body, kind = form(question=DANGER)
    programme = json.dumps({"question": DANGER}).encode()
    return (
        Sent("POST", ROOTS[desk] or "/", {}, kind | {"x-madoguchi-part": "1"}, cookies, body),
        Sent("POST", f"/api/v1/{desk.value}/exchanges", {}, {"content-type": "application/json"}, cookies, programme),
    )


@pytest.mark.parametrize("gone", list(TAKEN))
def test_danger_is_answered_at_once_whatever_is_gone(own: Place, gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = own.signed(At.STAFF)
    if gone == "room for the logs":
        monkeypatch.setattr(engines, "connect", reading_only)
    site = TAKEN[gone](own) or own
    for desk in DeskName:
        seconds: list[float] = []
        app = measured(site, seconds)
        for sent in asking(desk, {SESSION[At.STAFF]: signed} if desk is DeskName.STAFF else {}):
            for _ in range(TRIES):
                came = run(send(app, sent))
                assert came.status == 200, came.text[:300]
                assert "119" in came.text or "110" in came.text
        assert len(seconds) == 2 * TRIES
        assert min(seconds) < LONGEST_SECONDS
    if site is not own:
        site.pool.shutdown()
        site.accounts.close()
