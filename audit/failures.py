"""Every way the disk, the database or a key can fail, as one of LogUnavailable's causes.

Database errors carry statement parameters, so the original error is never chained: LogUnavailable is raised outside
the handler, with no cause and no context.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from cryptography.exceptions import InvalidTag
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.ports import LogUnavailable

T = TypeVar("T")

FULL: Final = "full"
READ_ONLY: Final = "read_only"
LOCKED: Final = "locked"
CORRUPT: Final = "corrupt"
MISSING: Final = "missing"
IO: Final = "io"

# Primary result codes of https://www.sqlite.org/rescode.html. SQLITE_ERROR means a missing table or column here:
# the statements are fixed, so the file is not (or no longer) a log.
_BY_SQLITE_CODE: Final = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_CORRUPT: CORRUPT,
    sqlite3.SQLITE_NOTADB: CORRUPT,
    sqlite3.SQLITE_ERROR: CORRUPT,
    sqlite3.SQLITE_CANTOPEN: MISSING,
}

_BY_ERRNO: Final = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
    errno.ENOENT: MISSING,
    errno.ENOTDIR: MISSING,
    errno.EISDIR: MISSING,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html: whole codes first, then classes. Undefined tables and
# columns mean here what SQLITE_ERROR means above; a server that is away or lets nobody in, a file that is away.
_BY_SQLSTATE: Final = {
    "53100": FULL,  # disk_full
    "25006": READ_ONLY,  # read_only_sql_transaction
    "42501": READ_ONLY,  # insufficient_privilege
    "40P01": LOCKED,  # deadlock_detected
    "40001": LOCKED,  # serialization_failure
    "55P03": LOCKED,  # lock_not_available
    "57014": LOCKED,  # query_canceled, by a timeout
    "25P03": LOCKED,  # idle_in_transaction_session_timeout
    "53300": LOCKED,  # too_many_connections
    "22023": MISSING,  # invalid_parameter_value: a role that is not there
    "3D000": MISSING,  # invalid_catalog_name: a database that is not there
    "08": MISSING,  # connection exceptions
    "28": MISSING,  # invalid authorisation
    "57": MISSING,  # shut down, crashed, starting
    "42": CORRUPT,
    "3F": CORRUPT,  # invalid_schema_name
    "XX": CORRUPT,  # data_corrupted, index_corrupted
}


class StorageFailed(Exception):
    """A database failed, and whoever speaks to it has found the cause already."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


_OTHERS: Final = {InvalidTag: CORRUPT, PoolTimeout: LOCKED}

STORAGE_ERRORS: Final = (SQLAlchemyError, sqlite3.Error, OSError, InvalidTag, StorageFailed)


def cause_of(error: BaseException, directory: Path) -> str:
    """The cause for one of STORAGE_ERRORS that happened to the files in ``directory``."""
    if isinstance(error, DBAPIError):
        return cause_of(error.orig, directory) if error.orig is not None else IO
    if isinstance(error, StorageFailed):
        return error.cause
    if hasattr(error, "sqlstate"):  # psycopg's, which is not imported where nobody uses it
        return by_sqlstate(error.sqlstate)
    if isinstance(error, sqlite3.Error):
        return _sqlite_cause(error, directory)
    if isinstance(error, OSError):
        return _BY_ERRNO.get(error.errno or 0, IO)
    return _OTHERS.get(type(error), IO)


def by_sqlstate(code: str | None) -> str:
    """The cause for an error code of PostgreSQL's; an error without one is of a connection that is not there."""
    if code is None:
        return MISSING
    return _BY_SQLSTATE.get(code) or _BY_SQLSTATE.get(code[:2], IO)


def _sqlite_cause(error: sqlite3.Error, directory: Path) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return IO
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return MISSING
    cause = _BY_SQLITE_CODE.get(code & 0xFF, IO)
    return file_system_cause(directory) or cause if cause in {IO, MISSING} else cause


def file_system_cause(directory: Path) -> str | None:
    """SQLite reports a full or read-only file system as an open or input/output error of its shared memory file."""
    try:
        status = os.statvfs(directory)
    except OSError:
        return None
    if status.f_flag & os.ST_RDONLY:
        return READ_ONLY
    return FULL if status.f_bavail == 0 else None


def guarded(directory: Path, work: Callable[[], T]) -> T:
    """What ``work`` returns. Its storage errors become LogUnavailable, without any trace of the original."""
    try:
        return work()
    except STORAGE_ERRORS as error:
        cause = cause_of(error, directory)
    raise LogUnavailable(cause)


def raise_unavailable(cause: str) -> NoReturn:
    """Raise LogUnavailable without any trace of an error that is leaving a ``with`` block at this moment: Python chains
    it to whatever the block's end raises, which no place of the ``raise`` avoids.
    """
    try:
        raise LogUnavailable(cause)  # noqa: TRY301 - only a raised error has a context to take away
    except LogUnavailable as unavailable:
        unavailable.__context__ = None
        raise
