"""Sentences that came with the software, with their vectors: how near is a question to each of them?

``example_vectors.npz`` holds the vectors in the form of knowledge/bundled.py. They belong to one embedding model and to
the sentences as they stand: another model or a changed sentence finds nothing, and nothing is said. ``make vectors``
writes the file anew (``python -m knowledge.examples FILE``, a TOML file whose tables ``topic`` have ``examples``; an
``.npz`` named last is where the vectors go).
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bot.ports import Embedder
from knowledge.bundled import read, write
from knowledge.cleaning import clean
from knowledge.vectors import VectorCache, as_passages

FILE = Path(__file__).parent / "example_vectors.npz"
PLANS = Path(__file__).parent / "plan_vectors.npz"  # of bot/assessing/examples.toml


class BundledExamples:
    """``bot.ports.Examples`` over the bundled vectors. Safe from any thread."""

    def __init__(self, texts: Sequence[str], embedder: Embedder, file: Path = FILE) -> None:
        """Read the vectors of ``texts``. Raises OSError."""
        self._embedder = embedder
        self._matrix = _matrix(texts, embedder, file)

    @property
    def known(self) -> bool:
        """Whether every sentence has a vector of this embedder."""
        return self._matrix is not None

    def cosines(self, text: str) -> Sequence[float]:
        if self._matrix is None:
            return ()
        vector = np.array(self._embedder.query(clean(text)), dtype=np.float32)
        near: list[float] = (self._matrix @ vector).tolist()
        return near


def _matrix(texts: Sequence[str], embedder: Embedder, file: Path) -> NDArray[np.float32] | None:
    known = read(embedder.stamp, file)
    way = as_passages(embedder)
    found = [known.get(way.key(clean(text))) for text in texts]
    packed = [each for each in found if each is not None]
    if not packed or len(packed) < len(texts):
        return None
    return np.frombuffer(b"".join(packed), dtype=np.float32).reshape(len(packed), -1)


def sentences_of(file: Path) -> list[str]:
    """The example sentences of a TOML file, in order. Raises OSError, KeyError, tomllib.TOMLDecodeError."""
    topics = tomllib.loads(file.read_text("utf-8"))["topic"]
    return [sentence for topic in topics for sentence in topic["examples"]]


def main() -> None:
    from knowledge.adapters.embedding import load_embedder  # noqa: PLC0415 - only this command embeds

    files = [Path(name) for name in sys.argv[1:]]
    into = files.pop() if files[-1].suffix == FILE.suffix else FILE
    texts = [clean(text) for file in files for text in sentences_of(file)]
    with TemporaryDirectory() as place:
        write(texts, load_embedder(), VectorCache(Path(place) / "vectors.sqlite"), into)


if __name__ == "__main__":
    main()
