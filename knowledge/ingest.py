"""From files to a desk's active snapshot, with a line for every file.

A bad file is refused with one line and the rest goes on. A note goes to the desks its front matter names and to no
other. Vectors of bundled notes that the public may read are kept in a cache that the desks share (nothing in it is
confidential, and the first start would else embed them twice); all others stay in the desk's own directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from bot.ports import Embedder, WordAnalyzer
from bot.records import DeskName, SnapshotId
from knowledge import building, snapshots
from knowledge.building import Item, Recipe
from knowledge.documents import BadDocument, Loaded
from knowledge.loading import find_files, load, read_file
from knowledge.manifests import SnapshotDamaged, check, read_passages
from knowledge.units import rows_of
from knowledge.vectors import Progress, VectorCache, as_passages, embed

BUNDLED = Path(__file__).parent / "corpus"
"""The notes that come with the software."""


class Status(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    OTHER_DESK = "other_desk"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; ``line`` says for refused ones what is wrong and what to do."""

    file: str
    status: Status
    line: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did. ``remarks`` are doubts that refuse nothing; ``active`` is the snapshot now in use."""

    desk: DeskName
    files: tuple[FileReport, ...]
    remarks: tuple[str, ...]
    active: SnapshotId
    before: SnapshotId | None

    def count(self, status: Status) -> int:
        return sum(each.status is status for each in self.files)


def ingest(  # noqa: PLR0913 - each is something else, and named where it is called
    paths: Sequence[Path],
    desk: DeskName,
    directory: Path,
    embedder: Embedder,
    analyzer: WordAnalyzer,
    *,
    bundled: bool = False,
    shared: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads files and directories, builds the desk's next snapshot and activates it.

    Documents already in the active snapshot stay; those of the same id are replaced. With ``bundled`` the paths are the
    whole of what comes with the software: bundled documents no longer among them go. ``directory`` is the desk's own;
    ``shared`` the cache file for public bundled vectors. Nothing new builds nothing.
    Raises OSError, EmbedderUnavailable, MemoryError; the active snapshot is then the one before.
    """
    before = snapshots.active(directory)
    items, doubts = _present(directory, before)
    files = _Reading(desk, items, bundled=bundled)
    for path in paths:
        files.read(path)
    if bundled:
        files.drop_missing()
    recipe = Recipe([items[key] for key in sorted(items)], embedder.stamp)
    snapshot = building.id_of(recipe.digest)
    if snapshot != before or not _is_whole(directory, snapshot):
        vectors = _vectors(recipe, embedder, (directory / "vectors.sqlite", shared), progress)
        snapshot = building.build(directory, recipe, vectors, analyzer)
        snapshots.activate(directory, snapshot)
    return IngestReport(desk, tuple(files.reports), (*doubts, *_remarks(items)), snapshot, before)


