from __future__ import annotations

from pathlib import Path

from knowledge.bench_ingest import bench_ingest, write_notes
from knowledge.loading import find_files
from knowledge.loading.notes import load_note
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder


def test_knowledge_is_made_read_in_searched_and_read_in_again(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    cost = bench_ingest(60, tmp_path, embedder, FakeAnalyzer(), seed=7)
    assert cost.passages == 60
    assert cost.texts > cost.distinct >= 3 * 60
    assert len(set(embedder.asked)) == cost.distinct + 60  # every question is new: none was embedded before
    assert cost.first_seconds > 0
    assert cost.snapshot_mib > 0
    assert cost.query_p95_ms >= cost.query_p50_ms > 0
    assert cost.again_to_first < 1
    assert cost.peak_memory_mib > 10


def test_the_same_seed_makes_the_same_notes(tmp_path: Path) -> None:
    asked = [write_notes(tmp_path / name, 20, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert asked[0] == asked[1] != asked[2]
    read = [[file.read_bytes() for file in find_files(tmp_path / name)] for name in ("a", "b", "c")]
    assert read[0] == read[1] != read[2]
    bodies = {load_note(file, file.read_bytes()).passages[0].text for file in find_files(tmp_path / "a")}
    assert len(bodies) == 20
