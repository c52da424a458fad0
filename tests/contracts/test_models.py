"""What every embedder and every word analyzer does, the real ones and the fake ones."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.ports import Embedder, WordAnalyzer
from knowledge.adapters.embedding import load_embedder
from knowledge.adapters.words import load_analyzer
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder
from tests.knowledge.notes import NASTY


@pytest.fixture(scope="module", params=["fake", "real"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return FakeEmbedder() if request.param == "fake" else load_embedder()


@pytest.fixture(scope="module", params=["fake", "real"])
def analyzer(request: pytest.FixtureRequest) -> WordAnalyzer:
    return FakeAnalyzer() if request.param == "fake" else load_analyzer()


def cosine(one: object, other: object) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))  # type: ignore[call-overload]  # two vectors


def test_vectors_have_length_one_and_the_stated_dimensions(embedder: Embedder) -> None:
    for vector in [embedder.query("予算はいくらですか"), *embedder.passages(["予算は181億円です。", "水門"])]:
        assert len(vector) == embedder.dimensions
        assert math.isclose(cosine(vector, vector), 1.0, abs_tol=1e-3)


def test_like_texts_are_nearer(embedder: Embedder) -> None:
    near, far = embedder.passages(["AIの予算は181億円です。", "水門は遠くから動かせます。"])
    query = embedder.query("AIの予算はいくらですか")
    assert cosine(query, near) > cosine(query, far)


def test_the_same_text_has_the_same_vector_from_any_thread(embedder: Embedder) -> None:
    texts = [f"質問{number % 7}" for number in range(56)]
    alone = [list(embedder.query(text)) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert [list(vector) for vector in pool.map(embedder.query, texts)] == alone
        alike = list(pool.map(lambda text: list(embedder.passages([text])[0]), texts))
    assert alike == [list(embedder.passages([text])[0]) for text in texts]


def test_no_texts_have_no_vectors_and_an_empty_text_is_refused(embedder: Embedder) -> None:
    assert list(embedder.passages([])) == []
    with pytest.raises(ValueError, match="empty"):
        embedder.query("")
    with pytest.raises(ValueError, match="empty"):
        embedder.passages(["予算", "\0"])


def test_a_stamp_names_the_model(embedder: Embedder) -> None:
    assert embedder.stamp.name
    assert len(embedder.stamp.digest) == 64


def test_words_come_in_order_and_lose_nothing(analyzer: WordAnalyzer) -> None:
    assert "".join(word.surface for word in analyzer.words("都の予算は181億円です。")) == "都の予算は181億円です。"
    assert list(analyzer.words("")) == []


def test_words_are_the_same_from_any_thread(analyzer: WordAnalyzer) -> None:
    texts = [f"東京都のAI予算は{number}億円です。" for number in range(64)]
    alone = [list(analyzer.words(text)) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert [list(words) for words in pool.map(analyzer.words, texts)] == alone


def test_nasty_text_has_words_or_none(analyzer: WordAnalyzer) -> None:
    for text in NASTY:
        for word in analyzer.words(text):
            word.surface.encode("utf-8")
