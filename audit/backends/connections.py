"""The connections that serve people: a pool that writes, a pool that reads, and the locks that order them.

A connection that was lost between two transactions is found again at once; one that is lost in a transaction takes all
of it along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from audit.backends.driver import PostgresDriver, named
from audit.database import Driver
from audit.failures import IO, MISSING, StorageFailed

_READING: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def lock_key(schema: str, lock: str) -> int:
    """An advisory lock's number: the first 63 bits of a hash of what it is for."""
    return int.from_bytes(hashlib.sha256(f"madoguchi\0{schema}\0{lock}".encode()).digest()[:8], "big") >> 1


class PostgresWriter:
    """Each transaction has a connection of its own; one that was lost between two transactions is found again."""

    def __init__(self, engine: Engine, schema: str) -> None:
        self._engine = engine
        self._alone = f"BEGIN; SELECT pg_advisory_xact_lock({lock_key(schema, 'pen')})".encode()
        self._beside = f"BEGIN; SELECT pg_advisory_xact_lock_shared({lock_key(schema, 'pen')})".encode()

    @contextmanager
    def transaction(self, *, beside: bool = False) -> Iterator[Driver]:
        pooled, connection = self._begun(self._beside if beside else self._alone)
        try:
            yield PostgresDriver(connection)
            _commit(connection)
        except BaseException:
            _undo(pooled, connection)
            raise
        finally:
            pooled.close()

    def close(self) -> None:
        self._engine.dispose()

    def _begun(self, begin: bytes) -> tuple[PoolProxiedConnection, psycopg.Connection[Any]]:
        try:
            return self._taken(begin)
        except StorageFailed as failed:
            if failed.cause != MISSING:
                raise
        self._engine.dispose()  # the server was started anew: every connection kept is a dead one
        return self._taken(begin)

    def _taken(self, begin: bytes) -> tuple[PoolProxiedConnection, psycopg.Connection[Any]]:
        pooled = named(self._engine.raw_connection)
        connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]  # psycopg's engine
        try:
            named(lambda: connection.execute(begin, prepare=False))
        except BaseException:
            pooled.invalidate()
            raise
        return pooled, connection


class PostgresReader:
    """Reading transactions of one state of the schema."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(_READING))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        connection = self._begun()
        try:
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        self._engine.dispose()

    def _begun(self) -> Connection:
        try:
            return self._taken()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        self._engine.dispose()
        return self._taken()

    def _taken(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection


def _commit(connection: psycopg.Connection[Any]) -> None:
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        raise StorageFailed(IO)  # a statement failed and somebody hid it: COMMIT would undo all without an error
    named(connection.commit)


def _undo(pooled: PoolProxiedConnection, connection: psycopg.Connection[Any]) -> None:
    """Roll back; a connection that cannot is given up, which the server takes for the same."""
    try:
        connection.rollback()
    except psycopg.Error:
        pooled.invalidate()
