"""The danger text leaves in 50 ms with the index deleted, the embedder gone and the log taking nothing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from audit import engines
from audit.sqlite import connect
from bot.answered import Answered, Asked
from bot.danger import Danger, danger_text, reader_at
from bot.desk import Desk
from bot.exchange import answer
from bot.records import DeskName, Language, Outcome, Stamp
from knowledge.shelf import SnapshotShelf
from tests.house_kit import SmallHouse, small_house

MOST_SECONDS = 0.05
TRIES = 7
TOLD = (
    ("もう死にたいです", Danger.SELF_HARM, Language.JA),
    ("There's a fire in my kitchen and it's spreading", Danger.FIRE, Language.EN),
    ("我爸突然昏倒了，叫不醒", Danger.ILLNESS, Language.ZH),
    ("수면제를 백 알 넘게 먹었어요", Danger.POISON, Language.KO),
    ("市民の方から「夫に殴られて逃げている」と届きました。どう返信すればよいですか", Danger.VIOLENCE, Language.JA),
)


class GoneEmbedder:
    """As where the model's file cannot be read any more; counts how often it was asked."""

    stamp = Stamp("gone", "0", "0" * 64)

    def __init__(self) -> None:
        self.asked = 0

    def query(self, text: str) -> Sequence[float]:
        self.asked += 1
        raise MemoryError

    def passages(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        raise MemoryError


@pytest.fixture
def stripped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHouse]:
    """Everything an answer needs is taken away while the house stands."""
    small = small_house(tmp_path)
    small.house.close()
    for name in DeskName:
        shutil.rmtree(small.data / name.value / "snapshots")

    def bounded(path: Path, busy_seconds: float) -> object:
        connection = connect(path, busy_seconds)
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(engines, "connect", bounded)
    yield small
    small.house.close()


def without_embedder(small: SmallHouse, name: DeskName) -> tuple[Desk, GoneEmbedder]:
    gone = GoneEmbedder()
    shelf = SnapshotShelf(small.data / name.value, gone, small.house.analyzer)
    return replace(small.house.desks[name], shelf=shelf), gone


def timed(desk: Desk, question: str) -> tuple[Answered, float]:
    start = time.perf_counter()
    given = answer(desk, Asked(question))
    return given, time.perf_counter() - start


@pytest.mark.parametrize("name", list(DeskName))
def test_the_danger_text_leaves_in_time_from_both_desks(stripped: SmallHouse, name: DeskName) -> None:
    desk, gone = without_embedder(stripped, name)
    for question, danger, language in TOLD:
        tried = [timed(desk, question) for _ in range(TRIES)]
        for given, _ in tried:
            assert given.reply.outcome is Outcome.ESCALATED_DANGER
            assert given.reply.text == danger_text(danger, language, reader_at(name))
            assert given.receipt is None
        assert min(seconds for _, seconds in tried) < MOST_SECONDS, question
    assert gone.asked == 0


def test_the_longest_question_is_in_time_too(stripped: SmallHouse) -> None:
    desk, _ = without_embedder(stripped, DeskName.PUBLIC)
    question = "今日は朝から天気がよくて散歩をしました。" * 90 + "もう死にたいです。" + "帰りに本を買いました。" * 15
    tried = [timed(desk, question[:2_000]) for _ in range(TRIES)]
    assert {given.reply.outcome for given, _ in tried} == {Outcome.ESCALATED_DANGER}
    assert min(seconds for _, seconds in tried) < 2 * MOST_SECONDS


def test_other_questions_get_the_outage_notice_meanwhile(stripped: SmallHouse) -> None:
    desk, _ = without_embedder(stripped, DeskName.PUBLIC)
    given, _ = timed(desk, "戦略会議の委員は何人ですか")
    assert given.reply.outcome is Outcome.FAILED_LOG
    assert given.receipt is None
