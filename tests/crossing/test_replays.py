"""What is good at one door opens nothing at another; showing it there is recorded where it proves something real."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from bot.case_numbers import fresh_number
from bot.records import DeskName
from tests.crossing.canaries import OTHER, PLANTED, VAULT_ID, found_in
from tests.crossing.place import CONSOLES, CONVERSATION, HOMES, ROLE, ROOTS, SESSION, Place
from tests.crossing.wire import Came, Sent, form, send
from tests.running import run
from web.accounts.values import Door as At

REFUSED = "session.refused"
OTHER_DOOR = {
    At.STAFF: At.ADMIN,
    At.ADMIN: At.STAFF,
    At.RESPONDER_PUBLIC: At.RESPONDER_STAFF,
    At.RESPONDER_STAFF: At.RESPONDER_PUBLIC,
    At.AUDITOR_PUBLIC: At.AUDITOR_STAFF,
    At.AUDITOR_STAFF: At.AUDITOR_PUBLIC,
}
API = {DeskName.PUBLIC: "/api/v1/public/exchanges", DeskName.STAFF: "/api/v1/staff/exchanges"}
JSON = {"content-type": "application/json"}
NUMBER = re.compile(rb"[0-9A-Z]{4}(-[0-9A-Z]{4}){3,4}")


def sent(place: Place, method: str, path: str, **given: object) -> Came:
    return run(send(place.site, Sent(method, path, **given)))  # type: ignore[arg-type] # named as the fields are


def refusals(place: Place, account: str) -> list[Mapping[str, object]]:
    """The refusals of the system log about an account, oldest first."""
    entries = place.house.system.entries(account)  # type: ignore[arg-type] # an account's id is its subject
    return [entry.meta for entry in entries if entry.kind == REFUSED]


def strays(place: Place, desk: DeskName) -> Counter[str]:
    """What a desk's log says was shown there that it never gave out."""
    entries = place.house.logs[desk].entries(f"doors-{desk.value}")  # type: ignore[arg-type] # the subject of strays
    assert not any(entry.contents for entry in entries)  # never the id itself
    return Counter(str(entry.meta["what"]) for entry in entries if entry.kind == "door.stray")


def staff_cookies(place: Place, desk: DeskName, conversation: str | None = None) -> dict[str, str]:
    held = {SESSION[At.STAFF]: place.signed(At.STAFF)} if desk is DeskName.STAFF else {}
    return held | ({CONVERSATION[desk]: conversation} if conversation else {})


@pytest.mark.parametrize("home", list(At))
def test_a_session_opens_its_own_door_alone(place: Place, home: At) -> None:
    signed = place.person(ROLE[home], door=home)
    away = OTHER_DOOR[home]
    assert sent(place, "GET", HOMES[home], cookies={SESSION[home]: signed.token}).status == 200
    came = sent(place, "GET", HOMES[away], cookies={SESSION[home]: signed.token})  # as every browser sends it
    assert (came.status, came.header("location")) == (303, f"{HOMES[away]}/sign-in")
    assert refusals(place, signed.session.account) == []  # nobody did anything wrong
    came = sent(place, "GET", HOMES[away], cookies={SESSION[away]: signed.token})  # renamed on purpose
    assert (came.status, came.header("location")) == (303, f"{HOMES[away]}/sign-in")
    (told,) = refusals(place, signed.session.account)
    assert (told["cause"], told["door"], told["session"]) == ("other_door", away.value, signed.session.id)
    assert sent(place, "GET", HOMES[home], cookies={SESSION[home]: signed.token}).status == 200  # it is still good


@pytest.mark.parametrize(
    "name", ["session", "madoguchi_session", "madoguchi_conversation", "__Host-madoguchi_staff_session"]
)
def test_a_session_under_another_name_opens_nothing(place: Place, name: str) -> None:
    for door, home in HOMES.items():
        assert sent(place, "GET", home, cookies={name: place.signed(door)}).status == 303


def test_a_session_in_place_of_a_token_and_a_token_in_place_of_a_session(place: Place) -> None:
    question = b'{"question": "x"}'
    session = {"authorization": f"Bearer {place.signed(At.STAFF)}"}
    assert sent(place, "POST", API[DeskName.STAFF], headers=JSON | session, body=question).status == 401
    token = place.token("staff@staff", door=At.STAFF)
    assert sent(place, "GET", "/staff", cookies={SESSION[At.STAFF]: token}).status == 303
    assert sent(place, "GET", "/staff", headers={"authorization": f"Bearer {token}"}).status == 303
    assert (
        sent(
            place, "POST", API[DeskName.STAFF], headers=JSON | {"authorization": f"Bearer {token}"}, body=question
        ).status
        == 200
    )


