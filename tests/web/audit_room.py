"""A staffroom with a record to check: exchanges at both desks, cases, feedback, and auditors who are signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.testclient import TestClient

from bot import feedback
from bot.records import DeskName, ExchangeId, RecordedEntry
from tests.house_kit import BUDGET_QUESTION, FLOODGATE_QUESTION
from tests.web.cases_room import CasesRoom
from tests.web.staffroom import Staffroom
from web.auditor_doors import root_at

PUBLIC, STAFF = "/auditor/public", "/auditor/staff"
READINGS = frozenset({"read", "export.made"})
SECRET = "ひみつの水車小屋"
"""A word that stands in one question of the public desk alone."""
STAFF_SECRET = "庁内の竹とんぼ"
COMMENT = '=HYPERLINK("http://x")と書かれて困った'
"""What a spreadsheet would take for a formula."""


@dataclass
class AuditRoom(CasesRoom):
    """``told``: exchanges of the public desk by what was asked in them."""

    def auditor(self, login: str, desk: DeskName = DeskName.PUBLIC) -> TestClient:
        return self.room.signed_in(login, f"auditor@{desk.value}", door=root_at(desk))

    def log(self, desk: DeskName = DeskName.PUBLIC, kinds: frozenset[str] = READINGS) -> Sequence[RecordedEntry]:
        """The entries of readings, oldest first."""
        return self.small.house.logs[desk].of_kinds(kinds)

    def furnish(self) -> dict[str, ExchangeId]:
        """What was said at the desks."""
        told = {
            "budget": self.asked("talk-1"),
            "secret": self.asked("talk-2", f"{SECRET}について教えてください"),
            "gate": self.asked("talk-3", FLOODGATE_QUESTION),
            "staff": self.asked("talk-4", f"{STAFF_SECRET}です。{BUDGET_QUESTION}", DeskName.STAFF),
        }
        desk = self.desk()
        for name, useful, comment in (("budget", True, None), ("gate", False, COMMENT)):
            talk = {"budget": "talk-1", "gate": "talk-3"}[name]
            assert feedback.give(desk, told[name], talk, feedback.Feedback(useful, None, comment))  # type: ignore[arg-type]
        self.taken("予算の内訳を知りたい", conversation="talk-1", exchange=told["budget"])
        return told

    def sequence(self) -> None:
        """Give every entry its index, as the server does by itself."""
        for proofs in self.small.house.proofs.values():
            while proofs.sequence().added:
                pass


def audit_room(room: Staffroom) -> AuditRoom:
    return AuditRoom(room)
