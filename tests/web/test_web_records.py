"""Two people erase, one of them alone does nothing, holds refuse; pages say what was erased and show nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from audit.erasing import DeskErasing
from bot.deciding import Actor, DecisionRefused
from bot.records import DeskName
from tests.audit.erasing_kit import SetClock, files_with, in_every_coding
from tests.fakes_audit import FakeLog
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION, FLOODGATE_QUESTION
from tests.papers_kit import OWN, own_schedule, page, words
from tests.web.cases_room import CasesRoom
from tests.web.staffroom import staffroom
from web.papers import papers_of
from web.papers.retention import schedule_of
from web.records import Rules, records_of, tasks
from web.records_changes import Asked, approve, lift_hold, place_hold, propose, reject
from web.rounds import steps_of
from web.schedules import adopt_schedule, now, propose_schedule

OFFICER = Actor("ac_1", "記録 花子", frozenset({"records_officer"}))
SECOND = Actor("ac_2", "記録 次郎", frozenset({"records_officer"}))
APPROVER = Actor("ac_3", "承認 三郎", frozenset({"approver"}))
ADMINISTRATOR = Actor("ac_4", "管理 四郎", frozenset({"administrator"}))
SAID = "東京港の水門の件で、担当の方と話したいです"
CONTACT = "kiku@example.invalid"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CasesRoom]:
    made = CasesRoom(staffroom(tmp_path_factory.mktemp("records")))
    yield made
    made.small.house.close()


def the_rest(room: CasesRoom) -> None:
    """What the server's rounds do about the record."""
    for step in steps_of(room.small.house)(lambda: False):
        if step.name.endswith((".expiry", ".sweep")):
            step.work()


def asking(room: CasesRoom, named: str, *, ground: str = "suspension", whole: bool = False) -> Asked:
    records = room.small.house.records[DeskName.PUBLIC]
    return Asked(records.find(named, whole=whole), ground, "令和8年度第3号", "利用停止の決定")


def test_two_people_erase_a_conversation_and_its_pages_say_so(room: CasesRoom) -> None:
    public = room.room.browser()
    public.post("/", data={"question": BUDGET_QUESTION})
    code = re.search(r"<code>([0-9A-Z-]{19})</code>", public.get("/").text)
    assert code is not None
    officer = room.room.signed_in("kirokuko", "records_officer@public", door="/admin")
    sent = {"do": "propose", "desk": "public", "named": code[1], "whole": "yes", "ground": "suspension",
            "reference": "第3号", "reason": "決定による"}  # fmt: skip
    assert officer.post("/admin/records", data=sent).status_code == 303
    shown = officer.get("/admin/records").text
    assert "文章3件" in shown or "文章4件" in shown
    assert "承認して消去する" not in shown  # not one's own
    assert BUDGET_ANSWER not in shown
    assert BUDGET_QUESTION not in shown
    [where] = re.findall(r'action="(/admin/records/public/proposals/[^"]+)"', shown)
    own = officer.post(where, data={"do": "approve"})
    assert (own.status_code, "別の人が承認" in own.text) == (422, True)
    approver = room.room.signed_in("shoninsha", "approver@public", door="/admin")
    assert "承認して消去する" in approver.get("/admin/records").text
    assert approver.post(where, data={"do": "approve"}).status_code == 303
    the_rest(room)
    for html in (public.get("/").text, room.room.browser().post("/lookup", data={"number": code[1]}).text):
        assert "この内容は消去されました。" in html
        assert BUDGET_ANSWER not in html.partition("<main")[2].partition("examples")[0]
        assert code[1] in html
    done = approver.get("/admin/records").text
    assert "使用中のファイルから消去済み" in done
    assert room.small.house.proofs["public"].verify().fields["erased"] >= 3


def test_asking_goes_on_in_a_conversation_that_was_erased(room: CasesRoom) -> None:
    records = room.small.house.records[DeskName.PUBLIC]
    exchange = room.asked("c-goes-on")
    approve(records, propose(records, OFFICER, asking(room, exchange)).id, APPROVER)
    the_rest(room)
    assert BUDGET_ANSWER in room.small.ask(BUDGET_QUESTION, "c-goes-on").reply.text
    assert room.small.ask("もっと詳しく", "c-goes-on").exchange


