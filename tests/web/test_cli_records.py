"""``madoguchi audit erase``, ``hold`` and ``retention``: the same decisions at the command line, beside a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audit.log import DeskLog
from bot.adapters.clock import SystemClock
from tests.audit.entries import fresh_log, whole_exchange
from tests.audit.erasing_kit import files_with, in_every_coding
from tests.house_kit import command
from tests.web.staffroom import PASSWORD
from web.accounts.roles import grant_named
from web.accounts.service import Accounts
from web.accounts.values import COMMAND_LINE, Door
from web.directory import SYSTEM

SAID = "コマンドで消す質問です"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    log, clock = fresh_log(made / SYSTEM, SystemClock()), SystemClock()
    accounts = Accounts(made / SYSTEM, log, clock)
    accounts.prepare()
    for login, grant in (("kiroku", "records_officer@public"), ("shonin", "approver@public")):
        first = accounts.administration.create(login, login, {grant_named(grant)}, by=COMMAND_LINE).password
        opened = accounts.sign_in(login, first, Door.ADMIN)
        accounts.change_password(opened.session, first, PASSWORD)
    accounts.close()
    log.close()
    return made


def test_two_people_erase_at_the_command_line(data: Path) -> None:
    log: DeskLog = fresh_log(data / "public", SystemClock())
    exchange, _ = whole_exchange(log, "c-1", SAID)
    asked = command("audit", "erase", "propose", exchange, "--by", "kiroku", "--basis", "suspension", "--reference",
                    "第3号", "--reason", "決定", data=data, stdin=f"{PASSWORD}\n")  # fmt: skip
    assert (asked.returncode, asked.stderr) == (0, "")
    named = re.match(r"\S+", asked.stdout)
    assert named is not None
    done = command("audit", "erase", "approve", named[0], "--by", "shonin", data=data, stdin=f"{PASSWORD}\n")
    assert (done.returncode, "approved" in done.stdout) == (0, True)
    assert SAID not in asked.stdout + done.stdout
    assert files_with(data, in_every_coding(SAID)) == []
    found = log.exchange(exchange)
    assert found is not None
    assert (found.reply, found.question.value) == (None, "")
    log.close()


def test_what_is_used_wrongly_is_one_line(data: Path) -> None:
    wrong = command("audit", "hold", "place", "nothing", "--by", "kiroku", "--why", "legal", "--reason", "訴訟",
                    data=data, stdin=f"{PASSWORD}\n")  # fmt: skip
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)
    shown = command("audit", "retention", "show", data=data)
    assert (shown.returncode, "contents: 1 years" in shown.stdout, "in force" in shown.stdout) == (0, True, True)
