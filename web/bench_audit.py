"""``madoguchi bench audit``: the record's cost against the limits that its design sets, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from audit.bench import AuditCost, bench_audit
from bot.adapters.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure, what it may be, and whether it is."""

    name: str
    found: float
    limit: float
    reached: bool


def measured(
    place: Path | None, entries: Sequence[int], rounds: int, progress: Callable[[str], object]
) -> tuple[AuditCost, Sequence[Limit]]:
    """Measure in a new directory in ``place`` (where None: in the system's for temporary files), which is removed.

    Raises LogUnavailable, OSError, sqlite3.Error.
    """
    with TemporaryDirectory(dir=place) as made:
        cost = bench_audit(Path(made), SystemClock(), entries=entries, rounds=rounds, progress=progress)
    return cost, list(_limits(cost))


def _limits(cost: AuditCost) -> Iterator[Limit]:
    for each in cost.append:
        yield _at_most(f"{each.kind}: extra processor time of an append, µs", each.extra_cpu_us, 50)
        for group, ratio in each.wall_ratio.items():
            name = "one durable append" if group == 1 else f"{group} in one transaction"
            yield _at_most(f"{each.kind}: {name}, times a plain row's", ratio, 1.5 if group == 1 else 2)
        yield _at_most(f"{each.kind}: bytes, times a plain row's", each.bytes_ratio, 1.35)
    last = cost.sizes[-1]
    yield _at_least(f"whole check at {last.entries}, entries/s", last.verify.per_second, 400_000)
    yield _at_least(
        f"leaves hashed up to the root at {last.entries}, entries/s", last.verify.hashed_per_second, 400_000
    )
    yield _at_most(f"memory of a check at {last.entries}, MiB", last.verify.peak_mib, 100)
    yield _at_most(f"proof at {last.entries}, p99 ms", last.proof_p99_ms, 20)
    yield _at_most(f"inclusion proof at {last.entries}, bytes", last.inclusion_bytes, 1024)


def _at_most(name: str, found: float, limit: float) -> Limit:
    return Limit(name, found, limit, found <= limit)


def _at_least(name: str, found: float, limit: float) -> Limit:
    return Limit(name, found, limit, found >= limit)


def as_lines(cost: AuditCost, limits: Sequence[Limit]) -> Iterator[str]:
    """Everything that was measured, one figure a line, and then the limits."""
    yield from _flat("", cost.as_dict())
    for each in limits:
        yield f"{'reached ' if each.reached else 'missed  '}{each.name}: {each.found:g} (limit {each.limit:g})"


def _flat(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner, each in value.items():
            yield from _flat(f"{name}.{inner}".lstrip("."), each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            label = each.get("kind") or each.get("entries")
            yield from _flat(f"{name}.{label}", each)
    else:
        yield f"{name}: {value}"
