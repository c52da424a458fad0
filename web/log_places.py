"""Where the logs lie, by the settings: their keys in the data directory, themselves there or in the database."""

from __future__ import annotations

from audit.choosing import database_at
from audit.log import DeskLog
from audit.prepare import prepare
from audit.proofs import DeskProofs
from bot.ports import Clock
from web.settings import Settings


def prepare_log(settings: Settings, name: str, clock: Clock) -> None:
    """Make the log of this name (public, staff, system), or bring it up to date. Raises LogUnavailable."""
    directory = settings.data / name
    prepare(directory, f"{settings.origin}/{name}", clock, database_at(directory, settings.database))


def log_of(settings: Settings, name: str, clock: Clock) -> DeskLog:
    """The log of this name. Nothing is opened before it is used."""
    directory = settings.data / name
    return DeskLog(directory, clock, database=database_at(directory, settings.database))


def proofs_of(settings: Settings, name: str, clock: Clock) -> DeskProofs:
    """The tree over the log of this name. Nothing is opened before it is used."""
    directory = settings.data / name
    return DeskProofs(directory, clock, database=database_at(directory, settings.database))
