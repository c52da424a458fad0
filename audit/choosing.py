"""Which database a desk's log lies in: a file beside its keys, or a schema at an address."""

from __future__ import annotations

from pathlib import Path

from audit.backends.roles import SCHEMA_PREFIX
from audit.backends.sqlite import SqliteDatabase
from audit.database import Database
from audit.prepare import DATABASE


def database_at(directory: Path, url: str | None) -> Database:
    """The database of the log whose keys lie in ``directory`` (``<data>/<desk>``); nothing is opened.

    ``url`` is that of a PostgreSQL database, in which each desk has a schema of its own; None means an SQLite file.
    """
    if url is None:
        return SqliteDatabase(directory / DATABASE)
    # Imported here: the driver costs a start a sixth of a second that a file does not need.
    from audit.backends.postgres import PostgresDatabase  # noqa: PLC0415

    return PostgresDatabase(url, SCHEMA_PREFIX + directory.name)
