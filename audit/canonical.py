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
from typing import Any, NoReturn

from bot.records import Json


def canonical(value: Json) -> bytes:
    """The canonical bytes of a JSON value.

    Raises ValueError for what JSON cannot hold (NaN, unpaired surrogates) and TypeError for other types;
    the message holds none of the value.
    """
    return utf8(_CANONICAL.encode(value))


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


def strict(text: str | bytes) -> Any:
    """What a JSON text says, where it says one thing only: no member twice, no NaN or infinity, well-formed Unicode.

    Raises ValueError; the message holds none of the text.
    """
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        plain.encode("utf-8")
        value = _STRICT.decode(plain)
        if "\\u" in plain:  # half a character can be written as an escape too
            canonical(value)
    except (ValueError, RecursionError):
        pass  # raised below, outside the handler: the original error carries the whole text
    else:
        return value
    raise ValueError("not strict JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError


_CANONICAL = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
