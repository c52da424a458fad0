"""What people decided on erasing, and what rules and people erased: a pure fold over the entries about erasures.

=================  ===========================================================  =======================  ==============
kind               meta                                                         contents                 links
=================  ===========================================================  =======================  ==============
erasure.proposed   by, role, basis (suspension, unlawful), scope:               name, request: the       what opened
                   conversation, exchange, case (null where not meant)          reference of the         what it is
                                                                                request, reason          about
erasure.rejected   by, role                                                     name, reason             the proposal
erasure            basis, rule, targets, pruned, method, keys (destroyed);      name, approved_name,     what it names,
                   by a decision also by, role, approved_by, approved_role,     request, reason          the proposal
                   law, proposal; by rule also schedule (digest)
erasure.swept      by, backups_until: the day after which no backup of the      none                     the erasures
                   keys is left
=================  ===========================================================  =======================  ==============

An erasure by decision is right if somebody else than the proposer approved it while the proposal waited. One that is
not is listed as void: what it erased is gone all the same, and everybody sees how.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from audit.erasing_rows import SWEPT
from audit.erasing_scope import Scope, scope_from
from audit.erasures import EXPIRY
from audit.erasures import KIND as ERASURE
from bot.records import EntryId, RecordedEntry

PROPOSED: Final = "erasure.proposed"
REJECTED: Final = "erasure.rejected"
BASES: Final = ("suspension", "unlawful")
"""On what ground people decide: a decision on 利用停止・消去, unlawful acquisition."""
PROPOSERS: Final = ("records_officer",)
APPROVERS: Final = ("approver", "records_officer")


class State(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. Names and texts are None where they were erased."""

    id: EntryId
    time: datetime
    by: str
    role: str
    basis: str
    scope: Scope | None
    name: str | None
    request: str | None = field(repr=False)
    reason: str | None = field(repr=False)
    state: State = State.WAITING
    decided: datetime | None = None
    decided_by: str | None = None
    decided_name: str | None = None
    decided_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One erasure. ``rule`` is the rule with its version where a rule did it. ``swept``: since when no file in use
    holds what went; ``complete``: the day after which no backup of the keys is left.
    """

    id: EntryId
    time: datetime
    basis: str
    rule: str | None
    by: str
    approved_by: str | None
    texts: int
    leaves: int
    proposal: EntryId | None
    swept: datetime | None = None
    complete: date | None = None
    void: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything decided and done, oldest first."""

    proposals: tuple[Proposal, ...] = ()
    done: tuple[Done, ...] = ()

    def proposal(self, named: str) -> Proposal | None:
        """The proposal with this id, or whose id alone begins so."""
        found = [each for each in self.proposals if each.id.startswith(named)] if named else []
        return next((each for each in found if each.id == named), found[0] if len(found) == 1 else None)

    @property
    def waiting(self) -> tuple[Proposal, ...]:
        return tuple(each for each in self.proposals if each.state is State.WAITING)


def folded(entries: Iterable[RecordedEntry]) -> History:
    """The history that these entries tell, oldest first."""
    proposals: dict[EntryId, Proposal] = {}
    done: dict[EntryId, Done] = {}
    for entry in entries:
        if entry.kind == PROPOSED:
            proposals[entry.entry] = _proposal(entry)
        elif entry.kind == REJECTED and entry.links:
            about = proposals.get(entry.links[0])
            if about is not None and about.state is State.WAITING:
                proposals[about.id] = _decided(about, entry, State.REJECTED)
        elif entry.kind == ERASURE:
            done[entry.entry] = made = _done(entry, proposals)
            if made.void is None and made.proposal is not None:
                proposals[made.proposal] = _decided(proposals[made.proposal], entry, State.APPROVED)
        elif entry.kind == SWEPT:
            done |= {link: _swept(done[link], entry) for link in entry.links if link in done}
    return History(tuple(proposals.values()), tuple(done.values()))


def _proposal(entry: RecordedEntry) -> Proposal:
    return Proposal(
        id=entry.entry,
        time=entry.time,
        by=_said(entry, "by"),
        role=_said(entry, "role"),
        basis=_said(entry, "basis"),
        scope=scope_from(entry.meta.get("scope")),
        name=entry.contents.get("name"),
        request=entry.contents.get("request"),
        reason=entry.contents.get("reason"),
    )


def _decided(about: Proposal, entry: RecordedEntry, state: State) -> Proposal:
    approved = state is State.APPROVED
    return replace(
        about,
        state=state,
        decided=entry.time,
        decided_by=_said(entry, "approved_by" if approved else "by"),
        decided_name=entry.contents.get("approved_name" if approved else "name"),
        decided_reason=None if approved else entry.contents.get("reason"),
    )


def _done(entry: RecordedEntry, proposals: Mapping[EntryId, Proposal]) -> Done:
    rule, basis, proposal = entry.meta.get("rule"), _said(entry, "basis"), _said(entry, "proposal")
    named = f"{rule.get('name')} {rule.get('version')}" if isinstance(rule, Mapping) else None
    return Done(
        id=entry.entry,
        time=entry.time,
        basis=basis,
        rule=named,
        by=_said(entry, "by"),
        approved_by=_said(entry, "approved_by") or None,
        texts=_count(entry, "targets"),
        leaves=_count(entry, "pruned"),
        proposal=EntryId(proposal) if proposal else None,
        void=None if basis == EXPIRY else _flaw(entry, proposals.get(EntryId(proposal))),
    )


def _flaw(entry: RecordedEntry, about: Proposal | None) -> str | None:
    """Why an erasure by decision is not one that people made rightly; None where it is."""
    approver = _said(entry, "approved_by")
    if about is None:
        return "unknown_proposal"
    if about.state is not State.WAITING:
        return "not_waiting"
    if approver in {"", about.by}:
        return "own_proposal"
    return None if _said(entry, "approved_role") in APPROVERS else "not_allowed"


def _swept(done: Done, entry: RecordedEntry) -> Done:
    if done.swept is not None:
        return done
    try:
        until = date.fromisoformat(_said(entry, "backups_until"))
    except ValueError:
        until = None
    return replace(done, swept=entry.time, complete=until)


def _count(entry: RecordedEntry, name: str) -> int:
    """How many texts or leaves an erasure names."""
    listed = entry.meta.get(name)
    if not isinstance(listed, list):
        return 0
    paths = [each.get("paths") for each in listed if isinstance(each, Mapping)]
    return sum(len(each) if isinstance(each, list) else 1 for each in paths)


def _said(entry: RecordedEntry, name: str) -> str:
    value = entry.meta.get(name)
    return value if isinstance(value, str) else ""
