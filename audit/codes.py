"""Random names for entries and receipts, in Crockford's base 32 (no I, L, O, U: https://www.crockford.com/base32.html).

Pure but for the system's random numbers.
"""

from __future__ import annotations

import secrets
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})

_RECEIPT_SYMBOLS: Final = 16  # 5 bits each: 80 random bits, the least a receipt may carry
_ENTRY_SYMBOLS: Final = 26  # 130 random bits: two logs never share an entry id
_GROUP: Final = 4


def fresh_entry_id() -> str:
    return _random(_ENTRY_SYMBOLS)


def fresh_receipt_code() -> str:
    """A code like ``7K3M-Q9XD-0F2R-WT5A``: groups of four to read aloud."""
    return _grouped(_random(_RECEIPT_SYMBOLS))


def as_receipt_code(typed: str) -> str | None:
    """The code a person meant: any case, spaces or hyphens, O for 0, I or L for 1. None where it cannot be one."""
    symbols = "".join(typed.split()).replace("-", "").upper().translate(_MISREAD)
    if len(symbols) != _RECEIPT_SYMBOLS or not set(symbols) <= set(_ALPHABET):
        return None
    return _grouped(symbols)


def _random(symbols: int) -> str:
    bits = secrets.randbits(5 * symbols)
    return "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(symbols))


def _grouped(symbols: str) -> str:
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))
