"""Who is told of cases: what an operator may write, and what stops the start with one line."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.clock import SystemClock
from bot.notices import Recipients
from bot.ports import Notifier
from bot.records import DeskName, Way
from tests.fakes_audit import FakeLog
from tests.house_kit import command
from web.notices import BadNotices, recipients_of, ways_of
from web.settings import Settings

NOTICES = """
[public]
mail = ["ai@city.example.jp", "madoguchi@city.example.jp", "ai@city.example.jp"]
hook = ["https://chat.example.jp/hooks/abc?x=1", "http://127.0.0.1:9000/in"]
watcher = ["boss@city.example.jp", "https://chat.example.jp/hooks/daily"]

[staff]
mail = ["help@city.example.jp"]
"""
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    """Settings with everything that notices may have."""
    (tmp_path / "notices.toml").write_text(NOTICES, "utf-8")
    (tmp_path / "password").write_text("pass word\n", "utf-8")
    (tmp_path / "secrets").write_text(f"{SECRET}\n\n{SECRET}\n", "utf-8")
    return {
        "notices": tmp_path / "notices.toml",
        "smtp": "smtp+starttls://mail.example.jp:587",
        "smtp_sender": "madoguchi@city.example.jp",
        "smtp_user": "madoguchi",
        "smtp_password_file": tmp_path / "password",
        "hook_secret_file": tmp_path / "secrets",
        "secure": True,
        "origin": "madoguchi.city.example.jp",
    }


def ways(**settings: Any) -> dict[Way, Notifier]:
    return dict(ways_of(Settings(**settings), FakeLog(), SystemClock()))


def test_everyone_is_told_once(files: dict[str, Any]) -> None:
    assert recipients_of(DeskName.PUBLIC, Settings(**files)) == Recipients(
        DeskName.PUBLIC,
        ("ai@city.example.jp", "madoguchi@city.example.jp"),
        ("https://chat.example.jp/hooks/abc?x=1", "http://127.0.0.1:9000/in"),
        ("boss@city.example.jp", "https://chat.example.jp/hooks/daily"),
        "https://madoguchi.city.example.jp/responder/public",
    )
    staff = recipients_of(DeskName.STAFF, Settings(**files))
    assert (staff.mail, staff.hook, staff.watcher) == (("help@city.example.jp",), (), ())
    assert set(ways(**files)) == set(Way)


def test_without_a_file_nobody_is_told() -> None:
    told = recipients_of(DeskName.PUBLIC, Settings())
    assert (told.mail, told.hook, told.watcher) == ((), (), ())
    assert told.console == "http://127.0.0.1:8000/responder/public"
    assert set(ways()) == {Way.SYSTEM}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[public", "not TOML"),
        ("[other]\n", "no desk other"),
        ("public = 3\n", "must be a table"),
        ('[public]\nmails = ["a@b.jp"]\n', "not mails"),
        ('[public]\nmail = "a@b.jp"\n', "mail must be a list"),
        ("[public]\nmail = [3]\n", "mail must be a list"),
        ('[public]\nmail = [""]\n', "mail must be a list"),
        ('[public]\nmail = ["a@b.jp\\nBcc: c@d.jp"]\n', "mail must be a list"),
        ('[public]\nmail = ["窓口@b.jp"]\n', "mail must be a list"),
        ('[public]\nmail = ["AI <a@b.jp>"]\n', "mail must be a list"),
        ('[public]\nmail = ["a@b.jp, c@d.jp"]\n', "mail must be a list"),
        ('[public]\nmail = ["https://example.jp"]\n', "mail must be a list"),
        ('[public]\nhook = ["http://example.jp/in"]\n', "hook must be a list"),
        ('[public]\nhook = ["ftp://example.jp/in"]\n', "hook must be a list"),
        ('[public]\nhook = ["https://user:secret@example.jp/in"]\n', "hook must be a list"),
        ('[public]\nhook = ["https://example.jp/in#part"]\n', "hook must be a list"),
        ('[public]\nhook = ["https://example.jp:port/in"]\n', "hook must be a list"),
        ('[public]\nhook = ["https:///in"]\n', "hook must be a list"),
        ('[public]\nhook = ["https://example.jp/ in"]\n', "hook must be a list"),
        ('[public]\nhook = ["https://exa\\rmple.jp/in"]\n', "hook must be a list"),
        ('[public]\nhook = ["a@b.jp"]\n', "hook must be a list"),
        ('[public]\nwatcher = ["nobody"]\n', "watcher must be a list"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(files: dict[str, Any], text: str, said: str) -> None:
    files["notices"].write_text(text, "utf-8")
    with pytest.raises(BadNotices) as bad:
        recipients_of(DeskName.PUBLIC, Settings(**files))
    assert said in str(bad.value)
    assert "\n" not in str(bad.value)
    for told in ("secret@", "c@d.jp", "nobody"):
        assert told not in str(bad.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"notices": Path("nowhere.toml")}, "MADOGUCHI_NOTICES"),
        ({"smtp": None}, "MADOGUCHI_SMTP is needed"),
        ({"hook_secret_file": None}, "MADOGUCHI_HOOK_SECRET_FILE is needed"),
    ],
)
def test_recipients_need_a_way(files: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadNotices, match=said):
        recipients_of(DeskName.PUBLIC, Settings(**{**files, **changes}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"smtp": "mail.example.jp:587"}, "MADOGUCHI_SMTP must be"),
        ({"smtp": "smtp+starttls://mail.example.jp"}, "MADOGUCHI_SMTP must be"),
        ({"smtp": "https://mail.example.jp:587"}, "MADOGUCHI_SMTP must be"),
        ({"smtp": "smtps://me:secret@mail.example.jp:465"}, "MADOGUCHI_SMTP must be"),
        ({"smtp": "smtps://mail.example.jp:465/path"}, "MADOGUCHI_SMTP must be"),
        ({"smtp": "smtps://mail.example.jp:many"}, "MADOGUCHI_SMTP must be"),
        ({"smtp_sender": None}, "MADOGUCHI_SMTP_SENDER"),
        ({"smtp_sender": "AI <a@b.jp>"}, "MADOGUCHI_SMTP_SENDER"),
        ({"smtp_user": None}, "together"),
        ({"smtp_password_file": None}, "together"),
        ({"smtp_password_file": Path("nowhere")}, "MADOGUCHI_SMTP_PASSWORD_FILE"),
        ({"smtp": "smtp://mail.example.jp:25"}, "a password is sent over"),
        ({"hook_secret_file": Path("nowhere")}, "MADOGUCHI_HOOK_SECRET_FILE"),
    ],
)
def test_a_way_that_cannot_be_used_is_one_line(files: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadNotices, match=said) as bad:
        ways(**{**files, **changes})
    assert "secret@" not in str(bad.value)


@pytest.mark.parametrize("text", ["", "パスワード\n", "two\nlines\n"])
def test_a_password_is_one_line_of_ascii(files: dict[str, Any], text: str) -> None:
    files["smtp_password_file"].write_text(text, "utf-8")
    with pytest.raises(BadNotices, match="one line"):
        ways(**files)


@pytest.mark.parametrize(
    "text", ["", "\n", SECRET.removeprefix("whsec_"), "whsec_???", "whsec_" + "QQ" * 4, SECRET + "\nwhsec_short"]
)
def test_a_secret_is_a_long_random_value(files: dict[str, Any], text: str) -> None:
    files["hook_secret_file"].write_text(text, "utf-8")
    with pytest.raises(BadNotices, match="whsec_") as bad:
        ways(**files)
    assert text.strip() not in str(bad.value) or not text.strip()


def test_a_relay_on_a_trusted_path_needs_no_password(files: dict[str, Any]) -> None:
    plain = {**files, "smtp": "smtp://127.0.0.1:25", "smtp_user": None, "smtp_password_file": None}
    assert Way.MAIL in ways(**plain)


def test_a_bad_file_stops_a_command_with_status_3(tmp_path: Path) -> None:
    bad = tmp_path / "notices.toml"
    bad.write_text("[other]\n", "utf-8")
    run = command("cases", "list", data=tmp_path / "data", MADOGUCHI_NOTICES=str(bad))
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr.strip().splitlines() == [
        "madoguchi: notices.toml: there is no desk other; the tables are [public] and [staff]"
    ]
