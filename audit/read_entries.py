"""What the entries say that tell who read: how they are written and read back. Pure.

============  ==============================================================================  =====================
kind          meta                                                                            contents
============  ==============================================================================  =====================
read          by, role, what, purpose; of one exchange: record; of a search or an export:     name (of who read),
              mode, filters, count                                                            words (searched for),
                                                                                              purpose (in words)
export.made   by, role, what, form, sha256, bytes, count                                      name
============  ==============================================================================  =====================

``record`` is the exchange's id; a ``read`` links to its closing entry (its opening one while there is none), an
``export.made`` to the ``read`` before it. Filters are named as in ``audit.search_values.Filters``, with values that
stand in the record alone: what else somebody typed for one is counted as ``unknown``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from audit.canonical import instant
from audit.log_scanning import EXPORTED, READ
from audit.search_values import CHOICES, LONGEST_PURPOSE, Filters, Purpose, PurposeKind, Query, Read, Reader
from audit.search_values import ReadingRefused as Refused
from audit.stored import StoredEntry
from bot.records import ConversationId, Entry, EntryId, ExchangeId, Json

AGAIN: Final = timedelta(minutes=15)
"""Within this time the same reader reads the same once."""

SEARCH: Final = "search"
VIEW: Final = "view"
EXPORT: Final = "export"
LOG: Final = "log"

_WORDS: Final = "words"
_PURPOSE: Final = "purpose"
_NAME: Final = "name"
_RECORD: Final = "record"


def subject(now: datetime) -> ConversationId:
    """What readings are written under: the readings of a day have a key of their own."""
    return ConversationId(f"reading-{instant(now)[:10]}")


def stated(purpose: Purpose) -> Purpose:
    """The purpose, its words tidied. Raises ReadingRefused (no_purpose) for ``other`` without words."""
    words = sound(purpose.words)[:LONGEST_PURPOSE]
    if purpose.kind is PurposeKind.OTHER and not words:
        raise Refused("no_purpose")
    return Purpose(purpose.kind, words)


def sound(words: str) -> str:
    """What was typed, as it can be written down: one line, no signs that are none."""
    return " ".join(words.encode("utf-8", "replace").decode("utf-8").split())


def fingerprint(query: Query) -> str:
    """A digest that the same query has every time. To be kept in memory alone: words are few enough to be guessed."""
    filters = query.filters
    chosen = {name: sorted(getattr(filters, name)) for name in CHOICES}
    said = [query.words, query.mode, chosen, str(filters.since), str(filters.until), filters.corrected]
    return hashlib.sha256(json.dumps(said).encode("ascii")).hexdigest()


def of_search(reader: Reader, query: Query, known: Filters, count: int, now: datetime) -> Entry:
    """The entry of a search. ``known`` are the query's filters as they may be written down."""
    meta: Mapping[str, Json] = {**_by(reader, SEARCH), **_asked(query, known), "count": count}
    return Entry(READ, subject(now), meta, _said(reader, words=query.words))


def of_record(reader: Reader, what: str, purpose: Purpose | None, record: Mapping[str, str], now: datetime) -> Entry:
    """The entry of reading one exchange (``record``: its id, and the entry to link to) or, where that is empty,
    something else of the log.
    """
    meta: dict[str, Json] = dict(_by(reader, what))
    if purpose is not None:
        meta[_PURPOSE] = purpose.kind.value
    if record:
        meta[_RECORD] = record["exchange"]
    links = (EntryId(record["entry"]),) if record else ()
    return Entry(READ, subject(now), meta, _said(reader, purpose=purpose.words if purpose else ""), links)


def of_export(  # noqa: PLR0913, PLR0917 - what the entry consists of
    reader: Reader, what: str, query: Query, known: Filters, purpose: Purpose, count: int, now: datetime
) -> Entry:
    """The entry of an export that is about to begin."""
    meta: Mapping[str, Json] = {
        **_by(reader, what),
        _PURPOSE: purpose.kind.value,
        **_asked(query, known),
        "count": count,
    }
    return Entry(READ, subject(now), meta, _said(reader, words=query.words, purpose=purpose.words))


def of_made(reader: Reader, what: str, made: Mapping[str, Json], read: EntryId, now: datetime) -> Entry:
    """The entry of an export that has left: form, digest, size and count in ``made``."""
    return Entry(EXPORTED, subject(now), {**_by(reader, what), **made}, _said(reader), (read,))


def read_of(stored: StoredEntry) -> Read:
    """The entry as it was written, by this or an older version: what it does not tell is None."""
    meta, contents = stored.leaf["meta"], stored.contents
    record, filters = meta.get(_RECORD), meta.get("filters")
    return Read(
        entry=stored.entry,
        time=datetime.fromisoformat(stored.leaf["time"]),
        what=EXPORTED if stored.leaf["kind"] == EXPORTED else str(meta.get("what", "")),
        by=str(meta.get("by", "")),
        role=_text(meta.get("role")),
        name=contents.get(_NAME),
        exchange=None if record is None else ExchangeId(str(record)),
        purpose=_text(meta.get(_PURPOSE)),
        purpose_words=contents.get(_PURPOSE),
        words=contents.get(_WORDS),
        filters=filters if isinstance(filters, dict) else {},
        count=meta.get("count") if isinstance(meta.get("count"), int) else None,
        sha256=_text(meta.get("sha256")),
    )


def _by(reader: Reader, what: str) -> dict[str, Json]:
    return {"by": reader.id, "role": reader.role, "what": what}


def _said(reader: Reader, **texts: str) -> dict[str, str]:
    said = {_NAME: reader.name, **texts}
    return {path: sound(text) for path, text in said.items() if text.strip()}


def _asked(query: Query, known: Filters) -> dict[str, Json]:
    filters: dict[str, Json] = {name: sorted(getattr(known, name)) for name in CHOICES if getattr(known, name)}
    for name, moment in (("since", known.since), ("until", known.until)):
        if moment is not None:
            filters[name] = instant(moment)
    if known.corrected is not None:
        filters["corrected"] = known.corrected
    unknown = sum(len(getattr(query.filters, name)) - len(getattr(known, name)) for name in CHOICES)
    return {"mode": query.mode, "filters": {**filters, **({"unknown": unknown} if unknown else {})}}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
