"""Checking the record at the auditor's console: the plain result, that it can be bad, and an outsider's own check."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Lock

import pytest
from starlette.testclient import TestClient

from audit.report import Report
from bot.ports import LogUnavailable
from bot.records import DeskName, Entry, EntryId, ExchangeId, RecordedEntry
from tests.audit.logs_kit import erasure
from tests.fakes_audit import TickingClock
from tests.web.audit_room import PUBLIC, AuditRoom, audit_room
from tests.web.staffroom import staffroom
from tests.web.tampering import rewritten, tamper
from web.verification import RECORD, Verifications, Verifying, notes_of, run_of

WHY = {"purpose": "inspection", "purpose_words": "定期点検"}
GOOD, BAD = "問題は見つかりませんでした", 'class="error" role="alert"'


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditRoom]:
    made = audit_room(staffroom(tmp_path_factory.mktemp("verifying")))
    yield made
    made.small.house.close()


@pytest.fixture(scope="module")
def auditor(room: AuditRoom) -> TestClient:
    return room.auditor("checker")


def exchange_in(room: AuditRoom, talk: str) -> ExchangeId:
    """An exchange under a checkpoint."""
    exchange = room.asked(talk)
    room.sequence()
    return exchange


def at(exchange: str) -> str:
    return f"{PUBLIC}/exchanges/{exchange}"


def checked(auditor: TestClient, exchange: str, **data: str) -> str:
    page = auditor.post(f"{at(exchange)}/verify", data=data)
    assert page.status_code == 200
    return page.text


def over(auditor: TestClient) -> str:
    """The page once no run is at work."""
    until = time.monotonic() + 20
    while "から検証しています" in (page := auditor.get(f"{PUBLIC}/verify").text):
        assert time.monotonic() < until
        time.sleep(0.05)
    return page


def test_the_whole_log_is_checked_in_the_background_and_the_result_stays(room: AuditRoom, auditor: TestClient) -> None:
    """First, while nobody has tampered with the log."""
    exchange = exchange_in(room, "talk-whole")
    note = room.small.house.proofs[DeskName.PUBLIC].checkpoint()
    assert "まだ一度も検証されていません" in auditor.get(f"{PUBLIC}/verify").text
    assert auditor.post(f"{PUBLIC}/verify", data={"checkpoint": note}).status_code == 303
    page = over(auditor)
    assert "件の記録に問題は見つかりませんでした" in page
    assert "Checker" in page
    assert auditor.post(f"{PUBLIC}/verify", data={"checkpoint": "{}"}).status_code == 422
    rewritten(room, exchange)
    assert auditor.post(f"{PUBLIC}/verify").status_code == 303
    page = over(auditor)
    assert re.search(r"問題が\d+件見つかりました", page)
    assert "保存された内容が、ハッシュを取ったものと違います" in page
    runs = [run_of(each) for each in room.log(kinds=frozenset({"verification"}))]
    assert [run.well for run in runs] == [True, False]
    assert runs[0].outside == [int(str(note).split("\n")[1])]
    for language in ("ja-easy", "en", "zh", "ko"):
        assert auditor.get(f"{PUBLIC}/verify?lang={language}").status_code == 200
    auditor.cookies.delete("madoguchi_language")


# One exchange.


def test_a_good_result_is_plain_and_says_what_it_does_not_prove(room: AuditRoom, auditor: TestClient) -> None:
    exchange = exchange_in(room, "talk-good")
    page = checked(auditor, exchange)
    assert GOOD in page
    assert BAD not in page
    assert "記録された内容が真実であること" in page
    assert "<strong>台帳が丸ごと書き直されていないこと" in page
    for _, kind in room.small.house.proofs[DeskName.PUBLIC].entries_of(exchange):
        assert kind in ("exchange.opened", "exchange.closed")
    assert "/log/public/key</code>" in page
    newest = room.log(kinds=frozenset({"verification"}))[-1]
    assert (newest.meta[RECORD], newest.meta["bad"], newest.contents["name"]) == (exchange, 0, "Checker")
    assert not [each for each in room.log() if each.meta.get("record") == exchange]  # nothing was read for it


def test_what_has_no_checkpoint_yet_is_said(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-early")
    page = checked(auditor, exchange)
    assert "まだ署名されたチェックポイントの下にありません" in page
    assert GOOD in page
    entry = room.small.house.proofs[DeskName.PUBLIC].entries_of(exchange)[0][0]
    assert auditor.post(f"{at(exchange)}/bundle", data={**WHY, "entry": entry}).status_code == 409


OPENED = "(SELECT sequence FROM entries WHERE exchange = ?1 AND kind = 'exchange.opened')"
CLOSED = "(SELECT sequence FROM entries WHERE exchange = ?1 AND kind = 'exchange.closed')"
ATTACKS = {
    "gone": (f"DELETE FROM contents WHERE sequence = {OPENED}", "消えていて、その理由の記録がありません"),
    "moved": (
        f"UPDATE contents SET sequence = {OPENED} WHERE sequence = {CLOSED} AND path = 'draft'",
        "文章が、記録されたものと違います",
    ),
    "column": (
        f"UPDATE entries SET time = '2020-01-01T00:00:00.000000Z' WHERE sequence = {OPENED}",
        "検索に使う項目が、記録の中身と違います",
    ),
    "link": (f"DELETE FROM links WHERE sequence = {CLOSED}", "指す先の記録が、前にありません"),
    "receipt": (f"UPDATE receipts SET signature = zeroblob(64) WHERE sequence = {CLOSED}", "控えの署名か内容"),
    "hash": (
        f"UPDATE entries SET leaf_hash = zeroblob(32) WHERE sequence = {OPENED}",
        "ハッシュを取ったものと違います",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_tampered_with_is_bad_news(room: AuditRoom, auditor: TestClient, attack: str) -> None:
    exchange = exchange_in(room, f"talk-{attack}")
    assert BAD not in checked(auditor, exchange)
    statement, said = ATTACKS[attack]
    tamper(room, statement, exchange)
    page = checked(auditor, exchange)
    assert BAD in page
    assert GOOD not in page
    assert said in page


def test_whoever_signs_a_lie_is_caught_by_a_checkpoint_from_outside(room: AuditRoom, auditor: TestClient) -> None:
    exchange = exchange_in(room, "talk-kept")
    note = room.small.house.proofs[DeskName.PUBLIC].checkpoint()
    assert note is not None
    page = checked(auditor, exchange, checkpoint=note.replace("\n", "\r\n"))
    assert "一致した記録数" in page
    assert "<strong>台帳が丸ごと" not in page
    lines = note.split("\n")
    for other in (
        "\n".join([lines[0], str(int(lines[1]) + 1), *lines[2:]]),
        note.replace("public", "elsewhere"),
        "もらったもの",
    ):
        page = checked(auditor, exchange, checkpoint=other)
        assert BAD in page
        assert "問題が1件見つかりました" in page
    assert "チェックポイントでも控えでもありません" in checked(auditor, exchange, checkpoint='{"a": 1}')


def test_a_right_erasure_is_no_bad_news(room: AuditRoom, auditor: TestClient) -> None:
    exchange = room.asked("talk-erased")
    entry = room.small.house.proofs[DeskName.PUBLIC].entries_of(exchange)[0][0]
    tamper(room, f"DELETE FROM contents WHERE sequence = {OPENED}", exchange)
    room.small.house.logs[DeskName.PUBLIC].append(erasure([(entry, ["question"])], "suspension"))
    room.sequence()
    page = checked(auditor, exchange)
    assert GOOD in page
    assert "消去の記録あり" in page
    page = auditor.post(at(exchange), data=WHY).text
    assert "消去済み" in page
    assert "利用停止・消去の決定" in page
    assert "失われています" not in page


# The proof that is taken away.


def test_an_outsider_checks_the_downloaded_proof_alone(room: AuditRoom, auditor: TestClient, tmp_path: Path) -> None:
    exchange = exchange_in(room, "talk-bundle")
    proofs = room.small.house.proofs[DeskName.PUBLIC]
    entry = proofs.entries_of(exchange)[1][0]
    assert auditor.post(f"{at(exchange)}/bundle", data={"entry": entry}).status_code == 422
    assert auditor.post(f"{at(exchange)}/bundle", data={**WHY, "entry": "e-other"}).status_code == 404
    program = auditor.get(f"{PUBLIC}/verifier.py")
    assert "attachment" in program.headers["content-disposition"]
    told = hashlib.sha256(program.content).hexdigest()
    assert told in auditor.get(f"{PUBLIC}/verify").text
    (tmp_path / "verifier.py").write_bytes(program.content)
    for contents in ("opened", "closed"):
        made = auditor.post(f"{at(exchange)}/bundle", data={**WHY, "entry": entry, "contents": contents})
        assert made.status_code == 200
        assert f'filename="bundle-{entry}.json"' in made.headers["content-disposition"]
        assert ("fields" in made.json()["entry"]) is (contents == "opened")
        (tmp_path / "bundle.json").write_bytes(made.content)
        key = ["--key", proofs.verifier().text]
        assert alone(tmp_path, *key).returncode == 0
        (tmp_path / "bundle.json").write_bytes(made.content.replace(b"exchange.closed", b"exchange.closet"))
        assert alone(tmp_path, *key).returncode == 1
    taken = [each for each in room.log() if each.meta.get("record") == exchange and each.meta["what"] == "bundle"]
    assert taken[0].contents["purpose"] == "定期点検"


def alone(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "verifier.py", "bundle.json", *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, check=False)


# The whole log.


class Proofs:
    """Proofs that take as long as the test wants, and fail if it wants."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.go, self.begun, self._failure = Event(), Event(), failure

    def verify(self, outside: object) -> Report:
        self.begun.set()
        assert self.go.wait(10)
        if self._failure:
            raise self._failure
        return Report("example.org/public", "key", size=3, outside=[2])


