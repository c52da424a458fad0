"""Cases that are answered with another: told together, or back in the queue where the other goes without an answer."""

from __future__ import annotations

from collections.abc import Sequence

from bot.case_entries import SERVICE, changed
from bot.cases import Case, CaseId, CaseState, Change, ChangeKind
from bot.deciding import BY
from bot.desk import Desk
from bot.ports import Transaction


def merged_with(desk: Desk, within: Transaction, case: CaseId) -> Sequence[Case]:
    """The cases that wait to be answered with this one. Raises LogUnavailable."""
    return [each for each in desk.queue.cases.merged_into(case, within) if each.state is CaseState.MERGED]


def unmerged(desk: Desk, within: Transaction, case: CaseId) -> None:
    """Back into the queue with those that waited for this one. Raises LogUnavailable."""
    for each in merged_with(desk, within, case):
        changed(desk, within, each.id, Change(ChangeKind.RELEASED, {BY: SERVICE, "why": "unmerged"}))
