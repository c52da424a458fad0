"""Deciding to erase and to hold at one desk: one person proposes, another approves; one places, another lifts.

The checks here give a person an answer; what an entry is worth is decided by the folds (audit.erasing_history,
audit.holds) and by the transaction that erases, which looks at holds and proposals once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from audit import erasing_history as history
from audit import holds
from audit.erasing import SUBJECT
from audit.erasing_history import History, Proposal, State
from audit.erasing_scope import Scope
from audit.erasing_values import Decision, Held
from audit.holds import Hold
from bot.deciding import BY, NAME, ROLE, Actor, DecisionRefused, acting, on_one_line, reason_given
from bot.records import Entry, EntryId, Json
from web.records import Beside, Records

LAW: Final = {
    "suspension": "個人情報の保護に関する法律 第98条から第101条まで（利用停止・消去）",
    "unlawful": "個人情報の保護に関する法律 第64条に反する取得（第98条第1項第1号）",
}
"""The ground in law of an erasure by decision, as its entry names it."""
REFERENCE: Final = "reference"
REQUEST: Final = "request"
REASON: Final = "reason"
KEEPERS: Final = ("records_officer",)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: what it is about, on what ground (a basis, or why to hold), the reference of the request
    or the proceedings, and why.
    """

    scope: Scope
    ground: str
    reference: str = field(repr=False)
    reason: str = field(repr=False)


def propose(records: Records, actor: Actor, asked: Asked) -> Proposal:
    """Propose to erase a scope; it is done when somebody else approves it.

    Raises DecisionRefused (not_allowed, bad_basis, no_request, no_reason, nothing_left, held), LogUnavailable.
    """
    role = acting(actor, history.PROPOSERS)
    if asked.ground not in history.BASES:
        raise DecisionRefused("bad_basis", f"the basis is one of {', '.join(history.BASES)}")
    contents = {NAME: actor.name, REQUEST: _reference(asked.reference), REASON: reason_given(asked.reason)}
    _erasable(records, asked.scope)
    meta: dict[str, Json] = {BY: actor.id, ROLE: role, "basis": asked.ground, "scope": asked.scope.as_json()}
    links = records.erasing.opening(asked.scope)
    with records.erasing.begin() as within:
        written = records.erasing.append(Entry(history.PROPOSED, SUBJECT, meta, contents, links), within)
    return _found(records, written.entry)


def approve(records: Records, proposal: str, actor: Actor) -> Proposal:
    """Approve somebody else's proposal (its id, or how that alone begins): its texts are gone when this returns.

    Raises DecisionRefused (not_allowed, unknown_proposal, not_waiting, own_proposal, nothing_left, held),
    LogUnavailable.
    """
    role = acting(actor, history.APPROVERS)
    told = _waiting(records.history(), proposal)
    if told.by == actor.id:
        raise DecisionRefused("own_proposal", "somebody else must approve what you proposed")
    with records.erasing.begin() as within:
        about = _waiting(history.folded(records.erasing.decided(SUBJECT, within)), told.id)
        if about.scope is None:
            raise DecisionRefused("unknown_target", "what is to be erased cannot be read")
        decision = _decision(told, role, actor)
        try:
            erased = records.erasing.erase(about.scope, decision, Beside(records.cases), within)
        except Held:
            raise _held() from None
        if erased is None:
            raise _nothing_left()
    return _found(records, told.id)


def reject(records: Records, proposal: str, actor: Actor, reason: str = "") -> Proposal:
    """Turn a proposal down, or take one's own back. Raises DecisionRefused (not_allowed, unknown_proposal,
    not_waiting), LogUnavailable.
    """
    told = _waiting(records.history(), proposal)
    role = acting(actor, history.PROPOSERS if told.by == actor.id else history.APPROVERS)
    contents = {NAME: actor.name, REASON: on_one_line(reason)}
    with records.erasing.begin() as within:
        _waiting(history.folded(records.erasing.decided(SUBJECT, within)), told.id)
        entry = Entry(history.REJECTED, SUBJECT, {BY: actor.id, ROLE: role}, contents, (told.id,))
        records.erasing.append(entry, within)
    return _found(records, told.id)


