"""Fit the weighing of passages of which nothing but their own text is known, and write bot/plain_gate.toml.

    python tests/calibration/fit_plain.py CORPUS QUERIES [--questions N] [--threshold X]

CORPUS and QUERIES are JSON lines as ``madoguchi bench retrieval`` reads them, the queries with their ``answers`` (made
for JSQuAD, valid part, CC BY-SA 4.0). Every question is asked twice: of all passages, and of all but those that answer
it, when the best one left is near in subject and does not state what is asked. Prints the cross-validated trade-off.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from fit_gate import Floats
from numpy.typing import NDArray

from bot.lexicon import Lexicon
from bot.masking import mask
from bot.measures import refusal
from bot.plain import PlainMeasures, measure_plain
from bot.questions import parse_question
from bot.records import (
    DeskName,
    Document,
    DocumentKind,
    ExcerptKind,
    Found,
    Language,
    Passage,
    PassageId,
    SnapshotId,
    Validity,
)
from bot.text import squeeze
from knowledge.adapters.embedding import load_embedder
from knowledge.adapters.words import load_analyzer
from knowledge.building import Item, Recipe, build, snapshots_of
from knowledge.cleaning import clean
from knowledge.documents import Loaded
from knowledge.loading.sentences import sentences
from knowledge.shelf import open_snapshot
from knowledge.units import rows_of
from knowledge.vectors import VectorCache, as_passages, embed

GATE = Path(__file__).parent.parent.parent / "bot" / "plain_gate.toml"
NAMES = tuple(PlainMeasures.__slots__)
RIDGE = 0.001


def passages(file: Path) -> Iterator[Passage]:
    """The paragraphs as an imported document has them."""
    for line in file.read_text("utf-8").split("\n"):
        row = json.loads(line) if line.strip() else None
        if row:
            title, _, body = row["text"].partition("\n")
            own = tuple(each for part in body.split("\n") for each in sentences(part) if each.strip())
            document = Document(
                row["id"], title, "", title, None, None, None, DocumentKind.DOCUMENT, Validity.FINAL, "", row["id"],
                ExcerptKind.ORIGINAL,
            )  # fmt: skip
            yield Passage(PassageId(row["id"]), document, "\n".join(own), own)


def measured(corpus: Path, queries: Path, many: int) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.int_]]:
    """Points, whether the passage holds an answer, whether a rule refuses it, and the question's number."""
    embedder, analyzer = load_embedder(), load_analyzer()
    lexicon, held = Lexicon(analyzer), list(passages(corpus))
    common = lexicon.common(SnapshotId("calibration"), held)
    rows = [json.loads(line) for line in queries.read_text("utf-8").split("\n") if line.strip()]
    random.Random(3).shuffle(rows)
    points, labels, refused, asked = [], [], [], []
    with TemporaryDirectory() as place:
        items = [Item(Loaded(each.document, (each,), frozenset({DeskName.PUBLIC})), bundled=False) for each in held]
        recipe, cache = Recipe(items, embedder.stamp), VectorCache(Path(place) / "vectors.sqlite")
        vectors = embed([row.text for row in rows_of(recipe.searched)], as_passages(embedder), cache, None)
        built = snapshots_of(Path(place)) / build(Path(place), recipe, vectors, analyzer)
        snapshot = open_snapshot(built, embedder, analyzer)
        for number, row in enumerate(rows[:many]):
            text = clean(row["text"])
            question = parse_question(mask(row["text"]), Language.JA, analyzer)
            found = snapshot.search(text, Language.JA, 10).found
            others = tuple(each for each in found if each.passage.id not in row["relevant"])
            for kind, left in (("with", found), ("without", others)):
                states = _states(left[0], row)
                if states != (kind == "with"):
                    continue  # answered by chance, or found wrongly: says nothing
                words = lexicon.words(left[0].passage)
                measures = measure_plain(question, left[0], words, common).values()
                points.append([measures[name] for name in NAMES])
                labels.append(float(states))
                refused.append(refusal(question, left[0].passage, words, common) is not None)
                asked.append(number)
    return np.array(points), np.array(labels), np.array(refused), np.array(asked)


def _states(found: Found, row: dict[str, Any]) -> bool:
    text = squeeze(found.passage.text)
    return any(squeeze(answer) in text for answer in row["answers"])


def fit(points: Floats, labels: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean and spread of the points, and the weights with the bias last (logistic regression, Newton's method)."""
    mean, spread = points.mean(0), points.std(0) + 1e-9
    design = np.c_[(points - mean) / spread, np.ones(len(points))]
    weights = np.zeros(design.shape[1])
    ridge = np.r_[np.full(len(weights) - 1, RIDGE), 0.0]
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (chance - labels) / len(labels) + ridge * weights
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design / len(labels) + np.diag(ridge + 1e-9)
        weights -= np.linalg.solve(curvature, gradient)
    return mean, spread, weights


def report(points: Floats, labels: Floats, refused: NDArray[np.bool_], asked: NDArray[np.int_]) -> None:
    """Print what each threshold withholds and keeps, each question judged by a fit that has not seen it."""
    judged = np.zeros(len(points))
    for fold in range(8):
        held, rest = asked % 8 == fold, (asked % 8 != fold) & ~refused
        mean, spread, weights = fit(points[rest], labels[rest])
        judged[held] = 1 / (1 + np.exp(-(np.c_[(points[held] - mean) / spread, np.ones(held.sum())] @ weights)))
    judged[refused] = 0.0
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        withheld, kept = np.mean(judged[labels == 0] < threshold), np.mean(judged[labels == 1] >= threshold)
        print(f"threshold {threshold}: withholds {withheld:.3f} of what is not stated, keeps {kept:.3f} of what is")  # noqa: T201 - its output


def write(fitted: tuple[Floats, Floats, Floats], threshold: float, version: str) -> None:
    """Write bot/plain_gate.toml."""
    lines = [
        "# How passages without facts and gaps are weighed, fitted by tests/calibration/fit_plain.py.",
        f'version = "{version}"',
        f"threshold = {threshold}",
        f"bias = {fitted[2][-1]:.5f}",
    ]
    for name, mean, spread, weight in zip(NAMES, *fitted[:2], fitted[2][:-1], strict=True):
        lines += ["", f"[measures.{name}]", f"mean = {mean:.5f}", f"spread = {spread:.5f}", f"weight = {weight:.5f}"]
    GATE.write_text("\n".join(lines) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--questions", type=int, default=1_500)
    parser.add_argument("--threshold", type=float, default=0.6)
    parser.add_argument("--version", default="1")
    given = parser.parse_args(arguments)
    points, labels, refused, asked = measured(given.corpus, given.queries, given.questions)
    report(points, labels, refused, asked)
    write(fit(points[~refused], labels[~refused]), given.threshold, given.version)


if __name__ == "__main__":
    main()