def test_a_token_opens_its_own_door_alone(place: Place) -> None:
    person = place.person("administrator", door=At.ADMIN)
    token, made = place.accounts.tokens.create(person.session, "a program")
    headers = JSON | {"authorization": f"Bearer {token}"}
    came = sent(place, "POST", API[DeskName.STAFF], headers=headers, body=b'{"question": "x"}')
    assert came.status == 401
    (told,) = refusals(place, person.session.account)
    assert (told["cause"], told["door"], told["token"]) == ("other_door", "staff", made.id)
    staff = place.person("staff@staff", door=At.STAFF)
    token, made = place.accounts.tokens.create(staff.session, "a program")
    for path in ("/api/v1/admin/exchanges", "/api/v1/admin/accounts"):
        assert sent(place, "GET", path, headers={"authorization": f"Bearer {token}"}).status == 401
    assert {(each["cause"], each["door"], each["token"]) for each in refusals(place, staff.session.account)} == {
        ("other_door", "admin", made.id)
    }
    assert sent(place, "GET", "/admin", headers={"authorization": f"Bearer {token}"}).status == 303


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_conversation_of_the_other_desk_opens_nothing_and_is_recorded(place: Place, desk: DeskName) -> None:
    other = OTHER[desk]
    told, before = place.told[other], strays(place, desk)
    secrets = PLANTED[other].secrets
    shown = staff_cookies(place, desk, told.conversation)
    body, kind = form(question="あ")
    page = sent(place, "GET", ROOTS[desk] or "/", cookies=shown)
    assert page.status == 200
    assert found_in(page.whole, secrets) == []
    posted = sent(place, "POST", ROOTS[desk] or "/", headers=kind, cookies=shown, body=body)
    assert posted.status in (200, 303)
    assert posted.cookies[CONVERSATION[desk]] != told.conversation  # a new one began
    asked = f'{{"question": "あ", "conversation": "{told.conversation}"}}'.encode()
    answered = sent(place, "POST", API[desk], headers=JSON, cookies=staff_cookies(place, desk), body=asked)
    assert answered.status == 200
    assert told.conversation not in answered.text
    assert (strays(place, desk) - before)["conversation"] == 3


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_number_or_receipt_of_the_other_desk_opens_nothing_and_is_recorded(place: Place, desk: DeskName) -> None:
    other, before = OTHER[desk], strays(place, desk)
    handed, told = place.handed[other], place.told[other]
    assert told.receipt is not None
    own = staff_cookies(place, desk)

    def answer(number: str) -> Came:
        body, kind = form(number=number)
        return sent(place, "POST", f"{ROOTS[desk]}/lookup", headers=kind, cookies=own, body=body)

    wrong = answer(fresh_number())
    for number in (handed.number, told.receipt.code):
        came = answer(number)
        assert (came.status, wrong.status) == (404, 404)
        assert NUMBER.sub(b"", came.body) == NUMBER.sub(b"", wrong.body)  # word for word the page of a wrong one
        assert found_in(came.whole, PLANTED[other].secrets) == []
    body, kind = form(do="add", number=handed.number, text="つづき")
    acted = sent(place, "POST", f"{ROOTS[desk]}/case", headers=kind, cookies=own, body=body)
    shown = staff_cookies(place, desk, str(place.told[desk].conversation))
    page = sent(place, "GET", f"{ROOTS[desk]}/cases/{handed.case.id}", cookies=shown)
    asked = f'{{"case": "{handed.number}"}}'.encode()
    program = sent(place, "POST", f"/api/v1/{desk.value}/lookup", headers=JSON, cookies=own, body=asked)
    assert {acted.status, page.status, program.status} == {404}
    assert (strays(place, desk) - before) == {"case": 5, "receipt": 1}


