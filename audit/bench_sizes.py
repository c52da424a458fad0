"""What checking and proving cost, and what becomes of every cost as a log grows.

The log is written by ``DeskLog.append`` and ``DeskProofs.sequence``, as the service writes, a thousand entries in one
transaction: there is no second way in that could be quicker and different.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select

from audit.bench_entries import BUSY_SECONDS, Spent, bytes_of, closing, opening, rounded, spent
from audit.bench_verify import VerifyCost, held, verify_cost
from audit.canonical import canonical
from audit.log import DeskLog
from audit.merkle import HASH_BYTES
from audit.prepare import prepare
from audit.proofs import DeskProofs
from audit.tables import ENTRIES
from bot.ports import Clock
from bot.records import Entry, EntryId, Json

PROVED: Final = 300
"""Entries whose proofs are timed, from all over the log and in no order."""

_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class SizeCost:
    """One log at one size. Processor time by entry for writing (the last thousands) and for giving indices; a proof
    bundle without texts, made on the spot (by the clock, and its median by the processor); the inclusion proof alone in
    bytes.
    """

    entries: int
    append_us: float
    sequenced_per_second: int
    bytes: int
    verify: VerifyCost
    proof_p50_ms: float
    proof_p99_ms: float
    proof_cpu_ms: float
    inclusion_bytes: int
    bundle_bytes: int


def grown_logs(  # noqa: PLR0913 - each is something else, and named where it is called
    directory: Path,
    origin: str,
    clock: Clock,
    *,
    entries: Sequence[int],
    rounds: int,
    progress: Callable[[str], object],
) -> Sequence[SizeCost]:
    """One log that grows to each of these sizes, looked at there. Raises LogUnavailable, OSError, sqlite3.Error."""
    prepare(directory, origin, clock)
    log = DeskLog(directory, clock, busy_seconds=BUSY_SECONDS)
    proofs = DeskProofs(directory, clock, busy_seconds=BUSY_SECONDS)
    found: list[SizeCost] = []
    size = 0
    try:
        for wanted in sorted(set(entries)):
            progress(f"{wanted} entries")
            written, sequenced = _grow(log, proofs, size, wanted)
            checked, size = verify_cost(directory, wanted, rounds), wanted
            times, inclusion, bundle = _proofs(directory, proofs, wanted)
            found.append(
                SizeCost(
                    entries=wanted,
                    append_us=rounded(1e6 * written),
                    sequenced_per_second=round(1 / sequenced),
                    bytes=round(bytes_of(directory) / wanted),
                    verify=checked,
                    proof_p50_ms=_quantile([each.wall for each in times], 0.5),
                    proof_p99_ms=_quantile([each.wall for each in times], 0.99),
                    proof_cpu_ms=_quantile([each.cpu for each in times], 0.5),
                    inclusion_bytes=inclusion,
                    bundle_bytes=bundle,
                )
            )
    finally:
        log.close()
        proofs.close()
    return found


def _grow(log: DeskLog, proofs: DeskProofs, size: int, wanted: int) -> tuple[float, float]:
    """Write and take into the tree; processor seconds of one entry for either, of the last thousand for writing."""
    written, sequenced, begun = 0.0, 0.0, size
    while size < wanted:
        exchanges = range(size // 2, min(size + _AT_ONCE, wanted) // 2)
        made = [(opened, closing(opened)) for opened in map(opening, exchanges)]
        written = spent(lambda: _write(log, made)).cpu / (2 * len(made))  # noqa: B023 - run at once
        size = 2 * exchanges.stop
        sequenced += spent(proofs.sequence).cpu
    return written, sequenced / (wanted - begun)


def _write(log: DeskLog, made: Sequence[tuple[Entry, Entry]]) -> None:
    with log.begin() as transaction:
        for opened, closed in made:
            log.append(opened, transaction)
            log.append(closed, transaction)


def _proofs(directory: Path, proofs: DeskProofs, size: int) -> tuple[Sequence[Spent], int, int]:
    """The time of each proof, and the largest inclusion proof and bundle in bytes."""
    indices = range(0, size, size // PROVED | 1)  # odd steps: openings and closings
    with held(directory) as (connection, _, _):
        placed_at = select(ENTRIES.c.entry, ENTRIES.c.tree_index).where(ENTRIES.c.tree_index.in_(indices))
        entries = [EntryId(row.entry) for row in connection.execute(placed_at.order_by(ENTRIES.c.leaf_hash))]
    times: list[Spent] = []
    inclusion, largest = 0, 0
    for entry in entries:
        made: list[Mapping[str, Json]] = []
        times.append(spent(lambda: made.append(proofs.bundle(entry, contents=False))))  # noqa: B023 - run at once
        [bundle] = made
        way = bundle["inclusion"]
        inclusion = max(inclusion, HASH_BYTES * len(way) if isinstance(way, list) else 0)
        largest = max(largest, len(canonical(bundle)))
    return times, inclusion, largest


def _quantile(values: Sequence[float], share: float) -> float:
    return rounded(1000 * sorted(values)[min(len(values) - 1, int(len(values) * share))])
