"""Gives entries their index in the tree, once, and signs the tree's new head.

Entries are durable before they come here. One transaction takes the next of those that are there, in the order of
their insertion, adds them to the tiles and signs; whoever finds that the head has moved on meanwhile stops and has
changed nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, text, update

from audit.canonical import instant
from audit.checkpoint import Checkpoint, signed
from audit.failures import CORRUPT
from audit.leaves import leaf_hash
from audit.merkle import tree_root
from audit.tables import CHECKPOINTS, ENTRIES, HEAD, TILES
from audit.tiles import TileNodes, TreeDamaged, grown
from audit.tree import WAITING, stored
from audit.writing import Pen
from bot.ports import LogUnavailable

LARGEST_STEP: Final = 4096
"""Entries of one transaction: writers wait for it, a tenth of a second at most."""

STEP_KIND: Final = "clock.step"
_BACK: Final = timedelta(seconds=1)  # less is two threads writing down times they read a moment before

_GIVE_INDEX: Final = (
    update(ENTRIES)
    .where(ENTRIES.c.sequence == bindparam("at"), ENTRIES.c.tree_index.is_(None))
    .values(tree_index=bindparam("place"))
)
_GIVE_INDICES: Final = text(  # as one statement: a row each costs a round trip each
    "UPDATE entries SET tree_index = given.place "
    "FROM unnest(CAST(:at AS bigint[]), CAST(:place AS bigint[])) AS given (at, place) "
    "WHERE entries.sequence = given.at AND entries.tree_index IS NULL"
)

_Row = Row[*tuple[Any, ...]]


class Overtaken(Exception):
    """Another sequencer moved the head on first. Nothing was changed; the next turn begins from where it is now."""


@dataclass(frozen=True, slots=True)
class BackStep:
    """The clock went back: the time before, and the earlier time of the entry after it."""

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one step did: the tree's size now, its checkpoint (None where there was nothing to do), steps of the clock
    that no entry tells of yet.
    """

    size: int
    added: int
    note: str | None
    steps: Sequence[BackStep] = ()


def sequence(connection: Connection, pen: Pen, now: datetime) -> Sequenced:
    """Take up to LARGEST_STEP waiting entries into the tree. To be run in a transaction that excludes other writers, or
    else notices them.

    Raises Overtaken; LogUnavailable (corrupt) where an entry or a tile is not what it was written as, or an entry was
    not written by a holder of the keys: what cannot be shown is never signed; what the database raises.
    """
    head = connection.execute(select(HEAD)).one()
    rows = connection.execute(
        select(ENTRIES.c.sequence, ENTRIES.c.kind, ENTRIES.c.time, ENTRIES.c.leaf, ENTRIES.c.leaf_hash, ENTRIES.c.mac)
        .where(WAITING)
        .order_by(ENTRIES.c.sequence)
        .limit(LARGEST_STEP)
    ).all()
    if not rows:
        return Sequenced(head.size, 0, None)
    if not all(_is_genuine(pen, row, first=head.size == 0) for row in rows):
        raise LogUnavailable(CORRUPT)
    checkpoint = Checkpoint(pen.origin, head.size + len(rows), _grow(connection, head.size, rows))
    note = signed(checkpoint, pen.signing)
    _move_head(connection, head, checkpoint.size, max(head.sequence, rows[-1].sequence))
    _give_indices(connection, head.size, [row.sequence for row in rows])
    connection.execute(insert(CHECKPOINTS), {"size": checkpoint.size, "note": note, "time": instant(now)})
    return Sequenced(checkpoint.size, len(rows), note, _back_steps(connection, head, rows))


def _is_genuine(pen: Pen, row: _Row, *, first: bool) -> bool:
    """Whether the stored bytes are those that were hashed, and the hash one that a holder of the keys wrote. Entries
    from before there were trees have no mac; they are the first that a tree takes.
    """
    if row.leaf is None or leaf_hash(row.leaf) != row.leaf_hash:
        return False
    return (first and row.mac is None) or hmac.compare_digest(row.mac or b"", pen.subjects.mac(row.leaf_hash))


def _grow(connection: Connection, size: int, rows: Sequence[_Row]) -> bytes:
    """Write the tiles; the new tree's root."""

    def read(level: int, number: int) -> bytes:
        return stored(connection, level, number)

    try:
        changed = grown(size, [row.leaf_hash for row in rows], read)
        for (level, number), hashes in changed.items():
            place = (TILES.c.level == level) & (TILES.c.number == number)
            if connection.execute(update(TILES).where(place).values(hashes=hashes)).rowcount == 0:
                connection.execute(insert(TILES), {"level": level, "number": number, "hashes": hashes})
        return tree_root(size + len(rows), TileNodes(read))
    except TreeDamaged:
        pass  # raised below, outside the handler, like every error of this room
    raise LogUnavailable(CORRUPT)


def _move_head(connection: Connection, head: _Row, size: int, last: int) -> None:
    moved = connection.execute(update(HEAD).where(HEAD.c.size == head.size).values(size=size, sequence=last))
    if moved.rowcount != 1:
        raise Overtaken


def _give_indices(connection: Connection, size: int, sequences: Sequence[int]) -> None:
    if connection.dialect.name == "postgresql":
        given = {"at": list(sequences), "place": list(range(size, size + len(sequences)))}
        if connection.execute(_GIVE_INDICES, given).rowcount != len(sequences):
            raise Overtaken
    else:
        connection.execute(_GIVE_INDEX, [{"at": at, "place": size + place} for place, at in enumerate(sequences)])


def _back_steps(connection: Connection, head: _Row, rows: Sequence[_Row]) -> Sequence[BackStep]:
    """Where a time lies before that of the entry written before it and the entry is not the one that says so.

    What a slow writer wrote before the last step, and only now is there, tells nothing of the clock.
    """
    rows = [row for row in rows if row.sequence > head.sequence]
    if not rows:
        return []
    last = connection.execute(select(ENTRIES.c.time).where(ENTRIES.c.sequence == head.sequence)).scalar()
    times = [datetime.fromisoformat(last or rows[0].time), *(datetime.fromisoformat(row.time) for row in rows)]
    pairs = zip(times, times[1:], rows, strict=False)
    return [BackStep(one, two) for one, two, row in pairs if one - two > _BACK and row.kind != STEP_KIND]
