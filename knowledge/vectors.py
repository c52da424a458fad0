"""Vectors already paid for: a cache by content hash, so that an unchanged text is never embedded twice.

One SQLite file per directory, keyed by SHA-256 over the embedder's digest and the text: the key tells nothing and a
changed model finds nothing. A cache is no record: a damaged one is thrown away and filled again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from bot.ports import Embedder
from bot.records import Stamp

Progress = Callable[[int, int], None]
"""Called with (done, of how many) as texts are embedded."""

AT_ONCE = 8  # texts per call of the engine: large enough to stream its weights once, small enough for a lively bar

_log = logging.getLogger(__name__)


class VectorCache:
    """Vectors of one directory. Safe across processes; each call opens the file anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors (float32, little endian) known for these keys."""
        known: dict[bytes, bytes] = {}
        with self._open() as database:
            for start in range(0, len(keys), 500):
                chunk = keys[start : start + 500]
                marks = ",".join("?" * len(chunk))
                known.update(database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", chunk))  # noqa: S608 - only question marks are put in
        return known

    def put(self, vectors: dict[bytes, bytes]) -> None:
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors.items())

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            database = self._connect()
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):  # locked, no room, read only: not a damaged file
                raise
            _log.warning("the vector cache was damaged and starts anew")
            self._file.unlink(missing_ok=True)
            database = self._connect()
        with closing(database):
            yield database

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=30)
        try:
            database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        except sqlite3.Error:
            database.close()
            raise
        return database


def key(stamp: Stamp, role: str, text: str) -> bytes:
    """The cache key of a text in a role ("query" or "passage") under an embedder."""
    return hashlib.sha256(f"{stamp.digest}\0{role}\0{text}".encode()).digest()


def pack(vector: Sequence[float]) -> bytes:
    return array("f", vector).tobytes()


def embed_passages(
    texts: Sequence[str], embedder: Embedder, caches: Sequence[VectorCache], progress: Progress | None = None
) -> list[bytes]:
    """The packed vectors of cleaned, non-empty texts, in order.

    Caches are asked in order; what none knows is embedded and put into the first. ``progress`` counts only what is
    embedded. Raises whatever the embedder raises; what was embedded until then stays in the cache.
    """
    return _embed(texts, "passage", embedder.stamp, embedder.passages, caches, progress)


def embed_queries(
    texts: Sequence[str], embedder: Embedder, caches: Sequence[VectorCache], progress: Progress | None = None
) -> list[bytes]:
    """The same for questions; for measurements only, since a service must not keep what people ask."""

    def each(batch: Sequence[str]) -> Sequence[Sequence[float]]:
        return [embedder.query(text) for text in batch]

    return _embed(texts, "query", embedder.stamp, each, caches, progress)


def _embed(
    texts: Sequence[str],
    role: str,
    stamp: Stamp,
    embed: Callable[[Sequence[str]], Sequence[Sequence[float]]],
    caches: Sequence[VectorCache],
    progress: Progress | None,
) -> list[bytes]:
    keys = [key(stamp, role, text) for text in texts]
    known: dict[bytes, bytes] = {}
    for cache in caches:
        known.update(cache.get([each for each in dict.fromkeys(keys) if each not in known]))
    missing = {each: text for each, text in zip(keys, texts, strict=True) if each not in known}
    # Texts of like length share a batch: the engine's memory grows with the longest.
    order = sorted(missing, key=lambda each: len(missing[each]))
    batches = [order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)]

    def work(batch: list[bytes]) -> dict[bytes, bytes]:
        vectors = embed([missing[each] for each in batch])
        return {each: pack(vector) for each, vector in zip(batch, vectors, strict=True)}

    done = 0
    unsaved: dict[bytes, bytes] = {}
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for fresh in pool.map(work, batches):
            known.update(fresh)
            unsaved.update(fresh)
            done += len(fresh)
            if len(unsaved) >= 256:
                caches[0].put(unsaved)
                unsaved = {}
            if progress is not None:
                progress(done, len(missing))
    if unsaved:
        caches[0].put(unsaved)
    return [known[each] for each in keys]
