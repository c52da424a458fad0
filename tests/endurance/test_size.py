"""Knowledge and the record at size, by the commands that measure them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.endurance.kit import PATIENT, SOAK, amount, report
from tests.house_kit import ROOT, command_environment
from web.cli_measure import audit
from web.cli_support import Stop

pytestmark = PATIENT
PASSAGES = amount(3, 300)
AGAIN_LIMIT = 0.02
ENTRIES = (100, amount(300, 100_000))
GROWS_BY = 3.0  # at most, of anything counted by entry: what is linear stays, with room for a busy machine


def bench(unused: Path, *words: str) -> dict[str, Any]:
    """What ``madoguchi bench`` measures, in a directory of its own, beside no desk's."""
    command = [sys.executable, "-m", "web.cli", "bench", *words, "--json"]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=command_environment(unused)
    )
    assert ended.returncode == 0, ended.stderr
    assert not unused.exists()
    cost: dict[str, Any] = json.loads(ended.stdout)
    return cost


def test_unchanged_documents_cost_little_the_second_time(tmp_path: Path) -> None:
    """Reading unchanged documents in again costs next to nothing."""
    cost = bench(tmp_path / "unused", "ingest", "--passages", str(PASSAGES))
    report("knowledge at size", **cost)
    assert cost["passages"] == PASSAGES
    if SOAK:
        assert cost["again_to_first"] <= AGAIN_LIMIT


def test_the_record_costs_the_same_at_every_size(tmp_path: Path) -> None:
    """An append, a place in the tree and a check of an entry; the proof grows with the tree's height alone."""
    rounds = 25 if SOAK else 1
    place = tmp_path / "place"
    place.mkdir()
    sizes = ",".join(map(str, ENTRIES))
    cost = bench(tmp_path / "unused", "audit", "--entries", sizes, "--rounds", str(rounds), "--place", str(place))
    report("the record at size", **cost)
    assert [each["kind"] for each in cost["append"]] == ["exchange.opened", "exchange.closed"]
    small, large = cost["sizes"]
    assert (small["entries"], large["entries"]) == ENTRIES
    assert large["inclusion_bytes"] <= 32 * (ENTRIES[-1] - 1).bit_length()
    assert large["verify"]["peak_mib"] <= 100
    assert list(place.iterdir()) == []
    if SOAK:
        assert large["proof_p99_ms"] <= 20
        assert large["append_us"] <= GROWS_BY * small["append_us"]
        assert large["verify"]["whole_us"] <= GROWS_BY * small["verify"]["whole_us"]


@pytest.mark.parametrize("sizes", ["", "ten", "100,", "5", "1000,99"])
def test_sizes_that_are_none_are_refused(sizes: str) -> None:
    with pytest.raises(Stop, match="numbers from 100 on") as raised:
        audit(entries=sizes)
    assert raised.value.status == 2
