"""What a log asks of the database it lies in, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection


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
    """A connection without SQLAlchemy's cost: SQL that every database here understands, with ``:name`` or ``?``."""

    def execute(self, statement: str, values: Mapping[str, Any] | Sequence[Any] = ..., /) -> Rows: ...

    def executemany(self, statement: str, rows: Iterable[Mapping[str, Any] | Sequence[Any]], /) -> Counted: ...


class Writing(Protocol):
    """The writing connections of one process. Every method may raise the STORAGE_ERRORS of ``audit.failures``."""

    def transaction(self, *, beside: bool = False) -> AbstractContextManager[Driver]:
        """A transaction that is durable when the block ends without an error, and void when it ends with one.

        No other writer comes between. With ``beside`` others that say so too may write at the same time, where the
        database can do that: for what reads nothing that they may change.
        """
        ...

    def close(self) -> None: ...


class Reading(Protocol):
    """The reading connections of one process."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """One state of the log from the first statement to the last; nothing can be written."""
        ...

    def close(self) -> None: ...


class Database(Protocol):
    """Where one desk's log and cases lie. Opens nothing before it is asked to."""

    @property
    def probe(self) -> str:
        """A statement for whoever may write entries that writes none, and is refused wherever one would be."""
        ...

    def writer(self, busy_seconds: float) -> Writing: ...

    def reader(self, busy_seconds: float) -> Reading: ...

    def preparing(self) -> AbstractContextManager[Connection]:
        """A writing transaction of whoever makes a log ready; no other writer comes between."""
        ...

    def sequencing(self, busy_seconds: float) -> AbstractContextManager[Connection]:
        """A transaction for ``audit.sequencer.sequence``, one at a time over all processes."""
        ...

    def close(self) -> None:
        """Give up what was kept for the next sequencing; it opens again."""
        ...

    def upgrade(self, scripts: Path, head: str, versions: str) -> None:
        """Bring tables up to date, all or nothing, as ``audit.migrate.upgrade`` does. Safe beside other processes."""
        ...

    def driver_of(self, connection: Connection) -> Driver:
        """What a reading connection runs on."""
        ...

    def erasing(self, connection: Driver) -> AbstractContextManager[None]:
        """Inside a transaction: the right to delete sealed contents and links, and to empty expired leaves."""
        ...

    def settled(self, seconds: float) -> bool:
        """Whether, after waiting so long at most, nobody reads a state any more that is older than this call, and what
        the database keeps of such states beside its tables is gone as far as it is in our hands.
        """
        ...

    def findings(self) -> Sequence[tuple[bool, str]]:
        """What an operator should know of it, a line each; False before what somebody has to see to."""
        ...
