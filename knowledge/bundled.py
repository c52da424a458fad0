"""Vectors of the bundled notes that come with the software, so that a first start need not spend minutes on them.

``bundled_vectors.npz`` holds, for one embedding model, keys by content hash and vectors as 8-bit integers with a scale
each (cosines differ from the full ones by about 0.0001). It is a cache like any other: texts that are not in it are
embedded at the first start, another model finds nothing in it. ``python -m knowledge.bundled`` (make vectors) writes it
anew after notes have changed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.ports import Embedder
from bot.records import Stamp
from knowledge.loading import find_files
from knowledge.loading.notes import load_note
from knowledge.units import rows_of
from knowledge.vectors import VectorCache, as_passages, embed

FILE = Path(__file__).parent / "bundled_vectors.npz"
CORPUS = Path(__file__).parent / "corpus"


def seed(cache: VectorCache, stamp: Stamp, file: Path = FILE) -> int:
    """Put the vectors that came with the software for this embedder into a cache; how many were put.

    Nothing where there is no file, or one for another model or of another shape. Raises OSError.
    """
    known = read(stamp, file)
    if known:
        cache.put(known)
    return len(known)


def read(stamp: Stamp, file: Path) -> dict[bytes, bytes]:
    """The vectors of a file by their keys; none where there is no file, or one for another model or of another shape.

    Raises OSError.
    """
    if not file.exists():
        return {}
    try:
        with np.load(file, allow_pickle=False) as stored:
            if str(stored["model"]) != stamp.digest:
                return {}
            keys, vectors = stored["keys"], _unpacked(stored["values"], stored["scales"])
    except (ValueError, KeyError, EOFError, BadZipFile):
        return {}
    return {key.tobytes(): vector.tobytes() for key, vector in zip(keys, vectors, strict=True)}


def write(texts: Sequence[str], embedder: Embedder, cache: VectorCache, file: Path = FILE) -> None:
    """Write the file for these texts; what the cache does not know is embedded. Raises as ``embed``."""
    way = as_passages(embedder)
    unique = sorted(set(texts))
    packed = embed(unique, way, cache, _show)
    vectors = np.frombuffer(b"".join(packed), dtype=np.float32).reshape(len(unique), -1)
    scales = np.abs(vectors).max(axis=1) / 127.0
    np.savez_compressed(
        file,
        model=np.array(embedder.stamp.digest),
        keys=np.frombuffer(b"".join(way.key(text) for text in unique), dtype=np.uint8).reshape(len(unique), -1),
        values=np.round(vectors / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
    )


def bundled_texts() -> list[str]:
    """Every text of the bundled notes that gets a vector. Raises BadDocument."""
    notes = [load_note(file, file.read_bytes()) for file in find_files(CORPUS)]
    return [row.text for row in rows_of([passage for note in notes for passage in note.passages])]


def _unpacked(values: NDArray[np.int8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    vectors = values.astype(np.float32) * scales[:, None]
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _show(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done}/{total}")


def main() -> None:
    from knowledge.adapters.embedding import load_embedder  # noqa: PLC0415 - only this command embeds

    embedder = load_embedder()
    with TemporaryDirectory() as place:
        cache = VectorCache(Path(place) / "vectors.sqlite")
        seed(cache, embedder.stamp)
        write(bundled_texts(), embedder, cache)


if __name__ == "__main__":
    main()
