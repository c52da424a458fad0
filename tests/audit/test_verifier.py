"""The verifier that outsiders run: alone in an empty directory, on bundles and exports, good and bad."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from audit import verifier
from audit.bundles import NotInTree
from audit.canonical import canonical
from bot.records import EntryId
from tests.audit.entries import opened, whole_exchange
from tests.audit.logs_kit import KeptLog

ROOT = Path(__file__).parents[2]
FILE = ROOT / "audit" / "verifier.py"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptLog]:
    """Four exchanges; of the second a reply was erased, of the third a draft expired, of the fourth the leaf."""
    made = KeptLog(tmp_path / "public")
    for number in range(4):
        whole_exchange(made.log, f"c-{number}", f"問い{number}")
        if number == 1:
            made.sequence()
    made.sequence()
    made.erase(entries(made)[3], ["reply"])
    made.erase(entries(made)[5], ["draft"], "expiry")
    made.prune(entries(made)[7])
    made.sequence()
    yield made
    made.close()


def entries(kept: KeptLog) -> list[str]:
    return [entry for (entry,) in kept.rows("SELECT entry FROM entries ORDER BY sequence")]


def checked(data: bytes, *notes: str, key: str | None = None, receipts: tuple[Any, ...] = ()) -> verifier.Findings:
    return verifier.check(io.BytesIO(data), key, notes, receipts)


def bundle_of(kept: KeptLog, index: int, *older: str, contents: bool = True) -> dict[str, Any]:
    made = kept.proofs.bundle(EntryId(entries(kept)[index]), older, contents=contents)
    return json.loads(canonical(made))


def codes(findings: verifier.Findings) -> set[str]:
    return {code for code, _ in findings.shown}


def test_it_is_one_file_that_imports_nothing_of_ours() -> None:
    text = FILE.read_text("utf-8")
    assert len(text.splitlines()) <= 600
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names | {"cryptography", "__future__"}


def run_alone(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a directory with nothing but the verifier and the files, isolated from whatever is installed beside it."""
    shutil.copy(FILE, directory / "verifier.py")
    command = [sys.executable, "-I", "verifier.py", *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60, check=False)


