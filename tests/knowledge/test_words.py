from __future__ import annotations

from knowledge.adapters.words import SudachiAnalyzer
from knowledge.words import content_words, grams, is_kana_only, readings


def test_content_words_are_normalised_and_particles_are_left_out(analyzer: SudachiAnalyzer) -> None:
    assert content_words(analyzer.words("AIの予算を教えてください。")) == ["ai", "予算", "教える"]


def test_grams_do_not_run_over_punctuation() -> None:
    assert grams("AI、予算") == ["a", "i", "ai", "予", "算", "予算"]
    assert grams("。！") == []


def test_kana_alone_is_recognised() -> None:
    assert is_kana_only("よさんはいくらですか？")
    assert not is_kana_only("予算はいくら")
    assert not is_kana_only("カタカナ")
    assert not is_kana_only("AIのよさん")
    assert not is_kana_only("")


def test_kana_and_kanji_share_readings(analyzer: SudachiAnalyzer) -> None:
    written = set(readings(analyzer.words("都立学校の予算")))
    spoken = set(readings(analyzer.words("とりつがっこうのよさん")))
    assert {"ガッコ", "ヨサン"} <= written & spoken
