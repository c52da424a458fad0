"""The shelf: one desk's active snapshot, opened into memory, searched from any thread."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.ports import Embedder, EmbedderUnavailable, ShelfUnavailable, WordAnalyzer
from bot.records import Evidence, Language, MaskedText, Passage, PassageId, SnapshotId, Stamp
from knowledge import lexical
from knowledge.adapters.chroma import VectorsDamaged, read_vectors
from knowledge.building import snapshots_of
from knowledge.cleaning import clean
from knowledge.manifests import Manifest, SnapshotDamaged, read_passages, verify
from knowledge.retrieval import RETRIEVAL, Index, Query
from knowledge.units import rows_of

REMEMBERED = 2_048  # searches of one snapshot; an answer of ten passages takes about 30 KB

_log = logging.getLogger(__name__)

_State = tuple[int, int, int]


@dataclass(frozen=True)
class _Open:
    """A snapshot in memory. ``search`` remembers; what it remembers goes when the snapshot goes."""

    manifest: Manifest
    directory: Path
    index: Index
    by_id: Mapping[PassageId, Passage]
    vocabulary: frozenset[str]
    search: Callable[[str, Language, int], Evidence]


class SnapshotShelf:
    """``bot.ports.Shelf`` over ``<desk_directory>/snapshots``; an activation is seen at the next call."""

    def __init__(self, desk_directory: Path, embedder: Embedder, analyzer: WordAnalyzer) -> None:
        self._root = snapshots_of(desk_directory)
        self._embedder = embedder
        self._analyzer = analyzer
        self._opening = threading.Lock()
        self._current: tuple[_State, _Open] | None = None

    def snapshot(self) -> SnapshotId:
        return self._opened().manifest.id

    def search(self, query: MaskedText, language: Language, limit: int = 10) -> Evidence:
        opened = self._opened()
        text = clean(query.value)
        if not text:
            return Evidence(opened.manifest.id, ())
        try:
            return opened.search(text, language, limit)
        except MemoryError as problem:
            raise ShelfUnavailable("memory") from problem
        except EmbedderUnavailable as problem:
            raise ShelfUnavailable("embedder") from problem
        except OSError as problem:
            raise ShelfUnavailable("io") from problem

    def passage(self, passage: PassageId) -> Passage | None:
        return self._opened().by_id.get(passage)

    def vocabulary(self) -> frozenset[str]:
        return self._opened().vocabulary

    def stamps(self) -> tuple[Stamp, ...]:
        manifest = self._opened().manifest
        return Stamp("knowledge", manifest.id, manifest.digest), manifest.embedding, manifest.retrieval

    def manifest(self) -> Manifest:
        """What the active snapshot says of itself. Raises ShelfUnavailable."""
        return self._opened().manifest

    def _opened(self) -> _Open:
        current = self._current
        state = self._state()
        if current is not None and current[0] == state and _exists(current[1].directory / "manifest.json"):
            return current[1]
        with self._opening:
            if self._current is None or self._current[0] != state or self._current is current:
                self._current = None  # a snapshot that is no longer the active one must not answer
                self._current = (state, self._open())
            return self._current[1]

    def _state(self) -> _State:
        try:
            status = (self._root / "active").stat()
        except FileNotFoundError as problem:
            raise ShelfUnavailable("missing") from problem
        except OSError as problem:
            raise ShelfUnavailable("io") from problem
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _open(self) -> _Open:
        try:
            snapshot = (self._root / "active").read_text(encoding="ascii").strip()
            directory = self._root / snapshot
            if not snapshot.isalnum() or not directory.is_dir():
                raise ShelfUnavailable("missing")
            return self._read(directory)
        except FileNotFoundError as problem:
            raise ShelfUnavailable("missing") from problem
        except MemoryError as problem:
            raise ShelfUnavailable("memory") from problem
        except (SnapshotDamaged, VectorsDamaged, ValueError, KeyError, TypeError) as problem:
            _log.exception("the active snapshot is damaged")
            raise ShelfUnavailable("corrupt") from problem
        except OSError as problem:
            raise ShelfUnavailable("io") from problem

    def _read(self, directory: Path) -> _Open:
        manifest = verify(directory)
        if manifest.embedding != self._embedder.stamp:
            raise ShelfUnavailable("embedder")  # its vectors were made by another model: ingest again
        passages = read_passages(directory)
        rows = rows_of(passages)
        matrix, neighbours = read_vectors(directory / "vectors", len(rows), keep_open_above=RETRIEVAL.exact_up_to)
        if hashlib.sha256(matrix.tobytes()).hexdigest() != manifest.vectors:
            raise SnapshotDamaged("the vectors were changed")
        index = Index(
            passages=passages,
            rows=rows,
            matrix=matrix,
            words=lexical.load(directory / "words", len(passages)),
            characters=lexical.load(directory / "characters", len(passages)),
            readings=lexical.load(directory / "readings", len(passages)),
            neighbours=neighbours,
        )

        def search(text: str, language: Language, limit: int) -> Evidence:
            vector = np.array(self._embedder.query(text), dtype=np.float32)
            found, nearest = index.search(Query(text, self._analyzer.words(text), vector, language), limit)
            return Evidence(manifest.id, found, nearest)

        return _Open(
            manifest=manifest,
            directory=directory,
            index=index,
            by_id={passage.id: passage for passage in passages},
            vocabulary=frozenset(json.loads((directory / "vocabulary.json").read_text(encoding="utf-8"))),
            search=lru_cache(maxsize=REMEMBERED)(search),
        )


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as problem:
        raise ShelfUnavailable("io") from problem
