"""What somebody needs to check the record elsewhere: the verifier, exactly the one that this program runs itself, and
where the key and the checkpoints are published.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

from web.doors import AuditorDoors

NAME: Final = "verifier.py"


@dataclass(frozen=True, slots=True)
class Offered:
    """The file, how many bytes it has, and their SHA-256 (hex)."""

    content: bytes = field(repr=False)
    size: int
    sha256: str


@cache
def offered() -> Offered:
    """The file as it lies beside the log's own code."""
    content = resources.files("audit").joinpath(NAME).read_bytes()
    return Offered(content, len(content), hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Published:
    """Where anyone finds what the record is checked with, and what stands there now."""

    key_address: str
    checkpoint_address: str
    key: str
    checkpoint: str | None


def published(doors: AuditorDoors, site: str) -> Published:
    """What the record of this desk is checked with. Raises LogUnavailable."""
    at = f"{site}/log/{doors.name.value}"
    return Published(f"{at}/key", f"{at}/checkpoint", doors.proofs.verifier().text, doors.proofs.checkpoint())
