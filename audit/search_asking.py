"""Asking the derived index: pages of hits, totals, counts. Inside a transaction of its file.

What filters name stands in few ``shapes`` that many exchanges share, so that a million exchanges are filtered and
counted through an index of whole numbers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import apsw

from audit.search_conditions import SEVERAL, SINGLE, Asked, listed, sql
from audit.search_rows import Row, Shape, hit_of
from audit.search_values import Filters, Hit, ReadingRefused
from audit.search_writing import microseconds
from bot.records import EntryId, ExchangeId

_SCANNED: Final = 20_000
"""Of fewer hits than this their numbers are sorted; of more the newest are found by walking back from the newest."""

_CURSOR: Final = re.compile("([on])([0-9]{1,18})")
OLDER: Final = "o"
NEWER: Final = "n"


def page(connection: apsw.Connection, query: Asked, cursor: str | None, limit: int) -> tuple[int, Sequence[Hit]]:
    """How many exchanges there are, and up to ``limit`` hits behind a cursor, newest first, without their place in the
    tree.

    Raises apsw.Error, ReadingRefused (bad_cursor).
    """
    way, number = parsed(cursor)
    if query.nothing:
        return 0, []
    compared, sorting = ("<", "DESC") if way == OLDER else (">", "ASC")
    bound = () if number is None else (sql("row", compared, ":number"),)
    values = {**query.values, "limit": limit, **({} if number is None else {"number": number})}
    if query.of_texts:
        total, numbers = _gathered(connection, query, bound, sorting, values)
    else:
        total = _total(connection, query)
        row = "row" if total > _SCANNED else "+row"  # with the sign the table's own order is no way to find them
        one_page = sql(query.rows("row", *bound), "ORDER BY", row, sorting, "LIMIT :limit")
        numbers = [int(str(each)) for (each,) in connection.execute(one_page, values)]
    return total, hits(connection, sorted(numbers, reverse=True))


def _gathered(
    connection: apsw.Connection, query: Asked, bound: tuple[str, ...], sorting: str, values: Mapping[str, str | int]
) -> tuple[int, Sequence[int]]:
    """Total and numbers of a page by one reading of the tokens' lists."""
    condition = sql("WHERE", *bound) if bound else ""
    one_page = sql("SELECT row FROM found", condition, "ORDER BY row", sorting, "LIMIT :limit")
    both = sql("WITH found AS MATERIALIZED (", query.rows("exchanges.row AS row"), ")",
               "SELECT count(*) FROM found UNION ALL SELECT * FROM (", one_page, ")")  # fmt: skip
    total, *numbers = (int(str(each)) for (each,) in connection.execute(both, values))
    return total, numbers


def _total(connection: apsw.Connection, query: Asked) -> int:
    if not query.of_shapes:
        return int(connection.execute(query.rows("count(*)"), query.values).get)
    condition = sql("WHERE", query.shapes) if query.shapes else ""
    return int(connection.execute(sql("SELECT coalesce(sum(n), 0) FROM shapes", condition), query.values).get)


