"""The thread beside the server: it goes on whatever breaks, and ends when it is told."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from bot.case_entries import Opening, begun
from bot.case_numbers import fresh_number
from bot.cases import Case
from bot.desk import Desk
from bot.notices import entry_notice
from bot.ports import LogUnavailable
from bot.records import ConversationId, DeskName, Notice, Way
from tests.bot.notifying.receivers import SECRET, Receiving, hook_server, mail_server
from tests.endurance.kit import mark_prepared, serving
from tests.fakes_bot import room
from tests.house_kit import SmallHouse, command, small_house
from web.backlog import backlogs, nobody_told, notice_warnings
from web.doctor import examine
from web.fitting import web_state, worker_pool
from web.metrics import Metrics
from web.rounds import Rounds, Step, steps_of

TOLD = """
[public]
mail = ["desk@example.jp"]
hook = ["{hook}"]
watcher = ["watch@example.jp"]
"""


def until(holds: Callable[[], object], seconds: float = 20.0) -> bool:
    """Whether something comes to hold in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def rounds(*steps: Step, tick: float = 0.01) -> Iterator[Rounds]:
    made = Rounds(lambda _: steps, tick)
    made.start()
    yield made
    made.stop()


def test_steps_are_done_again_and_again() -> None:
    done: list[str] = []
    often, seldom = Step("often", lambda: done.append("often"), 0.0), Step("seldom", lambda: done.append("seldom"), 99)
    with rounds(often, seldom):
        assert until(lambda: done.count("often") > 5)
    assert done.count("seldom") == 1


def test_a_fault_is_told_by_kind_and_stops_no_other_step() -> None:
    done: list[int] = []

    def broken() -> None:
        raise RuntimeError("what a person wrote")

    def away() -> None:
        raise LogUnavailable("full")

    structlog.reset_defaults()
    with (
        capture_logs() as lines,
        rounds(Step("a", broken, 0.0), Step("b", away, 0.0), Step("c", lambda: done.append(1), 0.0)),
    ):
        assert until(lambda: len(done) > 3)
    told = [{key: value for key, value in line.items() if key != "log_level"} for line in lines]
    # Each once: what failed waits before it is tried again.
    assert told == [
        {"event": "round_failed", "round": "a", "kind": "RuntimeError"},
        {"event": "round_failed", "round": "b", "kind": "LogUnavailable", "cause": "full"},
    ]


def test_it_stops_within_a_second_even_while_something_hangs() -> None:
    at_work, free = Event(), Event()

    def hanging() -> None:
        at_work.set()
        free.wait(30)

    made = Rounds(lambda _: [Step("hanging", hanging, 0.0)])
    made.start()
    assert at_work.wait(5)
    begun = time.monotonic()
    assert made.stop() is False
    assert time.monotonic() - begun < 1.5
    free.set()


def test_it_stops_at_once_when_nothing_hangs() -> None:
    with rounds(Step("idle", lambda: None, 0.0), tick=60) as made:
        time.sleep(0.05)
        begun = time.monotonic()
        assert made.stop() is True
        assert time.monotonic() - begun < 0.5


def test_nothing_is_at_workafter_the_stop() -> None:
    done: list[int] = []
    made = Rounds(lambda _: [Step("step", lambda: done.append(1), 0.0)], 0.01)
    made._stop.set()
    made.start()
    assert made.stop() is True
    assert done == []


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallHouse, Receiving, Receiving]]:
    """A real house whose public desk tells a mail server and a web hook."""
    directory = tmp_path_factory.mktemp("rounds")
    with hook_server(directory) as hook, mail_server(directory) as mail:
        (directory / "notices.toml").write_text(TOLD.format(hook=hook.address), "utf-8")
        (directory / "secret").write_text(_whsec(), "ascii")
        made = small_house(
            directory,
            notices=directory / "notices.toml",
            smtp=f"smtp://127.0.0.1:{mail.port}",
            smtp_sender="madoguchi@example.jp",
            hook_secret_file=directory / "secret",
        )
        yield made, hook, mail
        made.house.close()


def _whsec() -> str:
    return "whsec_" + base64.b64encode(SECRET).decode() + "\n"


