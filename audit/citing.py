"""Which exchanges cited a document: for what was answered before it was superseded, withdrawn or found wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from audit.tables import ENTRIES, RECEIPTS
from bot.records import ExchangeId, Json
from bot.records_json import CLOSED


def newest(connection: Connection, kind: str) -> Mapping[str, Json] | None:
    """The metadata of the newest entry of a kind; None where there is none. Raises SQLAlchemyError, sqlite3.Error."""
    leaf = connection.execute(
        select(ENTRIES.c.leaf)
        .where(ENTRIES.c.kind == kind, ENTRIES.c.leaf.is_not(None))
        .order_by(ENTRIES.c.sequence.desc())
        .limit(1)
    ).scalar()
    return None if leaf is None else dict(json.loads(leaf)["meta"])


@dataclass(frozen=True, slots=True)
class Citing:
    """One exchange that cited passages of a document: when it closed, the receipt its person holds, which passages."""

    exchange: ExchangeId
    time: str
    receipt: str | None
    snapshot: str | None
    passages: tuple[str, ...]


def citing(connection: Connection, document: str) -> Iterator[Citing]:
    """The exchanges whose reply cited the document (its id) or one of its passages (``id:number``), oldest first; also
    where a note's sentence was shown and the original behind it was cited.

    Read from the leaves' metadata, which outlive erased contents. Raises SQLAlchemyError, sqlite3.Error.
    """
    rows = connection.execute(
        select(ENTRIES.c.leaf, ENTRIES.c.time, ENTRIES.c.exchange, RECEIPTS.c.code)
        .join_from(ENTRIES, RECEIPTS, RECEIPTS.c.sequence == ENTRIES.c.sequence, isouter=True)
        .where(ENTRIES.c.kind == CLOSED, ENTRIES.c.leaf.is_not(None))
        .order_by(ENTRIES.c.sequence)
    )
    for row in rows:
        meta = json.loads(row.leaf)["meta"]
        used = [each["passage"] for each in meta.get("evidence", ()) if each.get("used")]
        named = dict.fromkeys((*meta.get("citations", ()), *used))
        passages = tuple(each for each in named if each.partition(":")[0] == document)
        if passages:
            yield Citing(ExchangeId(row.exchange), row.time, row.code, meta.get("snapshot"), passages)