class _Reading:
    """Reads files into ``items`` (by document id) and remembers what became of each."""

    def __init__(self, desk: DeskName, items: dict[str, Item], *, bundled: bool) -> None:
        self.reports: list[FileReport] = []
        self._desk = desk
        self._items = items
        self._bundled = bundled
        self._seen: dict[str, str] = {}  # id -> file

    def read(self, path: Path) -> None:
        try:
            for file in find_files(path):
                self._read_one(file)
        except BadDocument as problem:
            self._refuse(problem)

    def drop_missing(self) -> None:
        gone = [key for key, item in self._items.items() if item.bundled and key not in self._seen]
        for key in gone:
            del self._items[key]
            self._report(f"{key}.md", Status.REMOVED, "is no longer among the bundled notes")

    def _read_one(self, file: Path) -> None:
        try:
            loaded = load(file, read_file(file))
            self._check_id(file.name, loaded.document.id)
        except BadDocument as problem:
            # A bundled note that has become bad stays as it was; its id is its file name.
            self._seen.setdefault(file.stem, file.name)
            self._refuse(problem)
            return
        self._seen[loaded.document.id] = file.name
        self._take(file.name, loaded)

    def _check_id(self, name: str, key: str) -> None:
        if key in self._seen:
            raise BadDocument(name, "id", f"{key} is also in {self._seen[key]}; give one of them another id")
        old = self._items.get(key)
        if old is not None and old.bundled != self._bundled:
            origin = "a note that comes with the software" if old.bundled else "a document added here"
            raise BadDocument(name, "id", f"{key} is taken by {origin}; give this one another id")

    def _take(self, name: str, loaded: Loaded) -> None:
        key = loaded.document.id
        old = self._items.get(key)
        if self._desk not in loaded.audience:
            if self._items.pop(key, None) is not None:
                self._report(name, Status.REMOVED, "is no longer for this desk")
            else:
                self._report(name, Status.OTHER_DESK, "is for the other desk")
            return
        self._items[key] = Item(loaded, self._bundled)
        if old is None:
            self._report(name, Status.ADDED, "is new")
        elif old.loaded.document.version == loaded.document.version:
            self._report(name, Status.UNCHANGED, "is as it was")
        else:
            self._report(name, Status.CHANGED, "replaces its earlier version")

    def _refuse(self, problem: BadDocument) -> None:
        self._report(problem.file, Status.REFUSED, str(problem))

    def _report(self, file: str, status: Status, line: str) -> None:
        self.reports.append(FileReport(file, status, line))


def _present(directory: Path, active: SnapshotId | None) -> tuple[dict[str, Item], list[str]]:
    """The documents of the active snapshot, and a remark where it is damaged (ingesting is the way to mend it)."""
    if active is None:
        return {}, []
    try:
        manifest = snapshots.show(directory, active)
        passages = read_passages(building.snapshots_of(directory) / manifest.id)
    except (SnapshotDamaged, snapshots.NoSuchSnapshot):
        return {}, [f"snapshot {active} was damaged; ingest the documents added here again"]
    items: dict[str, Item] = {}
    for entry in manifest.documents:
        own = tuple(passage for passage in passages if passage.document.id == entry.id)
        audience = frozenset(DeskName(name) for name in entry.audience)
        review_by = date.fromisoformat(entry.review_by) if entry.review_by else None
        items[entry.id] = Item(Loaded(own[0].document, own, audience, review_by), entry.bundled)
    return items, []


def _is_whole(desk_directory: Path, snapshot: SnapshotId) -> bool:
    try:
        check(building.snapshots_of(desk_directory) / snapshot)
    except SnapshotDamaged:
        return False
    return True


def _vectors(
    recipe: Recipe, embedder: Embedder, files: tuple[Path, Path | None], progress: Progress | None
) -> list[bytes]:
    """The vectors of all rows, in order.

    ``files`` are the desk's cache and the shared one, which serves public bundled texts where there is one.
    """
    own = VectorCache(files[0])
    common = VectorCache(files[1]) if files[1] is not None else own
    open_to_all = {
        passage.id
        for item in recipe.items
        if item.bundled and DeskName.PUBLIC in item.loaded.audience
        for passage in item.loaded.passages
    }
    passages = recipe.passages
    rows = rows_of(passages)
    ours = list(dict.fromkeys(row.text for row in rows if passages[row.passage].id not in open_to_all))
    everyones = list(dict.fromkeys(row.text for row in rows if passages[row.passage].id in open_to_all))
    way = as_passages(embedder)
    by_text = dict(zip(ours, embed(ours, way, own, progress), strict=True))
    by_text.update(zip(everyones, embed(everyones, way, common, progress), strict=True))
    return [by_text[row.text] for row in rows]


def _remarks(items: dict[str, Item]) -> tuple[str, ...]:
    lines = []
    for key in sorted(items):
        target = items[key].loaded.document.superseded_by
        if target is not None and target not in items:
            lines.append(
                f"{key}.md: superseded_by: names {target}, which this desk does not have; add it or correct the name"
            )
    return tuple(lines)
