"""The real house over a real directory, from which things are really taken away while people go on asking."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import uvicorn

from audit import engines
from audit.log import DeskLog
from audit.prepare import KEYS
from audit.prepare import prepare as prepare_log
from audit.sqlite import connect
from bot.adapters.clock import SystemClock
from bot.records import ConversationId, DeskName, Entry, ExchangeId, Outcome
from knowledge import snapshots
from knowledge.ingest import ingest
from tests.house_kit import (
    BUDGET_ANSWER,
    BUDGET_QUESTION,
    FLOODGATE_ANSWER,
    FLOODGATE_QUESTION,
    ROOT,
    SmallHouse,
    command_environment,
    small_house,
)
from web.app import create_app
from web.assembly import build, ready
from web.conversations import Conversations, key_of, prepare_key
from web.fitting import web_state
from web.settings import Settings

DANGER = "助けて、もう死にたいです"


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared directory to copy for each test."""
    made = small_house(tmp_path_factory.mktemp("pattern"))
    made.house.close()
    return made.data


@pytest.fixture
def small(pattern: Path, tmp_path: Path) -> Iterator[SmallHouse]:
    shutil.copytree(pattern, tmp_path / "data")
    shutil.copytree(pattern.parent / "corpus", tmp_path / "corpus")
    made = SmallHouse(build(Settings(data=tmp_path / "data")), tmp_path / "data", tmp_path / "corpus")
    yield made
    made.house.close()


def public(small: SmallHouse) -> Path:
    return small.data / DeskName.PUBLIC


def active_snapshot(small: SmallHouse) -> Path:
    directory = public(small) / "snapshots"
    return directory / str(snapshots.active(public(small)))


def answers(small: SmallHouse) -> None:
    given = small.ask(BUDGET_QUESTION)
    assert given.reply.outcome is Outcome.ANSWERED_DOCUMENTS
    assert BUDGET_ANSWER in given.reply.text
    assert given.receipt is not None


def says_outage(small: SmallHouse) -> None:
    """The notice and nothing of an answer; danger is answered all the same."""
    given = small.ask(BUDGET_QUESTION)
    assert given.reply.outcome is Outcome.FAILED_LOG
    assert BUDGET_ANSWER not in given.reply.text
    assert (given.receipt, given.reply.citations) == (None, ())
    assert small.ask(DANGER).reply.outcome is Outcome.ESCALATED_DANGER


def says_no_index(small: SmallHouse, cause: str) -> None:
    """Recorded, with its cause; the state of the service says the same."""
    given = small.ask(BUDGET_QUESTION)
    assert given.reply.outcome is Outcome.FAILED_INDEX
    assert BUDGET_ANSWER not in given.reply.text
    assert given.receipt is not None
    log = small.house.logs[DeskName.PUBLIC]
    assert f'"fault":"{cause}"' in log.text(ExchangeId(str(given.exchange))).replace(" ", "")
    assert ready(small.house)["index_public"] == cause
    assert small.ask(DANGER).reply.outcome is Outcome.ESCALATED_DANGER


def test_the_house_stands(small: SmallHouse) -> None:
    answers(small)
    assert FLOODGATE_ANSWER in small.ask(FLOODGATE_QUESTION).reply.text
    assert set(ready(small.house).values()) == {"ok"}


def test_every_file_of_rules_is_stamped(small: SmallHouse) -> None:
    names = {stamp.name for stamp in small.ask(BUDGET_QUESTION).stamps}
    assert names >= {
        "masking",
        "danger",
        "cues",
        "words",
        "glossary",
        "spelling",
        "gate",
        "triage",
        "automation",
        "reply",
        "knowledge",
    }
    assert names >= {"retrieval", small.house.embedder.stamp.name}


def truncate_vectors(small: SmallHouse) -> None:
    for file in (active_snapshot(small) / "vectors").rglob("*"):
        if file.is_file() and file.stat().st_size > 4096:
            os.truncate(file, 4096)


def alter_passages(small: SmallHouse) -> None:
    file = active_snapshot(small) / "passages.json"
    file.write_text(file.read_text("utf-8").replace("181", "999"), "utf-8")


def swap_in_rubbish(small: SmallHouse) -> None:
    (active_snapshot(small) / "manifest.json").write_bytes(os.urandom(500))


