"""Cases at a desk of fakes: how they are opened, claimed and answered in tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot import intake, responding
from bot.answered import Answered, Asked
from bot.case_entries import PREFIX, change_of
from bot.cases import Case, CaseId, CaseKind, Change, folded
from bot.deciding import Actor
from bot.exchange import answer
from bot.intake import Taken, Wish
from bot.records import ConversationId, DeskName, ExchangeId, Language
from bot.register import AutomationRegister, load_register, register_of
from bot.register import as_json as tables_of
from tests.fakes_bot import Room, room

MONDAY = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Japan."""
TALK = ConversationId("c-1")
AIKO = Actor("acc-aiko", "担当 愛子", frozenset({"responder"}))
BUNTA = Actor("acc-bunta", "担当 文太", frozenset({"responder"}))
QUESTION = "令和7年度の都のAI関連予算はいくらですか"


def asked(held: Room, text: str = QUESTION, conversation: ConversationId = TALK) -> Answered:
    return answer(held.desk, Asked(text, conversation))


def taken(held: Room, text: str = "職員の方にお聞きしたいことがあります", **more: Any) -> Taken:
    """A case of a plain question, unless said otherwise."""
    given: dict[str, Any] = {"conversation": TALK, "language": Language.JA, **more}
    return intake.take(held.desk, Wish(kind=given.pop("kind", CaseKind.QUESTION), text=text, **given))


def claimed(held: Room, case: CaseId | None = None, who: Actor = AIKO) -> Case:
    return responding.claim(held.desk, case or taken(held).case.id, who)


def with_level(topic: str, level: str, desk: DeskName = DeskName.PUBLIC) -> AutomationRegister:
    """The default register with another level for every row of a topic."""
    tables: Any = tables_of(load_register())
    rows = [{**row, "level": level} if row["topic"] == topic else row for row in tables["row"]]
    return register_of({**tables, "row": rows}).of(desk)


def assisted(name: DeskName = DeskName.PUBLIC, topic: str = "documents", **more: Any) -> Room:
    """A desk at which a person approves every answer on a topic."""
    return room(name=name, register=with_level(topic, "assisted", name), **more)


def corrected_about(held: Room) -> tuple[ExchangeId, Taken]:
    """An answered question, and a request to correct the answer."""
    exchange = asked(held).exchange
    assert exchange is not None
    return exchange, taken(held, "金額が違います", kind=CaseKind.CORRECTION, exchange=exchange)


def kinds(held: Room) -> list[str]:
    """The kinds of the entries of cases, in order."""
    return [each.removeprefix(PREFIX) for each in held.kinds if each.startswith(PREFIX)]


def refolded(held: Room, case: CaseId) -> Case:
    """The case that the log's entries amount to."""
    row = held.cases.get(case)
    assert row is not None
    entries = [each for each in held.log.entries(row.conversation) if each.meta.get("case") == case]
    own = [each for each in entries if each.kind.startswith(PREFIX)]
    changes: list[tuple[Change, datetime]] = [(change_of(each), each.time) for each in own]
    return folded(case, row.conversation, changes)


def everything_of(held: Room) -> str:
    """All that was written and told, as one text."""
    entries = [(dict(each.entry.meta), dict(each.entry.contents)) for each in held.log.kept]
    return f"{entries}{[each.notice for each in held.outbox.waiting()]}"
