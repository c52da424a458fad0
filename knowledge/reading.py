"""Files read one by one into the documents of a desk, with what became of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bot.records import DeskName
from knowledge.building import Item
from knowledge.documents import BadDocument, Loaded
from knowledge.linking import recognised
from knowledge.loading import READERS, Source, find_files, load, open_source, printable
from knowledge.loading.declared import Declared


class Status(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    OTHER_DESK = "other_desk"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file; ``line`` says for refused ones what is wrong and what to do.

    ``document`` is the id it has here, ``passages`` how many it gave; None and 0 where nothing was read.
    """

    file: str
    status: Status
    line: str
    document: str | None = None
    passages: int = 0


class Reading:
    """Reads files into ``items`` (by document id) and remembers what became of each."""

    def __init__(self, desk: DeskName, items: dict[str, Item], *, bundled: bool, declared: Declared) -> None:
        self.reports: list[FileReport] = []
        self.remarks: list[str] = []
        self._desk = desk
        self._items = items
        self._bundled = bundled
        self._declared = declared
        self._seen: dict[str, str] = {}  # id -> file

    def read(self, path: Path) -> None:
        """Read a file, or all in a directory that have a reader; the others there are named and skipped."""
        try:
            for file in find_files(path):
                if _is_file(file) and path.is_dir() and file.suffix.lower() not in READERS:
                    self._report(printable(file.name), Status.SKIPPED, "has no reader")
                else:
                    self._read_one(file)
        except BadDocument as problem:
            self._refuse(problem)

    def drop_missing(self) -> None:
        """Let go of the bundled documents that no file was read for."""
        gone = [key for key, item in self._items.items() if item.bundled and key not in self._seen]
        for key in gone:
            del self._items[key]
            self._report(f"{key}.md", Status.REMOVED, "is no longer among the bundled notes")

    def _read_one(self, file: Path) -> None:
        try:
            source = open_source(file, self._declared)
            self._check(source)
            loaded = self._known(source) or self._loaded(source)
        except BadDocument as problem:
            if self._bundled:  # a note that has become bad stays as it was; its id is its file name
                self._seen.setdefault(file.stem, file.name)
            self._refuse(problem)
            return
        self._seen[source.id] = file.name
        self._take(file.name, loaded)

    def _known(self, source: Source) -> Loaded | None:
        """The document as it is, where the file and what is said of it have not changed: then nothing is read."""
        old = self._items.get(source.id)
        return old.loaded if old is not None and old.loaded.made_from == source.made_from else None

    def _loaded(self, source: Source) -> Loaded:
        loaded = load(source, self._desk)
        if not source.is_note:
            loaded = self._placed(source, loaded)
            self.remarks.extend(f"{source.file.name}: {line}" for line in loaded.remarks)
        return replace(loaded, made_from=source.made_from)

    def _placed(self, source: Source, loaded: Loaded) -> Loaded:
        """The document, as the source that our notes summarise where it turns out to be that."""
        notes = [passage for item in self._items.values() if item.bundled for passage in item.loaded.passages]
        known = recognised(loaded.passages, notes)
        if known is None:
            return loaded
        note, found, named = known
        said = source.declared.source
        if said is not None and said != note.source:
            self.remarks.append(
                f"{source.file.name}: looks like 「{note.source}」 and is said to be something else; "
                "declare that as its source if it is"
            )
            return loaded
        self.remarks.append(
            f"{source.file.name}: holds {found} of the {named} sections that notes name of 「{note.source}」; "
            "answers that these notes find cite it"
        )
        told = {
            "title": note.source,
            "source": note.source,
            "publisher": note.publisher,
            "validity": note.validity,
            "as_of": note.as_of,
        }
        if note.superseded_by is not None:
            told["superseded_by"] = note.superseded_by
        declared = source.declared.with_defaults(Declared.model_validate(told))
        return load(replace(source, declared=declared), self._desk)

    def _check(self, source: Source) -> None:
        name, key = source.file.name, source.id
        if self._bundled and not source.is_note:
            raise BadDocument(name, "front matter", "is missing; begin with --- and end it with a line ---")
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
            status, line = Status.ADDED, "is new"
        elif old.loaded.made_from == loaded.made_from or old.loaded == loaded:
            status, line = Status.UNCHANGED, "is as it was"
        else:
            status, line = Status.CHANGED, "replaces its earlier version"
        self.reports.append(FileReport(name, status, line, key, len(loaded.passages)))

    def _refuse(self, problem: BadDocument) -> None:
        self._report(problem.file, Status.REFUSED, str(problem))

    def _report(self, file: str, status: Status, line: str) -> None:
        self.reports.append(FileReport(file, status, line))


def _is_file(path: Path) -> bool:
    """Whether there is a file that may be looked at; what may not be is refused by whoever opens it."""
    try:
        return path.is_file()
    except OSError:
        return False
