"""What was said before in a conversation: questions and replies, and what passed between the person and responders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from bot.answered import Asked
from bot.case_entries import PREFIX, REPLY, TEXT
from bot.cases import ChangeKind
from bot.desk import Desk
from bot.labels import Labels
from bot.masking import mask
from bot.records import ConversationId, Speaker, Turn
from bot.records_json import EXCHANGE

EXCHANGES: Final = 6
_MESSAGES: Final = 6
_SAID: Final[Mapping[str, tuple[Speaker, str]]] = {
    PREFIX + ChangeKind.OPENED: (Speaker.PERSON, "question"),
    PREFIX + ChangeKind.SUPPLIED: (Speaker.PERSON, TEXT),
    PREFIX + ChangeKind.REOPENED: (Speaker.PERSON, TEXT),
    PREFIX + ChangeKind.ASKED: (Speaker.SERVICE, TEXT),
    PREFIX + ChangeKind.ANSWERED: (Speaker.SERVICE, REPLY),
    PREFIX + ChangeKind.FORWARDED: (Speaker.SERVICE, REPLY),
}

_Said = tuple[datetime, Turn]


def earlier(desk: Desk, asked: Asked, labels: Labels) -> tuple[Turn, ...]:
    """The turns before this one, oldest first: the batch's own history, or what the log holds of the conversation.

    Raises LogUnavailable.
    """
    if asked.history:
        return tuple(Turn(speaker, mask(text, labels, desk.analyzer)) for speaker, text in asked.history)
    if asked.conversation is None:
        return ()
    said = [*_exchanged(desk, asked.conversation), *_with_people(desk, asked.conversation)]
    return tuple(
        turn for _, turn in sorted(said, key=lambda each: each[0])
    )  # stable: a reply stays behind its question


def _exchanged(desk: Desk, conversation: ConversationId) -> Iterator[_Said]:
    for recorded in desk.log.conversation(conversation, limit=EXCHANGES):
        if recorded.question.value:  # else it was erased
            yield recorded.received, Turn(Speaker.PERSON, recorded.question)
        if recorded.reply:
            yield recorded.received, Turn(Speaker.SERVICE, mask(recorded.reply.text))


def _with_people(desk: Desk, conversation: ConversationId) -> list[_Said]:
    """What the person and responders wrote to each other. A case's own question is an exchange's already, if it has
    one. The entries are read only where there is a case.
    """
    if not desk.queue.cases.of_conversation(conversation):
        return []
    said: list[_Said] = []
    for entry in desk.log.entries(conversation):
        speaker, path = _SAID.get(entry.kind, (None, ""))
        again = path == "question" and entry.meta.get(EXCHANGE) is not None
        text = entry.contents.get(path)
        if speaker is not None and text and not again:
            said.append((entry.time, Turn(speaker, mask(text))))
    return said[-_MESSAGES:]
