"""``madoguchi database`` as an operator calls it, and the whole house over a PostgreSQL database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.cases import CaseKind
from bot.intake import Wish, take
from bot.persons_case import by_number
from bot.records import DeskName, Language
from bot.responding import queue_of
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION, command, small_house
from tests.postgres_kit import SCHEMAS, Place
from web.assembly import build_around, ready
from web.doctor import examine
from web.sequencing import keepers, sequence_all
from web.settings import Settings


def test_the_house_stands_on_postgresql(tmp_path: Path, postgres: Place) -> None:
    small = small_house(tmp_path, database=postgres.url)
    desk = small.house.desks[DeskName.PUBLIC]
    reply = small.ask(BUDGET_QUESTION)
    assert BUDGET_ANSWER in str(reply)
    taken = take(desk, Wish(CaseKind.QUESTION, "職員の方に聞きたいことがあります", None, Language.JA, once="once-1"))
    assert by_number(desk, taken.number) is not None
    assert len(queue_of(desk)) == 1
    sequence_all(keepers(small.house))
    assert {state for part, state in ready(small.house).items() if part.startswith("log_")} == {"ok"}
    lines = {each.line: each.good for each in examine(small.house)}
    assert lines["log in schema madoguchi_public (PostgreSQL 18.6)"] is True
    assert any("fsync is off" in line and not good for line, good in lines.items())  # the test's server
    assert not list(small.data.rglob("log.sqlite*"))
    assert postgres.rows("SELECT count(*) FROM entries WHERE tree_index IS NULL") == [(0,)]
    assert postgres.rows("SELECT count(*) FROM cases") == [(1,)]
    assert postgres.rows("SELECT count(*) FROM cases", schema=SCHEMAS[1]) == [(0,)]
    for name in ("public", "staff", "system"):
        report = small.house.proofs[name].verify()
        assert report.well, report.findings
    trial = build_around(small.house, tmp_path / "trial")  # a trial's exchanges are no record
    assert (tmp_path / "trial" / "public" / "log.sqlite").exists()
    trial.close()
    small.house.close()
    told = json.loads(ran(small.data, postgres, "audit", "verify", "--json"))
    assert all(each["well"] for each in told.values())
    assert told["public"]["size"] > 0


def ran(data: Path, place: Place, *arguments: str, status: int = 0) -> str:
    ended = command(*arguments, data=data, MADOGUCHI_DATABASE=place.url)
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


def test_an_operator_prepares_and_checks(tmp_path: Path, postgres: Place) -> None:
    made = ran(tmp_path, postgres, "database", "sql", "--login", "madoguchi")
    assert made.count(";\n") == made.count("\n") > 12
    with postgres.superuser() as admin:
        for schema in SCHEMAS:
            admin.execute(f"DROP SCHEMA {schema} CASCADE".encode())
        admin.execute(made.encode())  # as psql would
    assert ran(tmp_path, postgres, "database", "prepare").splitlines() == [f"{each}: ready" for each in SCHEMAS]
    told = ran(tmp_path, postgres, "database", "check", status=1)
    assert [line[:2] for line in told.splitlines()] == ["ok", "!!"] * 3  # fsync is off on the test's server
    assert "fsync" in told


def test_without_an_address_there_is_nothing_to_prepare(tmp_path: Path) -> None:
    ended = command("database", "check", data=tmp_path)
    assert ended.returncode == 2
    assert "MADOGUCHI_DATABASE names no database" in ended.stderr


def test_a_server_that_is_away_is_one_line_without_a_password(tmp_path: Path) -> None:
    away = "postgresql://madoguchi:geheim@127.0.0.1:1/none"
    for arguments, status in ((("database", "prepare"), 3), (("audit", "verify"), 3), (("database", "check"), 1)):
        ended = command(*arguments, data=tmp_path, MADOGUCHI_DATABASE=away)
        assert ended.returncode == status
        assert "missing" in ended.stderr + ended.stdout
        assert "geheim" not in ended.stderr + ended.stdout


def test_a_wrong_address_is_refused_without_being_repeated(tmp_path: Path) -> None:
    ended = command("database", "check", data=tmp_path, MADOGUCHI_DATABASE="mysql://x:geheim@y/z")
    assert ended.returncode == 3
    assert "geheim" not in ended.stderr
    with pytest.raises(ValidationError):
        Settings(database="mysql://y/z")
    assert "geheim" not in repr(Settings(database="postgresql://x:geheim@y/z"))
