"""The commands of conditions and samples: who decides, what is printed, how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from audit.log import DeskLog
from audit.prepare import prepare
from bot.adapters.clock import SystemClock
from bot.grading import SAMPLE_DRAWN, SUBJECT, Grade
from bot.records import Entry
from tests.fakes_audit import TickingClock
from tests.grading_kit import ROW, Bench
from web.accounts.roles import Grant, Role
from web.accounts.service import Accounts
from web.accounts.values import COMMAND_LINE, Door
from web.cli import app
from web.cli_support import Stop

PASSWORD = "correct-horse-battery-staple-7"


@dataclass
class Told:
    """What a command printed, and with which status it would end."""

    text: str
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Run = Callable[..., Told]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MADOGUCHI_DATA", str(tmp_path))
    monkeypatch.setattr("web.cli_deciding.configure_logging", lambda: None)
    monkeypatch.setattr("web.cli_logs.configure_logging", lambda: None)

    def command(*arguments: str, mode: str = "production") -> Told:
        result = CliRunner().invoke(app, list(arguments), input=f"{PASSWORD}\n", env={"MADOGUCHI_MODE": mode})
        if isinstance(result.exception, Stop):
            return Told(str(result.exception), result.exception.status)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Told(result.stdout, result.exit_code)

    return command


@pytest.fixture
def people(tmp_path: Path) -> None:
    directory, clock = tmp_path / "system", SystemClock()
    prepare(directory, "madoguchi.example/system", clock)
    log = DeskLog(directory, clock)
    accounts = Accounts(directory, log, clock)
    accounts.prepare()
    for login in ("one", "two"):
        made = accounts.administration.create(login, login, [Grant(Role.APPROVER)], by=COMMAND_LINE)
        opened = accounts.sign_in(login, made.password, Door.ADMIN)
        accounts.change_password(opened.session, made.password, PASSWORD)
    accounts.close()
    log.close()


@pytest.mark.usefixtures("people")
def test_two_people_decide_at_the_command_line(run: Run) -> None:
    [before] = [row for row in run("conditions", "show", "--json").json["rows"] if row["row"] == ROW]
    assert (before["state"], before["basis"], before["direct"], before["upper"]) == ("unmeasured", "none", False, None)
    assert "デモのため" in run("conditions", "show", mode="demo").text
    until = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    wanted = ("conditions", "propose", ROW, "--until", until, "--reason", "様子を見る", "--by", "one")
    assert run(*wanted[:3], "--until", "soon", *wanted[5:]).status == 2
    assert run(*wanted[:2], "danger.grave", *wanted[3:]).status == 2
    waiting = run(*wanted, "--json").json
    assert (waiting["state"], waiting["until"], waiting["returns"]) == ("waiting", until, False)
    own = run("conditions", "approve", waiting["proposal"], "--by", "one")
    assert (own.status, "somebody else" in own.text) == (1, True)
    assert "承認済み" in run("conditions", "approve", waiting["proposal"], "--by", "two").text
    again = run("conditions", "reject", waiting["proposal"], "--by", "two")
    assert (again.status, "approved" in again.text) == (1, True)
    told = run("conditions", "show").text
    assert f"{ROW}　未測定　直接回答（二人の決定による）" in told
    assert run("conditions", "show", "--desk", "nowhere").status == 2


def test_a_sample_and_a_report(run: Run, tmp_path: Path) -> None:
    bench = Bench(tmp_path / "public", clock=TickingClock(datetime.now(UTC)))
    assert run("audit", "sample").status == 1
    bench.answered(6)
    drawn = run("audit", "sample", "--size", "4", "--seed", "種", "--json").json
    assert (len(drawn["items"]), drawn["population"], drawn["seed"], drawn["kind"]) == (4, 6, "種", "random")
    assert run("audit", "sample", "--row", "opinion.moderate").status == 1
    assert run("audit", "sample", "--since", "昨日").status == 2
    assert run("audit", "sample", "--desk", "system").status == 2
    assert "6 件から 6 件" in run("audit", "sample", "--stratified", "--since", "2020-01-01").text
    bench.graded(20, errors=5, grade=Grade.WRONG)
    report = run("audit", "report", "--json")
    [row] = [each for each in report.json["rows"] if each["row"] == ROW]
    assert (row["state"], row["graded"], row["errors"]) == ("exceeded", 26, 5)
    assert row["lower"] > row["allowed"]
    assert {each["again"] for each in report.json["samples"]} == {True}
    assert "同じ抽出になる" in run("audit", "report").text
    # A sample whose items somebody chose: its order is right, and it cannot be drawn again.
    [entry, *_] = [each for each in bench.log.entries(SUBJECT) if each.kind == SAMPLE_DRAWN]
    items = entry.meta["items"]
    assert isinstance(items, list)
    bench.log.append(Entry(SAMPLE_DRAWN, SUBJECT, {**entry.meta, "items": items[1:]}))
    assert run("audit", "report").status == 1
    bench.close()
