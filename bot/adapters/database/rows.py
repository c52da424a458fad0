"""A case as a row, and a row as a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.adapters.database.tables import as_text
from bot.cases import Alarm, Case, CaseId, CaseKind, CaseReason, CaseState, Department
from bot.records import ConversationId, ExchangeId, Language, Risk

COLUMNS: Final = (
    "id",
    "conversation",
    "kind",
    "reason",
    "priority",
    "language",
    "opened",
    "due",
    "state",
    "exchange",
    "department",
    "may_forward",
    "holder",
    "claim_ends",
    "waiting_since",
    "ended",
    "merged_into",
    "decision",
    "alarms",
    "reopened",
)


def as_row(case: Case) -> Mapping[str, str | int | None]:
    """The columns that hold a case. Raises ValueError for a naive time."""
    return {
        "id": case.id,
        "conversation": case.conversation,
        "kind": case.kind.value,
        "reason": case.reason.value,
        "priority": case.priority.value,
        "language": case.language.value,
        "opened": as_text(case.opened),
        "due": _text(case.due),
        "state": case.state.value,
        "exchange": case.exchange,
        "department": case.department.value if case.department else None,
        "may_forward": int(case.may_forward),
        "holder": case.holder,
        "claim_ends": _text(case.claim_ends),
        "waiting_since": _text(case.waiting_since),
        "ended": _text(case.ended),
        "merged_into": case.merged_into,
        "decision": case.decision,
        "alarms": " ".join(sorted(each.value for each in case.alarms)),
        "reopened": case.reopened,
    }


def as_case(row: Sequence[Any]) -> Case:
    """The case that a row of ``COLUMNS`` holds. Raises ValueError for a row that ``as_row`` did not make."""
    held = dict(zip(COLUMNS, row, strict=True))
    return Case(
        id=CaseId(held["id"]),
        conversation=ConversationId(held["conversation"]),
        kind=CaseKind(held["kind"]),
        reason=CaseReason(held["reason"]),
        priority=Risk(held["priority"]),
        language=Language(held["language"]),
        opened=datetime.fromisoformat(held["opened"]),
        due=_moment(held["due"]),
        state=CaseState(held["state"]),
        exchange=ExchangeId(held["exchange"]) if held["exchange"] else None,
        department=Department(held["department"]) if held["department"] else None,
        may_forward=bool(held["may_forward"]),
        holder=held["holder"],
        claim_ends=_moment(held["claim_ends"]),
        waiting_since=_moment(held["waiting_since"]),
        ended=_moment(held["ended"]),
        merged_into=CaseId(held["merged_into"]) if held["merged_into"] else None,
        decision=held["decision"],
        alarms=frozenset(Alarm(each) for each in held["alarms"].split()),
        reopened=held["reopened"],
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else as_text(time)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
