"""Sampling, grading and what follows, in the browser: the auditors' pages, those of who decides, the public line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from bot.conditions_values import day_of
from bot.records import DeskName, ExchangeId, Outcome
from tests.house_kit import BUDGET_QUESTION
from tests.web.audit_room import PUBLIC, STAFF, AuditRoom, audit_room
from tests.web.staffroom import staffroom
from web import rounds
from web.app import create_app
from web.decisions import held_back
from web.doctor import examine
from web.fitting import web_state, worker_pool

SAMPLES, CONDITIONS, DECIDING = f"{PUBLIC}/samples", f"{PUBLIC}/conditions", "/admin/conditions"
LINE = "いまは「AI戦略・ガイドライン等の資料」についての質問に、AIだけでは答えません"
DRAWN = {"kind": "random", "size": "50", "graders": "2", "seed": "きょうの種"}
EXCHANGE = re.compile(r'name="exchange" value="(ex_[\w-]+)"')


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("grading")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def told(room: AuditRoom) -> Mapping[str, ExchangeId]:
    return room.furnish()


@pytest.fixture(scope="module")
def first(room: AuditRoom, told: Mapping[str, ExchangeId]) -> TestClient:
    assert told
    return room.auditor("kansa")


def drawn(room: AuditRoom, auditor: TestClient, **other: str) -> str:
    """The address of a sample of everything that was answered."""
    room.sequence()
    response = auditor.post(SAMPLES, data={**DRAWN, **other})
    assert response.status_code == 303
    return str(response.headers["location"])


def graded(auditor: TestClient, sample: str, exchange: str, grade: str, **more: str) -> int:
    data = {"exchange": exchange, "grade": grade, **more}
    return auditor.post(f"{sample}/grade", data=data).status_code


def test_from_a_sample_to_a_line_on_the_public_page_and_back(
    room: AuditRoom, told: Mapping[str, ExchangeId], first: TestClient
) -> None:
    second = room.auditor("second")
    sample = drawn(room, first)
    page = first.get(sample).text
    assert "ひみつの水車小屋" not in page
    assert {told["budget"], told["gate"]} <= set(EXCHANGE.findall(page)) <= set(told.values()) - {told["staff"]}
    assert "きょうの種" in page
    assert "同じ結果です" in first.post(f"{sample}/again").text

    before = len(room.log())
    opened = first.post(f"{sample}/open", data={"exchange": told["budget"]})
    assert "181億円" in opened.text
    [read] = room.log()[before:]
    assert (read.kind, read.meta["what"], len(read.links)) == ("read", "sample", 1)

    assert graded(first, sample, told["budget"], "wrong") == 422  # without a reason
    phone = {"reason": "担当の 03-1234-5678 に聞いた額と違う"}
    assert graded(first, sample, told["budget"], "wrong", **phone) == 303
    assert "03-1234-5678" not in first.get(sample).text
    hidden = second.get(sample).text
    assert "1人が判定済み" in hidden
    assert "聞いた額と違う" not in hidden + second.post(f"{sample}/open", data={"exchange": told["budget"]}).text
    assert graded(second, sample, told["budget"], "right") == 303
    assert "聞いた額と違う" in second.get(sample).text
    assert "コーエンのκ" in second.get(SAMPLES).text
    third = room.auditor("third")
    assert "聞いた額と違う" in third.post(f"{sample}/open", data={"exchange": told["budget"]}).text
    assert graded(third, sample, told["budget"], "right") == 303
    assert graded(room.auditor("fourth"), sample, told["budget"], "right") == 422

    public = room.room.browser()
    assert LINE not in public.get("/").text
    assert graded(first, sample, told["gate"], "wrong", grave="yes", reason="逆のことを言った") == 303
    assert room.small.ask(BUDGET_QUESTION).reply.outcome is Outcome.REFERRED_ASSISTED
    assert LINE in _fresh(room).get("/").text
    assert LINE not in room.room.browser().get("/staff/sign-in").text
    readiness = public.get("/readyz").json()
    assert (readiness["status"], readiness["conditions_public"]) == ("ok", "exceeded: documents.low")
    figures = first.get(CONDITIONS).text
    assert "許容を超えた" in figures
    assert "299件以上" in figures
    assert "473件以上" in figures
    assert "773件以上" in figures

    proposer = room.room.signed_in("proposer", "approver", door="/admin")
    overview = proposer.get(DECIDING).text
    assert "許容を超えた" in overview
    until = (day_of(room.desk().clock.now()) + timedelta(30)).isoformat()
    wished = {"row": "documents.low", "until": until, "reason": "資料を直した"}
    assert proposer.post("/admin/conditions/public", data={**wished, "reason": ""}).status_code == 422
    assert proposer.post("/admin/conditions/public", data={**wished, "until": "いつか"}).status_code == 422
    assert proposer.post("/admin/conditions/nowhere", data=wished).status_code == 404
    assert proposer.post("/admin/conditions/public", data=wished).status_code == 303
    waiting = proposer.get(DECIDING).text
    [permit] = re.findall(r'action="/admin/conditions/public/([\w-]+)"', waiting)
    assert 'value="approve"' not in waiting
    own = proposer.post(f"/admin/conditions/public/{permit}", data={"do": "approve"})
    assert (own.status_code, "自分の提案は承認できません" in own.text) == (422, True)
    approver = room.room.signed_in("approver", "approver", door="/admin")
    assert "元に戻す提案" in approver.get(DECIDING).text
    assert approver.post(f"/admin/conditions/public/{permit}", data={"do": "approve"}).status_code == 303
    assert room.small.ask(BUDGET_QUESTION).reply.outcome is Outcome.ANSWERED_DOCUMENTS
    assert LINE not in _fresh(room).get("/").text
    assert "conditions_public" not in public.get("/readyz").json()


def _fresh(room: AuditRoom) -> TestClient:
    """A browser of a site that has read nothing yet: what pages say of the state may be a second old."""
    house = room.small.house
    return TestClient(create_app(web_state(house, worker_pool(house.settings))), follow_redirects=False)


def test_any_answer_can_be_graded_without_a_lot(room: AuditRoom, told: Mapping[str, ExchangeId]) -> None:
    auditor, house = room.auditor("staffs", DeskName.STAFF), room.small.house
    page = auditor.post(f"{STAFF}/samples/any/open", data={"exchange": told["staff"]})
    assert "181億円" in page.text
    given = {"exchange": told["staff"], "grade": "wrong", "grave": "yes", "reason": "逆のことを言った"}
    assert auditor.post(f"{STAFF}/samples/any/grade", data=given).headers["location"] == f"{STAFF}/conditions"
    assert house.conditions[DeskName.STAFF].now().decisions.of("documents.low").excess is not None
    assert held_back(house.conditions.values())["conditions_staff"] == "exceeded: documents.low"
    assert any("staff: errors of documents.low exceed" in each.line for each in examine(house))
    steps = {step.name: step for step in rounds.steps_of(house)(lambda: False)}
    assert steps["staff.conditions"].work() == 0  # nothing is left to write down


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": "0"}, "件数、人数、日付"),
        ({"size": "many"}, "件数、人数、日付"),
        ({"graders": "3"}, "件数、人数、日付"),
        ({"kind": "best"}, "件数、人数、日付"),
        ({"since": "昨日"}, "件数、人数、日付"),
        ({"row": "danger.grave"}, "件数、人数、日付"),
        ({"seed": "x" * 65}, "件数、人数、日付"),
        ({"row": "opinion.moderate"}, "条件に合う回答がありません"),
    ],
    ids=["none", "no number", "graders", "kind", "day", "row", "seed", "empty"],
)
def test_samples_that_cannot_be_drawn(first: TestClient, room: AuditRoom, wrong: dict[str, str], words: str) -> None:
    room.sequence()
    page = first.post(SAMPLES, data={**DRAWN, **wrong})
    assert (page.status_code, words in page.text) == (422, True)


def test_what_is_of_the_other_desk_or_nobodys_is_not_there(room: AuditRoom, first: TestClient) -> None:
    public, staff = first, room.auditor("others", DeskName.STAFF)
    sample = drawn(room, public).rpartition("/")[2]
    assert staff.get(f"{STAFF}/samples/{sample}").status_code == 404
    assert public.get(f"{SAMPLES}/{sample}").status_code == 200
    for address in (f"{SAMPLES}/none/open", f"{SAMPLES}/none/grade"):
        assert public.post(address, data={"exchange": "ex_1", "grade": "right"}).status_code == 404
    strays = frozenset({"door.stray"})
    before = len(room.log(kinds=strays))
    for exchange in ("ex_none", ""):
        assert public.post(f"{SAMPLES}/any/open", data={"exchange": exchange}).status_code == 404
    assert len(room.log(kinds=strays)) > before


def test_pages_in_every_language(room: AuditRoom, first: TestClient) -> None:
    sample = drawn(room, first, kind="stratified", graders="1")
    decides = room.room.signed_in("decides", "approver", door="/admin")
    for language in ("ja", "ja-easy", "en", "zh", "ko"):
        for browser, address in ((first, SAMPLES), (first, sample), (first, CONDITIONS), (decides, DECIDING)):
            page = browser.get(f"{address}?lang={language}")
            assert page.status_code == 200
            assert not re.search(r">(?:conditions|sample|grade)\.\w", page.text)


def test_an_administrator_proposes_and_does_not_approve(room: AuditRoom) -> None:
    assert room.room.browser().get(DECIDING).status_code == 303
    keeper = room.room.signed_in("keeper", "administrator", door="/admin")
    until = day_of(room.desk().clock.now()).isoformat()
    wished = {"row": "service.low", "until": until, "reason": "一日だけ"}
    assert keeper.post(f"{DECIDING}/staff", data=wished).status_code == 303
    [permit] = room.small.house.conditions[DeskName.STAFF].now().decisions.waiting
    page = keeper.post(f"{DECIDING}/staff/{permit.id}", data={"do": "approve"})
    assert (page.status_code, "役割がありません" in page.text) == (422, True)
    assert 'value="approve"' not in page.text
    assert keeper.post(f"{DECIDING}/staff/{permit.id}", data={"do": "nothing"}).status_code == 422
    assert keeper.post(f"{DECIDING}/staff/{permit.id}", data={"do": "reject"}).status_code == 303
