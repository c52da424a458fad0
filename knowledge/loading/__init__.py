"""From files to loaded documents: one reader per kind of file, found by suffix.

A reader takes the file's name for messages and its bytes, and gives what the document says as blocks; it raises
BadDocument. Notes in our own words (Markdown that begins with front matter) say everything about themselves; of any
other document the operator may say more, in a YAML file beside it or on the command line. A new kind of file is a new
reader and a new line here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bot.records import DeskName
from knowledge.documents import BadDocument, Loaded
from knowledge.loading.blocks import Extracted
from knowledge.loading.declared import SUFFIX, Declared, read_declared
from knowledge.loading.describing import document_id
from knowledge.loading.notes import is_note, load_note
from knowledge.loading.passages import loaded

READING = 1
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
    """The file itself, or every file under a directory but hidden ones and descriptions, sorted. Raises BadDocument."""
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path)))
        return sorted(file for file in files if not _describes(file))
    if not path.is_file():
        raise BadDocument(path.name, "file", "does not exist; check the path")
    return [path]


def open_source(file: Path, given: Declared | None = None) -> Source:
    """A file's bytes and what is said of it: ``given`` first, then the file beside it. Raises BadDocument."""
    if file.suffix.lower() not in READERS:
        advice = "has no reader; give one of: " + ", ".join(sorted(READERS))
        raise BadDocument(file.name, "file", f"{advice} (an old .doc or a spreadsheet: save it as .docx or .html)")
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise BadDocument(file.name, "file", f"is larger than {LARGEST // 1_000_000} MB; split it or drop pictures")
        if size == 0:
            raise BadDocument(file.name, "file", "is empty; give the document itself")
        content = file.read_bytes()
    except OSError as problem:
        raise BadDocument(file.name, "file", f"cannot be read ({problem.strerror}); check its rights") from problem
    source = Source(file, content)
    if source.is_note:
        if size > LARGEST_NOTE:
            raise BadDocument(file.name, "file", f"is larger than {LARGEST_NOTE:,} bytes; split it into smaller topics")
        return source
    return Source(file, content, (given or Declared()).with_defaults(read_declared(file)))


def load(source: Source, desk: DeskName) -> Loaded:
    """The loaded document of a source; where nobody says otherwise it is for ``desk``. Raises BadDocument."""
    if source.is_note:
        return load_note(source.file, source.content)
    extracted = READERS[source.file.suffix.lower()](source.file.name, source.content)
    version = hashlib.sha256(source.content).hexdigest()
    return loaded(extracted, source.declared, source.file.name, version, frozenset({desk}))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _describes(file: Path) -> bool:
    """Whether a file only says something of the document beside it."""
    return file.name.endswith(SUFFIX) and file.with_name(file.name.removesuffix(SUFFIX)).exists()
