"""An office: accounts over a real database and a log with a memory, with hashing made cheap."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from bot.records import Entry
from tests.fakes_audit import FakeLog
from web.accounts.passwords import Passwords
from web.accounts.roles import Grant, grant_named
from web.accounts.service import Accounts
from web.accounts.values import COMMAND_LINE, AccountId, Door, SignedIn

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
GOOD = "correct horse battery"


@dataclass
class StandingClock:
    """Stands still until it is moved."""

    time: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Office:
    """The service with everything around it that a test looks at."""

    directory: Path
    log: FakeLog
    clock: StandingClock
    accounts: Accounts
    made: dict[str, AccountId] = field(default_factory=dict)

    def person(self, login: str, *roles: str, password: str = GOOD) -> AccountId:
        """An account whose owner has chosen a password already."""
        grants: list[Grant] = [grant_named(each) for each in roles]
        initial = self.accounts.administration.create(login, login, grants, by=COMMAND_LINE)
        door = Door.ADMIN if any(each.startswith(("admin", "approver")) for each in roles) else Door.STAFF
        begun = self.accounts.sign_in(login, initial.password, door)
        changed = self.accounts.change_password(begun.session, initial.password, password)
        self.accounts.sign_out(changed.token)
        self.made[login] = initial.account
        return initial.account

    def in_at(self, login: str, door: Door, password: str = GOOD) -> SignedIn:
        return self.accounts.sign_in(login, password, door)

    def entries(self, kind: str | None = None) -> list[Entry]:
        return [each.entry for each in self.log.kept if kind in (None, each.entry.kind)]
