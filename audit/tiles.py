"""The tree's hashes in tiles 256 wide and 8 levels high, with the paths of https://c2sp.org/tlog-tiles. Pure.

The tile (0, n) holds the leaf hashes from 256 n on; the tile (l, n) the roots of the full tiles of the level below. A
tile is full, and then never changes, or it is the last of its level and grows; a shorter one is its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from audit.merkle import HASH_BYTES, root_of

WIDTH: Final = 256
_HEIGHT: Final = 8
_LEVELS: Final = 8  # eight levels of tiles hold more leaves than there are indices
_KEPT: Final = 64  # tiles of 8 KB that one proof or one walk reads again

_PATH: Final = re.compile(r"([0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)

Read = Callable[[int, int], bytes]
"""The hashes of a tile by level and number, one after the other, as many as there are; empty where there is none."""


class TreeDamaged(Exception):
    """A tile is not there, or not as long as the tree's size says."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile by its place, with how many hashes of it are meant."""

    level: int
    number: int
    width: int = WIDTH


def path_of(tile: Tile) -> str:
    """``0/x001/x234/067``, with ``.p/12`` after it for the first 12 hashes."""
    groups = [f"{tile.number % 1000:03}"]
    number = tile.number // 1000
    while number:
        groups.insert(0, f"x{number % 1000:03}")
        number //= 1000
    partial = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"{tile.level}/{'/'.join(groups)}{partial}"


def tile_named(path: str) -> Tile | None:
    """The tile a path names; None for any other text, also for a second way to write a path."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, groups, width = found.groups()
    tile = Tile(int(level), int(groups.replace("x", "").replace("/", "")), int(width or WIDTH))
    return tile if path_of(tile) == path else None


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, level by level, with as many hashes as it has."""
    for level in range(_LEVELS):
        hashes = size >> level * _HEIGHT
        for number in range(-(-hashes // WIDTH)):
            yield Tile(level, number, min(WIDTH, hashes - number * WIDTH))


class TileNodes:
    """``audit.merkle.Nodes`` over tiles that are read when they are needed."""

    def __init__(self, read: Read) -> None:
        self._read = lru_cache(maxsize=_KEPT)(read)

    def __call__(self, level: int, position: int) -> bytes:
        """Raises TreeDamaged."""
        tile_level, height = divmod(level, _HEIGHT)
        number, place = divmod(position << height, WIDTH)
        row = self._read(tile_level, number)[place * HASH_BYTES : (place + (1 << height)) * HASH_BYTES]
        hashes = split(row)
        if len(hashes) < 1 << height:
            raise TreeDamaged
        return root_of(hashes)


def grown(size: int, leaves: Sequence[bytes], read: Read) -> Mapping[tuple[int, int], bytes]:
    """The tiles that are new or longer when leaf hashes are added to a tree of ``size``: (level, number) -> hashes.

    Raises TreeDamaged where the last tile of a level is not what the size says.
    """
    changed: dict[tuple[int, int], bytes] = {}
    first, hashes = size, list(leaves)
    for level in range(_LEVELS):
        if not hashes:
            break
        number, filled = divmod(first, WIDTH)
        before = split(read(level, number)) if filled else []
        if len(before) != filled:
            raise TreeDamaged
        row = before + hashes
        chunks = [row[at : at + WIDTH] for at in range(0, len(row), WIDTH)]
        changed.update({(level, number + at): b"".join(chunk) for at, chunk in enumerate(chunks)})
        first, hashes = number, [root_of(chunk) for chunk in chunks if len(chunk) == WIDTH]
    return changed


def split(hashes: bytes) -> list[bytes]:
    """The single hashes of a tile. Raises TreeDamaged."""
    if len(hashes) % HASH_BYTES:
        raise TreeDamaged
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
