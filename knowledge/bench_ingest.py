"""What knowledge costs at size: seconds and memory to read documents in, space, search, and reading them in again.

The documents are notes made of the bundled notes' own sentences, shuffled: real Japanese of real length, the same for
the same seed, and as many as wanted.
"""

from __future__ import annotations

import itertools
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.ports import Embedder, WordAnalyzer
from bot.records import DeskName, Language
from knowledge import snapshots
from knowledge.building import snapshots_of
from knowledge.bundled import CORPUS
from knowledge.cleaning import clean
from knowledge.ingest import ingest
from knowledge.loading import find_files
from knowledge.loading.notes import load_note
from knowledge.manifests import read_passages
from knowledge.measures import DEPTH, quantile
from knowledge.shelf import OpenSnapshot, open_snapshot
from knowledge.units import rows_of
from knowledge.vectors import Progress

ASKED = 100
"""Questions timed with their embedding; none is asked twice."""

IN_ONE_DIRECTORY = 1_000

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in what the system counts memory by."""


@dataclass(frozen=True, slots=True)
class IngestCost:
    """Measured in one run. ``texts`` are those that carry a vector, ``distinct`` those that had to be embedded."""

    passages: int
    texts: int
    distinct: int
    first_seconds: float
    seconds_per_passage: float
    peak_memory_mib: int
    snapshot_mib: float
    query_p50_ms: float
    query_p95_ms: float
    again_seconds: float
    again_to_first: float


def bench_ingest(  # noqa: PLR0913 - each is something else, and named where it is called
    passages: int,
    directory: Path,
    embedder: Embedder,
    analyzer: WordAnalyzer,
    *,
    seed: int,
    progress: Progress | None = None,
) -> IngestCost:
    """Make ``passages`` notes, read them into a fresh desk in ``directory``, search it, read the same notes in again.

    Raises OSError, EmbedderUnavailable, MemoryError, BadDocument.
    """
    notes, desk = directory / "notes", directory / "desk"
    questions = write_notes(notes, passages, seed)

    def read_in() -> float:
        start = time.perf_counter()
        ingest([notes], DeskName.PUBLIC, desk, embedder, analyzer, progress=progress)
        return time.perf_counter() - start

    first = read_in()
    active = snapshots_of(desk) / str(snapshots.active(desk))
    read = read_passages(active)
    texts = [row.text for row in rows_of(read)]
    opened = open_snapshot(active, embedder, analyzer)
    times = [_searched(opened, question) for question in questions[:ASKED]]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
    again = read_in()
    return IngestCost(
        passages=len(read),
        texts=len(texts),
        distinct=len(set(texts)),
        first_seconds=round(first, 2),
        seconds_per_passage=round(first / passages, 4),
        peak_memory_mib=round(peak / 2**20),
        snapshot_mib=round(sum(file.stat().st_size for file in active.rglob("*") if file.is_file()) / 2**20, 1),
        query_p50_ms=round(quantile(times, 0.5), 1),
        query_p95_ms=round(quantile(times, 0.95), 1),
        again_seconds=round(again, 2),
        again_to_first=round(again / first, 4),
    )


def write_notes(directory: Path, passages: int, seed: int) -> list[str]:
    """Write so many notes of one passage each; a question for each of them."""
    sentences = sorted({sentence for passage in _bundled() for sentence in passage})
    chance = random.Random(seed)  # noqa: S311 - for the same notes every time, not for a secret
    questions = []
    for number, drawn in zip(range(passages), _drawn(sentences, chance), strict=False):
        key = f"bench-{number:06d}"
        place = directory / f"{number // IN_ONE_DIRECTORY:03d}"
        place.mkdir(parents=True, exist_ok=True)
        topic = drawn[0][:40]
        questions.append(f"{topic}とは何ですか（{number}）")
        head = {
            "id": key,
            "title": f"{topic}（{number}）",
            "publisher": "measurement",
            "source": "measurement",
            "section": "measurement",
            "page": None,
            "url": None,
            "kind": "document",
            "validity": "final",
            "as_of": "2026",
            "audience": ["public"],
            "review_by": "2999-12-31",
            "questions": [f"{drawn[-1][:60]}について（{number}）"],
        }
        text = f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n" + "\n".join(drawn) + "\n"
        (place / f"{key}.md").write_text(text, encoding="utf-8")
    return chance.sample(questions, len(questions))


def _drawn(sentences: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    """Two to four different sentences at a time, without end; no two draws begin alike before all have begun one."""
    for _ in itertools.count():
        for first in chance.sample(sentences, len(sentences)):
            others = [sentence for sentence in chance.sample(sentences, 3) if sentence != first]
            yield [first, *others[: chance.randint(1, 3)]]


def _bundled() -> Iterator[tuple[str, ...]]:
    for file in find_files(CORPUS):
        for passage in load_note(file, file.read_bytes()).passages:
            yield passage.sentences


def _searched(snapshot: OpenSnapshot, question: str) -> float:
    start = time.perf_counter()
    snapshot.search(clean(question), Language.JA, DEPTH)
    return (time.perf_counter() - start) * 1000
