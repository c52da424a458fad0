"""The life of a case: from an inquiry handed to people until it is closed. Pure.

A case is what its entries in the log amount to: every change is one entry, and ``after`` is the one function that
says what a change does, when it is made and when it is read back. Nothing here reads a clock or writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from bot.records import ConversationId, ExchangeId, Json, Language, Risk

CaseId = NewType("CaseId", str)
"""``cs_`` and 128 random bits: a case's name in every log. It opens nothing; the case number does."""


class CaseKind(StrEnum):
    """What people are asked to do."""

    QUESTION = "question"  # answer what the documents do not, or what a person shall answer
    COMPLAINT = "complaint"  # 行政のAI利用に関する相談・苦情 (public desk; 江間委員's reason for one)
    CORRECTION = "correction"  # 訂正の申出 to an answer
    CONSULTATION = "consultation"  # a plan or question of staff for one of the departments (staff desk)


class CaseReason(StrEnum):
    """Why it came to people: a closed list."""

    PERSON_WANTED = "person_wanted"
    ABSTAINED = "abstained"
    BY_REGISTER = "by_register"
    ASSISTED = "assisted"
    CORRECTION = "correction"
    FAILED = "failed"
    UNHELPFUL = "unhelpful"
    COMPLAINT = "complaint"
    DANGER = "danger"
    AI_OFF = "ai_off"
    OWN_CASE = "own_case"
    OTHER = "other"


class Department(StrEnum):
    """Whom a case of the staff desk concerns."""

    POLICY = "policy"
    FINANCE = "finance"
    TECHNOLOGY = "technology"


class CaseState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    NEEDS_INFORMATION = "needs_information"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    FORWARDED = "forwarded"
    MERGED = "merged"


class ChangeKind(StrEnum):
    """What happens to a case; the entry's kind is ``case.<value>``. In brackets the members of the entry's meta."""

    OPENED = "opened"  # [kind, reason, priority, language, due, exchange, department, may_forward]
    CLAIMED = "claimed"  # [by, until]
    RELEASED = "released"  # [by, why: returned | expired | unmerged]
    ASKED = "asked"  # [by]: a question back to the person
    SUPPLIED = "supplied"  # [due, danger]: what the person added; due where people had waited for it
    DRAFT_RETURNED = "draft_returned"  # [by]: the AI's draft is not to be used, with the reason
    NOTED = "noted"  # [by]: a private note
    ANSWERED = "answered"  # [by, made: approved | edited | own, decision: upheld | dismissed | None]
    FORWARDED = "forwarded"  # [by, to: bureau | desk, with_content]
    MERGED = "merged"  # [by, into]
    WITHDRAWN = "withdrawn"  # []
    REOPENED = "reopened"  # [due, danger]
    CLOSED = "closed"  # [by]
    ALARMED = "alarmed"  # [alarm: unclaimed | overdue]
    CONTACT_GIVEN = "contact_given"  # [until]
    CONTACT_REMOVED = "contact_removed"  # [why: expired | person]
    READ = "read"  # [by]
    CONTACT_READ = "contact_read"  # [by]


class Alarm(StrEnum):
    UNCLAIMED = "unclaimed"
    OVERDUE = "overdue"


class CaseRefused(Exception):
    """A change that cannot be made. ``code`` is one of:

    wrong_state (not while it is in this state), claimed (by somebody else), not_claimed (claim it first), unknown (no
    such case), too_late (the time to reopen is over), no_text, long_text, not_here (this desk has no such kind),
    unknown_exchange, not_own (merging into itself or a merged one), no_consent, no_draft, too_many, personal (the text
    holds what looks like personal data, and nobody confirmed it).
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"the case is not changed: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its entries leave it. Times are UTC.

    ``due`` is None where nobody promises a time (danger). ``holder`` is the account that claimed it, until
    ``claim_ends``. ``waiting_since``: since when it has waited for people. ``may_forward``: the person allowed that
    what they wrote goes to the bureau responsible. ``ended``: when it was answered, forwarded or withdrawn; closing it
    leaves that as it is, since from then counts how long it can be reopened.
    """

    id: CaseId
    conversation: ConversationId
    kind: CaseKind
    reason: CaseReason
    priority: Risk
    language: Language
    opened: datetime
    due: datetime | None
    state: CaseState = CaseState.OPEN
    exchange: ExchangeId | None = None
    department: Department | None = None
    may_forward: bool = False
    holder: str | None = None
    claim_ends: datetime | None = None
    waiting_since: datetime | None = None
    ended: datetime | None = None
    merged_into: CaseId | None = None
    decision: str | None = None
    alarms: frozenset[Alarm] = frozenset()
    reopened: int = 0

    @property
    def live(self) -> bool:
        """Whether people still have something to do."""
        return self.state in LIVE

    def held_by(self, who: str, now: datetime) -> bool:
        """Whether an account holds the claim at this moment."""
        return self.holder == who and self.claim_ends is not None and now < self.claim_ends

    def overdue(self, now: datetime) -> bool:
        """Whether people should have answered by now."""
        return self.live and self.due is not None and now > self.due


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happens to a case: its kind, and the entry's meta beside ``case``."""

    kind: ChangeKind
    meta: Mapping[str, Json]


