"""The risk analysis: the source's six points to note, what could go wrong with each here, and what shows that it is
prevented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from web.papers import tables
from web.papers.reading import DIRECTORY, HEAD, files_of, head_of, texts_of
from web.papers.values import BadPaper, Paper

POINTS: Final = ("safety", "fairness", "privacy", "security", "transparency", "accountability")
"""安全性, 公平性, プライバシー, セキュリティ, 透明性, 説明責任 (第3回資料（案） ３-④), in the source's order."""
COLUMNS: Final = ("wrong", "prevents", "remains")
FEWEST: Final = 4
"""Rows of a point: fewer would be a form filled in, not an analysis."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One row; its texts are ``<point>.<name>.<column>``. ``tests`` show that what prevents it works."""

    name: str
    tests: tuple[str, ...]
    owner: str
    review_by: date


@dataclass(frozen=True, slots=True)
class Point:
    """One of the six points; its texts are ``<name>.name`` and ``<name>.aim``."""

    name: str
    rows: tuple[Risk, ...]


@dataclass(frozen=True, slots=True)
class Risks:
    """The analysis: the paper carries head and texts (it has no sections)."""

    paper: Paper
    points: tuple[Point, ...]


def risks_of(name: str, directory: Path = DIRECTORY) -> Risks:
    """The risk analysis, complete in every language. Raises BadPaper."""
    structure, stamp = files_of(name, directory)
    where = f"{name}.toml"
    tables.closed(structure, where, (*HEAD, "point"))
    listed = structure["point"] if isinstance(structure["point"], list) else []
    points = tuple(_point(each, where) for each in listed)
    if tuple(point.name for point in points) != POINTS:
        raise BadPaper(f"{where}: the points are {', '.join(POINTS)}, in this order")
    keys = {"title", "lead", "limits"}
    for point in points:
        keys |= {f"{point.name}.name", f"{point.name}.aim"}
        keys |= {f"{point.name}.{row.name}.{column}" for row in point.rows for column in COLUMNS}
    paper = Paper(head_of(structure, stamp, where), (), texts_of(name, directory, keys))
    return Risks(paper, points)


def _point(value: object, where: str) -> Point:
    table = tables.closed(value, f"{where}: point", ("name", "row"))
    name = tables.name(table, f"{where}: point")
    rows = table["row"] if isinstance(table["row"], list) else []
    made = tuple(_risk(each, f"{where}: {name}") for each in rows)
    if len({row.name for row in made}) < max(FEWEST, len(made)):
        raise BadPaper(f"{where}: {name} needs at least {FEWEST} rows with names of their own")
    return Point(name, made)


def _risk(value: object, where: str) -> Risk:
    table = tables.closed(value, where, ("name", "tests", "owner", "review_by"))
    name = tables.name(table, where)
    place = f"{where}.{name}"
    tests = tables.tests(table, "tests", place)
    if not tests:
        raise BadPaper(f"{place}: name a test that shows it")
    return Risk(name, tests, tables.owner(table, place), tables.day(table, "review_by", place))
