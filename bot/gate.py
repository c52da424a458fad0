"""The evidence gate's figures, read from bot/gate.toml: one frozen value with its stamp."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from bot.records import Stamp


@dataclass(frozen=True, slots=True)
class Weighing:
    """A logistic regression over named measures: ``mean`` and ``spread`` standardise, ``weight`` and ``bias`` weigh."""

    mean: Mapping[str, float]
    spread: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float

    def chance(self, measures: Mapping[str, float]) -> float:
        """The fitted chance, 0 to 1, that the passage states what is asked. Raises KeyError for a missing measure."""
        total = self.bias + sum(
            weight * (measures[name] - self.mean[name]) / self.spread[name] for name, weight in self.weight.items()
        )
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@dataclass(frozen=True, slots=True)
class Gate:
    """``threshold``: the least chance at which an answer is given; ``other_threshold`` the same for a passage that is
    not the best found, within ``other_distance`` of its fused score; ``unreadable_margin``: below it the nearest gap is
    what was asked for; ``far_nearest`` and ``far_uncovered``: below this cosine and above this share of unknown words
    a question lies outside what the documents are about.
    """

    weighing: Weighing
    threshold: float
    yes_no_threshold: float
    other_threshold: float
    other_distance: float
    unreadable_margin: float
    far_nearest: float
    far_uncovered: float
    far_limit: float
    stamp: Stamp


def load_gate() -> Gate:
    """The published gate. Raises KeyError or ValueError if the file does not have the documented shape."""
    raw = resources.files("bot").joinpath("gate.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    measures = data["measures"]
    return Gate(
        weighing=Weighing(
            mean={name: row["mean"] for name, row in measures.items()},
            spread={name: row["spread"] for name, row in measures.items()},
            weight={name: row["weight"] for name, row in measures.items()},
            bias=data["bias"],
        ),
        threshold=data["threshold"],
        yes_no_threshold=data["yes_no_threshold"],
        other_threshold=data["other_threshold"],
        other_distance=data["other_distance"],
        unreadable_margin=data["unreadable_margin"],
        far_nearest=data["far_nearest"],
        far_uncovered=data["far_uncovered"],
        far_limit=data["far_limit"],
        stamp=Stamp("gate", data["version"], sha256(raw).hexdigest()),
    )
