"""A log in an SQLite file: one connection writes, a few read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from audit.database import Driver
from audit.engines import Reader, Writer, write_engine
from audit.files import SameFile
from audit.migrate import upgrade
from audit.sqlite import connect, truncated

_BUSY_SECONDS: Final = 30.0  # making a log ready may wait for a running server's writes


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """The file at ``path``, which need not be there yet."""

    path: Path
    probe: str = "UPDATE entries SET tree_index = tree_index WHERE FALSE"

    def writer(self, busy_seconds: float) -> Writer:
        return Writer(self.path, busy_seconds)

    def reader(self, busy_seconds: float) -> Reader:
        return Reader(self.path, busy_seconds)

    @contextmanager
    def preparing(self) -> Iterator[Connection]:
        engine = write_engine(self.path, _BUSY_SECONDS)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def sequencing(self, busy_seconds: float) -> Iterator[Connection]:
        file, engine = SameFile(self.path), write_engine(self.path, busy_seconds)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()
        file.verify()  # last: a file taken away meanwhile has taken this head with it

    def close(self) -> None:
        """Nothing is kept."""

    def upgrade(self, scripts: Path, head: str, versions: str) -> None:
        upgrade(self.path, scripts, head, versions)

    def driver_of(self, connection: Connection) -> Driver:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            raise TypeError("the log is not on SQLite")
        return driver

    def erasing(self, connection: Driver) -> AbstractContextManager[None]:  # noqa: ARG002 - whoever writes may erase
        return nullcontext()

    def settled(self, seconds: float) -> bool:
        connection = connect(self.path, seconds)
        try:
            return truncated(connection)
        finally:
            connection.close()

    def findings(self) -> Sequence[tuple[bool, str]]:
        return [(True, f"log in {self.path} (SQLite)")]
