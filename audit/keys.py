"""A desk's own keys: the Ed25519 key that signs for its log, and the master key that wraps its subjects' keys.

They lie in ``<desk>/keys/`` apart from the database: ``signing.pem`` (PKCS #8) and ``master.key`` (64 hex digits).
Nothing here prints or logs them, and their reprs say nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from audit.failures import CORRUPT
from audit.files import create_private_file, make_private_directory
from audit.sealing import KEY_BYTES
from bot.ports import LogUnavailable

_SIGNING: Final = "signing.pem"
_MASTER: Final = "master.key"


@dataclass(frozen=True, slots=True)
class DeskKeys:
    signing: Ed25519PrivateKey = field(repr=False)
    master: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key that anyone checks the log's signatures with."""
        return self.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def create_keys(directory: Path) -> None:
    """Make the keys that are not there yet. Raises OSError."""
    make_private_directory(directory)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    create_private_file(directory / _SIGNING, pem)
    create_private_file(directory / _MASTER, secrets.token_hex(KEY_BYTES).encode("ascii") + b"\n")


def load_keys(directory: Path) -> DeskKeys:
    """Read both keys. Raises OSError where one is not there, LogUnavailable (corrupt) where one is no key."""
    pem = (directory / _SIGNING).read_bytes()
    master = (directory / _MASTER).read_bytes()
    try:
        signing = load_pem_private_key(pem, password=None)
        master_key = bytes.fromhex(master.decode("ascii").strip())
    except (ValueError, TypeError):
        return _no_key()
    if not isinstance(signing, Ed25519PrivateKey) or len(master_key) != KEY_BYTES:
        return _no_key()
    return DeskKeys(signing, master_key)


def _no_key() -> DeskKeys:
    raise LogUnavailable(CORRUPT)
