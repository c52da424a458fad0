"""``madoguchi bench answer``: the cost of an answer against one query embedding, in one run."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.answered import Asked
from bot.exchange import answer
from bot.records import DeskName
from web.assembly import House

_SUBJECTS = ("補助金審査のAI", "都のAI関連予算", "葛城市のこどもの相談", "生成AIプラットフォーム", "江間委員の意見")
_ASKED = (
    "はいつから始まりますか",
    "の目的は何ですか",
    "を担当するのはどこですか",
    "について教えてください",
    "の効果を知りたい",
)


def bench_answer(house: House, rounds: int, clients: int) -> dict[str, float]:
    """Interleaved rounds: an embedding never seen before, an uncached answer, the same answer again; then a load.

    Times in milliseconds. ``answer_to_embedding`` and ``cached_speedup`` are ratios of medians within this run.
    """
    desk = house.desks[DeskName.PUBLIC]
    fresh = (
        f"{subject}{asked}（{number}）" for number in itertools.count() for subject in _SUBJECTS for asked in _ASKED
    )

    def ask(text: str) -> None:
        answer(desk, Asked(text))

    for _ in range(5):
        ask(next(fresh))
    embedding, uncached, cached = [], [], []
    for _ in range(rounds):
        embedding.append(_timed(lambda: house.embedder.query(next(fresh))))
        text = next(fresh)
        uncached.append(_timed(lambda text=text: ask(text)))  # type: ignore[misc]
        cached.append(_timed(lambda text=text: ask(text)))  # type: ignore[misc]
    questions = [next(fresh) for _ in range(rounds * clients)]
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        loaded = list(pool.map(lambda text: _timed(lambda: ask(text)), questions))
    wall = time.perf_counter() - start
    return {
        "embedding_p50_ms": _median(embedding),
        "answer_p50_ms": _median(uncached),
        "cached_p50_ms": _median(cached),
        "answer_to_embedding": round(statistics.median(uncached) / statistics.median(embedding), 2),
        "cached_speedup": round(statistics.median(uncached) / statistics.median(cached), 2),
        f"p95_ms_at_{clients}_clients": round(sorted(loaded)[int(len(loaded) * 0.95)], 1),
        f"answers_per_second_at_{clients}_clients": round(len(questions) / wall, 1),
    }


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2)
