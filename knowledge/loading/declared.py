"""What an operator says of a document: a YAML file beside it, or values on the command line."""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePath
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.records import DeskName, DocumentKind, Validity
from knowledge.documents import BadDocument, IsoDate, Text
from knowledge.loading.strict_yaml import read_yaml

SUFFIX = ".yaml"
"""Behind the document's whole name: ``strategy.pdf`` is described in ``strategy.pdf.yaml``."""
LARGEST = 100_000
"""Bytes of such a file; it has about 500."""


class Declared(BaseModel):
    """Everything is optional; what is not said is read from the document or has a default. Unknown keys are refused.

    ``supersedes`` are ids or titles of the documents that this one replaces.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)] | None = None
    title: Text | None = None
    publisher: Text | None = None
    source: Text | None = None
    url: Annotated[Text, StringConstraints(pattern=r"^https?://\S+$")] | None = None
    kind: DocumentKind | None = None
    validity: Validity | None = None
    superseded_by: Text | None = None
    supersedes: tuple[Text, ...] = ()
    speaker: Text | None = None
    as_of: IsoDate | None = None
    audience: frozenset[DeskName] | None = Field(default=None, min_length=1)
    review_by: date | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.superseded_by is not None and self.validity not in {None, Validity.SUPERSEDED}:
            raise ValueError("superseded_by stands only with validity superseded")
        if self.kind is DocumentKind.OPINION and self.speaker is None:
            raise ValueError("speaker must name whose opinion it is")
        if self.kind is DocumentKind.SERVICE:
            raise ValueError("kind service is for the notes about this service; use document or opinion")
        if self.speaker is not None and self.kind not in {None, DocumentKind.OPINION}:
            raise ValueError("speaker stands only with kind opinion")
        return self

    def with_defaults(self, other: Declared) -> Declared:
        """These values; what is not said here is as ``other`` says. Raises BadDocument where the two disagree."""
        said = {name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) not in (None, ())}
        others = {name: getattr(other, name) for name in other.model_fields_set}
        if said.get("validity") not in {None, Validity.SUPERSEDED}:
            others.pop("superseded_by", None)
        return declared({**others, **said}, "what is declared")


def declared(values: object, name: str) -> Declared:
    """The declaration in plain values, read from ``name``. Raises BadDocument with one line that says what to do."""
    try:
        return Declared.model_validate({} if values is None else values)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(step) for step in first["loc"]) or "declaration"
        raise BadDocument(name, field, first["msg"].removeprefix("Value error, ")) from problem


def read_declared(file: Path) -> Declared:
    """What the file beside a document says of it; nothing where there is no such file. Raises BadDocument."""
    beside = file.with_name(file.name + SUFFIX)
    try:
        status = _status(beside)
        if status is None:
            return Declared()
        if not stat.S_ISREG(status.st_mode):
            raise BadDocument(beside.name, "file", "is no plain file; put the description there itself")
        if status.st_size > LARGEST:
            raise BadDocument(beside.name, "file", f"is larger than {LARGEST:,} bytes; keep only what it declares")
        text = beside.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise BadDocument(beside.name, "file", "is not UTF-8; save it as UTF-8") from problem
    except OSError as problem:
        raise BadDocument(beside.name, "file", f"cannot be read ({problem.strerror}); check its rights") from problem
    return declared(read_yaml(text, beside.name, "declaration"), beside.name)


def refuse_misnamed(file: Path) -> None:
    """Refuse a document whose description has a name under which nobody would read it. Raises BadDocument.

    What such a description says of the audience would be lost, and the document shown to everybody.
    """
    right = file.with_name(file.name + SUFFIX)
    for near in _near_names(file):
        if os.path.lexists(near) and not _is_same(near, right):
            raise BadDocument(file.name, "description", f"{near.name} is not read; rename it to {right.name}")


def _near_names(file: Path) -> Iterator[Path]:
    """Names close to that of the file's description, but those that describe another document."""
    endings = (SUFFIX, ".yml", ".Yaml", ".Yml", ".YAML", ".YML")
    names = dict.fromkeys((file.name, *(unicodedata.normalize(form, file.name) for form in ("NFC", "NFD"))))
    for name in names:
        yield from (file.with_name(name + end) for end in endings if name + end != file.name + SUFFIX)
        stem = PurePath(name).stem
        if not os.path.lexists(file.with_name(stem)):
            yield from (file.with_name(stem + end) for end in endings)


def _is_same(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, as on a file system that does not tell their letters apart."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _status(file: Path) -> os.stat_result | None:
    """What the system knows of a file; None where there is none, also because its name would be too long.

    A link that leads nowhere counts as a file and raises OSError: what it should have said is unknown.
    """
    try:
        return file.stat()
    except OSError as problem:
        if problem.errno == errno.ENAMETOOLONG or (problem.errno == errno.ENOENT and not file.is_symlink()):
            return None
        raise
