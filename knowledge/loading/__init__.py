"""From files to loaded documents: one reader per kind of file, found by suffix.

A reader takes the file's name for messages and its bytes, and gives what the document says as blocks; it raises
BadDocument. Notes in our own words (Markdown that begins with front matter) say everything about themselves; of any
other document the operator may say more, in a YAML file beside it or on the command line. A new kind of file is a new
reader and a new line here.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bot.records import DeskName
from knowledge.documents import BadDocument, Loaded
from knowledge.loading.blocks import Extracted
from knowledge.loading.declared import SUFFIX, Declared, read_declared, refuse_misnamed
from knowledge.loading.describing import document_id
from knowledge.loading.notes import is_note, load_note
from knowledge.loading.passages import loaded

READING = 2
"""Rises whenever a reader would give something else for the same bytes; unchanged files are then read again."""

Reader = Callable[[str, bytes], Extracted]


# The libraries behind these cost up to 0.3 s to import, and most starts read no document: hence inside.
def _pdf(name: str, content: bytes) -> Extracted:
    from knowledge.loading.pdf import read_pdf  # noqa: PLC0415 - as said above

    return read_pdf(name, content)


def _word(name: str, content: bytes) -> Extracted:
    from knowledge.loading.word import read_word  # noqa: PLC0415 - as said above

    return read_word(name, content)


def _html(name: str, content: bytes) -> Extracted:
    from knowledge.loading.html import read_html  # noqa: PLC0415 - as said above

    return read_html(name, content)


def _text(name: str, content: bytes) -> Extracted:
    from knowledge.loading.plain import read_text  # noqa: PLC0415 - as said above

    return read_text(name, content)


def _markdown(name: str, content: bytes) -> Extracted:
    from knowledge.loading.markdown import read_markdown  # noqa: PLC0415 - as said above

    return read_markdown(name, content)


READERS: Mapping[str, Reader] = MappingProxyType(
    {".md": _markdown, ".pdf": _pdf, ".docx": _word, ".html": _html, ".htm": _html, ".txt": _text}
)

LARGEST = 50_000_000
"""Bytes of one file."""
LARGEST_NOTE = 1_000_000
"""Bytes of a note; one has about 10,000."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file with what the operator says of it, before it is read."""

    file: Path
    content: bytes
    declared: Declared = field(default_factory=Declared)

    @property
    def is_note(self) -> bool:
        return self.file.suffix.lower() == ".md" and is_note(self.content)

    @property
    def id(self) -> str:
        """The id of the document that the file becomes: a note's is its file name without suffix."""
        return self.file.stem if self.is_note else self.declared.id or document_id(self.file.name)

    @property
    def made_from(self) -> str:
        """A digest over everything that shapes the loaded document: the same means that nothing needs reading."""
        said = "" if self.is_note else self.declared.model_dump_json()
        return hashlib.sha256(b"\0".join((str(READING).encode(), said.encode(), self.content))).hexdigest()


def find_files(path: Path) -> list[Path]:
    """The file itself, or every file under a directory but hidden ones and descriptions, sorted. Raises BadDocument.

    Directories that cannot be listed, links to directories and links that lead nowhere are among them, so that
    nothing is left out in silence; ``open_source`` refuses them one by one.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise BadDocument(printable(path.name), "file", "does not exist; check the path") from problem
    except OSError as problem:
        raise _unreadable(path, problem) from problem
    return sorted(file for file in _under(path) if not _describes(file)) if stat.S_ISDIR(mode) else [path]


def _under(top: Path) -> Iterator[Path]:
    closed: list[OSError] = []
    for place, directories, files in os.walk(top, onerror=closed.append):
        here = Path(place)
        directories[:] = [name for name in directories if not name.startswith(".")]
        yield from (here / name for name in files if not name.startswith("."))
        yield from (link for name in directories if (link := here / name).is_symlink())  # os.walk does not enter these
    for problem in closed:
        directory = Path(problem.filename)
        if directory == top:
            raise _unreadable(top, problem) from problem
        yield directory


def open_source(file: Path, given: Declared | None = None) -> Source:
    """A file's bytes and what is said of it: ``given`` first, then the file beside it. Raises BadDocument."""
    if printable(file.name) != file.name:
        raise BadDocument(printable(file.name), "file name", "is not UTF-8; rename the file")
    if os.path.isdir(file):  # noqa: PTH112 - the method of Path raises where rights are missing
        advice = "is a link to a directory, which is not followed; give the directory itself"
        raise BadDocument(file.name, "file", advice if file.is_symlink() else "is a directory that cannot be listed")
    if file.suffix.lower() not in READERS:
        advice = "has no reader; give one of: " + ", ".join(sorted(READERS))
        raise BadDocument(file.name, "file", f"{advice} (an old .doc or a spreadsheet: save it as .docx or .html)")
    try:
        status = file.stat()
        size = status.st_size
        if not stat.S_ISREG(status.st_mode):
            raise BadDocument(file.name, "file", "is no plain file; give the document itself")
        if size > LARGEST:
            raise BadDocument(file.name, "file", f"is larger than {LARGEST // 1_000_000} MB; split it or drop pictures")
        if size == 0:
            raise BadDocument(file.name, "file", "is empty; give the document itself")
        content = file.read_bytes()
    except OSError as problem:
        raise _unreadable(file, problem) from problem
    source = Source(file, content)
    if source.is_note:
        if size > LARGEST_NOTE:
            raise BadDocument(file.name, "file", f"is larger than {LARGEST_NOTE:,} bytes; split it into smaller topics")
        return source
    refuse_misnamed(file)
    return Source(file, content, (given or Declared()).with_defaults(read_declared(file)))


def load(source: Source, desk: DeskName) -> Loaded:
    """The loaded document of a source; where nobody says otherwise it is for ``desk``. Raises BadDocument."""
    if source.is_note:
        return load_note(source.file, source.content)
    extracted = READERS[source.file.suffix.lower()](source.file.name, source.content)
    version = hashlib.sha256(source.content).hexdigest()
    return loaded(extracted, source.declared, source.file.name, version, frozenset({desk}))


def printable(name: str) -> str:
    """A file name as it can be written anywhere: bytes that are no UTF-8 stand as backslashed numbers."""
    return name.encode("utf-8", "backslashreplace").decode()


def _unreadable(file: Path, problem: OSError) -> BadDocument:
    return BadDocument(printable(file.name), "file", f"cannot be read ({problem.strerror}); check its path and rights")


def _describes(file: Path) -> bool:
    """Whether a file only says something of the document beside it."""
    return file.name.endswith(SUFFIX) and os.path.lexists(file.with_name(file.name.removesuffix(SUFFIX)))
