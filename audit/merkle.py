"""Merkle trees over leaf hashes: roots, inclusion proofs, consistency proofs, and how they are checked. Pure.

The tree, its hashes and both kinds of proof are those of RFC 9162, section 2.1 (the same as RFC 6962's). Leaves come
here already hashed (``audit.leaves.leaf_hash``). What a tree is made from is read node by node through ``Nodes``, so
that a proof at a million entries reads a few tiles and no leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

HASH_BYTES: Final = 32
EMPTY: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""The hash of the complete subtree of ``2**level`` leaves at ``position`` (counted in such subtrees)."""

_NODE_PREFIX: Final = b"\x01"


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over the roots of complete subtrees of one height."""
    if not hashes:
        return EMPTY
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)] + odd
    return row[0]


def subtree(begin: int, end: int, nodes: Nodes) -> bytes:
    """The root over the leaves from ``begin`` up to and without ``end``, a subtree of some tree."""
    if begin == end:
        return EMPTY
    size = end - begin
    if size & (size - 1) == 0:
        return nodes(size.bit_length() - 1, begin // size)
    middle = begin + _left(size)
    return node_hash(subtree(begin, middle, nodes), subtree(middle, end, nodes))


def tree_root(size: int, nodes: Nodes) -> bytes:
    """The root of the tree over the first ``size`` leaves."""
    return subtree(0, size, nodes)


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The proof that leaf ``index`` is in the tree of ``size`` leaves. Raises ValueError if there is none."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _left(end - begin)
        if index < middle:
            proof.append(subtree(middle, end, nodes))
            end = middle
        else:
            proof.append(subtree(begin, middle, nodes))
            begin = middle
    return proof[::-1]


def consistency(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of ``new`` leaves begins with that of ``old``. Raises ValueError for other sizes."""
    if not 0 < old <= new:
        raise ValueError("only a tree that is not empty can be shown to have grown")
    proof: list[bytes] = []
    begin, end, whole = 0, new, True
    while old < end:
        middle = begin + _left(end - begin)
        if old <= middle:
            proof.append(subtree(middle, end, nodes))
            end = middle
        else:
            proof.append(subtree(begin, middle, nodes))
            begin, whole = middle, False
    if not whole:
        proof.append(subtree(begin, end, nodes))
    return proof[::-1]


class Frontier:
    """A tree that grows leaf by leaf and keeps a few hashes only: the roots of its complete subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._row: list[bytes] = []

    def add(self, found: bytes, height: int = 0) -> None:
        """Add a leaf hash, or the root of ``2**height`` leaves where the size is a multiple of that."""
        joined = self.size >> height
        while joined & 1:
            found = node_hash(self._row.pop(), found)
            joined >>= 1
        self._row.append(found)
        self.size += 1 << height

    def root(self) -> bytes:
        if not self._row:
            return EMPTY
        found = self._row[-1]
        for each in reversed(self._row[:-1]):
            found = node_hash(each, found)
        return found


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf hash at ``index`` to the root of ``size`` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes((leaf, root, *proof)):
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of ``new`` leaves begins with that of ``old`` (RFC 9162, 2.1.4.2).

    An empty tree proves nothing about what follows it: it is consistent with itself alone. The sizes are taken as said:
    what binds a size to a root is the checkpoint's signature, not this proof.
    """
    if old == new:
        return not proof and old_root == new_root and (new > 0 or (new == 0 and new_root == EMPTY))
    if not 0 < old < new or not _are_hashes((old_root, new_root, *proof)):
        return False
    path = iter(proof if old & (old - 1) else (old_root, *proof))
    first = next(path, None)
    return first is not None and _grows(old, new, first, path) == (old_root, new_root)


def _grows(old: int, new: int, first: bytes, path: Iterator[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that the path leads to; None where it has too few or too many steps."""
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = first
    for each in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    return (before, after) if last == 0 else None


def _left(size: int) -> int:
    """How many leaves the left half of a tree has: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(each) == HASH_BYTES for each in values)
