"""No pattern that reads a question can be made to freeze the server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.pattern_clock import every, judged

ROOT = Path(__file__).parents[2]
HARD_LIMIT_SECONDS = 240


def test_every_pattern_reads_repeated_units_in_time() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.bot.pattern_clock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HARD_LIMIT_SECONDS,
        check=True,
    )
    told = json.loads(run.stdout)
    assert told["patterns"] >= 150
    assert told["slow"] == []


@pytest.mark.parametrize(
    ("source", "unit"),
    [
        ("(?:(?:[に][い]?(?!ち)|[に])[、の]{0,4}){8,40}よ", "に、"),
        ("(?:に|にに)+よ", "に"),
        ("「[^」]*[あ-ん][^」]*」", "「あ"),
        ("「.*?」", "「"),
    ],
)
def test_the_clock_catches_the_mistake(source: str, unit: str) -> None:
    assert judged("bad", every(re.compile(source)), [unit], growth=True)


@pytest.mark.parametrize("source", ["「[^「」]*+」", "(?<!に)に++よ", "[ぁ-ゖ]{1,20}よ"])
def test_the_clock_spares_what_is_linear(source: str) -> None:
    assert judged("good", every(re.compile(source)), ["「", "に", "「あ"], growth=True) == []
