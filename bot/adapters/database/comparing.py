"""Whether the table of cases is what the log's entries amount to; and making it so again.

The entries are the truth. The table is written together with them, so that a difference means that somebody or
something wrote to the one and not to the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol

from bot.adapters.database.cases import DeskCases
from bot.case_numbers import as_number, digest
from bot.cases import Case, CaseId, CaseRefused, Change, ChangeKind, folded
from bot.ports import UnitOfWork
from bot.records import ConversationId, RecordedEntry
from bot.records_json import CASE, CONVERSATION

KINDS: Final = {f"case.{kind.value}": kind for kind in ChangeKind}
"""The kinds of entries that a case consists of."""

_NUMBER: Final = "number"  # where the opening entry holds it (bot.case_entries)


class CaseLog(UnitOfWork, Protocol):
    """What is asked of a desk's log here."""

    def of_kinds(self, kinds: Collection[str]) -> Sequence[RecordedEntry]:
        """Every entry of these kinds, oldest first. Raises LogUnavailable."""
        ...


def unlike(log: CaseLog, cases: DeskCases) -> Sequence[CaseId]:
    """The cases whose row is missing, is not what their entries amount to, or has no entries; empty where all is well.

    A difference counts when it is still there while nobody can write. Raises LogUnavailable.
    """
    if not _differing(_by_case(log), cases.every()):
        return []
    with log.begin() as within:
        return _differing(_by_case(log), cases.every(within))


def make_alike(log: CaseLog, cases: DeskCases) -> Sequence[CaseId]:
    """Write the rows that differ anew from the entries, and tell which; nobody else writes meanwhile.

    A case is found by its number again as long as the number was not erased. How a person wishes to be reached stands
    in no entry: it is kept, but for cases of which the log knows nothing, which go. A case whose entries contradict one
    another is left as it is and told. Raises LogUnavailable.
    """
    with log.begin() as within:
        entries, rows = _by_case(log), cases.every(within)
        different = _differing(entries, rows)
        for case in different:
            own = entries.get(case, ())
            amount = _amount(case, own)
            if not own:
                cases.drop(within, case)
            elif amount is not None and case in rows:
                cases.put(within, amount)
            elif amount is not None:
                cases.add(within, amount, _digest(own[0]), None)
        return different


def _by_case(log: CaseLog) -> Mapping[CaseId, Sequence[RecordedEntry]]:
    found: dict[CaseId, list[RecordedEntry]] = defaultdict(list)
    for entry in log.of_kinds(KINDS):
        found[CaseId(str(entry.meta[CASE]))].append(entry)
    return found


def _differing(
    entries: Mapping[CaseId, Sequence[RecordedEntry]], rows: Mapping[CaseId, Case | None]
) -> Sequence[CaseId]:
    amounts = {case: _amount(case, own) for case, own in entries.items()}
    named = dict.fromkeys((*amounts, *rows))
    return [case for case in named if amounts.get(case) is None or amounts[case] != rows.get(case)]


def _amount(case: CaseId, entries: Iterable[RecordedEntry]) -> Case | None:
    """What the entries amount to; None where there are none or they contradict one another."""
    own = list(entries)
    changes = [(Change(KINDS[each.kind], each.meta), each.time) for each in own]
    try:
        return folded(case, ConversationId(str(own[0].meta[CONVERSATION])), changes)
    except (CaseRefused, LookupError, ValueError):
        return None


def _digest(opening: RecordedEntry) -> bytes | None:
    number = as_number(opening.contents.get(_NUMBER) or "")
    return digest(number) if number else None