class Log:
    """A log that remembers what was appended."""

    def __init__(self) -> None:
        self.kept: list[Entry] = []

    def append(self, entry: Entry) -> None:
        self.kept.append(entry)


def test_one_run_at_a_time_and_nobody_waits_for_it() -> None:
    log, proofs, turn = Log(), Proofs(), Lock()
    one, other = (Verifications(log, proofs, TickingClock(), turn) for _ in range(2))  # type: ignore[arg-type]
    assert one.start((), Verifying("ac_1", "auditor", "監査"))
    assert proofs.begun.wait(10)  # it is at work, and start has returned
    assert one.running is not None
    assert not one.start((), Verifying())
    assert not other.start((), Verifying())
    proofs.go.set()
    one.wait()
    assert (one.running, one.failed) == (None, None)
    assert other.start((), Verifying())
    other.wait()
    assert [entry.meta["by"] for entry in log.kept] == ["ac_1", "command_line"]
    assert log.kept[0].contents == {"name": "監査"}


@pytest.mark.parametrize(
    ("failure", "cause"), [(LogUnavailable("io"), "io"), (ZeroDivisionError(), "unreadable")], ids=["io", "shape"]
)
def test_a_run_that_fails_says_so_and_frees_its_turn(failure: Exception, cause: str) -> None:
    log, proofs = Log(), Proofs(failure)
    runs = Verifications(log, proofs, TickingClock(), Lock())  # type: ignore[arg-type]
    proofs.go.set()
    assert runs.start((), Verifying())
    runs.wait()
    assert (runs.failed, log.kept) == (cause, [])
    assert runs.start((), Verifying())
    runs.wait()


