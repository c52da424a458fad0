"""The conditions of a query of the derived index, as SQL of our own words with bound values. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from audit.search_terms import Expressions
from audit.search_values import Filters
from audit.search_writing import microseconds

SINGLE: Final[Mapping[str, str]] = {
    "risks": "risk",
    "topics": "topic",
    "levels": "level",
    "languages": "language",
    "snapshots": "snapshot",
    "prompts": "prompt",
    "case_states": "case_state",
    "feedback": "feedback",
}
SEVERAL: Final[Mapping[str, str]] = {"models": "models", "masked": "masked"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: the tables it runs through, its conditions, and the one on ``shapes`` (empty: any), with the values
    they name. ``nothing``: no exchange can be found.
    """

    tables: str
    conditions: tuple[str, ...]
    shapes: str
    values: Mapping[str, str | int]
    nothing: bool

    @property
    def of_shapes(self) -> bool:
        """Whether an exchange's shape alone decides."""
        return not self.conditions

    @property
    def of_texts(self) -> bool:
        """Whether tokens were asked for: those of many texts are read, once for all that is to be known."""
        return self.tables != "exchanges"

    def rows(self, columns: str, *more: str) -> str:
        """The statement that gives columns of ``exchanges`` for every exchange of the query."""
        of_shape = (sql("shape IN (SELECT id FROM shapes WHERE", self.shapes, ")"),) if self.shapes else ()
        conditions = (*self.conditions, *of_shape, *more)
        return sql("SELECT", columns, "FROM", self.tables, *(("WHERE", " AND ".join(conditions)) if conditions else ()))


def asked(found: Expressions, filters: Filters) -> Asked:
    """What a query demands. What was typed is looked up first, in its own tables, and exchanges by what was found."""
    tables, conditions = "exchanges", list[str]()
    values: dict[str, str | int] = {}
    for name, expression in (("words", found.words), ("characters", found.characters)):
        if expression is None:
            continue
        values[name] = expression
        if tables == "exchanges":
            tables = f"{name} CROSS JOIN exchanges ON exchanges.row = {name}.rowid"
            conditions.append(f"{name} MATCH :{name}")
        else:
            conditions.append(sql("row IN (SELECT rowid FROM", name, "WHERE", name, f"MATCH :{name})"))
    if filters.documents:
        named = sql("SELECT id FROM documents WHERE name IN", _among("documents"))
        conditions.append(sql("row IN (SELECT cited.row FROM cited WHERE document IN (", named, "))"))
        values["documents"] = listed(filters.documents)
    for name, moment, sign in (("since", filters.since, ">="), ("until", filters.until, "<")):
        if moment is not None:
            conditions.append(f"received {sign} :{name}")
            values[name] = microseconds(moment)
    shapes, of_shapes = _on_shapes(filters)
    return Asked(tables, tuple(conditions), " AND ".join(shapes), {**values, **of_shapes}, found.nothing)


def sql(*parts: str) -> str:
    """A statement of our own words: whatever was typed is a bound value, never a part."""
    return " ".join(parts)


def listed(values: frozenset[str]) -> str:
    return json.dumps(sorted(values))


def _on_shapes(filters: Filters) -> tuple[list[str], dict[str, str | int]]:
    conditions: list[str] = []
    values: dict[str, str | int] = {}
    for name, column in SINGLE.items():
        chosen = getattr(filters, name)
        if chosen:
            conditions.append(f"{column} IN {_among(name)}")
            values[name] = listed(chosen)
    for name, column in SEVERAL.items():
        chosen = getattr(filters, name)
        if chosen:
            conditions.append(
                sql("EXISTS (SELECT 1 FROM json_each(", column, ") AS own WHERE own.value IN", _among(name), ")")
            )
            values[name] = listed(chosen)
    if filters.outcomes:
        conditions.append(f"(outcome IN {_among('outcomes')} OR family IN {_among('outcomes')})")
        values["outcomes"] = listed(filters.outcomes)
    if filters.corrected is not None:
        conditions.append("corrected = :corrected")
        values["corrected"] = int(filters.corrected)
    return conditions, values


def _among(name: str) -> str:
    """The values bound under a name, as a list."""
    return sql("(SELECT value FROM json_each(", f":{name}", "))")
