"""What a decision to erase or to hold is about: by what people hold (a receipt, an id), and which entries that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audit.codes import as_receipt_code
from audit.database import Driver
from audit.erasing_rows import known
from audit.matters import Known, hangs_together
from bot.records import ConversationId, ExchangeId, Json

_BY_RECEIPT: Final = (
    "SELECT e.conversation, e.exchange FROM receipts AS r JOIN entries AS e USING (sequence) WHERE r.code = ?"
)
_BY_EXCHANGE: Final = (
    "SELECT conversation, exchange FROM entries WHERE exchange = ? AND kind = 'exchange.opened' LIMIT 1"
)
_BY_CONVERSATION: Final = (
    "SELECT conversation, NULL FROM entries WHERE conversation = ? AND kind IN ('exchange.opened', 'case.opened') "
    "LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a decision is about: a conversation, or one exchange or case in it."""

    conversation: ConversationId
    exchange: ExchangeId | None = None
    case: str | None = None

    def whole(self) -> Scope:
        """The conversation that this is part of."""
        return Scope(self.conversation)

    def as_json(self) -> dict[str, Json]:
        return {"conversation": self.conversation, "exchange": self.exchange, "case": self.case}


def scope_from(value: Any) -> Scope | None:
    """The scope that ``as_json`` wrote; None for another shape."""
    if not isinstance(value, Mapping) or not isinstance(value.get("conversation"), str):
        return None
    exchange, case = value.get("exchange"), value.get("case")
    return Scope(
        ConversationId(value["conversation"]),
        ExchangeId(exchange) if isinstance(exchange, str) else None,
        case if isinstance(case, str) else None,
    )


def named(connection: Driver, typed: str) -> Scope | None:
    """The exchange of a receipt's code or of an id, or the conversation of an id; None where this log has none such."""
    text = typed.strip()
    asked = [(_BY_EXCHANGE, text), (_BY_CONVERSATION, text)]
    if (code := as_receipt_code(text)) is not None:
        asked.insert(0, (_BY_RECEIPT, code))
    for statement, value in asked:
        row = connection.execute(statement, (value,)).fetchone()
        if row is not None:
            return Scope(ConversationId(row[0]), ExchangeId(row[1]) if row[1] else None)
    return None


def in_scope(connection: Driver, scope: Scope) -> Sequence[Known]:
    """Of a conversation: what is about it and what names one of its exchanges, wherever; of an exchange: what names it;
    of a case: what names it. What was decided or read about it stays: it says who did what.
    """
    own = known(connection, "conversation", [scope.conversation])
    exchanges = {each.exchange for each in own if each.exchange} if scope.exchange is None else {str(scope.exchange)}
    if scope.case is not None:
        found = {each.sequence: each for each in own if each.case == scope.case}
    else:
        found = {each.sequence: each for each in own if scope.exchange is None}
        found |= {each.sequence: each for each in known(connection, "exchange", exchanges)}
    return [found[at] for at in sorted(found) if found[at].paths and hangs_together(found[at].kind)]
