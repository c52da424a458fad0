"""The vectors of one snapshot in Chroma: one collection in the snapshot's directory, written once, then only read."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

Floats = NDArray[np.float32]

_NAME = "units"
_OPENING = threading.Lock()  # Chroma shares by path what is open, and does not guard the sharing
_BATCH = 2_000  # under Chroma's own limit of 5,461


class VectorsDamaged(Exception):
    """The directory holds no readable collection of the expected size."""


def write_vectors(directory: Path, matrix: Floats) -> None:
    """A new collection with these unit vectors in ``directory``, complete when this returns."""
    client = _client(directory)
    try:
        # Inner product: the vectors have length one, and unlike "cosine" it keeps them to the last bit.
        collection = client.create_collection(
            _NAME, embedding_function=None, configuration={"hnsw": {"space": "ip", "ef_construction": 64}}
        )
        for start in range(0, len(matrix), _BATCH):
            batch = matrix[start : start + _BATCH]
            collection.add(ids=[str(start + place) for place in range(len(batch))], embeddings=batch)
    finally:
        client.close()


def read_vectors(
    directory: Path, count: int, keep_open_above: int
) -> tuple[Floats, Callable[[Floats, int], Sequence[int]] | None]:
    """All vectors by place, and above so many of them a search for the nearest places, else None.

    Raises VectorsDamaged unless the directory holds exactly ``count`` vectors, MemoryError.
    """
    _probe(directory / "chroma.sqlite3")
    from chromadb.errors import ChromaError  # noqa: PLC0415 - as in _client

    with ExitStack() as opened:
        try:
            client = _client(directory)
            # Chroma shares what is open by path: without closing, a snapshot built anew there would not be seen.
            opened.callback(client.close)
            collection = client.get_collection(_NAME, embedding_function=None)
            matrix = _matrix(collection, count)
        except (ChromaError, sqlite3.Error, ValueError, KeyError, RuntimeError) as problem:
            raise VectorsDamaged("the collection cannot be read") from problem
        if count <= keep_open_above:
            return matrix, None
        opened.pop_all()

    def nearest(vector: Floats, many: int) -> Sequence[int]:
        answer = collection.query(query_embeddings=vector.tolist(), n_results=many, include=[])
        return [int(place) for place in answer["ids"][0]]

    return matrix, nearest


def _probe(file: Path) -> None:
    """Chroma makes an empty collection of a missing file, and a file it cannot open stays broken for the process."""
    if not file.is_file():
        raise VectorsDamaged("the collection is missing")
    try:
        with closing(sqlite3.connect(file)) as database:
            sound = database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.Error as problem:
        raise VectorsDamaged("the collection cannot be read") from problem
    if not sound:
        raise VectorsDamaged("the collection is damaged")


def _matrix(collection: Collection, count: int) -> Floats:
    stored = collection.get(include=["embeddings"])
    places = [int(each) for each in stored["ids"]]
    vectors = stored["embeddings"]
    if vectors is None or sorted(places) != list(range(count)):
        raise VectorsDamaged("the collection does not hold the vectors of this snapshot")
    matrix = np.empty((count, len(vectors[0]) if count else 0), dtype=np.float32)
    if count:
        matrix[places] = vectors
    return matrix


def _client(directory: Path) -> Client:
    # Chroma brings onnxruntime, whose telemetry is on unless this is set; without an embedding function of Chroma's
    # own it is not even imported (a test sees to it).
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import chromadb  # noqa: PLC0415 - one second of CPU, for those who search
    from chromadb.config import Settings  # noqa: PLC0415 - as above

    with _OPENING:
        client = chromadb.PersistentClient(path=str(directory), settings=Settings(anonymized_telemetry=False))
    return cast("Client", client)  # declared as the wider ClientAPI, which has no close()
