"""Knowledge with a memory in place of models and disks. They pass tests/contracts."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.ports import EmbedderUnavailable, ShelfUnavailable
from bot.records import (
    Evidence,
    Found,
    Language,
    MaskedText,
    NearUnit,
    Passage,
    PassageId,
    SnapshotId,
    Stamp,
    UnitScore,
    Word,
)
from knowledge.cleaning import clean
from knowledge.units import rows_of
from knowledge.words import grams

STAMP = Stamp("fake-signs", "1", hashlib.sha256(b"fake-signs").hexdigest())


@dataclass
class FakeEmbedder:
    """Texts that share signs are near. ``asked`` remembers every text; ``fails`` is raised instead of embedding."""

    stamp: Stamp = STAMP
    dimensions: int = 64
    asked: list[str] = field(default_factory=list)
    fails: Exception | None = None

    def query(self, text: str) -> Sequence[float]:
        if self.fails is not None:
            raise self.fails
        self.asked.append(text)
        return self._vector(text)

    def passages(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [self.query(text) for text in texts]

    def _vector(self, text: str) -> tuple[float, ...]:
        cleaned = clean(text)
        if not cleaned:
            raise ValueError("an empty text has no vector")
        values = [0.0] * self.dimensions
        for sign in grams(cleaned) or [cleaned]:
            values[int.from_bytes(hashlib.sha256(sign.encode()).digest()[:4]) % self.dimensions] += 1.0
        length = math.sqrt(sum(value * value for value in values))
        return tuple(value / length for value in values)


_RUNS = re.compile(r"[A-Za-z0-9]+|[\u4e00-\u9fff]+|[\u30a0-\u30ff]+|[\u3041-\u309f]+|\S")


class FakeAnalyzer:
    """Cuts where the script changes; every run of letters is a noun that reads as it is written."""

    def words(self, text: str) -> Sequence[Word]:
        return [
            Word(run, run, run, "名詞" if run.isalnum() else "補助記号", "普通名詞")
            for run in _RUNS.findall(clean(text))
        ]


@dataclass
class FakeShelf:
    """Passages in a list, ordered by how many signs they share with the query. ``fails`` names a cause."""

    held: Sequence[Passage] = ()
    fails: str | None = None
    searched: list[MaskedText] = field(default_factory=list)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    def snapshot(self) -> SnapshotId:
        self._check()
        return SnapshotId("fake")

    def search(self, query: MaskedText, language: Language, limit: int = 10) -> Evidence:
        self._check()
        self.searched.append(query)
        text = clean(query.value)
        if not text:
            return Evidence(self.snapshot(), ())
        vector = self.embedder.query(text)
        scored = sorted((self._found(passage, vector) for passage in self.held), key=lambda found: -found.score)
        near = [
            NearUnit(found.passage.id, unit)
            for found in scored
            for unit in found.units
            if unit.kind in {"question", "fact", "gap"}
        ]
        near.sort(key=lambda each: -each.unit.cosine)
        return Evidence(self.snapshot(), tuple(scored[:limit]), tuple(near[:20]))

    def passage(self, passage: PassageId) -> Passage | None:
        self._check()
        return next((each for each in self.held if each.id == passage), None)

    def passages(self) -> Sequence[Passage]:
        self._check()
        return tuple(self.held)

    def stamps(self) -> Sequence[Stamp]:
        self._check()
        return Stamp("knowledge", "fake", STAMP.digest), self.embedder.stamp, Stamp("retrieval", "fake", STAMP.digest)

    def _found(self, passage: Passage, vector: Sequence[float]) -> Found:
        best: dict[tuple[object, int], UnitScore] = {}
        for row in rows_of([passage]):
            cosine = sum(a * b for a, b in zip(vector, self.embedder.query(row.text), strict=True))
            known = best.get((row.kind, row.index))
            if known is None or known.cosine < cosine:
                best[row.kind, row.index] = UnitScore(row.kind, row.index, cosine)
        score = max(unit.cosine for unit in best.values())
        return Found(passage, score, score, 0.0, 0.0, tuple(best.values()))

    def _check(self) -> None:
        if self.fails is not None:
            raise ShelfUnavailable(self.fails)


def broken_embedder() -> FakeEmbedder:
    return FakeEmbedder(fails=EmbedderUnavailable("no vector"))
