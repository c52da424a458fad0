"""How well and how fast the shelf finds, on any corpus and questions given as JSON lines.

The same snapshot, configuration and search as the service: nothing here is tuned for a measurement.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.ports import Embedder, WordAnalyzer
from bot.records import (
    DeskName,
    Document,
    DocumentKind,
    ExcerptKind,
    Language,
    Passage,
    PassageId,
    Stamp,
    Validity,
)
from knowledge import building
from knowledge.building import Item, Recipe
from knowledge.cleaning import clean
from knowledge.documents import Loaded
from knowledge.measures import DEPTH, ndcg, quantile, recall, reciprocal_rank
from knowledge.shelf import OpenSnapshot, open_snapshot
from knowledge.units import rows_of
from knowledge.vectors import Progress, VectorCache, as_passages, as_queries, embed

TIMED = 200
"""Questions timed with their embedding."""

_SENTENCE = re.compile(r"(?<=[。！？])|\n")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a set and its relevant passages with their grades."""

    text: str
    relevant: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """Quality as means over the questions, times in milliseconds; ``search`` times leave the embedding out."""

    passages: int
    questions: int
    recall_1: float
    recall_5: float
    recall_10: float
    mrr_10: float
    ndcg_10: float
    search_p50: float
    search_p95: float
    whole_p50: float
    whole_p95: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def printed(report: RetrievalReport) -> str:
    """The report as lines for a terminal."""
    return "\n".join(
        f"{name:<12}{value:.4f}" if isinstance(value, float) else f"{name:<12}{value}"
        for name, value in report.as_dict().items()
    )


class BadBench(Exception):
    """A corpus or question file that cannot be read; the message names file, line and what to do."""


