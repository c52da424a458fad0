from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.bench import BadBench, bench_retrieval, printed
from knowledge.measures import ndcg, quantile, recall, reciprocal_rank
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder

CORPUS = [
    {"id": "a", "text": "水門は遠くから動かせます。", "title": "水門"},
    {"id": "b", "text": "予算\n予算は181億円です。"},
    {"id": 3, "text": "## 学校\n### 授業\n授業で使います。"},
]
QUERIES = [
    {"id": "1", "text": "水門を動かす", "relevant": ["a"]},
    {"id": "2", "text": "予算の額", "relevant": {"b": 2, "a": 0}},
    {"id": "3", "text": "\ud800", "relevant": [3]},
    {"id": "4", "text": "何もない", "relevant": {"a": 0}},
]


def lines(file: Path, values: list[object]) -> Path:
    file.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return file


def test_measures() -> None:
    grades = {"a": 2.0, "b": 1.0}
    assert recall(grades, ["x", "a", "b"], 2) == 0.5
    assert reciprocal_rank(grades, ["x", "a"]) == 0.5
    assert reciprocal_rank(grades, ["x"]) == 0.0
    assert ndcg(grades, ["a", "b"]) == 1.0
    assert ndcg(grades, ["b", "a"]) == pytest.approx((1 + 2 / 1.584962) / (2 + 1 / 1.584962))
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0


def test_a_set_is_measured_and_paid_for_once(tmp_path: Path) -> None:
    corpus, queries = lines(tmp_path / "corpus.jsonl", CORPUS), lines(tmp_path / "queries.jsonl", QUERIES)
    first = bench_retrieval(corpus, queries, FakeEmbedder(), FakeAnalyzer(), tmp_path / "bench")
    assert (first.passages, first.questions) == (3, 3)
    assert first.recall_1 == pytest.approx(2 / 3)  # the third question is empty once cleaned
    embedder = FakeEmbedder()
    again = bench_retrieval(corpus, queries, embedder, FakeAnalyzer(), tmp_path / "bench")
    assert again.ndcg_10 == first.ndcg_10
    assert all(text.endswith("?") for text in embedder.asked)  # only the timed questions
    assert "ndcg_10" in printed(again)
    assert again.as_dict()["questions"] == 3


@pytest.mark.parametrize(
    ("corpus", "message"),
    [("{", "line 1: is not JSON"), ('{"id": "a"}', "lacks text"), ("", "is empty"), ("[]", "lacks id")],
)
def test_a_bad_file_is_named(tmp_path: Path, corpus: str, message: str) -> None:
    file = tmp_path / "corpus.jsonl"
    file.write_text(corpus, encoding="utf-8")
    queries = lines(tmp_path / "queries.jsonl", QUERIES)
    with pytest.raises(BadBench, match=message):
        bench_retrieval(file, queries, FakeEmbedder(), FakeAnalyzer(), tmp_path)


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    corpus = lines(tmp_path / "corpus.jsonl", [CORPUS[0], CORPUS[0]])
    queries = lines(tmp_path / "queries.jsonl", QUERIES)
    with pytest.raises(BadBench, match="twice"):
        bench_retrieval(corpus, queries, FakeEmbedder(), FakeAnalyzer(), tmp_path)