TAKEN: list[tuple[str, Callable[[SmallHouse], object], str]] = [
    ("snapshot", lambda small: shutil.rmtree(active_snapshot(small)), "missing"),
    ("all snapshots", lambda small: shutil.rmtree(public(small) / "snapshots"), "missing"),
    ("pointer", lambda small: (public(small) / "snapshots" / "active").unlink(), "missing"),
    ("pointer to nowhere", lambda small: (public(small) / "snapshots" / "active").write_text("0" * 20), "missing"),
    ("vectors", lambda small: shutil.rmtree(active_snapshot(small) / "vectors"), "corrupt"),
    ("vectors cut short", truncate_vectors, "corrupt"),
    ("passages altered", alter_passages, "corrupt"),
    ("passages gone", lambda small: (active_snapshot(small) / "passages.json").unlink(), "corrupt"),
    ("manifest rubbish", swap_in_rubbish, "corrupt"),
    ("words gone", lambda small: shutil.rmtree(active_snapshot(small) / "words"), "corrupt"),
]


@pytest.mark.parametrize(("take", "cause"), [each[1:] for each in TAKEN], ids=[each[0] for each in TAKEN])
def test_an_index_taken_away_and_put_back(
    small: SmallHouse, take: Callable[[SmallHouse], object], cause: str, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(public(small) / "snapshots", kept)
    take(small)
    says_no_index(small, cause)
    shutil.rmtree(public(small) / "snapshots", ignore_errors=True)
    shutil.copytree(kept, public(small) / "snapshots")
    answers(small)
    assert ready(small.house)["index_public"] == "ok"


@pytest.mark.parametrize("name", ["snapshot", "all snapshots", "pointer"])
def test_an_index_that_goes_while_it_is_in_use(small: SmallHouse, name: str) -> None:
    answers(small)
    {each[0]: each[1] for each in TAKEN}[name](small)
    says_no_index(small, "missing")


def test_a_lost_index_is_mended_by_ingesting_again(small: SmallHouse) -> None:
    shutil.rmtree(public(small) / "snapshots")
    says_no_index(small, "missing")
    ingest([small.corpus], DeskName.PUBLIC, public(small), small.house.embedder, small.house.analyzer)
    answers(small)


def test_one_desk_s_loss_is_not_the_other_s(small: SmallHouse) -> None:
    shutil.rmtree(public(small))
    given = small.ask(BUDGET_QUESTION, desk=DeskName.STAFF)
    assert given.reply.outcome is Outcome.ANSWERED_DOCUMENTS
    says_outage(small)


@contextmanager
def aside(*files: Path) -> Iterator[None]:
    """Files really moved away, and back at the end."""
    moved = [(file, file.with_name("aside-" + file.name)) for file in files if file.exists()]
    for file, away in moved:
        file.rename(away)
    yield
    for file, away in moved:
        if file.is_dir() and away.is_file():
            file.rmdir()
        away.rename(file)


def database(small: SmallHouse) -> list[Path]:
    return [public(small) / f"log.sqlite{end}" for end in ("", "-wal", "-shm")]


def recovered(small: SmallHouse) -> None:
    """Answers again, and what was said meanwhile is written down."""
    answers(small)
    assert len(small.house.desks[DeskName.PUBLIC].gaps) == 0


def test_a_log_that_is_gone(small: SmallHouse) -> None:
    answers(small)
    small.house.close()
    with aside(*database(small)):
        says_outage(small)
        assert ready(small.house)["log_public"] == "missing"
    recovered(small)


def test_a_log_that_goes_while_it_is_in_use(small: SmallHouse) -> None:
    answers(small)
    with aside(*database(small)):
        says_outage(small)
    recovered(small)


def test_a_directory_in_place_of_the_log(small: SmallHouse) -> None:
    with aside(*database(small)):
        (public(small) / "log.sqlite").mkdir()
        says_outage(small)
    recovered(small)


@pytest.mark.parametrize("name", ["signing.pem", "master.key", "subjects.sqlite"])
def test_a_key_that_is_gone(small: SmallHouse, name: str) -> None:
    with aside(public(small) / "keys" / name):
        says_outage(small)
    recovered(small)


def test_a_log_that_takes_no_more(small: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(small)
    small.house.close()

    def bounded(path: Path, busy_seconds: float) -> object:
        connection = connect(path, busy_seconds)
        connection.execute("PRAGMA query_only = ON")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(engines, "connect", bounded)
        says_outage(small)
        assert ready(small.house)["log_public"] == "read_only"
    small.house.close()
    recovered(small)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount_point = tmp_path / "disk"
    mount_point.mkdir()
    allowed = shutil.which("mount") and os.geteuid() == 0
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(mount_point)]
    if not allowed or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk is not allowed here")
    yield mount_point
    subprocess.run(["umount", "--lazy", str(mount_point)], check=True)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


def test_a_disk_that_fills_and_is_relieved(small: SmallHouse, small_disk: Path) -> None:
    small.house.close()
    shutil.copytree(small.data, small_disk / "data")
    held = SmallHouse(build(Settings(data=small_disk / "data")), small_disk / "data", small.corpus)
    first = held.ask(BUDGET_QUESTION)
    assert first.receipt is not None
    with pytest.raises(OSError, match="space"):
        fill(small_disk / "ballast")
    outcomes = [held.ask(f"{BUDGET_QUESTION}（{number}）").reply.outcome for number in range(150)]
    assert outcomes[-1] is Outcome.FAILED_LOG
    assert set(outcomes) <= {Outcome.FAILED_LOG, Outcome.ANSWERED_DOCUMENTS}
    assert held.ask(DANGER).reply.outcome is Outcome.ESCALATED_DANGER
    (small_disk / "ballast").unlink()
    recovered(held)
    assert held.house.logs[DeskName.PUBLIC].by_receipt(first.receipt.code) is not None
    held.house.close()


def test_what_was_said_unrecorded_is_a_gap_in_the_real_log(small: SmallHouse) -> None:
    with aside(*database(small)):
        says_outage(small)
    given = small.ask(BUDGET_QUESTION, "c-gap")
    assert given.receipt is not None
    log = small.house.logs[DeskName.PUBLIC]
    # A gap belongs to no exchange, so it is looked for among the entries themselves.
    with closing(sqlite3.connect(public(small) / "log.sqlite")) as connection:
        kinds = [row[0] for row in connection.execute("SELECT kind FROM entries ORDER BY sequence")]
    assert kinds == ["exchange.opened", "gap", "exchange.closed"]
    assert log.exchange(ExchangeId(str(given.exchange))) is not None


def test_nothing_printed_is_lost_when_a_process_is_killed(small: SmallHouse) -> None:
    small.house.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.answering", str(small.data)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=command_environment(small.data),
    )
    assert process.stdout is not None
    printed = [process.stdout.readline() for _ in range(15)]
    os.kill(process.pid, signal.SIGKILL)
    printed += process.stdout.readlines()
    process.stdout.close()
    process.wait(timeout=30)
    log = DeskLog(public(small), SystemClock())
    whole = [line.split() for line in printed if line.endswith("\n")]
    assert len(whole) >= 15
    for exchange, code, outcome in whole:
        recorded = log.exchange(ExchangeId(exchange))
        assert recorded is not None
        assert recorded.reply is not None
        assert (recorded.receipt, recorded.reply.outcome.value) == (code, outcome)
        assert log.by_receipt(code) == recorded
    log.append(Entry("note", ConversationId("c"), {}))
    log.close()