def test_checkpoints_are_found_in_what_somebody_pastes() -> None:
    note = "example.org/public\n3\nroot=\n\n— example.org/public sig=\n"
    assert notes_of("") == notes_of("\n ") == []
    assert notes_of(note) == notes_of(note.replace("\n", "\r\n").strip()) == [note]
    promise = json.dumps({"checkpoint": note})
    assert notes_of(json.dumps({"promise": promise, "signature": ""})) == [note]
    assert notes_of(json.dumps({"checkpoint": note, "receipt": {"promise": promise}})) == [note, note]
    for wrong in ("{}", "{", '{"checkpoint": 1}', '{"promise": "x"}'):
        with pytest.raises(ValueError, match="neither"):
            notes_of(wrong)


def test_a_run_of_an_older_version_is_read() -> None:
    meta = {"by": "command_line", "size": 2, "root": "ab", "bad": 1, "outside": [1]}
    run = run_of(RecordedEntry(EntryId("e"), "verification", TickingClock().now(), meta, {}, ()))
    assert (run.size, run.well, run.checkpoints, run.found, run.verdicts) == (2, False, 0, [], {})


def test_a_tree_that_is_broken_is_said_too(room: AuditRoom, auditor: TestClient) -> None:
    """Last: nothing of the public desk's log can be proved afterwards."""
    exchange = exchange_in(room, "talk-tiles")
    entry = room.small.house.proofs[DeskName.PUBLIC].entries_of(exchange)[0][0]
    tamper(room, "DELETE FROM tiles")
    page = checked(auditor, exchange)
    assert BAD in page
    assert "保存されたものが壊れていて、証明を作れません" in page
    assert auditor.post(f"{at(exchange)}/bundle", data={**WHY, "entry": entry}).status_code == 409
