"""Random names for entries and receipts, in Crockford's base 32 (no I, L, O, U: https://www.crockford.com/base32.html).

Pure but for the system's random numbers and clock.
"""

from __future__ import annotations

import secrets
import time
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})

_RECEIPT_SYMBOLS: Final = 16  # 5 bits each: 80 random bits, the least a receipt may carry
_ENTRY_SYMBOLS: Final = 26
_ENTRY_RANDOM_BITS: Final = 80
_GROUP: Final = 4


def fresh_entry_id() -> str:
    """A ULID (https://github.com/ulid/spec): milliseconds, then 80 random bits.

    The time is there for the database alone: ids that grow are added at the end of their index, random ones all
    over it. It proves nothing, and nothing reads it.
    """
    milliseconds = time.time_ns() // 1_000_000
    return _symbols(milliseconds << _ENTRY_RANDOM_BITS | secrets.randbits(_ENTRY_RANDOM_BITS), _ENTRY_SYMBOLS)


def fresh_receipt_code() -> str:
    """A code like ``7K3M-Q9XD-0F2R-WT5A``: groups of four to read aloud."""
    return _grouped(_symbols(secrets.randbits(5 * _RECEIPT_SYMBOLS), _RECEIPT_SYMBOLS))


def as_receipt_code(typed: str) -> str | None:
    """The code a person meant: any case, spaces or hyphens, O for 0, I or L for 1. None where it cannot be one."""
    symbols = "".join(typed.split()).replace("-", "").upper().translate(_MISREAD)
    if len(symbols) != _RECEIPT_SYMBOLS or not set(symbols) <= set(_ALPHABET):
        return None
    return _grouped(symbols)


def _symbols(value: int, count: int) -> str:
    return "".join([_ALPHABET[value >> shift & 31] for shift in range(5 * (count - 1), -1, -5)])


def _grouped(symbols: str) -> str:
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))
