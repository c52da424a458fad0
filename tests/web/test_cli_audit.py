"""``madoguchi audit`` as operators and outsiders call it, and an outsider's whole journey."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from audit.log import DeskLog
from audit.prepare import prepare
from bot.adapters.clock import SystemClock
from bot.records import Appended
from tests.audit.entries import whole_exchange
from tests.house_kit import ROOT, command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def written(data: Path) -> Appended:
    """One exchange at the public desk; its closing entry."""
    prepare(data / "public", "example.org/public", SystemClock())
    log = DeskLog(data / "public", SystemClock())
    appended = whole_exchange(log, question="秘密の問い")[1]
    log.close()
    return appended


def run(data: Path, *arguments: str, status: int = 0) -> str:
    ended = command("audit", *arguments, data=data)
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    if status:
        assert len([line for line in ended.stderr.splitlines() if line.startswith("madoguchi: ")]) == 1
    return ended.stdout


def test_checkpoints_of_every_log(data: Path, written: Appended) -> None:
    told = json.loads(run(data, "checkpoint", "--json"))
    assert told.keys() == {"public", "staff", "system"}
    assert told["public"]["checkpoint"].startswith("example.org/public\n2\n")
    assert told["public"]["key"].startswith("example.org/public+")
    assert told["staff"]["checkpoint"] is None
    assert "example.org/public\n2\n" in run(data, "checkpoint", "--desk", "public")


def test_verifying_is_recorded_and_says_what_is_wrong(data: Path, written: Appended) -> None:
    run(data, "checkpoint")
    told = json.loads(run(data, "verify", "--json"))
    assert told["public"]["well"]
    assert told["public"]["fields"] == {"present": 3}
    assert "whole" in run(data, "verify", "--desk", "public")
    with closing(sqlite3.connect(data / "public" / "log.sqlite")) as connection, connection:
        kinds = [kind for (kind,) in connection.execute("SELECT kind FROM entries ORDER BY sequence")]
        assert kinds[2:] == ["verification", "verification"]
        connection.execute("DELETE FROM contents WHERE path = 'question'")
    told = json.loads(run(data, "verify", "--desk", "public", "--json", status=1))
    assert told["public"]["findings"] == [{"code": "missing", "index": 0, "what": "question"}]
    assert "! missing 0 question" in run(data, "verify", "--desk", "public", status=1)


def test_a_checkpoint_kept_outside(data: Path, written: Appended, tmp_path: Path) -> None:
    note = json.loads(run(data, "checkpoint", "--json"))["public"]["checkpoint"]
    (tmp_path / "kept.txt").write_text(note, "utf-8")
    assert "agrees" in run(data, "verify", "--checkpoint", str(tmp_path / "kept.txt"))
    (tmp_path / "kept.txt").write_text(note.replace("\n2\n", "\n3\n"), "utf-8")
    run(data, "verify", "--checkpoint", str(tmp_path / "kept.txt"), status=1)
    (tmp_path / "kept.txt").write_text("nonsense", "utf-8")
    run(data, "verify", "--checkpoint", str(tmp_path / "kept.txt"), status=2)
    run(data, "verify", "--checkpoint", str(tmp_path / "nothing.txt"), status=2)
    run(data, "verify", "--desk", "nowhere", status=2)


def test_texts_leave_with_a_purpose_only(data: Path, written: Appended) -> None:
    run(data, "prove", written.entry, "--contents", status=2)
    run(data, "export", "--contents", status=2)
    bundle = json.loads(run(data, "prove", written.entry))
    assert bundle["contents"] == "closed"
    assert bundle["entry"].keys() == {"index", "leaf"}
    bundle = json.loads(run(data, "prove", written.entry, "--contents", "--purpose", "開示請求"))
    assert bundle["entry"]["fields"].keys() == {"draft", "reply"}
    assert "秘密の問い" not in run(data, "export")
    assert "秘密の問い" in run(data, "export", "--contents", "--purpose", "監査")
    with closing(sqlite3.connect(data / "public" / "log.sqlite")) as connection:
        leaves = [json.loads(leaf) for (leaf,) in connection.execute("SELECT leaf FROM entries WHERE kind = 'read'")]
    assert [(each["meta"]["what"], each["meta"]["contents"]) for each in leaves] == [
        ("bundle", False), ("bundle", True), ("export", False), ("export", True)
    ]  # fmt: skip
    assert leaves[1]["links"] == [written.entry]
    run(data, "prove", "01M852J51W1S1WGN6920K1S6AE", status=2)
    run(data, "export", "--desk", "all", status=2)


def test_an_outsiders_journey(data: Path, written: Appended, tmp_path: Path) -> None:
    """The receipt's code leads to a bundle; the bundle is checked where nothing is but Python and cryptography."""
    log = DeskLog(data / "public", SystemClock())
    code = log.receipt(written).code
    log.close()
    empty = tmp_path / "empty"
    empty.mkdir()
    told = json.loads(run(data, "checkpoint", "--json"))["public"]
    (empty / "kept.txt").write_text(told["checkpoint"], "utf-8")
    purpose = ("--contents", "--purpose", "本人の求め")
    kept = ("--checkpoint", str(empty / "kept.txt"))
    run(data, "prove", code.lower(), *purpose, *kept, "--out", str(empty / "bundle.json"))
    run(data, "export", *purpose, "--out", str(empty / "export.jsonl"))
    shutil.copy(ROOT / "audit" / "verifier.py", empty)
    for file in ("bundle.json", "export.jsonl"):
        arguments = [sys.executable, "-I", "verifier.py", file, "--key", told["key"], "--checkpoint", "kept.txt"]
        done = subprocess.run(arguments, cwd=empty, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "問題は見つかりませんでした" in done.stdout
        text = (empty / file).read_text("utf-8")
        (empty / file).write_text(text.replace("回答の一行目", "回答の二行目"), "utf-8")
        done = subprocess.run(arguments, cwd=empty, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert "記録されたものと違います" in done.stdout
