"""Notices while receivers fail half the time and the process that sends them is killed: none is lost, and none is
doubled where the other side knows keys.
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.log import DeskLog
from bot.adapters.database import DeskOutbox
from bot.adapters.database.outbox import LEASE
from bot.dispatch import Dispatcher
from bot.records import Notice, Way
from tests.audit.entries import fresh_log
from tests.bot.notifying.receivers import SECRET, Receiving, aside, hook_server, mail_server
from tests.endurance.delivering import QUICK, Ahead, ways
from tests.endurance.kit import PATIENT, amount, report
from tests.house_kit import ROOT
from web.case_storage import prepare_cases

NOTICES = 300
SECONDS = 0.4
KILLS = amount(8, 200)
EACH = 12
HOOK_FAILS = {"take": 50, "error": 16, "busy": 8, "close_before": 10, "close_after": 12, "hang": 4}
MAIL_FAILS = {
    "take": 50,
    "to_later": 8,
    "to_never": 8,
    "data_later": 8,
    "drop": 8,
    "drop_in_data": 7,
    "take_and_drop": 8,
    "hang": 3,
}


@dataclass
class Post:
    """A real desk's outbox, and its receivers."""

    log: DeskLog
    directory: Path
    hook: Receiving
    mail: Receiving

    @property
    def outbox(self) -> DeskOutbox:
        return DeskOutbox(self.log, Ahead())

    def put(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            with self.log.begin() as within:
                self.outbox.put(within, notice)

    def notice(self, number: int, way: Way) -> Notice:
        to = "desk@example.jp" if way is Way.MAIL else self.hook.address
        return Notice(f"ntc_{number:05}", way, to, "題", json.dumps({"type": "case.opened", "number": number}))

    def hooked(self) -> Counter[str]:
        return Counter(each["key"] for each in self.hook.got if each["what"] == "taken")

    def mailed(self) -> Counter[str]:
        return Counter(each["headers"]["message-id"] for each in self.mail.got)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    directory = tmp_path / "public"
    log = fresh_log(directory)
    prepare_cases(directory, log)
    with (
        hook_server(tmp_path, chances=HOOK_FAILS, seed=5) as hook,
        mail_server(tmp_path, chances=MAIL_FAILS, seed=7) as mail,
    ):
        yield Post(log, directory, hook, mail)
    log.close()


@pytest.mark.parametrize("way", [Way.HOOK, Way.MAIL])
def test_each_of_many_notices_arrives_though_half_the_tries_fail(post: Post, way: Way) -> None:
    post.put([post.notice(each, way) for each in range(NOTICES)])
    clock = Ahead()
    dispatcher = Dispatcher(post.outbox, ways(post.mail.port, SECRET, SECONDS), clock, patience=QUICK)
    failed: Counter[tuple[Way, str]] = Counter()

    def deliver() -> None:
        until = time.monotonic() + 240
        while post.outbox.waiting() and time.monotonic() < until:
            delivery = dispatcher.dispatch()
            failed.update(delivery.failed)
            if not delivery.taken:
                time.sleep(0.01)

    aside(deliver)
    assert post.outbox.waiting() == []
    assert sum(failed.values()) > NOTICES / 3
    keys = [f"ntc_{each:05}" for each in range(NOTICES)]
    if way is Way.HOOK:
        assert post.hooked() == Counter(keys)
        assert {each["what"] for each in post.hook.got} <= {"taken", "again", "hanging"}
    else:
        # A server that took a message and went before it said so got it again, under the same Message-ID.
        assert set(post.mailed()) == {f"<{key}@madoguchi.example.jp>" for key in keys}
    report(f"failing {way.value}", notices=NOTICES, failed_tries=sum(failed.values()), lost=0)


@PATIENT
def test_no_notice_is_lost_when_the_process_is_killed(post: Post) -> None:
    chance = random.Random(11)
    for kill in range(KILLS):
        new = range(kill * EACH, (kill + 1) * EACH)
        post.put([post.notice(each, Way.MAIL if each % 3 == 0 else Way.HOOK) for each in new])
        process = begun(post, kill)
        time.sleep(chance.uniform(0, 0.6))
        ended(process, kill=True)
    left = len(post.outbox.waiting())
    assert ended(begun(post, KILLS), kill=False) == 0
    assert post.outbox.waiting() == []
    keys = [f"ntc_{each:05}" for each in range(KILLS * EACH)]
    assert post.hooked() == Counter(key for each, key in enumerate(keys) if each % 3)
    mailed = post.mailed()
    assert set(mailed) == {f"<{key}@madoguchi.example.jp>" for each, key in enumerate(keys) if each % 3 == 0}
    assert left < len(keys), "nothing was delivered before a kill"
    again = sum(each["what"] == "again" for each in post.hook.got)
    mails = {"mails": len(mailed), "mails_delivered_again": mailed.total() - len(mailed)}
    report("killed sender", kills=KILLS, notices=len(keys), lost=0, known_keys_told_again=again, doubled=0, **mails)


def begun(post: Post, run: int) -> subprocess.Popen[str]:
    """The delivering process, at work. Each run is so much later that what the last one had taken is given again."""
    options = {
        "directory": str(post.directory),
        "ahead": run * (LEASE.total_seconds() + 10),
        "mail": post.mail.port,
        "secret": base64.b64encode(SECRET).decode(),
        "seconds": SECONDS,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.endurance.delivering", json.dumps(options)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str], *, kill: bool) -> int:
    """The status of the delivering process, killed or at its own end."""
    if kill:
        process.kill()
    status = process.wait(timeout=300)
    assert process.stdout is not None
    process.stdout.close()
    return status
