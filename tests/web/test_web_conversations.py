"""Conversation ids: made by the service alone, told apart from every other text, kept over a restart."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.records import ConversationId, DeskName
from tests.fakes_web import KEY, FakeDesk, web_state
from web.app import create_app
from web.conversations import Conversations, key_of, prepare_key

EXCHANGES = "/api/v1/public/exchanges"
OURS = Conversations(DeskName.PUBLIC, KEY, secure=False)
FOREIGN = Conversations(DeskName.PUBLIC, bytes(32), secure=False).begun()
PRIVATE = "tokyo-taro-090-1234-5678"


def flipped(name: str, place: int) -> str:
    return name[:place] + ("A" if name[place] != "A" else "B") + name[place + 1 :]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def client(desk: FakeDesk) -> TestClient:
    return TestClient(create_app(web_state(desk)), follow_redirects=False)


def test_what_was_made_here_is_known_again() -> None:
    made = OURS.begun()
    assert OURS.named(made) == made
    assert len(made) == 44
    assert made != OURS.begun()


@pytest.mark.parametrize(
    "name",
    [
        None, "", "c" * 22, "c" * 44, PRIVATE, "あ" * 44, "\ud800" * 44, "../x",
        FOREIGN,
    ],
    ids=["none", "empty", "short", "long", "own words", "kana", "surrogates", "path", "another key"],
)  # fmt: skip
def test_nothing_else_is(name: str | None) -> None:
    assert OURS.named(name) is None


def test_no_part_of_an_id_can_be_changed() -> None:
    made = OURS.begun()
    assert not [place for place in range(len(made)) if OURS.named(flipped(made, place))]
    assert OURS.named(made + "=") is None
    assert OURS.named(made[:-1]) is None


@pytest.mark.parametrize("sent", [PRIVATE, "c" * 22, FOREIGN], ids=["own words", "too short", "another key"])
def test_an_id_of_the_client_s_own_begins_a_new_conversation(client: TestClient, desk: FakeDesk, sent: str) -> None:
    made = client.post(EXCHANGES, json={"question": "a", "conversation": sent}).json()
    client.post("/", data={"question": "b"}, headers={"cookie": f"madoguchi_conversation={sent}"})
    client.post("/", data={"question": "c"}, headers={"cookie": f"madoguchi_conversation={sent}"})
    recorded = [exchange.conversation for exchange in desk.exchanges]
    assert len(set(recorded)) == 3
    assert made["conversation"] == recorded[0]
    assert all(OURS.named(each) for each in recorded)
    assert sent not in recorded


def test_an_id_planted_in_a_browser_shows_nothing(client: TestClient, desk: FakeDesk) -> None:
    """An id that nobody made opens nothing, even if a record of it existed."""
    desk.ask("秘密の質問", ConversationId("c" * 22), None)
    assert "秘密の質問" not in client.get("/", headers={"cookie": f"madoguchi_conversation={'c' * 22}"}).text


def test_a_conversation_goes_on_by_the_id_that_was_given(client: TestClient, desk: FakeDesk) -> None:
    first = client.post(EXCHANGES, json={"question": "a"}).json()["conversation"]
    again = client.post(EXCHANGES, json={"question": "b", "conversation": first}).json()["conversation"]
    assert first == again


def test_feedback_with_a_wrong_conversation_is_refused(client: TestClient, desk: FakeDesk) -> None:
    made = client.post(EXCHANGES, json={"question": "a"}).json()
    for sent in (PRIVATE, "", OURS.begun()):
        given = {"useful": True, "conversation": sent}
        assert client.post(f"{EXCHANGES}/{made['exchange']}/feedback", json=given).status_code == 404
    assert desk.given == []


def test_the_plain_cookie_is_not_taken_over_tls(desk: FakeDesk) -> None:
    """A sibling host can plant a cookie without the prefix; with it browsers take it from this host alone."""
    secure = Conversations(DeskName.PUBLIC, KEY, secure=True)
    assert secure.cookie.startswith("__Host-")
    assert OURS.cookie == "madoguchi_conversation"


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    prepare_key(keys)
    assert not keys.exists()  # keys that have gone are restored, not replaced
    keys.mkdir()
    prepare_key(keys)
    (file,) = keys.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = key_of(keys)
    prepare_key(keys)
    assert key_of(keys) == key
    assert len(key) == 32


@pytest.mark.parametrize("content", [None, "", "xyz", "00"])
def test_without_a_usable_key_there_is_one_for_this_run(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "conversations.key").write_text(content)
    assert len(key_of(tmp_path)) == 32
    assert key_of(tmp_path) != key_of(tmp_path)
