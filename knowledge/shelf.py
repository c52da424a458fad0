"""The shelf: one desk's active snapshot, opened into memory, searched from any thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.ports import Embedder, EmbedderUnavailable, ShelfUnavailable, WordAnalyzer
from bot.records import Evidence, Language, MaskedText, Passage, PassageId, SnapshotId, Stamp
from knowledge import lexical
from knowledge.building import snapshots_of
from knowledge.cleaning import clean
from knowledge.linking import links, searched
from knowledge.manifests import Manifest, SnapshotDamaged, read_matrix, read_passages, verify
from knowledge.retrieval import RETRIEVAL, Index, Query, Retrieval
from knowledge.snapshots import directory_of
from knowledge.superseding import marked
from knowledge.units import rows_of

REMEMBERED = 2_048  # searches of one snapshot; an answer of ten passages takes about 30 KB

_log = logging.getLogger(__name__)

Search = Callable[[str, Language, int], Evidence]
_State = tuple[int, int, int]


@dataclass(frozen=True)
class OpenSnapshot:
    """A snapshot in memory. ``find`` takes cleaned text; ``search`` does the same and remembers what it found, until
    the snapshot goes or it is told to ``forget``.
    """

    manifest: Manifest
    directory: Path
    passages: Mapping[PassageId, Passage]
    find: Search
    search: Search
    forget: Callable[[], None]


class OtherEmbedder(Exception):
    """The snapshot's vectors were made with another embedder than the one at hand."""


class FixedShelf:
    """``bot.ports.Shelf`` over one snapshot, whichever is active. ``search``: its remembering search, or the other."""

    def __init__(self, opened: OpenSnapshot, search: Search) -> None:
        self._opened = opened
        self._search = search

    def snapshot(self) -> SnapshotId:
        return self._opened.manifest.id

    def search(self, query: MaskedText, language: Language, limit: int = 10) -> Evidence:
        text = clean(query.value)
        if not text:
            return Evidence(self._opened.manifest.id, (), stamps=self.stamps())
        try:
            return self._search(text, language, limit)
        except MemoryError as problem:
            raise ShelfUnavailable("memory") from problem
        except EmbedderUnavailable as problem:
            raise ShelfUnavailable("embedder") from problem
        except OSError as problem:
            raise ShelfUnavailable("io") from problem

    def passage(self, passage: PassageId) -> Passage | None:
        return self._opened.passages.get(passage)

    def passages(self) -> tuple[Passage, ...]:
        return tuple(self._opened.passages.values())

    def stamps(self) -> tuple[Stamp, ...]:
        return _stamps(self._opened.manifest)


