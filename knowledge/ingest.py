"""From files to a desk's active snapshot, with a line for every file.

A bad file is refused with one line and the rest goes on. A note goes to the desks its front matter names and to no
other; another document to those its description names, else to the desk it is given to. Vectors of bundled notes that
the public may read are kept in a cache that the desks share (nothing in it is confidential, and the first start would
else embed them twice); all others stay in the desk's own directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.ports import Embedder, WordAnalyzer
from bot.records import DeskName, SnapshotId
from knowledge import building, snapshots
from knowledge.building import Item, Recipe
from knowledge.durable import held
from knowledge.loading.declared import Declared
from knowledge.manifests import SnapshotDamaged, check
from knowledge.present import present
from knowledge.reading import FileReport, Reading, Status
from knowledge.superseding import unknown_targets
from knowledge.units import rows_of
from knowledge.vectors import Progress, VectorCache, as_passages, embed

BUNDLED = Path(__file__).parent / "corpus"
"""The notes that come with the software."""

LOCK = "knowledge.lock"
"""Held in a desk's directory from reading what is active to activating what follows; two at once would lose one."""

Admit = Callable[[SnapshotId], str | None]
"""Judges a built snapshot before it is activated: None to admit it, else one line that says why not."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did. ``remarks`` are doubts that refuse nothing; ``active`` is the snapshot now in use.

    ``held`` says why ``built``, a snapshot other than the active one, was not activated.
    """

    desk: DeskName
    files: tuple[FileReport, ...]
    remarks: tuple[str, ...]
    active: SnapshotId | None
    before: SnapshotId | None
    built: SnapshotId
    held: str | None = None

    def count(self, status: Status) -> int:
        return sum(each.status is status for each in self.files)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a desk's knowledge is made: its directory, the cache file that desks share, and what makes vectors and
    words.
    """

    directory: Path
    embedder: Embedder
    analyzer: WordAnalyzer
    shared: Path | None = None


def ingest(  # noqa: PLR0913 - each is something else, and named where it is called
    paths: Sequence[Path],
    desk: DeskName,
    directory: Path,
    embedder: Embedder,
    analyzer: WordAnalyzer,
    *,
    bundled: bool = False,
    declared: Declared | None = None,
    admit: Admit | None = None,
    shared: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads files and directories, builds the desk's next snapshot and activates it where ``admit`` lets it.

    Documents already in the active snapshot stay; those of the same id are replaced. With ``bundled`` the paths are the
    whole of what comes with the software: bundled documents no longer among them go. ``declared`` is what the operator
    says of every file that is no note. Nothing new builds nothing.
    Raises OSError, EmbedderUnavailable, MemoryError; the active snapshot is then the one before.
    """
    with held(directory / LOCK):
        return _ingested(paths, desk, Place(directory, embedder, analyzer, shared), bundled, declared, admit, progress)


def _ingested(  # noqa: PLR0913, PLR0917 - as ``ingest``
    paths: Sequence[Path],
    desk: DeskName,
    place: Place,
    bundled: bool,  # noqa: FBT001 - as ``ingest``
    declared: Declared | None,
    admit: Admit | None,
    progress: Progress | None,
) -> IngestReport:
    before = snapshots.active(place.directory)
    items, doubts = present(place.directory, before)
    files = Reading(desk, items, bundled=bundled, declared=declared or Declared())
    for path in paths:
        files.read(path)
    if bundled:
        files.drop_missing()
    built, why_not = _renewed(place, items, before, admit, progress)
    remarks = (*doubts, *files.remarks, *_remarks(items))
    return IngestReport(desk, tuple(files.reports), remarks, before if why_not else built, before, built, why_not)


def remove(  # noqa: PLR0913 - each is something else, and named where it is called
    documents: Iterable[str],
    desk: DeskName,
    directory: Path,
    embedder: Embedder,
    analyzer: WordAnalyzer,
    *,
    admit: Admit | None = None,
    shared: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Builds and activates the desk's next snapshot without some documents that were added here.

    Raises KeyError naming a document that the active snapshot does not have or that comes with the software; else as
    ``ingest``.
    """
    with held(directory / LOCK):
        before = snapshots.active(directory)
        items, doubts = present(directory, before)
        reports = []
        for key in documents:
            if key not in items or items[key].bundled:
                raise KeyError(key)
            del items[key]
            reports.append(FileReport(key, Status.REMOVED, "is no longer among the documents"))
        place = Place(directory, embedder, analyzer, shared)
        built, why_not = _renewed(place, items, before, admit, progress)
    remarks = (*doubts, *_remarks(items))
    return IngestReport(desk, tuple(reports), remarks, before if why_not else built, before, built, why_not)


def _renewed(
    place: Place, items: dict[str, Item], before: SnapshotId | None, admit: Admit | None, progress: Progress | None
) -> tuple[SnapshotId, str | None]:
    """Builds the snapshot of these documents and activates it if it may be; gives it, and why it was held back."""
    recipe = Recipe([items[key] for key in sorted(items)], place.embedder.stamp)
    snapshot = building.id_of(recipe.digest)
    if snapshot == before and _is_whole(place.directory, snapshot):
        return snapshot, None
    snapshot = building.build(place.directory, recipe, _vectors(recipe, place, progress), place.analyzer)
    why_not = admit(snapshot) if admit is not None and before is not None and snapshot != before else None
    if why_not is None:
        snapshots.activate(place.directory, snapshot)
    return snapshot, why_not


def _is_whole(desk_directory: Path, snapshot: SnapshotId) -> bool:
    try:
        check(building.snapshots_of(desk_directory) / snapshot)
    except SnapshotDamaged:
        return False
    return True


def _vectors(recipe: Recipe, place: Place, progress: Progress | None) -> list[bytes]:
    """The vectors of all rows, in order: public bundled texts from the shared cache, where there is one."""
    own = VectorCache(place.directory / "vectors.sqlite")
    common = VectorCache(place.shared) if place.shared is not None else own
    open_to_all = {
        passage.id
        for item in recipe.items
        if item.bundled and DeskName.PUBLIC in item.loaded.audience
        for passage in item.loaded.passages
    }
    passages = recipe.searched
    rows = rows_of(passages)
    ours = list(dict.fromkeys(row.text for row in rows if passages[row.passage].id not in open_to_all))
    everyones = list(dict.fromkeys(row.text for row in rows if passages[row.passage].id in open_to_all))
    way = as_passages(place.embedder)
    by_text = dict(zip(ours, embed(ours, way, own, progress), strict=True))
    by_text.update(zip(everyones, embed(everyones, way, common, progress), strict=True))
    return [by_text[row.text] for row in rows]


def _remarks(items: dict[str, Item]) -> tuple[str, ...]:
    lines = []
    for key in sorted(items):
        target = items[key].loaded.document.superseded_by
        if target is not None and target not in items:
            lines.append(
                f"{key}: superseded_by: names {target}, which this desk does not have; add it or correct the name"
            )
    supersedes = {key: item.loaded.supersedes for key, item in items.items()}
    for key, name in unknown_targets([item.loaded.document for item in items.values()], supersedes):
        lines.append(f"{key}: supersedes: names {name}, which this desk does not have; correct the name")
    return tuple(lines)


__all__ = ["BUNDLED", "Admit", "FileReport", "IngestReport", "Status", "ingest", "remove"]
