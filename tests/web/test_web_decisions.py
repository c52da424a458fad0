"""What the doctor and the operators are told of decisions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.deciding import Actor
from bot.records import AutomationLevel, DeskName, Outcome, Risk, Topic
from bot.register_changes import approve, propose
from bot.register_history import ActiveRegister, ProposalState
from bot.switch import OffSwitch, Scope, throw
from tests.decisions_kit import ADMINISTRATOR, APPROVER, EDITOR, version
from tests.fakes_audit import FakeLog
from tests.house_kit import BUDGET_QUESTION, small_house
from web.accounts.roles import Grant, Role
from web.accounts.values import AccountId
from web.decisions import DESKS, LEVELS, RISKS, SCOPES, STATES, TOPICS, actor_of, tasks, told
from web.doctor import examine

TODAY = date(2026, 11, 23)


def lines(log: FakeLog, day: date = TODAY) -> list[str]:
    return list(tasks(ActiveRegister(log), OffSwitch(log), day))


def test_with_the_default_in_force_there_is_nothing_to_do() -> None:
    assert lines(FakeLog()) == []


def test_rows_overdue_are_named_with_who_must_review_them() -> None:
    named = lines(FakeLog(), date(2028, 1, 1))
    assert any("documents.low" in line and "運営責任者" in line for line in named)
    assert any("place@public" in line for line in named)


def test_a_waiting_proposal_is_named_until_it_is_decided() -> None:
    log = FakeLog()
    waiting = propose(log, version("3", documents="none"), EDITOR)
    assert [waiting.id in line for line in lines(log)] == [True]
    approve(log, waiting.id, APPROVER)
    assert lines(log) == []


def test_a_switch_that_is_off_is_named_and_told() -> None:
    log = FakeLog()
    switch = OffSwitch(log)
    assert told(switch) == {}
    throw(log, Scope.PUBLIC, ADMINISTRATOR, "点検のため", off=True)
    assert told(switch) == {"ai_public": "off"}
    assert ["点検のため" in line for line in lines(log)] == [True]
    throw(log, Scope.ALL, ADMINISTRATOR, "全部", off=True)
    assert told(switch) == {"ai_public": "off", "ai_staff": "off"}


def test_a_log_that_is_away_is_told_by_others() -> None:
    log = FakeLog()
    log.refuse("io")
    assert lines(log) == []
    assert told(OffSwitch(log)) == {}


def test_a_house_obeys_its_system_log_while_it_runs(tmp_path: Path) -> None:
    held = small_house(tmp_path)
    system = held.house.system
    assert held.ask(BUDGET_QUESTION).reply.outcome is Outcome.ANSWERED_DOCUMENTS
    approve(system, propose(system, version("3", documents="none"), EDITOR).id, APPROVER)
    assert held.ask(BUDGET_QUESTION).reply.outcome is Outcome.REFERRED_BY_REGISTER
    throw(system, Scope.STAFF, ADMINISTRATOR, "点検のため", off=True)
    assert held.ask(BUDGET_QUESTION).reply.outcome is Outcome.REFERRED_BY_REGISTER
    assert held.ask(BUDGET_QUESTION, desk=DeskName.STAFF).reply.outcome is Outcome.REFERRED_AI_OFF
    assert any("switch:" in finding.line for finding in examine(held.house))
    again = held.reopened()
    assert again.ask(BUDGET_QUESTION).reply.outcome is Outcome.REFERRED_BY_REGISTER
    again.house.close()


def test_only_roles_for_the_whole_service_decide() -> None:
    grants = [Grant(Role.APPROVER, DeskName.PUBLIC), Grant(Role.KNOWLEDGE_EDITOR)]
    assert actor_of(AccountId("ac_1"), "名前", grants) == Actor("ac_1", "名前", frozenset({"knowledge_editor"}))


def test_everything_decided_on_has_a_word() -> None:
    assert set(LEVELS) == set(AutomationLevel)
    assert set(RISKS) == set(Risk)
    assert set(TOPICS) == set(Topic)
    assert set(DESKS) == set(DeskName)
    assert set(SCOPES) == set(Scope)
    assert set(STATES) == set(ProposalState)
    assert Outcome.REFERRED_BY_REGISTER.family == "referred"
