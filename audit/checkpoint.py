"""Checkpoints: the signed head of a log, as https://c2sp.org/tlog-checkpoint and .../signed-note say. Pure.

The note's text has three lines: the log's origin, the number of leaves, the root in base64. The key's name is the
origin. Extension lines are read over and never written.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.merkle import HASH_BYTES

_ED25519: Final = b"\x01"  # the signature type of a signed note
_KEY_ID_BYTES: Final = 4
_MOST_BYTES: Final = 64 * 1024
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_DASH: Final = "— "


class BadNote(ValueError):
    """Text that is no checkpoint of this log: not well formed, of another log, or not signed by its key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Verifier:
    """Whoever signs: the key's name (a log's origin) and the 32 bytes of its public key."""

    name: str
    public: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode("utf-8") + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """As a signed note's verifier key is written: name, key id, key."""
        return f"{self.name}+{self.key_id.hex()}+{_in_base64(_ED25519 + self.public)}"


def is_key_name(name: str) -> bool:
    """Whether a log may sign under this name: not empty, without white space and plus signs."""
    return bool(name) and "+" not in name and not any(sign.isspace() or ord(sign) < 0x20 for sign in name)


def verifier_of(text: str) -> Verifier:
    """The key that was written as ``Verifier.text``. Raises BadNote."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _from_base64(encoded)
    if not is_key_name(name) or key is None or len(key) != 1 + HASH_BYTES or key[:1] != _ED25519:
        raise BadNote("not an Ed25519 verifier key")
    verifier = Verifier(name, key[1:])
    if verifier.key_id.hex() != key_id:
        raise BadNote("the verifier key's id is not that of its key")
    return verifier


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a note signed by the log's key. Raises BadNote for an origin that can name no key."""
    if not is_key_name(checkpoint.origin):
        raise BadNote("an origin with white space or a plus sign can name no key")
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{_in_base64(checkpoint.root)}\n"
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = Verifier(checkpoint.origin, public).key_id + key.sign(text.encode("utf-8"))
    return f"{text}\n{_DASH}{checkpoint.origin} {_in_base64(signature)}\n"


def opened(note: str, verifier: Verifier) -> Checkpoint:
    """What a checkpoint says, after its signature was checked. Raises BadNote."""
    text = text_of(note, verifier)
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or lines[0] != verifier.name or not _SIZE.fullmatch(lines[1]):
        raise BadNote("not a checkpoint of this log")
    root = _from_base64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise BadNote("not a checkpoint of this log")
    return Checkpoint(lines[0], int(lines[1]), root)


def text_of(note: str, verifier: Verifier) -> str:
    """The signed text of a note. Signatures by other keys are passed over. Raises BadNote where none is this key's, or
    one that should be is not.
    """
    text, blank, below = note.rpartition("\n\n")
    text += "\n"
    if not blank or len(note.encode("utf-8", "replace")) > _MOST_BYTES or not below.endswith("\n"):
        raise BadNote("not a signed note")
    if _FORBIDDEN.search(note):
        raise BadNote("not a signed note")
    ours = [each for each in map(_signature, below.split("\n")[:-1]) if each[:2] == (verifier.name, verifier.key_id)]
    if not ours:
        raise BadNote("not signed by this key")
    public = Ed25519PublicKey.from_public_bytes(verifier.public)
    for _, _, signature in ours:
        try:
            public.verify(signature, text.encode("utf-8"))
        except InvalidSignature:
            raise BadNote("the signature is not that of this text") from None
    return text


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of one line."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    value = _from_base64(encoded)
    if not line.startswith(_DASH) or not is_key_name(name) or value is None or len(value) <= _KEY_ID_BYTES:
        raise BadNote("not a signed note")
    return name, value[:_KEY_ID_BYTES], value[_KEY_ID_BYTES:]


def _in_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _from_base64(text: str) -> bytes | None:
    """The bytes, None where the text is not the one way to write them."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return value if _in_base64(value) == text else None
