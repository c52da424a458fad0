"""Making a desk's log: directory, keys, tables and the log's identity. Where it is made already, nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import insert, select

from audit.backends.sqlite import SqliteDatabase
from audit.canonical import instant
from audit.database import Database
from audit.failures import guarded
from audit.files import make_private_directory
from audit.keys import create_keys, load_keys
from audit.migrate import HEAD, SCRIPTS, VERSIONS
from audit.subject_keys import create_subject_keys
from audit.tables import IDENTITY
from bot.ports import Clock

DATABASE: Final = "log.sqlite"
KEYS: Final = "keys"
SUBJECT_KEYS: Final = "subjects.sqlite"


def prepare(directory: Path, origin: str, clock: Clock, database: Database | None = None) -> None:
    """Make the log of one desk in ``directory`` (``<data>/<desk>``), or bring an existing one up to date.

    ``origin`` names the log for all time, e.g. ``example.org/madoguchi/public``; an existing log keeps its own.
    Keys are made with a new log only: a log whose keys have gone is broken, and new ones would hide that.
    The log lies in ``database``, or else in a file in the directory; its keys always lie in the directory.
    Safe beside other processes. Raises LogUnavailable.
    """
    place = database or SqliteDatabase(directory / DATABASE)
    guarded(directory, lambda: make_private_directory(directory))
    guarded(directory, lambda: place.upgrade(SCRIPTS, HEAD, VERSIONS))
    guarded(directory, lambda: _give_identity(place, directory, origin, clock))


def _give_identity(database: Database, directory: Path, origin: str, clock: Clock) -> None:
    with database.preparing() as connection:
        if connection.execute(select(IDENTITY.c.origin)).first() is not None:
            return
        create_keys(directory / KEYS)
        create_subject_keys(directory / KEYS / SUBJECT_KEYS)
        public = load_keys(directory / KEYS).public
        row = {"origin": origin, "public_key": public, "since": instant(clock.now())}
        connection.execute(insert(IDENTITY), row)
