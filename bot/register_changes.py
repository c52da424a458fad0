"""Changing the automation register: one person proposes a whole version, another approves it. Each is one entry.

The checks here give a person an answer; what an entry is worth is decided by the fold alone (bot/register_history.py),
so that two processes, or an entry written by other means, can make nothing count that should not.
"""

from __future__ import annotations

from typing import Final

from bot.deciding import BY, NAME, ROLE, Actor, DecisionRefused, acting, on_one_line
from bot.ports import SystemLog
from bot.records import Entry, EntryId, Json
from bot.register import AutomationRegister, as_json, lacking, load_register
from bot.register_history import (
    APPROVED,
    APPROVER,
    BASE,
    PROPOSED,
    REJECTED,
    SUBJECT,
    ActiveRegister,
    History,
    Proposal,
    ProposalState,
)

PROPOSERS: Final = ("knowledge_editor", "approver", "records_officer", "administrator")
APPROVERS: Final = (APPROVER,)


def propose(log: SystemLog, register: AutomationRegister, actor: Actor, reason: str = "") -> Proposal:
    """Propose a version (``bot.register.read_register``) in place of the one in force; the proposal as recorded.

    Raises DecisionRefused (not_allowed, unchanged, bad_register), LogUnavailable.
    """
    role = acting(actor, PROPOSERS)
    active = _history(log).active
    if missing := lacking(register):
        raise DecisionRefused("bad_register", f"no row for {', '.join(missing)}")
    if {each.desk for each in register.places} != {each.desk for each in load_register().places}:
        raise DecisionRefused("bad_register", "there is one place for each desk")
    if register.rows == active.rows and register.places == active.places:
        raise DecisionRefused("unchanged", "this is the version in force")
    if register.stamp.version == active.stamp.version:
        raise DecisionRefused("bad_register", f"version {active.stamp.version} is in force; give the new one another")
    meta: dict[str, Json] = {
        BY: actor.id,
        ROLE: role,
        BASE: active.stamp.digest,
        "register": as_json(register),
    }
    appended = log.append(Entry(PROPOSED, SUBJECT, meta, {NAME: actor.name, "reason": on_one_line(reason)}))
    return _found(_history(log), appended.entry)


def approve(log: SystemLog, proposal: str, actor: Actor) -> Proposal:
    """Approve somebody else's proposal (its id, or how that alone begins); from then on it is in force.

    Raises DecisionRefused (not_allowed, unknown_proposal, not_waiting, own_proposal, stale), LogUnavailable.
    """
    role = acting(actor, APPROVERS)
    history = _history(log)
    about = _waiting(history, proposal)
    if about.by == actor.id:
        raise DecisionRefused("own_proposal", "somebody else must approve what you proposed")
    meta = {BY: actor.id, ROLE: role, BASE: history.active.stamp.digest}
    return _recorded(log, Entry(APPROVED, SUBJECT, meta, {NAME: actor.name}, (about.id,)))


def reject(log: SystemLog, proposal: str, actor: Actor, reason: str = "") -> Proposal:
    """Turn a proposal down, or take one's own back.

    Raises DecisionRefused (not_allowed, unknown_proposal, not_waiting, stale), LogUnavailable.
    """
    about = _waiting(_history(log), proposal)
    role = acting(actor, PROPOSERS if about.by == actor.id else APPROVERS)
    contents = {NAME: actor.name, "reason": on_one_line(reason)}
    return _recorded(log, Entry(REJECTED, SUBJECT, {BY: actor.id, ROLE: role}, contents, (about.id,)))


def _recorded(log: SystemLog, decision: Entry) -> Proposal:
    """Append a decision; what became of the proposal. Raises DecisionRefused where another decision came first."""
    appended = log.append(decision)
    history = _history(log)
    if void := next((each for each in history.void if each.entry == appended.entry), None):
        raise DecisionRefused(void.why, "somebody else decided at the same moment; look again")
    return _found(history, decision.links[0])


def _history(log: SystemLog) -> History:
    return ActiveRegister(log).history()


def _found(history: History, entry: EntryId) -> Proposal:
    return next(each for each in history.proposals if each.id == entry)


def _waiting(history: History, named: str) -> Proposal:
    found = history.proposal(named)
    if found is None:
        raise DecisionRefused("unknown_proposal", "there is no such proposal; see madoguchi register history")
    if found.state is ProposalState.STALE:
        raise DecisionRefused("stale", "another version became active since it was proposed; propose it again")
    if found.state is not ProposalState.WAITING:  # an unreadable one too: nobody decides on what is not understood
        raise DecisionRefused("not_waiting", f"this proposal is {found.state.value}")
    return found
