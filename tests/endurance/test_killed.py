"""Killed without warning at random moments: what left is in the record, and knowledge is the old or the new version."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import pytest

from audit.log import DeskLog
from bot.adapters.clock import SystemClock
from bot.records import DeskName, ExchangeId, Language, MaskedText
from knowledge import snapshots
from knowledge.ingest import ingest
from knowledge.manifests import check
from knowledge.shelf import SnapshotShelf
from tests.endurance.kit import PATIENT, SOAK, Server, amount, mark_prepared, report, serving, start_server
from tests.house_kit import BUDGET_QUESTION, ROOT, SmallHouse, command, command_environment, small_house
from tests.knowledge.notes import other

pytestmark = PATIENT
SERVER_KILLS = amount(2, 50)
QUESTIONS = amount(30, 500)
INGEST_KILLS = amount(2, 50)
CLIENTS = 3
MANY = "100000"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallHouse:
    """A prepared directory to copy."""
    made = small_house(tmp_path_factory.mktemp("killed"))
    mark_prepared(made)
    made.house.close()
    return made


@dataclass(frozen=True)
class Received:
    """What a client holds of an answer that it received whole."""

    exchange: str
    receipt: str
    digest: str


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_a_client_received_is_in_the_record(small: SmallHouse, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(small.data, data)
    chance = random.Random(11)
    held: list[Received] = []
    for kill in range(SERVER_KILLS):
        goal = QUESTIONS * (kill + 1) // SERVER_KILLS + chance.randrange(3)
        server = start_server(data, MADOGUCHI_REQUESTS_PER_MINUTE=MANY)
        fresh = asked_until_killed(server, goal - len(held), chance)
        assert fresh
        held += fresh
        whole(data / DeskName.PUBLIC, fresh)
    with serving(data) as server:
        held += [received for received in [ask(server, "最後の質問")] if received]
    entries = whole(data / DeskName.PUBLIC, held)
    report("killed server", kills=SERVER_KILLS, answers_received=len(held), lost=0, entries=entries)


def asked_until_killed(server: Server, answers: int, chance: random.Random) -> list[Received]:
    """Several clients ask until the server is killed, somewhere within the questions after so many answers."""
    held: list[Received] = []
    over = threading.Event()

    def client(number: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            received = ask(server, f"{BUDGET_QUESTION}（{number}の{count}）")
            if received is None:
                return
            held.append(received)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for each in clients:
        each.start()
    end = time.monotonic() + 120
    while len(held) < answers and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.06))  # about as long as an exchange takes
    server.kill()
    over.set()
    for each in clients:
        each.join(timeout=30)
    return held


def ask(server: Server, question: str) -> Received | None:
    """None where the answer did not arrive whole."""
    request = urllib.request.Request(
        f"{server.address}/api/v1/public/exchanges",
        json.dumps({"question": question}).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answered:
            made = json.load(answered)
    except urllib.error.HTTPError:
        raise
    except (OSError, HTTPException, ValueError):
        return None
    return Received(made["exchange"], made["receipt"]["code"], digest(made["reply"]))


def whole(directory: Path, held: Sequence[Received]) -> int:
    """The log opens, is sound, can be written, and holds every answer; the number of its entries."""
    with closing(sqlite3.connect(directory / "log.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        count = int(database.execute("SELECT count(*) FROM entries").fetchone()[0])
    log = DeskLog(directory, SystemClock())
    assert log.check() == "ready"
    for each in held:
        recorded = log.exchange(ExchangeId(each.exchange))
        assert recorded is not None
        assert recorded.reply is not None
        assert (recorded.receipt, digest(recorded.reply.text)) == (each.receipt, each.digest)
        assert log.by_receipt(each.receipt) == recorded
    log.close()
    return count


def test_a_killed_ingestion_leaves_the_old_version_or_the_new_one(small: SmallHouse, tmp_path: Path) -> None:
    notes = changed_notes(tmp_path / "changed", small.corpus)
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(small.data, undisturbed)
    start = time.monotonic()
    assert command("ingest", str(notes), "--desk", "public", data=undisturbed).returncode == 0
    seconds = time.monotonic() - start
    old, new = snapshots.active(small.data / DeskName.PUBLIC), snapshots.active(undisturbed / DeskName.PUBLIC)
    assert old != new
    chance = random.Random(12)
    found: list[str] = []
    for kill in range(INGEST_KILLS):
        data = tmp_path / f"data-{kill}"
        shutil.copytree(small.data, data)
        desk = data / DeskName.PUBLIC
        if kill % 2:  # at any moment; the first part of a run only loads libraries and changes nothing
            ended = ingest_killed(notes, data, lambda _: True, seconds * chance.uniform(0.3, 1.05))
        else:  # while the new version is built, put in place and activated
            ended = ingest_killed(notes, data, building, chance.uniform(0, 0.6))
        active = snapshots.active(desk)
        assert active in (old, new)
        found.append("ended before" if ended else "old" if active == old else "new")
        check(desk / "snapshots" / str(active))
        searched(small, desk, None if active == old else "水道")
        ingest_again(small, notes, data)
        assert snapshots.active(desk) == new
        check(desk / "snapshots" / str(new))
        assert not list((desk / "snapshots").glob(".building-*"))
        assert {str(each.id) for each in snapshots.listing(desk)} == {str(old), str(new)}
        searched(small, desk, "水道")
        shutil.rmtree(data)
    report(
        "killed ingestion",
        kills=INGEST_KILLS,
        undisturbed_seconds=round(seconds, 1),
        **{f"active_{name.replace(' ', '_')}": found.count(name) for name in sorted(set(found))},
    )


def changed_notes(directory: Path, corpus: Path) -> Path:
    """The small corpus with one note changed and several added."""
    shutil.copytree(corpus, directory)
    budget = directory / "budget.md"
    budget.write_text(budget.read_text("utf-8").replace("140", "150"), "utf-8")
    for number in range(6):
        text = other(
            "river", id=f"water-{number}", title=f"水道の知らせ その{number}", questions=[f"水道の{number}番は？"]
        )
        (directory / f"water-{number}.md").write_text(text, "utf-8")
    return directory


def ingest_again(small: SmallHouse, notes: Path, data: Path) -> None:
    if SOAK:
        again = command("ingest", str(notes), "--desk", "public", data=data)
        assert again.returncode == 0, again.stderr
    else:  # the same work without loading all libraries again
        ingest([notes], DeskName.PUBLIC, data / DeskName.PUBLIC, small.house.embedder, small.house.analyzer)


def building(desk: Path) -> bool:
    return any((desk / "snapshots").glob(".building-*"))


def ingest_killed(notes: Path, data: Path, begun: Callable[[Path], bool], seconds: float) -> bool:
    """Kill so long after the start, or after ``begun``. Whether the process had ended by itself before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "ingest", str(notes), "--desk", "public"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=command_environment(data),
    )
    while process.poll() is None and not begun(data / DeskName.PUBLIC):
        time.sleep(0.002)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    ended = process.poll() is not None
    process.kill()
    process.wait(timeout=30)
    return ended


def searched(small: SmallHouse, desk: Path, added: str | None) -> None:
    """A new reader finds what the active version holds, and nothing of the other."""
    shelf = SnapshotShelf(desk, small.house.embedder, small.house.analyzer)
    texts = "".join(passage.document.title + passage.text for passage in shelf.passages())
    assert ("150事業" in texts, "水道" in texts) == (bool(added), bool(added))
    assert shelf.search(MaskedText("都のAI関連予算"), Language.JA).found[0].passage.id == "budget"
