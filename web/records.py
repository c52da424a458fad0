"""Erasing and holding at one desk: what it stands on, and what goes by itself (rules, and the sweep after an erasure).

Nothing here gives out a text of a person: whoever decides sees what something is, and how many texts it has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audit import erasing_history as history
from audit import holds
from audit.erasing import SUBJECT, DeskErasing
from audit.erasing_history import History
from audit.erasing_scope import Scope
from audit.erasing_values import Forgetting
from audit.holds import Hold
from audit.retention import Schedule
from bot.adapters.database import DeskCases
from bot.case_numbers import as_number, digest
from bot.cases import CaseId
from bot.deciding import DecisionRefused
from bot.ports import LogUnavailable, SystemLog, Transaction
from bot.records import DeskName, EntryId
from web.case_storage import cases_in
from web.papers import BadPaper
from web.papers.retention import schedule_of
from web.schedules import now


@dataclass(frozen=True, slots=True)
class Beside:
    """The desk's cases, in the same database: what a person left to be reached by goes with the texts of a case."""

    cases: DeskCases

    def erased(self, within: Transaction, cases: Collection[str]) -> None:
        for case in cases:
            self.cases.drop_contact(within, CaseId(case))

    def pruned(self, within: Transaction, cases: Collection[str]) -> None:
        for case in cases:
            self.cases.drop(within, CaseId(case))


@dataclass(frozen=True, slots=True)
class Rules:
    """The schedule as it is configured at ``file`` (None: the one that comes with the program), and whether the system
    log says that it is in force.
    """

    file: Path | None
    system: SystemLog

    def schedule(self) -> Schedule:
        """Raises BadPaper."""
        return schedule_of(self.file).applied

    def applies(self, schedule: Schedule) -> bool:
        """Raises LogUnavailable."""
        return now(self.system, schedule).applies


@dataclass(frozen=True)
class Records:
    """What erasing at one desk stands on.

    schedule: the configured one. applies: whether people put it in force (web.schedules). forgetting: what is made
    from texts and lies elsewhere. memory: empties what this process remembers of them.
    """

    desk: DeskName
    erasing: DeskErasing
    cases: DeskCases
    schedule: Callable[[], Schedule]
    applies: Callable[[Schedule], bool]
    forgetting: Sequence[Forgetting] = ()
    memory: Sequence[Callable[[], object]] = ()
    _seen: list[EntryId | None] = field(default_factory=list, repr=False)

    def history(self) -> History:
        """What was decided and done. Raises LogUnavailable."""
        return history.folded(self.erasing.told(SUBJECT))

    def holds(self) -> Sequence[Hold]:
        """Every hold, oldest first. Raises LogUnavailable."""
        return list(holds.folded(self.erasing.told(holds.SUBJECT)).values())

    def find(self, typed: str, *, whole: bool) -> Scope:
        """What a receipt's code, a case number, an exchange's or a conversation's id names here; the whole conversation
        of it where that is meant. Raises DecisionRefused (unknown_target), LogUnavailable.
        """
        number = as_number(typed)
        case = self.cases.by_digest(digest(number)) if number else None
        case = case or self.cases.get(CaseId(typed.strip()))
        found = Scope(case.conversation, case=case.id) if case else self.erasing.find(typed)
        if found is None:
            raise DecisionRefused("unknown_target", "this desk has no such receipt, case, exchange or conversation")
        return found.whole() if whole else found

    def count(self, scope: Scope) -> int:
        """How many texts an erasure would destroy now. Raises LogUnavailable."""
        return sum(len(each.paths) for each in self.erasing.chosen(scope))

    def expire(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Erase by rule what is over where the schedule applies; how many entries. Raises BadPaper, LogUnavailable."""
        schedule = self.schedule()
        return self.erasing.expire(schedule, Beside(self.cases), stopped) if self.applies(schedule) else 0

    def sweep(self) -> int:
        """Finish what was erased, also by another process; how many erasures are now whole. Raises LogUnavailable, and
        what cannot forget.
        """
        newest = self.erasing.newest()
        if self._seen != [newest]:
            for each in self.memory:
                each()
            self._seen[:] = [newest]
        return self.erasing.finish(self.forgetting, self.schedule().backup_days)

    def close(self) -> None:
        self.erasing.close()


def records_of(
    directory: Path,
    erasing: DeskErasing,
    rules: Rules,
    forgetting: Sequence[Forgetting] = (),
    memory: Sequence[Callable[[], object]] = (),
) -> Records:
    """Erasing at the desk whose log has its keys in ``directory`` (``data/<desk>``). Nothing is opened before it is
    used.
    """
    cases = cases_in(directory, erasing)
    return Records(DeskName(directory.name), erasing, cases, rules.schedule, rules.applies, forgetting, memory)


def tasks(records: Records) -> Iterator[str]:
    """What somebody has to do about a desk's record, one line each: for the doctor. A log that is away and a schedule
    that cannot be read are told elsewhere.
    """
    try:
        told, applies = records.history(), records.applies(records.schedule())
    except (LogUnavailable, BadPaper):
        return
    name = records.desk.value
    if not applies:
        yield f"{name}: the body's own retention schedule was not adopted, nothing expires (/admin/records)"
    for proposal in told.waiting:
        yield f"{name}: a proposal to erase of {proposal.time.date()} waits for somebody else (/admin/records)"
    if left := sum(each.swept is None for each in told.done):
        yield f"{name}: {left} erasures are not gone from every file yet; a running server does it"
    for done in told.done:
        if done.void is not None:
            yield f"{name}: erasure {done.id} was not decided rightly ({done.void}); see docs/record.md"
