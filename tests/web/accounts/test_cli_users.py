"""``madoguchi user``: one line out, one line for what is wrong, exit statuses of the contract."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house_kit import ROOT

# Many commands in one process: starting one costs more than all of them.
PROGRAM = """
import contextlib, io, json, os, sys
import typer
from web import cli_users
from web.cli_support import Stop, show_error
os.umask(0o077)
app = typer.Typer()
cli_users.add_to(app)
app.command("other")(lambda: None)
told = []
for words in json.loads(sys.argv[1]):
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app(["user", *words], standalone_mode=False)
        except Stop as stop:
            show_error(stop)
            status = stop.status
    told.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(told))
"""
Run = Callable[..., list[tuple[int, str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs commands, each a line of words; gives the status and what was said for each."""

    def commands(*lines: str, **more: str) -> list[tuple[int, str]]:
        environment = {**os.environ, "MADOGUCHI_DATA": str(tmp_path / "data"), **more}
        words = json.dumps([shlex.split(line) for line in lines])
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        told = []
        for status, out, err in json.loads(ran.stdout):
            assert len(err.splitlines()) == (1 if status else 0), err
            told.append((status, err if status else out))
        return told

    return commands


def test_the_life_of_an_account(run: Run, tmp_path: Path) -> None:
    told = run(
        "add hanako --name '東京 花子' --role staff@staff --json",
        "give hanako approver@staff",
        "take hanako staff@staff",
        "disable hanako",
        "list --json",
        "list",
        "enable hanako",
        "reset hanako",
    )
    assert [status for status, _ in told] == [0] * 8
    made = json.loads(told[0][1])
    assert set(made) == {"account", "login", "password"}
    (row,) = json.loads(told[4][1])["accounts"]
    assert (row["roles"], row["disabled"], row["must_change"]) == (["approver@staff"], True, True)
    assert "東京 花子" in told[5][1]
    assert made["password"] not in told[7][1]
    assert (tmp_path / "data" / "system" / "accounts.sqlite").stat().st_mode & 0o777 == 0o600


def test_what_is_wrong_is_one_line(run: Run) -> None:
    told = run(
        "add hanako",
        "add hanako",
        "disable nobody",
        "give hanako boss",
        "add 'a b'",
        "link hanako subject",
        "add boss --role administrator",
        "disable boss",
        "give boss auditor",
    )
    assert [status for status, _ in told] == [0, 1, 2, 2, 2, 3, 0, 1, 1]
    said = [line for status, line in told if status]
    for line, part in zip(
        said,
        (
            "has this login already",
            "no account has this login",
            "the roles are",
            "3 to 64",
            "identity provider",
            "last administrator",
            "reads contents",
        ),
        strict=True,
    ):
        assert part in line


def test_who_signs_in_at_the_provider_has_no_password_here(run: Run) -> None:
    issuer = {"MADOGUCHI_OIDC_ISSUER": "https://idp.example.org", "MADOGUCHI_OIDC_CLIENT_ID": "madoguchi"}
    told = run("add hanako --provider --role staff@staff", "link hanako a-subject", "list --json", **issuer)
    (row,) = json.loads(told[2][1])["accounts"]
    assert (row["local"], row["linked"], row["must_change"]) == (False, True, False)
