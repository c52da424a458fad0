"""What the record of one exchange tells of how it came about: all that a replay is made from. Pure.

``Missing`` is the closed list of what a record or the service no longer has; each is shown with what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.case_entries import NUMBER, PREFIX, TEXT
from bot.case_entries import REPLY as CASE_REPLY
from bot.cases import CaseReason, ChangeKind
from bot.records import ConversationId, ExchangeId, Json, Outcome, RecordedEntry, SnapshotId, Stamp
from bot.records_json import CLOSED, CONVERSATION, EXCHANGE, HELD, HISTORY, OPENED, OUTCOME, QUESTION, REPLY, WAITING
from bot.switch import SET, Off, Scope
from bot.turns import EXCHANGES


class Missing(StrEnum):
    """What keeps a replay from being made, or from being the same."""

    QUESTION_ERASED = "question_erased"
    REPLY_ERASED = "reply_erased"
    EARLIER_ERASED = "earlier_erased"  # of the turns before it
    CASE_ERASED = "case_erased"  # the number that the reply names
    NOT_CLOSED = "not_closed"  # the exchange has no reply in the record
    SNAPSHOT_UNKNOWN = "snapshot_unknown"  # nothing tells which was active
    SNAPSHOT_REMOVED = "snapshot_removed"
    SNAPSHOT_DAMAGED = "snapshot_damaged"
    EMBEDDER_CHANGED = "embedder_changed"
    WORDING_UNKNOWN = "wording_unknown"
    REGISTER_UNKNOWN = "register_unknown"
    SWITCH_UNKNOWN = "switch_unknown"  # or why it was thrown is erased
    FAULT_THEN = "fault_then"  # what was shown then was the notice of a fault
    FAULT_NOW = "fault_now"
    LATE = "late"  # the time an answer may take was over

    @property
    def stops(self) -> bool:
        """Whether nothing can be replayed; the others are told beside what came out."""
        return self in _STOPPING


_STOPPING: Final = frozenset(
    {
        Missing.QUESTION_ERASED,
        Missing.SNAPSHOT_UNKNOWN,
        Missing.SNAPSHOT_REMOVED,
        Missing.SNAPSHOT_DAMAGED,
        Missing.EMBEDDER_CHANGED,
    }
)
_SAID: Final = frozenset({QUESTION, REPLY, TEXT, CASE_REPLY})


@dataclass(frozen=True, slots=True)
class Past:
    """One exchange with the entries around it. ``before`` are those of its conversation that came before it."""

    opened: RecordedEntry
    closed: RecordedEntry | None
    case: RecordedEntry | None
    before: tuple[RecordedEntry, ...]

    @property
    def exchange(self) -> ExchangeId:
        return ExchangeId(str(self.opened.meta[EXCHANGE]))

    @property
    def conversation(self) -> ConversationId:
        return ConversationId(str(self.opened.meta[CONVERSATION]))

    @property
    def meta(self) -> Mapping[str, Json]:
        """What the closing entry tells; nothing where there is none."""
        return self.closed.meta if self.closed else {}

    @property
    def reply(self) -> str | None:
        return self.closed.contents.get(REPLY) if self.closed else None

    @property
    def held(self) -> str | None:
        return self.closed.contents.get(HELD) if self.closed else None

    @property
    def question(self) -> str | None:
        return self.opened.contents.get(QUESTION)

    @property
    def snapshot(self) -> SnapshotId | None:
        """The snapshot that was searched; None where none was."""
        named = self.meta.get("snapshot")
        return SnapshotId(named) if isinstance(named, str) else None

    @property
    def needs_documents(self) -> bool:
        """Whether any step of it looks at a snapshot: danger and a thrown switch end before."""
        return "danger" not in self.meta and "switch" not in self.meta

    @property
    def moment(self) -> datetime:
        """When it was answered; where that is not known, when it was asked."""
        told = self.meta.get("answered") or self.opened.meta["received"]
        return datetime.fromisoformat(str(told))

    @property
    def waiting(self) -> int:
        """How many cases waited when the day of the answer was reckoned."""
        told = self.meta.get(WAITING)
        return told if isinstance(told, int) else 0

    @property
    def number(self) -> str | None:
        """The number of the case that it opened, if that is there."""
        return self.case.contents.get(NUMBER) if self.case else None

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        return stamps_in(self.meta)

    def stamp(self, name: str) -> Stamp | None:
        """The stamp of that name."""
        return next((each for each in self.stamps if each.name == name), None)


def past_of(entries: Sequence[RecordedEntry], exchange: ExchangeId) -> Past | None:
    """The exchange among the entries of its conversation, oldest first; None where it is not there."""
    place = next(
        (at for at, each in enumerate(entries) if each.kind == OPENED and each.meta[EXCHANGE] == exchange), None
    )
    if place is None:
        return None
    own = [each for each in entries[place:] if each.meta.get(EXCHANGE) == exchange]
    return Past(
        opened=entries[place],
        closed=next((each for each in own if each.kind == CLOSED), None),
        case=next((each for each in own if _handed_over(each)), None),
        before=tuple(entries[:place]),
    )


def stamps_in(meta: Mapping[str, Json]) -> tuple[Stamp, ...]:
    """The stamps that a closing entry names."""
    told = meta.get("stamps")
    held = [each for each in told if isinstance(each, Mapping)] if isinstance(told, list | tuple) else []
    return tuple(Stamp(str(each["name"]), str(each["version"]), str(each["digest"])) for each in held)


def lacking(past: Past) -> tuple[Missing, ...]:
    """What the record itself no longer holds."""
    outcome = past.meta.get(OUTCOME)
    found = {
        Missing.QUESTION_ERASED: past.question is None,
        Missing.EARLIER_ERASED: _earlier_erased(past),
        Missing.NOT_CLOSED: past.closed is None,
        Missing.REPLY_ERASED: past.closed is not None and past.reply is None,
        Missing.CASE_ERASED: outcome == Outcome.REFERRED_ASSISTED and past.number is None,
        Missing.FAULT_THEN: str(outcome).startswith("failed."),
    }
    return tuple(each for each, there in found.items() if there)


def off_then(past: Past, thrown: Iterable[RecordedEntry]) -> Off | None:
    """The switch as the record names it, with the reason from the system log's entries; None where it is not there."""
    told = past.meta.get("switch")
    if not isinstance(told, Mapping):
        return None
    scope, since = Scope(str(told["scope"])), datetime.fromisoformat(str(told["since"]))
    for entry in thrown:
        why = entry.contents.get("why")
        if entry.kind == SET and entry.meta.get("scope") == scope and entry.time == since and why is not None:
            return Off(scope, str(entry.meta.get("role", "")), why, since)
    return None


def _handed_over(entry: RecordedEntry) -> bool:
    return entry.kind == PREFIX + ChangeKind.OPENED and entry.meta.get("reason") == CaseReason.ASSISTED


def _earlier_erased(past: Past) -> bool:
    """Whether of what could have gone into the question something is gone."""
    if past.closed and HISTORY in past.closed.contents:
        return past.closed.contents[HISTORY] is None
    begun = [each.meta[EXCHANGE] for each in past.before if each.kind == OPENED][-EXCHANGES:]
    near = (each for each in past.before if each.kind.startswith(PREFIX) or each.meta.get(EXCHANGE) in begun)
    return any(each.contents[path] is None for each in near for path in _SAID & each.contents.keys())
