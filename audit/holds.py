"""Holds (保留): what may not be erased or expire, and why. A pure fold over the entries of one log.

============  ==========================================================  ==================  =========================
kind          meta                                                        contents            links
============  ==========================================================  ==================  =========================
hold.placed   by, role, why (disclosure, review, legal), held: the        name, reason,       what opened exchanges and
              conversation                                                reference           cases of the conversation
hold.lifted   by, role                                                    name, reason        the entry that placed it
============  ==========================================================  ==================  =========================

Entries are about the subject ``holds``, so that a hold's own texts outlive what it holds. A hold counts from its entry
on until somebody else than who placed it lifts it: nobody alone ends what keeps others from erasing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.records import ConversationId, EntryId, RecordedEntry

SUBJECT: Final = ConversationId("holds")
PLACED: Final = "hold.placed"
LIFTED: Final = "hold.lifted"
WHY: Final = ("disclosure", "review", "legal")
"""A request for disclosure, a review (審査請求), a legal hold (訴訟その他)."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. ``name``, ``reason``, ``reference`` and ``lifted_reason`` are None where they were erased."""

    id: EntryId
    time: datetime
    by: str
    role: str
    why: str
    held: ConversationId
    name: str | None
    reason: str | None
    reference: str | None
    lifted: datetime | None = None
    lifted_by: str | None = None
    lifted_name: str | None = None
    lifted_reason: str | None = None

    @property
    def open(self) -> bool:
        return self.lifted is None


def folded(entries: Iterable[RecordedEntry]) -> Mapping[EntryId, Hold]:
    """The holds that these entries tell of, oldest first. What does not count (no such hold, lifted already, lifted by
    who placed it) changes nothing.
    """
    holds: dict[EntryId, Hold] = {}
    for entry in entries:
        if entry.kind == PLACED:
            holds[entry.entry] = _placed(entry)
        elif entry.kind == LIFTED and entry.links:
            hold = holds.get(entry.links[0])
            if hold is not None and hold.open and _said(entry.meta, "by") != hold.by:
                holds[hold.id] = replace(
                    hold,
                    lifted=entry.time,
                    lifted_by=_said(entry.meta, "by"),
                    lifted_name=entry.contents.get("name"),
                    lifted_reason=entry.contents.get("reason"),
                )
    return holds


def held(entries: Iterable[RecordedEntry]) -> frozenset[ConversationId]:
    """The conversations of which nothing may be erased now."""
    return frozenset(hold.held for hold in folded(entries).values() if hold.open)


def _placed(entry: RecordedEntry) -> Hold:
    return Hold(
        id=entry.entry,
        time=entry.time,
        by=_said(entry.meta, "by"),
        role=_said(entry.meta, "role"),
        why=_said(entry.meta, "why"),
        held=ConversationId(_said(entry.meta, "held")),
        name=entry.contents.get("name"),
        reason=entry.contents.get("reason"),
        reference=entry.contents.get("reference"),
    )


def _said(meta: Mapping[str, Any], name: str) -> str:
    value = meta.get(name)
    return value if isinstance(value, str) else ""
