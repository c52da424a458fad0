"""The answers that the service gave by itself, as one desk's log tells them: figures and ids, no text of anybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, literal_column, select

from audit.sampling import Item, item_of
from audit.tables import ENTRIES
from bot.records import EntryId, ExchangeId
from bot.records_json import CLOSED

_CLOSED = (ENTRIES.c.kind == literal_column(f"'{CLOSED}'")) & ENTRIES.c.leaf.is_not(None)
_ANSWERS = select(ENTRIES.c.entry, ENTRIES.c.leaf).where(_CLOSED)


def answers(connection: Connection, size: int) -> Sequence[Item]:
    """All of them under a checkpoint of this size, in the order of the log. Raises SQLAlchemyError, sqlite3.Error."""
    rows = connection.execute(_ANSWERS.where(ENTRIES.c.tree_index < size).order_by(ENTRIES.c.tree_index))
    return [item for row in rows if (item := _item(row))]


def answer(connection: Connection, exchange: ExchangeId) -> Item | None:
    """That of one exchange; None where the service gave none by itself. Raises as ``answers`` does."""
    row = connection.execute(_ANSWERS.where(ENTRIES.c.exchange == exchange).limit(1)).one_or_none()
    return None if row is None else _item(row)


def _item(row: Row[*tuple[Any, ...]]) -> Item | None:
    leaf = json.loads(row.leaf)
    return item_of(EntryId(row.entry), datetime.fromisoformat(leaf["time"]), leaf["meta"])
