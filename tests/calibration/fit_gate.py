"""Fit the evidence gate's weighing to the calibration questions and write bot/gate.toml.

    python tests/calibration/fit_gate.py [--version N] [--threshold X] …

A logistic regression (Newton's method, ridge 0.001) over bot.measures.Measures of the best passage for each question
of the tune and calibration sets. A question counts as answered where the passage holds one alternative of each group
that its row demands. The unseen halves are never read here. Prints the cross-validated trade-off of the threshold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
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
SETS = ("near_scope_tune", "answerable_tune", "calibration_1", "calibration_2", "out_of_scope")
GATE = Path(__file__).parent.parent.parent / "bot" / "gate.toml"
NAMES = tuple(Measures.__slots__)
FIGURES = {
    "threshold": 0.44,
    "yes_no_threshold": 0.46,
    "other_threshold": 0.85,
    "other_distance": 1.5,
    "unreadable_margin": 0.005,
    "far_nearest": 0.845,
    "far_uncovered": 0.5,
    "far_limit": 0.8,
}
Floats = NDArray[np.float64]


def rows() -> Iterator[Mapping[str, Any]]:
    """The questions that stand alone, of the sets that may be tuned on."""
    for name in SETS:
        for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").split("\n"):
            row = json.loads(line) if line.strip() else {}
            if row and not row.get("history"):
                yield row


def measured(house: House) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Measures of the best passage, whether it holds the answer, and whether a rule refuses it; a row a question."""
    shelf = house.shelves[DeskName.PUBLIC]
    lexicon = Lexicon(house.analyzer)
    common = lexicon.common(shelf.snapshot(), shelf.passages())
    points, labels, refused = [], [], []
    for row in rows():
        _, asked = asked_of(row)
        question = parse_question(mask(asked.text), asked.language, house.analyzer)
        evidence = shelf.search(search_text(question), question.language)
        best = evidence.found[0]
        words = lexicon.words(best.passage)
        values = measure(question, best, [near.unit for near in evidence.nearest], words, common).values()
        wanted = row["expect"] == "answer" and bool(row["must_include"])
        points.append([values[name] for name in NAMES])
        labels.append(wanted and all(holds(best.passage.text, group) for group in row["must_include"]))
        refused.append(refusal(question, best.passage, words, common) is not None)
    return np.array(points), np.array(labels, dtype=float), np.array(refused)


def fit(points: Floats, labels: Floats, ridge: float = 0.001) -> tuple[Floats, Floats, Floats]:
    """Mean and spread of the points, and the weights with the bias last."""
    mean, spread = points.mean(0), points.std(0) + 1e-9
    design = np.c_[(points - mean) / spread, np.ones(len(points))]
    weights = np.zeros(design.shape[1])
    keep = np.r_[np.ones(len(weights) - 1), 0.0]
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (chance - labels) / len(labels) + ridge * keep * weights
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design / len(labels) + ridge * np.eye(len(weights))
        weights -= np.linalg.solve(curvature, gradient)
    return mean, spread, weights


def chances(points: Floats, fitted: tuple[Floats, Floats, Floats]) -> Floats:
    mean, spread, weights = fitted
    result: Floats = 1 / (1 + np.exp(-(np.c_[(points - mean) / spread, np.ones(len(points))] @ weights)))
    return result


def report(points: Floats, labels: Floats, refused: NDArray[np.bool_], folds: int = 8) -> None:
    """Print what each threshold would withhold and keep, each question judged by a fit that has not seen it."""
    order = np.random.default_rng(0).permutation(len(points))
    judged = np.zeros(len(points))
    for fold in range(folds):
        held = order[fold::folds]
        rest = np.setdiff1d(order, held)
        rest = rest[~refused[rest]]
        judged[held] = chances(points[held], fit(points[rest], labels[rest]))
    judged[refused] = 0.0
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        withheld = float(np.mean(judged[labels == 0] < threshold))
        kept = float(np.mean(judged[labels == 1] >= threshold))
        print(f"threshold {threshold}: withholds {withheld:.3f} of what is not stated, keeps {kept:.3f} of what is")  # noqa: T201 - its output


def write(fitted: tuple[Floats, Floats, Floats], figures: Mapping[str, float], version: str) -> None:
    """Write bot/gate.toml."""
    lines = [
        "# The evidence gate's figures, fitted by tests/calibration/fit_gate.py. A change of any is a new version.",
        f'version = "{version}"',
        *(f"{name} = {value}" for name, value in figures.items()),
        f"bias = {fitted[2][-1]:.5f}",
    ]
    for name, mean, spread, weight in zip(NAMES, *fitted[:2], fitted[2][:-1], strict=True):
        if spread < 1e-6:  # a rule decides it alone: nothing is left to weigh
            continue
        lines += ["", f"[measures.{name}]", f"mean = {mean:.5f}", f"spread = {spread:.5f}", f"weight = {weight:.5f}"]
    GATE.write_text("\n".join(lines) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", default="1")
    for name, value in FIGURES.items():
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=value)
    given = vars(parser.parse_args(arguments))
    house = build(Settings())
    prepare(house)
    points, labels, refused = measured(house)
    report(points, labels, refused)
    write(fit(points[~refused], labels[~refused]), {name: given[name] for name in FIGURES}, given["version"])
    house.close()


if __name__ == "__main__":
    main()
