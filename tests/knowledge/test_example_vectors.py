"""The vectors of the example sentences are those of the sentences as they stand, by the model that is bundled."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.meaning import sentences
from knowledge.adapters.embedding import load_embedder
from knowledge.cleaning import clean
from knowledge.examples import BundledExamples, sentences_of

ROOT = Path(__file__).parents[2]


def test_they_fit_the_sentences() -> None:
    embedder = load_embedder()
    bundled = BundledExamples(sentences(), embedder)
    assert bundled.known, "run make vectors: the example sentences have changed"
    for place in random.Random(4).sample(range(len(sentences())), 12):
        vector = embedder.query(clean("都のAI関連予算はいくらですか"))
        (passage,) = embedder.passages([sentences()[place]])
        fresh = sum(left * right for left, right in zip(vector, passage, strict=True))
        assert bundled.cosines("都のAI関連予算はいくらですか")[place] == pytest.approx(fresh, abs=0.002)


def test_the_command_reads_the_same_sentences() -> None:
    assert tuple(sentences_of(ROOT / "bot" / "meaning.toml")) == sentences()


def test_another_sentence_or_no_file_says_nothing(tmp_path: Path) -> None:
    embedder = load_embedder()
    assert BundledExamples([*sentences(), "新しい文"], embedder).cosines("予算") == ()
    missing = BundledExamples(sentences(), embedder, tmp_path / "missing.npz")
    assert not missing.known
    assert missing.cosines("予算") == ()