def test_a_case_goes_with_its_contact_and_no_byte_of_either_is_left(room: CasesRoom) -> None:
    records, house = room.small.house.records[DeskName.PUBLIC], room.small.house
    taken = room.taken(SAID, contact=CONTACT, contact_consent=True)
    data, number = house.settings.data, taken.number
    [sealed] = files_sealed(room, taken.case.id)
    assert files_with(data, [sealed])
    proposal = propose(records, OFFICER, asking(room, number))
    assert "担当の方" not in str(records.history())
    approve(records, proposal.id, SECOND)
    the_rest(room)
    house.readings[DeskName.PUBLIC].catch_up(10)
    assert files_with(data, [sealed, *in_every_coding(SAID), *in_every_coding(CONTACT)]) == []
    assert room.desk().queue.cases.contact(taken.case.id) is None
    html = room.room.browser().post("/lookup", data={"number": number}).text
    assert "この内容は消去されました。" in html
    assert SAID not in html


def files_sealed(room: CasesRoom, case: str) -> list[bytes]:
    """A person's contact as it lies in the table."""
    work = 'SELECT sealed FROM contacts WHERE "case" = ?'
    return [row[0] for row in room.small.house.logs[DeskName.PUBLIC].writing(
        lambda connection: connection.execute(work, (case,)).fetchall())]  # fmt: skip


def test_what_the_process_remembers_of_questions_goes_too(room: CasesRoom) -> None:
    house, records = room.small.house, room.small.house.records[DeskName.PUBLIC]
    exchange = room.asked("c-remembered", FLOODGATE_QUESTION)
    remembered = house.shelves[DeskName.PUBLIC]._current[1].search.cache_info
    assert remembered().currsize
    proposal = propose(records, OFFICER, asking(room, exchange))
    assert any("waits for somebody else" in line for line in tasks(records))
    approve(records, proposal.id, APPROVER)
    assert any("not gone from every file yet" in line for line in tasks(records))
    the_rest(room)
    assert remembered().currsize == 0
    assert list(tasks(records)) == []


def test_what_is_refused(room: CasesRoom) -> None:
    records = room.small.house.records[DeskName.PUBLIC]
    exchange = room.asked("c-refused")
    asked = asking(room, exchange)
    refused = [
        (lambda: propose(records, APPROVER, asked), "not_allowed"),
        (lambda: propose(records, ADMINISTRATOR, asked), "not_allowed"),
        (lambda: propose(records, OFFICER, replace(asked, ground="whim")), "bad_basis"),
        (lambda: propose(records, OFFICER, replace(asked, reference=" ")), "no_request"),
        (lambda: propose(records, OFFICER, replace(asked, reason="")), "no_reason"),
        (lambda: records.find("なにもない", whole=False), "unknown_target"),
        (lambda: room.small.house.records[DeskName.STAFF].find(exchange, whole=False), "unknown_target"),
        (lambda: approve(records, "nothing", APPROVER), "unknown_proposal"),
    ]
    proposal = propose(records, OFFICER, asked)
    refused += [
        (lambda: approve(records, proposal.id, OFFICER), "own_proposal"),
        (lambda: approve(records, proposal.id, ADMINISTRATOR), "not_allowed"),
    ]
    for doing, code in refused:
        with pytest.raises(DecisionRefused) as told:
            doing()
        assert told.value.code == code
    hold = place_hold(records, SECOND, replace(asked, ground="disclosure"))
    for doing, code in (
        (lambda: approve(records, proposal.id, APPROVER), "held"),
        (lambda: propose(records, OFFICER, asked), "held"),
        (lambda: lift_hold(records, hold.id, SECOND, "終わった"), "own_hold"),
        (lambda: lift_hold(records, hold.id, APPROVER, "終わった"), "not_allowed"),
    ):
        with pytest.raises(DecisionRefused) as told:
            doing()
        assert told.value.code == code
    lift_hold(records, hold.id, OFFICER, "終わった")
    assert reject(records, proposal.id, APPROVER, "範囲が違う").state == "rejected"
    with pytest.raises(DecisionRefused) as told:
        approve(records, proposal.id, APPROVER)
    assert told.value.code == "not_waiting"
    again = propose(records, OFFICER, asked)
    approve(records, again.id, APPROVER)
    with pytest.raises(DecisionRefused) as told:
        propose(records, OFFICER, asked)
    assert told.value.code == "nothing_left"


