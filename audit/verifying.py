"""The whole of one log checked where it lies: entries, tree, checkpoints, texts, links, receipts, outside checkpoints.

The columns beside a leaf are checked too: they prove nothing, but whoever searches by them must not be misled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, select

from audit.canonical import strict
from audit.checkpoint import BadNote, Checkpoint, Verifier, opened
from audit.erasures import KIND as ERASURE
from audit.erasures import Erasures
from audit.leaves import read_leaf
from audit.opening import placed, unplaced
from audit.report import CHECKPOINT, ENTRY, HEAD, INDEX, LEAF, OUTSIDE, RECEIPT, Report
from audit.subject_keys import SubjectKeys
from audit.tables import CHECKPOINTS, ENTRIES, LINKS, RECEIPTS
from audit.tables import HEAD as HEAD_TABLE
from audit.tree import INDEX as PLACE
from audit.tree import WAITING
from audit.walking import Walk
from bot.records_json import CLOSED

Roots = Mapping[int, bytes]
_Opening = Callable[[str], Checkpoint | None]

_RECEIPT: Final = (
    ENTRIES.c.tree_index,
    RECEIPTS.c.code,
    RECEIPTS.c.promise,
    RECEIPTS.c.signature,
    ENTRIES.c.entry,
    ENTRIES.c.leaf_hash,
)
_AT_ONCE: Final = 1_000  # receipts in memory


class _Receipt(NamedTuple):
    """A receipt as it is stored, with what its entry says; None where there is no such entry."""

    code: str
    promise: bytes
    signature: bytes
    entry: str | None
    leaf_hash: bytes | None


def verify(connection: Connection, keys: SubjectKeys, verifier: Verifier, outside: Sequence[str] = ()) -> Report:
    """Check everything, and checkpoints kept outside (notes) against it. Reads one state of the log; writes nothing.

    Raises SQLAlchemyError, sqlite3.Error, OSError, LogUnavailable.
    """
    report = Report(verifier.name, verifier.text)
    notes = _notes(connection, verifier, report)
    kept = _kept(outside, verifier, report)
    walk = Walk(connection, report, erasures_of(connection, verifier.name))
    roots = walk.through(placed(connection, keys), {each.size for each in (*notes, *kept)})
    report.size, report.root = walk.frontier.size, walk.frontier.root().hex()
    for waiting in unplaced(connection, keys):
        walk.check(waiting)
        if (waiting.mac or report.size) and waiting.mac != keys.mac(waiting.leaf_hash):
            report.add(LEAF, waiting.index)
        report.waiting += 1
    _check_head(connection, report)
    for each in notes:
        if roots.get(each.size) != each.root:
            report.add(CHECKPOINT, what=str(each.size))
    for each in kept:
        if roots.get(each.size) == each.root:
            report.outside.append(each.size)
        else:
            report.add(OUTSIDE, what=str(each.size))
    _check_receipts(connection, verifier, report, {each.size: each.root for each in notes})
    return report


def erasures_of(connection: Connection, origin: str, about: str | None = None) -> Erasures:
    """What the entries of the kind ``erasure`` explain, all of them or those that link to one entry. One that cannot be
    read explains nothing.
    """
    found = Erasures()
    which = (ENTRIES.c.kind == ERASURE) & ENTRIES.c.leaf.is_not(None)
    if about is not None:
        which &= ENTRIES.c.sequence.in_(select(LINKS.c.sequence).where(LINKS.c.target == about))
    rows = connection.execute(select(PLACE.label("place"), ENTRIES.c.leaf).where(which).order_by(ENTRIES.c.sequence))
    for row in rows:
        try:
            leaf = read_leaf(row.leaf, origin)
        except ValueError:
            continue  # reported where the entries are gone through
        if leaf["kind"] == ERASURE:
            found.add(row.place, leaf)
    return found


def _notes(connection: Connection, verifier: Verifier, report: Report) -> Sequence[Checkpoint]:
    found: list[Checkpoint] = []
    for row in connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.size)):
        report.checkpoints += 1
        checkpoint = _opened(row.note, verifier)
        if checkpoint is None or checkpoint.size != row.size:
            report.add(CHECKPOINT, what=str(row.size))
        else:
            found.append(checkpoint)
    return found


def _kept(outside: Sequence[str], verifier: Verifier, report: Report) -> Sequence[Checkpoint]:
    found = [_opened(note, verifier) for note in outside]
    for each in found:
        if each is None:
            report.add(OUTSIDE)
    return [each for each in found if each is not None]


def _opened(note: str, verifier: Verifier) -> Checkpoint | None:
    try:
        return opened(note, verifier)
    except BadNote:
        return None


def _check_head(connection: Connection, report: Report) -> None:
    """One head, of the size that was gone through, with a checkpoint; indices up to it and none after; ids once."""
    heads = connection.execute(select(HEAD_TABLE)).all()
    newest = connection.execute(select(func.max(CHECKPOINTS.c.size))).scalar() or 0
    if [head.size for head in heads] != [report.size] or newest != report.size:
        report.add(HEAD)
    head = heads[0].sequence if heads else 0
    indexed = ENTRIES.c.tree_index.is_not(None)
    if connection.execute(select(func.count()).where(indexed)).scalar_one() != report.size:
        report.add(INDEX)
    last = connection.execute(select(func.max(ENTRIES.c.sequence)).where(indexed)).scalar() or 0
    if (
        last != head
        or connection.execute(select(func.count()).where(~indexed, ~WAITING, ENTRIES.c.sequence <= head)).scalar_one()
    ):
        report.add(INDEX)
    again = select(ENTRIES.c.entry).group_by(ENTRIES.c.entry).having(func.count() > 1)
    for row in connection.execute(again):
        report.add(ENTRY, what=row.entry)


def _check_receipts(connection: Connection, verifier: Verifier, report: Report, roots: Roots) -> None:
    public = Ed25519PublicKey.from_public_bytes(verifier.public)
    opened_once = lru_cache(maxsize=64)(lambda note: _opened(note, verifier))  # a checkpoint is in many receipts
    rows = connection.execute(
        select(*_RECEIPT).join_from(RECEIPTS, ENTRIES, RECEIPTS.c.sequence == ENTRIES.c.sequence, isouter=True)
    )
    for some in rows.partitions(_AT_ONCE):
        report.receipts += len(some)
        for index, *row in some:
            if not _is_receipt(_Receipt(*row), public, verifier.name, opened_once, roots):
                report.add(RECEIPT, index)
    promised = select(RECEIPTS.c.sequence)
    lacking = (ENTRIES.c.kind == CLOSED) & ENTRIES.c.sequence.not_in(promised)
    for closing in connection.execute(select(ENTRIES.c.tree_index).where(lacking)):
        report.add(RECEIPT, closing.tree_index)


def _is_receipt(stored: _Receipt, public: Ed25519PublicKey, log: str, opening: _Opening, roots: Roots) -> bool:
    try:
        public.verify(stored.signature, stored.promise)
        promise = strict(stored.promise)
    except (InvalidSignature, ValueError):
        return False
    note = promise.get("checkpoint")
    checkpoint = None if note is None else opening(note)
    return (
        stored.leaf_hash is not None
        and (promise["code"], promise["log"], promise["entry"]) == (stored.code, log, stored.entry)
        and promise["leaf"] == stored.leaf_hash.hex()
        and (note is None or (checkpoint is not None and roots.get(checkpoint.size) == checkpoint.root))
    )
