"""Salted commitments to the fields of an entry that can hold personal or free text. Pure.

A leaf carries the commitment and never the field: with the salt and the value anyone can check it, without the salt
nobody can guess the value, and destroying both leaves the leaf (and every proof over it) as it was.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from typing import Final

from audit.canonical import utf8

SALT_BYTES: Final = 16  # 128 bits, fresh for every field of every entry

_DOMAIN: Final = b"audit-field-v1"


def fresh_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def commitment(path: str, salt: bytes, value: str) -> bytes:
    """SHA-256 over ``"audit-field-v1" ‖ len(path) ‖ path ‖ len(salt) ‖ salt ‖ value``.

    Path and value are UTF-8. ``len`` is the number of bytes as an unsigned 32-bit big-endian integer. The domain has
    a fixed length and the value runs to the end, so no two triples give the same input.
    Raises ValueError for a salt under 128 bits or text that is not well-formed Unicode.
    """
    if len(salt) < SALT_BYTES:
        raise ValueError("a salt has 128 bits or more")
    return hashlib.sha256(_before(path) + prefixed(salt) + utf8(value)).digest()


@lru_cache(maxsize=64)  # few paths, each in many entries
def _before(path: str) -> bytes:
    return _DOMAIN + prefixed(utf8(path))


def prefixed(part: bytes) -> bytes:
    """The bytes with their length before them (unsigned 32-bit big-endian)."""
    return len(part).to_bytes(4, "big") + part
