"""Notices on their way out: tried, put off, never given up, and none of them in the way of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dispatch import FAULT, Dispatcher, Patience
from bot.ports import LogUnavailable, NotDelivered
from bot.records import Notice, Way
from tests.fakes_audit import FakeLog
from tests.fakes_cases import LEASE, FakeOutbox

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Hands:
    """A clock that is moved by hand."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass
class FakeNotifier:
    """Delivers, or fails with what stands first in ``fails`` (a cause, or an exception)."""

    fails: list[str | Exception] = field(default_factory=list)
    got: list[Notice] = field(default_factory=list)

    def deliver(self, notice: Notice) -> None:
        if self.fails:
            failure = self.fails.pop(0)
            raise NotDelivered(failure) if isinstance(failure, str) else failure
        self.got.append(notice)


def notice(number: int, way: Way = Way.MAIL, to: str = "a@example.jp") -> Notice:
    return Notice(f"k{number:03}", way, to, "題", "本文")


@dataclass
class Post:
    """An outbox with its dispatcher, mail and hooks in reach."""

    log: FakeLog = field(default_factory=FakeLog)
    clock: Hands = field(default_factory=Hands)
    mail: FakeNotifier = field(default_factory=FakeNotifier)
    hook: FakeNotifier = field(default_factory=FakeNotifier)
    stop: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log.clock.time = NOW - timedelta(minutes=1)
        self.outbox = FakeOutbox(self.log)
        ways = {Way.MAIL: self.mail, Way.HOOK: self.hook}
        self.dispatcher = Dispatcher(self.outbox, ways, self.clock, stopped=lambda: any(self.stop))

    def put(self, *notices: Notice) -> None:
        with self.log.begin() as within:
            for each in notices:
                self.outbox.put(within, each)
        self.clock.time += timedelta(minutes=1)

    @property
    def waiting(self) -> Sequence[str]:
        return [each.notice.key for each in self.outbox.waiting()]


@pytest.fixture
def post() -> Post:
    return Post()


def test_what_is_delivered_is_done(post: Post) -> None:
    post.put(notice(1), notice(2, Way.HOOK, "https://h"))
    delivery = post.dispatcher.dispatch()
    assert (delivery.taken, delivery.delivered, dict(delivery.failed)) == (2, 2, {})
    assert [each.key for each in post.mail.got + post.hook.got] == ["k001", "k002"]
    assert post.waiting == []
    assert post.dispatcher.dispatch().taken == 0


def test_what_fails_waits_and_is_tried_again_until_it_arrives(post: Post) -> None:
    causes: list[str | Exception] = ["unreachable", "timeout", "refused", "rejected", ValueError("strange")]
    post.mail.fails = causes * 20
    post.put(notice(1))
    for tried in range(100):
        post.clock.time += timedelta(hours=1)
        delivery = post.dispatcher.dispatch()
        assert sum(delivery.failed.values()) == 1
        assert post.outbox.waiting()[0].tries == tried + 1
    assert post.outbox.waiting()[0].cause == FAULT + "ValueError"
    post.clock.time += timedelta(hours=1)
    assert post.dispatcher.dispatch().delivered == 1
    assert [each.key for each in post.mail.got] == ["k001"]


def test_a_failure_is_counted_by_way_and_cause(post: Post) -> None:
    post.mail.fails = ["refused", "refused"]
    post.hook.fails = ["rejected"]
    post.put(notice(1), notice(2), notice(3, Way.HOOK, "https://h"), notice(4, Way.SYSTEM, "knowledge"))
    assert post.dispatcher.dispatch().failed == {
        (Way.MAIL, "refused"): 2,
        (Way.HOOK, "rejected"): 1,
        (Way.SYSTEM, "unconfigured"): 1,
    }


