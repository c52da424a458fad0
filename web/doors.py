"""What the doors of the public desk call: filled by assembly, given to the applications as ``app.state``.

Doors hold no logic of the desk. They take text from the network, call one of these, and show what comes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Literal, ParamSpec, Protocol, TypeVar

from fastapi import Request

from bot.ports import Contacts
from bot.records import (
    AutomationLevel,
    ConversationId,
    ExchangeId,
    Language,
    Passage,
    PassageId,
    Receipt,
    RecordedExchange,
    Reply,
    Risk,
    SnapshotId,
    Stamp,
)
from web.lifeline import Told

Mode = Literal["demo", "production"]
# A feedback was recorded; there is no such exchange in that conversation; the exchange has enough of them.
Kept = Literal["recorded", "unknown", "enough"]
Given = ParamSpec("Given")
Returned = TypeVar("Returned")


class Answered(Protocol):
    """One finished exchange as the desk hands it out. ``exchange`` and ``receipt`` are None if nothing was recorded."""

    @property
    def exchange(self) -> ExchangeId | None: ...

    @property
    def conversation(self) -> ConversationId: ...

    @property
    def reply(self) -> Reply: ...

    @property
    def receipt(self) -> Receipt | None: ...

    @property
    def snapshot(self) -> SnapshotId | None: ...

    @property
    def risk(self) -> Risk | None: ...

    @property
    def automation(self) -> AutomationLevel | None: ...

    @property
    def stamps(self) -> Sequence[Stamp]: ...

    @property
    def stages_ms(self) -> Mapping[str, float]: ...


@dataclass(frozen=True, slots=True)
class PublicDesk:
    """The public desk as its doors see it. Every callable blocks, so the doors run it in ``pool``.

    ask: question (raw text, one to 2,000 characters), conversation, chosen language (None: the desk recognises it).
        Never raises for a failing log, index or model; those are outcomes.
    conversation: the exchanges of a conversation, oldest first. Raises LogUnavailable.
    feedback: exchange, conversation (None from the programming interface), useful, reason, comment (raw text; the
        desk masks it). Says whether it was kept. Raises LogUnavailable.
    source: one passage of the active snapshot. Raises ShelfUnavailable.
    unheard: the danger text for a question that a limit turned away, without a record; quick, touches no disk.
    ready: what the service rests on, each with its state, ``ok`` or what is wrong.
    warnings: what is not wrong yet but will be, by part; empty if nothing is.
    """

    ask: Callable[[str, ConversationId | None, Language | None], Answered]
    conversation: Callable[[ConversationId], Sequence[RecordedExchange]]
    feedback: Callable[[ExchangeId, ConversationId | None, bool, str | None, str | None], Kept]
    source: Callable[[PassageId], Passage | None]
    contacts: Contacts
    examples: Sequence[str]
    mode: Mode
    unheard: Callable[[Told, ConversationId, Language | None], Answered]
    ready: Callable[[], Mapping[str, str]]
    warnings: Callable[[], Mapping[str, str]]
    pool: Executor


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """How the doors themselves behave.

    secure_cookies: True where the site is reached over TLS (always in production).
    requests_per_minute: posts per client; more get 429.
    waiting: questions at work or in line at once; more get 503 with Retry-After.
    limits_storage: where the ``limits`` library counts (``memory://``, or Redis for more than one process).
    operator: who runs the service, shown in the footer; None in a demo.
    """

    secure_cookies: bool = False
    requests_per_minute: int = 20
    waiting: int = 32
    limits_storage: str = "memory://"
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class WebState:
    """Everything ``create_app`` needs. ``conversation_key``: what the public desk's conversation ids are made with."""

    public: PublicDesk
    conversation_key: bytes = field(repr=False)
    settings: DoorSettings = DoorSettings()


def desk_of(request: Request) -> PublicDesk:
    """The public desk of the application that received the request."""
    desk: PublicDesk = request.app.state.desk
    return desk


def settings_of(request: Request) -> DoorSettings:
    """The door settings of the application that received the request."""
    settings: DoorSettings = request.app.state.settings
    return settings


async def in_pool(
    pool: Executor, call: Callable[Given, Returned], *given: Given.args, **named: Given.kwargs
) -> Returned:
    """Run a blocking call in the pool. It runs to its end even when the browser has gone."""
    loop = asyncio.get_running_loop()
    return await asyncio.shield(loop.run_in_executor(pool, lambda: call(*given, **named)))