LIVE: Final = frozenset({CaseState.OPEN, CaseState.CLAIMED, CaseState.NEEDS_INFORMATION})
_ENDED: Final = frozenset({CaseState.ANSWERED, CaseState.CLOSED, CaseState.FORWARDED})
_ANY: Final = frozenset(CaseState)
_HOLDING: Final = frozenset(
    {
        ChangeKind.ASKED,
        ChangeKind.DRAFT_RETURNED,
        ChangeKind.ANSWERED,
        ChangeKind.FORWARDED,
        ChangeKind.MERGED,
    }
)
"""What only the account that holds the claim may do."""

# From which states a change may come, and the state it leads to (None: the state stays).
_ALLOWED: Final[Mapping[ChangeKind, tuple[frozenset[CaseState], CaseState | None]]] = {
    ChangeKind.CLAIMED: (LIVE, CaseState.CLAIMED),
    ChangeKind.RELEASED: (frozenset({CaseState.CLAIMED, CaseState.MERGED}), CaseState.OPEN),
    ChangeKind.ASKED: (frozenset({CaseState.CLAIMED}), CaseState.NEEDS_INFORMATION),
    ChangeKind.SUPPLIED: (LIVE, None),
    ChangeKind.DRAFT_RETURNED: (frozenset({CaseState.CLAIMED}), None),
    ChangeKind.NOTED: (_ANY, None),
    ChangeKind.ANSWERED: (frozenset({CaseState.CLAIMED, CaseState.MERGED}), CaseState.ANSWERED),
    ChangeKind.FORWARDED: (frozenset({CaseState.CLAIMED}), CaseState.FORWARDED),
    ChangeKind.MERGED: (frozenset({CaseState.CLAIMED}), CaseState.MERGED),
    ChangeKind.WITHDRAWN: (LIVE | {CaseState.MERGED}, CaseState.WITHDRAWN),
    ChangeKind.REOPENED: (_ENDED, CaseState.OPEN),
    ChangeKind.CLOSED: (frozenset({CaseState.ANSWERED, CaseState.FORWARDED}), CaseState.CLOSED),
    ChangeKind.ALARMED: (LIVE, None),
    ChangeKind.CONTACT_GIVEN: (_ANY, None),
    ChangeKind.CONTACT_REMOVED: (_ANY, None),
    ChangeKind.READ: (_ANY, None),
    ChangeKind.CONTACT_READ: (_ANY, None),
}


def opened(case: CaseId, conversation: ConversationId, change: Change, time: datetime) -> Case:
    """The case that an ``opened`` change begins. Raises KeyError or ValueError for a meta of another shape."""
    meta = change.meta
    exchange, department, due = meta.get("exchange"), meta.get("department"), meta.get("due")
    return Case(
        id=case,
        conversation=conversation,
        kind=CaseKind(str(meta["kind"])),
        reason=CaseReason(str(meta["reason"])),
        priority=Risk(str(meta["priority"])),
        language=Language(str(meta["language"])),
        opened=time,
        due=_moment(due),
        exchange=None if exchange is None else ExchangeId(str(exchange)),
        department=None if department is None else Department(str(department)),
        may_forward=bool(meta.get("may_forward", False)),
        waiting_since=time,
    )


