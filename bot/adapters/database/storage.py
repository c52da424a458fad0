"""What the tables lie in, as this room sees it: the desk's log has it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite

from bot.ports import Transaction

T = TypeVar("T")

_DIALECT: Final = sqlite.dialect(paramstyle="named")


class Counted(Protocol):
    """How many rows a statement changed."""

    @property
    def rowcount(self) -> int: ...


class Rows(Counted, Protocol):
    """What a statement gave."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Driver(Protocol):
    """The connection: SQL as ``compiled`` gives it, which SQLite and PostgreSQL both understand."""

    def execute(self, statement: str, values: Mapping[str, Any] = ..., /) -> Rows: ...

    def executemany(self, statement: str, rows: Iterable[Mapping[str, Any]], /) -> Counted: ...


class Storage(Protocol):
    """One desk's database. Every method raises LogUnavailable in place of storage errors, of ``work``'s too."""

    def begin(self) -> AbstractContextManager[Transaction]: ...

    def writing(self, work: Callable[[Driver], T], within: Transaction | None = None) -> T:
        """What ``work`` returns, run inside a transaction; one that fails makes the whole transaction void.

        Raises ValueError for another desk's transaction.
        """
        ...

    def reading(self, work: Callable[[Driver], T], within: Transaction | None = None) -> T:
        """What ``work`` returns, run on the last durable state, or on what a transaction sees."""
        ...


def compiled(statement: ClauseElement, columns: list[str] | None = None) -> str:
    """A statement as text with named parameters, for the driver itself: compiled once, it costs nothing at each use."""
    return str(statement.compile(dialect=_DIALECT, column_keys=columns))
