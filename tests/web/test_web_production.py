"""Production starts with values that say something; settings and stores that cannot work stop the start in one line."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from limits.errors import StorageError
from limits.storage import MemoryStorage
from pydantic import ValidationError
from starlette.testclient import TestClient

from tests.fakes_web import FakeDesk, web_state
from web.app import create_app
from web.directory import AlreadyRunning, make_private, sole_server, warnings
from web.doors import DoorSettings
from web.production import lacking
from web.security import BadStorage, RateLimit, storage_at
from web.settings import Settings

PUBLIC = '[public]\nja = ["AI戦略担当（電話 00-0000-0000、平日9時から17時）"]\n'
HOURS = '[{}.hours]\nmonday = ["09:00-12:00", "13:00-17:00"]\n'
STAFF = '[staff]\nja = ["内線 0000（平日9時から17時）"]\n'


@pytest.fixture
def whole(tmp_path: Path) -> dict[str, Any]:
    """Everything that a body has to give before the service may start."""
    for name in ("retention.pdf", "privacy.html"):
        (tmp_path / name).write_bytes(b"%PDF-")
    (tmp_path / "contacts.toml").write_text(PUBLIC + STAFF, "utf-8")
    (tmp_path / "office.toml").write_text(HOURS.format("public") + HOURS.format("staff"), "utf-8")
    return {
        "mode": "production",
        "operator": "例示市",
        "responsible": "デジタル課長",
        "contacts": tmp_path / "contacts.toml",
        "office": tmp_path / "office.toml",
        "retention": tmp_path / "retention.pdf",
        "privacy_notice": tmp_path / "privacy.html",
        "origin": "madoguchi.city.example.jp",
        "secure": True,
    }


def missing(settings: dict[str, Any]) -> list[str]:
    """The names of what is missing, but for the review of the contacts, which is a file of the repository."""
    return [line.split()[0].partition("=")[0] for line in lacking(Settings(**settings)) if "review" not in line]


def test_nothing_is_missing_from_the_whole(whole: dict[str, Any]) -> None:
    assert missing(whole) == []
    assert missing({}) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("operator", [None, "", " ", "\u3000\n"]),
        ("responsible", [None, " "]),
        ("secure", [False]),
        ("origin", ["madoguchi.invalid", "x.INVALID", "localhost", "city", "a.test", "a..jp", "https://a.jp", "1.2.3"]),
        ("budget_seconds", [0.001, 599]),
        ("requests_per_minute", [601, 10**9]),
        ("waiting", [9_999]),
    ],
)  # fmt: skip
def test_hollow_values_are_missing_values(whole: dict[str, Any], name: str, values: list[object]) -> None:
    for value in values:
        assert missing({**whole, name: value}) == [f"MADOGUCHI_{name.upper()}"], value


@pytest.mark.parametrize("name", ["retention", "privacy_notice"])
def test_a_document_must_be_there_and_say_something(whole: dict[str, Any], name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "blank").write_text(" \n\n\t")
    for value in (None, tmp_path, tmp_path / "nowhere", tmp_path / "empty", tmp_path / "blank"):
        assert missing({**whole, name: value}) == [f"MADOGUCHI_{name.upper()}"], value


@pytest.mark.parametrize(
    "content", ["", "[public]\nja = []", '[public]\nja = [""]', '[public]\nja = ["a", " "]', '[staff]\nja = ["a"]', "x"]
)
def test_contacts_must_reach_somebody(whole: dict[str, Any], content: str) -> None:
    whole["contacts"].write_text(content)
    assert missing(whole) == ["MADOGUCHI_CONTACTS"]


@pytest.mark.parametrize(
    ("desks", "content", "named"),
    [
        ("public", PUBLIC, True), ("staff", STAFF, True), ("public,staff", PUBLIC, False), ("staff", PUBLIC, False),
        ("public,staff", STAFF, False), ("public", STAFF, False),
    ],
)  # fmt: skip
def test_every_desk_that_is_served_names_somebody(whole: dict[str, Any], desks: str, content: str, named: bool) -> None:
    whole["contacts"].write_text(content, "utf-8")
    assert missing({**whole, "desks": desks}) == ([] if named else ["MADOGUCHI_CONTACTS"])


@pytest.mark.parametrize(
    ("desks", "content", "named"),
    [
        ("public", HOURS.format("public"), True), ("staff", HOURS.format("staff"), True),
        ("public,staff", HOURS.format("public"), False), ("staff", HOURS.format("public"), False),
        ("public", "", False), ("public", "x", False), ("public", "[public.hours]", False),
        ("public", "[public]\nper_day = 1", False),
    ],
)  # fmt: skip
def test_every_desk_that_is_served_has_hours_of_its_own(
    whole: dict[str, Any], desks: str, content: str, named: bool
) -> None:
    whole["office"].write_text(content, "utf-8")
    assert missing({**whole, "desks": desks}) == ([] if named else ["MADOGUCHI_OFFICE"])
    assert missing({**whole, "office": None}) == ["MADOGUCHI_OFFICE"]


@pytest.mark.parametrize(
    ("host", "proxies", "named"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("::1", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", False),
        ("::", "127.0.0.1, ::1", False),
        ("10.0.0.5", "127.0.0.1", False),
        ("0.0.0.0", "10.0.0.0/24", True),
        ("0.0.0.0", "127.0.0.1, 10.0.0.2", True),
    ],
)
def test_other_machines_connect_through_a_named_proxy(
    whole: dict[str, Any], host: str, proxies: str, named: bool
) -> None:
    assert missing({**whole, "host": host, "proxies": proxies}) == ([] if named else ["MADOGUCHI_PROXIES"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_seconds": "inf"}, {"budget_seconds": "nan"}, {"budget_seconds": "0"}, {"budget_seconds": "-1"},
        {"budget_seconds": "1e9"}, {"proxies": "*"}, {"proxies": "0.0.0.0/0"}, {"proxies": "::/0"},
        {"proxies": "proxy"}, {"proxies": "10.0.0.1,"}, {"waiting": "0"}, {"free_gb": "nan"}, {"log_gb": "inf"},
        {"requests_per_minute": "0"},
    ],
)  # fmt: skip
def test_values_that_cannot_work_are_no_settings(wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(f"MADOGUCHI_{name.upper()}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """``MADOGUCHI_DATA=`` in a file of settings must not name the directory in which the service was started."""
    for name in ("DATA", "CONTACTS", "OPERATOR"):
        monkeypatch.setenv(f"MADOGUCHI_{name}", "")
    settings = Settings()
    assert (settings.data, settings.contacts, settings.operator) == (Path("var"), None, None)


@pytest.mark.parametrize(
    "address", ["", "nothing", "nothing://x", "redis://:secret@h:1", "memcached://h", "async+memory://"]
)
def test_a_store_that_cannot_count_is_told_without_its_password(address: str) -> None:
    with pytest.raises(BadStorage) as told:
        create_app(web_state(FakeDesk(), DoorSettings(limits_storage=address)))
    assert "secret" not in str(told.value)
    assert "MADOGUCHI_LIMITS_STORAGE" in str(told.value)


class Broken(MemoryStorage):
    """A store that is away: as one over the network can be at any time."""

    STORAGE_SCHEME = ("broken",)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        raise StorageError(ConnectionError("never shown"))


def test_a_store_that_is_away_refuses_but_never_in_danger() -> None:
    desk = FakeDesk()
    client = TestClient(create_app(web_state(desk, DoorSettings(limits_storage="broken://"))))
    refused = client.post("/api/v1/public/exchanges", json={"question": "a"})
    assert refused.status_code == 503
    assert "never shown" not in refused.text
    saved = client.post("/api/v1/public/exchanges", json={"question": "助けて、もう死にたいです"})
    assert saved.json()["reason"] == "danger"
    assert RateLimit(1, storage_at("memory://"), "a")


def test_the_data_directory_is_its_user_s_alone(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    with sole_server(data):
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE((data / "server.lock").stat().st_mode) == 0o600
        with pytest.raises(AlreadyRunning), sole_server(data):
            pass
    (data / "public").mkdir()
    data.chmod(0o755)
    (data / "server.lock").chmod(0o644)
    settings = Settings(data=data, free_gb=0)
    assert warnings(settings).keys() == {"directory"}
    with sole_server(data):
        assert warnings(settings) == {}
        assert stat.S_IMODE((data / "server.lock").stat().st_mode) == 0o600


def test_a_directory_with_other_things_in_it_is_not_closed(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert warnings(Settings(data=tmp_path, free_gb=0)).keys() == {"directory"}


def test_what_will_stop_the_service_is_told_before(tmp_path: Path) -> None:
    make_private(tmp_path)
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "log.sqlite").write_bytes(b"0" * 2_000)
    assert warnings(Settings(data=tmp_path, free_gb=0)) == {}
    told = warnings(Settings(data=tmp_path, free_gb=10**9, log_gb=1e-6))
    assert told.keys() == {"disk", "log_public"}
    assert "MADOGUCHI_FREE_GB" in told["disk"]
    assert "MADOGUCHI_LOG_GB" in told["log_public"]
    assert warnings(Settings(data=tmp_path / "nowhere")) == {}


def test_a_warning_does_not_take_the_service_away() -> None:
    desk = FakeDesk(warnings={"disk": "0.5 GB are free"})
    response = TestClient(create_app(web_state(desk))).get("/readyz")
    assert response.status_code == 200
    assert response.json()["warnings"] == ["disk"]