def test_a_killed_ingestion_leaves_the_old_version_answering(small: SmallHouse) -> None:
    before = snapshots.active(public(small))
    (public(small) / "snapshots" / ".building-killed").mkdir()
    (public(small) / "snapshots" / ".building-killed" / "passages.json").write_text("[")
    answers(small)
    ingest([small.corpus], DeskName.PUBLIC, public(small), small.house.embedder, small.house.analyzer)
    assert snapshots.active(public(small)) == before


@contextmanager
def serving(small: SmallHouse) -> Iterator[int]:
    """A real server on a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
        pool = ThreadPoolExecutor(2)
        config = uvicorn.Config(create_app(web_state(small.house, pool)), log_level="error", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        yield port
        server.should_exit = True
        thread.join(timeout=30)
        pool.shutdown()


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


def test_a_closed_browser_does_not_lose_the_record(small: SmallHouse) -> None:
    prepare_key(public(small) / KEYS)
    conversation = Conversations(DeskName.PUBLIC, key_of(public(small) / KEYS), secure=False).begun()
    body = json.dumps({"question": BUDGET_QUESTION, "conversation": conversation}).encode()
    head = (
        "POST /api/v1/public/exchanges HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    log = small.house.logs[DeskName.PUBLIC]
    with serving(small) as port:
        with socket.create_connection(("127.0.0.1", port)) as browser:
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close means reset
            browser.sendall(head.encode() + body)
            until(lambda: log.conversation(conversation))
        until(lambda: log.conversation(conversation)[0].closed)
    (recorded,) = log.conversation(conversation)
    assert recorded.reply is not None
    assert recorded.reply.outcome is Outcome.ANSWERED_DOCUMENTS
    assert recorded.receipt is not None


def test_preparing_a_log_again_keeps_what_is_in_it(small: SmallHouse) -> None:
    given = small.ask(BUDGET_QUESTION)
    prepare_log(public(small), "example.org/another", SystemClock())
    again = small.reopened()
    assert given.receipt is not None
    assert again.house.logs[DeskName.PUBLIC].by_receipt(given.receipt.code) is not None
    again.house.close()
