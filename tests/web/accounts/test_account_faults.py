"""The real log and the real files, with faults: locked, gone, garbled; many at once; a process of its own."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from people import CHEAP, GOOD, Office, StandingClock

from audit.engines import write_engine
from audit.log import DeskLog
from audit.prepare import prepare
from bot.ports import LogUnavailable
from bot.records import Appended, ConversationId, Entry
from tests.fakes_audit import FakeLog
from tests.house_kit import ROOT
from web.accounts.roles import grant_named
from web.accounts.service import Accounts
from web.accounts.tables import METADATA
from web.accounts.values import COMMAND_LINE, AccountsUnavailable, Cause, Door, Limits, SignInRefused

SHORT = Limits(busy=timedelta(seconds=2))
FIRST = """
import sys
from pathlib import Path
from bot.adapters.clock import SystemClock
from audit.log import DeskLog
from audit.prepare import prepare
from web.accounts.service import Accounts
directory = Path(sys.argv[1])
prepare(directory, "example.org/system", SystemClock())
accounts = Accounts(directory, DeskLog(directory, SystemClock()), SystemClock())
accounts.prepare()
print("made" if accounts.prepare_first() else "there")
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    prepare(tmp_path / "system", "example.org/system", StandingClock())
    return tmp_path / "system"


@pytest.fixture
def log(directory: Path) -> Iterator[DeskLog]:
    made = DeskLog(directory, StandingClock(), busy_seconds=2)
    yield made
    made.close()


@pytest.fixture
def accounts(directory: Path, log: DeskLog) -> Iterator[Accounts]:
    made = Accounts(directory, log, StandingClock(), SHORT, passwords=CHEAP)
    made.prepare()
    initial = made.administration.create("hanako", "東京 花子", [grant_named("staff@staff")], by=COMMAND_LINE)
    begun = made.sign_in("hanako", initial.password, Door.STAFF)
    made.change_password(begun.session, initial.password, GOOD)
    yield made
    made.close()


def refused(accounts: Accounts, password: str = GOOD) -> Cause | None:
    try:
        accounts.sign_in("hanako", password, Door.STAFF)
    except SignInRefused as refusal:
        return refusal.cause
    return None


def unavailable(doing: Callable[[], object]) -> str:
    with pytest.raises(AccountsUnavailable) as caught:
        doing()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value.cause


def test_the_migrated_tables_are_the_tables(directory: Path, accounts: Accounts) -> None:
    with write_engine(directory / "accounts.sqlite", 5).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_what_is_ready_is_left_alone(accounts: Accounts) -> None:
    accounts.prepare()
    assert refused(accounts) is None


def test_the_record_tells_the_story_of_an_account(accounts: Accounts, log: DeskLog) -> None:
    account = accounts.verified("hanako", GOOD).id
    told = log.entries(ConversationId(account))
    assert [each.kind for each in told] == [
        "account.created",
        "session.opened",
        "account.password",
        "session.opened",
        "session.verified",
    ]
    assert told[0].contents == {"login": "hanako", "name": "東京 花子"}


def test_names_and_secrets_are_nowhere_in_the_log(accounts: Accounts, directory: Path, log: DeskLog) -> None:
    refused(accounts, "a wrong password that was typed")
    with pytest.raises(SignInRefused):
        accounts.sign_in("somebody.unknown", GOOD, Door.STAFF)
    log.close()
    for file in directory.glob("log.sqlite*"):
        held = file.read_bytes()
        for word in ("hanako", "花子", GOOD, "a wrong password", "somebody"):
            assert word.encode() not in held, (file, word)


