"""The off switch: who may throw it, what it stops, what it leaves open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.answered import Asked
from bot.deciding import Actor, DecisionRefused
from bot.exchange import answer
from bot.ports import LogUnavailable
from bot.records import AutomationLevel, DeskName, Entry, Language, Outcome
from bot.switch import SET, SUBJECT, Off, OffSwitch, Scope, throw
from tests.decisions_kit import ADMINISTRATOR, APPROVER
from tests.fakes_audit import FakeLog
from tests.fakes_bot import room

QUESTION = "令和7年度の都のAI関連予算はいくらですか"


def refused(code: str, log: FakeLog, scope: Scope, actor: Actor, why: str, *, off: bool) -> None:
    with pytest.raises(DecisionRefused) as caught:
        throw(log, scope, actor, why, off=off)
    assert caught.value.code == code


def test_answers_are_on_until_somebody_switches_them_off() -> None:
    log = FakeLog()
    switch = OffSwitch(log)
    assert switch.state(DeskName.PUBLIC) is None
    throw(log, Scope.PUBLIC, ADMINISTRATOR, "回答に\n誤りが続く", off=True)
    off = switch.state(DeskName.PUBLIC)
    assert off is not None
    assert (off.scope, off.role, off.why) == (Scope.PUBLIC, "administrator", "回答に 誤りが続く")
    assert switch.state(DeskName.STAFF) is None
    assert throw(log, Scope.PUBLIC, ADMINISTRATOR, "", off=False) == {}
    assert switch.state(DeskName.PUBLIC) is None


def test_everything_off_is_off_at_each_desk_until_everything_is_on() -> None:
    log = FakeLog()
    switch = OffSwitch(log)
    throw(log, Scope.STAFF, ADMINISTRATOR, "職員窓口だけ", off=True)
    throw(log, Scope.ALL, ADMINISTRATOR, "全部", off=True)
    assert [off.scope for desk in DeskName if (off := switch.state(desk))] == [Scope.ALL, Scope.ALL]
    throw(log, Scope.ALL, ADMINISTRATOR, "", off=False)
    assert switch.state(DeskName.PUBLIC) is None
    staff = switch.state(DeskName.STAFF)
    assert staff is not None
    assert staff.why == "職員窓口だけ"


def test_only_an_administrator_with_a_reason_and_something_to_change() -> None:
    log = FakeLog()
    refused("not_allowed", log, Scope.ALL, APPROVER, "理由", off=True)
    refused("no_reason", log, Scope.ALL, ADMINISTRATOR, " \n", off=True)
    refused("unchanged", log, Scope.ALL, ADMINISTRATOR, "理由", off=False)
    throw(log, Scope.ALL, ADMINISTRATOR, "理由", off=True)
    refused("unchanged", log, Scope.ALL, ADMINISTRATOR, "理由", off=True)
    (kept,) = log.kept
    assert (kept.entry.kind, kept.entry.subject) == (SET, SUBJECT)
    assert ADMINISTRATOR.name not in str(kept.entry.meta)
    assert kept.entry.contents == {"name": ADMINISTRATOR.name, "why": "理由"}


def test_entries_of_another_shape_change_nothing() -> None:
    log = FakeLog()
    for meta in ({}, {"scope": "moon", "off": True}, {"scope": "all", "off": "yes"}, {"scope": ["all"], "off": True}):
        log.append(Entry(SET, SUBJECT, meta))
    log.append(Entry("other", SUBJECT, {"scope": "all", "off": True}))
    assert OffSwitch(log).thrown() == {}


def test_a_log_that_goes_away_leaves_the_switch_as_it_was_read() -> None:
    log = FakeLog()
    switch = OffSwitch(log)
    log.refuse("io")
    with pytest.raises(LogUnavailable):
        switch.state(DeskName.PUBLIC)
    log.refuse(None)
    throw(log, Scope.ALL, ADMINISTRATOR, "理由", off=True)
    assert switch.state(DeskName.PUBLIC)
    log.refuse("io")
    assert switch.state(DeskName.PUBLIC)


def test_the_time_is_shown_as_it_is_in_japan() -> None:
    off = Off(Scope.ALL, "administrator", "理由", datetime(2026, 11, 23, 20, 5, tzinfo=UTC))
    assert off.since_japan == "2026-11-24 05:05 (JST)"


@pytest.mark.parametrize("language", list(Language))
def test_an_exchange_at_a_desk_that_is_off_says_so_and_names_people(language: Language) -> None:
    system = FakeLog()
    contacts = {language: ["デジタル窓口 00-0000-0000"]}
    held = room(contacts=contacts, switch=OffSwitch(system).of(DeskName.PUBLIC))
    throw(system, Scope.PUBLIC, ADMINISTRATOR, "点検のため", off=True)
    answered = answer(held.desk, Asked(QUESTION, language=language))
    assert answered.reply.outcome is Outcome.REFERRED_AI_OFF
    assert answered.automation is AutomationLevel.NONE
    assert "点検のため" in answered.reply.text
    assert "デジタル窓口 00-0000-0000" in answered.reply.text
    assert answered.receipt is not None
    assert not held.shelf.searched
    assert held.kinds == ["exchange.opened", "exchange.closed"]
    assert held.log.kept[-1].entry.meta["switch"] == {
        "scope": "public",
        "since": system.kept[0].appended.time.isoformat(),
    }
    throw(system, Scope.PUBLIC, ADMINISTRATOR, "", off=False)
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.ANSWERED_DOCUMENTS


def test_danger_is_answered_while_everything_is_off() -> None:
    system = FakeLog()
    throw(system, Scope.ALL, ADMINISTRATOR, "点検のため", off=True)
    held = room(switch=OffSwitch(system).of(DeskName.PUBLIC))
    assert answer(held.desk, Asked("家の中に煙が充満していて逃げられない")).reply.outcome is Outcome.ESCALATED_DANGER
