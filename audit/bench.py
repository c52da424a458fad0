"""What the record costs beside plain rows: time, processor and space of an append. All in one run, turn by turn.

``audit.bench_sizes`` has the other half: checking and proving, and what becomes of the cost as a log grows.
"""

from __future__ import annotations

import os
import secrets
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from audit.bench_entries import BUSY_SECONDS, PlainLog, Spent, bytes_of, closing, opening, plain_row, rounded, spent
from audit.bench_sizes import SizeCost, grown_logs
from audit.log import DeskLog
from audit.prepare import prepare
from bot.ports import Clock
from bot.records import Entry

T = TypeVar("T")

GROUPS: Final = (1, 10, 100)
"""Entries of one transaction."""

SINGLES: Final = 5
"""Durable single appends of one round."""

_ORIGIN: Final = "example.org/madoguchi/bench"


@dataclass(frozen=True, slots=True)
class AppendCost:
    """One kind of entry against the same entry as a plain row, made ready beforehand. Medians over the rounds.

    ``cpu_us`` is of one append in a transaction of a hundred, ``wall_ratio`` by the size of the transaction, ``bytes``
    of one entry with its share of indices, keys, receipt and links.
    """

    kind: str
    cpu_us: float
    extra_cpu_us: float
    wall_ratio: dict[int, float]
    bytes: int
    bytes_ratio: float


@dataclass(frozen=True, slots=True)
class AuditCost:
    """``sync_ms``: how long the disk takes for one sync, without which a ratio of durable times says little."""

    rounds: int
    sync_ms: float
    append: Sequence[AppendCost]
    sizes: Sequence[SizeCost]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def bench_audit(
    directory: Path, clock: Clock, *, entries: Sequence[int], rounds: int, progress: Callable[[str], object]
) -> AuditCost:
    """Measure in ``directory``, which must be empty. ``entries`` are the sizes at which a growing log is looked at.

    Raises LogUnavailable, OSError, sqlite3.Error.
    """
    progress("append")
    append = [
        _append_cost(directory / "opened", clock, rounds, opening),
        _append_cost(directory / "closed", clock, rounds, lambda number: closing(opening(number))),
    ]
    sizes = grown_logs(directory / "grown", _ORIGIN, clock, entries=entries, rounds=rounds, progress=progress)
    return AuditCost(rounds, rounded(1000 * _sync(directory)), append, sizes)


def _append_cost(directory: Path, clock: Clock, rounds: int, entry: Callable[[int], Entry]) -> AppendCost:
    prepare(directory / "log", _ORIGIN, clock)
    (directory / "plain").mkdir()
    log, plain = DeskLog(directory / "log", clock, busy_seconds=BUSY_SECONDS), PlainLog(directory / "plain" / "rows")
    logged: dict[int, list[Spent]] = {group: [] for group in GROUPS}
    rows: dict[int, list[Spent]] = {group: [] for group in GROUPS}
    at = 0
    for turn in range(rounds + 1):
        for group in GROUPS:
            count = group if group > 1 else SINGLES
            made = [entry(number) for number in range(at, at + count)]
            ready, at = [plain_row(each) for each in made], at + count
            turns: list[tuple[dict[int, list[Spent]], Callable[[], None]]] = [
                (logged, lambda: _in_groups(group, made, lambda some: _append(log, some))),  # noqa: B023 - run at once
                (rows, lambda: _in_groups(group, ready, lambda some: plain.add(*some))),  # noqa: B023 - run at once
            ]
            for kept, work in turns if turn % 2 else reversed(turns):
                kept[group].append(spent(work))
    log.close()
    plain.close()
    return _as_cost(entry(0).kind, logged, rows, (bytes_of(directory / "log") / at, bytes_of(directory / "plain") / at))


def _in_groups(group: int, values: Sequence[T], write: Callable[[Sequence[T]], None]) -> None:
    for at in range(0, len(values), group):
        write(values[at : at + group])


def _append(log: DeskLog, entries: Sequence[Entry]) -> None:
    with log.begin() as transaction:
        for each in entries:
            log.append(each, transaction)


def _as_cost(
    kind: str, logged: dict[int, list[Spent]], rows: dict[int, list[Spent]], sizes: tuple[float, float]
) -> AppendCost:
    """The first round warms up and does not count."""

    def median(of: dict[int, list[Spent]], group: int, value: Callable[[Spent], float]) -> float:
        return statistics.median(value(each) for each in of[group][1:])

    largest = max(GROUPS)
    cpu = median(logged, largest, lambda each: each.cpu) / largest
    plain = median(rows, largest, lambda each: each.cpu) / largest
    ratios = {
        group: rounded(median(logged, group, lambda each: each.wall) / median(rows, group, lambda each: each.wall))
        for group in GROUPS
    }
    return AppendCost(
        kind, rounded(1e6 * cpu), rounded(1e6 * (cpu - plain)), ratios, round(sizes[0]), rounded(sizes[0] / sizes[1])
    )


def _sync(directory: Path) -> float:
    """Seconds to make one page durable where the logs lie."""
    times = []
    descriptor = os.open(directory / "synced", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for _ in range(25):
            os.write(descriptor, secrets.token_bytes(4096))
            times.append(spent(lambda: os.fsync(descriptor)).wall)
    finally:
        os.close(descriptor)
    return statistics.median(times)
