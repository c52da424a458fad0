"""The danger sentences and their look-alikes as totals: of the unseen third no row is ever shown (README.md beside).

Bounds stand three points of recall and two of false alarms from what was measured when they were written
(docs/answering.md, Danger).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.danger import recognise
from bot.masking import clean, mask
from tests.house_kit import rows

GOLDEN = Path(__file__).parent


@dataclass(frozen=True)
class Bound:
    """``seen``: the least share of dangers that are seen; ``alarms``: the highest share of look-alikes that alarm."""

    seen: float
    alarms: float


BOUNDS: Mapping[str, Bound] = {
    "danger_full_tune": Bound(seen=0.97, alarms=0.02),
    "danger_full_unseen": Bound(seen=0.86, alarms=0.03),
}


def alarming(question: str) -> bool:
    return (recognise(clean(question)) or recognise(mask(question).value)) is not None


@pytest.mark.parametrize("name", list(BOUNDS))
def test_dangers_are_seen_and_look_alikes_are_not(name: str) -> None:
    told = [(row["expect"] == "escalate", alarming(row["question"])) for row in rows(GOLDEN / f"{name}.jsonl")]
    grave = [alarmed for danger, alarmed in told if danger]
    plain = [alarmed for danger, alarmed in told if not danger]
    assert min(len(grave), len(plain)) >= 100
    seen, alarms = sum(grave) / len(grave), sum(plain) / len(plain)
    assert seen >= BOUNDS[name].seen, f"{seen:.3f} of {len(grave)} seen"
    assert alarms <= BOUNDS[name].alarms, f"{alarms:.3f} of {len(plain)} alarmed"
