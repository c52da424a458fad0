"""Sessions and tokens: bound to a door, ended by time and by changes; a crossing is recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from people import GOOD, Office

from bot.ports import LogUnavailable
from web.accounts.api_tokens import MOST
from web.accounts.roles import Right, grant_named
from web.accounts.values import COMMAND_LINE, AccountProblem, AccountRefused, Door, Session


@pytest.mark.parametrize(("idle", "alive"), [(29, True), (30, False), (600, False)])
def test_an_idle_session_ends(office: Office, idle: int, alive: bool) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    office.clock.move(minutes=idle)
    assert (office.accounts.session(signed.token, Door.STAFF) is not None) is alive


def test_use_keeps_a_session_and_ten_hours_end_it(office: Office) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    assert signed.session.ends - signed.session.opened == timedelta(hours=10)
    for _ in range(29):
        office.clock.move(minutes=20)
        assert office.accounts.session(signed.token, Door.STAFF)
    office.clock.move(minutes=20)
    assert office.accounts.session(signed.token, Door.STAFF) is None


def test_a_clock_put_back_ends_sessions_and_tokens_and_a_little_does_not(office: Office) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    token, _ = office.accounts.tokens.create(signed.session, "script")
    office.clock.move(seconds=-30)
    assert office.accounts.session(signed.token, Door.STAFF)
    assert office.accounts.tokens.session(token, Door.STAFF)
    office.clock.move(hours=-1)
    assert office.accounts.session(signed.token, Door.STAFF) is None
    assert office.accounts.tokens.session(token, Door.STAFF) is None


def test_a_clock_put_back_before_the_last_use_ends_a_session(office: Office) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    office.clock.move(minutes=20)
    assert office.accounts.session(signed.token, Door.STAFF)
    office.clock.move(minutes=-10)
    assert office.accounts.session(signed.token, Door.STAFF) is None


@pytest.mark.parametrize("token", [None, "", "x", "あ" * 40, "\ud800", "a" * 10_000, "' OR 1=1 --"])
def test_a_made_up_token_opens_nothing(office: Office, token: str | None) -> None:
    for door in Door:
        assert office.accounts.session(token, door) is None
        assert office.accounts.tokens.session(token, door) is None
        assert office.accounts.tokens.session(f"mdg_{token}", door) is None
    office.accounts.sign_out(token)


def test_a_session_opens_its_own_door_and_the_attempt_elsewhere_is_recorded(office: Office) -> None:
    account = office.person("hanako", "staff@staff", "approver")
    signed = office.in_at("hanako", Door.STAFF)
    token, made = office.accounts.tokens.create(signed.session, "script")
    assert office.accounts.session(signed.token, Door.ADMIN) is None
    assert office.accounts.tokens.session(token, Door.ADMIN) is None
    of_session, of_token = office.entries("session.refused")
    assert (of_session.subject, of_session.meta["cause"]) == (account, "other_door")
    assert (of_session.meta["session"], of_session.meta["door"]) == (signed.session.id, "admin")
    assert (of_token.meta["token"], of_token.meta["cause"]) == (made.id, "other_door")
    assert office.accounts.session(signed.token, Door.STAFF)


def test_a_session_is_no_token_and_a_token_no_session(office: Office) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    token, made = office.accounts.tokens.create(signed.session, "script")
    assert office.accounts.session(token, Door.STAFF) is None
    assert office.accounts.tokens.session(signed.token, Door.STAFF) is None
    for name in (made.id, signed.session.id, signed.session.account):
        assert office.accounts.session(name, Door.STAFF) is None


def test_signing_out_ends_one_session(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    one, two = office.in_at("hanako", Door.STAFF), office.in_at("hanako", Door.STAFF)
    office.accounts.sign_out(one.token)
    assert office.accounts.session(one.token, Door.STAFF) is None
    assert office.accounts.session(two.token, Door.STAFF)
    assert [each.id for each in office.accounts.sessions.list(account)] == [two.session.id]
    assert office.entries("session.closed")[-1].meta["cause"] == "signed_out"


def test_sessions_are_listed_and_revoked_by_their_owner_and_by_administrators_alone(office: Office) -> None:
    account, taro = office.person("hanako", "staff@staff"), office.person("taro", "staff@staff")
    boss = office.person("boss", "administrator")
    for by, taken in ((taro, False), (account, True), (boss, True), (COMMAND_LINE, True)):
        signed = office.in_at("hanako", Door.STAFF)
        if taken:
            assert office.accounts.sessions.end(account, signed.session.id, by=by)
            assert not office.accounts.sessions.end(account, signed.session.id, by=by)
        else:
            with pytest.raises(AccountRefused):
                office.accounts.sessions.end(account, signed.session.id, by=by)
            with pytest.raises(AccountRefused):
                office.accounts.end_sessions(account, by=by)
        assert (office.accounts.session(signed.token, Door.STAFF) is None) is taken
    signed = office.in_at("hanako", Door.STAFF)
    assert not office.accounts.sessions.end(taro, signed.session.id, by=taro)
    assert office.accounts.end_sessions(account, by=account) == 2


def roles(office: Office) -> None:
    office.accounts.administration.give(office.made["hanako"], grant_named("auditor@staff"), by=COMMAND_LINE)


def lose(office: Office) -> None:
    office.accounts.administration.take(office.made["hanako"], grant_named("staff@staff"), by=COMMAND_LINE)


def disable(office: Office) -> None:
    office.accounts.administration.disable(office.made["hanako"], by=COMMAND_LINE)


def reset(office: Office) -> None:
    office.accounts.administration.reset_password(office.made["hanako"], by=COMMAND_LINE)


def change(office: Office) -> None:
    office.accounts.change_password(office.in_at("hanako", Door.STAFF).session, GOOD, "another good one")


@pytest.mark.parametrize(("doing", "tokens_end"), [(roles, 0), (lose, 0), (disable, 1), (reset, 1), (change, 1)])
def test_a_change_of_the_account_ends_its_sessions(office: Office, doing: object, tokens_end: int) -> None:
    office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    token, _ = office.accounts.tokens.create(signed.session, "script")
    assert callable(doing)
    doing(office)
    assert office.accounts.session(signed.token, Door.STAFF) is None
    assert (office.accounts.tokens.session(token, Door.STAFF) is None) == bool(tokens_end)


def test_a_token_has_what_its_account_may_do_now(office: Office) -> None:
    office.person("hanako", "staff@staff")
    token, _ = office.accounts.tokens.create(office.in_at("hanako", Door.STAFF).session, "script")
    held = office.accounts.tokens.session(token, Door.STAFF)
    assert held is not None
    assert held.bearer
    assert held.may(Right.USE_DESK, grant_named("staff@staff").desk)
    lose(office)
    held = office.accounts.tokens.session(token, Door.STAFF)
    assert held is not None
    assert not held.may_somewhere(Right.USE_DESK)


def test_a_token_ends_when_it_is_over_or_revoked(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    session = office.in_at("hanako", Door.STAFF).session
    short, one = office.accounts.tokens.create(session, "short", timedelta(days=1))
    longest, two = office.accounts.tokens.create(session, "long", timedelta(days=9999))
    assert two.expires - two.created == timedelta(days=90)
    assert {each.label for each in office.accounts.tokens.list(account)} == {"short", "long"}
    office.clock.move(days=1)
    assert office.accounts.tokens.session(short, Door.STAFF) is None
    assert office.accounts.tokens.session(longest, Door.STAFF)
    assert office.accounts.tokens.revoke(account, two.id, by=account)
    assert not office.accounts.tokens.revoke(account, two.id, by=account)
    assert office.accounts.tokens.session(longest, Door.STAFF) is None
    assert [each.meta["token"] for each in office.entries("account.token_revoked")] == [two.id]
    assert one.id.startswith("tk_")


def refused(office: Office, session: Session, label: str = "script") -> AccountProblem:
    with pytest.raises(AccountRefused) as caught:
        office.accounts.tokens.create(session, label)
    return caught.value.problem


def test_who_cannot_make_tokens(office: Office) -> None:
    office.person("hanako", "staff@staff")
    session = office.in_at("hanako", Door.STAFF).session
    assert refused(office, session, " ") is AccountProblem.BAD_NAME
    assert refused(office, session, "x" * 101) is AccountProblem.BAD_NAME
    token, _ = office.accounts.tokens.create(session, "script")
    bearer = office.accounts.tokens.session(token, Door.STAFF)
    assert bearer is not None
    assert refused(office, bearer) is AccountProblem.NOT_ALLOWED
    for _ in range(MOST - 1):
        office.accounts.tokens.create(session, "script")
    assert refused(office, session) is AccountProblem.TOO_MANY
    disable(office)
    assert refused(office, session) is AccountProblem.NOT_ALLOWED
    begun = office.accounts.administration.create("taro", "taro", [grant_named("staff@staff")], by=COMMAND_LINE)
    assert refused(office, office.in_at("taro", Door.STAFF, begun.password).session) is AccountProblem.NOT_ALLOWED


def test_without_a_record_nothing_ends_and_nothing_begins(office: Office) -> None:
    account = office.person("hanako", "staff@staff")
    signed = office.in_at("hanako", Door.STAFF)
    office.log.refuse("locked")
    for doing in (
        lambda: office.accounts.sign_out(signed.token),
        lambda: office.accounts.tokens.create(signed.session, "script"),
        lambda: office.accounts.session(signed.token, Door.ADMIN),
        lambda: office.accounts.administration.disable(account, by=COMMAND_LINE),
        lambda: office.accounts.administration.reset_password(account, by=COMMAND_LINE),
        lambda: office.accounts.administration.create("taro", "taro", [], by=COMMAND_LINE),
        lambda: office.accounts.change_password(signed.session, GOOD, "another good one"),
    ):
        with pytest.raises(LogUnavailable):
            doing()
    office.log.refuse(None)
    assert office.accounts.session(signed.token, Door.STAFF)
    assert [each.login for each in office.accounts.administration.list()] == ["hanako"]
    assert office.accounts.tokens.list(account) == []
