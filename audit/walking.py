"""The entries of one log gone through in the order of the tree: bytes, hashes, tiles, texts, links, columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from audit.commitments import commitment
from audit.erasures import Erasures
from audit.leaves import leaf_hash, read_leaf
from audit.merkle import EMPTY, Frontier, root_of
from audit.opening import Opened, Placed
from audit.report import ALTERED, COLUMN, INDEX, LEAF, LINK, MISSING, PRESENT, TILE, Report
from audit.tables import ENTRIES, LINKS, TILES
from audit.tiles import WIDTH
from audit.tree import stored
from bot.records_json import EXCHANGE

Leaf = Mapping[str, Any]
_HEIGHT = WIDTH.bit_length() - 1
_LINKS = (
    select(LINKS.c.sequence, LINKS.c.position, LINKS.c.target, ENTRIES.c.tree_index)
    .join_from(LINKS, ENTRIES, ENTRIES.c.entry == LINKS.c.target, isouter=True)
    .where(LINKS.c.sequence.between(bindparam("first"), bindparam("last")))
    .order_by(LINKS.c.sequence, LINKS.c.position)
)


class Walk:
    """Goes on a tile at a time and keeps no entry. What it finds is in ``report``, the tree so far in ``frontier``."""

    def __init__(self, connection: Connection, report: Report, erasures: Erasures) -> None:
        self.frontier = Frontier()
        self._connection = connection
        self._report = report
        self._erasures = erasures
        self._upper: dict[int, list[bytes]] = {}  # the roots of full tiles, by the level of tiles they stand in

    def through(self, entries: Iterator[Placed], wanted: set[int]) -> Mapping[int, bytes]:
        """Check each entry; the roots over the first n entries, for those sizes wanted that there are."""
        roots = {0: EMPTY} if 0 in wanted else {}
        for number, group in groupby(entries, key=lambda each: each.index // WIDTH):
            tile = list(group)
            if [each.index for each in tile] != list(range(self.frontier.size, self.frontier.size + len(tile))):
                self._report.add(INDEX, tile[0].index)
            hashes = [each.leaf_hash if each.leaf is None else leaf_hash(each.leaf) for each in tile]
            leaves = [self._leaf(each, found) for each, found in zip(tile, hashes, strict=True)]
            self._check_links(tile, leaves)
            self._check_tile(number, hashes)
            self._grow(hashes, wanted, roots)
        self._check_upper_tiles()
        return roots

    def check(self, each: Placed) -> Leaf | None:
        """Check one entry but for its place; its leaf, where there is one."""
        return self._leaf(each, each.leaf_hash if each.leaf is None else leaf_hash(each.leaf))

    def _leaf(self, each: Placed, found: bytes) -> Leaf | None:
        if each.leaf is None:
            self._check_pruned(each)
            return None
        leaf = _read(each.leaf, self._report.origin) if found == each.leaf_hash else None
        if leaf is None:
            self._report.add(LEAF, each.index)
            return None
        if (each.entry, each.kind, each.time, each.conversation, each.exchange) != _columns(leaf):
            self._report.add(COLUMN, each.index)
        self._check_fields(each, leaf)
        return leaf

    def _check_pruned(self, each: Placed) -> None:
        erasure = self._erasures.of_leaf(each.index, each.entry, each.leaf_hash)
        self._report.leaves[erasure.verdict if erasure else MISSING] += 1
        if erasure is None:
            self._report.add(MISSING, each.index)
        for path in each.fields:
            self._report.add(ALTERED, each.index, path)

    def _check_fields(self, each: Placed, leaf: Leaf) -> None:
        committed: Mapping[str, str] = leaf["commitments"]
        for path in committed.keys() | each.fields.keys():
            verdict = self._verdict(each, leaf["entry"], path, committed.get(path))
            self._report.fields[verdict] += 1
            if verdict in {MISSING, ALTERED}:
                self._report.add(verdict, each.index, path)

    def _verdict(self, each: Placed, entry: str, path: str, committed: str | None) -> str:
        if path not in each.fields:
            erasure = self._erasures.of_field(each.index, entry, path)
            return erasure.verdict if erasure else MISSING
        text = each.fields[path]
        return PRESENT if text is not None and committed is not None and _matches(path, text, committed) else ALTERED

    def _check_links(self, tile: Sequence[Placed], leaves: Sequence[Leaf | None]) -> None:
        """The links of these leaves are those of the table, and each leads to an earlier entry."""
        rows = self._links([each.sequence for each in tile])
        for each, leaf in zip(tile, leaves, strict=True):
            found = rows.get(each.sequence, [])
            whole = leaf is None or [target for target, _ in found] == leaf["links"]
            if not whole or any(index is None or index >= each.index for _, index in found):
                self._report.add(LINK, each.index)

    def _links(self, sequences: Sequence[int]) -> Mapping[int, list[tuple[str, int | None]]]:
        """Links by the number of their entry: what they name, and the index of that."""
        rows = self._connection.execute(_LINKS, {"first": min(sequences), "last": max(sequences)})
        found: dict[int, list[tuple[str, int | None]]] = {}
        for sequence, position, target, index in rows.all():
            row_of = found.setdefault(sequence, [])
            row_of.append((target if position == len(row_of) else "", index))
        return found

    def _check_tile(self, number: int, hashes: Sequence[bytes]) -> None:
        if stored(self._connection, 0, number) != b"".join(hashes):
            self._report.add(TILE, what=f"0/{number}")
        if len(hashes) == WIDTH:
            self._fill(1, root_of(hashes))

    def _fill(self, level: int, root: bytes) -> None:
        """Put the root of a full tile into the level above; a tile that is full there is checked and given up."""
        row = self._upper.setdefault(level, [])
        row.append(root)
        if len(row) % WIDTH == 0:
            self._check_upper_tile(level, len(row) // WIDTH - 1, row[-WIDTH:])
            self._fill(level + 1, root_of(row[-WIDTH:]))

    def _check_upper_tiles(self) -> None:
        expected = -(-self.frontier.size // WIDTH)
        for level, row in self._upper.items():
            filled = len(row) % WIDTH
            if filled:
                self._check_upper_tile(level, len(row) // WIDTH, row[-filled:])
            expected += -(-len(row) // WIDTH)
        if self._connection.execute(select(func.count()).select_from(TILES)).scalar_one() != expected:
            self._report.add(TILE)

    def _check_upper_tile(self, level: int, number: int, hashes: Sequence[bytes]) -> None:
        if stored(self._connection, level, number) != b"".join(hashes):
            self._report.add(TILE, what=f"{level}/{number}")

    def _grow(self, hashes: Sequence[bytes], wanted: set[int], roots: dict[int, bytes]) -> None:
        begin = self.frontier.size
        inner = wanted.intersection(range(begin + 1, begin + len(hashes)))
        if len(hashes) == WIDTH and begin % WIDTH == 0 and not inner:
            self.frontier.add(root_of(hashes), _HEIGHT)
        else:
            for each in hashes:
                self.frontier.add(each)
                if self.frontier.size in inner:
                    roots[self.frontier.size] = self.frontier.root()
        if self.frontier.size in wanted:
            roots[self.frontier.size] = self.frontier.root()


def _matches(path: str, text: Opened, committed: str) -> bool:
    try:
        return commitment(path, text.salt, text.value).hex() == committed
    except ValueError:
        return False


def _read(leaf: bytes, origin: str) -> Leaf | None:
    try:
        return read_leaf(leaf, origin)
    except ValueError:
        return None


def _columns(leaf: Leaf) -> tuple[str, str, str, str, str | None]:
    exchange = leaf["meta"].get(EXCHANGE)
    return leaf["entry"], leaf["kind"], leaf["time"], leaf["subject"], exchange if isinstance(exchange, str) else None
