"""Web hooks to a real receiver in its own process, which checks signatures and knows keys."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.notifying.hook import HookNotifier, signature
from bot.records import Notice, Way
from tests.bot.notifying.receivers import SECRET, Receiving, aside, cause, certificate, hook_server

BODY = json.dumps({"type": "case.opened", "data": {"case": "9f3a1c"}, "text": "新しい案件"}, ensure_ascii=False)


def notice(receiving: Receiving, key: str = "ntc_1") -> Notice:
    return Notice(key, Way.HOOK, receiving.address, "題", BODY)


def notifier(seconds: float = 5.0) -> HookNotifier:
    return HookNotifier([SECRET], SystemClock(), seconds=seconds)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example that the specification's reference libraries are tested with."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_notice_arrives_signed_under_its_key(tmp_path: Path) -> None:
    with hook_server(tmp_path) as receiving:
        assert cause(notifier(), notice(receiving)) is None
        [got] = receiving.got
    assert (got["what"], got["key"], got["path"]) == ("taken", "ntc_1", "/cases")
    assert json.loads(got["body"]) == json.loads(BODY)
    assert got["headers"]["content-type"] == "application/json"
    told = datetime.fromtimestamp(int(got["headers"]["webhook-timestamp"]), UTC)
    assert abs((datetime.now(UTC) - told).total_seconds()) < 30
    assert "cookie" not in got["headers"]
    assert "authorization" not in got["headers"]


def test_old_and_new_secret_both_sign(tmp_path: Path) -> None:
    with hook_server(tmp_path) as receiving:
        both = HookNotifier([os.urandom(32), SECRET], SystemClock())
        assert cause(both, notice(receiving)) is None
        assert cause(HookNotifier([os.urandom(32)], SystemClock()), notice(receiving, "ntc_2")) == "rejected"
        assert [each["what"] for each in receiving.got] == ["taken", "forged"]


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("no_content", None),
        ("error", "refused"),
        ("unavailable", "refused"),
        ("busy", "refused"),
        ("unknown", "rejected"),
        ("gone", "rejected"),
        ("close_before", "unreachable"),
        ("close_after", "unreachable"),
        ("garbage", "unreachable"),
    ],
)
def test_what_is_answered_has_a_cause(tmp_path: Path, behaviour: str, expected: str | None) -> None:
    with hook_server(tmp_path, behaviour) as receiving:
        assert cause(notifier(), notice(receiving)) == expected


@pytest.mark.parametrize("behaviour", ["redirect", "redirect_kept"])
def test_another_address_is_not_followed(tmp_path: Path, behaviour: str) -> None:
    with hook_server(tmp_path, behaviour) as receiving:
        assert cause(notifier(), notice(receiving)) == "rejected"
        assert receiving.got == []


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_a_receiver_that_takes_its_time_is_cut_off(tmp_path: Path, behaviour: str) -> None:
    with hook_server(tmp_path, behaviour) as receiving:
        begun = time.monotonic()
        assert cause(notifier(1.0), notice(receiving)) == "timeout"
        assert time.monotonic() - begun < 2.5


def test_what_is_answered_beside_the_status_is_not_read(tmp_path: Path) -> None:
    with hook_server(tmp_path, "endless") as receiving:
        begun = time.monotonic()
        assert cause(notifier(), notice(receiving)) is None
        assert time.monotonic() - begun < 2.5


def test_where_nobody_listens_it_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = Notice("ntc_1", Way.HOOK, f"http://127.0.0.1:{port}/", "題", BODY)
    assert cause(notifier(), away) == "unreachable"
    assert cause(notifier(), replace(away, to="https://nowhere.invalid/")) == "unreachable"
    assert cause(notifier(), replace(away, to="https://hook.example.jp/\x00")) == "rejected"


def test_only_a_receiver_that_somebody_vouches_for_is_told(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    with hook_server(tmp_path, **own.options) as receiving:
        told = replace(notice(receiving), to=f"https://127.0.0.1:{receiving.port}/cases")
        assert cause(notifier(), told) == "unreachable"
        assert receiving.got == []
        assert cause(HookNotifier([SECRET], SystemClock(), trust=own.trust()), told) is None
        assert [each["what"] for each in receiving.got] == ["taken"]


def test_no_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    with hook_server(tmp_path) as receiving:
        aside(lambda: notifier().deliver(notice(receiving)))
        assert len(receiving.got) == 1
