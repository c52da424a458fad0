from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.cleaning import LONGEST, clean
from tests.knowledge.notes import NASTY


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_text_becomes_text_that_any_engine_takes(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert len(cleaned) <= LONGEST
    assert "\0" not in cleaned
    assert "\ufdfa" not in cleaned


@given(st.text(alphabet=st.characters(), max_size=300))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ﾊﾝｶｸ", "ハンカク"),
        ("か\u3099く", "がく"),
        ("⽂⾳⽰", "文音示"),
        ("ＡＩ　予算", "AI 予算"),
        ("a\r\nb\rc\n\n\nd", "a\nb\nc\nd"),
        ("文\u200b字\ufeff", "文字"),
        (" \u3000\n ", ""),
        ("\ud800\0", ""),
        ("", ""),
    ],
)
def test_what_people_write_is_made_one(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_long_text_is_cut_only_after_it_was_composed() -> None:
    assert clean("か\u3099" * 5_000) == unicodedata.normalize("NFC", "か\u3099") * LONGEST