def test_a_notice_that_breaks_the_notifier_holds_up_no_other(post: Post) -> None:
    post.mail.fails = [RuntimeError("whatever")]
    post.put(notice(1), notice(2), notice(3))
    delivery = post.dispatcher.dispatch()
    assert (delivery.delivered, dict(delivery.failed)) == (2, {(Way.MAIL, FAULT + "RuntimeError"): 1})
    assert post.waiting == ["k001"]


def test_a_recipient_that_does_not_answer_is_left_alone_for_a_while(post: Post) -> None:
    post.hook.fails = ["timeout"]
    slow = [notice(each, Way.HOOK, "https://slow") for each in range(3)]
    post.put(*slow, notice(5, Way.HOOK, "https://quick"), notice(6))
    delivery = post.dispatcher.dispatch()
    assert (delivery.delivered, delivery.left, sum(delivery.failed.values())) == (2, 2, 1)
    post.put(notice(7, Way.HOOK, "https://slow"))
    post.clock.time += timedelta(seconds=10 - 60)
    delivery = post.dispatcher.dispatch()
    assert (delivery.delivered, delivery.left) == (0, delivery.taken)
    post.clock.time += LEASE * 2
    post.dispatcher.dispatch()
    assert post.waiting == []
    assert sorted(each.key for each in post.hook.got) == ["k000", "k001", "k002", "k005", "k007"]


def test_nothing_new_is_begun_when_it_is_stopped(post: Post) -> None:
    post.put(notice(1), notice(2))
    post.stop.append(True)
    assert post.dispatcher.dispatch().left == 2
    assert post.mail.got == []
    post.stop.clear()
    post.clock.time += LEASE
    assert post.dispatcher.dispatch().delivered == 2


def test_nobody_is_told_who_is_no_longer_named(post: Post) -> None:
    post.put(notice(1, to="gone@example.jp"), notice(2))
    dispatcher = Dispatcher(
        post.outbox, {Way.MAIL: post.mail}, post.clock, wanted=lambda each: each.to != "gone@example.jp"
    )
    assert dispatcher.dispatch().failed == {(Way.MAIL, "unconfigured"): 1}
    assert [each.key for each in post.mail.got] == ["k002"]
    assert post.waiting == ["k001"]


def test_a_batch_is_small_and_says_that_there_is_more(post: Post) -> None:
    post.put(*(notice(each) for each in range(20)))
    rounds = []
    while (delivery := post.dispatcher.dispatch()).taken:
        rounds.append((delivery.taken, delivery.more))
    assert rounds == [(8, True), (8, True), (4, False)]
    assert len(post.mail.got) == 20


def test_an_outbox_that_is_away_is_told(post: Post) -> None:
    post.put(notice(1))
    post.log.refuse("full")
    with pytest.raises(LogUnavailable):
        post.dispatcher.dispatch()


def test_what_was_delivered_and_not_marked_is_delivered_again_under_the_same_key(post: Post) -> None:
    class Dying(FakeOutbox):
        def done(self, key: str, now: datetime) -> None:
            raise LogUnavailable("io")

    dying = Dying(post.log)
    with post.log.begin() as within:
        dying.put(within, notice(1))
    post.clock.time += timedelta(minutes=1)
    dispatcher = Dispatcher(dying, {Way.MAIL: post.mail}, post.clock)
    with pytest.raises(LogUnavailable):
        dispatcher.dispatch()
    assert dispatcher.dispatch().taken == 0
    post.clock.time += LEASE
    with pytest.raises(LogUnavailable):
        dispatcher.dispatch()
    assert [each.key for each in post.mail.got] == ["k001", "k001"]


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_wait_grows_to_an_hour_and_no_further(tries: int, chance: float) -> None:
    patience = Patience()
    pause = patience.before_next(tries, chance)
    longest = patience.before_next(tries, 1.0)
    assert timedelta() <= pause <= longest <= timedelta(hours=1)
    assert longest == min(timedelta(seconds=4) * 2 ** min(tries, 20), timedelta(hours=1))
    assert patience.before_next(tries, 0.5) == longest / 2
