r"""Canonical JSON and times, as they stand in leaves and receipts. Pure.

The rules (RFC 8785 but for numbers): UTF-8 without a byte order mark; no white space between tokens; members sorted
by Unicode code point; strings escape only ``"``, ``\`` and control characters (short forms where JSON has them,
else ``\u00xx`` in lower case); integers in full; other numbers as the shortest decimal that reads back to the same
binary64 (Python's ``repr``); no NaN, no infinity. What is hashed and signed is always the stored bytes, never a
second serialisation, so a reader in another language needs no number formatter to check anything.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.records import Json


def canonical(value: Json) -> bytes:
    """The canonical bytes of a JSON value.

    Raises ValueError for what JSON cannot hold (NaN, unpaired surrogates) and TypeError for other types;
    the message holds none of the value.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return utf8(text)


def utf8(text: str) -> bytes:
    """The UTF-8 bytes of a text. Raises ValueError (without the text) for unpaired surrogates."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        problem = "the text is not well-formed Unicode"
    raise ValueError(problem)  # outside the handler: the original error carries the whole text


def instant(time: datetime) -> str:
    """A time as ``2026-11-23T10:42:00.000000Z``: UTC, always six decimals. Raises ValueError for a naive time."""
    if time.tzinfo is None:
        raise ValueError("a time in the log needs its offset")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
