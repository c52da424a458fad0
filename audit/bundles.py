"""Proof bundles and exports in the form of docs/record.md, made from one log's tables."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from audit.canonical import canonical, strict
from audit.checkpoint import Checkpoint, Verifier, opened
from audit.leaves import read_leaf
from audit.merkle import consistency, inclusion
from audit.opening import Fields, Placed, placed
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, RECEIPTS
from audit.tiles import TileNodes
from audit.tree import checkpoints, latest, nodes_of
from audit.verifying import erasures_of
from bot.records import EntryId, Json

BUNDLE: Final = "madoguchi-bundle-v1"
EXPORT: Final = "madoguchi-export-v1"


class NotInTree(Exception):
    """An entry that is not in this log, or not yet under a checkpoint."""


def bundle(
    connection: Connection,
    keys: SubjectKeys | None,
    verifier: Verifier,
    entry: EntryId,
    older: Sequence[str] = (),
) -> Mapping[str, Json]:
    """The proof of one entry under the latest checkpoint, with its texts where ``keys`` are given, and the proof that
    the checkpoints in ``older`` (notes of this log) and the one in the entry's receipt are beginnings of it.

    Raises NotInTree; BadNote for a note that is not this log's, ValueError for one that is larger than the log.
    """
    note = latest(connection)
    index = connection.execute(select(ENTRIES.c.tree_index).where(ENTRIES.c.entry == entry)).scalar()
    if note is None or index is None:
        raise NotInTree
    head, nodes = opened(note, verifier), nodes_of(connection)
    [found] = placed(connection, keys, index, index + 1)
    receipt = _receipt(connection, found.sequence)
    others = dict.fromkeys((*older, *_promised(receipt)))
    return {
        "format": BUNDLE,
        "log": verifier.name,
        "key": verifier.text,
        "contents": "opened" if keys else "closed",
        "entry": _entry(found),
        "checkpoint": note,
        "inclusion": _in_base64(inclusion(index, head.size, nodes)),
        "consistency": [_consistency(each, opened(each, verifier), head, nodes) for each in others],
        "erasures": _explaining(connection, verifier.name, found, head, nodes) if keys or found.leaf is None else [],
        **({"receipt": receipt} if receipt else {}),
    }


def export(connection: Connection, keys: SubjectKeys | None, verifier: Verifier) -> Iterator[bytes]:
    """The whole log line by line, with its texts where ``keys`` are given. Raises NotInTree for a log without entries
    in its tree; what the database raises.
    """
    notes = dict(checkpoints(connection))
    note = latest(connection)
    if note is None:
        raise NotInTree
    yield _line(
        {
            "format": EXPORT,
            "log": verifier.name,
            "key": verifier.text,
            "contents": "opened" if keys else "closed",
            "size": opened(note, verifier).size,
            "checkpoint": note,
        }
    )
    for each in placed(connection, keys):
        yield _line(_entry(each))
        signed = notes.get(each.index + 1)
        if signed is not None:
            yield _line({"checkpoint": signed})


def _line(value: Mapping[str, Json]) -> bytes:
    return canonical(value) + b"\n"


def _entry(found: Placed) -> dict[str, Json]:
    leaf: Json = {"leaf_hash": found.leaf_hash.hex()} if found.leaf is None else {"leaf": found.leaf.decode("utf-8")}
    fields: Json = {"fields": _fields(found.fields)} if found.fields else {}
    return {"index": found.index, **leaf, **fields}  # type: ignore[dict-item]  # both are objects


def _fields(fields: Fields) -> Json:
    return {
        path: None if text is None else {"salt": text.salt.hex(), "value": text.value} for path, text in fields.items()
    }


def _receipt(connection: Connection, sequence: int) -> dict[str, Json] | None:
    row = connection.execute(select(RECEIPTS).where(RECEIPTS.c.sequence == sequence)).one_or_none()
    if row is None:
        return None
    return {"promise": row.promise.decode("utf-8"), "signature": base64.b64encode(row.signature).decode("ascii")}


def _promised(receipt: Mapping[str, Json] | None) -> list[str]:
    """The checkpoint in a receipt; none where the log had none at that time."""
    note = None if receipt is None else strict(str(receipt["promise"])).get("checkpoint")
    return [note] if note else []


def _consistency(note: str, other: Checkpoint, head: Checkpoint, nodes: TileNodes) -> Json:
    proof = consistency(other.size, head.size, nodes)
    return {"checkpoint": note, "proof": _in_base64(proof)}


def _explaining(connection: Connection, origin: str, found: Placed, head: Checkpoint, nodes: TileNodes) -> list[Json]:
    """The entries that explain what is missing from this one, each with its own proof."""
    committed = () if found.leaf is None else read_leaf(found.leaf, origin)["commitments"].keys()
    missing = [path for path in committed if path not in found.fields]
    if found.leaf is not None and not missing:
        return []
    erasures = erasures_of(connection, origin, about=found.entry)
    named = [erasures.of_field(found.index, found.entry, path) for path in missing]
    named += [erasures.of_leaf(found.index, found.entry, found.leaf_hash)]
    indices = sorted({each.index for each in named if each is not None and each.index < head.size})
    return [
        {**_entry(each), "inclusion": _in_base64(inclusion(each.index, head.size, nodes))}
        for index in indices
        for each in placed(connection, None, index, index + 1)
    ]


def _in_base64(hashes: Sequence[bytes]) -> list[Json]:
    return [base64.b64encode(each).decode("ascii") for each in hashes]
