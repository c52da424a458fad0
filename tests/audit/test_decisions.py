"""Decisions in a real system log: read back whole, seen by other processes at once, one of two rivals counts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.log import DeskLog
from bot.answered import Asked
from bot.exchange import answer
from bot.records import DeskName, Outcome, Topic
from bot.register import load_register
from bot.register_changes import approve, propose
from bot.register_history import ActiveRegister, ProposalState
from bot.switch import OffSwitch, Scope, throw
from tests.audit.entries import fresh_log
from tests.decisions_kit import ADMINISTRATOR, APPROVER, EDITOR, person_for, version
from tests.fakes_audit import TickingClock
from tests.fakes_bot import room

QUESTION = "令和7年度の都のAI関連予算はいくらですか"
DANGER = "家の中に煙が充満していて逃げられない"
CHILD = Path(__file__).with_name("deciding.py")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DeskLog]:
    real = fresh_log(tmp_path / "system")
    yield real
    real.close()


def process(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(directory), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )


def test_a_version_comes_back_from_the_log_as_it_was_proposed(log: DeskLog) -> None:
    proposed = version("3", documents="assisted")
    told = approve(log, propose(log, proposed, EDITOR, "確認してから答える").id, APPROVER)
    history = ActiveRegister(log).history()
    assert history.active == proposed
    assert history.proposals == (told,)
    assert (told.state, told.name, told.reason) == (ProposalState.APPROVED, EDITOR.name, "確認してから答える")


def test_a_running_desk_obeys_a_newly_approved_version_at_once(log: DeskLog) -> None:
    held = room(register=ActiveRegister(log).of(DeskName.PUBLIC), switch=OffSwitch(log).of(DeskName.PUBLIC))
    first = answer(held.desk, Asked(QUESTION))
    assert first.reply.outcome is Outcome.ANSWERED_DOCUMENTS
    proposed = person_for(Topic.DOCUMENTS)
    waiting = propose(log, proposed, EDITOR)
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.ANSWERED_DOCUMENTS
    approve(log, waiting.id, APPROVER)
    second = answer(held.desk, Asked(QUESTION))
    assert second.reply.outcome is Outcome.REFERRED_BY_REGISTER
    assert load_register().stamp in first.stamps
    assert proposed.stamp in second.stamps
    closed = [kept.entry.meta for kept in held.log.kept if kept.entry.kind == "exchange.closed"]
    assert [meta["row"] for meta in closed] == ["documents.low"] * 3
    assert [meta["automation"] for meta in closed] == ["full", "full", "none"]
    approve(log, propose(log, version("4"), EDITOR).id, APPROVER)  # as it was, under a new name
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.ANSWERED_DOCUMENTS


def test_fixed_replies_obey_the_register_too(log: DeskLog) -> None:
    held = room(register=ActiveRegister(log).of(DeskName.PUBLIC))
    asked = Asked("あなたの意見を聞かせてください")
    assert answer(held.desk, asked).reply.outcome is Outcome.REFUSED_OPINION
    approve(log, propose(log, person_for(Topic.OPINION), EDITOR).id, APPROVER)
    assert answer(held.desk, asked).reply.outcome is Outcome.REFERRED_BY_REGISTER


def test_without_the_system_log_there_is_an_outage_and_danger_is_still_answered(tmp_path: Path) -> None:
    gone = DeskLog(tmp_path / "nowhere", TickingClock())
    held = room(register=ActiveRegister(gone).of(DeskName.PUBLIC), switch=OffSwitch(gone).of(DeskName.PUBLIC))
    failed = answer(held.desk, Asked(QUESTION))
    assert failed.reply.outcome is Outcome.FAILED_LOG
    assert not failed.reply.citations
    assert held.log.kept[-1].entry.meta["fault"] == "missing"
    danger = answer(held.desk, Asked(DANGER))
    assert danger.reply.outcome is Outcome.ESCALATED_DANGER
    assert held.log.kept[-1].entry.meta["row"] == "danger.grave"


def test_a_system_log_lost_later_leaves_what_was_decided(log: DeskLog, tmp_path: Path) -> None:
    held = room(register=ActiveRegister(log).of(DeskName.PUBLIC), switch=OffSwitch(log).of(DeskName.PUBLIC))
    approve(log, propose(log, person_for(Topic.DOCUMENTS), EDITOR).id, APPROVER)
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.REFERRED_BY_REGISTER
    shutil.move(tmp_path / "system", tmp_path / "elsewhere")
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.REFERRED_BY_REGISTER
    assert answer(held.desk, Asked(DANGER)).reply.outcome is Outcome.ESCALATED_DANGER
    shutil.move(tmp_path / "elsewhere", tmp_path / "system")
    throw(log, Scope.ALL, ADMINISTRATOR, "点検", off=True)
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.REFERRED_AI_OFF


def test_of_two_rival_approvals_at_the_same_moment_one_counts(log: DeskLog, tmp_path: Path) -> None:
    rivals = [
        propose(log, version(name, documents=level), EDITOR) for name, level in (("a", "none"), ("b", "assisted"))
    ]
    children = [
        process(tmp_path / "system", "approve", f"ac_{number}", rival.id) for number, rival in enumerate(rivals)
    ]
    answers = _together(children)
    history = ActiveRegister(log).history()
    approved = [each for each in history.proposals if each.state is ProposalState.APPROVED]
    assert len(approved) == 1
    assert history.active == approved[0].register
    assert sorted(answers) == ["approved", "stale"]


def test_of_two_approvals_of_one_proposal_one_counts(log: DeskLog, tmp_path: Path) -> None:
    waiting = propose(log, version("a", documents="none"), EDITOR)
    answers = _together([process(tmp_path / "system", "approve", f"ac_{number}", waiting.id) for number in range(2)])
    assert sorted(answers) == ["approved", "not_waiting"]
    assert ActiveRegister(log).active() == version("a", documents="none")


def test_a_switch_thrown_by_another_process_stops_this_one(log: DeskLog, tmp_path: Path) -> None:
    held = room(switch=OffSwitch(log).of(DeskName.PUBLIC))
    assert answer(held.desk, Asked(QUESTION)).reply.outcome is Outcome.ANSWERED_DOCUMENTS
    _together([process(tmp_path / "system", "off", "ac_1", "点検のため")])
    off = answer(held.desk, Asked(QUESTION))
    assert off.reply.outcome is Outcome.REFERRED_AI_OFF
    assert "点検のため" in off.reply.text


def _together(children: list[subprocess.Popen[str]]) -> list[str]:
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    return [child.communicate(timeout=60)[0].strip() for child in children]
