"""Sealing of one field: value and salt under a key of their own, that key under the key of its subject. Pure.

AES-256-GCM throughout, a fresh 96-bit nonce before each ciphertext. The salt is sealed with the value, so that
destroying either key also takes away what a guess at the value could be checked with. The associated data binds
both ciphertexts to the entry and the path: moved to another entry or field, neither opens.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.canonical import utf8
from audit.commitments import SALT_BYTES, prefixed

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

_VALUE: Final = b"audit-value-v1"
_FIELD_KEY: Final = b"audit-field-key-v1"


@dataclass(frozen=True, slots=True)
class SealedField:
    """``wrapped``: the field's key under the subject's key. ``sealed``: salt and value under the field's key."""

    wrapped: bytes
    sealed: bytes


def seal_field(subject_key: bytes, entry: str, path: str, salt: bytes, value: str) -> SealedField:
    """Seal one field. Raises ValueError for text that is not well-formed Unicode."""
    place = prefixed(utf8(entry)) + prefixed(utf8(path))
    field_key = secrets.token_bytes(KEY_BYTES)
    return SealedField(
        wrapped=seal(subject_key, field_key, _FIELD_KEY + place),
        sealed=seal(field_key, salt + utf8(value), _VALUE + place),
    )


def open_field(subject_key: bytes, entry: str, path: str, field: SealedField) -> tuple[bytes, str]:
    """Salt and value of one field. Raises cryptography's InvalidTag where key, place or bytes are not those sealed."""
    return SubjectCipher(subject_key).open(entry, path, field.wrapped, field.sealed)


class SubjectCipher:
    """Opens any number of fields of one subject: the schedule of its key is made once."""

    def __init__(self, subject_key: bytes) -> None:
        self._decrypt = AESGCM(subject_key).decrypt

    def open(self, entry: str, path: str, wrapped: bytes, sealed: bytes) -> tuple[bytes, str]:
        """As ``open_field``, with what ``SealedField`` holds."""
        place = prefixed(utf8(entry)) + prefixed(utf8(path))
        field_key = self._decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _FIELD_KEY + place)
        opened = unseal(field_key, sealed, _VALUE + place)
        return opened[:SALT_BYTES], opened[SALT_BYTES:].decode("utf-8")


def seal(key: bytes, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def unseal(key: bytes, sealed: bytes, place: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)


def rewrap(old: bytes, new: bytes, entry: str, path: str, wrapped: bytes) -> bytes:
    """A field's key under another subject key; what it seals stays as it is. Raises InvalidTag as ``open_field``."""
    place = _FIELD_KEY + prefixed(utf8(entry)) + prefixed(utf8(path))
    return seal(new, unseal(old, wrapped, place), place)
