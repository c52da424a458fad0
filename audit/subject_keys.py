"""The keys of the subjects (conversations): one row each in ``keys/subjects.sqlite``, wrapped by the master key.

Deleting a row erases everything that was ever sealed for that subject, wherever a copy of the database may lie.
Keys are made in durable batches and then handed out from memory, so that a new conversation costs no second sync;
which conversation holds which key is written in the log's own transaction. Keys handed out by nobody seal nothing.
Keys are read back for every use and never kept: one that is destroyed is gone for all processes at once.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from audit.failures import LOCKED
from audit.files import SameFile, create_private_file
from audit.sealing import KEY_BYTES, seal, unseal
from audit.sqlite import connect, truncated
from bot.ports import LogUnavailable

_ID_BYTES: Final = 16  # random, so that a restored older file never gives an id twice
_LARGEST_BATCH: Final = 64  # reached by doubling: a short-lived command leaves few unused keys behind
_PLACE: Final = b"audit-subject-key-v1"
_MAC: Final = b"audit-entry-mac-v1"

_TABLE: Final = "CREATE TABLE IF NOT EXISTS subject_keys (id BLOB PRIMARY KEY, wrapped BLOB NOT NULL) STRICT"


def create_subject_keys(path: Path) -> None:
    """Make the file where there is none. Raises OSError, sqlite3.Error."""
    create_private_file(path, b"")
    connection = connect(path, busy_seconds=5)
    try:
        connection.execute(_TABLE)
    finally:
        connection.close()


class SubjectKeys:
    """Hands out new subject keys and reads old ones. Safe to call from any thread.

    Methods raise OSError, sqlite3.Error, InvalidTag (wrong master key) and LogUnavailable (the file was replaced).
    """

    def __init__(self, path: Path, master: bytes, busy_seconds: float) -> None:
        self._path = path
        self._master = master
        self._mac_key = hmac.digest(master, _MAC, "sha256")
        self._busy_seconds = busy_seconds
        self._lock = Lock()
        self._fresh: list[tuple[bytes, bytes]] = []
        self._batch = 1
        self._open: tuple[sqlite3.Connection, SameFile] | None = None

    def fresh(self) -> tuple[bytes, bytes]:
        """Id and key of a subject key that was never used and is already on disk."""
        with self._lock:
            if not self._fresh:
                self._fresh = self._make_batch()
            return self._fresh.pop()

    def read(self, ids: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Id -> key, for those that have not been destroyed."""
        with self._lock:
            connection = self._connection()
            try:
                rows = [
                    row
                    for each in ids
                    for row in connection.execute("SELECT id, wrapped FROM subject_keys WHERE id = ?", (each,))
                ]
            except sqlite3.Error:
                self._close()
                raise
        return {row[0]: unseal(self._master, row[1], _PLACE + row[0]) for row in rows}

    def destroy(self, ids: Collection[bytes]) -> None:
        """Take keys away for good; those that are gone already are passed over. Durable when it returns, and then no
        file of this directory holds a byte of them.
        """
        with self._lock:
            connection = self._connection()
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM subject_keys WHERE id = ?", [(each,) for each in ids])
                connection.execute("COMMIT")
                emptied = truncated(connection)
            except sqlite3.Error:
                self._close()
                raise
        if not emptied:
            raise LogUnavailable(LOCKED)

    def mac(self, leaf_hash: bytes) -> bytes:
        """What shows, until the tree holds an entry, that it was written by a holder of the keys (HMAC-SHA256)."""
        return hmac.digest(self._mac_key, leaf_hash, "sha256")

    def close(self) -> None:
        with self._lock:
            self._close()

    def _make_batch(self) -> list[tuple[bytes, bytes]]:
        batch = [(secrets.token_bytes(_ID_BYTES), secrets.token_bytes(KEY_BYTES)) for _ in range(self._batch)]
        rows = [(identity, seal(self._master, key, _PLACE + identity)) for identity, key in batch]
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO subject_keys (id, wrapped) VALUES (?, ?)", rows)
            connection.execute("COMMIT")
        except sqlite3.Error:
            self._close()  # also rolls back; after a failed sync nothing in this connection is to be trusted
            raise
        self._batch = min(2 * self._batch, _LARGEST_BATCH)
        return batch

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = (connect(self._path, self._busy_seconds), SameFile(self._path))
        connection, file = self._open
        try:
            file.verify()
        except Exception:
            self._close()
            raise
        return connection

    def _close(self) -> None:
        if self._open is not None:
            self._open[0].close()
            self._open = None
