"""Fit the weights of the danger recogniser and write bot/danger/weights.tsv and kinds.tsv.

    python -m tests.calibration.fit_danger [--limit X] [--dry [--ranking FILE]]

A logistic regression (Adam, all rows at once) over the signs of bot.danger.weighing, and one over the kinds for danger
whose kind no pattern names. Read are danger_hints.tsv, tests/bot/danger_phrases.tsv and the golden sets named below,
never a ``danger_full_unseen`` row. Prints the cross-validated trade-off of the limit.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sudachipy import dictionary  # type: ignore[import-untyped]  # it ships no py.typed

from bot.danger.kinds import Danger
from bot.danger.patterns import book, folded
from bot.danger.weighing import MARK, READ_BY_PATTERNS, Piece, context_of, pieces, signs_of

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"
ROOM = HERE.parent.parent / "bot" / "danger"
PLAIN_SETS = (
    *("near_scope_tune", "answerable_tune", "near_scope_unseen", "answerable_unseen", "out_of_scope", "needs_context"),
    *("calibration_1", "calibration_2", "calibration_3", "calibration_4", "follow_ups"),
    *("near_scope_unseen_2", "answerable_unseen_2", "manipulation_tune", "places_tune", "masking_full_tune"),
    *("masking", "fairness_forms", "consultations"),
)
KINDS = [danger.value for danger in Danger if danger is not Danger.UNCLEAR]
VERSION = 1
"""Of the weights, raised with every change of them."""
RIDGE, KIND_RIDGE = 0.007, 0.02
ROUNDS, KIND_ROUNDS = 250, 120
LEAST_ROWS, LEAST_ROWS_TOLD = 2, 5
LEAST_WEIGHT, LEAST_KIND_WEIGHT = 0.4, 1.5
FOLDS, SEED = 4, 7
PLAIN, HINT, TUNE, PHRASE, KANA, SLIP = 0.8, 1.0, 1.2, 0.7, 0.4, 0.3
SLIPS = 0.07
"""The share of letters that are mistyped in the example of a hurried hand."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence and its kind (``none``, ``any`` where nobody said). Patterns were fitted to some: not ``trusted``."""

    text: str
    kind: str
    weight: float
    source: str
    trusted: bool

    @property
    def danger(self) -> bool:
        return self.kind != "none"