def place_hold(records: Records, actor: Actor, asked: Asked) -> Hold:
    """Hold a conversation: from now on nothing of it is erased or expires, whoever decides.

    Raises DecisionRefused (not_allowed, bad_why, no_reason), LogUnavailable.
    """
    role = acting(actor, KEEPERS)
    if asked.ground not in holds.WHY:
        raise DecisionRefused("bad_why", f"a hold is for one of {', '.join(holds.WHY)}")
    contents = {NAME: actor.name, REASON: reason_given(asked.reason), REFERENCE: on_one_line(asked.reference)}
    meta: dict[str, Json] = {BY: actor.id, ROLE: role, "why": asked.ground, "held": asked.scope.conversation}
    links = records.erasing.opening(asked.scope)
    with records.erasing.begin() as within:
        written = records.erasing.append(Entry(holds.PLACED, holds.SUBJECT, meta, contents, links), within)
    return _hold(records, written.entry)


def lift_hold(records: Records, hold: str, actor: Actor, reason: str) -> Hold:
    """End a hold that somebody else placed. Raises DecisionRefused (not_allowed, unknown_hold, own_hold, no_reason),
    LogUnavailable.
    """
    role = acting(actor, KEEPERS)
    contents = {NAME: actor.name, REASON: reason_given(reason)}
    with records.erasing.begin() as within:
        found = holds.folded(records.erasing.decided(holds.SUBJECT, within)).get(EntryId(hold))
        if found is None or not found.open:
            raise DecisionRefused("unknown_hold", "there is no such open hold")
        if found.by == actor.id:
            raise DecisionRefused("own_hold", "somebody else must lift a hold that you placed")
        entry = Entry(holds.LIFTED, holds.SUBJECT, {BY: actor.id, ROLE: role}, contents, (found.id,))
        records.erasing.append(entry, within)
    return _hold(records, found.id)


def _decision(about: Proposal, role: str, actor: Actor) -> Decision:
    """What the entry of an erasure says beside what was destroyed."""
    meta: dict[str, Json] = {
        "basis": about.basis,
        "rule": None,
        "law": LAW.get(about.basis, ""),
        BY: about.by,
        ROLE: about.role,
        "approved_by": actor.id,
        "approved_role": role,
        "proposal": about.id,
    }
    said = {NAME: about.name, "approved_name": actor.name, REQUEST: about.request, REASON: about.reason}
    return Decision(meta, {path: text for path, text in said.items() if text}, (about.id,))


def _erasable(records: Records, scope: Scope) -> None:
    if any(each.open and each.held == scope.conversation for each in records.holds()):
        raise _held()
    if not records.count(scope):
        raise _nothing_left()


def _held() -> DecisionRefused:
    return DecisionRefused("held", "a hold is open on it; nothing of it may be erased before that is lifted")


def _nothing_left() -> DecisionRefused:
    return DecisionRefused("nothing_left", "none of its texts is left")


def _reference(text: str) -> str:
    line = on_one_line(text)
    if not line:
        raise DecisionRefused("no_request", "name the request or the decision that this follows")
    return line


def _waiting(told: History, named: str) -> Proposal:
    found = told.proposal(named)
    if found is None:
        raise DecisionRefused("unknown_proposal", "there is no such proposal; see madoguchi audit erase list")
    if found.state is not State.WAITING:
        raise DecisionRefused("not_waiting", f"this proposal is {found.state.value}")
    return found


def _found(records: Records, entry: EntryId) -> Proposal:
    return next(each for each in records.history().proposals if each.id == entry)


def _hold(records: Records, entry: EntryId) -> Hold:
    return next(each for each in records.holds() if each.id == entry)
