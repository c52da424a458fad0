"""Nobody comes in who may not: every address of the gated applications, every role, every state of a session."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI

from bot.records import DeskName
from tests.crossing.canaries import PEOPLE, PLANTED, found_in
from tests.crossing.doors import WRITING, Door, doors_of
from tests.crossing.place import AUDITS, CONSOLES, HOMES, ROLE, SESSION, Place
from tests.crossing.wire import Came, Sent, form, send
from tests.running import run
from web.accounts.roles import Grant, Right, Role, allowed_somewhere, grant_named, role_table
from web.accounts.values import Door as At
from web.accounts.values import SignInRefused, opens
from web.admin import PAGES
from web.directory import SEARCH
from web.entrance import Entrance

GATED = {home: door for door, home in HOMES.items()}
ONE = "none-of-these"
DOORS_OF = {Right.ANSWER_CASES: CONSOLES, Right.READ_RECORD: AUDITS}
"""The consoles that a right opens, one for each desk."""
OWN = {"", "account", "password", "sign-out", "account/tokens", "account/tokens/end", "account/sessions/end"}
"""What whoever comes in has to do with: the overview, the own password, the own sessions and tokens."""
# Who may do what at the administration: the pages say it for looking, this table for doing.
DOING: Mapping[str, tuple[Right, ...]] = {
    "accounts": (Right.CHANGE_ACCOUNTS,),
    "accounts/{account}/grants": (Right.CHANGE_ACCOUNTS,),
    "accounts/{account}/state": (Right.CHANGE_ACCOUNTS,),
    "switch": (Right.THROW_SWITCH,),
    "register": (Right.PROPOSE, Right.APPROVE),
    "register/{proposal}": (Right.PROPOSE, Right.APPROVE),
    "conditions/{desk}": (Right.PROPOSE, Right.APPROVE),
    "conditions/{desk}/{proposal}": (Right.PROPOSE, Right.APPROVE),
    "records": (Right.KEEP_RECORD, Right.APPROVE),
    "records/schedule": (Right.KEEP_RECORD, Right.APPROVE),
    "records/{desk}/proposals/{proposal}": (Right.KEEP_RECORD, Right.APPROVE),
    "records/{desk}/holds/{hold}": (Right.KEEP_RECORD, Right.APPROVE),
    "notes/{desk}/new": (Right.EDIT_NOTES,),
    "notes/{desk}/{proposal}": (Right.EDIT_NOTES,),
    "notes/{desk}/flags/{flag}": (Right.EDIT_NOTES,),
}
LOOKING: Mapping[str, tuple[Right, ...]] = {
    **{address: rights for address, _, rights in PAGES},
    "notes/{desk}/new": (Right.EDIT_NOTES,),
    "notes/{desk}/{proposal}": (Right.EDIT_NOTES,),
}


@pytest.fixture(scope="module")
def apps(place: Place) -> Mapping[str, FastAPI]:
    return place.applications()


def entrance(app: FastAPI) -> Entrance:
    made: Entrance = app.state.entrance
    return made


def sent(place: Place, method: str, path: str, **given: object) -> Came:
    return run(send(place.site, Sent(method, path, **given)))  # type: ignore[arg-type] # named as the fields are


def kept(data: Path) -> Mapping[str, int]:
    """How many rows every table of every database holds: whatever is done shows there."""
    counts = {}
    for file in data.rglob("*.sqlite"):
        if file.name == SEARCH:
            continue  # made from the log; and another SQLite than its own must not open it in this process
        with closing(sqlite3.connect(file, timeout=30)) as database:
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                counts[f"{file.relative_to(data)}:{table}"] = database.execute(
                    f'SELECT count(*) FROM "{table}"'
                ).fetchone()[0]
    return counts


@pytest.mark.parametrize("root", list(GATED))
def test_without_a_session_only_what_is_named_open_answers(
    place: Place, apps: Mapping[str, FastAPI], root: str
) -> None:
    app = apps[root]
    gate, before = entrance(app), kept(place.data)
    for door in doors_of(root, app):
        address = door.address(ONE)
        for method in {*door.methods, "HEAD", "OPTIONS", "PUT", "DELETE"}:
            if address in gate.open:
                continue
            came = sent(place, method, address)
            if method in ("GET", "HEAD") and not address.startswith("/api/"):
                assert (came.status, came.header("location")) == (303, gate.sign_in), (method, address)
            else:
                assert came.status == 401, (method, address)
            for request in door.requests("x"):
                assert run(send(place.site, request)).status in (303, 401)
    assert kept(place.data) == before


@pytest.mark.parametrize("root", list(GATED))
def test_what_is_open_holds_nothing_of_anybody(place: Place, apps: Mapping[str, FastAPI], root: str) -> None:
    gate = entrance(apps[root])
    secrets = [*PEOPLE.values(), *(secret for desk in DeskName for secret in PLANTED[desk].secrets)]
    secrets += [name for desk in DeskName for name in place.ids(desk)]
    answered = {}
    for address in gate.open:
        came = sent(place, "GET", address)
        answered[address.removeprefix(f"{root}/")] = came.status
        assert found_in(came.whole, secrets) == []
    assert answered.pop("sign-in") == 200
    assert answered.pop("provider") == answered.pop("provider/back") == 404  # none is configured
    papers = {"about", "privacy", "terms", "risks", "accessibility"}
    assert set(answered) == papers  # a new open page is to be looked at here first
    # The administration has no such pages of its own; people who are not signed in are told no more than that.
    assert set(answered.values()) == ({200} if root == "/staff" else {404})


SPELLINGS = (
    "//staff /staff/ /staff// /staff/. /staff/sign-in/ /staff/sign-in/../account /staff/sign-in%00 /staff/sign-in%2F "
    "/staff%2Faccount /STAFF /staff;x /staff%09 /staff/%E2%80%AE /staff%3F/sign-in /./staff /x/../staff /api/v1/staff "
    "/api/v1/staff/ /api//v1/staff/exchanges /api/v1//staff/exchanges /api/v1/%73taff/exchanges /%73taff "
    "/api/v1/public/../staff/exchanges /api/v1/STAFF/exchanges /staff/sources/crossing-vault /static/../staff "
    "/static/%2E%2E/staff /admin/../staff /admin//accounts /staff/pass%09word /staff/sign-%0Ain"
)


@pytest.mark.parametrize("path", SPELLINGS.split())
def test_no_spelling_of_an_address_leads_past_the_gate(place: Place, path: str) -> None:
    secrets = [*PEOPLE.values(), *PLANTED[DeskName.STAFF].secrets, *place.ids(DeskName.STAFF)]
    for method in ("GET", "POST", "HEAD"):
        came = sent(place, method, path, body=b"{}" if method == "POST" else b"")
        assert came.status in (303, 307, 400, 401, 404, 405, 422), came.status
        assert [each for each in found_in(came.whole, secrets) if each not in path] == []


@pytest.mark.parametrize("root", list(GATED))
def test_who_must_change_a_password_does_nothing_before(place: Place, apps: Mapping[str, FastAPI], root: str) -> None:
    door, app = GATED[root], apps[root]
    gate = entrance(app)
    signed = place.person(ROLE[door], door=door, must_change=True)
    cookies = {SESSION[door]: signed.token}
    hosts = ("127.0.0.1", "127.0.0.1/staff/password?", f"x{gate.password}#", f"x@{gate.password[1:]}", "[", "")
    assert sent(place, "GET", gate.password, cookies=cookies).status == 200
    before = kept(place.data)
    for each in doors_of(root, app):
        address = each.address(ONE)
        if address in gate.open or address in gate.unchanged:
            continue
        for method in each.methods:
            for host in hosts:  # what a request says of its host decides nothing
                came = sent(place, method, address, cookies=cookies, headers={"host": host})
                expected = 403 if address.startswith("/api/") else 303
                assert came.status in (expected, 400), (method, address, host)
                assert came.status == 400 or expected == 403 or came.header("location") == gate.password
    assert kept(place.data) == before


@pytest.mark.parametrize("role", list(Role))
def test_each_role_reaches_what_its_rights_say_and_no_more(
    place: Place, apps: Mapping[str, FastAPI], role: Role
) -> None:
    grants = {Grant(role)}
    if not opens(grants, At.ADMIN):
        with pytest.raises(SignInRefused) as refused:
            place.person(role.value, door=At.ADMIN, must_change=True)
        assert refused.value.proven
        return
    cookies = {SESSION[At.ADMIN]: place.person(role.value, door=At.ADMIN).token}
    for door in doors_of("/admin", apps["/admin"]):
        if door.path in entrance(apps["/admin"]).open or door.below in OWN:
            continue
        for method in door.methods:
            may = any(allowed_somewhere(grants, right) for right in _needed(door, method))
            before = kept(place.data)
            body, kind = form(do="nothing that is known", grant="nothing that is known", register="[")
            address = door.address(ONE)
            came = sent(place, method, address, cookies=cookies, headers=kind, body=body if method in WRITING else b"")
            assert (came.status != 403) is may, (role, method, door.path, came.status)
            assert came.status in (200, 403, 404, 422), (role, method, door.path, came.status)
            assert kept(place.data) == before


def _needed(door: Door, method: str) -> Collection[Right]:
    table = DOING if method in WRITING else LOOKING
    assert door.below in table, f"say in {__name__} which rights {method} {door.path} needs"
    return table[door.below]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_enters_the_staff_desk_only_with_its_right(place: Place, role: Role) -> None:
    for grant in (role.value, f"{role.value}@public", f"{role.value}@staff"):
        if role_table().rows[role].where == "service" and "@" in grant:
            continue
        may = Right.USE_DESK in role_table().rows[role].rights and not grant.endswith("@public")
        if may:
            token = place.person(grant, door=At.STAFF).token
            assert sent(place, "GET", "/staff", cookies={SESSION[At.STAFF]: token}).status == 200
            continue
        with pytest.raises(SignInRefused) as refused:
            place.person(grant, door=At.STAFF, must_change=True)
        assert refused.value.proven


@pytest.mark.parametrize("desk", list(DeskName))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("right", list(DOORS_OF))
def test_each_role_enters_a_console_only_with_its_right_at_that_desk(
    place: Place, right: Right, role: Role, desk: DeskName
) -> None:
    door = DOORS_OF[right][desk]
    for grant in (role.value, *(f"{role.value}@{each.value}" for each in DeskName)):
        if role_table().rows[role].where == "service" and "@" in grant:
            continue
        here = grant in (role.value, f"{role.value}@{desk.value}")
        if here and right in role_table().rows[role].rights:
            token = place.person(grant, door=door).token
            assert sent(place, "GET", HOMES[door], cookies={SESSION[door]: token}).status == 200
            continue
        with pytest.raises(SignInRefused) as refused:
            place.person(grant, door=door, must_change=True)
        assert refused.value.proven


def test_a_right_that_is_taken_away_is_gone_at_once(place: Place) -> None:
    boss = place.person("administrator", door=At.ADMIN).session.account
    signed = place.person("staff@staff", "staff@public", door=At.STAFF)
    token, _ = place.accounts.tokens.create(signed.session, "a program")
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    question = b'{"question": "x"}'
    assert sent(place, "POST", "/api/v1/staff/exchanges", headers=headers, body=question).status == 200
    place.accounts.administration.take(signed.session.account, grant_named("staff@staff"), by=boss)
    assert sent(place, "GET", "/staff", cookies={SESSION[At.STAFF]: signed.token}).status in (303, 403)
    assert sent(place, "POST", "/api/v1/staff/exchanges", headers=headers, body=question).status in (401, 403)


def test_a_form_from_another_site_does_nothing(place: Place, apps: Mapping[str, FastAPI]) -> None:
    for root, door in GATED.items():
        cookies = {SESSION[door]: place.signed(door)}
        before = kept(place.data)
        for each in doors_of(root, apps[root]):
            if "POST" not in each.methods or each.path.endswith("/sign-in"):
                continue
            for told in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
                came = sent(place, "POST", each.address(ONE), cookies=cookies, headers=told)
                assert came.status == 403, each.path
        assert kept(place.data) == before
