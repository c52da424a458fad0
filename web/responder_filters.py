"""Which cases of a desk a responder looks at: the filters that stand in the address, with how many each would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from bot.cases import LIVE, Case, CaseKind, CaseReason, CaseState, Department
from bot.records import Language, Risk

PAGE: Final = 50
"""Cases on one page."""
WAITING: Final = "live"
"""The filter of state that is meant where none is named: what people still have to do."""
EVERY: Final = "all"
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_RISKS: Final = tuple(reversed(Risk))
_MEMBERS: Final[Mapping[str, Callable[[Case], str]]] = {
    "risk": lambda case: case.priority.value,
    "kind": lambda case: case.kind.value,
    "reason": lambda case: case.reason.value,
    "language": lambda case: case.language.value,
    "department": lambda case: case.department.value if case.department else "",
}
_VALUES: Final[Mapping[str, type[StrEnum]]] = {
    "risk": Risk,
    "kind": CaseKind,
    "reason": CaseReason,
    "language": Language,
    "department": Department,
}
_SWITCHES: Final = ("overdue", "mine")


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks, and when."""

    who: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter and how many cases it would show beside the other filters."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for. ``members``: the value of each filter that is set; ``switches``: overdue, mine."""

    state: str
    members: Mapping[str, str]
    switches: frozenset[str]

    @property
    def query(self) -> Mapping[str, str]:
        """The same as it stands in an address, in one order."""
        return {
            **({} if self.state == WAITING else {"state": self.state}),
            **{name: self.members[name] for name in _MEMBERS if name in self.members},
            **{name: "1" for name in _SWITCHES if name in self.switches},
        }

    @property
    def states(self) -> frozenset[CaseState]:
        """The states that are looked for."""
        if self.state == EVERY:
            return frozenset(CaseState)
        return LIVE if self.state == WAITING else frozenset({CaseState(self.state)})


@dataclass(frozen=True, slots=True)
class Found:
    """What the filters show: one page of cases, how many there are, and what every filter would show."""

    cases: Sequence[Case]
    count: int
    page: int
    pages: int
    choices: Mapping[str, Sequence[Choice]]
    switches: Mapping[str, Choice]


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters of an address; what is not known counts as not set."""
    state = query.get("state", WAITING)
    known = {WAITING, EVERY, *(each.value for each in CaseState)}
    members = {
        name: query[name] for name, values in _VALUES.items() if query.get(name) in {each.value for each in values}
    }
    switches = frozenset(name for name in _SWITCHES if query.get(name) == "1")
    return Filters(state if state in known else WAITING, members, switches)


def read_page(query: Mapping[str, str]) -> int:
    """The page of an address, from 1."""
    text = query.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) <= len("10000") else 1


def find(cases: Sequence[Case], filters: Filters, looking: Looking, page: int = 1) -> Found:
    """The cases that the filters show, in an order that stays: by risk, due date, time of opening, id."""
    shown = sorted((case for case in cases if _shows(case, filters, looking)), key=_order)
    pages = max(1, -(-len(shown) // PAGE))
    held = min(page, pages)
    return Found(
        cases=shown[(held - 1) * PAGE : held * PAGE],
        count=len(shown),
        page=held,
        pages=pages,
        choices={
            "state": _of_state(cases, filters, looking),
            **{name: _of_member(cases, filters, looking, name) for name in _MEMBERS},
        },
        switches={name: _of_switch(cases, filters, looking, name) for name in _SWITCHES},
    )


def newer(cases: Sequence[Case], since: datetime) -> int:
    """How many cases have begun to wait for people since a moment."""
    return sum(case.state is CaseState.OPEN and (case.waiting_since or case.opened) > since for case in cases)


def newest(cases: Sequence[Case]) -> datetime:
    """The last moment at which one of these cases began to wait."""
    return max((case.waiting_since or case.opened for case in cases), default=_BEGINNING)


def _order(case: Case) -> tuple[int, datetime, datetime, str]:
    return (_RISKS.index(case.priority), case.due or _BEGINNING, case.opened, case.id)


def _shows(case: Case, filters: Filters, looking: Looking, *, but: str = "") -> bool:
    """Whether the filters show a case; ``but`` is the filter that is not asked."""
    if but != "state" and case.state not in filters.states:
        return False
    if any(_MEMBERS[name](case) != value for name, value in filters.members.items() if name != but):
        return False
    return all(_switched(case, name, looking) for name in filters.switches if name != but)


def _switched(case: Case, name: str, looking: Looking) -> bool:
    return case.overdue(looking.now) if name == "overdue" else case.holder == looking.who


def _of_member(cases: Sequence[Case], filters: Filters, looking: Looking, name: str) -> Sequence[Choice]:
    counted = Counter(_MEMBERS[name](case) for case in cases if _shows(case, filters, looking, but=name))
    chosen = filters.members.get(name)
    values = (each.value for each in (reversed(_VALUES[name]) if name == "risk" else _VALUES[name]))
    return [Choice(value, counted[value], value == chosen) for value in values if counted[value] or value == chosen]


def _of_state(cases: Sequence[Case], filters: Filters, looking: Looking) -> Sequence[Choice]:
    counted = Counter(case.state for case in cases if _shows(case, filters, looking, but="state"))
    live = sum(counted[state] for state in LIVE)
    several = {WAITING: live, EVERY: counted.total()}
    return [
        Choice(WAITING, several[WAITING], filters.state == WAITING),
        *(Choice(state.value, counted[state], filters.state == state.value) for state in CaseState),
        Choice(EVERY, several[EVERY], filters.state == EVERY),
    ]


def _of_switch(cases: Sequence[Case], filters: Filters, looking: Looking, name: str) -> Choice:
    count = sum(_shows(case, filters, looking, but=name) and _switched(case, name, looking) for case in cases)
    return Choice("1", count, name in filters.switches)
