"""Who decides for the service, how a decision is refused, and how the system log tells what was decided (ADR 0017)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import structlog

from bot.ports import LogUnavailable, SystemLog
from bot.records import ConversationId, EntryId, RecordedEntry

_events = structlog.get_logger("bot.deciding")

State = TypeVar("State")

LONGEST_REASON: Final = 300

BY: Final = "by"
ROLE: Final = "role"
NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who proved who they are. ``id`` is the account's opaque id; ``roles`` those held for what is decided:
    for the whole service, or at the one desk.

    The name goes into contents, which can be erased; id and role into metadata, which cannot.
    """

    id: str
    name: str
    roles: frozenset[str]


class DecisionRefused(Exception):
    """A decision that cannot be made. ``code`` is one of:

    not_allowed (the role is lacking), no_reason, own_proposal, unknown_proposal, not_waiting (decided already),
    stale (another version became active since it was proposed), unchanged (it is so already), bad_register (the rows
    break a rule of the register; the message says which).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def acting(actor: Actor, roles: Collection[str]) -> str:
    """The first of ``roles`` that the actor holds. Raises DecisionRefused (not_allowed)."""
    held = next((role for role in roles if role in actor.roles), None)
    if held is None:
        raise DecisionRefused("not_allowed", f"this needs the role {' or '.join(roles)} for the whole service")
    return held


def on_one_line(text: str) -> str:
    """What a person wrote to a decision, on one line of at most ``LONGEST_REASON`` characters."""
    return " ".join(text.split())[:LONGEST_REASON]


def reason_given(text: str) -> str:
    """The same where there must be a reason. Raises DecisionRefused (no_reason)."""
    line = on_one_line(text)
    if not line:
        raise DecisionRefused("no_reason", "a decision needs a reason")
    return line


class Folded(Generic[State]):
    """What the entries about one subject amount to, read again only when an entry came. Safe from any thread."""

    def __init__(
        self, log: SystemLog, subject: ConversationId, fold: Callable[[Iterable[RecordedEntry]], State]
    ) -> None:
        self._log = log
        self._subject = subject
        self._fold = fold
        self._last: tuple[EntryId | None, State] | None = None

    def now(self) -> State:
        """The state as the log holds it. Raises LogUnavailable."""
        newest = self._log.newest_about(self._subject)
        last = self._last
        if last is not None and last[0] == newest:
            return last[1]
        state = self._fold(self._log.entries(self._subject))
        self._last = (newest, state)  # an entry that came in between is folded already, and once more next time
        return state

    def known(self) -> State:
        """The state now, or the last this process read where the log is away. Raises LogUnavailable: none was read."""
        try:
            return self.now()
        except LogUnavailable as unavailable:
            if self._last is None:
                raise
            _events.warning("decisions are those read last", subject=self._subject, cause=unavailable.cause)
            return self._last[1]