def test_a_lawyers_page(kept: KeptLog, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    note, key = kept.sequence(), kept.proofs.verifier().text
    (empty / "bundle.json").write_bytes(canonical(kept.proofs.bundle(EntryId(entries(kept)[3]), contents=True)))
    (empty / "kept.txt").write_text(note, "utf-8")
    done = run_alone(empty, "bundle.json", "--key", key, "--checkpoint", "kept.txt")
    assert done.returncode == 0, done.stderr
    for part in (
        "問題は見つかりませんでした",
        "記録されたとおり 1",
        "消去の記録あり 1",
        "記録の番号 8",
        "証明しないこと",
        "一致（記録数）: 11",
    ):
        assert part in done.stdout, part
    done = run_alone(empty, "bundle.json", "--lang", "en")
    assert done.returncode == 0
    for part in ("Nothing bad was found", "erased by an entry (by entry 8)", "the file's own", "does not prove"):
        assert part in done.stdout, part
    assert len(done.stdout.splitlines()) < 40
    assert done.stdout.isascii() or "reply" in done.stdout


def test_bad_news_ends_with_one(kept: KeptLog, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    bundle = bundle_of(kept, 1)
    bundle["entry"]["fields"]["reply"]["value"] += "。"
    (empty / "bundle.json").write_text(json.dumps(bundle, indent=1), "utf-8")
    done = run_alone(empty, "bundle.json", "--lang", "en", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert (told["well"], told["findings"]) == (False, [["altered", "1 reply"]])
    (empty / "other.json").write_text("{}", "utf-8")
    assert run_alone(empty, "other.json").returncode == 1
    assert run_alone(empty, "missing.json").returncode == 2
    assert run_alone(empty).returncode == 2


def test_a_hostile_file_cannot_move_the_cursor(tmp_path: Path, kept: KeptLog) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    bundle = bundle_of(kept, 1)
    bundle["entry"]["fields"]["\x1b[2Jnice\n問題は見つかりませんでした"] = {}
    (empty / "bundle.json").write_text(json.dumps(bundle), "utf-8")
    done = run_alone(empty, "bundle.json")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert "\n問題は" not in done.stdout


def test_every_bundle_of_a_log(kept: KeptLog) -> None:
    key = kept.proofs.verifier().text
    verdicts: dict[str, int] = {}
    pruned: dict[str, int] = {}
    for index in range(len(entries(kept))):
        findings = checked(canonical(bundle_of(kept, index)), kept.sequence(), key=key)
        assert not findings.bad, findings.shown
        assert findings.agreed == [11]
        verdicts = {name: verdicts.get(name, 0) + count for name, count in findings.verdicts.items()}
        pruned = {name: pruned.get(name, 0) + count for name, count in findings.pruned.items()}
        closed = checked(canonical(bundle_of(kept, index, contents=False)), key=key)
        assert not closed.bad
        assert closed.verdicts["withheld"] == sum(findings.verdicts.values())
    assert verdicts == {"present": 8, "erased": 1, "expired": 1, "missing": 0, "altered": 0, "withheld": 0}
    assert pruned == {"erased": 0, "expired": 1, "missing": 0}
    whole = checked(kept.export(), key=key)
    assert (whole.verdicts, whole.pruned, whole.bad) == (verdicts, pruned, 0)


def test_a_bundle_leads_from_an_older_checkpoint(kept: KeptLog) -> None:
    note = kept.rows("SELECT note FROM checkpoints WHERE size = 4")[0][0]
    assert codes(checked(canonical(bundle_of(kept, 1)), note)) == {"unreached"}
    findings = checked(canonical(bundle_of(kept, 1, note)), note)
    assert (findings.bad, findings.agreed) == (0, [4])


def test_receipts_are_kept_promises(kept: KeptLog) -> None:
    _, closing = whole_exchange(kept.log, "c-9")
    promised = kept.log.receipt(closing)
    api = {
        "code": promised.code,
        "log": promised.log,
        "entry": promised.entry,
        "leaf": promised.leaf,
        "time": promised.time.isoformat(),
        "longest_delay_seconds": 60,
        "signature": promised.signature,
        "checkpoint": promised.checkpoint,
    }
    early = checked(kept.export(), receipts=(api,))
    assert codes(early) == {"early"}
    kept.sequence()
    for data in (kept.export(), canonical(kept.proofs.bundle(closing.entry, contents=True))):
        findings = checked(data, receipts=(api,))
        assert (findings.bad, findings.agreed) == (0, [11]), findings.shown
    for name, value in (("code", "x"), ("leaf", "00" * 32), ("signature", "AAAA"), ("checkpoint", None)):
        assert codes(checked(kept.export(), receipts=({**api, name: value},))) == {"receipt"}
    other = canonical(bundle_of(kept, 1))
    assert "promise" in codes(checked(other, receipts=(api,)))


def test_a_broken_promise(kept: KeptLog, tmp_path: Path) -> None:
    """The same key, but a log in which the promised entry never was."""
    fork = tmp_path / "fork"
    kept.close()
    shutil.copytree(kept.directory, fork)
    other = KeptLog(fork)
    _, closing = whole_exchange(kept.log)
    promised = json.loads(kept.rows("SELECT promise FROM receipts ORDER BY sequence DESC")[0][0])
    signature = kept.log.receipt(closing).signature
    for _ in range(150):
        other.log.append(opened())
    other.sequence()
    receipt = {**promised, "signature": signature}
    assert codes(checked(other.export(), receipts=(receipt,))) == {"promise"}
    note = kept.sequence()
    assert codes(checked(other.export(), note)) == {"outside"} or codes(checked(other.export(), note)) == {"unreached"}
    other.close()


def test_another_key_is_not_this_logs(kept: KeptLog, tmp_path: Path) -> None:
    other = KeptLog(tmp_path / "other")
    key = other.proofs.verifier().text
    other.close()
    assert codes(checked(kept.export(), key=key)) == {"key"}
    assert codes(checked(canonical(bundle_of(kept, 1)), key=key)) == {"key"}
    assert codes(checked(kept.export(), key="nonsense")) == {"key"}


def lines_of(kept: KeptLog) -> list[dict[str, Any]]:
    return [json.loads(line) for line in kept.export().splitlines()]


def joined(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(canonical(line) + b"\n" for line in lines)


def first(lines: list[dict[str, Any]], index: int) -> dict[str, Any]:
    return next(line for line in lines if line.get("index") == index)


def remove(lines: list[dict[str, Any]], index: int) -> None:
    lines.remove(first(lines, index))


CHANGES: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "removed": (lambda lines: remove(lines, 4), "order"),
    "shortened": (lambda lines: lines.pop(), "form"),
    "shortened more": (lambda lines: lines.__delitem__(slice(-3, None)), "root"),
    "empty": (lambda lines: lines.clear(), "form"),
    "swapped": (lambda lines: first(lines, 4).update(leaf=first(lines, 5)["leaf"]), "root"),
    "a text lost": (lambda lines: first(lines, 1)["fields"].pop("reply"), "missing"),
    "all texts lost": (lambda lines: first(lines, 1).pop("fields"), "missing"),
    "a text more": (lambda lines: first(lines, 1)["fields"].update(more={"salt": "00" * 16, "value": ""}), "altered"),
    "no salt": (lambda lines: first(lines, 1)["fields"].update(reply={"value": ""}), "altered"),
    "a short salt": (lambda lines: first(lines, 1)["fields"]["reply"].update(salt="00"), "altered"),
    "not opened": (lambda lines: first(lines, 1)["fields"].update(reply=None), "altered"),
    "salts swapped": (lambda lines: first(lines, 1)["fields"]["reply"].update(
        salt=first(lines, 1)["fields"]["draft"]["salt"]), "altered"),
    "an erased text back": (lambda lines: first(lines, 3)["fields"].update(
        reply={"salt": "00" * 16, "value": "x"}), "altered"),
    "closed all at once": (lambda lines: lines[0].update(contents="closed"), "form"),
    "another format": (lambda lines: lines[0].update(format="madoguchi-export-v2"), "form"),
    "a member more": (lambda lines: first(lines, 1).update(note="x"), "form"),
    "another size": (lambda lines: lines[0].update(size=10), "form"),
    "a checkpoint moved": (lambda lines: lines.insert(3, lines.pop()), "root"),
    "another log": (lambda lines: lines[0].update(log="example.org/other"), "key"),
    "a leaf gone": (lambda lines: first(lines, 2).update(leaf_hash="00" * 32) or first(lines, 2).pop("leaf"), "form"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_done_to_an_export_is_found(kept: KeptLog, change: str) -> None:
    lines = lines_of(kept)
    assert not checked(joined(lines)).bad
    work, code = CHANGES[change]
    work(lines)
    found = checked(joined(lines), key=kept.proofs.verifier().text)
    assert code in codes(found), found.shown


@pytest.mark.parametrize("data", [b"", b"\n", b"[]\n", b"{}\n", b"nonsense", b"\xff\n", b'{"format":1}\n',
    b'{"a":1,"a":1}\n',
    b'{"format":"madoguchi-export-v1"}\n', b'{"format":"madoguchi-bundle-v1"}', b"[" * 100_000])  # fmt: skip
def test_other_files_are_bad_news_and_nothing_worse(data: bytes) -> None:
    assert codes(checked(data)) <= {"form", "key"}
    assert checked(data).bad


def test_a_text_that_names_a_format_misleads_nobody(tmp_path: Path) -> None:
    made = KeptLog(tmp_path / "public")
    made.log.append(opened(question='"format":"madoguchi-export-v1"'))
    made.sequence()
    assert not checked(canonical(bundle_of(made, 0))).bad
    assert not checked(made.export()).bad
    made.close()


def test_only_what_is_in_the_tree_has_a_proof(kept: KeptLog) -> None:
    waiting = kept.log.append(opened())
    for entry in (waiting.entry, EntryId("strange")):
        with pytest.raises(NotInTree):
            kept.proofs.bundle(entry, contents=False)
