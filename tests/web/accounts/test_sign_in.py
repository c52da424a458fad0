"""Signing in: who is let in, who is not, what is recorded, and that nothing tells why."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from people import GOOD, Office, StandingClock

from bot.ports import LogUnavailable
from tests.fakes_audit import FakeLog
from web.accounts.passwords import Passwords
from web.accounts.roles import Right
from web.accounts.service import Accounts
from web.accounts.values import (
    COMMAND_LINE,
    AccountProblem,
    AccountRefused,
    Cause,
    Door,
    PasswordProblem,
    PasswordRefused,
    SignInRefused,
)


def refused(office: Office, login: str, password: str, door: Door = Door.STAFF) -> Cause:
    with pytest.raises(SignInRefused) as caught:
        office.accounts.sign_in(login, password, door)
    assert str(caught.value) == "the sign-in is refused"
    return caught.value.cause


def test_who_knows_the_password_is_in(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    assert office.accounts.session(signed.token, Door.STAFF) == signed.session
    assert signed.session.account == account
    assert not signed.session.must_change
    assert len(signed.token) >= 43  # 256 bits
    assert signed.token not in repr(signed)


@pytest.mark.parametrize("typed", ["HANAKO", "  hanako ", "ｈａｎａｋｏ"])
def test_a_login_is_known_however_it_is_typed(office: Office, typed: str) -> None:
    office.person("hanako", "staff@staff")
    assert office.in_at(typed, Door.STAFF).session.login == "hanako"


@pytest.mark.parametrize("typed", ["パスワードは長いほど良い", "ﾊﾟｽﾜｰﾄﾞは長いほど良い"])
def test_a_password_is_known_in_either_width(office: Office, typed: str) -> None:
    office.person("hanako", "staff@staff", password="パスワードは長いほど良い")
    assert office.in_at("hanako", Door.STAFF, typed)


def test_causes_are_recorded_and_never_told(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    office.person("taro", "staff@staff")
    office.accounts.administration.disable(office.made["taro"], by=COMMAND_LINE)
    assert refused(office, "hanako", "wrong wrong wrong") is Cause.WRONG_PASSWORD
    assert refused(office, "nobody", GOOD) is Cause.UNKNOWN_LOGIN
    assert refused(office, "taro", GOOD) is Cause.DISABLED
    assert refused(office, "hanako", GOOD, Door.ADMIN) is Cause.NO_RIGHT
    wrong, unknown, *_ = office.entries("session.refused")
    assert (wrong.subject, wrong.meta["failures"]) == (account, 1)
    assert unknown.subject == "unknown"
    assert all(GOOD not in str(each) and "wrong wrong" not in str(each) for each in office.entries())


def test_only_who_proved_themself_is_told_that_roles_are_missing(office: Office) -> None:
    office.person("hanako", "staff@staff")
    for password, proven in ((GOOD, True), ("wrong wrong wrong", False)):
        with pytest.raises(SignInRefused) as caught:
            office.accounts.sign_in("hanako", password, Door.ADMIN)
        assert caught.value.proven is proven


def test_a_password_in_the_login_field_is_not_kept(office: Office) -> None:
    refused(office, GOOD, "")
    refused(office, "\ud800\x00" + GOOD, "")
    for entry in office.entries():
        assert "login" not in entry.meta
        assert "horse" not in str(entry)
        assert len(entry.contents["login"]) < 12


def test_five_failures_and_the_account_waits_longer_each_time(office: Office) -> None:
    office.person("hanako", "staff@staff")
    for _ in range(5):
        assert refused(office, "hanako", "wrong wrong wrong") is Cause.WRONG_PASSWORD
    waits = []
    for _ in range(8):
        start = office.clock.now()
        while refused(office, "hanako", "wrong wrong wrong") is Cause.LOCKED:
            assert refused(office, "hanako", GOOD) is Cause.LOCKED  # the right one is not taken either
            office.clock.move(seconds=30)
        waits.append((office.clock.now() - start).total_seconds())
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    office.clock.move(hours=1)
    assert office.in_at("hanako", Door.STAFF)
    assert refused(office, "hanako", "wrong wrong wrong") is Cause.WRONG_PASSWORD
    assert office.in_at("hanako", Door.STAFF)  # a success ends the count


def test_one_waits_and_the_others_do_not(office: Office) -> None:
    office.person("hanako", "staff@staff")
    office.person("taro", "staff@staff")
    for _ in range(6):
        refused(office, "hanako", "wrong wrong wrong")
    assert office.in_at("taro", Door.STAFF)
    office.accounts.administration.enable(office.made["hanako"], by=COMMAND_LINE)
    assert office.in_at("hanako", Door.STAFF)


def test_a_clock_put_back_locks_nobody_out_for_years(office: Office) -> None:
    office.person("hanako", "staff@staff")
    for _ in range(5):
        refused(office, "hanako", "wrong wrong wrong")
    office.clock.move(days=-400)
    assert office.in_at("hanako", Door.STAFF)


def test_without_a_record_nobody_is_in_and_nobody_is_told_anything(office: Office) -> None:
    office.person("hanako", "staff@staff")
    office.log.refuse("read_only")
    for login, password in (("hanako", GOOD), ("hanako", "wrong wrong wrong"), ("nobody", GOOD)):
        with pytest.raises(LogUnavailable):
            office.accounts.sign_in(login, password, Door.STAFF)
    assert office.accounts.sessions.list(office.made["hanako"]) == []
    office.log.refuse(None)
    assert office.in_at("hanako", Door.STAFF)


def test_the_first_password_must_be_changed_before_anything(office: Office) -> None:
    initial = office.accounts.prepare_first()
    assert initial is not None
    assert office.accounts.prepare_first() is None
    assert office.accounts.waiting_first() == "admin"
    begun = office.in_at("admin", Door.ADMIN, initial.password)
    assert begun.session.must_change
    assert office.accounts.waiting_first() is None
    assert not begun.session.may_somewhere(Right.SEE_ACCOUNTS)
    with pytest.raises(AccountRefused) as caught:
        office.accounts.administration.create("hanako", "hanako", [], by=begun.session.account)
    assert caught.value.problem is AccountProblem.NOT_ALLOWED
    changed = office.accounts.change_password(begun.session, initial.password, GOOD)
    assert changed.session.may(Right.SEE_ACCOUNTS)
    assert office.accounts.session(begun.token, Door.ADMIN) is None
    assert refused(office, "admin", initial.password, Door.ADMIN) is Cause.WRONG_PASSWORD
    assert initial.password not in repr(initial)
    assert all(initial.password not in str(each) for each in office.entries())


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("too few", PasswordProblem.SHORT),
        ("eleven char", PasswordProblem.SHORT),
        ("x" * 257, PasswordProblem.LONG),
        ("my hanako is good", PasswordProblem.LOGIN_INSIDE),
        ("MY ＨＡＮＡＫＯ IS GOOD", PasswordProblem.LOGIN_INSIDE),
        ("password1234", PasswordProblem.COMMON),
        ("2026-Madoguchi!!", PasswordProblem.COMMON),
        ("QwertyQwerty12", PasswordProblem.COMMON),
        ("パスワード1234567", PasswordProblem.COMMON),
        ("aaaaaaaaaaaab", PasswordProblem.COMMON),
        ("123456789012", PasswordProblem.COMMON),
        ("abcdefghijklmn", PasswordProblem.COMMON),
        (GOOD, PasswordProblem.SAME),
    ],
)
def test_an_easy_password_is_not_taken(office: Office, password: str, problem: PasswordProblem) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    with pytest.raises(PasswordRefused) as caught:
        office.accounts.change_password(signed.session, GOOD, password)
    assert caught.value.problem is problem
    assert password not in str(caught.value)
    assert office.accounts.session(signed.token, Door.STAFF)


@pytest.mark.parametrize(
    "password", ["都庁の桜は四月に咲きました", "all lower case words", "x7yz " * 51, "🐴🔋📎🐎🌸🌊🍙🗼🚃🎏🍵🐙"]
)
def test_length_is_what_counts(office: Office, password: str) -> None:
    office.person("hanako", "staff@staff", password=password)
    assert office.in_at("hanako", Door.STAFF, password)


def test_changing_with_a_wrong_old_password_counts_as_a_failure(office: Office) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            office.accounts.change_password(signed.session, "wrong wrong wrong", "another good one")
    assert refused(office, "hanako", GOOD) is Cause.LOCKED


class Meanwhile(Passwords):
    """Something happens while a password is being compared."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.happens: Callable[[], object] = list

    def match(self, stored: str | None, password: str) -> bool:
        fits = super().match(stored, password)
        self.happens()
        return fits


