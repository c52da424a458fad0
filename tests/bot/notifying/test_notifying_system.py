"""Notices to the service's own log, the real one and the fake one: each entry once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.notifying.system import SystemNotifier
from bot.notices import NOTICE, entry_notice
from bot.ports import NotDelivered, SystemLog
from bot.records import ConversationId
from tests.audit.entries import fresh_log
from tests.fakes_audit import FakeLog

SUBJECT = ConversationId("knowledge")
TOLD = entry_notice("k1", SUBJECT, "note.proposed", {"desk": "public"}, {"text": "本文"})


@pytest.fixture(params=["fake", "real"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SystemLog]:
    if request.param == "fake":
        yield FakeLog()
        return
    real = fresh_log(tmp_path / "system")
    yield real
    real.close()


def test_an_entry_is_appended_once(log: SystemLog) -> None:
    notifier = SystemNotifier(log)
    for _ in range(3):
        notifier.deliver(TOLD)
    notifier.deliver(replace(TOLD, key="k2"))
    found = log.entries(SUBJECT)
    assert [(each.kind, each.meta[NOTICE], each.contents["text"]) for each in found] == [
        ("note.proposed", "k1", "本文"),
        ("note.proposed", "k2", "本文"),
    ]


def test_a_log_that_is_away_is_unreachable() -> None:
    log = FakeLog()
    log.refuse("full")
    with pytest.raises(NotDelivered) as failure:
        SystemNotifier(log).deliver(TOLD)
    assert failure.value.cause == "unreachable"


def test_what_is_no_entry_is_rejected(log: SystemLog) -> None:
    for body in ("", "{}", '{"meta": {"conversation": "other"}, "contents": {}}'):
        with pytest.raises(NotDelivered) as failure:
            SystemNotifier(log).deliver(replace(TOLD, body=body))
        assert failure.value.cause == "rejected"
