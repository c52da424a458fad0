"""What a verification found, as values. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MOST_FINDINGS: Final = 1000
"""Kept one by one; beyond that they are counted."""

PRESENT: Final = "present"
MISSING: Final = "missing"
ALTERED: Final = "altered"

LEAF: Final = "leaf"
COLUMN: Final = "column"
INDEX: Final = "index"
LINK: Final = "link"
ENTRY: Final = "entry"
TILE: Final = "tile"
HEAD: Final = "head"
CHECKPOINT: Final = "checkpoint"
OUTSIDE: Final = "outside"
RECEIPT: Final = "receipt"

MEANING: Final = {
    LEAF: "the stored bytes of an entry are not those that were hashed, or not those of an entry this log wrote",
    COLUMN: "what the database says about an entry is not what the entry says",
    INDEX: "an entry has no index, one of another, or stands twice",
    LINK: "an entry names one that is not an earlier entry of this log",
    ENTRY: "two entries have one id",
    TILE: "stored hashes of the tree are not those of its entries",
    HEAD: "the head of the tree is not that of the entries",
    CHECKPOINT: "a checkpoint is not signed by this log, or is not that of these entries",
    OUTSIDE: "a checkpoint kept outside is not that of these entries, or the log is shorter than it says",
    RECEIPT: "a receipt is not signed by this log, is not that of its entry, or is gone",
    MISSING: "a text or a whole entry is gone and no entry says why",
    ALTERED: "a text is not the one that was recorded",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of bad news: its code (a key of MEANING), the entry's index where there is one, and a name in it (a
    path, a size, an id); never a text.
    """

    code: str
    index: int | None = None
    what: str = ""


@dataclass
class Report:
    """What was looked at and what was found."""

    origin: str
    key: str
    size: int = 0
    root: str = ""
    waiting: int = 0
    checkpoints: int = 0
    receipts: int = 0
    fields: Counter[str] = field(default_factory=Counter)  # verdict -> texts
    leaves: Counter[str] = field(default_factory=Counter)  # verdict -> leaves of which only the hash is kept
    outside: list[int] = field(default_factory=list)  # sizes of checkpoints from outside that agree
    findings: list[Finding] = field(default_factory=list)
    bad: int = 0

    @property
    def well(self) -> bool:
        return self.bad == 0

    def add(self, code: str, index: int | None = None, what: str = "") -> None:
        self.bad += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, index, what))
