"""What hangs together in a log and when it ended, and what of it a schedule says is over. Pure.

An exchange, the cases about it, the cases those were merged into and everything that names one of them are one matter.
Its periods count from its closing: the last of its exchanges' endings and its cases' (while a case is open there is
none). An entry that names neither is a matter of its own, from its own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from audit.retention import CASES, CONTENTS, ENVELOPES, Schedule, expires, rule_of
from bot.cases import LIVE, CaseId, CaseRefused, CaseState, Change, ChangeKind, folded
from bot.records import ConversationId
from bot.records_json import CASE, CLOSED, OPENED

_PREFIX: Final = "case."
_CHANGES: Final = frozenset(kind.value for kind in ChangeKind)
_WHOLE: Final = ("exchange.", "case.", "feedback", "answer.corrected")
_SINGLE: Final = ("read", "export.")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an entry without its texts. ``index`` is None until the tree holds it; ``paths`` are of the
    texts that are still there. ``meta`` is empty where only the hash is kept.
    """

    sequence: int
    entry: str
    kind: str
    time: datetime
    conversation: str
    exchange: str | None
    index: int | None
    leaf_hash: bytes
    meta: Mapping[str, Any]
    paths: tuple[str, ...]

    @property
    def case(self) -> str | None:
        value = self.meta.get(CASE)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Matter:
    """Entries that hang together, oldest first; ``ended`` is None while people still have something to do."""

    entries: tuple[Known, ...]
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Over:
    """What is over: the entries whose texts go, by the rule that says so, and those whose leaves go."""

    texts: Mapping[str, tuple[Known, ...]]
    leaves: tuple[Known, ...]


def matters(entries: Sequence[Known]) -> Sequence[Matter]:
    """The matters of one subject's entries, all of which are given oldest first."""
    named: dict[str, int] = {}
    groups: dict[int, list[Known]] = {}
    for number, each in enumerate(entries):
        names = _names(each)
        found = sorted({named[name] for name in names if name in named})
        into = found[0] if found else number
        for other in found[1:]:
            groups[into] += groups.pop(other)
            named = {name: into if group == other else group for name, group in named.items()}
        named |= dict.fromkeys(names, into)
        groups.setdefault(into, []).append(each)
    whole = (tuple(sorted(group, key=lambda each: each.sequence)) for group in groups.values())
    return [Matter(group, _ended(group)) for group in whole]


def over(schedule: Schedule, found: Iterable[Matter], now: datetime) -> Over:
    """What of these matters a schedule says is over. A leaf goes only when none of its matter's texts is left, all of
    the matter is under a checkpoint, and it is of a kind that explains nothing else.
    """
    texts: dict[str, list[Known]] = {}
    leaves: list[Known] = []
    for matter in found:
        if matter.ended is None:
            continue
        for each in matter.entries:
            rule, period = schedule.governing(rule_of(each.kind))
            if each.paths and now >= expires(period, matter.ended):
                texts.setdefault(rule, []).append(each)
        if _prunable(matter) and now >= expires(schedule.periods[ENVELOPES], matter.ended):
            leaves += matter.entries
    return Over({rule: tuple(each) for rule, each in texts.items()}, tuple(leaves))


def hangs_together(kind: str) -> bool:
    """Whether an entry of this kind belongs to a matter of several."""
    return rule_of(kind) in {CONTENTS, CASES}


def may_be_pruned(kind: str) -> bool:
    """Whether whole leaves of this kind may go: not what explains others (erasures, holds), nor decisions and runs."""
    return kind.startswith((*_WHOLE, *_SINGLE))


def _prunable(matter: Matter) -> bool:
    return all(each.index is not None and not each.paths and may_be_pruned(each.kind) for each in matter.entries)


def _names(each: Known) -> list[str]:
    if not hangs_together(each.kind):
        return []
    into = each.meta.get("into")
    named = (("x:", each.exchange), ("c:", each.case), ("c:", into if isinstance(into, str) else None))
    return [mark + name for mark, name in named if name]


def _ended(entries: Sequence[Known]) -> datetime | None:
    ends: list[datetime] = [each.time for each in entries if each.kind in {OPENED, CLOSED}]
    changes: dict[str, list[Known]] = {}
    for each in entries:
        if each.kind.startswith(_PREFIX) and each.kind.removeprefix(_PREFIX) in _CHANGES and each.case:
            changes.setdefault(each.case, []).append(each)
    for case, own in changes.items():
        end = _case_end(case, own)
        if end is None:
            return None
        ends.append(end)
    return max(ends, default=max(each.time for each in entries))


def _case_end(case: str, entries: Sequence[Known]) -> datetime | None:
    """When a case was answered, forwarded, withdrawn or closed; None while it is open, or where its entries contradict
    one another: nothing goes by a rule that nobody can apply.
    """
    changes = [(Change(ChangeKind(each.kind.removeprefix(_PREFIX)), each.meta), each.time) for each in entries]
    try:
        whole = folded(CaseId(case), ConversationId(entries[0].conversation), changes)
    except (CaseRefused, LookupError, ValueError):
        return None
    if whole.state in LIVE or whole.state is CaseState.MERGED:
        return None
    closings = [each.time for each in entries if each.kind == _PREFIX + ChangeKind.CLOSED]
    return max((time for time in (whole.ended, *closings) if time is not None), default=None)


__all__ = ["Known", "Matter", "Over", "hangs_together", "matters", "may_be_pruned", "over"]
