"""Which retention schedule may be applied: what destroys by itself is put in force by two people.

The schedule that comes with the program is applied as it is. A body's own (MADOGUCHI_RETENTION) is applied once
somebody proposed it as it stands, byte for byte, and somebody else adopted it; a file that changed since waits again.
Nothing expires meanwhile.

====================  ==========================================  ============  ============
kind (system log)     meta                                        contents      links
====================  ==========================================  ============  ============
retention.proposed    by, role, digest, version, periods          name, reason  none
retention.adopted     by, role, digest                            name          the proposal
====================  ==========================================  ============  ============
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from audit.retention import Schedule
from bot.deciding import BY, NAME, ROLE, Actor, DecisionRefused, acting, reason_given
from bot.ports import SystemLog
from bot.records import ConversationId, Entry, EntryId, Json, RecordedEntry

SUBJECT: Final = ConversationId("retention")
PROPOSED: Final = "retention.proposed"
ADOPTED: Final = "retention.adopted"
PROPOSERS: Final = ("records_officer",)
ADOPTERS: Final = ("approver", "records_officer")
_DIGEST: Final = "digest"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a schedule stands: whether it may be applied, and the newest proposal of it that waits."""

    applies: bool
    proposal: EntryId | None = None
    by: str | None = None
    name: str | None = None
    time: datetime | None = None


def standing(entries: Iterable[RecordedEntry], schedule: Schedule) -> Standing:
    """What these entries, oldest first, say of a schedule. The schedule that was adopted last is the one in force."""
    if not schedule.own:
        return Standing(applies=True)
    proposed: dict[EntryId, RecordedEntry] = {}
    in_force = ""
    for entry in entries:
        if entry.kind == PROPOSED:
            proposed[entry.entry] = entry
        elif entry.kind == ADOPTED and entry.links:
            about = proposed.pop(entry.links[0], None)
            if about is not None and _adopts(entry, about):
                in_force = str(about.meta.get(_DIGEST))
    if in_force == schedule.digest:
        return Standing(applies=True)
    waiting = next((each for each in reversed(proposed.values()) if each.meta.get(_DIGEST) == schedule.digest), None)
    if waiting is None:
        return Standing(applies=False)
    return Standing(
        applies=False,
        proposal=waiting.entry,
        by=str(waiting.meta.get(BY)),
        name=waiting.contents.get(NAME),
        time=waiting.time,
    )


def propose_schedule(system: SystemLog, schedule: Schedule, actor: Actor, reason: str) -> Standing:
    """Propose to apply the configured schedule. Raises DecisionRefused (not_allowed, no_reason, unchanged),
    LogUnavailable.
    """
    role = acting(actor, PROPOSERS)
    if now(system, schedule).applies:
        raise DecisionRefused("unchanged", "this schedule is applied already")
    periods: dict[str, Json] = {name: asdict(each) for name, each in schedule.periods.items()}
    meta: dict[str, Json] = {
        BY: actor.id,
        ROLE: role,
        _DIGEST: schedule.digest,
        "version": schedule.version,
        "periods": periods,
    }
    system.append(Entry(PROPOSED, SUBJECT, meta, {NAME: actor.name, "reason": reason_given(reason)}))
    return now(system, schedule)


def adopt_schedule(system: SystemLog, schedule: Schedule, actor: Actor) -> Standing:
    """Adopt what somebody else proposed: from then on what it says is over is erased.

    Raises DecisionRefused (not_allowed, unknown_proposal, own_proposal), LogUnavailable.
    """
    role = acting(actor, ADOPTERS)
    state = now(system, schedule)
    if state.proposal is None:
        raise DecisionRefused("unknown_proposal", "nobody has proposed the schedule as it is configured now")
    if state.by == actor.id:
        raise DecisionRefused("own_proposal", "somebody else must adopt what you proposed")
    meta: dict[str, Json] = {BY: actor.id, ROLE: role, _DIGEST: schedule.digest}
    system.append(Entry(ADOPTED, SUBJECT, meta, {NAME: actor.name}, (state.proposal,)))
    return now(system, schedule)


def now(system: SystemLog, schedule: Schedule) -> Standing:
    """How a schedule stands by the system log. Raises LogUnavailable."""
    return standing(system.entries(SUBJECT) if schedule.own else (), schedule)


def _adopts(entry: RecordedEntry, about: RecordedEntry) -> bool:
    """Whether an adoption counts: by somebody else, in a role for it, of what was proposed."""
    return (
        entry.meta.get(BY) != about.meta.get(BY)
        and entry.meta.get(ROLE) in ADOPTERS
        and entry.meta.get(_DIGEST) == about.meta.get(_DIGEST)
    )
