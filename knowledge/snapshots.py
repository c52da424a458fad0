"""A desk's knowledge as immutable snapshots, one of them active.

``<desk>/snapshots/<id>/`` holds manifest.json, passages.json, the BM25 tables words/, characters/ and
readings/, and vectors/ (Chroma); ``<desk>/snapshots/active`` names the one in use, ``history`` that one and the ones
before it. A snapshot's id is the digest of what it was made from, so the same knowledge has the same id and is built
once. Nothing in a finished snapshot changes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot.records import SnapshotId
from knowledge.building import snapshots_of
from knowledge.durable import replace_text
from knowledge.manifests import DocumentEntry, Manifest, SnapshotDamaged, check, read_manifest


class NoSuchSnapshot(Exception):
    """No finished snapshot has this id, or there is none to go back to."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Document ids that ``after`` has more, has changed and has no longer, compared with ``before``."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def activate(desk_directory: Path, snapshot: SnapshotId) -> None:
    """Makes a finished snapshot the desk's active one. Raises NoSuchSnapshot, SnapshotDamaged, OSError."""
    root = snapshots_of(desk_directory)
    check(directory_of(root, snapshot))
    if active(desk_directory) == snapshot:
        return
    replace_text(root / "history", "".join(f"{each}\n" for each in [*_history(root), snapshot]))
    replace_text(root / "active", f"{snapshot}\n")


def earlier(desk_directory: Path) -> SnapshotId:
    """The snapshot that was active before the one that is. Raises NoSuchSnapshot."""
    return _before(desk_directory)[-1]


def rollback(desk_directory: Path) -> SnapshotId:
    """Activates the snapshot that was active before. Raises NoSuchSnapshot, SnapshotDamaged, OSError."""
    root, history = snapshots_of(desk_directory), _before(desk_directory)
    check(directory_of(root, history[-1]))
    replace_text(root / "active", f"{history[-1]}\n")
    replace_text(root / "history", "".join(f"{each}\n" for each in history))
    return history[-1]


def active(desk_directory: Path) -> SnapshotId | None:
    """The id in the pointer file; None where there is no pointer."""
    try:
        return SnapshotId((snapshots_of(desk_directory) / "active").read_text("ascii", "replace").strip())
    except FileNotFoundError:
        return None


def listing(desk_directory: Path) -> list[Manifest]:
    """The manifests of the finished snapshots, oldest first; unreadable ones are left out."""
    found = []
    for directory in snapshots_of(desk_directory).glob("[!.]*/"):
        with suppress(SnapshotDamaged):
            found.append(read_manifest(directory))
    return sorted(found, key=lambda manifest: (manifest.created, manifest.id))


def show(desk_directory: Path, snapshot: SnapshotId) -> Manifest:
    """The manifest of one snapshot. Raises NoSuchSnapshot, SnapshotDamaged."""
    return read_manifest(directory_of(snapshots_of(desk_directory), snapshot))


def diff(desk_directory: Path, before: SnapshotId, after: SnapshotId) -> Difference:
    """What changed between two snapshots. Raises NoSuchSnapshot, SnapshotDamaged."""
    old, new = (_comparable(show(desk_directory, each)) for each in (before, after))
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(each for each in new.keys() & old.keys() if new[each] != old[each])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def _comparable(manifest: Manifest) -> dict[str, DocumentEntry]:
    """The documents by id, without what a newer reader changes while the text stays."""
    return {each.id: replace(each, made_from="", remarks=()) for each in manifest.documents}


def directory_of(root: Path, snapshot: SnapshotId) -> Path:
    known = {path.name: path for path in root.glob("[!.]*/")}
    if snapshot not in known:  # looked up, never joined: an id may come from outside
        raise NoSuchSnapshot(f"there is no snapshot {snapshot}")
    return known[snapshot]


def _before(desk_directory: Path) -> list[SnapshotId]:
    """What was active before, oldest first."""
    history, now = _history(snapshots_of(desk_directory)), active(desk_directory)
    while history and history.pop() != now:
        pass
    if not history:
        raise NoSuchSnapshot("there is no earlier snapshot to go back to")
    return history


def _history(root: Path) -> list[SnapshotId]:
    try:
        return [SnapshotId(line) for line in (root / "history").read_text(encoding="ascii").splitlines() if line]
    except FileNotFoundError:
        return []