def test_a_locked_log_lets_nobody_in(accounts: Accounts, directory: Path) -> None:
    with closing(sqlite3.connect(directory / "log.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        for password in (GOOD, "wrong wrong wrong"):
            with pytest.raises(LogUnavailable) as caught:
                accounts.sign_in("hanako", password, Door.STAFF)
            assert caught.value.cause == "locked"
    assert refused(accounts) is None


def test_a_log_that_is_gone_lets_nobody_in_and_nothing_is_kept(accounts: Accounts, directory: Path) -> None:
    account = accounts.verified("hanako", GOOD).id
    before = len(accounts.sessions.list(account))
    (directory / "log.sqlite").rename(directory / "elsewhere")
    with pytest.raises(LogUnavailable):
        accounts.sign_in("hanako", GOOD, Door.STAFF)
    with pytest.raises(LogUnavailable):
        accounts.administration.disable(account, by=COMMAND_LINE)
    assert len(accounts.sessions.list(account)) == before
    assert not accounts.administration.named("hanako").disabled


def test_locked_accounts_are_unavailable_and_come_back(accounts: Accounts, directory: Path) -> None:
    with closing(sqlite3.connect(directory / "accounts.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert unavailable(lambda: accounts.sign_in("hanako", GOOD, Door.STAFF)) == "locked"
    assert refused(accounts) is None


@pytest.mark.parametrize(("content", "cause"), [(b"this is no database " * 500, "corrupt"), (b"", "corrupt")])
def test_garbled_accounts_are_unavailable(accounts: Accounts, directory: Path, content: bytes, cause: str) -> None:
    signed = accounts.sign_in("hanako", GOOD, Door.STAFF)
    accounts.close()
    for file in directory.glob("accounts.sqlite*"):
        file.unlink()
    (directory / "accounts.sqlite").write_bytes(content)
    assert unavailable(lambda: accounts.session(signed.token, Door.STAFF)) == cause
    assert unavailable(lambda: accounts.sign_in("hanako", GOOD, Door.STAFF)) == cause


def test_accounts_that_are_gone_let_nobody_in_and_are_not_made_anew(accounts: Accounts, directory: Path) -> None:
    signed = accounts.sign_in("hanako", GOOD, Door.STAFF)
    kept = directory.parent / "kept"
    kept.mkdir()
    with closing(sqlite3.connect(directory / "accounts.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.move(directory / "accounts.sqlite", kept)
    assert unavailable(lambda: accounts.session(signed.token, Door.STAFF)) == "missing"
    assert unavailable(lambda: accounts.sign_in("hanako", GOOD, Door.STAFF)) == "missing"
    assert accounts.check() == "missing"
    assert not (directory / "accounts.sqlite").exists()
    for file in directory.glob("accounts.sqlite-*"):
        file.unlink()
    shutil.move(kept / "accounts.sqlite", directory)
    assert accounts.check() == "ready"
    assert accounts.session(signed.token, Door.STAFF)


class Uncertain(FakeLog):
    """Keeps an entry and then says that it could not: what a failed sync may look like."""

    doubtful = False

    def append(self, entry: Entry) -> Appended:
        kept = super().append(entry)
        if self.doubtful:
            raise LogUnavailable("io")
        return kept


def test_in_doubt_there_is_a_record_without_an_effect(tmp_path: Path) -> None:
    log = Uncertain()
    accounts = Accounts(tmp_path / "system", log, StandingClock(), passwords=CHEAP)
    accounts.prepare()
    initial = accounts.prepare_first()
    assert initial is not None
    log.doubtful = True
    with pytest.raises(LogUnavailable):
        accounts.sign_in("admin", initial.password, Door.ADMIN)
    assert log.kept[-1].entry.kind == "session.opened"
    assert accounts.sessions.list(initial.account) == []
    assert accounts.waiting_first() == "admin"
    accounts.close()


def test_many_sign_in_at_once(accounts: Accounts) -> None:
    with ThreadPoolExecutor(8) as pool:
        signed = list(pool.map(lambda _: accounts.sign_in("hanako", GOOD, Door.STAFF), range(24)))
    assert len({each.token for each in signed}) == 24
    assert all(accounts.session(each.token, Door.STAFF) for each in signed)


def test_guessing_at_once_gets_no_more_guesses(office: Office) -> None:
    office.person("hanako", "staff@staff")
    with ThreadPoolExecutor(8) as pool:
        causes = list(pool.map(lambda n: refused(office.accounts, f"wrong guess number {n}"), range(40)))
    assert causes.count(Cause.WRONG_PASSWORD) == 5
    assert causes.count(Cause.LOCKED) == 35
    assert refused(office.accounts) is Cause.LOCKED


def test_a_session_that_is_used_while_it_ends_stays_ended(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    with ThreadPoolExecutor(8) as pool:
        looking = [pool.submit(office.accounts.session, signed.token, Door.STAFF) for _ in range(40)]
        pool.submit(office.accounts.administration.disable, account, by=COMMAND_LINE).result()
        for each in looking:
            each.result()
    assert office.accounts.session(signed.token, Door.STAFF) is None


def test_two_first_starts_make_one_administrator(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST, str(tmp_path / "system")]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(3)]
    said = sorted(start.communicate(timeout=120)[0].strip() for start in starts)
    assert said == ["made", "there", "there"]


def test_another_process_sees_and_ends_the_same_sessions(accounts: Accounts, directory: Path, log: DeskLog) -> None:
    signed = accounts.sign_in("hanako", GOOD, Door.STAFF)
    beside = Accounts(directory, log, StandingClock(), passwords=CHEAP)
    assert beside.session(signed.token, Door.STAFF) == signed.session
    beside.sign_out(signed.token)
    beside.close()
    assert accounts.session(signed.token, Door.STAFF) is None
