"""What whoever owns a desk's database does to it behind the service's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bot.records import DeskName
from tests.web.audit_room import AuditRoom


def tamper(room: AuditRoom, statement: str, *values: object, desk: DeskName = DeskName.PUBLIC) -> None:
    """Run a statement on the log of a desk; what guards its tables goes first, and stays away."""
    file = room.small.data / desk / "log.sqlite"
    with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)


def rewritten(room: AuditRoom, exchange: str, kind: str = "exchange.opened") -> None:
    """The leaf of an entry says that the person wrote another language."""
    tamper(
        room,
        'UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), \'"language":"ja"\', \'"language":"en"\') AS BLOB)'
        " WHERE exchange = ? AND kind = ?",
        exchange,
        kind,
    )
