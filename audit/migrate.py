"""Bring tables up to date, from nothing or any earlier version: a log's, or another room's."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, column, select, table

from audit.engines import write_engine
from audit.failures import guarded
from audit.files import create_private_file
from audit.sqlite import connect

HEAD: Final = "0003"
VERSIONS: Final = "alembic_version"

_BUSY_SECONDS: Final = 30.0  # a migration may wait for a running server's writes
SCRIPTS: Final = Path(__file__).with_name("migrations")


def migrate(path: Path) -> None:
    """Create or upgrade the log in this SQLite file, all or nothing; safe beside other processes.

    Raises LogUnavailable.
    """
    guarded(path.parent, lambda: upgrade(path, SCRIPTS, HEAD))


def upgrade(path: Path, scripts: Path, head: str, versions: str = VERSIONS) -> None:
    """Create or upgrade the file by the revisions in ``scripts`` up to ``head``; its env.py runs them on the connection
    it finds in the configuration's attributes. ``versions`` names the table that says how far they have come: two
    rooms' tables in one file each have their own. Raises STORAGE_ERRORS of ``audit.failures``.
    """
    create_private_file(path, b"")
    if _version(path, versions) == head:
        return
    engine = write_engine(path, _BUSY_SECONDS)
    try:
        with engine.begin() as connection:
            run(connection, scripts, head, versions)
    finally:
        engine.dispose()


def _version(path: Path, versions: str) -> str | None:
    statement = str(select(column("version_num")).select_from(table(versions)))
    connection = connect(path, _BUSY_SECONDS)
    try:
        row = connection.execute(statement).fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # anything but "no such table"
            raise
        return None
    finally:
        connection.close()
    return row and str(row[0])


def run(connection: Connection, scripts: Path, head: str, versions: str = VERSIONS) -> None:
    """Run the revisions that are lacking, in the transaction of this connection. Raises what the database raises."""
    # Imported here: Alembic and Mako cost a tenth of a second, and a start with nothing to do needs neither.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = versions
    command.upgrade(config, head)
