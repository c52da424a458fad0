"""Entries as the bot writes them, and logs to write them in."""

from __future__ import annotations

import secrets
from pathlib import Path

from audit.database import Database
from audit.log import DeskLog
from audit.prepare import prepare
from bot.ports import Clock, Log
from bot.records import (
    Appended,
    Citation,
    ConversationId,
    Entry,
    ExcerptKind,
    ExchangeId,
    Json,
    Language,
    Outcome,
    PassageId,
    Reply,
    Validity,
)
from bot.records_json import reply_to_json
from tests.fakes_audit import TickingClock

ORIGIN = "example.org/madoguchi/public"
REPLY = Reply(
    Outcome.ANSWERED_DOCUMENTS,
    Language.JA,
    "回答の一行目です。\n「二行目」です。\\ \t",
    (
        Citation(
            1,
            PassageId("p-1"),
            "doc",
            "題名",
            "東京都",
            None,
            "3",
            None,
            Validity.FINAL,
            "2025-07-25",
            "抜粋",
            ExcerptKind.SUMMARY,
        ),
    ),
)


def fresh_log(
    directory: Path, clock: Clock | None = None, busy_seconds: float = 5.0, database: Database | None = None
) -> DeskLog:
    clock = clock or TickingClock()
    prepare(directory, ORIGIN, clock, database)
    return DeskLog(directory, clock, busy_seconds=busy_seconds, database=database)


def opened(conversation: str = "c-1", exchange: str | None = None, question: str = "質問です") -> Entry:
    meta = {
        "exchange": exchange or secrets.token_hex(8),
        "conversation": conversation,
        "desk": "public",
        "received": "2026-11-23T09:00:00+00:00",
        "language": "ja",
        "masked": ["phone"],
    }
    return Entry("exchange.opened", ConversationId(conversation), meta, {"question": question})


def closed(opening: Entry, appended: Appended, reply: Reply = REPLY, **more: Json) -> Entry:
    meta = {
        "exchange": opening.meta["exchange"],
        "conversation": opening.subject,
        "outcome": reply.outcome.value,
        "score": 0.8321,
        **more,
    }
    contents = {"draft": '["下書きの文"]', "reply": reply_to_json(reply)}
    return Entry("exchange.closed", opening.subject, meta, contents, (appended.entry,))


def whole_exchange(log: Log, conversation: str = "c-1", question: str = "質問です") -> tuple[ExchangeId, Appended]:
    """Opened and closed; the exchange's id and its closing entry."""
    opening = opened(conversation, question=question)
    appended = log.append(opening)
    return ExchangeId(str(opening.meta["exchange"])), log.append(closed(opening, appended))
