"""What a snapshot's directory says of itself, and whether it is true."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.records import Passage, SnapshotId, Stamp
from knowledge.adapters.chroma import VectorsDamaged, read_vectors
from knowledge.passages_json import from_json
from knowledge.retrieval import RETRIEVAL, Floats, Neighbours, Retrieval

FORMAT = 1
_PASSAGES = "passages.json"


class SnapshotDamaged(Exception):
    """A snapshot is not what its manifest says."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """What a manifest says of one document."""

    id: str
    title: str
    publisher: str
    validity: str
    as_of: str
    version: str
    audience: tuple[str, ...]
    review_by: str | None
    bundled: bool
    passages: int
    supersedes: tuple[str, ...] = ()
    made_from: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds and what it was made with; ``files`` and ``vectors`` are SHA-256 (hex)."""

    format: int
    id: SnapshotId
    digest: str
    created: str
    documents: tuple[DocumentEntry, ...]
    embedding: Stamp
    retrieval: Stamp
    counts: Mapping[str, int]
    files: Mapping[str, str]
    vectors: str


def read_manifest(directory: Path) -> Manifest:
    """The manifest in a snapshot's directory. Raises SnapshotDamaged."""
    try:
        value: dict[str, Any] = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        if value["format"] != FORMAT or value["id"] != directory.name:
            raise SnapshotDamaged("the manifest is of another format or another snapshot")
        stamps = {name: Stamp(**value[name]) for name in ("embedding", "retrieval")}
        entries = tuple(_entry(each) for each in value["documents"])
        return Manifest(**{**value, **stamps, "documents": entries})
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SnapshotDamaged("the manifest cannot be read") from problem


def _entry(value: Mapping[str, Any]) -> DocumentEntry:
    lists = {name: tuple(value.get(name, ())) for name in ("audience", "supersedes", "remarks")}
    return DocumentEntry(**{**value, **lists})


def verify(directory: Path) -> Manifest:
    """The manifest, after every file but Chroma's was found as it says (those: ``read_matrix``).

    Raises SnapshotDamaged.
    """
    manifest = read_manifest(directory)
    for name, digest in manifest.files.items():
        _verify_file(directory, name, digest)
    return manifest


def read_verified(directory: Path) -> tuple[Manifest, tuple[Passage, ...]]:
    """The manifest and the passages, which were found as it says; nothing else is looked at. Raises SnapshotDamaged."""
    manifest = read_manifest(directory)
    _verify_file(directory, _PASSAGES, manifest.files.get(_PASSAGES, ""))
    return manifest, read_passages(directory)


def _verify_file(directory: Path, name: str, digest: str) -> None:
    try:
        actual = hash_file(directory / name)
    except OSError as problem:
        raise SnapshotDamaged(f"{name} cannot be read") from problem
    if actual != digest:
        raise SnapshotDamaged(f"{name} was changed")


def read_passages(directory: Path) -> tuple[Passage, ...]:
    """The passages of a snapshot. Raises SnapshotDamaged."""
    try:
        return from_json(json.loads((directory / _PASSAGES).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise SnapshotDamaged("the passages cannot be read") from problem


def read_matrix(
    directory: Path, manifest: Manifest, retrieval: Retrieval = RETRIEVAL
) -> tuple[Floats, Neighbours | None]:
    """The vectors of a snapshot's rows, as they were built, and a search for the nearest where there are many.

    Raises SnapshotDamaged, MemoryError.
    """
    try:
        matrix, neighbours = read_vectors(
            directory / "vectors", manifest.counts["rows"], keep_open_above=retrieval.exact_up_to
        )
    except (VectorsDamaged, KeyError) as problem:
        raise SnapshotDamaged("the vectors cannot be read") from problem
    if hashlib.sha256(matrix.tobytes()).hexdigest() != manifest.vectors:
        raise SnapshotDamaged("the vectors were changed")
    return matrix, neighbours


def hash_file(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def check(directory: Path) -> Manifest:
    """The manifest, after files and vectors were found as it says. Raises SnapshotDamaged."""
    manifest = verify(directory)
    read_matrix(directory, manifest)
    return manifest