class SnapshotShelf:
    """``bot.ports.Shelf`` over ``<desk_directory>/snapshots``; an activation is seen at the next call."""

    def __init__(self, desk_directory: Path, embedder: Embedder, analyzer: WordAnalyzer) -> None:
        self._root = snapshots_of(desk_directory)
        self._embedder = embedder
        self._analyzer = analyzer
        self._opening = threading.Lock()
        self._current: tuple[_State, OpenSnapshot] | None = None

    def snapshot(self) -> SnapshotId:
        return self._opened().manifest.id

    def search(self, query: MaskedText, language: Language, limit: int = 10) -> Evidence:
        opened = self._opened()
        return FixedShelf(opened, opened.search).search(query, language, limit)

    def passage(self, passage: PassageId) -> Passage | None:
        return self._opened().passages.get(passage)

    def passages(self) -> tuple[Passage, ...]:
        return tuple(self._opened().passages.values())

    def stamps(self) -> tuple[Stamp, ...]:
        return _stamps(self._opened().manifest)

    def manifest(self) -> Manifest:
        """What the active snapshot says of itself. Raises ShelfUnavailable."""
        return self._opened().manifest

    def forget(self) -> None:
        """Know nothing any more of what was asked."""
        if self._current is not None:
            self._current[1].forget()

    def holds(self, snapshot: SnapshotId) -> bool:
        """Whether a snapshot is the one in memory now."""
        current = self._current
        return current is not None and current[1].manifest.id == snapshot

    def at(self, snapshot: SnapshotId) -> FixedShelf:
        """One snapshot of the desk, active or not; the active one is not opened a second time. Nothing is remembered
        of what is asked of it.

        Raises NoSuchSnapshot, SnapshotDamaged, OtherEmbedder, OSError, MemoryError.
        """
        current = self._current
        if current is not None and current[1].manifest.id == snapshot:
            return FixedShelf(current[1], current[1].find)
        directory = directory_of(self._root, snapshot)
        try:
            opened = open_snapshot(directory, self._embedder, self._analyzer)
        except (ValueError, KeyError, TypeError):
            opened = None  # raised below, outside the handler: the error may hold a passage
        if opened is None:
            raise SnapshotDamaged("the snapshot's tables no longer read")
        return FixedShelf(opened, opened.find)

    def _opened(self) -> OpenSnapshot:
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

    def _open(self) -> OpenSnapshot:
        try:
            snapshot = (self._root / "active").read_text(encoding="ascii").strip()
            directory = self._root / snapshot
            if not snapshot.isalnum() or not directory.is_dir():
                raise ShelfUnavailable("missing")
            return open_snapshot(directory, self._embedder, self._analyzer)
        except FileNotFoundError as problem:
            raise ShelfUnavailable("missing") from problem
        except OtherEmbedder as problem:  # the vectors were made by another model: ingest again
            raise ShelfUnavailable("embedder") from problem
        except MemoryError as problem:
            raise ShelfUnavailable("memory") from problem
        except (SnapshotDamaged, ValueError, KeyError, TypeError) as problem:
            _log.exception("the active snapshot is damaged")
            raise ShelfUnavailable("corrupt") from problem
        except OSError as problem:
            raise ShelfUnavailable("io") from problem


def open_snapshot(
    directory: Path, embedder: Embedder, analyzer: WordAnalyzer, retrieval: Retrieval = RETRIEVAL
) -> OpenSnapshot:
    """A snapshot read into memory and found to be as it was built.

    Raises SnapshotDamaged, OtherEmbedder, OSError, MemoryError, and ValueError, KeyError or TypeError for tables that
    no longer read.
    """
    manifest = verify(directory)
    if manifest.embedding != embedder.stamp:
        raise OtherEmbedder
    passages = marked(read_passages(directory), {each.id: each.supersedes for each in manifest.documents})
    own = searched(passages)
    behind = links(passages).originals
    rows = rows_of(own)
    matrix, neighbours = read_matrix(directory, manifest, retrieval)
    if len(rows) != len(matrix):
        raise SnapshotDamaged("the vectors are not those of the passages")
    words, characters, readings = (
        lexical.load(directory / name, len(own)) for name in ("words", "characters", "readings")
    )
    index = Index(own, rows, matrix, words, characters, readings, neighbours, retrieval)

    def search(text: str, language: Language, limit: int) -> Evidence:
        vector = np.array(embedder.query(text), dtype=np.float32)
        found, nearest = index.search(Query(text, analyzer.words(text), vector, language), limit)
        found = tuple(replace(each, originals=behind.get(each.passage.id, ())) for each in found)
        return Evidence(manifest.id, found, nearest, _stamps(manifest))

    remembering = lru_cache(maxsize=REMEMBERED)(search)
    return OpenSnapshot(
        manifest=manifest,
        directory=directory,
        passages={passage.id: passage for passage in passages},
        find=search,
        search=remembering,
        forget=remembering.cache_clear,
    )


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except OSError as problem:
        raise ShelfUnavailable("io") from problem


def _stamps(manifest: Manifest) -> tuple[Stamp, ...]:
    return Stamp("knowledge", manifest.id, manifest.digest), manifest.embedding, manifest.retrieval
