"""Knowledge at size, by the command that measures it: reading unchanged documents in again costs next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.endurance.kit import PATIENT, SOAK, amount, report
from tests.house_kit import ROOT, command_environment

pytestmark = PATIENT
PASSAGES = amount(3, 300)
AGAIN_LIMIT = 0.02


def test_unchanged_documents_cost_little_the_second_time(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "web.cli", "bench", "ingest", "--passages", str(PASSAGES), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=command_environment(tmp_path / "unused"),
    )
    assert ended.returncode == 0, ended.stderr
    cost = json.loads(ended.stdout)
    report("knowledge at size", **cost)
    assert cost["passages"] == PASSAGES
    assert not (tmp_path / "unused").exists()  # it measures in a directory of its own, beside no desk's
    if SOAK:
        assert cost["again_to_first"] <= AGAIN_LIMIT