def test_a_password_that_is_reset_while_it_is_compared_opens_nothing(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    slow = Meanwhile()
    slow.happens = lambda: office.accounts.administration.reset_password(account, by=COMMAND_LINE)
    beside = Accounts(office.directory, office.log, office.clock, passwords=slow)
    with pytest.raises(SignInRefused):
        beside.sign_in("hanako", GOOD, Door.STAFF)
    slow.happens = lambda: office.accounts.administration.disable(account, by=COMMAND_LINE)
    with pytest.raises(SignInRefused):
        beside.verified("hanako", GOOD)
    beside.close()


def test_hashes_are_renewed_when_parameters_change(office: Office, tmp_path: Path) -> None:
    office.person("hanako", "staff@staff")
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    later = Accounts(office.directory, office.log, office.clock, passwords=dearer)
    assert later.sign_in("hanako", GOOD, Door.STAFF)
    stored = later._store.look(lambda connection: connection.exec_driver_sql("SELECT password FROM accounts").scalar())
    assert "m=16,t=2,p=1" in str(stored)
    assert later.sign_in("hanako", GOOD, Door.STAFF)
    later.close()


def test_defaults_are_the_second_recommended_parameters_of_rfc_9106() -> None:
    assert Passwords().hashed("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_unknown_login_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "system", FakeLog(), StandingClock())
    accounts.prepare()
    accounts.administration.create("hanako", "hanako", [], by=COMMAND_LINE)
    accounts.administration.create_linked("taro", "taro", [], by=COMMAND_LINE)

    def seconds(login: str) -> float:
        begun = time.perf_counter()
        with pytest.raises(SignInRefused):
            accounts.sign_in(login, "wrong wrong wrong", Door.STAFF)
        return time.perf_counter() - begun

    logins = ("hanako", "nobody", "taro")
    took: dict[str, list[float]] = {each: [] for each in logins}
    for _ in range(5):
        for each in logins:
            took[each].append(seconds(each))
    least = [min(each) for each in took.values()]  # the least is what other work on the machine disturbs least
    assert max(least) < 1.5 * min(least), took
    accounts.close()


def test_nothing_secret_is_in_the_file(office: Office) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    token, _ = office.accounts.tokens.create(signed.session, "script")
    office.accounts.close()
    for file in office.directory.iterdir():
        held = file.read_bytes()
        for secret in (GOOD, signed.token, token):
            assert secret.encode() not in held
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_bearer_changes_no_password(office: Office) -> None:
    office.person("hanako", "staff@staff")
    session = replace(office.in_at("hanako", Door.STAFF).session, bearer=True)
    with pytest.raises(AccountRefused):
        office.accounts.change_password(session, GOOD, "another good one")
