"""OpenID Connect against a real provider: the whole flow, and everything that can be wrong with it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from people import CHEAP, Office
from provider_process import BACK, SECRET, RealProvider, running

from bot.ports import LogUnavailable
from web.accounts.oidc import Visit
from web.accounts.provider import BadProvider, ProviderSettings
from web.accounts.roles import Grant, Right, Role, grant_named
from web.accounts.service import Accounts
from web.accounts.values import (
    COMMAND_LINE,
    AccountId,
    AccountProblem,
    AccountRefused,
    Cause,
    Door,
    SignedIn,
    SignInRefused,
)

STAFF = grant_named("staff@staff")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    pytest.importorskip("nanoidp")
    with running(tmp_path_factory.mktemp("provider") / "config") as real:
        yield real


class Linked:
    """An office whose accounts sign in at the provider."""

    def __init__(self, office: Office, settings: ProviderSettings, provider: RealProvider) -> None:
        self.office, self.settings, self.provider = office, settings, provider
        self.accounts = Accounts(office.directory, office.log, office.clock, provider=settings, passwords=CHEAP)

    def person(self, login: str, *grants: Grant, subject: str | None = None) -> AccountId:
        link = (self.settings.issuer, subject) if subject else None
        return self.accounts.administration.create_linked(login, login, grants, by=COMMAND_LINE, link=link)

    def begin(self, door: Door = Door.STAFF) -> Visit:
        assert self.accounts.oidc is not None
        return self.accounts.oidc.begin(door, BACK)

    def finish(self, browser: str | None, answer: dict[str, str], door: Door = Door.STAFF) -> SignedIn:
        assert self.accounts.oidc is not None
        return self.accounts.oidc.finish(browser, answer, door, BACK)

    def whole(self, username: str, door: Door = Door.STAFF) -> SignedIn:
        visit = self.begin(door)
        return self.finish(visit.browser, self.provider.signs_in(visit.address, username), door)

    def refused(self, browser: str | None, answer: dict[str, str], door: Door = Door.STAFF) -> Cause:
        before = len(self.office.entries("session.opened"))
        with pytest.raises(SignInRefused) as caught:
            self.finish(browser, answer, door)
        last = self.office.entries("session.refused")[-1]
        assert last.meta["cause"] == caught.value.cause.value
        assert len(self.office.entries("session.opened")) == before
        return caught.value.cause


@pytest.fixture
def linked(office: Office, provider: RealProvider) -> Iterator[Linked]:
    # The provider's clock is this machine's; ours must agree with it to begin with.
    office.clock.time = office.clock.time.now(office.clock.time.tzinfo)
    made = Linked(office, ProviderSettings(provider.issuer, "madoguchi", SECRET), provider)
    yield made
    made.accounts.close()


def other(linked: Linked, **changes: Any) -> Linked:
    return Linked(linked.office, replace(linked.settings, **changes), linked.provider)


def test_who_the_provider_knows_is_in(linked: Linked) -> None:
    account = linked.person("hanako", STAFF, subject="hanako")
    signed = linked.whole("hanako")
    assert signed.session.account == account
    assert signed.session.may(Right.USE_DESK, STAFF.desk)
    assert not signed.session.must_change
    assert linked.accounts.session(signed.token, Door.STAFF) == signed.session
    assert linked.office.entries("session.opened")[-1].meta["how"] == "provider"


def test_the_request_carries_state_nonce_and_challenge(linked: Linked) -> None:
    visit = linked.begin()
    for part in ("response_type=code", "state=", "nonce=", "code_challenge=", "code_challenge_method=S256"):
        assert part in visit.address
    assert visit.browser not in visit.address
    assert visit.browser not in repr(visit)


def test_nobody_is_let_in_whom_no_administrator_made(linked: Linked) -> None:
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "jiro")
    assert linked.refused(visit.browser, answer) is Cause.UNKNOWN_SUBJECT
    assert "jiro" not in str(linked.office.entries("session.refused")[-1].meta)


def test_a_wrong_state_is_refused_and_ends_the_visit(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    assert linked.refused(visit.browser, {**answer, "state": "another"}) is Cause.BAD_FLOW
    assert linked.refused(visit.browser, answer) is Cause.BAD_FLOW


def test_another_browser_cannot_finish_a_visit(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    mine, theirs = linked.begin(), linked.begin()
    answer = linked.provider.signs_in(theirs.address, "hanako")
    assert linked.refused(mine.browser, answer) is Cause.BAD_FLOW
    assert linked.refused(None, answer) is Cause.BAD_FLOW
    assert linked.refused("made up", answer) is Cause.BAD_FLOW


def test_an_answer_is_good_once(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    linked.finish(visit.browser, answer)
    assert linked.refused(visit.browser, answer) is Cause.BAD_FLOW


def test_a_replayed_code_is_refused_by_the_provider(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    used = linked.begin()
    answer = linked.provider.signs_in(used.address, "hanako")
    linked.finish(used.browser, answer)
    fresh = linked.begin()
    replayed = {**linked.provider.signs_in(fresh.address, "hanako"), "code": answer["code"]}
    assert linked.refused(fresh.browser, replayed) is Cause.PROVIDER_FAILED


def test_a_code_of_another_visit_does_not_fit_its_challenge(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    mine, theirs = linked.begin(), linked.begin()
    stolen = linked.provider.signs_in(theirs.address, "hanako")["code"]
    answer = {**linked.provider.signs_in(mine.address, "jiro"), "code": stolen}
    assert linked.refused(mine.browser, answer) is Cause.PROVIDER_FAILED


def test_an_id_token_for_another_nonce_is_refused(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    address = visit.address.replace("nonce=", "nonce=other")
    answer = linked.provider.signs_in(address, "hanako")
    assert linked.refused(visit.browser, answer) is Cause.BAD_ID_TOKEN


def test_an_id_token_without_our_nonce_is_refused(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address.replace("nonce=", "unused="), "hanako")
    assert linked.refused(visit.browser, answer) is Cause.BAD_ID_TOKEN


def test_an_id_token_for_another_client_is_refused(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    provider = linked.accounts.oidc._provider
    nonce, verifier, other_client = "n" * 43, "v" * 43, other(linked, client_id="another")
    there = other_client.accounts.oidc._provider
    address = there.address(BACK, "state", nonce, verifier)
    code = linked.provider.signs_in(address, "hanako")["code"]
    found = there._discovered()
    token = there._exchanged(there._endpoint(found, "token_endpoint"), code, verifier, BACK)
    keys = there._fetched(there._endpoint(found, "jwks_uri"))
    now = int(linked.office.clock.now().timestamp())
    assert there._checked(token, keys, nonce, now)["sub"] == "hanako"
    with pytest.raises(Exception, match="bad_id_token"):
        provider._checked(token, keys, nonce, now)
    assert visit.address


@pytest.mark.parametrize("hours", [-2, 2])
def test_an_id_token_of_another_time_is_refused(linked: Linked, hours: int) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    linked.office.clock.move(hours=hours)
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    assert linked.refused(visit.browser, answer) is Cause.BAD_ID_TOKEN


def test_a_visit_does_not_last(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    linked.office.clock.move(minutes=11)
    assert linked.refused(visit.browser, answer) is Cause.BAD_FLOW


def test_a_visit_is_bound_to_its_door(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin(Door.STAFF)
    answer = linked.provider.signs_in(visit.address, "hanako")
    assert linked.refused(visit.browser, answer, Door.ADMIN) is Cause.BAD_FLOW


def test_another_issuer_in_the_answer_is_refused(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    answer = {**linked.provider.signs_in(visit.address, "hanako"), "iss": "https://elsewhere.example"}
    assert linked.refused(visit.browser, answer) is Cause.BAD_FLOW


def test_a_refusal_of_the_provider_is_a_refusal(linked: Linked) -> None:
    visit = linked.begin()
    assert linked.refused(visit.browser, {"error": "access_denied", "state": "x"}) is Cause.BAD_FLOW


def test_a_disabled_account_and_a_missing_right_stay_outside(linked: Linked) -> None:
    account = linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin(Door.ADMIN)
    answer = linked.provider.signs_in(visit.address, "hanako")
    assert linked.refused(visit.browser, answer, Door.ADMIN) is Cause.NO_RIGHT
    linked.accounts.administration.disable(account, by=COMMAND_LINE)
    visit = linked.begin()
    assert linked.refused(visit.browser, linked.provider.signs_in(visit.address, "hanako")) is Cause.DISABLED


def test_the_first_sign_in_links_where_the_operator_allows_it(linked: Linked) -> None:
    account = linked.person("hanako", STAFF)
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    assert linked.refused(visit.browser, answer) is Cause.UNKNOWN_SUBJECT
    by_name = other(linked, link_claim="preferred_username")
    assert by_name.whole("hanako").session.account == account
    assert [each.meta["by"] for each in linked.office.entries("account.linked")] == ["provider"]
    assert linked.whole("hanako").session.account == account  # from now on by issuer and subject alone


def test_the_first_sign_in_links_by_a_verified_address(linked: Linked) -> None:
    account = linked.person("hanako@example.org", STAFF)
    assert other(linked, link_claim="email").whole("hanako").session.account == account


def test_no_claim_takes_over_an_account_with_a_password(linked: Linked) -> None:
    linked.office.person("hanako", "staff@staff")
    by_name = other(linked, link_claim="preferred_username")
    visit = by_name.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    assert by_name.refused(visit.browser, answer) is Cause.UNKNOWN_SUBJECT


def test_groups_give_and_take_roles_and_leave_what_people_gave(linked: Linked) -> None:
    account = linked.person("taro", grant_named("approver@public"), subject="taro")
    groups = {
        "ai-staff": frozenset({STAFF}),
        "ai-admins": frozenset({grant_named("administrator")}),
        "unused": frozenset({grant_named("auditor")}),
    }
    by_groups = other(linked, groups=groups)
    session = by_groups.whole("taro").session
    assert {str(each) for each in session.grants} == {"approver@public", "staff@staff", "administrator"}
    fewer = other(linked, groups={"ai-staff": frozenset({STAFF})})
    assert {str(each) for each in fewer.whole("taro").session.grants} == {"approver@public", "staff@staff"}
    taken = linked.office.entries("account.taken")[-1]
    assert (taken.subject, taken.meta["by"], taken.meta["roles"]) == (account, "provider", ["administrator"])


def test_groups_that_would_let_an_administrator_read_let_nobody_in(linked: Linked) -> None:
    linked.person("taro", subject="taro")
    groups = {"ai-staff": frozenset({grant_named("auditor")}), "ai-admins": frozenset({Grant(Role.ADMINISTRATOR)})}
    both = other(linked, groups=groups)
    visit = both.begin(Door.ADMIN)
    assert both.refused(visit.browser, linked.provider.signs_in(visit.address, "taro"), Door.ADMIN) is Cause.CONFLICT


def test_a_subject_belongs_to_one_account(linked: Linked) -> None:
    linked.person("hanako", subject="hanako")
    with pytest.raises(AccountRefused) as caught:
        linked.person("taro", subject="hanako")
    assert caught.value.problem is AccountProblem.LINK_TAKEN
    assert [each.login for each in linked.accounts.administration.list()] == ["hanako"]


def test_without_a_record_nobody_is_in(linked: Linked) -> None:
    linked.person("hanako", STAFF, subject="hanako")
    visit = linked.begin()
    answer = linked.provider.signs_in(visit.address, "hanako")
    linked.office.log.refuse("full")
    with pytest.raises(LogUnavailable):
        linked.finish(visit.browser, answer)
    linked.office.log.refuse(None)
    assert linked.whole("hanako")


def test_a_provider_that_is_away_is_a_refusal(linked: Linked) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = other(linked, issuer=f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(SignInRefused) as caught:
            away.begin()
    assert caught.value.cause is Cause.PROVIDER_FAILED


@pytest.mark.parametrize(
    "document",
    [
        b"not json",
        b"[]",
        b"{}",
        b'{"issuer": "https://elsewhere.example"}',
        b'{"issuer": "ISSUER", "authorization_endpoint": "https://elsewhere.example/authorize"}',
        b'{"issuer": "ISSUER", "authorization_endpoint": 7}',
        b" " * 300_000,
    ],
)
def test_a_strange_discovery_document_leads_nowhere(linked: Linked, document: bytes) -> None:
    asked = []

    class Strange(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(document.replace(b"ISSUER", issuer.encode()))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Strange) as server:
        issuer = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(SignInRefused) as caught:
            other(linked, issuer=issuer).begin()
        server.shutdown()
    assert caught.value.cause is Cause.PROVIDER_FAILED
    assert asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "issuer",
    [
        "http://idp.example.org",
        "ftp://127.0.0.1",
        "https://",
        "https://idp.example.org?x=1",
        "https://u@idp.example.org",
    ],
)
def test_an_issuer_must_be_reached_over_tls(issuer: str, tmp_path: Path, office: Office) -> None:
    with pytest.raises(BadProvider):
        Accounts(tmp_path, office.log, office.clock, provider=ProviderSettings(issuer, "madoguchi"), passwords=CHEAP)
