"""The vectors that come with the software are those of the model, and cover the notes that come with it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from knowledge.adapters.embedding import load_embedder
from knowledge.bundled import bundled_texts, seed
from knowledge.vectors import VectorCache, as_passages, pack


def test_a_sample_is_what_the_model_gives(tmp_path: Path) -> None:
    embedder = load_embedder()
    cache = VectorCache(tmp_path / "vectors.sqlite")
    assert seed(cache, embedder.stamp) > 10_000
    way = as_passages(embedder)
    sample = random.Random(7).sample(sorted(set(bundled_texts())), 40)
    known = cache.get([way.key(text) for text in sample])
    assert len(known) >= 36, "run make vectors: too many bundled texts have changed"
    for text in sample:
        if way.key(text) in known:
            stored = np.frombuffer(known[way.key(text)], dtype=np.float32)
            fresh = np.frombuffer(pack(embedder.passages([text])[0]), dtype=np.float32)
            assert float(stored @ fresh) > 0.999


def test_another_model_and_a_damaged_file_give_nothing(tmp_path: Path) -> None:
    embedder = load_embedder()
    cache = VectorCache(tmp_path / "vectors.sqlite")
    other = type(embedder.stamp)("other", "1", "0" * 64)
    assert seed(cache, other) == 0
    (tmp_path / "damaged.npz").write_bytes(b"not an archive")
    assert seed(cache, embedder.stamp, tmp_path / "damaged.npz") == 0
    assert seed(cache, embedder.stamp, tmp_path / "missing.npz") == 0
