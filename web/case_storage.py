"""A desk's queue: its cases and notices in the database of its log, with a key beside the log's keys."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from audit.failures import guarded
from audit.files import create_private_file
from audit.log import DeskLog
from audit.log_files import LogFiles
from audit.prepare import KEYS
from bot.adapters.database import HEAD, KEY_BYTES, KEY_FILE, SCRIPTS, VERSIONS, ContactKey, DeskCases, DeskOutbox
from bot.ports import Clock
from bot.queue import Queue
from bot.records import DeskName
from web.notices import recipients_of
from web.office import office_for
from web.settings import Settings

_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


def queue_of(desk: DeskName, settings: Settings, log: DeskLog, clock: Clock) -> Queue:
    """What the desk's cases stand on: the log begins their transactions, so that an entry, the case it changes and the
    notices of it are durable together. Nothing is opened before it is used.

    Raises BadOffice and BadNotices for files of the operator's that cannot be used.
    """
    return Queue(
        work=log,
        cases=cases_in(settings.data / desk.value, log),
        outbox=DeskOutbox(log, clock),
        office=office_for(desk, settings.office),
        recipients=recipients_of(desk, settings),
    )


def cases_in(directory: Path, log: LogFiles) -> DeskCases:
    """The cases of the desk whose log lies in ``directory``, in transactions that ``log`` begins. Nothing is opened
    before it is used.
    """
    return DeskCases(log, ContactKey(directory / KEYS / KEY_FILE))


def prepare_cases(directory: Path, log: DeskLog) -> None:
    """Make the tables and the key of a desk whose log is prepared, or bring them up to date.

    A key is made while nothing is sealed under one: where it is lost later, a new one would hide that. Safe beside
    other processes. Raises LogUnavailable.
    """
    guarded(directory, lambda: log.database.upgrade(SCRIPTS, HEAD, VERSIONS))
    key = directory / KEYS / KEY_FILE
    if key.parent.is_dir() and not key.exists() and not cases_in(directory, log).contacts_past(_END_OF_TIME):
        fresh = secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n"
        guarded(directory, lambda: create_private_file(key, fresh))