def opened(desk: Desk) -> Case:
    meta = {"kind": "question", "reason": "abstained", "priority": "low", "language": "ja", "due": None}
    opening = Opening(ConversationId("cv_1"), meta, {"question": "人に聞きたいこと"}, fresh_number())
    with desk.queue.work.begin() as within:
        return begun(desk, within, opening).case


def test_a_case_is_told_by_mail_and_hook_and_the_day_to_the_watcher(
    served: tuple[SmallHouse, Receiving, Receiving],
) -> None:
    small, hook, mail = served
    desk = small.house.desks[DeskName.PUBLIC]
    case = opened(desk)
    with desk.queue.work.begin() as within:
        desk.queue.outbox.put(within, entry_notice("k1", ConversationId("knowledge"), "knowledge.flagged", {}))
    made = Rounds(steps_of(small.house))
    made.start()
    assert until(lambda: not desk.queue.outbox.waiting() and len(mail.got) == 2)
    made.stop()
    assert sorted(each["to"][0] for each in mail.got) == ["desk@example.jp", "watch@example.jp"]
    assert [each["what"] for each in hook.got] == ["taken"]
    everything = "".join(each["body"] for each in (*mail.got, *hook.got))
    assert case.id[-6:] in everything
    assert "人に聞きたいこと" not in everything
    assert [each.kind for each in small.house.system.entries(ConversationId("knowledge"))] == ["knowledge.flagged"]


def test_figures_and_warnings(served: tuple[SmallHouse, Receiving, Receiving]) -> None:
    small, _, _ = served
    house = small.house
    desks = [house.desks[DeskName.PUBLIC], house.desks[DeskName.STAFF]]
    public = next(each for each in backlogs(desks) if each.desk == "public")
    assert public.live >= 1
    metrics = Metrics()
    metrics.queues(backlogs(desks))
    told = metrics.text().decode()
    assert f'madoguchi_cases_live{{desk="public"}} {float(public.live)}' in told
    assert 'madoguchi_cases_overdue{desk="staff"} 0.0' in told
    assert 'madoguchi_notices_waiting{desk="public",way="mail"}' in told
    metrics.queues([])
    assert "madoguchi_cases_live{" not in metrics.text().decode()
    assert (nobody_told(desks[0]), nobody_told(desks[1])) == (False, True)
    assert notice_warnings(desks, "demo") == {}
    assert notice_warnings(desks, "production") == {"notices_staff": "nobody is told of cases (MADOGUCHI_NOTICES)"}
    lines = {each.line: each.good for each in examine(house)}
    assert lines["staff: nobody is told of cases (MADOGUCHI_NOTICES)"] is True
    assert "public: nobody is told of cases (MADOGUCHI_NOTICES)" not in lines


def test_a_round_mends_the_search_index_that_the_doctor_names(served: tuple[SmallHouse, Receiving, Receiving]) -> None:
    house = served[0].house
    [indexing] = [step for step in steps_of(house)(lambda: False) if step.name == "public.search_index"]
    indexing.work()
    house.readings[DeskName.PUBLIC].close()
    path = house.settings.data / "public" / "search.sqlite"
    path.write_bytes(b"no database" * 1000)

    def named() -> list[str]:
        return [each.line.partition(";")[0] for each in examine(house) if each.line.startswith("search_")]

    assert named() == ["search_public: corrupt"]
    indexing.work()
    assert named() == []
    assert house.indexes[DeskName.PUBLIC].behind(house.logs[DeskName.PUBLIC]) == 0


def test_a_notice_that_waits_for_long_is_a_warning(tmp_path: Path) -> None:
    made = room()
    with made.log.begin() as within:
        for number in range(3):
            made.outbox.put(within, Notice(f"k{number}", Way.MAIL, "desk@example.jp", "題", "本文"))
        made.outbox.put(within, Notice("gone", Way.MAIL, "gone@example.jp", "題", "本文"))
    assert notice_warnings([made.desk], "production") == {}
    [first, *_] = made.outbox.take(made.log.clock.now(), 1)
    made.outbox.later(first.notice.key, datetime.max.replace(tzinfo=first.since.tzinfo), "refused")
    made.log.clock.time += timedelta(hours=1, minutes=1)
    assert notice_warnings([made.desk], "demo") == {
        "notices_public": "notices wait for more than an hour: 1 by mail (refused), 2 by mail (untried)"
    }
    made.log.refuse("full")
    assert notice_warnings([made.desk], "demo") == {}
    assert backlogs([made.desk]) == []