def hits(connection: apsw.Connection, numbers: Sequence[int]) -> Sequence[Hit]:
    """The hits with these numbers, in this order. Raises apsw.Error."""
    rows = connection.execute(
        "SELECT row, exchange, opened, closed, received, key FROM exchanges JOIN shapes ON shapes.id = shape "
        "WHERE row IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    found = {int(row[0]): _hit(row) for row in rows}
    return [found[number] for number in numbers]


def numbers_of(connection: apsw.Connection, query: Asked) -> Sequence[int]:
    """The numbers of all exchanges of a query, oldest first. Raises apsw.Error."""
    if query.nothing:
        return []
    found = connection.execute(sql(query.rows("exchanges.row AS row"), "ORDER BY 1"), query.values)
    return [int(str(number)) for (number,) in found]


def exchange_at(connection: apsw.Connection, number: int) -> ExchangeId | None:
    """The exchange with this number. Raises apsw.Error."""
    found = connection.execute("SELECT exchange FROM exchanges WHERE row = ?", (number,)).get
    return None if found is None else ExchangeId(str(found))


def counts(connection: apsw.Connection, query: Asked) -> Mapping[str, Mapping[str, int]]:
    """How many exchanges have each value of each filter; families of outcomes too. Raises apsw.Error."""
    found: dict[str, Counter[str]] = {
        name: Counter() for name in ("outcomes", *SINGLE, *SEVERAL, "corrected", "documents")
    }
    if query.nothing:
        return found
    by_shape, by_document = _counted(query)
    for key, number in connection.execute(by_shape, query.values):
        for name, value in _values(shape_of(key)):
            found[name][value] += int(number)
    cited = connection.execute(by_document, query.values)
    found["documents"].update({str(name): int(number) for name, number in cited})
    return found


def _counted(query: Asked) -> tuple[str, str]:
    """The statements that count by shape and by document: from the tallies where shapes alone decide."""
    if query.of_shapes:
        condition = query.shapes or "TRUE"
        of_shape = sql(
            "SELECT document, sum(tally.n) AS n FROM tally JOIN shapes ON shapes.id = shape WHERE", condition
        )
        return sql("SELECT key, n FROM shapes WHERE n > 0 AND", condition), _named(sql(of_shape, "GROUP BY document"))
    by_shape = sql(query.rows("shape, count(*) AS n"), "GROUP BY shape")
    rows = query.rows("exchanges.row AS row")
    by_document = sql(
        "SELECT document, count(*) AS n FROM (", rows, ") AS found CROSS JOIN cited ON cited.row = found.row"
    )
    return (
        sql("SELECT key, counted.n FROM (", by_shape, ") AS counted JOIN shapes ON shapes.id = shape"),
        _named(sql(by_document, "GROUP BY document")),
    )


def _named(counted: str) -> str:
    return sql("SELECT name, n FROM (", counted, ") JOIN documents ON documents.id = document WHERE n > 0")


def known(connection: apsw.Connection, filters: Filters) -> Filters:
    """The filters with those values alone that stand in the index: what somebody typed stays out. Raises apsw.Error."""
    held = {
        "outcomes": "SELECT outcome FROM shapes UNION SELECT family FROM shapes",
        "documents": "SELECT name FROM documents",
        **{name: sql("SELECT", column, "FROM shapes") for name, column in SINGLE.items()},
        **{
            name: sql("SELECT own.value FROM shapes, json_each(", column, ") AS own")
            for name, column in SEVERAL.items()
        },
    }
    kept: dict[str, Any] = {}
    for name, values in held.items():
        chosen = getattr(filters, name)
        found = connection.execute(
            sql("SELECT value FROM json_each(?) WHERE value IN (", values, ")"), (listed(chosen),)
        )
        kept[name] = frozenset(str(value) for (value,) in found) if chosen else frozenset()
    return replace(filters, **kept)


@lru_cache(maxsize=100_000)
def shape_of(key: str) -> Shape:
    """The shape that was written down as ``key``. No shape names or quotes a person, so that they may be kept."""
    names = (each.name for each in fields(Shape))
    values = (tuple(value) if isinstance(value, list) else value for value in json.loads(key))
    said: dict[str, Any] = dict(zip(names, values, strict=True))
    return Shape(**said)


def parsed(cursor: str | None) -> tuple[str, int | None]:
    """Which way a cursor leads, and from where. Raises ReadingRefused (bad_cursor)."""
    if cursor is None:
        return OLDER, None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ReadingRefused("bad_cursor")
    return found[1], int(found[2])


def read_entries(connection: apsw.Connection, since: datetime, limit: int) -> Sequence[EntryId]:
    """The newest entries since a time that tell who read, newest first. Raises apsw.Error."""
    rows = connection.execute(
        "SELECT entry FROM reads WHERE time >= ? ORDER BY sequence DESC LIMIT ?", (microseconds(since), limit)
    )
    return [EntryId(str(entry)) for (entry,) in rows]


@lru_cache(maxsize=100_000)
def _values(shape: Shape) -> Sequence[tuple[str, str]]:
    """What a shape says under the names of the filters."""
    single = [(name, getattr(shape, column)) for name, column in SINGLE.items()]
    several = [(name, value) for name, column in SEVERAL.items() for value in getattr(shape, column)]
    outcome = shape.outcome
    outcomes = [] if outcome is None else [("outcomes", outcome), ("outcomes", outcome.partition(".")[0])]
    corrected = ("corrected", "true" if shape.corrected else "false")
    return [(name, value) for name, value in (*single, *several, *outcomes, corrected) if value is not None]


def _hit(row: tuple[object, ...]) -> Hit:
    number, exchange, opened, closed, received, key = row
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(str(received)))
    made = Row(
        exchange=ExchangeId(str(exchange)),
        opened=EntryId(str(opened)),
        closed=None if closed is None else EntryId(str(closed)),
        received=moment,
        shape=shape_of(str(key)),
        documents=(),
        texts=(),
    )
    return hit_of(made, None, f"{OLDER}{number}")
