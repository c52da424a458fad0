"""What every outbox does, the real one and the fake one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from audit.log import DeskLog
from bot.records import Notice, Waiting, Way
from tests.audit.case_kit import NOON, Store, fake_store, notice, real_store

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["fake", "real", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    database = request.getfixturevalue("postgres").database() if request.param == "postgres" else None
    made = fake_store() if request.param == "fake" else real_store(tmp_path / "public", database=database)
    yield made
    if isinstance(made.log, DeskLog):
        made.log.close()


def put(store: Store, *notices: Notice) -> None:
    with store.log.begin() as within:
        for each in notices:
            store.outbox.put(within, each)


def keys(waiting: Sequence[Waiting]) -> list[str]:
    return [each.notice.key for each in waiting]


def test_a_notice_is_given_out_as_it_was_put(store: Store) -> None:
    first = notice("k-1", way=Way.HOOK, to="https://hook.example.jp/?a=b", subject="", body='{"a":"あ"}\r\n')
    put(store, first, notice("k-2"))
    taken = store.outbox.take(NOON + SECOND)
    assert [each.notice for each in taken] == [first, notice("k-2")]
    assert [(each.tries, each.cause) for each in taken] == [(0, None)] * 2
    assert taken[0].since < NOON


def test_what_is_taken_is_given_again_only_after_its_lease(store: Store) -> None:
    put(store, notice("k-1"))
    assert keys(store.outbox.take(NOON)) == ["k-1"]
    assert keys(store.outbox.take(NOON + 119 * SECOND)) == []
    assert keys(store.outbox.take(NOON + 120 * SECOND)) == ["k-1"]
    assert keys(store.outbox.waiting()) == ["k-1"]


def test_nothing_is_given_before_its_time(store: Store) -> None:
    put(store, notice("k-1"))
    [waiting] = store.outbox.waiting()
    assert list(store.outbox.take(waiting.since - SECOND)) == []
    assert keys(store.outbox.take(waiting.since)) == ["k-1"]


def test_a_delivered_notice_is_never_given_again(store: Store) -> None:
    put(store, notice("k-1"), notice("k-2"))
    store.outbox.take(NOON)
    store.outbox.done("k-1", NOON + SECOND)
    store.outbox.done("k-1", NOON + SECOND)
    assert keys(store.outbox.waiting()) == ["k-2"]
    put(store, notice("k-1", body="another"))
    assert keys(store.outbox.take(NOON + timedelta(days=1))) == ["k-2"]


def test_a_notice_put_twice_is_one(store: Store) -> None:
    put(store, notice("k-1"))
    put(store, notice("k-1", body="another"), notice("k-1"))
    [waiting] = store.outbox.waiting()
    assert waiting.notice == notice("k-1")


def test_what_failed_comes_again_when_it_is_said(store: Store) -> None:
    put(store, notice("k-1"))
    store.outbox.take(NOON)
    store.outbox.later("k-1", NOON + 40 * SECOND, "timeout")
    assert keys(store.outbox.take(NOON + 39 * SECOND)) == []
    [taken] = store.outbox.take(NOON + 40 * SECOND)
    assert (taken.tries, taken.cause) == (1, "timeout")
    store.outbox.later("k-1", NOON + 900 * SECOND, "refused")
    [waiting] = store.outbox.waiting()
    assert (waiting.tries, waiting.cause, waiting.notice) == (2, "refused", notice("k-1"))


def test_what_was_delivered_cannot_fail_any_more(store: Store) -> None:
    put(store, notice("k-1"))
    store.outbox.done("k-1", NOON)
    store.outbox.later("k-1", NOON, "timeout")
    store.outbox.later("unknown", NOON, "timeout")
    store.outbox.done("unknown", NOON)
    assert list(store.outbox.waiting()) == []
    assert list(store.outbox.take(NOON + timedelta(days=1))) == []


def test_the_oldest_are_given_first_and_no_more_than_asked_for(store: Store) -> None:
    put(store, *(notice(f"k-{number}") for number in range(5)))
    store.outbox.take(NOON, limit=1)
    store.outbox.later("k-0", NOON, "timeout")
    assert keys(store.outbox.take(NOON, limit=3)) == ["k-0", "k-1", "k-2"]
    assert keys(store.outbox.take(NOON)) == ["k-3", "k-4"]
    assert keys(store.outbox.waiting()) == ["k-0", "k-1", "k-2", "k-3", "k-4"]


def test_of_several_who_take_at_once_each_notice_goes_to_one(store: Store) -> None:
    put(store, *(notice(f"k-{number}") for number in range(40)))
    taken: list[str] = []
    start = threading.Barrier(4)

    def dispatcher(now: datetime) -> None:
        start.wait()
        while found := store.outbox.take(now, limit=3):
            taken.extend(keys(found))

    threads = [threading.Thread(target=dispatcher, args=(NOON,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(taken) == sorted(f"k-{number}" for number in range(40))
