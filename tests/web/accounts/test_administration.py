"""What administrators and the command line may do to accounts, what they may not, and what is recorded of it."""

from __future__ import annotations

import pytest
from people import GOOD, Office

from web.accounts.manage import advice
from web.accounts.roles import grant_named
from web.accounts.values import COMMAND_LINE, AccountId, AccountProblem, AccountRefused, Door

STAFF = grant_named("staff@staff")
ADMINISTRATOR = grant_named("administrator")


def problem(doing: object) -> AccountProblem:
    assert callable(doing)
    with pytest.raises(AccountRefused) as caught:
        doing()
    return caught.value.problem


@pytest.mark.parametrize("login", ["", "ab", "a b c", "-abc", "あいう", "x" * 65, "a\nbc", "a/../b"])
def test_strange_logins_are_refused(office: Office, login: str) -> None:
    create = office.accounts.administration.create
    assert problem(lambda: create(login, "name", [], by=COMMAND_LINE)) is AccountProblem.BAD_LOGIN


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb", "\u202eabc"])
def test_strange_names_are_refused(office: Office, name: str) -> None:
    create = office.accounts.administration.create
    assert problem(lambda: create("hanako", name, [], by=COMMAND_LINE)) is AccountProblem.BAD_NAME


def test_a_login_belongs_to_one_account(office: Office) -> None:
    create = office.accounts.administration.create
    create("hanako", "東京 花子", [STAFF], by=COMMAND_LINE)
    assert problem(lambda: create("HANAKO", "name", [], by=COMMAND_LINE)) is AccountProblem.LOGIN_TAKEN


def test_a_new_account_may_nothing_that_was_not_given(office: Office) -> None:
    office.accounts.administration.create("hanako", "東京 花子", [], by=COMMAND_LINE)
    (account,) = office.accounts.administration.list()
    assert account.grants == frozenset()
    assert account.must_change


def test_names_are_contents_and_ids_are_meta(office: Office) -> None:
    made = office.accounts.administration.create("hanako", "東京 花子", [STAFF], by=COMMAND_LINE)
    (entry,) = office.entries("account.created")
    assert entry.meta == {"account": made.account, "by": "command_line", "roles": ["staff@staff"], "local": True}
    assert entry.contents == {"login": "hanako", "name": "東京 花子"}
    assert entry.subject == made.account
    assert made.account.startswith("ac_")


def test_only_administrators_change_accounts(office: Office) -> None:
    hanako, boss = office.person("hanako", "staff@staff"), office.person("boss", "administrator")
    administration = office.accounts.administration
    for by in (hanako, AccountId("ac_nobody"), AccountId("first_start"), AccountId("provider"), AccountId("")):
        for doing in (
            lambda by=by: administration.create("taro", "taro", [], by=by),
            lambda by=by: administration.give(hanako, grant_named("auditor"), by=by),
            lambda by=by: administration.take(hanako, STAFF, by=by),
            lambda by=by: administration.disable(boss, by=by),
            lambda by=by: administration.enable(boss, by=by),
            lambda by=by: administration.reset_password(boss, by=by),
            lambda by=by: administration.link(hanako, "https://idp.example.org", "x", by=by),
        ):
            assert problem(doing) is AccountProblem.NOT_ALLOWED
    administration.give(hanako, grant_named("approver@staff"), by=boss)
    assert office.entries("account.granted")[-1].meta["by"] == boss


def test_a_right_that_was_taken_is_gone_at_once(office: Office) -> None:
    boss, other = office.person("boss", "administrator"), office.person("other", "administrator")
    administration = office.accounts.administration
    administration.take(other, ADMINISTRATOR, by=boss)
    assert problem(lambda: administration.create("taro", "taro", [], by=other)) is AccountProblem.NOT_ALLOWED


