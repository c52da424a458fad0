"""Cases as the bot keeps them, and a desk's log, cases and outbox to keep them in, fake or real."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.database import Database
from audit.log import DeskLog
from bot.adapters.database import DeskOutbox
from bot.case_numbers import digest, fresh_number
from bot.cases import Case, CaseId, CaseKind, CaseReason, Change, ChangeKind, after, opened
from bot.ports import Cases, Clock, Outbox
from bot.records import ConversationId, Entry, Json, Language, Notice, Risk, Way
from tests.audit.entries import fresh_log
from tests.fakes_audit import FakeLog, TickingClock
from tests.fakes_cases import FakeCases, FakeOutbox
from web.case_storage import cases_in, prepare_cases

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Store:
    """One desk's transactions with what takes part in them."""

    log: FakeLog | DeskLog
    cases: Cases
    outbox: Outbox

    def open(self, conversation: str = "c-1", once: str | None = None, **meta: Json) -> Case:
        """A case with its entry and its notice, in one transaction; its number lies in the entry."""
        number, name = fresh_number(), CaseId("cs_" + secrets.token_urlsafe(16))
        change = Change(ChangeKind.OPENED, opening(**meta))
        with self.log.begin() as within:
            entry = Entry(
                "case.opened",
                ConversationId(conversation),
                {"case": name, "conversation": conversation, **change.meta},
                {"number": number, "question": "人に相談したい"},
            )
            appended = self.log.append(entry, within)
            case = opened(name, ConversationId(conversation), change, appended.time)
            self.cases.add(within, case, digest(number), once)
            self.outbox.put(within, notice(f"opened:{name}"))
        return case

    def change(self, case: CaseId, kind: ChangeKind, **meta: Json) -> Case:
        """One change as the bot makes it: read, refused or written, all in one transaction."""
        with self.log.begin() as within:
            held = self.cases.get(case, within)
            assert held is not None
            change = Change(kind, meta)
            entry = Entry(
                f"case.{kind.value}", held.conversation, {"case": case, "conversation": held.conversation, **meta}
            )
            appended = self.log.append(entry, within)
            then = after(held, change, appended.time)
            self.cases.put(within, then)
            self.outbox.put(within, notice(f"{kind.value}:{appended.entry}"))
        return then

    def claim(self, case: CaseId, who: str) -> Case:
        return self.change(case, ChangeKind.CLAIMED, by=who, until="2030-01-01T00:00:00+00:00")


def opening(**meta: Json) -> Mapping[str, Json]:
    plain: dict[str, Json] = {
        "kind": CaseKind.QUESTION.value,
        "reason": CaseReason.ABSTAINED.value,
        "priority": Risk.LOW.value,
        "language": Language.JA.value,
        "due": (NOON + timedelta(days=3)).isoformat(),
    }
    return {**plain, **meta}


def notice(key: str, **changes: Any) -> Notice:
    plain = {"way": Way.MAIL, "to": "desk@example.jp", "subject": "件名", "body": "本文\n二行目"}
    return Notice(key, **{**plain, **changes})


def case(**changes: Any) -> Case:
    """A case as a value, for keeping alone."""
    plain: dict[str, Any] = {
        "id": CaseId("cs_" + secrets.token_urlsafe(16)),
        "conversation": ConversationId("c-1"),
        "kind": CaseKind.QUESTION,
        "reason": CaseReason.PERSON_WANTED,
        "priority": Risk.LOW,
        "language": Language.JA,
        "opened": NOON,
        "due": NOON + timedelta(days=3),
    }
    return Case(**{**plain, **changes})


def fake_store() -> Store:
    log = FakeLog()
    return Store(log, FakeCases(log), FakeOutbox(log))


def real_store(
    directory: Path, clock: Clock | None = None, busy_seconds: float = 5.0, database: Database | None = None
) -> Store:
    """Everything made ready in ``directory``, which is one desk's, and in the database if there is one."""
    log = fresh_log(directory, clock, busy_seconds, database)
    prepare_cases(directory, log)
    return store_over(log, directory, clock)


def store_over(log: DeskLog, directory: Path, clock: Clock | None = None) -> Store:
    """The same over a directory that is ready."""
    return Store(log, cases_in(directory, log), DeskOutbox(log, clock or TickingClock()))
