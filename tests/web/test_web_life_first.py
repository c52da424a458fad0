"""No limit withholds the danger text, and every refusal says how to get help."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import Request
from starlette.testclient import TestClient

from bot.danger import Danger, danger_text
from bot.records import ConversationId, DeskName, Language, Outcome
from tests.fakes_web import REPLIES, FakeDesk, web_state
from tests.house_kit import BUDGET_QUESTION, SmallHouse, small_house
from tests.running import run
from web.app import create_app
from web.doors import DoorSettings
from web.fitting import web_state as real_state
from web.fitting import worker_pool
from web.lifeline import LINE, MOST_GAPS, Lifeline, Told, beginning, told_in, unheard

EXCHANGES = "/api/v1/public/exchanges"
PART = {"X-Madoguchi-Part": "1"}
IN_DANGER = "助けて、もう死にたいです"
ONE_A_MINUTE = DoorSettings(requests_per_minute=1)
TEXT = REPLIES["危険"].text.splitlines()[0]
HELP = "110（警察）か119（消防・救急）"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def limited(desk: FakeDesk) -> TestClient:
    """A client that has used up its requests."""
    client = TestClient(create_app(web_state(desk, ONE_A_MINUTE)), follow_redirects=False)
    client.post(EXCHANGES, json={"question": "a"})
    client.cookies.clear()
    return client


def full(desk: FakeDesk) -> TestClient:
    """A client before a line without a place."""
    return TestClient(create_app(web_state(desk, DoorSettings(waiting=0))), follow_redirects=False)


@pytest.mark.parametrize("turned_away", [limited, full])
def test_danger_is_answered_where_a_limit_turns_the_question_away(
    desk: FakeDesk, turned_away: Callable[[FakeDesk], TestClient]
) -> None:
    client = turned_away(desk)
    recorded = len(desk.exchanges)
    page = client.post("/", data={"question": IN_DANGER})
    part = client.post("/", data={"question": IN_DANGER}, headers=PART)
    made = client.post(EXCHANGES, json={"question": IN_DANGER, "lang": "en"})
    for response in (page, part):
        assert response.status_code == 200
        assert TEXT in response.text.replace('<a class="call" href="tel:110">110</a>', "110").replace(
            '<a class="call" href="tel:119">119</a>', "119"
        )
        assert "このやり取りは記録されていません" in response.text
    assert made.status_code == 200
    assert (made.json()["outcome"], made.json()["reason"]) == ("escalated", "danger")
    assert (made.json()["exchange"], made.json()["receipt"], made.json()["lang"]) == (None, None, "en")
    assert [told.danger for told in desk.told] == [Danger.SELF_HARM] * 3
    assert len(desk.exchanges) == recorded
    figures = client.get("/metrics").text
    assert 'madoguchi_unrecorded_total{desk="public",outcome="escalated.danger"} 3.0' in figures


@pytest.mark.parametrize("headers", [{}, PART])
def test_danger_in_a_text_that_is_too_long_is_recorded(desk: FakeDesk, headers: dict[str, str]) -> None:
    client = TestClient(create_app(web_state(desk)), follow_redirects=False)
    client.post("/", data={"question": f"{IN_DANGER}危険" + "あ" * 3_000}, headers=headers)
    (exchange,) = desk.exchanges
    assert exchange.reply is REPLIES["危険"]
    assert len(exchange.question.value) == 2_000


def test_danger_in_a_text_that_is_too_long_is_answered_where_the_line_is_full(desk: FakeDesk) -> None:
    made = full(desk).post(EXCHANGES, json={"question": IN_DANGER + "あ" * 3_000}).json()
    assert (made["reason"], made["receipt"]) == ("danger", None)


@pytest.mark.parametrize("turned_away", [limited, full])
def test_other_questions_are_refused_and_told_where_help_is(
    desk: FakeDesk, turned_away: Callable[[FakeDesk], TestClient]
) -> None:
    client = turned_away(desk)
    for response in (
        client.post("/", data={"question": BUDGET_QUESTION}),
        client.post("/", data={"question": BUDGET_QUESTION}, headers=PART),
        client.post(EXCHANGES, json={"question": BUDGET_QUESTION}),
    ):
        assert response.status_code in (429, 503)
        assert HELP in response.text
    assert desk.told == []


def test_every_refusal_says_where_help_is(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk)))
    foreign = {"sec-fetch-site": "cross-site"}
    for response in (
        client.post("/", data={"question": ""}),
        client.post("/", data={"question": ""}, headers=PART),
        client.post("/", data={"question": "a"}, headers=foreign),
        client.post("/", data={"question": "a"}, headers=foreign | PART),
        client.post("/", content=b"a" * 70_000),
        client.post("/", content=b"a" * 70_000, headers=PART),
        client.post(EXCHANGES, json={"question": "あ" * 70_000}),
        client.post(EXCHANGES, json={"question": ["a"]}),
        client.post(EXCHANGES, content=b"{", headers={"content-type": "application/json"}),
        client.get("/nowhere"),
    ):
        assert response.status_code >= 400
        assert HELP in response.text
    assert "110 (police)" in client.post(f"{EXCHANGES}?lang=en", json={"question": ""}).json()["error"]


@pytest.mark.parametrize(
    ("question", "length"), [("あ" * 5_000, 2_000), ("  a\r\nb ", 3), ("\ufdfa" * 5_000, 125), ("", 0), (" \n", 0)]
)
def test_what_is_looked_at_is_bounded_also_unfolded(question: str, length: int) -> None:
    assert len(beginning(question)) == length


def test_looking_takes_time_in_proportion() -> None:
    """Twice the length takes about twice the time: room for a machine that is busy with other things."""

    def cost(text: str) -> float:
        def once() -> float:
            start = time.process_time()
            told_in(text)
            return time.process_time() - start

        return min(once() for _ in range(5))

    for sign in ("1234 5678 9012 3456 ", "死", "a@", "東京都新宿区"):
        short, long = (cost((sign * 2_000)[:length]) for length in (1_000, 2_000))
        assert long < 4 * short + 0.01, sign
        assert long < 0.5, sign


def test_one_client_cannot_have_everything_looked_at(desk: FakeDesk) -> None:
    client = limited(desk)
    statuses = [client.post(EXCHANGES, json={"question": IN_DANGER}).status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 429, 429, 429]  # three windows of one


def test_only_so_many_wait_to_be_looked_at() -> None:
    lifeline = Lifeline(1_000)
    request = Request({"type": "http", "client": ("192.0.2.1", 1), "headers": []})

    async def many() -> list[Told | None]:
        return await asyncio.gather(*(lifeline.told(request, IN_DANGER) for _ in range(LINE + 5)))

    heard = run(many())
    assert [each is not None for each in heard] == [True] * LINE + [False] * 5
    assert run(lifeline.told(request, IN_DANGER)) == Told(Danger.SELF_HARM, Language.JA)


def test_the_real_desk_counts_what_it_could_not_record(tmp_path: Path) -> None:
    small: SmallHouse = small_house(tmp_path, requests_per_minute=1)
    desk = small.house.desks[DeskName.PUBLIC]
    client = TestClient(create_app(real_state(small.house, worker_pool(small.house.settings))))
    client.post(EXCHANGES, json={"question": BUDGET_QUESTION})
    made = client.post(EXCHANGES, json={"question": IN_DANGER}).json()
    assert made["reply"] == danger_text(Danger.SELF_HARM, Language.JA)
    assert len(desk.gaps) == 1
    recorded = small.ask(BUDGET_QUESTION)
    assert recorded.reply.outcome is Outcome.ANSWERED_DOCUMENTS
    assert len(desk.gaps) == 0  # the next exchange wrote them down
    give = unheard(desk)
    for _ in range(MOST_GAPS + 5):
        give(Told(Danger.SELF_HARM, Language.JA), ConversationId("c"), None)
    assert len(desk.gaps) == MOST_GAPS
    small.house.close()
