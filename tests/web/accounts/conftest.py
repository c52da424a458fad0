"""A fresh office for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from people import CHEAP, Office, StandingClock

from tests.fakes_audit import FakeLog
from web.accounts.service import Accounts


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock, log = StandingClock(), FakeLog()
    accounts = Accounts(tmp_path / "system", log, clock, passwords=CHEAP)
    accounts.prepare()
    yield Office(tmp_path / "system", log, clock, accounts)
    accounts.close()
