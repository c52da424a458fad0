"""When people are there: what the operator wrote into the office file, or the bundled default that nobody decided."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bot.office import Office
from bot.office_table import BadOffice, bundled_office, office_of
from bot.records import DeskName


def office_for(desk: DeskName, file: Path | None) -> Office:
    """The office calendar of one desk; the bundled default without a file or without the desk's table in it.

    Raises BadOffice for a file that cannot be read or says what no calendar can.
    """
    if file is None:
        return bundled_office(desk)
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except OSError as problem:
        raise BadOffice(f"{file.name} cannot be read; check MADOGUCHI_OFFICE") from problem
    except ValueError as problem:
        raise BadOffice(f"{file.name} is not TOML ({problem}); see docs/operations.md") from problem
    if strangers := set(tables) - {each.value for each in DeskName}:
        raise BadOffice(f"{file.name}: there is no desk {min(strangers)}; the tables are [public] and [staff]")
    table = tables.get(desk.value)
    if table is None:
        return bundled_office(desk)
    if not isinstance(table, dict):
        raise BadOffice(f"{file.name}: {desk.value} must be a table, [{desk.value}]")
    try:
        return office_of(desk, table)
    except BadOffice as problem:
        raise BadOffice(f"{file.name}: {problem}") from problem
