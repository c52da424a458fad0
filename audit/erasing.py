"""Erasing in one desk's log: by people's decision, by rule, and what follows once it is durable.

The entry that says it and the deletion are one transaction, so that nothing is ever gone without its entry. What lies
in other files (keys, the journal, the search index) follows after it and is done again until it is whole; then an entry
of the kind ``erasure.swept`` says since when no file in use holds what was erased, and until when backups of the keys
may. docs/record.md has the shapes of the entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from audit import erasing_rows as rows
from audit.database import Driver
from audit.erasing_scope import Scope, in_scope, named
from audit.erasing_values import Aside, Decision, Forgetting, Held
from audit.erasures import EXPIRY, KIND
from audit.holds import SUBJECT as HOLDS
from audit.holds import held
from audit.log_files import LogFiles
from audit.matters import Known, Matter, hangs_together, matters, may_be_pruned, over
from audit.retention import APPLIED, ENVELOPES, Schedule, latest_end
from audit.stored import as_entry, entries_on, newest_on
from audit.writing import write_entry
from bot.ports import Transaction
from bot.records import Appended, ConversationId, Entry, EntryId, ExchangeId, Json, RecordedEntry

SUBJECT: Final = ConversationId("erasures")
LARGEST_BATCH: Final = 200
"""Entries that one erasure names at most, and a transaction that others wait for handles."""

_SETTLING_SECONDS: Final = 1.0  # while it waits for readers, writers wait for it

_Finding = Callable[[Driver, int, int, int], Sequence[rows.Found]]


class DeskErasing(LogFiles):
    """Erasing in the log in ``<data>/<desk>``, made by ``audit.prepare.prepare``. Safe to call from any thread.

    Every method raises LogUnavailable where the log cannot be used, and then nothing was changed.
    """

    def append(self, entry: Entry, within: Transaction) -> Appended:
        """As ``audit.log.DeskLog.append``, in a transaction begun here."""
        pen = self._guarded(self._pen)
        return self.writing(lambda connection: write_entry(connection, pen, entry, self._clock.now()), within)

    def told(self, subject: ConversationId) -> Sequence[RecordedEntry]:
        """Every entry about erasures (``SUBJECT``) or holds (``audit.holds.SUBJECT``), oldest first.

        Raises ValueError for another subject: nothing of what people wrote is read here.
        """
        if subject not in {SUBJECT, HOLDS}:
            raise ValueError("not a subject of decisions")
        keys = self._guarded(self._held).subjects
        return self._reading(lambda connection: list(map(as_entry, entries_on(connection, keys, subject))))

    def decided(self, subject: ConversationId, within: Transaction) -> Sequence[RecordedEntry]:
        """The same as a transaction sees it, without names and reasons."""
        return self.writing(lambda connection: rows.recorded(connection, subject), within)

    def newest(self) -> EntryId | None:
        """The newest entry about erasures: a cheap way to see that nothing was erased since."""
        return self._reading(lambda connection: newest_on(connection, SUBJECT))

    def find(self, typed: str) -> Scope | None:
        """What a receipt's code, an exchange's or a conversation's id names here."""
        return self.reading(lambda connection: named(connection, typed))

    def chosen(self, scope: Scope, within: Transaction | None = None) -> Sequence[Known]:
        """The entries of a scope that still have texts. Decisions and readings about it are no part of it."""
        return self.reading(lambda connection: in_scope(connection, scope), within)

    def opening(self, scope: Scope) -> tuple[EntryId, ...]:
        """What opened the exchanges and cases of a conversation: entries about it link there."""
        found = self.reading(lambda connection: rows.known(connection, "conversation", [scope.conversation]))
        return tuple(EntryId(each.entry) for each in found if each.kind in {"exchange.opened", "case.opened"})

    def erase(self, scope: Scope, decision: Decision, aside: Aside, within: Transaction) -> Appended | None:
        """Destroy the texts of a scope and append the entry that says so; None where none is left.

        Raises Held, and then nothing of the transaction may be kept.
        """
        if scope.conversation in self._now_held(within):
            raise Held
        found = self.chosen(scope, within)
        if not found:
            return None
        aside.erased(within, {each.case for each in found if each.case})
        return self._destroy(decision, found, within)

    def expire(self, schedule: Schedule, aside: Aside, stopped: Callable[[], bool] = lambda: False) -> int:
        """Destroy every text and leaf whose period is over and on which no hold is open, a few at a time. How many
        entries that was. May be done at any time and again.
        """
        now, after, count = self._clock.now(), 0, 0
        upto = self._last(max(latest_end(schedule.governing(rule)[1], now) for rule in APPLIED))
        while not stopped():
            with self.begin() as within:
                page = self._page(rows.with_texts, after, upto, within)
                count += self._expire_texts(schedule, page, now, aside, within)
            if not page:
                break
            after = page[-1].sequence
        return count + self._prune_all(schedule, now, aside, stopped)

    def unfinished(self) -> Sequence[rows.Unfinished]:
        """The erasures that are not swept yet, oldest first."""
        origin = self._guarded(self._held).origin
        return self.reading(lambda connection: rows.unfinished(connection, SUBJECT, origin))

    def finish(self, forgetting: Iterable[Forgetting], backup_days: int) -> int:
        """Do what follows after erasures; how many are now whole. What cannot be done yet (somebody reads an older
        state of the log) is left for the next time. Raises also what ``forgetting`` raises.
        """
        waiting = self.unfinished()
        if not waiting or not self._settled():
            return 0
        keys = {key for each in waiting for key in each.keys}
        self._guarded(lambda: self._held().subjects.destroy(keys))  # last readers of the rows are gone: settled
        exchanges = frozenset[ExchangeId]().union(*(each.exchanges for each in waiting))
        for each in forgetting:
            each.forget(exchanges)
        until = self._clock.now() + timedelta(days=backup_days)
        meta: dict[str, Json] = {"by": "service", "backups_until": until.date().isoformat()}
        with self.begin() as within:
            self.append(Entry(rows.SWEPT, SUBJECT, meta, {}, tuple(each.entry for each in waiting)), within)
        return len(waiting)

    def _destroy(self, decision: Decision, found: Sequence[Known], within: Transaction) -> Appended:
        keys = self._guarded(self._held).subjects

        def deleted(connection: Driver) -> Sequence[bytes]:
            with self.database.erasing(connection):
                return rows.delete_texts(connection, keys, found)

        gone = self.writing(deleted, within)
        targets: list[Json] = [{"entry": each.entry, "paths": list(each.paths)} for each in found]
        meta: dict[str, Json] = {
            **decision.meta,
            "method": "rows and keys destroyed",
            "targets": targets,
            "keys": [key.hex() for key in gone],
        }
        return self._written(decision, meta, found, within)

    def _prune(self, decision: Decision, found: Sequence[Known], within: Transaction) -> Appended:
        def emptied(connection: Driver) -> None:
            with self.database.erasing(connection):
                rows.prune(connection, found)

        self.writing(emptied, within)
        pruned: list[Json] = [
            {"index": each.index, "entry": each.entry, "leaf": each.leaf_hash.hex()} for each in found
        ]
        meta: dict[str, Json] = {**decision.meta, "method": "leaves emptied", "targets": [], "pruned": pruned}
        return self._written(decision, meta, found, within)

    def _written(
        self, decision: Decision, meta: Mapping[str, Json], found: Sequence[Known], within: Transaction
    ) -> Appended:
        links = (*(EntryId(each.entry) for each in found), *decision.links)
        return self.append(Entry(KIND, SUBJECT, meta, decision.contents, links), within)

    def _expire_texts(
        self, schedule: Schedule, page: Sequence[rows.Found], now: datetime, aside: Aside, within: Transaction
    ) -> int:
        done = over(schedule, self._matters(page, within), now)
        count = 0
        for rule, found in done.texts.items():
            aside.erased(within, {each.case for each in found if each.case})
            for batch in rows.in_groups(found, LARGEST_BATCH):
                self._destroy(_by_rule(rule, schedule), batch, within)
                count += len(batch)
        return count

    def _prune_all(self, schedule: Schedule, now: datetime, aside: Aside, stopped: Callable[[], bool]) -> int:
        after, count = 0, 0
        upto = self._last(latest_end(schedule.periods[ENVELOPES], now))
        while not stopped():
            with self.begin() as within:
                page = self._page(rows.without_texts, after, upto, within)
                named = [each for each in page if may_be_pruned(each.kind)]
                leaves = over(schedule, self._matters(named, within), now).leaves
                aside.pruned(within, {each.case for each in leaves if each.kind == "case.opened" and each.case})
                for batch in rows.in_groups(leaves, LARGEST_BATCH):
                    self._prune(_by_rule(ENVELOPES, schedule), batch, within)
                    count += len(batch)
            if not page:
                break
            after = page[-1].sequence
        return count

    def _page(self, finding: _Finding, after: int, upto: int, within: Transaction) -> Sequence[rows.Found]:
        return self.writing(lambda connection: finding(connection, after, upto, LARGEST_BATCH), within)

    def _matters(self, page: Sequence[rows.Found], within: Transaction) -> Sequence[Matter]:
        """The matters these entries belong to, without those on which a hold is open."""
        kept = self._now_held(within)
        about = {each.conversation for each in page if hangs_together(each.kind)} - kept
        alone = {each.sequence for each in page if not hangs_together(each.kind)}
        whole = self.writing(lambda connection: rows.known(connection, "conversation", about), within)
        single = self.writing(lambda connection: rows.known(connection, "sequence", alone), within)
        by_subject: dict[str, list[Known]] = {}
        for each in whole:
            if hangs_together(each.kind):
                by_subject.setdefault(each.conversation, []).append(each)
        found = [matter for each in by_subject.values() for matter in matters(each)]
        return [*found, *(matter for each in single for matter in matters([each]))]

    def _now_held(self, within: Transaction) -> frozenset[ConversationId]:
        return held(self.decided(HOLDS, within))

    def _last(self, moment: datetime) -> int:
        return self.reading(lambda connection: rows.last_before(connection, moment))

    def _settled(self) -> bool:
        """Whether nobody reads an older state of the log, and its journal is empty."""
        return self._guarded(lambda: self.database.settled(_SETTLING_SECONDS))


def _by_rule(rule: str, schedule: Schedule) -> Decision:
    named: Json = {"name": rule, "version": schedule.version}
    meta: dict[str, Json] = {"basis": EXPIRY, "rule": named, "schedule": schedule.digest, "by": "service"}
    return Decision(meta)
