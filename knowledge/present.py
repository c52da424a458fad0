"""The documents of a desk's active snapshot, as they went into it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.records import DeskName, Passage, SnapshotId
from knowledge import building, snapshots
from knowledge.building import Item
from knowledge.documents import Loaded
from knowledge.manifests import DocumentEntry, SnapshotDamaged, read_verified


def present(directory: Path, active: SnapshotId | None) -> tuple[dict[str, Item], list[str]]:
    """The documents by id, and a remark where the snapshot is damaged (ingesting is the way to mend it)."""
    if active is None:
        return {}, []
    try:
        # Unchanged files are not read again, so what is kept of them must be what was read.
        manifest, passages = read_verified(snapshots.directory_of(building.snapshots_of(directory), active))
    except (SnapshotDamaged, snapshots.NoSuchSnapshot):
        return {}, [f"snapshot {active} was damaged; ingest the documents added here again"]
    by_document: dict[str, list[Passage]] = {}
    for passage in passages:
        by_document.setdefault(passage.document.id, []).append(passage)
    return {entry.id: _item(entry, by_document[entry.id]) for entry in manifest.documents}, []


def _item(entry: DocumentEntry, passages: list[Passage]) -> Item:
    loaded = Loaded(
        document=passages[0].document,
        passages=tuple(passages),
        audience=frozenset(DeskName(name) for name in entry.audience),
        review_by=date.fromisoformat(entry.review_by) if entry.review_by else None,
        supersedes=entry.supersedes,
        made_from=entry.made_from,
        remarks=entry.remarks,
    )
    return Item(loaded, entry.bundled)
