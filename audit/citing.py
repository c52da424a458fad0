"""Which exchanges cited a document or passage: what was answered before it was superseded, withdrawn or found wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, literal_column, select

from audit.canonical import instant
from audit.tables import ENTRIES, RECEIPTS
from bot.records import Citing, ExchangeId, Json
from bot.records_json import CLOSED, OUTCOME


def newest(connection: Connection, kind: str) -> Mapping[str, Json] | None:
    """The metadata of the newest entry of a kind; None where there is none. Raises SQLAlchemyError, sqlite3.Error."""
    leaf = connection.execute(
        select(ENTRIES.c.leaf)
        .where(ENTRIES.c.kind == kind, ENTRIES.c.leaf.is_not(None))
        .order_by(ENTRIES.c.sequence.desc())
        .limit(1)
    ).scalar()
    return None if leaf is None else dict(json.loads(leaf)["meta"])


def outcomes(connection: Connection, since: datetime, until: datetime) -> Mapping[str, int]:
    """How many exchanges closed with which outcome, from ``since`` to before ``until``. Both are aware.

    Raises SQLAlchemyError, sqlite3.Error; ValueError for a naive time.
    """
    leaves = connection.execute(
        select(ENTRIES.c.leaf).where(
            ENTRIES.c.kind == literal_column(f"'{CLOSED}'"),  # spelled out, as the index on these spells it
            ENTRIES.c.time >= instant(since),
            ENTRIES.c.time < instant(until),
            ENTRIES.c.leaf.is_not(None),
        )
    ).scalars()
    return Counter(str(json.loads(leaf)["meta"][OUTCOME]) for leaf in leaves)


def citing(connection: Connection, document: str) -> Iterator[Citing]:
    """The exchanges whose reply cited the document (its id), oldest first; also where a note's sentence was shown and
    the original behind it was cited.

    Read from the leaves' metadata, which outlive erased contents. Raises SQLAlchemyError, sqlite3.Error.
    """
    return _found(connection, lambda meta: tuple(each for each in rested(meta) if each.partition(":")[0] == document))


def sharing(connection: Connection, exchange: ExchangeId) -> Iterator[Citing]:
    """The other exchanges whose reply rests on a passage that this one's rests on, in the same version, oldest first:
    where one answer was wrong, these may be. None where the exchange has no closing entry.

    Raises as ``citing`` does.
    """
    leaf = connection.execute(
        select(ENTRIES.c.leaf).where(
            ENTRIES.c.exchange == exchange, ENTRIES.c.kind == CLOSED, ENTRIES.c.leaf.is_not(None)
        )
    ).scalar()
    wanted = {} if leaf is None else rested(json.loads(leaf)["meta"])
    found = _found(connection, lambda meta: shared(meta, wanted)) if wanted else iter(())
    return (each for each in found if each.exchange != exchange)


def rested(meta: Mapping[str, Any]) -> Mapping[str, str | None]:
    """The passages that a closed exchange's reply cited or used, each with the document's version where it is told."""
    versions = {each["passage"]: each.get("version") for each in meta.get("evidence", ()) if each.get("used")}
    return {**{each: versions.get(each) for each in meta.get("citations", ())}, **versions}


def shared(meta: Mapping[str, Any], wanted: Mapping[str, str | None]) -> tuple[str, ...]:
    """Those of the passages wanted that a reply rests on too. Versions that nobody told may be the same."""
    return tuple(
        passage
        for passage, version in rested(meta).items()
        if passage in wanted and (None in (version, wanted[passage]) or version == wanted[passage])
    )


def _found(connection: Connection, named: Callable[[Mapping[str, Any]], tuple[str, ...]]) -> Iterator[Citing]:
    rows = connection.execute(
        select(ENTRIES.c.leaf, ENTRIES.c.time, ENTRIES.c.exchange, RECEIPTS.c.code)
        .join_from(ENTRIES, RECEIPTS, RECEIPTS.c.sequence == ENTRIES.c.sequence, isouter=True)
        .where(ENTRIES.c.kind == CLOSED, ENTRIES.c.leaf.is_not(None))
        .order_by(ENTRIES.c.sequence)
    )
    for row in rows:
        meta = json.loads(row.leaf)["meta"]
        passages = named(meta)
        if passages:
            yield Citing(ExchangeId(row.exchange), row.time, row.code, meta.get("snapshot"), passages)
