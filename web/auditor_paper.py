"""開示請求対応用資料: one whole conversation on a page to print, with what proves that it is what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from audit.reading import Purpose
from audit.stored import StoredEntry
from bot.records import ConversationId, EntryId, ExchangeId
from bot.records_json import EXCHANGE, OPENED
from web.accounts.roles import Role
from web.auditor_basis import Now
from web.auditor_doors import doors_of, reader_of
from web.auditor_filters import key_of
from web.auditor_opening import ask_why, through
from web.auditor_timeline import Event, told
from web.auditor_verifier import Published, offered, published
from web.auditor_view import ExchangeView, view_of
from web.auditor_vocabulary import NAMES, PATHS
from web.doors import AuditorDoors, settings_of
from web.forms import pages_of

PAPER: Final = "paper"
"""The kind of reading that making the paper is."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything recorded about a conversation: its exchanges in order, and every entry, numbered over the whole."""

    name: ConversationId
    exchanges: Sequence[ExchangeView]
    events: Sequence[Event]
    read: EntryId | None
    published: Published

    @property
    def gone(self) -> int:
        """How many texts are not there any more."""
        return sum(text.value is None for event in self.events for text in event.texts)


def routes(root: str) -> APIRouter:
    """The paper on the conversation of an exchange, below ``root``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(f"{root}/exchanges/{{exchange}}/paper", ask_why, methods=["GET"])
    router.add_api_route(f"{root}/exchanges/{{exchange}}/paper", paper, methods=["POST"])
    return router


async def paper(request: Request, exchange: str) -> Response:
    """The paper. That it was made, by whom and why, is recorded."""
    doors, reader, named = doors_of(request), reader_of(request), ExchangeId(exchange)
    site = settings_of(request).site

    def work(purpose: Purpose) -> Conversation:
        opened = doors.reading.open(reader, named, purpose, PAPER)
        return conversation_of(doors, ConversationId(str(opened.entries[0].leaf["subject"])), site)

    found = await through(request, named, work)
    if isinstance(found, Response):
        return found
    whole, purpose = found
    return pages_of(request).page(
        request,
        "auditor_paper.html",
        whole=whole,
        exchange=exchange,
        purpose=purpose,
        reader=reader,
        made=doors.clock.now(),
        verifier=offered(),
        published=whole.published,
        key_of=key_of,
        names=NAMES,
        paths=PATHS,
        roles=frozenset(Role),
    )


def conversation_of(doors: AuditorDoors, conversation: ConversationId, site: str) -> Conversation:
    """Everything about a conversation, and the checkpoint it is under now. Raises LogUnavailable."""
    entries, now = doors.around(conversation), Now(doors.stamps(), doors.passage)
    events = told(entries)
    named = dict.fromkeys(
        ExchangeId(str(each.leaf["meta"][EXCHANGE])) for each in entries if each.leaf["kind"] == OPENED
    )
    return Conversation(
        name=conversation,
        exchanges=[view_of(each, _about(entries, each), now, events) for each in named],
        events=events,
        read=next((each.entry for each in reversed(entries) if each.leaf["meta"].get("what") == PAPER), None),
        published=published(doors, site),
    )


def _about(entries: Sequence[StoredEntry], exchange: ExchangeId) -> Sequence[StoredEntry]:
    """The entries that name the exchange, and those that link to one of them."""
    own = {each.entry for each in entries if each.leaf["meta"].get(EXCHANGE) == exchange}
    return [each for each in entries if each.entry in own or own.intersection(each.leaf["links"])]
