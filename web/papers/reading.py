"""A paper from its files: ``<name>.toml`` says what it is made of, ``<name>.<language>.toml`` says it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from bot.records import Language, Stamp
from web.papers import tables
from web.papers.values import ALWAYS, KINDS, PLACEHOLDERS, WHEN, BadPaper, Head, Paper, Part, Section

DIRECTORY: Final = Path(__file__).parent
HEAD: Final = ("version", "date", "owner", "review_by")
_PLACEHOLDER: Final = re.compile(r"{(\w*)}")

Texts = Mapping[Language, Mapping[str, str]]


def paper_of(name: str, directory: Path = DIRECTORY) -> Paper:
    """The paper of a name, complete in every language. Raises BadPaper."""
    structure, stamp = files_of(name, directory)
    where = f"{name}.toml"
    tables.closed(structure, where, (*HEAD, "section"))
    sections = tuple(_section(each, where) for each in _listed(structure["section"], f"{where}: section"))
    keys = {"title"} | {f"{section.name}.title" for section in sections}
    parts = [part for section in sections for part in section.parts]
    if len({part.key for part in parts}) < len(parts):
        raise BadPaper(f"{where}: two parts have one name")
    keys |= {part.key for part in parts if part.kind != "retention"}
    return Paper(head_of(structure, stamp, where), sections, texts_of(name, directory, keys))


def files_of(name: str, directory: Path) -> tuple[Mapping[str, Any], Stamp]:
    """The structure of a paper and the stamp over all its files. Raises BadPaper."""
    found = tables.bounded(directory / f"{name}.toml", f"{name}.toml")
    structure = tables.toml_of(found, f"{name}.toml")
    digest = sha256(found)
    for language in Language:
        file = text_file(name, language)
        digest.update(b"\0" + tables.bounded(directory / file, file))
    version = structure.get("version")
    if not isinstance(version, str) or not version:
        raise BadPaper(f'{name}.toml: version must be text like "1"')
    return structure, Stamp(name, version, digest.hexdigest())


def text_file(name: str, language: Language) -> str:
    """The file with a paper's texts in one language."""
    return f"{name}.{language.value}.toml"


def head_of(structure: Mapping[str, Any], stamp: Stamp, where: str) -> Head:
    """Date, owner and review date of a paper. Raises BadPaper."""
    day, review_by = tables.day(structure, "date", where), tables.day(structure, "review_by", where)
    if review_by <= day:
        raise BadPaper(f"{where}: review_by must be later than date")
    return Head(stamp, day, tables.owner(structure, where), review_by)


def texts_of(name: str, directory: Path, keys: Collection[str]) -> Texts:
    """The texts in every language, with exactly these keys and the same placeholders. Raises BadPaper."""
    texts: dict[Language, Mapping[str, str]] = {}
    for language in Language:
        file = text_file(name, language)
        found = tables.flat(tables.toml_of(tables.bounded(directory / file, file), file), file)
        if differing := sorted(set(keys) ^ found.keys()):
            raise BadPaper(f"{file}: missing or unknown: {', '.join(differing[:5])}")
        texts[language] = found
        _check_placeholders(file, found, texts[Language.JA])
    return texts


def _check_placeholders(file: str, found: Mapping[str, str], japanese: Mapping[str, str]) -> None:
    for key, text in found.items():
        named = _PLACEHOLDER.findall(text)
        if set(named) != set(_PLACEHOLDER.findall(japanese[key])) or not PLACEHOLDERS.issuperset(named):
            raise BadPaper(f"{file}: {key} has other placeholders than the Japanese text, or unknown ones")


def _section(value: object, where: str) -> Section:
    table = tables.closed(value, f"{where}: section", ("name", "part"))
    name = tables.name(table, f"{where}: section")
    return Section(name, tuple(_part(each, name, where) for each in _listed(table["part"], f"{where}: {name}")))


def _part(value: object, section: str, where: str) -> Part:
    place = f"{where}: a part of {section}"
    table = tables.closed(value, place, ("name",), ("kind", "when", "desks", "shown_by"))
    name = tables.name(table, place)
    return Part(
        key=f"{section}.{name}",
        kind=tables.chosen(table.get("kind", "text"), KINDS, "kind", place),
        when=tables.chosen(table.get("when", ALWAYS), WHEN, "when", place),
        desks=tables.desks(table, place),
        shown_by=tables.tests(table, "shown_by", place),
    )


def _listed(value: object, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise BadPaper(f"{where}: at least one is needed")
    return value
