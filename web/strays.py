"""An id that a desk never gave out, shown at its door: a guess, or one of the other desk. It opens nothing."""

from __future__ import annotations

from bot.ports import Log
from bot.records import ConversationId, DeskName, Entry
from bot.records_json import STRAY


def record_stray(log: Log, desk: DeskName, what: str) -> None:
    """Append the entry: which kind of id it was, never the id itself. Raises LogUnavailable."""
    log.append(Entry(STRAY, ConversationId(f"doors-{desk.value}"), {"desk": desk.value, "what": what}))
