"""A staffroom with cases in it: taken as a door takes them, at both desks, and responders who are signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from bot import responding
from bot.cases import CaseKind, Department
from bot.deciding import Actor
from bot.desk import Desk
from bot.intake import Taken, Wish, take
from bot.records import AutomationLevel, ConversationId, DeskName, ExchangeId, Language, RecordedEntry
from bot.register import as_toml, load_register, read_register
from bot.register_changes import approve, propose
from tests.house_kit import BUDGET_QUESTION, SmallHouse
from tests.web.staffroom import Staffroom
from web.accounts.roles import Role
from web.responder_doors import root_at

WRITTEN = "予算の内訳を、担当の方に確認したいです"


@dataclass(frozen=True)
class Earlier:
    """A clock that is behind."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) - self.by


@dataclass
class CasesRoom:
    """A staffroom; what people hand over at its desks; what its logs then hold."""

    room: Staffroom

    @property
    def small(self) -> SmallHouse:
        return self.room.small

    def desk(self, name: DeskName = DeskName.PUBLIC) -> Desk:
        return self.small.house.desks[name]

    def responder(self, login: str, desk: DeskName = DeskName.PUBLIC) -> TestClient:
        return self.room.signed_in(login, f"responder@{desk.value}", door=root_at(desk))

    def asked(self, conversation: str, question: str = BUDGET_QUESTION, desk: DeskName = DeskName.PUBLIC) -> ExchangeId:
        """An exchange with the AI."""
        exchange = self.small.ask(question, conversation, desk).exchange
        assert exchange is not None
        return exchange

    def taken(self, text: str = WRITTEN, desk: DeskName = DeskName.PUBLIC, **wish: Any) -> Taken:
        """A case of its own conversation, unless the wish says otherwise."""
        given = {"kind": CaseKind.QUESTION, "language": Language.JA, "conversation": None, **wish}
        if given["kind"] is CaseKind.CONSULTATION:
            given.setdefault("department", Department.POLICY)
        if isinstance(given["conversation"], str):
            given["conversation"] = ConversationId(given["conversation"])
        return take(self.desk(desk), Wish(text=text, **given))

    def approved_by_people(self) -> None:
        """From now on answers from the documents wait for a person's approval."""
        text = as_toml(load_register()).replace('version = "2"', 'version = "assisted"', 1)
        start = text.index('topic = "documents"')
        level = f'level = "{AutomationLevel.FULL.value}"'
        text = text[:start] + text[start:].replace(level, f'level = "{AutomationLevel.ASSISTED.value}"', 1)
        everything = frozenset(role.value for role in Role)
        system = self.small.house.system
        proposed = propose(system, read_register(text), Actor("ac_1", "提案者", everything), "人が確認する")
        approve(system, proposed.id, Actor("ac_2", "承認者", everything))

    def actor(self, login: str, desk: DeskName = DeskName.PUBLIC) -> Actor:
        """Somebody who is no browser: the account of one who signed in before."""
        account = self.small.house.accounts.administration.named(login)
        return Actor(account.id, account.name, frozenset({"responder"}))

    def claimed_long_ago(self, taken: Taken, login: str, desk: DeskName = DeskName.PUBLIC) -> None:
        """A claim that has run out: it was made by a clock that stood two hours ago."""
        past = replace(self.desk(desk), clock=Earlier(timedelta(hours=2)))
        responding.claim(past, taken.case.id, self.actor(login, desk))

    def entries(self, taken_or_conversation: Taken | str, desk: DeskName = DeskName.PUBLIC) -> list[RecordedEntry]:
        """The entries of a case's conversation, oldest first."""
        named = taken_or_conversation
        conversation = ConversationId(named) if isinstance(named, str) else named.case.conversation
        return list(self.small.house.logs[desk].entries(conversation))

    def kinds(self, taken: Taken, desk: DeskName = DeskName.PUBLIC) -> list[str]:
        """The kinds of the entries of a case, oldest first, without the readings."""
        kinds = [each.kind for each in self.entries(taken, desk) if each.meta.get("case") == taken.case.id]
        return [kind for kind in kinds if kind != "case.read"]


def address(taken: Taken, desk: DeskName = DeskName.PUBLIC) -> str:
    """Where a responder works on a case."""
    return f"{root_at(desk)}/cases/{taken.case.id}"
