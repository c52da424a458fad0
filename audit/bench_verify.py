"""What a check of the whole record costs, in time and memory, and which part of it costs how much."""

from __future__ import annotations

import resource
import statistics
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from audit.bench_entries import BUSY_SECONDS, Spent, rounded, spent
from audit.checkpoint import Verifier
from audit.commitments import commitment
from audit.engines import read_engine
from audit.keys import load_keys
from audit.leaves import leaf_hash
from audit.merkle import Frontier, root_of
from audit.opening import placed
from audit.prepare import DATABASE, KEYS, SUBJECT_KEYS
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, IDENTITY, RECEIPTS
from audit.tiles import WIDTH
from audit.verifying import verify

_AT_ONCE: Final = 1_000
_CHECKED: Final = 200_000  # entries that the rounds of one size check together
_HEIGHT: Final = WIDTH.bit_length() - 1
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class VerifyCost:
    """Processor time of a whole check by entry, half of which have a receipt: in all; to hash the stored leaves up to
    the root, and nothing else; to open the texts and compare their commitments; for the signatures of the receipts.
    ``to_hashing`` is the whole by the hashing, in the same rounds. Medians.
    """

    rounds: int
    per_second: int
    hashed_per_second: int
    whole_us: float
    hashing_us: float
    texts_us: float
    signatures_us: float
    to_hashing: float
    peak_mib: float
    over_empty_mib: float


@contextmanager
def held(directory: Path) -> Iterator[tuple[Connection, SubjectKeys, Verifier]]:
    """What ``audit.verifying`` works on."""
    keys = load_keys(directory / KEYS)
    subjects = SubjectKeys(directory / KEYS / SUBJECT_KEYS, keys.master, BUSY_SECONDS)
    engine = read_engine(directory / DATABASE, BUSY_SECONDS)
    try:
        with engine.begin() as connection:
            origin = connection.execute(select(IDENTITY.c.origin)).scalar_one()
            yield connection, subjects, Verifier(origin, keys.public)
    finally:
        engine.dispose()
        subjects.close()


def verify_cost(directory: Path, size: int, rounds: int) -> VerifyCost:
    """Check the log in ``directory``, whole and in parts, turn by turn. Raises what checking raises."""
    rounds = max(1, min(rounds, _CHECKED // size))
    parts: dict[str, list[Spent]] = {name: [] for name in ("whole", "hashing", "rows", "texts", "signatures")}
    with held(directory) as (connection, keys, verifier):
        works: dict[str, Callable[[], object]] = {
            "whole": lambda: verify(connection, keys, verifier),
            "hashing": lambda: _hash(connection),
            "rows": lambda: sum(1 for _ in placed(connection, None)),
            "texts": lambda: _open(connection, keys),
            "signatures": lambda: _check_signatures(connection, verifier),
        }
        for _ in range(rounds):
            for name, work in works.items():
                parts[name].append(spent(work))
    cpu = {name: statistics.median(each.cpu for each in times) / size for name, times in parts.items()}
    peak, over_empty = _memory(directory)
    return VerifyCost(
        rounds=rounds,
        per_second=round(1 / cpu["whole"]),
        hashed_per_second=round(1 / cpu["hashing"]),
        whole_us=rounded(1e6 * cpu["whole"]),
        hashing_us=rounded(1e6 * cpu["hashing"]),
        texts_us=rounded(1e6 * (cpu["texts"] - cpu["rows"])),
        signatures_us=rounded(1e6 * cpu["signatures"]),
        to_hashing=rounded(cpu["whole"] / cpu["hashing"]),
        peak_mib=peak,
        over_empty_mib=over_empty,
    )


def _hash(connection: Connection) -> bytes:
    """The root over all leaves as they are stored."""
    frontier = Frontier()
    leaves = select(ENTRIES.c.leaf).where(ENTRIES.c.tree_index.is_not(None)).order_by(ENTRIES.c.tree_index)
    for tile in connection.execute(leaves).scalars().partitions(WIDTH):
        hashes = [leaf_hash(leaf) for leaf in tile]
        if len(hashes) == WIDTH:
            frontier.add(root_of(hashes), _HEIGHT)
        else:
            for each in hashes:
                frontier.add(each)
    return frontier.root()


def _open(connection: Connection, keys: SubjectKeys) -> int:
    """Open every text and make its commitment anew; how many there are."""
    texts = (
        commitment(path, text.salt, text.value)
        for each in placed(connection, keys)
        for path, text in each.fields.items()
        if text is not None
    )
    return sum(1 for _ in texts)


def _check_signatures(connection: Connection, verifier: Verifier) -> None:
    public = Ed25519PublicKey.from_public_bytes(verifier.public)
    for some in connection.execute(select(RECEIPTS.c.signature, RECEIPTS.c.promise)).partitions(_AT_ONCE):
        for signature, promise in some:
            public.verify(signature, promise)


def _memory(directory: Path) -> tuple[float, float]:
    """The most that a process of its own held while it checked the log, and how much of that came with the check."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        empty, peak = pool.submit(_peaks, directory).result()
    return rounded(peak / _MIB), rounded((peak - empty) / _MIB)


def _peaks(directory: Path) -> tuple[int, int]:
    with held(directory) as (connection, keys, verifier):
        empty = _peak()
        verify(connection, keys, verifier)
        return empty, _peak()


def _peak() -> int:
    """The largest size of this process so far, in bytes. Linux's ``ru_maxrss`` would be its parent's where that was
    larger.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