def bench_retrieval(  # noqa: PLR0913 - each is something else, and named where it is called
    corpus: Path,
    queries: Path,
    embedder: Embedder,
    analyzer: WordAnalyzer,
    directory: Path,
    *,
    language: Language = Language.JA,
    progress: Progress | None = None,
) -> RetrievalReport:
    """Measures the shelf's search on an outside set.

    ``corpus`` has lines {id, text, title?} (without a title its headings or first line serve), ``queries`` {text,
    relevant: [id, …] or {id: grade}}. ``directory`` keeps vectors by content hash and the snapshot, so that a second
    run costs little. Raises BadBench, OSError, EmbedderUnavailable.
    """
    passages, questions = _passages(corpus), _questions(queries)
    cache = VectorCache(directory / "vectors.sqlite")
    vectors = embed([row.text for row in rows_of(passages)], as_passages(embedder), cache, progress)
    recipe = Recipe([_item(passage) for passage in passages], embedder.stamp)
    snapshot = building.snapshots_of(directory) / building.build(directory, recipe, vectors, analyzer)

    asked = list(dict.fromkeys(text for question in questions if (text := clean(question.text))))
    packed = embed(asked, as_queries(embedder), cache, progress)
    known = {text: memoryview(vector).cast("f").tolist() for text, vector in zip(asked, packed, strict=True)}
    ranked, times = _run(open_snapshot(snapshot, _Known(embedder, known), analyzer), questions, language)
    # A sign more makes a question new: nothing about it is remembered anywhere.
    step = max(1, len(questions) // TIMED)
    fresh = [Question(f"{question.text} ？", {}) for question in questions[::step][:TIMED]]
    _, whole = _run(open_snapshot(snapshot, embedder, analyzer), fresh, language)
    return _report(questions, ranked, times, whole, len(passages))


class _Known:
    """An embedder that remembers the vectors of a question set."""

    def __init__(self, real: Embedder, known: Mapping[str, Sequence[float]]) -> None:
        self._real = real
        self._known = known

    @property
    def stamp(self) -> Stamp:
        return self._real.stamp

    @property
    def dimensions(self) -> int:
        return self._real.dimensions

    def query(self, text: str) -> Sequence[float]:
        return self._known[text]

    def passages(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return self._real.passages(texts)


def _run(
    snapshot: OpenSnapshot, questions: Sequence[Question], language: Language
) -> tuple[list[list[str]], list[float]]:
    """What was found for each question, and the milliseconds each took."""
    ranked: list[list[str]] = []
    times = []
    for question in questions:
        text = clean(question.text)
        start = time.perf_counter()
        found = snapshot.search(text, language, DEPTH).found if text else ()
        times.append((time.perf_counter() - start) * 1000)
        ranked.append([str(each.passage.id) for each in found])
    return ranked, times


def _report(
    questions: Sequence[Question],
    ranked: Sequence[Sequence[str]],
    times: Sequence[float],
    whole: Sequence[float],
    passages: int,
) -> RetrievalReport:
    pairs = list(zip(questions, ranked, strict=True))

    def mean(measure: Callable[[Mapping[str, float], Sequence[str]], float]) -> float:
        return sum(measure(question.relevant, found) for question, found in pairs) / len(pairs)

    return RetrievalReport(
        passages=passages,
        questions=len(questions),
        recall_1=mean(lambda relevant, found: recall(relevant, found, 1)),
        recall_5=mean(lambda relevant, found: recall(relevant, found, 5)),
        recall_10=mean(lambda relevant, found: recall(relevant, found, 10)),
        mrr_10=mean(reciprocal_rank),
        ndcg_10=mean(ndcg),
        search_p50=quantile(times, 0.5),
        search_p95=quantile(times, 0.95),
        whole_p50=quantile(whole, 0.5),
        whole_p95=quantile(whole, 0.95),
    )


def _lines(file: Path, needed: Sequence[str]) -> list[dict[str, Any]]:
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as problem:
            raise BadBench(f"{file.name}: line {number}: is not JSON; correct it") from problem
        missing = [name for name in needed if not isinstance(value, dict) or not value.get(name)]
        if missing:
            raise BadBench(f"{file.name}: line {number}: lacks {', '.join(missing)}; add it")
        found.append(value)
    if not found:
        raise BadBench(f"{file.name}: is empty; give one JSON object per line")
    return found


def _questions(file: Path) -> list[Question]:
    found = []
    for line in _lines(file, ("text", "relevant")):
        relevant = line["relevant"]
        grades = relevant if isinstance(relevant, dict) else dict.fromkeys(relevant, 1.0)
        above = {str(each): float(grade) for each, grade in grades.items() if grade > 0}
        if above:
            found.append(Question(str(line["text"]), above))
    if not found:
        raise BadBench(f"{file.name}: has no question with a relevant passage")
    return found


def _passages(file: Path) -> list[Passage]:
    passages = [_passage(line) for line in _lines(file, ("id", "text"))]
    if len({passage.id for passage in passages}) != len(passages):
        raise BadBench(f"{file.name}: an id stands twice; ids must be unique")
    return passages


def _passage(line: Mapping[str, Any]) -> Passage:
    text = str(line["text"])
    title, sentences = str(line.get("title") or _first_lines(text)), [part.strip() for part in _SENTENCE.split(text)]
    document = Document(
        id=str(line["id"]),
        title=title,
        publisher="",
        source="",
        section=None,
        page=None,
        url=None,
        kind=DocumentKind.DOCUMENT,
        validity=Validity.FINAL,
        as_of="",
        version=hashlib.sha256(f"{title}\0{text}".encode(errors="replace")).hexdigest(),
        excerpt_kind=ExcerptKind.ORIGINAL,
    )
    return Passage(PassageId(str(line["id"])), document, text, tuple(part for part in sentences if part))


def _first_lines(text: str) -> str:
    """The Markdown headings a text begins with, or else its first line."""
    lines = text.strip().split("\n")
    headings = []
    for line in lines:
        if not line.startswith("#"):
            break
        headings.append(line.lstrip("# "))
    return " ".join(headings) or lines[0]


def _item(passage: Passage) -> Item:
    return Item(Loaded(passage.document, (passage,), frozenset({DeskName.PUBLIC})), bundled=False)
