"""The commands by which people decide: who proved what, what is printed, with which exit status."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from audit.log import DeskLog
from audit.prepare import prepare
from bot.adapters.clock import SystemClock
from bot.records import DeskName
from bot.register import as_toml, load_register, read_register
from bot.switch import OffSwitch
from tests.decisions_kit import version
from tests.house_kit import command
from web.accounts.roles import Grant, Role
from web.accounts.service import Accounts
from web.accounts.values import COMMAND_LINE, Door

PASSWORD = "correct-horse-battery-staple-7"
PEOPLE = {
    "editor": Role.KNOWLEDGE_EDITOR,
    "approver": Role.APPROVER,
    "second": Role.APPROVER,
    "officer": Role.RECORDS_OFFICER,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with nothing but accounts: decisions need no documents."""
    target = tmp_path_factory.mktemp("decisions") / "data"
    directory, clock = target / "system", SystemClock()
    target.mkdir(mode=0o700)
    prepare(directory, "madoguchi.example/system", clock)
    log = DeskLog(directory, clock)
    accounts = Accounts(directory, log, clock)
    accounts.prepare()
    first = accounts.prepare_first()
    assert first is not None
    given = {"admin": first.password}
    for login, role in PEOPLE.items():
        made = accounts.administration.create(login, f"名前 {login}", [Grant(role)], by=COMMAND_LINE)
        given[login] = made.password
    fresh = accounts.administration.create("fresh", "まだ変えていない", [Grant(Role.APPROVER)], by=COMMAND_LINE)
    (target / "fresh").write_text(fresh.password, "utf-8")
    accounts.administration.create("desk", "片方だけ", [Grant(Role.APPROVER, DeskName.PUBLIC)], by=COMMAND_LINE)
    for login, password in given.items():
        opened = accounts.sign_in(login, password, Door.ADMIN)
        accounts.change_password(opened.session, password, PASSWORD)
    accounts.close()
    log.close()
    return target


def run(data: Path, *arguments: str, status: int = 0, password: str | None = None) -> subprocess.CompletedProcess[str]:
    stdin = None if password is None else f"{password}\n"
    ended = command(*arguments, data=data, stdin=stdin)
    assert "Traceback" not in ended.stderr
    assert ended.returncode == status, ended.stderr
    if status:
        assert len([line for line in ended.stderr.splitlines() if line.startswith("madoguchi: ")]) == 1, ended.stderr
    return ended


def json_of(data: Path, *arguments: str, password: str | None = None) -> Mapping[str, Any]:
    value: Mapping[str, Any] = json.loads(run(data, *arguments, "--json", password=password).stdout)
    return value


def in_force(data: Path) -> str:
    return str(json_of(data, "register", "show")["version"])


def test_a_version_is_shown_edited_proposed_and_approved_by_another(data: Path, tmp_path: Path) -> None:
    shown = json_of(data, "register", "show")
    assert shown["digest"] == load_register().stamp.digest
    assert {row["id"] for row in shown["rows"]} == {row.id for row in load_register().rows}
    text = run(data, "register", "show").stdout
    assert "コールセンター" in text
    assert "都民サービス 段階1 情報提供" in text
    file = tmp_path / "next.toml"
    file.write_text(run(data, "register", "show", "--toml").stdout.replace('version = "2"', 'version = "3"'), "utf-8")
    run(data, "register", "propose", str(file), "--by", "editor", password=PASSWORD, status=2)  # nothing changed
    file.write_text(as_toml(version("3", documents="assisted")), "utf-8")
    told = json_of(data, "register", "propose", str(file), "--by", "editor", "--reason", "試行", password=PASSWORD)
    assert (told["state"], told["version"], told["reason"]) == ("waiting", "3", "試行")
    assert in_force(data) == load_register().stamp.version
    assert json_of(data, "register", "show")["waiting"] == [told["proposal"]]
    run(data, "register", "approve", told["proposal"], "--by", "editor", password=PASSWORD, status=1)
    approved = run(data, "register", "approve", told["proposal"], "--by", "approver", password=PASSWORD)
    assert "承認済み" in approved.stdout
    assert in_force(data) == "3"
    assert read_register(run(data, "register", "show", "--toml").stdout) == version("3", documents="assisted")
    history = run(data, "register", "history").stdout
    assert "名前 editor（資料担当）" in history
    assert "名前 approver（承認者）" in history
    run(data, "register", "approve", told["proposal"], "--by", "second", password=PASSWORD, status=1)


