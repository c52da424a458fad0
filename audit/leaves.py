"""The exact bytes of one entry's leaf, and their hash. Pure.

A leaf is the canonical JSON (``audit.canonical``) of one object with exactly these members:

``v``            ``"madoguchi-entry-v1"``
``log``          the log's origin: whose log this is
``entry``        the entry's id
``kind``         what happened, e.g. ``exchange.opened``
``time``         when it was written (UTC, six decimals, ``Z``); order is the tree's index, never this clock
``clock``        where that time came from, e.g. ``system``
``subject``      the conversation (a random name) whose key seals the contents
``meta``         metadata that names no person
``links``        ids of the earlier entries this one is about
``commitments``  path -> commitment in lower-case hex, for each field that can hold personal or free text
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from audit.canonical import canonical, instant, strict
from bot.records import Entry, EntryId

FORMAT: Final = "madoguchi-entry-v1"

_TEXTS: Final = ("v", "log", "entry", "kind", "time", "clock", "subject")
_MEMBERS: Final = frozenset({*_TEXTS, "meta", "links", "commitments"})
_texts_of: Final = itemgetter(*_TEXTS)
_ALL_TEXTS: Final = (str,) * len(_TEXTS)
_COMMITMENT: Final = re.compile("[0-9a-f]{64}")
_LEAF_PREFIX: Final = b"\x00"  # RFC 6962 section 2.1: leaves and inner nodes are hashed in different domains


@dataclass(frozen=True, slots=True)
class Written:
    """What the log itself adds to an entry: who keeps the log, the entry's id, the time and the clock it came from."""

    log: str
    entry: EntryId
    time: datetime
    clock: str


def leaf_bytes(entry: Entry, written: Written, commitments: Mapping[str, bytes]) -> bytes:
    """The bytes to store and to hash. Raises ValueError or TypeError where ``meta`` is not JSON."""
    return canonical(
        {
            "v": FORMAT,
            "log": written.log,
            "entry": written.entry,
            "kind": entry.kind,
            "time": instant(written.time),
            "clock": written.clock,
            "subject": entry.subject,
            "meta": entry.meta,
            "links": list(entry.links),
            "commitments": {path: value.hex() for path, value in commitments.items()},
        }
    )


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 over 0x00 and the stored bytes (RFC 6962 section 2.1, RFC 9162 section 2.1.1)."""
    return hashlib.sha256(_LEAF_PREFIX + leaf).digest()


def read_leaf(leaf: bytes, log: str) -> Mapping[str, Any]:
    """The members of a stored leaf of this log. Raises ValueError (without any of its text) where it is not one."""
    value = strict(leaf)
    if not isinstance(value, dict) or value.keys() != _MEMBERS or not _is_leaf(value) or value["log"] != log:
        raise ValueError("not a leaf of this log")
    return value


def _is_leaf(value: Mapping[str, Any]) -> bool:
    links, committed = value["links"], value["commitments"]
    return (
        tuple(map(type, _texts_of(value))) == _ALL_TEXTS
        and value["v"] == FORMAT
        and isinstance(value["meta"], dict)
        and isinstance(links, list)
        and all(isinstance(each, str) for each in links)
        and isinstance(committed, dict)
        and all(isinstance(each, str) and _COMMITMENT.fullmatch(each) for each in committed.values())
    )
