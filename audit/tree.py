"""Reading the tree of one log from its tables: head, tiles, checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from audit.merkle import HASH_BYTES
from audit.tables import CHECKPOINTS, ENTRIES, HEAD, TILES
from audit.tiles import Tile, TileNodes

INDEX: Final[ColumnElement[int]] = func.coalesce(
    ENTRIES.c.tree_index,
    ENTRIES.c.sequence + select(HEAD.c.size - HEAD.c.sequence - 1).limit(1).scalar_subquery(),
)
"""An entry's index in the tree, or the one that it will have."""


def size_of(connection: Connection) -> int:
    """How many entries have their index."""
    return int(connection.execute(select(HEAD.c.size)).scalar_one())


def waiting(connection: Connection) -> int:
    """How many entries have none yet. Cheap: both ends are read by the tables' own order."""
    newest = connection.execute(select(func.max(ENTRIES.c.sequence))).scalar() or 0
    return int(newest - connection.execute(select(HEAD.c.sequence)).scalar_one())


def waiting_since(connection: Connection) -> datetime | None:
    """When the first entry was written that has no index yet; None where none waits."""
    last = select(HEAD.c.sequence).limit(1).scalar_subquery()
    first = select(ENTRIES.c.time).where(ENTRIES.c.sequence > last).order_by(ENTRIES.c.sequence).limit(1)
    time = connection.execute(first).scalar()
    return None if time is None else datetime.fromisoformat(time)


def nodes_of(connection: Connection) -> TileNodes:
    """The tree's nodes, for proofs; good for as long as the connection's transaction."""
    return TileNodes(lambda level, number: stored(connection, level, number))


def stored(connection: Connection, level: int, number: int) -> bytes:
    """The hashes of a tile, as many as there are; empty where there is none."""
    found = connection.execute(select(TILES.c.hashes).where(TILES.c.level == level, TILES.c.number == number)).scalar()
    return bytes(found) if found is not None else b""


def tile(connection: Connection, wanted: Tile) -> bytes | None:
    """Exactly the hashes a tile is asked for with; None where there are fewer. They are under the latest checkpoint."""
    hashes = stored(connection, wanted.level, wanted.number)[: wanted.width * HASH_BYTES]
    return hashes if len(hashes) == wanted.width * HASH_BYTES else None


def latest(connection: Connection) -> str | None:
    """The newest checkpoint; None for a log that has none yet."""
    return connection.execute(select(CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size.desc()).limit(1)).scalar()


def checkpoints(connection: Connection) -> Sequence[tuple[int, str]]:
    """Size and note of every checkpoint, by size."""
    rows = connection.execute(select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size))
    return [(row.size, row.note) for row in rows]
