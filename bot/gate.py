"""The evidence gate's figures, read from bot/gate.toml and bot/plain_gate.toml: one frozen value with its stamp."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from typing import Any

from bot.records import Stamp


@dataclass(frozen=True, slots=True)
class Weighing:
    """A logistic regression over named measures and products of two.

    ``mean`` and ``spread`` standardise, ``weight``, ``products`` (of standardised measures) and ``bias`` weigh.
    """

    mean: Mapping[str, float]
    spread: Mapping[str, float]
    weight: Mapping[str, float]
    bias: float
    products: Mapping[tuple[str, str], float]

    def chance(self, measures: Mapping[str, float]) -> float:
        """The fitted chance, 0 to 1, that the passage states what is asked. Raises KeyError for a missing measure."""
        plain = {name: (measures[name] - self.mean[name]) / self.spread[name] for name in self.weight}
        total = self.bias + sum(weight * plain[name] for name, weight in self.weight.items())
        total += sum(weight * plain[one] * plain[other] for (one, other), weight in self.products.items())
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


@dataclass(frozen=True, slots=True)
class Gate:
    """``threshold``: the least chance at which an answer is given; ``other_threshold`` the same for a passage that is
    not the best found, within ``other_distance`` of its fused score; ``unreadable_margin``: below it the nearest gap is
    what was asked for; ``far_nearest`` and ``far_uncovered``: below this cosine and above this share of unknown words
    a question lies outside what the documents are about. ``plain`` and ``plain_threshold`` are the same for passages
    of which no facts and gaps are known.
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
    plain: Weighing
    plain_threshold: float
    stamp: Stamp


def load_gate() -> Gate:
    """The published gate. Raises KeyError or ValueError if a file does not have the documented shape."""
    raw, raw_plain = (resources.files("bot").joinpath(name).read_bytes() for name in ("gate.toml", "plain_gate.toml"))
    data, plain = tomllib.loads(raw.decode("utf-8")), tomllib.loads(raw_plain.decode("utf-8"))
    return Gate(
        weighing=_weighing(data),
        threshold=data["threshold"],
        yes_no_threshold=data["yes_no_threshold"],
        other_threshold=data["other_threshold"],
        other_distance=data["other_distance"],
        unreadable_margin=data["unreadable_margin"],
        far_nearest=data["far_nearest"],
        far_uncovered=data["far_uncovered"],
        far_limit=data["far_limit"],
        plain=_weighing(plain),
        plain_threshold=plain["threshold"],
        stamp=Stamp("gate", f"{data['version']}/{plain['version']}", sha256(raw + raw_plain).hexdigest()),
    )


def _weighing(data: Mapping[str, Any]) -> Weighing:
    measures = data["measures"]
    return Weighing(
        mean={name: row["mean"] for name, row in measures.items()},
        spread={name: row["spread"] for name, row in measures.items()},
        weight={name: row["weight"] for name, row in measures.items()},
        bias=data["bias"],
        products={(row["one"], row["other"]): row["weight"] for row in data.get("products", ())},
    )
