"""Exchanges put together again from their entries, and their text for an auditor. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from audit.failures import CORRUPT
from audit.stored import StoredEntry
from bot.ports import LogUnavailable
from bot.records import ConversationId, ExchangeId, Json, RecordedExchange
from bot.records_json import (
    CLOSED,
    EXCHANGE,
    OPENED,
    QUESTION,
    RECEIVED,
    REPLY,
    question_from_record,
    reply_from_json,
)

_ERASED: Final = "[消去済み / erased]"


def recorded(entries: Sequence[StoredEntry]) -> Sequence[RecordedExchange]:
    """The exchanges these entries open, in their order. Erased questions are empty; erased replies are None beside
    the id of the entry that closed.

    Raises LogUnavailable (corrupt) where an entry was not written as ``bot.records_json`` says.
    """
    try:
        return _recorded_all(entries)
    except (ValueError, KeyError, TypeError):
        pass  # raised below, outside the handler: the error may hold what was read
    raise LogUnavailable(CORRUPT)


def _recorded_all(entries: Sequence[StoredEntry]) -> Sequence[RecordedExchange]:
    closing: dict[str, StoredEntry] = {}
    for each in entries:
        if each.leaf["kind"] == CLOSED:
            closing.setdefault(each.leaf["meta"][EXCHANGE], each)
    return [
        _recorded(each, closing.get(each.leaf["meta"][EXCHANGE])) for each in entries if each.leaf["kind"] == OPENED
    ]


def _recorded(opened: StoredEntry, closed: StoredEntry | None) -> RecordedExchange:
    meta = opened.leaf["meta"]
    reply = closed.contents[REPLY] if closed else None
    return RecordedExchange(
        exchange=ExchangeId(meta[EXCHANGE]),
        conversation=ConversationId(opened.leaf["subject"]),
        received=datetime.fromisoformat(meta[RECEIVED]),
        question=question_from_record(opened.contents[QUESTION] or "", meta),
        reply=reply_from_json(reply) if reply is not None else None,
        receipt=closed.receipt if closed else None,
        opened=opened.entry,
        closed=closed.entry if closed else None,
    )


def as_text(entries: Sequence[StoredEntry]) -> str:
    """Everything stored in these entries: each leaf as it was hashed, each field in full, each receipt's code."""
    return "\n".join(line for each in entries for line in _lines(each))


def _lines(stored: StoredEntry) -> Iterator[str]:
    yield f"== {stored.leaf['time']} {stored.leaf['kind']} {stored.entry}"
    yield f"leaf: {stored.bytes.decode('utf-8')}"
    yield f"leaf hash: {stored.hash}"
    for path, value in stored.contents.items():
        yield from _field(path, value)
    if stored.receipt is not None:
        yield f"receipt: {stored.receipt}"


def _field(path: str, value: str | None) -> Iterator[str]:
    """JSON is spread out member by member, so that no text in it hides behind escapes."""
    if value is None:
        yield f"{path}: {_ERASED}"
        return
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict | list):
        yield from _members(path, parsed)
    else:
        yield f"{path}: {value}"


def _members(path: str, value: Json) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _members(f"{path}.{name}", member)
    elif isinstance(value, list) and value:
        for number, member in enumerate(value, 1):
            yield from _members(f"{path}.{number}", member)
    else:
        yield f"{path}: {value if isinstance(value, str) else json.dumps(value)}"
