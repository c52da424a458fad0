"""A psycopg connection that takes what ``audit.writing`` gives to SQLite's: the same text, the same parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

import psycopg

from audit.failures import IO, StorageFailed, by_sqlstate

T = TypeVar("T")

# A literal or a quoted name, left as it is; a cast; a parameter by name or place; a per cent sign, which psycopg would
# take for one.
_PARTS: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|::|:([A-Za-z_]\w*)|\?|%""")


@lru_cache(maxsize=512)
def translated(statement: str) -> str:
    """SQL with parameters as ``:name`` or ``?``, as psycopg takes it."""

    def part(found: re.Match[str]) -> str:
        if found[1]:
            return f"%({found[1]})s"
        return "%s" if found[0] == "?" else found[0].replace("%", "%%")

    return _PARTS.sub(part, statement)


@dataclass(frozen=True, slots=True)
class Changed:
    """How many rows a statement changed, all its times together."""

    rowcount: int


class PostgresDriver:
    """``audit.database.Driver`` on psycopg. Raises StorageFailed, which carries nothing of what was to be stored."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Mapping[str, Any] | Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        return named(lambda: self._connection.execute(translated(statement).encode(), values))

    def executemany(self, statement: str, rows: Iterable[Mapping[str, Any] | Sequence[Any]], /) -> Changed:
        """One by one: rows are few here, and after psycopg's pipeline the server (18) watches no idle transaction."""
        return Changed(sum(self.execute(statement, row).rowcount for row in rows))


def named(work: Callable[[], T]) -> T:
    """What ``work`` returns. Raises StorageFailed in place of psycopg's errors, which quote rows and parameters."""
    try:
        return work()
    except psycopg.Error as error:
        cause = cause_of(error)
    raise StorageFailed(cause)


def cause_of(error: psycopg.Error) -> str:
    """The cause for an error of the driver, which finds some without asking the server: text with a NUL in it."""
    return IO if error.sqlstate is None and isinstance(error, psycopg.DataError) else by_sqlstate(error.sqlstate)