def after(case: Case, change: Change, time: datetime) -> Case:
    """The case after a change at ``time``. Raises CaseRefused (wrong_state, claimed, not_claimed)."""
    if change.kind is ChangeKind.OPENED:
        raise CaseRefused("wrong_state")
    allowed, state = _ALLOWED[change.kind]
    if case.state not in allowed:
        raise CaseRefused("wrong_state")
    _refuse(case, change, time)
    changed = case if state is None else replace(case, state=state)
    return _with_effect(changed, change, time)


def folded(case: CaseId, conversation: ConversationId, changes: Iterable[tuple[Change, datetime]]) -> Case:
    """The case that a log's entries amount to, oldest first. Raises CaseRefused, KeyError, ValueError."""
    rest = iter(changes)
    first, time = next(rest)
    whole = opened(case, conversation, first, time)
    for change, at in rest:
        whole = after(whole, change, at)
    return whole


def _refuse(case: Case, change: Change, time: datetime) -> None:
    """What the state alone does not forbid: another's claim, or an alarm raised already."""
    by = change.meta.get("by")
    held = case.holder is not None and case.claim_ends is not None and time < case.claim_ends
    if change.kind is ChangeKind.CLAIMED and held and case.holder != by:
        raise CaseRefused("claimed")
    if change.kind in _HOLDING and case.state is CaseState.CLAIMED and not (held and case.holder == by):
        raise CaseRefused("claimed" if held else "not_claimed")
    if change.kind is ChangeKind.ALARMED and Alarm(str(change.meta["alarm"])) in case.alarms:
        raise CaseRefused("wrong_state")
    if change.kind is ChangeKind.RELEASED:
        _release(case, str(change.meta["why"]), returned=case.holder == by, held=held)


def _release(case: Case, why: str, *, returned: bool, held: bool) -> None:
    """A claim is given back by its holder or has run out; a merged case comes back when it will not be answered so."""
    if (why == "unmerged") is not (case.state is CaseState.MERGED):
        raise CaseRefused("wrong_state")
    if (why == "returned" and not returned) or (why == "expired" and held):
        raise CaseRefused("claimed")


def _with_effect(case: Case, change: Change, time: datetime) -> Case:
    """What a change leaves in the case beside its state."""
    meta, changed = change.meta, case
    match change.kind:
        case ChangeKind.CLAIMED:
            until = datetime.fromisoformat(str(meta["until"]))
            changed = replace(case, holder=str(meta["by"]), claim_ends=until)
        case ChangeKind.SUPPLIED:
            changed = _endangered(_supplied(case, change, time), change)
        case ChangeKind.RELEASED:
            changed = replace(_free(case), merged_into=None, waiting_since=time)
        case ChangeKind.ANSWERED | ChangeKind.FORWARDED | ChangeKind.WITHDRAWN:
            decision = meta.get("decision")
            changed = replace(_free(case), ended=time, decision=case.decision if decision is None else str(decision))
        case ChangeKind.MERGED:
            changed = replace(_free(case), merged_into=CaseId(str(meta["into"])))
        case ChangeKind.REOPENED:
            changed = _endangered(_reopened(case, change, time), change)
        case ChangeKind.ALARMED:
            changed = replace(case, alarms=case.alarms | {Alarm(str(meta["alarm"]))})
        case _:
            pass
    return changed


def _free(case: Case) -> Case:
    return replace(case, holder=None, claim_ends=None)


def _moment(value: Json) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _supplied(case: Case, change: Change, time: datetime) -> Case:
    """What was waited for is here: back to whoever holds the claim, or into the queue, with a due date that counts
    from now.
    """
    if case.state is not CaseState.NEEDS_INFORMATION:
        return case
    due = _moment(change.meta.get("due"))
    again = replace(case, due=due or case.due, waiting_since=time, alarms=frozenset() if due else case.alarms)
    if case.claim_ends is not None and time < case.claim_ends:
        return replace(again, state=CaseState.CLAIMED)
    return replace(_free(again), state=CaseState.OPEN)


def _reopened(case: Case, change: Change, time: datetime) -> Case:
    return replace(
        case,
        due=_moment(change.meta.get("due")),
        waiting_since=time,
        ended=None,
        reopened=case.reopened + 1,
        alarms=frozenset(),
        merged_into=None,
        decision=None,
    )


def _endangered(case: Case, change: Change) -> Case:
    """Danger that the person tells of makes a case grave, and nobody promises a date for that."""
    return replace(case, priority=Risk.GRAVE, due=None) if change.meta.get("danger") else case
