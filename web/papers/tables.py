"""Reading the papers' TOML files: bounded, closed member by member, every refusal one line."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from bot.records import DeskName
from web.papers.values import OWNERS, BadPaper

LARGEST: Final = 256 * 1024  # bytes; a notice of a hundred pages is no notice


def bounded(file: Path, name: str) -> bytes:
    """The bytes of a file. Raises BadPaper where it is no plain file, cannot be read, is empty or too large."""
    try:
        if not file.is_file():
            raise BadPaper(f"{name} is no file that can be read; check its path")
        with file.open("rb") as opened:
            found = opened.read(LARGEST + 1)
    except OSError as problem:
        raise BadPaper(f"{name} cannot be read ({problem.strerror or 'no reason given'}); check its rights") from None
    if len(found) > LARGEST:
        raise BadPaper(f"{name} is larger than {LARGEST // 1024} KB; shorten it")
    if not found.strip():
        raise BadPaper(f"{name} is empty")
    return found


def decoded(found: bytes, name: str) -> str:
    """The text of a file with plain line ends. Raises BadPaper where it is no UTF-8 text."""
    try:
        text = found.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise BadPaper(f"{name} is not UTF-8 text; save it as UTF-8") from None
    if any(not each.isprintable() and each not in "\n\t\u3000\u00a0" for each in text):
        raise BadPaper(f"{name} holds control or invisible characters; save it as plain text")
    return text


def toml_of(found: bytes, name: str) -> Mapping[str, Any]:
    """A TOML file's table. Raises BadPaper."""
    try:
        return tomllib.loads(decoded(found, name))
    except tomllib.TOMLDecodeError as problem:
        raise BadPaper(f"{name} is not TOML ({problem}); see docs/operations.md") from None


def closed(table: object, where: str, needed: Collection[str], allowed: Collection[str] = ()) -> Mapping[str, Any]:
    """``table`` if it has all ``needed`` members and no others but ``allowed``. Raises BadPaper."""
    if not isinstance(table, dict):
        raise BadPaper(f"{where}: must be a table")
    if lacking := sorted(set(needed) - set(table)):
        raise BadPaper(f"{where}: {lacking[0]} is missing")
    if strange := sorted(set(table) - set(needed) - set(allowed)):
        raise BadPaper(f"{where}: {strange[0]} is unknown; mend or remove it")
    return table


def text(table: Mapping[str, Any], member: str, where: str) -> str:
    """A member that says something. Raises BadPaper."""
    value = table[member]
    if not isinstance(value, str) or not value.strip():
        raise BadPaper(f"{where}: {member} must be text")
    return value


def name(table: Mapping[str, Any], where: str) -> str:
    """The member ``name``: small letters and low lines. Raises BadPaper."""
    value = text(table, "name", where)
    if not (value.isascii() and value.replace("_", "").isalnum() and value == value.lower()):
        raise BadPaper(f"{where}: name takes small letters and low lines")
    return value


def day(table: Mapping[str, Any], member: str, where: str) -> date:
    """A member that is a date without a time. Raises BadPaper."""
    value = table[member]
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadPaper(f"{where}: {member} must be a date like 2027-05-31 without quotes")
    return value


def owner(table: Mapping[str, Any], where: str) -> str:
    """The role that answers for it. Raises BadPaper."""
    value = table["owner"]
    if value not in OWNERS:
        raise BadPaper(f"{where}: owner must be one of {', '.join(OWNERS)}")
    return str(value)


def chosen(value: object, among: Sequence[str], member: str, where: str) -> str:
    """One of a closed list. Raises BadPaper."""
    if value not in among:
        raise BadPaper(f"{where}: {member} must be one of {', '.join(among)}")
    return str(value)


def desks(table: Mapping[str, Any], where: str) -> tuple[DeskName, ...]:
    """The desks it is for; both where it is not said. Raises BadPaper."""
    value = table.get("desks", [each.value for each in DeskName])
    if not isinstance(value, list) or not value or not all(each in {one.value for one in DeskName} for each in value):
        raise BadPaper(f"{where}: desks must be a list of public and staff")
    return tuple(DeskName(each) for each in value)


def tests(table: Mapping[str, Any], member: str, where: str) -> tuple[str, ...]:
    """Tests as ``tests/….py::test_…``. Whether they exist is a test's business: they are not installed. Raises
    BadPaper.
    """
    value = table.get(member, [])
    if not isinstance(value, list) or not all(_is_test(each) for each in value):
        raise BadPaper(f"{where}: {member} must be a list of tests/file.py::test_name")
    return tuple(value)


def _is_test(value: object) -> bool:
    if not isinstance(value, str):
        return False
    file, found, function = value.partition("::")
    return bool(found) and file.startswith("tests/") and file.endswith(".py") and function.startswith("test_")


def flat(table: Mapping[str, Any], where: str, before: str = "") -> dict[str, str]:
    """Texts of nested tables under dotted names. Raises BadPaper where a leaf is no text that says something."""
    found: dict[str, str] = {}
    for member, value in table.items():
        if isinstance(value, dict):
            found |= flat(value, where, f"{before}{member}.")
        elif isinstance(value, str) and value.strip():
            found[before + member] = value
        else:
            raise BadPaper(f"{where}: {before}{member} must be text")
    return found