def test_who_has_no_part_in_it_sees_nothing(room: CasesRoom) -> None:
    nobody = room.room.signed_in("kanrisha", "administrator", door="/admin")
    assert nobody.get("/admin/records").status_code == 403
    assert "/admin/records" not in nobody.get("/admin").text
    other = room.room.signed_in("shokuinko", "records_officer@staff", door="/admin")
    sent = {"do": "hold", "desk": "public", "named": "x", "ground": "legal", "reason": "y"}
    assert other.post("/admin/records", data=sent).status_code == 403
    approver = room.room.signed_in("shoninko", "approver@public", door="/admin")
    assert approver.post("/admin/records", data=sent).status_code == 403


def test_what_is_shown_is_what_is_applied(tmp_path: Path) -> None:
    file = own_schedule(tmp_path, OWN)
    made = papers_of(None, file, None)
    assert "相談の文章2年" in words(page("privacy", papers=made))
    assert made.schedule.applied == schedule_of(file).applied
    periods = schedule_of(file).applied.periods
    assert (periods["contents"].years, periods["envelopes"].years, periods["key_backups"].days) == (2, 3, 35)
    assert schedule_of(file).applied.governing("cases") == ("contents", periods["contents"])


def test_the_server_erases_what_is_over_by_itself(room: CasesRoom) -> None:
    house, log = room.small.house, room.small.house.logs[DeskName.PUBLIC]
    exchange = room.asked("c-by-rule")
    closed = log.exchange(exchange)
    assert closed is not None
    later = SetClock(datetime.now(UTC) + timedelta(days=370))
    own, beside = house.settings.data / "public", house.records[DeskName.PUBLIC].forgetting
    records = records_of(own, DeskErasing(own, later), Rules(None, house.system), beside)
    assert records.expire() > 0
    assert records.sweep() > 0
    records.close()
    gone = log.exchange(exchange)
    assert gone is not None
    assert (gone.reply, gone.question.value) == (None, "")


def test_a_client_of_the_interface_is_told_too(room: CasesRoom) -> None:
    records = room.small.house.records[DeskName.PUBLIC]
    client: TestClient = room.room.browser()
    answer = client.post("/api/v1/public/exchanges", json={"question": BUDGET_QUESTION}).json()
    approve(records, propose(records, OFFICER, asking(room, answer["exchange"])).id, APPROVER)
    found = client.post("/api/v1/public/lookup", json={"receipt": answer["receipt"]["code"]})
    assert found.status_code == 200
    assert BUDGET_ANSWER not in found.text


def test_a_bodys_own_schedule_is_applied_when_two_people_put_it_in_force(tmp_path: Path) -> None:
    system, schedule = FakeLog(), schedule_of(own_schedule(tmp_path)).applied
    assert now(FakeLog(), schedule_of(None).applied).applies  # the default is
    assert not now(system, schedule).applies
    for actor, code in ((APPROVER, "not_allowed"), (ADMINISTRATOR, "not_allowed")):
        with pytest.raises(DecisionRefused) as told:
            propose_schedule(system, schedule, actor, "保存期間表の改正")
        assert told.value.code == code
    with pytest.raises(DecisionRefused) as told:
        adopt_schedule(system, schedule, APPROVER)
    assert told.value.code == "unknown_proposal"
    propose_schedule(system, schedule, OFFICER, "保存期間表の改正")
    with pytest.raises(DecisionRefused) as told:
        adopt_schedule(system, schedule, OFFICER)
    assert told.value.code == "own_proposal"
    changed = schedule_of(own_schedule(tmp_path, OWN.replace("years = 2", "years = 1"))).applied
    assert adopt_schedule(system, schedule, SECOND).applies
    assert not now(system, changed).applies  # another file waits again
    with pytest.raises(DecisionRefused) as told:
        propose_schedule(system, schedule, OFFICER, "もう一度")
    assert told.value.code == "unchanged"


def test_nothing_expires_by_a_schedule_that_was_not_adopted(room: CasesRoom, tmp_path: Path) -> None:
    house = room.small.house
    room.asked("c-not-adopted")
    later = SetClock(datetime.now(UTC) + timedelta(days=3_000))
    own = house.settings.data / "public"
    records = records_of(own, DeskErasing(own, later), Rules(own_schedule(tmp_path), FakeLog()))
    assert records.expire() == 0
    records.close()