@dataclass(frozen=True, slots=True)
class Example:
    signs: Mapping[str, float]
    danger: bool
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows by signs, as lists of places and values."""

    places: NDArray[np.int64]
    values: Floats
    rows: NDArray[np.int64]
    count: int

    def times(self, weights: Floats) -> Floats:
        return np.asarray(np.bincount(self.rows, self.values * weights[self.places], self.count), dtype=np.float64)

    def back(self, errors: Floats, width: int) -> Floats:
        return np.asarray(np.bincount(self.places, self.values * errors[self.rows], width), dtype=np.float64)


def tabled(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, text = line.split("\t")
            yield kind.split(",")[0], text


def golden(name: str) -> Iterator[dict[str, str]]:
    yield from (json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())


def all_rows() -> list[Row]:
    rows = [Row(text, kind, HINT, "hint", trusted=True) for kind, text in tabled(HERE / "danger_hints.tsv")]
    rows += [
        Row(text, kind, PHRASE, "phrase", trusted=False)
        for kind, text in tabled(HERE.parent / "bot" / "danger_phrases.tsv")
    ]
    for each in golden("danger"):
        rows.append(
            Row(each["question"], "any" if each["expect"] == "escalate" else "none", PHRASE, "phrase", trusted=False)
        )
    for each in golden("danger_full_tune"):
        kind = each["kind"] if each["expect"] == "escalate" else "none"
        rows.append(Row(each["question"], kind, TUNE, "tune", trusted=True))
    rows += [
        Row(each["question"] if "question" in each else each["text"], "none", PLAIN, "plain", trusted=True)
        for name in PLAIN_SETS
        for each in golden(name)
    ]
    return rows


@cache
def signs(piece: Piece, context: frozenset[str], *, patterns: bool) -> dict[str, float]:
    found = signs_of(piece, context)
    return found | dict.fromkeys(book().read(folded(piece.text)).marks, MARK) if patterns else found


@cache
def cut(text: str) -> tuple[list[Piece], frozenset[str]]:
    parts = pieces(text)
    return parts, context_of(parts)


_TOKENS = dictionary.Dictionary().tokenizer()


@cache
def in_kana(text: str) -> str:
    """As somebody would write it without kanji."""
    return "".join(
        each.reading_form() if re.search("[一-鿿]", each.surface()) else each.surface()
        for each in _TOKENS.tokenize(text)
    )


def mistyped(text: str) -> str:
    """As somebody in a hurry would type it: letters left out, swapped, or half-typed; always the same for a text."""
    chance = random.Random(text)
    letters = list(text)
    for place in range(len(letters) - 1, -1, -1):
        if chance.random() >= SLIPS or not letters[place].isalpha():
            continue
        slip = chance.randrange(3)
        if slip == 0:
            del letters[place]
        elif slip == 1 and "ぁ" <= letters[place] <= "ゖ":
            letters[place] = chance.choice("tkmsbrn")
        elif place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def examples(rows: Sequence[Row]) -> Iterator[Example]:
    """A row as a whole; its pieces too where all of them are harmless; Japanese without kanji; mistyped."""
    for row in rows:
        parts, context = cut(row.text)
        for place, piece in enumerate(parts if not row.danger else parts[:1]):
            weight = row.weight / 2 if place else row.weight
            yield Example(signs(piece, context, patterns=row.trusted), row.danger, row.kind, weight)
        if row.source != "plain" and re.search("[ぁ-ゖァ-ヺ]", row.text) and re.search("[一-鿿]", row.text):
            parts, context = cut(in_kana(row.text))
            yield Example(signs(parts[0], context, patterns=False), row.danger, row.kind, KANA)
        slipped, context = cut(mistyped(row.text))
        if slipped and row.source != "plain":
            yield Example(signs(slipped[0], context, patterns=False), row.danger, row.kind, SLIP)


def places_of(told: Sequence[Example]) -> dict[str, int]:
    """The signs that stand in enough examples."""
    count = Counter(sign for each in told for sign in each.signs)
    least = {"@": LEAST_ROWS_TOLD, "^": LEAST_ROWS_TOLD}
    kept = [
        sign
        for sign, rows in sorted(count.items())
        if rows >= (least.get(sign[0], LEAST_ROWS) if len(sign) > 2 and sign[1] != ":" else LEAST_ROWS)
    ]
    return {sign: place for place, sign in enumerate(kept)}


def matrix(told: Sequence[Example], places: Mapping[str, int]) -> Matrix:
    entries = [
        (places[sign], value, row)
        for row, each in enumerate(told)
        for sign, value in each.signs.items()
        if sign in places
    ]
    ones, values, rows = zip(*entries, strict=True)
    return Matrix(np.array(ones), np.array(values), np.array(rows), len(told))


def adam(width: int, rounds: int, gradient_at: Gradient) -> Floats:
    weights, mean, square = np.zeros(width), np.zeros(width), np.zeros(width)
    for turn in range(1, rounds + 1):
        gradient = gradient_at(weights)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient**2
        step = (0.3 if turn < 0.6 * rounds else 0.1) / (1 - 0.9**turn)
        weights = weights - step * mean / (np.sqrt(square / (1 - 0.99**turn)) + 1e-8)
    return weights


class Gradient:
    """Of the penalised log loss; the last weight is the start."""

    def __init__(self, signs_by_row: Matrix, wanted: Floats, counts: Floats, ridge: float) -> None:
        self._matrix, self._wanted, self._counts, self._ridge = signs_by_row, wanted, counts, ridge

    def __call__(self, weights: Floats) -> Floats:
        sums = self._matrix.times(weights[:-1]) + weights[-1]
        errors = (1 / (1 + np.exp(-sums)) - self._wanted) * self._counts
        back = self._matrix.back(errors, len(weights) - 1) + self._ridge * weights[:-1]
        return np.append(back, errors.sum())


@dataclass(frozen=True, slots=True)
class Fitted:
    of: Mapping[str, float]
    start: float


def fitted(told: Sequence[Example]) -> Fitted:
    places = places_of(told)
    wanted = np.array([float(each.danger) for each in told])
    counts = np.array([each.weight for each in told])
    weights = adam(len(places) + 1, ROUNDS, Gradient(matrix(told, places), wanted, counts, RIDGE))
    return Fitted({sign: float(weights[place]) for sign, place in places.items()}, float(weights[-1]))


def kept(of: Fitted) -> Fitted:
    """Without the signs that hardly weigh."""
    return Fitted({sign: weight for sign, weight in of.of.items() if abs(weight) >= LEAST_WEIGHT}, of.start)


def strength(text: str, of: Fitted) -> float:
    """As bot.danger.weighing.weigh."""
    parts, context = cut(text)
    tried = sorted(
        (-sum(of.of.get(sign, 0.0) * count for sign, count in signs(piece, context, patterns=False).items()), place)
        for place, piece in enumerate(parts)
    )[:READ_BY_PATTERNS]
    return max(
        of.start - untold + sum(MARK * of.of.get(mark, 0.0) for mark in book().read(folded(parts[place].text)).marks)
        for untold, place in tried
    )


def kind_weights(told: Sequence[Example]) -> Mapping[str, list[float]]:
    """Each kind against the others, over the rows whose kind is known."""
    grave = [each for each in told if each.kind in KINDS]
    places = places_of(grave)
    rows = matrix(grave, places)
    counts = np.array([each.weight for each in grave])
    columns = []
    for kind in KINDS:
        wanted = np.array([float(each.kind == kind) for each in grave])
        columns.append(adam(len(places) + 1, KIND_ROUNDS, Gradient(rows, wanted, counts, KIND_RIDGE)))
    table = {sign: [float(column[place]) for column in columns] for sign, place in places.items()}
    heavy = {sign: row for sign, row in table.items() if max(map(abs, row)) >= LEAST_KIND_WEIGHT}
    return {"!start": [float(column[-1]) for column in columns]} | heavy


def cross_validated(rows: Sequence[Row]) -> list[tuple[float, Row]]:
    mixed = list(rows)
    random.Random(SEED).shuffle(mixed)
    found = []
    for fold in range(FOLDS):
        of = kept(fitted(list(examples([row for place, row in enumerate(mixed) if place % FOLDS != fold]))))
        found += [(strength(row.text, of), row) for place, row in enumerate(mixed) if place % FOLDS == fold]
    return found


def tell(found: Sequence[tuple[float, Row]]) -> None:
    for source in ("tune", "hint", "plain"):
        grave = np.array([each for each, row in found if row.source == source and row.danger])
        plain = np.array([each for each, row in found if row.source == source and not row.danger])
        for limit in (0.5, 1.0, 1.5, 2.0, 2.5):
            seen = f"{(grave >= limit).mean():.3f}" if len(grave) else "-"
            alarms = f"{(plain >= limit).mean():.4f}"
            sys.stdout.write(f"{source}\tlimit {limit}\trecall {seen}\tfalse alarms {alarms}\n")


def write(of: Fitted, kinds: Mapping[str, Sequence[float]], limit: float) -> None:
    lines = ["# Written by tests/calibration/fit_danger.py: a sign and its weight; above 0 speaks for danger."]
    lines += [f"!version\t{VERSION}", f"!start\t{of.start:.3f}", f"!limit\t{limit:g}"]
    lines += [f"{sign}\t{weight:.2f}" for sign, weight in sorted(of.of.items())]
    (ROOM / "weights.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["# Written by tests/calibration/fit_danger.py: a sign and what it weighs for " + ", ".join(KINDS) + "."]
    lines += ["\t".join([sign, *(f"{weight:.1f}" for weight in row)]) for sign, row in sorted(kinds.items())]
    (ROOM / "kinds.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=float, default=1.0)
    parser.add_argument("--dry", action="store_true", help="cross-validate, write nothing")
    parser.add_argument("--ranking", type=Path, help="with --dry: where to write every row with its strength")
    asked = parser.parse_args()
    rows = all_rows()
    if asked.dry:
        found = cross_validated(rows)
        tell(found)
        if asked.ranking:
            ranked = sorted((round(each, 2), row.source, row.kind, row.text) for each, row in found)
            asked.ranking.write_text("\n".join("\t".join(map(str, each)) for each in ranked), encoding="utf-8")
        return
    told = list(examples(rows))
    of = kept(fitted(told))
    sys.stdout.write(f"{len(of.of)} signs\n")
    write(of, kind_weights(told), asked.limit)


if __name__ == "__main__":
    main()
