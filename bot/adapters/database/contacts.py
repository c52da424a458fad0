"""Sealing of what a person gave to be reached by: AES-256-GCM under the desk's own key, bound to the case.

The key lies apart from the database, so that a copy of the one is worth nothing without the other. It is read for each
use and never kept: once it is gone, nothing opens any more.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.cases import CaseId
from bot.ports import LogUnavailable

KEY_FILE: Final = "contacts.key"
"""In the directory of the desk's keys, as 64 hexadecimal digits."""

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_PLACE: Final = b"madoguchi-contact-v1:"


class ContactKey:
    """The key in a file. Both methods raise OSError where it cannot be read, LogUnavailable (corrupt) where it is none,
    and run inside the storage's guard.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, case: CaseId, contact: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, contact.encode("utf-8"), _place(case))

    def open(self, case: CaseId, sealed: bytes) -> str:
        """Raises cryptography's InvalidTag where key, case or bytes are not those sealed."""
        plain = self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _place(case))
        return plain.decode("utf-8")

    def _cipher(self) -> AESGCM:
        text = self._path.read_bytes()
        try:
            key = bytes.fromhex(text.decode("ascii"))
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:  # raised outside the handler: the error would carry the key
            raise LogUnavailable("corrupt")
        return AESGCM(key)


def _place(case: CaseId) -> bytes:
    return _PLACE + case.encode("ascii")