def test_nobody_approves_alone_and_a_proposal_can_be_turned_down(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(as_toml(version("own", opinion="none")), "utf-8")
    told = json_of(data, "register", "propose", str(file), "--by", "approver", password=PASSWORD)
    run(data, "register", "approve", told["proposal"], "--by", "approver", password=PASSWORD, status=1)
    rejected = json_of(
        data, "register", "reject", told["proposal"], "--by", "second", "--reason", "根拠がない", password=PASSWORD
    )
    assert (rejected["state"], rejected["decision"]["reason"]) == ("rejected", "根拠がない")
    run(data, "register", "approve", "no-such-proposal", "--by", "approver", password=PASSWORD, status=2)


@pytest.mark.parametrize(
    ("login", "password"),
    [("approver", "wrong"), ("nobody", PASSWORD), ("approver", "")],
    ids=["wrong password", "unknown login", "no password"],
)
def test_who_does_not_prove_who_they_are_decides_nothing(data: Path, login: str, password: str) -> None:
    ended = run(data, "switch", "off", "--why", "理由", "--by", login, password=password, status=1)
    assert PASSWORD not in ended.stderr
    assert json_of(data, "switch", "show")["public"]["ai"] == "on"


def test_a_first_password_decides_nothing(data: Path) -> None:
    first = (data / "fresh").read_text("utf-8")
    ended = run(data, "register", "approve", "any", "--by", "fresh", password=first, status=1)
    assert "password of your own" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("switch", "off", "--why", "理由", "--scope", "moon", "--by", "admin"),
        ("switch", "off", "--why", " ", "--by", "admin"),
        ("switch", "on", "--by", "admin"),
        ("register", "propose", "no-such-file.toml", "--by", "editor"),
    ],
    ids=["no such scope", "no reason", "on already", "no such file"],
)
def test_wrong_use_is_said_in_one_line(data: Path, arguments: tuple[str, ...]) -> None:
    run(data, *arguments, password=PASSWORD, status=2)


def test_a_file_that_breaks_a_rule_is_refused_with_the_rule(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        as_toml(version("bad")).replace(
            'topic = "danger"\nrisk = "grave"\nlevel = "none"', 'topic = "danger"\nrisk = "grave"\nlevel = "full"'
        ),
        "utf-8",
    )
    ended = run(data, "register", "propose", str(file), "--by", "editor", password=PASSWORD, status=2)
    assert "danger.grave" in ended.stderr


def test_the_switch_says_who_why_and_when(data: Path) -> None:
    run(data, "switch", "off", "--why", "理由", "--by", "approver", password=PASSWORD, status=1)
    off = json_of(data, "switch", "off", "--scope", "public", "--why", "点検のため", "--by", "admin", password=PASSWORD)
    assert (off["public"]["ai"], off["public"]["why"], off["staff"]["ai"]) == ("off", "点検のため", "on")
    assert off["public"]["role"] == "administrator"
    text = run(data, "switch", "show").stdout
    assert "停止中（都民窓口）" in text
    assert "点検のため" in text
    assert "管理者" in text
    log = DeskLog(data / "system", SystemClock())
    assert OffSwitch(log).state(DeskName.PUBLIC)
    log.close()
    on = json_of(data, "switch", "on", "--by", "admin", password=PASSWORD)
    assert {each["ai"] for each in on.values()} == {"on"}


def test_a_role_at_one_desk_does_not_decide_for_both(data: Path) -> None:
    log = DeskLog(data / "system", SystemClock())
    accounts = Accounts(data / "system", log, SystemClock())
    first = accounts.administration.reset_password(accounts.administration.named("desk").id, by=COMMAND_LINE)
    opened = accounts.sign_in("desk", first.password, Door.ADMIN)
    accounts.change_password(opened.session, first.password, PASSWORD)
    accounts.close()
    log.close()
    ended = run(data, "register", "propose", str(_other(data)), "--by", "desk", password=PASSWORD, status=1)
    assert "whole service" in ended.stderr


def test_no_password_is_in_any_file(data: Path) -> None:
    for file in data.rglob("*"):
        if file.is_file() and file.name != "fresh":
            assert PASSWORD.encode() not in file.read_bytes()


def _other(data: Path) -> Path:
    file = data / "other.toml"
    file.write_text(as_toml(version("other", service="none")), "utf-8")
    return file