def test_readyz_names_the_part(served: tuple[SmallHouse, Receiving, Receiving]) -> None:
    small, _, _ = served
    pool = worker_pool(small.house.settings)
    state = web_state(small.house, pool)
    assert not [name for name in state.warnings() if name.startswith("notices")]
    assert {each.desk for each in state.backlogs()} == {"public", "staff"}
    pool.shutdown()


def test_the_command_line_lists_cases_without_a_word_of_them(served: tuple[SmallHouse, Receiving, Receiving]) -> None:
    small, _, _ = served
    case = opened(small.house.desks[DeskName.PUBLIC])
    run = command("cases", "list", "--json", data=small.data)
    assert run.returncode == 0, run.stderr
    rows: Sequence[dict[str, Any]] = json.loads(run.stdout)["cases"]
    [row] = [each for each in rows if each["case"] == case.id]
    assert (row["state"], row["kind"], row["priority"], row["due"], row["overdue"]) == (
        "open",
        "question",
        "low",
        None,
        False,
    )
    assert "人に聞きたい" not in run.stdout
    plain = command("cases", "list", data=small.data)
    assert case.id in plain.stdout
    daily = command("cases", "daily", data=small.data)
    assert daily.stdout.startswith("［都民窓口］日報 ")
    assert json.loads(command("cases", "daily", "--json", data=small.data).stdout)["live"] == len(rows)
    assert command("cases", "list", "--desk", "other", data=small.data).returncode == 2


def test_a_list_of_cases_that_is_not_what_the_log_says_is_told_and_mended(tmp_path: Path) -> None:
    small = small_house(tmp_path)
    mark_prepared(small)
    opened(small.house.desks[DeskName.PUBLIC])
    assert command("cases", "check", data=small.data).returncode == 0
    with closing(sqlite3.connect(small.data / "public" / "log.sqlite")) as database, database:
        database.execute("UPDATE cases SET state = 'closed'")
    told = command("cases", "check", "--json", data=small.data)
    assert (told.returncode, len(json.loads(told.stdout)["differing"])) == (1, 1)
    mended = json.loads(command("cases", "check", "--mend", "--json", data=small.data).stdout)
    assert (len(mended["differing"]), mended["left"]) == (1, [])
    assert command("cases", "check", data=small.data).returncode == 0


def test_a_server_tells_of_cases_and_ends_though_a_receiver_hangs(
    served: tuple[SmallHouse, Receiving, Receiving], tmp_path: Path
) -> None:
    small, _, mail = served
    mark_prepared(small)
    desk = small.house.desks[DeskName.PUBLIC]
    before = len(mail.got)
    with hook_server(tmp_path, "hang") as hook:
        notices, secret = tmp_path / "notices.toml", tmp_path / "secret"
        notices.write_text(TOLD.format(hook=hook.address), "utf-8")
        secret.write_text(_whsec(), "ascii")
        environment = {
            "MADOGUCHI_NOTICES": str(notices),
            "MADOGUCHI_SMTP": f"smtp://127.0.0.1:{mail.port}",
            "MADOGUCHI_SMTP_SENDER": "madoguchi@example.jp",
            "MADOGUCHI_HOOK_SECRET_FILE": str(secret),
        }
        with serving(small.data, **environment) as server:
            with desk.queue.work.begin() as within:
                desk.queue.outbox.put(within, Notice("k-mail", Way.MAIL, "desk@example.jp", "題", "本文"))
                desk.queue.outbox.put(within, Notice("k-hang", Way.HOOK, hook.address, "題", "{}"))
            assert until(lambda: hook.got)
            assert len(mail.got) > before
            begun = time.monotonic()
            server.process.terminate()
            server.process.wait(timeout=10)
            assert time.monotonic() - begun < 4
    waiting = [each.notice.key for each in desk.queue.outbox.waiting()]
    assert ("k-hang" in waiting, "k-mail" in waiting) == (True, False)
    assert "round_failed" not in (small.data.parent / "server.log").read_text("utf-8")
