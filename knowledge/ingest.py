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
from knowledge.building import Item
from knowledge.documents import BadDocument, Loaded
from knowledge.loading import find_files, load, read_file
from knowledge.manifests import SnapshotDamaged, read_passages
from knowledge.units import rows_of
from knowledge.vectors import Progress, VectorCache, embed_passages

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


def ingest(
    paths: Sequence[Path],
    desk: DeskName,
    desk_directory: Path,
    embedder: Embedder,
    analyzer: WordAnalyzer,
    *,
    bundled: bool = False,
    shared: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Reads files and directories, builds the desk's next snapshot and activates it.

    Documents already in the active snapshot stay; those of the same id are replaced. With ``bundled`` the paths are the
    whole of what comes with the software: bundled documents no longer among them go. ``shared`` is the cache file for
    public bundled vectors. Nothing new builds nothing. Raises OSError, EmbedderUnavailable, MemoryError; the active
    snapshot is then the one before.
    """
    before = snapshots.active(desk_directory)
    items = _present(desk_directory, before)
    files = _Reading(desk, items, bundled=bundled)
    for path in paths:
        files.read(path)
    if bundled:
        files.drop_missing()
    ordered = [items[key] for key in sorted(items)]
    snapshot = building.id_of(building.digest_of(ordered, embedder.stamp))
    if snapshot != before or not _is_whole(desk_directory, snapshot):
        vectors = _vectors(ordered, desk_directory, embedder, shared, progress)
        snapshot = building.build(desk_directory, ordered, embedder.stamp, vectors, analyzer)
        snapshots.activate(desk_directory, snapshot)
    return IngestReport(desk, tuple(files.reports), _remarks(items), snapshot, before)


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
        # A bundled note that has become bad stays as it was: its id is known by its file name.
        key = file.stem
        try:
            loaded = load(file, read_file(file))
            key = loaded.document.id
            if key in self._seen:
                raise BadDocument(file.name, "id", f"{key} is also in {self._seen[key]}; give one of them another id")
            old = self._items.get(key)
            if old is not None and old.bundled != self._bundled:
                raise BadDocument(file.name, "id", f"{key} is taken by {_origin(old)}; give this one another id")
        except BadDocument as problem:
            self._seen.setdefault(key, file.name)
            self._refuse(problem)
            return
        self._seen[key] = file.name
        self._take(file.name, loaded, old)

    def _take(self, name: str, loaded: Loaded, old: Item | None) -> None:
        key = loaded.document.id
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


def _origin(item: Item) -> str:
    return "a note that comes with the software" if item.bundled else "a document added here"


def _present(desk_directory: Path, active: SnapshotId | None) -> dict[str, Item]:
    """The documents of the active snapshot; none where there is none or it is damaged (ingesting is the way to mend)."""
    if active is None:
        return {}
    try:
        manifest = snapshots.show(desk_directory, active)
        passages = read_passages(building.snapshots_of(desk_directory) / manifest.id)
    except (SnapshotDamaged, snapshots.NoSuchSnapshot):
        return {}
    items: dict[str, Item] = {}
    for entry in manifest.documents:
        own = tuple(passage for passage in passages if passage.document.id == entry.id)
        audience = frozenset(DeskName(name) for name in entry.audience)
        review_by = date.fromisoformat(entry.review_by) if entry.review_by else None
        items[entry.id] = Item(Loaded(own[0].document, own, audience, review_by), entry.bundled)
    return items


def _is_whole(desk_directory: Path, snapshot: SnapshotId) -> bool:
    try:
        snapshots.check(desk_directory, snapshot)
    except (SnapshotDamaged, snapshots.NoSuchSnapshot):
        return False
    return True


def _vectors(
    items: Sequence[Item], desk_directory: Path, embedder: Embedder, shared: Path | None, progress: Progress | None
) -> list[bytes]:
    """The vectors of all rows, in order; public bundled texts through the shared cache, the others through the desk's."""
    own = VectorCache(desk_directory / "vectors.sqlite")
    by_text: dict[str, bytes] = {}
    common = VectorCache(shared) if shared is not None else own
    open_to_all = [item for item in items if item.bundled and DeskName.PUBLIC in item.loaded.audience]
    kept = [item for item in items if item not in open_to_all]
    texts = [list(dict.fromkeys(_texts(some))) for some in (open_to_all, kept)]
    texts[1] = [text for text in texts[1] if text not in set(texts[0])]
    total = sum(len(each) for each in texts)
    done = 0
    for some, cache in zip(texts, (common, own), strict=True):
        shifted = _shifted(progress, done, total)
        by_text.update(zip(some, embed_passages(some, embedder, [cache], shifted), strict=True))
        done += len(some)
    return [by_text[row.text] for row in rows_of([p for item in items for p in item.loaded.passages])]


def _texts(items: Sequence[Item]) -> list[str]:
    return [row.text for row in rows_of([passage for item in items for passage in item.loaded.passages])]


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None

    def show(some: int, of: int) -> None:
        progress(done + some, max(total, done + of))

    return show


def _remarks(items: dict[str, Item]) -> tuple[str, ...]:
    lines = []
    for key in sorted(items):
        target = items[key].loaded.document.superseded_by
        if target is not None and target not in items:
            lines.append(
                f"{key}.md: superseded_by: names {target}, which this desk does not have; add it or correct the name"
            )
    return tuple(lines)
