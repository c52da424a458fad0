"""Fit the evidence gate's weighing to the calibration questions and write bot/gate.toml.

    python tests/calibration/fit_gate.py [--version N] [--threshold X] …

A logistic regression (Newton's method) over bot.measures.Measures of the best passage for each question of the sets
below, and over the products of some of them. A question counts as answered where the passage holds one alternative of
each group that its row demands; one whose answer stands in another passage says nothing about this one and is left out.
Sets not named here are never read. Prints the cross-validated trade-off of the threshold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.lexicon import Lexicon
from bot.masking import mask
from bot.measures import Measures, measure, refusal
from bot.questions import parse_question, search_text
from bot.records import DeskName
from web.assembly import House, build, prepare
from web.batch import asked_of
from web.evaluation import holds
from web.settings import Settings

GOLDEN = Path(__file__).parent.parent / "golden"
SETS = (
    *("near_scope_tune", "answerable_tune", "near_scope_unseen", "answerable_unseen", "out_of_scope"),
    *("calibration_1", "calibration_2", "calibration_3", "calibration_4"),
)
GATE = Path(__file__).parent.parent.parent / "bot" / "gate.toml"
NAMES = tuple(Measures.__slots__)
FIGURES = {
    "threshold": 0.44,
    "yes_no_threshold": 0.46,
    "other_threshold": 0.85,
    "other_distance": 1.5,
    "unreadable_margin": 0.005,
    "far_nearest": 0.86,
    "far_uncovered": 0.5,
    "far_limit": 0.8,
}
MULTIPLIED = (
    *("margin", "density", "any_margin", "nearest", "fact_cover", "gap_cover", "uncovered_share"),
    *("asked_answered", "asked_vain", "vain_elsewhere", "vain_odds_wide"),
)
"""Measures whose products are weighed as well: cross-validated, they keep 2 to 4 % more answers at the same errors."""
PAIRS = tuple(combinations_with_replacement(MULTIPLIED, 2))
RIDGE, RIDGE_OF_PAIRS = 0.003, 0.03
Floats = NDArray[np.float64]


def rows() -> Iterator[Mapping[str, Any]]:
    """The questions that stand alone, of the sets that may be tuned on."""
    for name in SETS:
        for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").split("\n"):
            row = json.loads(line) if line.strip() else {}
            if row and not row.get("history"):
                yield row


@dataclass(frozen=True, slots=True)
class Measured:
    """One row a question: measures of its best passage, whether that holds the answer, whether a rule refuses it, and
    whether the question says nothing here because its answer stands in another passage.
    """

    points: Floats
    labels: Floats
    refused: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]

    def part(self, which: NDArray[Any]) -> Measured:
        return Measured(self.points[which], self.labels[which], self.refused[which], self.elsewhere[which])


def measured(house: House) -> Measured:
    shelf = house.shelves[DeskName.PUBLIC]
    lexicon = Lexicon(house.analyzer)
    common = lexicon.common(shelf.snapshot(), shelf.passages())
    points, labels, refused, elsewhere = [], [], [], []
    for row in rows():
        _, asked = asked_of(row)
        question = parse_question(mask(asked.text), asked.language, house.analyzer)
        evidence = shelf.search(search_text(question), question.language)
        best = evidence.found[0]
        words = lexicon.words(best.passage)
        values = measure(question, best, [near.unit for near in evidence.nearest], words, common).values()
        wanted = row["expect"] == "answer" and bool(row["must_include"])
        stated = wanted and all(holds(best.passage.text, group) for group in row["must_include"])
        points.append([values[name] for name in NAMES])
        labels.append(stated)
        refused.append(refusal(question, best.passage, words, common) is not None)
        elsewhere.append(wanted and not stated)
    return Measured(np.array(points), np.array(labels, dtype=float), np.array(refused), np.array(elsewhere))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What standardises the points, and the weights: measures, products, bias."""

    mean: Floats
    spread: Floats
    weights: Floats

    def design(self, points: Floats) -> Floats:
        plain = (points - self.mean) / self.spread
        products = [plain[:, NAMES.index(one)] * plain[:, NAMES.index(other)] for one, other in PAIRS]
        return np.column_stack([plain, *products, np.ones(len(points))])

    def chances(self, points: Floats) -> Floats:
        result: Floats = 1 / (1 + np.exp(-(self.design(points) @ self.weights)))
        return result


def fit(data: Measured) -> Fitted:
    """The weighing of what no rule refuses."""
    told = data.part(~data.refused & ~data.elsewhere)
    start = Fitted(told.points.mean(0), told.points.std(0) + 1e-9, np.zeros(0))
    design = start.design(told.points)
    weights = np.zeros(design.shape[1])
    ridge = np.r_[np.full(len(NAMES), RIDGE), np.full(len(PAIRS), RIDGE_OF_PAIRS), 0.0]
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (chance - told.labels) / len(design) + ridge * weights
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design / len(design) + np.diag(ridge + 1e-9)
        weights -= np.linalg.solve(curvature, gradient)
    return Fitted(start.mean, start.spread, weights)


def report(data: Measured, folds: int = 8) -> None:
    """Print what each threshold would withhold and keep, each question judged by a fit that has not seen it."""
    order = np.random.default_rng(0).permutation(len(data.points))
    judged = np.zeros(len(order))
    for fold in range(folds):
        held = order[fold::folds]
        judged[held] = fit(data.part(np.setdiff1d(order, held))).chances(data.points[held])
    judged[data.refused] = 0.0
    near_scope = (data.labels == 0) & ~data.elsewhere
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        withheld = float(np.mean(judged[near_scope] < threshold))
        kept = float(np.mean(judged[data.labels == 1] >= threshold))
        given = judged >= threshold
        wrong = float(np.mean(data.labels[given] == 0))
        print(  # noqa: T201 - its output
            f"threshold {threshold}: withholds {withheld:.3f} of what is not stated, keeps {kept:.3f} of what is, "
            f"{wrong:.3f} of its answers wrong"
        )


def write(fitted: Fitted, figures: Mapping[str, float], version: str) -> None:
    """Write bot/gate.toml."""
    lines = [
        "# The evidence gate's figures, fitted by tests/calibration/fit_gate.py. A change of any is a new version.",
        f'version = "{version}"',
        *(f"{name} = {value}" for name, value in figures.items()),
        f"bias = {fitted.weights[-1]:.5f}",
    ]
    for name, mean, spread, weight in zip(NAMES, fitted.mean, fitted.spread, fitted.weights[: len(NAMES)], strict=True):
        lines += ["", f"[measures.{name}]", f"mean = {mean:.5f}", f"spread = {spread:.5f}", f"weight = {weight:.5f}"]
    for (one, other), weight in zip(PAIRS, fitted.weights[len(NAMES) : -1], strict=True):
        lines += ["", "[[products]]", f'one = "{one}"', f'other = "{other}"', f"weight = {weight:.5f}"]
    GATE.write_text("\n".join(lines) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default="2")
    for name, value in FIGURES.items():
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=value)
    given = vars(parser.parse_args(arguments))
    house = build(Settings())
    prepare(house)
    data = measured(house)
    report(data)
    write(fit(data), {name: given[name] for name in FIGURES}, given["version"])
    house.close()


if __name__ == "__main__":
    main()
