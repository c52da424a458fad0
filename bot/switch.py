"""The off switch for AI answers: at one desk, or everywhere. Thrown by an administrator, visible to everyone.

Each throw is one ``switch.set`` entry of the system log (meta: scope, off, by, role; contents: name, why); the newest
of each scope counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, Protocol

from bot.deciding import BY, NAME, ROLE, Actor, DecisionRefused, Folded, acting, on_one_line, reason_given
from bot.ports import SystemLog
from bot.records import ConversationId, DeskName, Entry, RecordedEntry

SUBJECT: Final = ConversationId("switch")
SET: Final = "switch.set"
SWITCHERS: Final = ("administrator",)

_JAPAN: Final = timezone(timedelta(hours=9))


class Scope(StrEnum):
    """What a switch stops: every answer of the service, or those of one desk."""

    ALL = "all"
    PUBLIC = "public"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Off:
    """AI answers are off: what is, in which role somebody did it, why (for everybody to read), since when."""

    scope: Scope
    role: str
    why: str
    since: datetime

    @property
    def since_japan(self) -> str:
        """The moment as it is shown: ``2026-11-23 18:04 (JST)``."""
        return self.since.astimezone(_JAPAN).strftime("%Y-%m-%d %H:%M (JST)")


class Switch(Protocol):
    """What a desk sees of the switch."""

    def state(self) -> Off | None:
        """None while AI answers are on. Raises LogUnavailable where the state could never be read."""
        ...


class AlwaysOn:
    """A switch that nobody throws."""

    def state(self) -> Off | None:
        return None


class OffSwitch:
    """The switch as the system log tells it. Safe to call from any thread."""

    def __init__(self, log: SystemLog) -> None:
        self._state = Folded(log, SUBJECT, folded)

    def state(self, desk: DeskName) -> Off | None:
        """Whether a desk is off; the last state read where the log is away. Raises LogUnavailable: none was read."""
        thrown = self._state.known()
        return thrown.get(Scope.ALL) or thrown.get(Scope(desk.value))

    def thrown(self) -> Mapping[Scope, Off]:
        """Everything that is off now. Raises LogUnavailable."""
        return self._state.now()

    def of(self, desk: DeskName) -> DeskSwitch:
        return DeskSwitch(self, desk)


@dataclass(frozen=True, slots=True)
class DeskSwitch:
    """The switch as one desk sees it."""

    whole: OffSwitch
    desk: DeskName

    def state(self) -> Off | None:
        """As ``OffSwitch.state``."""
        return self.whole.state(self.desk)


def folded(entries: Iterable[RecordedEntry]) -> Mapping[Scope, Off]:
    """What is off after these entries, oldest first; an entry of another shape changes nothing."""
    thrown: dict[Scope, Off] = {}
    for entry in entries:
        scope, off = entry.meta.get("scope"), entry.meta.get("off")
        if entry.kind != SET or scope not in [each.value for each in Scope] or not isinstance(off, bool):
            continue
        named = Scope(str(scope))
        thrown.pop(named, None)
        if off:
            thrown[named] = Off(named, str(entry.meta.get(ROLE, "")), entry.contents.get("why") or "", entry.time)
    return thrown


def throw(log: SystemLog, scope: Scope, actor: Actor, why: str, *, off: bool) -> Mapping[Scope, Off]:
    """Switch AI answers off or on again; everything that is off afterwards. ``why`` is shown to everybody; it may be
    empty for on.

    Raises DecisionRefused (not_allowed, no_reason, unchanged), LogUnavailable.
    """
    role, line = acting(actor, SWITCHERS), reason_given(why) if off else on_one_line(why)
    if (scope in OffSwitch(log).thrown()) is off:
        raise DecisionRefused("unchanged", f"{scope.value} is {'off' if off else 'on'} already")
    meta = {BY: actor.id, ROLE: role, "scope": scope.value, "off": off}
    log.append(Entry(SET, SUBJECT, meta, {NAME: actor.name, "why": line}))
    return OffSwitch(log).thrown()
