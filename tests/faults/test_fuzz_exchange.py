"""Anything a person can type, through the same exchange as the doors; the long form with MADOGUCHI_SOAK (make soak)."""

from __future__ import annotations

import os
import random
from pathlib import Path

from bot.records import Outcome
from tests.house_kit import small_house

PIECES = (
    "ﷺ" * 12, "\x00", "\ud800", "\u202e", "<script>alert(1)</script>", "\x1b[31m", "'; DROP TABLE entries;--", "🙂" * 5,
    "аdmin", "ﾊﾝｶｸ", "が", "補助金",
    "予算は", "いくら", "それは", "？", " ", "\n", "A" * 500, "いつ" * 50, "090-1234-5678", "{contact}",
    "〈電話番号〉", "\u200b", "第9999回", "令和999年", "%s%n", "../../etc", "何台", "١٢٣", "한국어", "预算",
)  # fmt: skip
SHORT, LONG = 40, 5_000


def test_every_text_gets_an_outcome_and_nothing_raw_comes_back(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    house = small_house(tmp_path)
    rounds = LONG if os.environ.get("MADOGUCHI_SOAK") else SHORT
    for _ in range(rounds):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 9)))
        answered = house.ask(text)
        assert isinstance(answered.reply.outcome, Outcome)
        assert answered.reply.outcome is not Outcome.FAILED_INTERNAL
        assert answered.receipt is not None
        for raw in ("<script>", "\x1b", "\x00", "DROP TABLE", "090-1234-5678"):
            assert raw not in answered.reply.text