@pytest.mark.parametrize("desk", list(DeskName))
def test_an_exchange_of_the_other_desk_takes_no_feedback_and_is_recorded(place: Place, desk: DeskName) -> None:
    told, before = place.told[OTHER[desk]], strays(place, desk)
    other_log = place.house.logs[OTHER[desk]]
    count = other_log.count(told.exchange, "feedback")  # type: ignore[arg-type] # it was recorded
    body, kind = form(exchange=str(told.exchange), useful="yes")
    own = str(place.told[desk].conversation)
    ways = (staff_cookies(place, desk), staff_cookies(place, desk, own), staff_cookies(place, desk, told.conversation))
    for cookies in ways:
        assert sent(place, "POST", f"{ROOTS[desk]}/feedback", headers=kind, cookies=cookies, body=body).status == 404
    for given in ('{"useful": true}', f'{{"useful": true, "conversation": "{told.conversation}"}}'):
        path = f"{API[desk]}/{told.exchange}/feedback"
        came = sent(place, "POST", path, headers=JSON, cookies=staff_cookies(place, desk), body=given.encode())
        assert came.status == 404
    assert (strays(place, desk) - before).total() == 5
    assert other_log.count(told.exchange, "feedback") == count  # type: ignore[arg-type] # as above


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_case_of_the_other_desk_is_not_there_and_is_recorded(place: Place, desk: DeskName) -> None:
    """By its id, by its number, as what another case is merged into: word for word what is said of no case at all."""
    other, console = place.handed[OTHER[desk]], CONSOLES[desk]
    cookies, home = {SESSION[console]: place.signed(console)}, HOMES[console]
    before, entries = strays(place, desk), len(place.house.logs[OTHER[desk]].entries(other.case.conversation))
    none = sent(place, "GET", f"{home}/cases/cs_none", cookies=cookies)
    came = sent(place, "GET", f"{home}/cases/{other.case.id}", cookies=cookies)
    assert came.status == none.status == 404
    assert came.body.replace(other.case.id.encode(), b"") == none.body.replace(b"cs_none", b"")
    for do in ("claim", "note", "contact", "preview", "send", "merge", "decide"):
        body, kind = form(do=do, text="x", decision="upheld", into=place.handed[desk].case.id)
        came = sent(place, "POST", f"{home}/cases/{other.case.id}", headers=kind, cookies=cookies, body=body)
        assert came.status == 404, do
    assert sent(place, "GET", f"{home}/cases/{other.case.id}/news", cookies=cookies).status == 404
    assert (strays(place, desk) - before)["case"] == 10
    body, kind = form(number=other.number)
    assert sent(place, "POST", home, headers=kind, cookies=cookies, body=body).status == 404
    own = f"{home}/cases/{place.handed[desk].case.id}"
    for into in (other.case.id, other.case.id[-6:], other.number):
        body, kind = form(do="merge", reference=into)
        assert sent(place, "POST", own, headers=kind, cookies=cookies, body=body).status == 422
    passage = sent(place, "GET", f"{home}/sources/{VAULT_ID[OTHER[desk]]}", cookies=cookies)
    assert passage.status == 404
    assert len(place.house.logs[OTHER[desk]].entries(other.case.conversation)) == entries


@pytest.mark.parametrize("desk", list(DeskName))
def test_a_passage_of_the_other_desk_is_not_there_and_is_recorded(place: Place, desk: DeskName) -> None:
    other = OTHER[desk]
    before = strays(place, desk)
    cookies = staff_cookies(place, desk)
    for passage in (VAULT_ID[other], PLANTED[other].passage):
        came = sent(place, "GET", f"{ROOTS[desk]}/sources/{passage}", cookies=cookies)
        none = sent(place, "GET", f"{ROOTS[desk]}/sources/no-such-passage", cookies=cookies)
        assert came.status == none.status == 404
        # Word for word what is said of a passage that is nowhere: nobody learns that it is somewhere.
        assert came.body.replace(passage.encode(), b"") == none.body.replace(b"no-such-passage", b"")
    assert (strays(place, desk) - before)["passage"] == 4


def test_a_passage_of_the_desk_itself_is_no_stray(place: Place) -> None:
    before = strays(place, DeskName.STAFF)
    for passage in (VAULT_ID[DeskName.STAFF], "budget"):
        assert (
            sent(place, "GET", f"/staff/sources/{passage}", cookies=staff_cookies(place, DeskName.STAFF)).status == 200
        )
    assert strays(place, DeskName.STAFF) == before


def test_the_consultation_of_another_conversation_is_not_there(place: Place) -> None:
    for exchange in (str(place.told[DeskName.PUBLIC].exchange), str(place.told[DeskName.STAFF].exchange)):
        for path in (f"/staff/consult/{exchange}", f"/staff/consult/{exchange}/export.md"):
            assert sent(place, "GET", path, cookies=staff_cookies(place, DeskName.STAFF)).status == 404
