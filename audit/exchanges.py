"""Exchanges put together again from their entries, and their text for an auditor. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from audit.failures import CORRUPT
from audit.stored import StoredEntry
from bot.ports import LogUnavailable
from bot.records import ConversationId, Corrected, ExchangeId, Json, RecordedExchange, Reply
from bot.records_json import (
    CASE,
    CLOSED,
    CORRECTED,
    CORRECTION,
    EXCHANGE,
    FEEDBACK,
    HELD,
    OPENED,
    QUESTION,
    RECEIVED,
    REPLY,
    USEFUL,
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
    about: dict[str, list[StoredEntry]] = {}
    for each in entries:
        about.setdefault(each.leaf["meta"][EXCHANGE], []).append(each)
    return [_recorded(each, about[each.leaf["meta"][EXCHANGE]]) for each in entries if each.leaf["kind"] == OPENED]


def _recorded(opened: StoredEntry, about: Sequence[StoredEntry]) -> RecordedExchange:
    meta = opened.leaf["meta"]
    closed = next((each for each in about if each.leaf["kind"] == CLOSED), None)
    return RecordedExchange(
        exchange=ExchangeId(meta[EXCHANGE]),
        conversation=ConversationId(opened.leaf["subject"]),
        received=datetime.fromisoformat(meta[RECEIVED]),
        question=question_from_record(opened.contents[QUESTION] or "", meta),
        reply=_reply(closed.contents[REPLY]) if closed else None,
        receipt=closed.receipt if closed else None,
        opened=opened.entry,
        closed=closed.entry if closed else None,
        corrected=next((_corrected(each) for each in reversed(about) if each.leaf["kind"] == CORRECTED), None),
        useful=next(
            (bool(each.leaf["meta"][USEFUL]) for each in reversed(about) if each.leaf["kind"] == FEEDBACK), None
        ),
        draft=_reply(closed.contents.get(HELD)) if closed else None,
    )


def _reply(text: str | None) -> Reply | None:
    return None if text is None else reply_from_json(text)


def _corrected(stored: StoredEntry) -> Corrected:
    time = datetime.fromisoformat(stored.leaf["time"])
    return Corrected(stored.contents[CORRECTION] or "", time, str(stored.leaf["meta"][CASE]))


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
