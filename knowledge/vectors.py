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
from dataclasses import dataclass
from pathlib import Path

from bot.ports import Embedder
from bot.records import Stamp

Progress = Callable[[int, int], None]
"""Called with (done, of how many) as texts are embedded."""

AT_ONCE = 8  # texts per call of the engine: large enough to stream its weights once, small enough for a lively bar
SAVED_AT_ONCE = 256

_log = logging.getLogger(__name__)


class VectorCache:
    """Vectors of one directory. Safe across processes; each call opens the file anew. Raises OSError."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors (float32, little endian) known for these keys."""
        with self._open() as database:
            found = (
                database.execute("SELECT key, vector FROM vectors WHERE key = ?", (key,)).fetchone() for key in keys
            )
            return dict(row for row in found if row is not None)

    def put(self, vectors: dict[bytes, bytes]) -> None:
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors.items())

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(self._connect_or_renew()) as database:
                yield database
        except sqlite3.Error as problem:
            raise OSError(f"the vector cache {self._file.name} cannot be used: {problem}") from problem

    def _connect_or_renew(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.OperationalError:  # locked, no room, read only: not a damaged file
            raise
        except sqlite3.DatabaseError:
            _log.warning("the vector cache was damaged and starts anew")
            self._file.unlink(missing_ok=True)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=30)
        try:
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("damaged")
            database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        except sqlite3.Error:
            database.close()
            raise
        return database


@dataclass(frozen=True, slots=True)
class Way:
    """One way of making vectors: the embedder's stamp, the role of the texts, and what embeds a batch of them."""

    stamp: Stamp
    role: str
    embed: Callable[[Sequence[str]], Sequence[Sequence[float]]]

    def key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.stamp.digest}\0{self.role}\0{text}".encode()).digest()


def as_passages(embedder: Embedder) -> Way:
    return Way(embedder.stamp, "passage", embedder.passages)


def as_queries(embedder: Embedder) -> Way:
    """For measurements only: a service must not keep what people ask."""
    return Way(embedder.stamp, "query", lambda batch: [embedder.query(text) for text in batch])


def embed(texts: Sequence[str], way: Way, cache: VectorCache, progress: Progress | None = None) -> list[bytes]:
    """The packed vectors of cleaned, non-empty texts, in order; what the cache does not know is embedded and kept.

    ``progress`` counts only what is embedded. Raises whatever the embedder raises; what was embedded until then stays
    in the cache.
    """
    keys = [way.key(text) for text in texts]
    known = cache.get(list(dict.fromkeys(keys)))
    missing = {each: text for each, text in zip(keys, texts, strict=True) if each not in known}
    # Texts of like length share a batch: the engine's memory grows with the longest.
    order = sorted(missing, key=lambda each: len(missing[each]))
    batches = [order[start : start + AT_ONCE] for start in range(0, len(order), AT_ONCE)]

    def work(batch: list[bytes]) -> dict[bytes, bytes]:
        vectors = way.embed([missing[each] for each in batch])
        return {each: pack(vector) for each, vector in zip(batch, vectors, strict=True)}

    done = 0
    unsaved: dict[bytes, bytes] = {}
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for fresh in pool.map(work, batches):
            known.update(fresh)
            unsaved.update(fresh)
            done += len(fresh)
            if len(unsaved) >= SAVED_AT_ONCE or done == len(missing):
                cache.put(unsaved)
                unsaved = {}
            if progress is not None:
                progress(done, len(missing))
    return [known[each] for each in keys]


def pack(vector: Sequence[float]) -> bytes:
    return array("f", vector).tobytes()
