"""Which version of the automation register is in force: a pure fold over the proposals and decisions of the system log.

==================  ====================================================  =======================  ============
kind                meta                                                  contents                 links
==================  ====================================================  =======================  ============
register.proposed   by, role, base (digest), register (every row)         name, reason             none
register.approved   by, role, base (digest in force for the approver)     name                     the proposal
register.rejected   by, role                                              name, reason             the proposal
==================  ====================================================  =======================  ============

An approval counts if another account than the proposer's gave it, as an approver, while the proposal was waiting and
the version it was made against was in force. Nothing else changes the register; what does not count is listed. What an
entry is worth depends on the entries before it alone, never on the program that reads them: digests are of what was
recorded, so that a later program with another default finds the same version in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.deciding import BY, NAME, ROLE, Folded
from bot.ports import LogUnavailable, SystemLog
from bot.records import ConversationId, DeskName, EntryId, Json, RecordedEntry
from bot.register import AutomationRegister, digest_of, load_register, register_of
from bot.register_rows import BadRegister

SUBJECT: Final = ConversationId("register")
PROPOSED: Final = "register.proposed"
APPROVED: Final = "register.approved"
REJECTED: Final = "register.rejected"
APPROVER: Final = "approver"
BASE: Final = "base"


class ProposalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    STALE = "stale"  # another version became active since it was proposed
    UNREADABLE = "unreadable"  # no register to this program


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed version. ``by`` is an account's id; ``name`` and ``reason`` are None where they were erased."""

    id: EntryId
    time: datetime
    by: str
    role: str
    name: str | None
    reason: str | None
    base: str
    digest: str
    register: AutomationRegister | None
    state: ProposalState = ProposalState.WAITING
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided on a proposal, when; ``reason`` of a rejection."""

    time: datetime
    by: str
    role: str
    name: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Void:
    """A decision that changed nothing, and why: ``own_proposal``, ``not_approver``, ``not_waiting``, ``stale``,
    ``unknown_proposal``.
    """

    entry: EntryId
    kind: str
    time: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """The version in force and how it came about, oldest first."""

    active: AutomationRegister
    proposals: tuple[Proposal, ...] = ()
    void: tuple[Void, ...] = ()

    def proposal(self, named: str) -> Proposal | None:
        """The proposal with this id, or whose id alone begins so."""
        found = [each for each in self.proposals if each.id.startswith(named)] if named else []
        return next((each for each in found if each.id == named), found[0] if len(found) == 1 else None)

    @property
    def waiting(self) -> tuple[Proposal, ...]:
        return tuple(each for each in self.proposals if each.state is ProposalState.WAITING)


class UnreadableRegister(ValueError):
    """Two people approved what this program cannot read: a newer one wrote it. Nothing older may stand in for it."""


def folded(entries: Iterable[RecordedEntry], default: AutomationRegister) -> History:
    """The history these entries tell, oldest first. Raises UnreadableRegister."""
    proposals: dict[EntryId, Proposal] = {}
    void: list[Void] = []
    last: Proposal | None = None
    for entry in entries:
        if entry.kind == PROPOSED:
            proposals[entry.entry] = _proposal(entry)
        elif entry.kind in (APPROVED, REJECTED):
            about = proposals.get(entry.links[0]) if entry.links else None
            why = _flaw(entry, about, last)
            if about is None or why:
                void.append(Void(entry.entry, entry.kind, entry.time, said(entry, BY), why or "unknown_proposal"))
                continue
            proposals[about.id] = decided = _decided(about, entry)
            last = decided if entry.kind == APPROVED else last
    active = default if last is None else last.register
    if active is None:
        raise UnreadableRegister("the approved register cannot be read by this version of the program")
    return History(active, tuple(_as_it_stands(each, active) for each in proposals.values()), tuple(void))


class ActiveRegister:
    """The register in force, as the system log tells it. Safe to call from any thread."""

    def __init__(self, log: SystemLog, default: AutomationRegister | None = None) -> None:
        self._default = default or load_register()
        self._state = Folded(log, SUBJECT, self._folded)

    def active(self) -> AutomationRegister:
        """The version in force; the last one read where the log is away. Raises LogUnavailable: none was read yet."""
        return self._state.known().active

    def history(self) -> History:
        """Every proposal and decision as the log holds them now. Raises LogUnavailable."""
        return self._state.now()

    def of(self, desk: DeskName) -> DeskRegister:
        return DeskRegister(self, desk)

    def _folded(self, entries: Iterable[RecordedEntry]) -> History:
        try:
            return folded(entries, self._default)
        except UnreadableRegister:
            pass
        raise LogUnavailable("corrupt")


class DeskRegister:
    """The register in force as one desk sees it: ``bot.register.Register``."""

    def __init__(self, whole: ActiveRegister, desk: DeskName) -> None:
        self._whole = whole
        self._desk = desk
        self._last: tuple[AutomationRegister, AutomationRegister] | None = None

    def active(self) -> AutomationRegister:
        """The rows for this desk. Raises LogUnavailable."""
        whole, last = self._whole.active(), self._last
        if last is None or last[0] is not whole:
            self._last = last = (whole, whole.of(self._desk))
        return last[1]


def _proposal(entry: RecordedEntry) -> Proposal:
    tables = entry.meta.get("register")
    return Proposal(
        id=entry.entry,
        time=entry.time,
        by=said(entry, BY),
        role=said(entry, ROLE),
        name=entry.contents.get(NAME),
        reason=entry.contents.get("reason"),
        base=said(entry, BASE),
        digest=digest_of(tables) if isinstance(tables, Mapping) else "",
        register=_register(tables),
    )


def _register(tables: Json) -> AutomationRegister | None:
    """The version as recorded: its digest is that of what was written, whatever this program would write."""
    if not isinstance(tables, Mapping):
        return None
    try:
        register = register_of(tables)
    except BadRegister:
        return None
    return replace(register, stamp=replace(register.stamp, digest=digest_of(tables)))


def _flaw(entry: RecordedEntry, about: Proposal | None, last: Proposal | None) -> str | None:
    """Why a decision counts for nothing; None where it counts. ``last`` is what was approved before it."""
    if about is None:
        return "unknown_proposal"
    if about.state is not ProposalState.WAITING:
        return "not_waiting"
    own = said(entry, BY) == about.by
    if entry.kind == REJECTED:
        return None if own or said(entry, ROLE) == APPROVER else "not_approver"
    if own:
        return "own_proposal"
    if said(entry, ROLE) != APPROVER:
        return "not_approver"
    # Where nothing was approved before, the default was in force: the approver's own program wrote down which one.
    in_force = said(entry, BASE) if last is None else last.digest
    return None if about.base == in_force else "stale"


def _decided(about: Proposal, entry: RecordedEntry) -> Proposal:
    made = Decision(
        entry.time, said(entry, BY), said(entry, ROLE), entry.contents.get(NAME), entry.contents.get("reason")
    )
    state = ProposalState.APPROVED if entry.kind == APPROVED else ProposalState.REJECTED
    return replace(about, state=state, decision=made)


def _as_it_stands(proposal: Proposal, active: AutomationRegister) -> Proposal:
    if proposal.state is not ProposalState.WAITING:
        return proposal
    if proposal.register is None:
        return replace(proposal, state=ProposalState.UNREADABLE)
    if proposal.base != active.stamp.digest:
        return replace(proposal, state=ProposalState.STALE)
    return proposal


def said(entry: RecordedEntry, name: str) -> str:
    """A member of the metadata that is text; empty where it is not."""
    value = entry.meta.get(name)
    return value if isinstance(value, str) else ""
