"""System calls that fail, and processes that die in the middle of one: what anybody holds of the record stays true.

A process writes exchanges and signs checkpoints under strace, which makes its calls on the files of the log fail or
kills it there. What it had handed out lies in this process: afterwards every receipt and checkpoint must hold.
"""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit import verifier
from audit.log import DeskLog
from audit.prepare import prepare
from audit.proofs import DeskProofs
from bot.adapters.clock import SystemClock
from bot.records import EntryId
from tests.audit.entries import ORIGIN, fresh_log, whole_exchange
from tests.endurance.kit import PATIENT, SOAK, amount, report
from tests.house_kit import ROOT

EXCHANGES = 9
"""Of one process; every third is followed by a checkpoint."""

PROCESSES = amount(13, 700)
PREPARATIONS = amount(2, 60)
RUNS_OF_ONE_LOG = 13
# By call: how often it comes in such a process (about), and what is done to it.
FAILURES = {
    "pwrite64": (400, ("error=EIO", "error=ENOSPC", "signal=KILL")),
    "fdatasync": (25, ("error=EIO", "error=ENOSPC", "signal=KILL")),
    "ftruncate": (4, ("error=EIO", "signal=KILL")),
    "pread64": (120, ("error=EIO",)),
    "openat": (12, ("error=EMFILE", "error=EIO")),
    "unlink": (3, ("error=EIO", "signal=KILL")),
}
PREPARING = ("pwrite64", "fdatasync", "fsync", "link")


def traced(failure: str, *options: str) -> list[str]:
    """A command under strace with these options."""
    quickly = [] if failure.startswith("signal") else ["--seccomp-bpf"]  # the two do not go together: no signal comes
    return ["strace", "-f", "-qq", *quickly, *options, sys.executable, "-m", "tests.endurance.appending"]


def _tracing_is_allowed() -> bool:
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "inject=fsync:error=EIO", sys.executable, "-c", ""]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="module", autouse=True)
def _tracing() -> None:
    if not _tracing_is_allowed():
        pytest.skip("strace is not installed or tracing is not allowed here")


pytestmark = PATIENT


@dataclass(frozen=True)
class Held:
    """What lies outside of the process that writes."""

    entries: list[tuple[str, str]]
    receipts: list[dict[str, object]]
    checkpoints: list[str]
    refused: int


def files(directory: Path) -> Iterator[str]:
    """Options that leave every other file's calls alone."""
    for base in (directory / "log.sqlite", directory / "keys" / "subjects.sqlite"):
        for end in ("", "-wal", "-shm"):
            yield from ("-P", f"{base}{end}")


def run(directory: Path, call: str, failure: str, when: str) -> tuple[Held, int]:
    """What was handed out, and how many faults there were."""
    trace = directory.parent / "trace"
    options = (*files(directory), "-e", f"trace={call}", "-e", f"inject={call}:{failure}:when={when}", "-o", str(trace))
    ended = subprocess.run(
        [*traced(failure, *options), str(directory), str(EXCHANGES)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    killed = failure.startswith("signal") and ended.returncode == -signal.SIGKILL
    assert killed or ended.returncode == 0, ended.stderr
    faults = 1 if killed else trace.read_text("utf-8", "replace").count("(INJECTED)")
    # The last line may be cut off by a kill: nobody received it then.
    lines = [json.loads(line) for line in re.findall(r"(.+)\n", ended.stdout)]
    of = {name: [value for what, value in lines if what == name] for name in ("entry", "receipt", "checkpoint")}
    refused = sum(value for what, value in lines if what == "refused")
    return Held([(one, two) for one, two in of["entry"]], of["receipt"], of["checkpoint"], refused), faults


def found_whole(directory: Path, held: Sequence[Held]) -> int:
    """The log can be written and checked from scratch, and holds everything that was handed out; its size."""
    notes = [note for each in held for note in each.checkpoints]
    receipts = [receipt for each in held for receipt in each.receipts]
    log, proofs = DeskLog(directory, SystemClock()), DeskProofs(directory, SystemClock())
    assert log.check() == "ready"
    assert proofs.verify(notes).well
    whole_exchange(log)
    while proofs.sequence().added:
        pass
    report_ = proofs.verify(notes)
    assert (report_.well, report_.waiting) == (True, 0), report_.findings
    lines: list[bytes] = []
    proofs.export(lines.append, contents=True)
    outside = verifier.check(io.BytesIO(b"".join(lines)), proofs.verifier().text, notes, receipts)
    assert outside.bad == 0, outside.shown
    for each in held:
        for entry, leaf in each.entries:
            assert proofs.bundle(EntryId(entry), contents=False)["entry"], leaf
        for receipt in each.receipts:
            promised = log.promised(str(receipt["code"]))
            assert promised is not None
            assert (promised.entry, promised.leaf, promised.signature) == (
                receipt["entry"],
                receipt["leaf"],
                receipt["signature"],
            )
    log.close()
    proofs.close()
    return report_.size


def test_no_fault_of_a_system_call_loses_a_receipt_or_a_log(tmp_path: Path) -> None:
    dice, done = random.Random(20261123), Counter[str]()
    calls = [(call, often, failure) for call, (often, failures) in FAILURES.items() for failure in failures]
    receipts = refused = logs = entries = at = 0
    while at < PROCESSES:
        directory = tmp_path / str(logs) / "public"
        fresh_log(directory).close()
        held: list[Held] = []
        for _ in range(RUNS_OF_ONE_LOG):
            call, often, failure = calls[at % len(calls)]
            # Kills come once, anywhere; errors come back after some calls that go well.
            once = failure.startswith("signal")
            first, step = dice.randint(1, often if once else often // 3), dice.randint(2, max(2, often // 4))
            when = str(first) if once else f"{first}+{step}"
            given, faults = run(directory, call, failure, when)
            held.append(given)
            done[f"{call} {failure.partition('=')[2]}"] += faults
            at += 1
        entries += found_whole(directory, held)
        receipts += sum(len(each.receipts) for each in held)
        refused += sum(each.refused for each in held)
        logs += 1
        shutil.rmtree(directory.parent)
    assert receipts > 0
    assert refused > 0
    report(
        "system calls that fail",
        faults=done.total(),
        **{name.replace(" ", "_"): count for name, count in sorted(done.items())},
        processes=at,
        logs=logs,
        entries=entries,
        receipts_held=receipts,
        receipts_lost=0,
        calls_refused=refused,
    )
    assert not SOAK or len(done) == len([each for each in done.values() if each]) == len(calls)


def test_a_preparation_that_is_killed_is_done_by_the_next(tmp_path: Path) -> None:
    killed = 0
    for number in range(PREPARATIONS):
        directory = tmp_path / str(number) / "public"
        call, when = PREPARING[number % len(PREPARING)], number // len(PREPARING) + 1
        options = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}", "-o", "/dev/null")
        command = [*traced("signal=KILL", *options), str(directory), "0"]
        ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
        killed += ended.returncode != 0
        prepare(directory, ORIGIN, SystemClock())
        log = DeskLog(directory, SystemClock())
        whole_exchange(log)
        log.close()
        found_whole(directory, [])
        shutil.rmtree(directory.parent)
    assert killed
    report("killed preparation", kills=killed)
