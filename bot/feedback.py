"""Feedback on an answer: a linked entry, never a change of the answer's own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk import Desk
from bot.masking import mask
from bot.records import ConversationId, Entry, ExchangeId, Json


@dataclass(frozen=True, slots=True)
class Feedback:
    """Whether an answer was useful, a reason from the form's closed list, and a raw comment (masked here)."""

    useful: bool
    reason: str | None = None
    comment: str | None = None


def give(desk: Desk, exchange: ExchangeId, conversation: ConversationId | None, feedback: Feedback) -> bool:
    """Append the feedback to the desk's log. False where no such exchange is in that conversation.

    ``conversation`` None means that the caller need not know it (the exchange's id is its capability: 128 random
    bits). Raises LogUnavailable.
    """
    recorded = desk.log.exchange(exchange)
    if recorded is None or recorded.closed is None:
        return False
    if conversation is not None and recorded.conversation != conversation:
        return False
    meta: dict[str, Json] = {"exchange": exchange, "useful": feedback.useful, "reason": feedback.reason}
    contents: dict[str, str] = {}
    if feedback.comment:
        labels = desk.labels.of(recorded.conversation)
        contents["comment"] = mask(feedback.comment, labels, desk.analyzer).value
    desk.log.append(Entry("feedback", recorded.conversation, meta, contents, (recorded.closed,)))
    return True
