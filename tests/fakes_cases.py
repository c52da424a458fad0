"""Cases and an outbox with a memory in place of a database, on the transactions of ``tests.fakes_audit.FakeLog``.

They pass the contracts of ``bot.ports`` (tests/contracts/test_case_ports.py, test_outbox.py). What is written in a
transaction is seen by those it is handed to, and by others when it commits; after an error nothing of it is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.cases import LIVE, Case, CaseId, CaseState
from bot.ports import Transaction
from bot.records import ConversationId, Notice, Risk, Waiting
from tests.fakes_audit import FakeLog

LEASE = timedelta(seconds=120)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class _Kept:
    cases: dict[CaseId, Case] = field(default_factory=dict)
    digests: dict[bytes, CaseId] = field(default_factory=dict)
    onces: dict[str, CaseId] = field(default_factory=dict)
    contacts: dict[CaseId, tuple[str, datetime]] = field(default_factory=dict)

    def copied(self) -> _Kept:
        return _Kept(dict(self.cases), dict(self.digests), dict(self.onces), dict(self.contacts))


class FakeCases:
    """``FakeCases(log)``: the log is the unit of work, and refuses for both."""

    def __init__(self, log: FakeLog) -> None:
        self._log = log
        self._kept = _Kept()

    def add(self, within: Transaction, case: Case, digest: bytes, once: str | None) -> None:
        with self._changing(within) as kept:
            if case.id in kept.cases or digest in kept.digests or (once is not None and once in kept.onces):
                raise ValueError("a case of this name, number or request is kept already")
            kept.cases[case.id] = case
            kept.digests[digest] = case.id
            if once is not None:
                kept.onces[once] = case.id

    def put(self, within: Transaction, case: Case) -> None:
        with self._changing(within) as kept:
            if case.id not in kept.cases:
                raise ValueError("no such case is kept")
            kept.cases[case.id] = case

    def get(self, case: CaseId, within: Transaction | None = None) -> Case | None:
        return self._seen(within).cases.get(case)

    def by_digest(self, digest: bytes) -> Case | None:
        kept = self._seen(None)
        return kept.cases.get(kept.digests.get(digest, CaseId("")))

    def by_once(self, once: str, within: Transaction | None = None) -> Case | None:
        kept = self._seen(within)
        return kept.cases.get(kept.onces.get(once, CaseId("")))

    def of_conversation(self, conversation: ConversationId) -> Sequence[Case]:
        return [each for each in self._seen(None).cases.values() if each.conversation == conversation]

    def in_states(self, states: frozenset[CaseState], limit: int = 10_000) -> Sequence[Case]:
        found = [each for each in self._seen(None).cases.values() if each.state in states]
        return sorted(found, key=_urgency)[:limit]

    def merged_into(self, case: CaseId, within: Transaction | None = None) -> Sequence[Case]:
        return [each for each in self._seen(within).cases.values() if each.merged_into == case]

    def live(self, within: Transaction | None = None) -> int:
        return sum(each.state in LIVE for each in self._seen(within).cases.values())

    def keep_contact(self, within: Transaction, case: CaseId, contact: str, until: datetime) -> None:
        with self._changing(within) as kept:
            if case not in kept.cases:
                raise ValueError("no such case is kept")
            kept.contacts[case] = (contact, until)

    def contact(self, case: CaseId) -> tuple[str, datetime] | None:
        return self._seen(None).contacts.get(case)

    def drop_contact(self, within: Transaction, case: CaseId) -> bool:
        with self._changing(within) as kept:
            return kept.contacts.pop(case, None) is not None

    def contacts_past(self, moment: datetime) -> Sequence[CaseId]:
        past = [(until, case) for case, (_, until) in self._seen(None).contacts.items() if until <= moment]
        return [case for _, case in sorted(past)]

    def _seen(self, within: Transaction | None) -> _Kept:
        self._log.available("cases")
        return self._kept if within is None else self._store(within)

    def _store(self, within: Transaction) -> _Kept:
        kept: _Kept = self._log.own(within).store(self, self._kept.copied, self._adopt)
        return kept

    @contextmanager
    def _changing(self, within: Transaction) -> Iterator[_Kept]:
        """What a failed statement leaves is never committed, whoever hides its error."""
        with self._log.own(within).unspoiled():
            self._log.available("cases")
            yield self._store(within)

    def _adopt(self, kept: _Kept) -> None:
        self._kept = kept


@dataclass(frozen=True)
class _Held:
    notice: Notice
    since: datetime
    when: datetime
    tries: int = 0
    cause: str | None = None
    delivered: bool = False

    @property
    def waiting(self) -> Waiting:
        return Waiting(self.notice, self.since, self.tries, self.cause)


class FakeOutbox:
    """``FakeOutbox(log)``: the log is the unit of work and tells the time."""

    def __init__(self, log: FakeLog) -> None:
        self._log = log
        self._held: dict[str, _Held] = {}

    def put(self, within: Transaction, notice: Notice) -> None:
        with self._log.own(within).unspoiled():
            self._log.available("outbox")
            now = self._log.clock.now()
            self._store(within).setdefault(notice.key, _Held(notice, now, now))

    def take(self, now: datetime, limit: int = 20) -> Sequence[Waiting]:
        with self._changing() as held:
            due = [each for each in held.values() if not each.delivered and each.when <= now][:limit]
            held.update({each.notice.key: replace(each, when=now + LEASE) for each in due})
            return [each.waiting for each in due]

    def done(self, key: str, now: datetime) -> None:
        with self._changing() as held:
            if key in held:
                emptied = replace(held[key].notice, to="", subject="", body="")
                held[key] = replace(held[key], notice=emptied, delivered=True)

    def later(self, key: str, when: datetime, cause: str) -> None:
        with self._changing() as held:
            if key in held and not held[key].delivered:
                held[key] = replace(held[key], when=when, cause=cause, tries=held[key].tries + 1)

    def waiting(self) -> Sequence[Waiting]:
        self._log.available("outbox")
        return [each.waiting for each in self._held.values() if not each.delivered]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, _Held]]:
        with self._log.begin() as within:
            self._log.available("outbox")
            yield self._store(within)

    def _store(self, within: Transaction) -> dict[str, _Held]:
        held: dict[str, _Held] = self._log.own(within).store(self, self._held.copy, self._adopt)
        return held

    def _adopt(self, held: dict[str, _Held]) -> None:
        self._held = held


def _urgency(case: Case) -> tuple[bool, datetime, datetime]:
    """Grave first; then what has no date (nobody promises one where life is in danger), then by date."""
    return (case.priority is not Risk.GRAVE, case.due or _LONG_AGO, case.opened)
