"""Making a desk's log: directory, keys, tables and the log's identity. Where it is made already, nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import insert, select

from audit.canonical import instant
from audit.engines import write_engine
from audit.failures import guarded
from audit.files import make_private_directory
from audit.keys import create_keys, load_keys
from audit.migrate import migrate
from audit.subject_keys import create_subject_keys
from audit.tables import IDENTITY
from bot.ports import Clock

DATABASE: Final = "log.sqlite"
KEYS: Final = "keys"
SUBJECT_KEYS: Final = "subjects.sqlite"

_BUSY_SECONDS: Final = 30.0


def prepare(directory: Path, origin: str, clock: Clock) -> None:
    """Make the log of one desk in ``directory`` (``<data>/<desk>``), or bring an existing one up to date.

    ``origin`` names the log for all time, e.g. ``example.org/madoguchi/public``; an existing log keeps its own.
    Keys are made with a new log only: a log whose keys have gone is broken, and new ones would hide that.
    Safe beside other processes. Raises LogUnavailable.
    """
    guarded(directory, lambda: make_private_directory(directory))
    migrate(directory / DATABASE)
    guarded(directory, lambda: _give_identity(directory, origin, clock))


def _give_identity(directory: Path, origin: str, clock: Clock) -> None:
    engine = write_engine(directory / DATABASE, _BUSY_SECONDS)
    try:
        with engine.begin() as connection:
            if connection.execute(select(IDENTITY.c.origin)).first() is not None:
                return
            create_keys(directory / KEYS)
            create_subject_keys(directory / KEYS / SUBJECT_KEYS)
            public = load_keys(directory / KEYS).public
            row = {"origin": origin, "public_key": public, "since": instant(clock.now())}
            connection.execute(insert(IDENTITY), row)
    finally:
        engine.dispose()