def test_nobody_gives_roles_to_themself(office: Office) -> None:
    boss = office.person("boss", "administrator")
    give = office.accounts.administration.give
    for role in ("staff@staff", "approver", "administrator"):
        assert problem(lambda role=role: give(boss, grant_named(role), by=boss)) is AccountProblem.OWN_ROLES


def test_no_administrator_gets_a_role_that_reads(office: Office) -> None:
    boss, other = office.person("boss", "administrator"), office.person("other", "auditor@staff", "staff@staff")
    administration = office.accounts.administration
    for role in ("auditor@public", "responder@staff", "records_officer"):
        assert problem(lambda role=role: administration.give(boss, grant_named(role), by=COMMAND_LINE)) is (
            AccountProblem.CONFLICT
        )
    assert problem(lambda: administration.give(other, ADMINISTRATOR, by=boss)) is AccountProblem.CONFLICT
    both = [ADMINISTRATOR, grant_named("auditor")]
    assert problem(lambda: administration.create("taro", "taro", both, by=boss)) is AccountProblem.CONFLICT
    administration.give(boss, STAFF, by=COMMAND_LINE)  # using the desk reads nobody else's


def test_the_last_administrator_stays(office: Office) -> None:
    boss = office.person("boss", "administrator")
    administration = office.accounts.administration
    assert problem(lambda: administration.disable(boss, by=boss)) is AccountProblem.LAST_ADMINISTRATOR
    assert problem(lambda: administration.take(boss, ADMINISTRATOR, by=COMMAND_LINE)) is (
        AccountProblem.LAST_ADMINISTRATOR
    )
    other = office.person("other", "administrator")
    administration.disable(other, by=boss)
    assert problem(lambda: administration.disable(boss, by=boss)) is AccountProblem.LAST_ADMINISTRATOR
    administration.enable(other, by=boss)
    administration.take(boss, ADMINISTRATOR, by=other)


def test_changes_that_change_nothing_are_not_recorded(office: Office) -> None:
    office.person("boss", "administrator")
    hanako = office.person("hanako", "staff@staff")
    administration = office.accounts.administration
    administration.disable(hanako, by=COMMAND_LINE)
    before = len(office.entries())
    administration.give(hanako, STAFF, by=COMMAND_LINE)
    administration.take(hanako, grant_named("auditor"), by=COMMAND_LINE)
    administration.disable(hanako, by=COMMAND_LINE)
    assert len(office.entries()) == before


def test_a_reset_ends_the_old_password_and_must_be_changed(office: Office) -> None:
    hanako = office.person("hanako", "staff@staff")
    initial = office.accounts.administration.reset_password(hanako, by=COMMAND_LINE)
    assert office.in_at("hanako", Door.STAFF, initial.password).session.must_change
    assert initial.password != GOOD
    assert office.entries("account.reset")[-1].contents == {}


def test_unknown_accounts_are_said_to_be_unknown(office: Office) -> None:
    administration, nobody = office.accounts.administration, AccountId("ac_nobody")
    for doing in (
        lambda: administration.give(nobody, STAFF, by=COMMAND_LINE),
        lambda: administration.disable(nobody, by=COMMAND_LINE),
        lambda: administration.reset_password(nobody, by=COMMAND_LINE),
        lambda: administration.named("nobody"),
    ):
        assert problem(doing) is AccountProblem.UNKNOWN


def test_the_doctor_names_what_should_be_mended(office: Office) -> None:
    office.person("boss", "administrator", "approver")
    office.accounts.administration.create("hanako", "hanako", [STAFF], by=COMMAND_LINE)
    lines = advice(office.accounts.administration.list())
    assert len(lines) == 3
    assert "boss is administrator and approver" in lines[0]
    assert "hanako" in lines[2]


def test_a_verified_person_opens_no_session(office: Office) -> None:
    hanako = office.person("hanako", "staff@staff")
    assert office.accounts.verified("hanako", GOOD).id == hanako
    assert office.entries("session.verified")[-1].meta["door"] == "command_line"
    assert office.accounts.sessions.list(hanako) == []
