"""The programming interface for people: the same desk as JSON, numbers in bodies alone, errors of one sentence."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from bot.case_numbers import as_number, fresh_number
from bot.cases import CaseKind
from tests.fakes_web import FakeDesk, web_state
from web.app import create_app

CASES, LOOKUP, EXCHANGES = "/api/v1/public/cases", "/api/v1/public/lookup", "/api/v1/public/exchanges"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> TestClient:
    return TestClient(create_app(web_state(desk)))


def test_a_case_with_its_number_date_and_hours(client: TestClient, desk: FakeDesk) -> None:
    made = client.post(CASES, json={"question": "ひとに聞きたい", "lang": "en"}).json()
    assert as_number(made["case"]) == made["case"] == desk.people.kept[0].number
    assert made["due"] == "2026-11-27T08:00:00Z"
    assert made["hours"]["open_now"] is True
    assert made["hours"]["lines"][0] == "Monday to Friday: 09:00–17:00"
    assert (made["state"], made["danger"]) == ("open", None)
    assert made["spoken"]


def test_an_exchange_becomes_a_case_or_a_correction_request(client: TestClient, desk: FakeDesk) -> None:
    asked = client.post(EXCHANGES, json={"question": "予算は？"}).json()
    assert asked["case"] is None
    once = "0123456789abcdef"
    made = [client.post(CASES, json={"exchange": asked["exchange"], "once": once}).json()["case"] for _ in range(2)]
    assert made[0] == made[1]
    why = client.post(f"{EXCHANGES}/{asked['exchange']}/correction", json={"why": "金額がちがう"})
    assert why.status_code == 200
    assert [each.case.kind for each in desk.people.kept] == [CaseKind.QUESTION, CaseKind.CORRECTION]


def test_a_requests_name_alone_never_gives_out_somebodys_number(client: TestClient, desk: FakeDesk) -> None:
    sent = {"question": "a", "once": "0123456789abcdef"}
    first, second = (client.post(CASES, json=sent).json()["case"] for _ in range(2))
    assert first != second


def test_look_up_by_number_and_by_receipt(client: TestClient, desk: FakeDesk) -> None:
    asked = client.post(EXCHANGES, json={"question": "予算は？"}).json()
    number = client.post(CASES, json={"exchange": asked["exchange"]}).json()["case"]
    desk.people.responder_answers(desk.people.kept[0], "職員の返事です")
    case = client.post(LOOKUP, json={"case": number.lower()}).json()
    assert (case["state"], case["reply"]) == ("answered", "職員の返事です")
    assert case["messages"][0]["made"] == "own"
    assert case["receipt_code"] == asked["receipt"]["code"]
    exchange = client.post(LOOKUP, json={"receipt": asked["receipt"]["code"]}).json()
    assert exchange["question"] == "予算は？"
    assert exchange["outcome"] == "answered.documents"
    assert exchange["receipt"]["leaf"] == "ab" * 32
    assert exchange["citations"]


def test_a_receipt_is_no_case_and_neither_is_anything_else(client: TestClient, desk: FakeDesk) -> None:
    asked = client.post(EXCHANGES, json={"question": "予算は？"}).json()
    number = client.post(CASES, json={"question": "a"}).json()["case"]
    wrong = [
        {"case": asked["receipt"]["code"]},
        {"receipt": number},
        {"case": fresh_number()},
        {"case": "x"},
        {},
    ]
    answers = [client.post(LOOKUP, json=body) for body in wrong]
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers}) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": " "}, 422),
        ({"question": "あ" * 2_001}, 422),
        ({"question": "a", "contact": "03-0000-0000"}, 422),
        ({"question": "a", "exchange": "none"}, 422),
        ({"question": "a", "kind": "nothing"}, 422),
        ({"question": "a", "conversation": "not one of ours"}, 404),
        ({"question": "a", "once": "short"}, 422),
        ({"question": "a", "more": 1}, 422),
    ],
)
def test_what_is_wrong_is_one_sentence(
    client: TestClient, desk: FakeDesk, body: dict[str, object], status: int
) -> None:
    response = client.post(CASES, json=body)
    assert response.status_code == status
    assert set(response.json()) == {"error"}
    assert desk.people.kept == []


def test_danger_is_said_first(client: TestClient, desk: FakeDesk) -> None:
    made = client.post(CASES, json={"question": "危険です"}).json()
    assert next(iter(made)) == "danger"
    assert "110" in made["danger"]
    assert made["due"] is None
    desk.people.broken = True
    refused = client.post(CASES, json={"question": "もう死にたい"})
    assert refused.status_code == 503
    assert refused.json()["error"].startswith("いますぐ110")


def test_the_description_names_every_member(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    for path in (CASES, LOOKUP, f"{EXCHANGES}/{{exchange_id}}/correction"):
        operation = described["paths"][path]["post"]
        assert {"200", "404", "422", "429", "503"} <= set(operation["responses"])
    assert set(described["components"]["schemas"]["CaseOut"]["required"]) >= {"case", "due", "hours"}
