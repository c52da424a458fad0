"""Mail to a real server in its own process, which takes it, refuses it, drops it or says nothing."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.notifying.mail import MailNotifier, MailServer
from bot.records import Notice, Way
from tests.bot.notifying.receivers import Certificate, Receiving, cause, certificate, mail_server

NOTICE = Notice(
    "ntc_0123456789abcdef",
    Way.MAIL,
    "desk@example.jp",
    "［都民窓口］新しい案件が届きました（9f3a1c、優先度高）",
    "新しい案件が届きました（都民窓口）。\n.\n..二つの点で始まる行\nA new case has come\n",
)
SERVER = MailServer("127.0.0.1", 0, "plain", "madoguchi@example.jp", "madoguchi.example.jp")
SIGNED_IN = {"user": "madoguchi", "password": "pass word"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


def to(receiving: Receiving, own: Certificate | None = None, seconds: float = 5.0, **changes: object) -> MailNotifier:
    server = replace(SERVER, port=receiving.port, **changes)  # type: ignore[arg-type]
    return MailNotifier(server, SystemClock(), trust=own.trust() if own else None, seconds=seconds)


def test_a_message_arrives_whole(tmp_path: Path) -> None:
    with mail_server(tmp_path) as receiving:
        assert cause(to(receiving), NOTICE) is None
        [got] = receiving.got
    assert (got["from"], got["to"]) == ("madoguchi@example.jp", ["desk@example.jp"])
    assert got["body"].replace("\r\n", "\n") == NOTICE.body
    assert got["headers"]["subject"] == NOTICE.subject
    assert got["headers"]["message-id"] == "<ntc_0123456789abcdef@madoguchi.example.jp>"
    assert got["headers"]["auto-submitted"] == "auto-generated"
    assert got["headers"]["to"] == "desk@example.jp"
    assert "date" in got["headers"]
    assert got["ascii"]


def test_the_message_id_is_the_same_each_time(tmp_path: Path) -> None:
    with mail_server(tmp_path, "take_and_drop", "take") as receiving:
        assert cause(to(receiving), NOTICE) == "unreachable"
        assert cause(to(receiving), NOTICE) is None
        assert len({each["headers"]["message-id"] for each in receiving.got}) == 1


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("sender_later", "refused"),
        ("sender_never", "rejected"),
        ("to_later", "refused"),
        ("to_never", "rejected"),
        ("data_later", "refused"),
        ("data_never", "rejected"),
        ("busy", "refused"),
        ("never", "rejected"),
        ("garbage", "refused"),
        ("drop", "unreachable"),
        ("drop_in_data", "unreachable"),
    ],
)
def test_what_goes_wrong_has_a_cause(tmp_path: Path, behaviour: str, expected: str) -> None:
    with mail_server(tmp_path, behaviour) as receiving:
        assert cause(to(receiving), NOTICE) == expected
        assert receiving.got == []


@pytest.mark.parametrize("behaviour", ["hang", "silent", "drip"])
def test_a_server_that_takes_its_time_is_cut_off(tmp_path: Path, behaviour: str) -> None:
    with mail_server(tmp_path, behaviour) as receiving:
        begun = time.monotonic()
        assert cause(to(receiving, seconds=1.0), NOTICE) == "timeout"
        assert time.monotonic() - begun < 2.5


def test_where_nobody_listens_it_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    notifier = MailNotifier(replace(SERVER, port=port), SystemClock())
    assert cause(notifier, NOTICE) == "unreachable"
    assert cause(MailNotifier(replace(SERVER, host="nowhere.invalid", port=25), SystemClock()), NOTICE) == "unreachable"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_encrypted_session_signs_in(tmp_path: Path, own: Certificate, security: str) -> None:
    with mail_server(tmp_path, security=security, **own.options, **SIGNED_IN) as receiving:
        assert cause(to(receiving, own, security=security, **SIGNED_IN), NOTICE) is None
        [got] = receiving.got
    assert (got["encrypted"], got["signed_in"]) == (True, True)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_wrong_password_is_refused(tmp_path: Path, own: Certificate, security: str) -> None:
    with mail_server(tmp_path, security=security, **own.options, **SIGNED_IN) as receiving:
        wrong = to(receiving, own, security=security, user="madoguchi", password="wrong")
        assert cause(wrong, NOTICE) == "refused"
        assert cause(to(receiving, own, security=security), NOTICE) in {"refused", "rejected"}
        assert receiving.got == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path, own: Certificate, security: str) -> None:
    with mail_server(tmp_path, security=security, **own.options, **SIGNED_IN) as receiving:
        assert cause(to(receiving, security=security, **SIGNED_IN), NOTICE) == "refused"
        elsewhere = to(receiving, own, security=security, host="localhost.localdomain", **SIGNED_IN)
        assert cause(elsewhere, NOTICE) in {"refused", "unreachable"}
        assert receiving.got == []


def test_a_server_that_cannot_encrypt_gets_nothing(tmp_path: Path, own: Certificate) -> None:
    with mail_server(tmp_path) as receiving:
        assert cause(to(receiving, own, security="starttls"), NOTICE) == "refused"
        assert receiving.got == []


def test_a_server_that_will_not_encrypt_gets_nothing(tmp_path: Path, own: Certificate) -> None:
    with mail_server(tmp_path, "no_encryption", security="starttls", **own.options) as receiving:
        assert cause(to(receiving, own, security="starttls"), NOTICE) == "refused"
        assert receiving.got == []


def test_a_server_without_sign_in_is_refused(tmp_path: Path, own: Certificate) -> None:
    with mail_server(tmp_path, security="tls", **own.options) as receiving:
        assert cause(to(receiving, own, security="tls", **SIGNED_IN), NOTICE) == "refused"
        assert receiving.got == []


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "desk@example.jp\r\nBcc: all@example.jp"},
        {"to": "desk@example.jp\nX-Injected: yes"},
        {"subject": "題\r\nBcc: all@example.jp\r\n\r\n本文"},
        {"subject": "題\nX-Injected: yes"},
        {"key": "k\r\nX-Injected: yes"},
    ],
)
def test_a_line_break_makes_no_header(tmp_path: Path, changes: dict[str, str]) -> None:
    with mail_server(tmp_path) as receiving:
        assert cause(to(receiving), replace(NOTICE, **changes)) == "rejected"  # type: ignore[arg-type]
        assert receiving.got == []


def test_the_password_is_in_no_representation() -> None:
    assert "pass word" not in repr(replace(SERVER, user="madoguchi", password="pass word"))
