"""The programming interface, the operators' doors, the limits and the headers."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from bot.records import DeskName, Language
from tests.fakes_web import FakeContacts, FakeDesk, web_state
from tests.house_kit import BUDGET_QUESTION, small_house
from tests.running import run
from web.app import create_app
from web.doors import DoorSettings
from web.fitting import web_state as real_state
from web.fitting import worker_pool
from web.security import CONTENT_SECURITY_POLICY

EXCHANGES = "/api/v1/public/exchanges"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> TestClient:
    return TestClient(create_app(web_state(desk)), follow_redirects=False)


def test_an_exchange_over_the_interface(client: TestClient, desk: FakeDesk) -> None:
    made = client.post(EXCHANGES, json={"question": "予算は？", "lang": "ja"}).json()
    assert (made["outcome"], made["reason"], made["risk"], made["automation"]) == (
        "answered",
        "documents",
        "low",
        "full",
    )
    assert [cited["number"] for cited in made["citations"]] == [1, 2]
    assert made["citations"][0]["excerpt_kind"] == "summary"
    assert made["receipt"]["code"] == "K7QM-0001-XW3P-9RTD"
    assert not {"log_text", "stages_ms", "elapsed_ms", "rule"} & made.keys()
    client.post(EXCHANGES, json={"question": "つづき", "conversation": made["conversation"]})
    assert {exchange.conversation for exchange in desk.exchanges} == {made["conversation"]}
    feedback = client.post(f"{EXCHANGES}/{made['exchange']}/feedback", json={"useful": True})
    assert feedback.json() == {"accepted": True}
    assert client.post(f"{EXCHANGES}/none/feedback", json={"useful": True}).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": ""}, 422),
        ({"question": "あ" * 2001}, 422),
        ({"question": "a", "more": 1}, 422),
        ({"question": "a", "lang": "xx"}, 422),
        ({}, 422),
        ({"question": "あ" * 70_000}, 413),
    ],
)
def test_every_error_is_one_sentence(client: TestClient, desk: FakeDesk, body: dict[str, object], status: int) -> None:
    response = client.post(EXCHANGES, json=body)
    assert response.status_code == status
    assert response.json().keys() == {"error"}
    assert "ください。 " in response.json()["error"]
    assert "110（警察）か119" in response.json()["error"]
    assert desk.exchanges == []


def test_unreadable_json_and_unknown_addresses(client: TestClient) -> None:
    assert client.post(EXCHANGES, content=b"{", headers={"content-type": "application/json"}).json().keys() == {"error"}
    for method, path in (("GET", EXCHANGES), ("POST", "/api/v1/nothing"), ("POST", "/about")):
        assert client.request(method, path).status_code in (404, 405)
    assert client.get("/api/v1/nothing").json().keys() == {"error"}
    assert "text/html" in client.get("/nothing%0A").headers["content-type"]
    assert client.get("/api/v1/nothing%0A").json().keys() == {"error"}


def test_an_outage_over_the_interface(client: TestClient) -> None:
    response = client.post(EXCHANGES, json={"question": "記録できない"})
    assert response.status_code == 503
    assert (response.json()["outcome"], response.json()["reason"]) == ("failed", "log")
    assert response.json()["receipt"] is None
    assert response.json()["error"]


def test_a_failure_over_the_interface_tells_nothing(client: TestClient, desk: FakeDesk) -> None:
    desk.fails = True
    response = client.post(EXCHANGES, json={"question": "秘密"})
    assert response.status_code == 500
    assert "秘密" not in response.text
    assert response.json().keys() == {"error"}


def test_a_body_without_declared_length_is_cut_off_too(client: TestClient) -> None:
    response = client.post("/", content=(b"question=" + b"a" * 9_000 for _ in range(10)))
    assert response.status_code == 413
    assert "2,000文字以内" in response.text


def test_too_many_requests_say_how_long_to_wait(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(requests_per_minute=2))))
    for _ in range(2):
        assert client.post(EXCHANGES, json={"question": "a"}).status_code == 200
    refused = client.post(EXCHANGES, json={"question": "a"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    page = client.post("/", data={"question": "a"})
    assert page.status_code == 429
    assert "職員に相談" in page.text
    assert "110（警察）" in page.text
    assert len(desk.exchanges) == 2


def test_a_full_line_is_refused_at_once(desk: FakeDesk) -> None:
    desk.delay = 0.5
    client = TestClient(create_app(web_state(desk, DoorSettings(waiting=1, requests_per_minute=100))))
    with client, ThreadPoolExecutor(2) as callers:
        first = callers.submit(client.post, EXCHANGES, json={"question": "a"})
        time.sleep(0.2)
        second = client.post(EXCHANGES, json={"question": "b"})
        assert second.status_code == 503
        assert second.headers["retry-after"] == "5"
        assert first.result().status_code == 200


def test_the_desk_is_called_in_its_pool(client: TestClient, desk: FakeDesk) -> None:
    names: list[str] = []
    asked = desk.source

    def source(passage: str) -> object:
        names.append(threading.current_thread().name)
        return asked(passage)

    state = web_state(desk)
    object.__setattr__(state.public, "source", source)
    TestClient(create_app(state)).get("/sources/opinion-ema")
    assert names[0].startswith("ThreadPoolExecutor")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_forms_of_other_sites_are_refused(client: TestClient, desk: FakeDesk, site: str) -> None:
    for path in ("/", "/feedback", "/forget"):
        assert client.post(path, data={"question": "a"}, headers={"sec-fetch-site": site}).status_code == 403
    assert desk.exchanges == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "https://TESTSERVER"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://testserver.evil.example"}, 403),
        ({"origin": "http://testserver:8080"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": "http://testserver", "sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_a_browser_that_does_not_know_sec_fetch_site_tells_by_its_origin(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/", data={"question": "a"}, headers=headers).status_code == status


def test_pages_that_read_a_conversation_are_counted(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(requests_per_minute=1))), follow_redirects=False)
    for _ in range(10):
        assert client.get("/").status_code == 200  # nothing is read for these
    client.post("/", data={"question": "a"})
    statuses = [client.get("/").status_code for _ in range(7)]
    assert statuses == [200] * 6 + [429]


def test_a_conversation_is_rendered_in_the_pool(desk: FakeDesk) -> None:
    names: list[str] = []

    class Watching(FakeContacts):
        """Every page asks for the contacts while it is rendered."""

        def lines(self, language: Language) -> Sequence[str]:
            names.append(threading.current_thread().name)
            return ()

    state = web_state(desk)
    object.__setattr__(state.public, "contacts", Watching())
    TestClient(create_app(state)).post("/", data={"question": "a"})
    assert names
    assert names[-1].startswith("ThreadPoolExecutor")


def test_feedback_has_an_end(client: TestClient, desk: FakeDesk) -> None:
    made = client.post(EXCHANGES, json={"question": "a"}).json()
    path = f"{EXCHANGES}/{made['exchange']}/feedback"
    statuses = [client.post(path, json={"useful": useful}).status_code for useful in (True, False, True, False)]
    assert statuses == [200, 200, 200, 422]
    assert "すでに記録しています" in client.post(path, json={"useful": True}).json()["error"]
    assert len(desk.given) == 3


def test_the_record_holds_every_feedback_that_was_taken(tmp_path: Path) -> None:
    small = small_house(tmp_path)
    client = TestClient(create_app(real_state(small.house, worker_pool(small.house.settings))))
    made = client.post(EXCHANGES, json={"question": BUDGET_QUESTION}).json()
    path = f"{EXCHANGES}/{made['exchange']}/feedback"
    statuses = [client.post(path, json={"useful": useful}).status_code for useful in (True, False, True, False)]
    assert statuses == [200, 200, 200, 422]
    assert small.house.logs[DeskName.PUBLIC].count(made["exchange"], "feedback") == 3
    assert client.post(f"{EXCHANGES}/none/feedback", json={"useful": True}).status_code == 404
    small.house.close()


def test_the_conversation_cookie(desk: FakeDesk) -> None:
    client = TestClient(create_app(web_state(desk, DoorSettings(secure_cookies=True))), base_url="https://testserver")
    response = client.post("/", data={"question": "a"}, follow_redirects=False)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-madoguchi_conversation=")
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" in cookie
    assert "Max-Age" not in cookie
    assert len(client.cookies["__Host-madoguchi_conversation"]) == 44  # 128 random bits and 128 of the tag
    assert response.headers["strict-transport-security"]
    for name in ("__Host-madoguchi_conversation", "madoguchi_conversation"):
        assert client.get("/", headers={"cookie": f"{name}=<script>"}).status_code == 200


def test_every_response_carries_the_policy(client: TestClient) -> None:
    assert CONTENT_SECURITY_POLICY == POLICY
    for path in ("/", "/nowhere", "/healthz", "/metrics", "/openapi.json", "/static/desk.css", "/static/none.css"):
        response = client.get(path)
        assert response.headers["content-security-policy"] == POLICY
        assert response.headers["x-content-type-options"] == "nosniff"
    assert client.get("/").headers["cache-control"] == "no-store"
    assert "immutable" in client.get("/static/desk.js").headers["cache-control"]
    assert client.get("/static/none.css").headers["cache-control"] == "no-store"


def test_the_operators_doors(client: TestClient, desk: FakeDesk) -> None:
    client.post(EXCHANGES, json={"question": "とても秘密の質問"})
    client.get("/sources/opinion-ema")
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "log": "ok", "index": "ok"}
    figures = client.get("/metrics").text
    assert 'madoguchi_exchanges_total{desk="public",outcome="answered.documents"} 1.0' in figures
    assert 'door="/sources/{passage:path}"' in figures
    assert "秘密" not in figures
    assert "opinion-ema" not in figures
    assert EXCHANGES in client.get("/openapi.json").json()["paths"]
    assert client.get("/docs").status_code == 404


def test_not_ready_says_what_is_wrong(desk: FakeDesk) -> None:
    desk.states = {"log": "ok", "index": "missing"}
    response = TestClient(create_app(web_state(desk))).get("/readyz")
    assert response.status_code == 503
    assert response.json()["index"] == "missing"


def test_half_a_question_is_not_asked(desk: FakeDesk) -> None:
    """A browser that goes away in the middle of a form leaves a question that nobody meant."""
    came: list[object] = []
    messages = iter([{"type": "http.request", "body": b"question=half+a+qu", "more_body": True}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        came.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "",
        "scheme": "http", "http_version": "1.1", "server": ("testserver", 80), "client": ("testclient", 1),
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
    }  # fmt: skip
    run(create_app(web_state(desk))(scope, receive, send))
    assert (came, desk.exchanges) == ([], [])
