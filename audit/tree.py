"""Reading the tree of one log from its tables: head, tiles, checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, ColumnElement, Connection, Integer, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from audit.merkle import HASH_BYTES
from audit.tables import CHECKPOINTS, ENTRIES, HEAD, TILES
from audit.tiles import Tile, TileNodes


class _Waiting(ColumnElement[bool]):
    inherit_cache = True
    type = Boolean()


class _Index(ColumnElement[int]):
    inherit_cache = True
    type = Integer()


WAITING: Final[ColumnElement[bool]] = _Waiting()
"""Of a row of ``entries``: whether it has no index yet."""

INDEX: Final[ColumnElement[int]] = _Index()
"""Of a row of ``entries``: its index in the tree, or the one that it will have if nothing comes before it."""


# SQLite commits in the order of ``sequence``: what comes after the head's has no index, and will have them in a row.
@compiles(_Waiting, "sqlite")
def _waiting_by_order(_element: _Waiting, _compiler: SQLCompiler, **_: object) -> str:
    return "(entries.sequence > (SELECT head.sequence FROM head LIMIT 1))"


@compiles(_Index, "sqlite")
def _index_by_order(_element: _Index, _compiler: SQLCompiler, **_: object) -> str:
    return "coalesce(entries.tree_index, entries.sequence + (SELECT size - sequence - 1 FROM head LIMIT 1))"


# Where many commit at once, a smaller ``sequence`` may appear after a larger one, and some never do: what has no index
# is whatever has none, wherever it stands.
@compiles(_Waiting, "postgresql")
def _waiting_by_index(_element: _Waiting, _compiler: SQLCompiler, **_: object) -> str:
    return "(entries.tree_index IS NULL)"


@compiles(_Index, "postgresql")
def _index_by_count(_element: _Index, _compiler: SQLCompiler, **_: object) -> str:
    return (
        "coalesce(entries.tree_index, (SELECT size FROM head LIMIT 1) + (SELECT count(*) FROM entries AS before "
        "WHERE before.tree_index IS NULL AND before.sequence < entries.sequence))"
    )


def size_of(connection: Connection) -> int:
    """How many entries have their index."""
    return int(connection.execute(select(HEAD.c.size)).scalar_one())


def waiting(connection: Connection) -> int:
    """How many entries have none yet. Cheap while they are few: they are found by an order of the tables'."""
    return int(connection.execute(select(func.count()).select_from(ENTRIES).where(WAITING)).scalar_one())


def waiting_since(connection: Connection) -> datetime | None:
    """When the first entry was written that has no index yet; None where none waits."""
    first = select(ENTRIES.c.time).where(WAITING).order_by(ENTRIES.c.sequence).limit(1)
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
