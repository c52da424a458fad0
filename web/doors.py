"""What the doors of one desk call: filled by assembly, given to that desk's application as ``app.state``.

Doors hold no logic of the desk. They take text from the network, call one of these, and show what comes back. An
application holds one ``DeskDoors``, so nothing of the other desk is in its reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, ParamSpec, Protocol, TypeVar

from fastapi import Request

from audit.drawing import DeskSampling
from audit.proofs import DeskProofs
from audit.reading import DeskReading
from audit.stored import StoredEntry
from audit.tiles import Tile
from bot.conditions import Conditions
from bot.desk import Desk
from bot.learning_changes import Editing
from bot.ports import Clock, Contacts, SystemLog
from bot.records import (
    AutomationLevel,
    ConversationId,
    DeskName,
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
    Topic,
)
from bot.replaying import Replayed
from bot.switch import Off
from web.accounts.oidc import OpenIdConnect
from web.accounts.service import Accounts
from web.backlog import Backlog
from web.lifeline import Told
from web.papers import Papers, bundled
from web.person_doors import PersonDoors
from web.records import Records
from web.replaced import Replaced
from web.verification import Verifications

Mode = Literal["demo", "production"]
Stray = Literal["conversation", "exchange", "passage", "case", "receipt"]
"""What somebody showed an id of that this desk never gave out."""
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
    def masked(self) -> Sequence[str]: ...

    @property
    def case(self) -> str | None: ...

    @property
    def due(self) -> datetime | None: ...

    @property
    def stages_ms(self) -> Mapping[str, float]: ...


@dataclass(frozen=True, slots=True)
class DeskDoors:
    """One desk as its doors see it. Every callable blocks, so the doors run it in ``pool``.

    ask: question (raw text, one to 2,000 characters), conversation, chosen language (None: the desk recognises it).
        Never raises for a failing log, index or model; those are outcomes.
    conversation: the exchanges of a conversation, oldest first. Raises LogUnavailable.
    feedback: exchange, conversation (None from the programming interface), useful, reason, comment (raw text; the
        desk masks it). Says whether it was kept. Raises LogUnavailable.
    source: one passage of the active snapshot. Raises ShelfUnavailable.
    unheard: the danger text for a question that a limit turned away, without a record; quick, touches no disk.
    off: who switched the AI's answers off here, why and since when; None while they are on. Raises LogUnavailable.
    stray: record that somebody showed an id that is none of this desk's, by the closed name of what it was.
    people: how a person is reached here, and what became of it.
    conversation_key: what the desk's conversation ids are made with; no other desk takes them.
    held_back: the topics whose errors exceed what is allowed, so that people answer first. Raises LogUnavailable.
    """

    name: DeskName
    ask: Callable[[str, ConversationId | None, Language | None], Answered]
    conversation: Callable[[ConversationId], Sequence[RecordedExchange]]
    feedback: Callable[[ExchangeId, ConversationId | None, bool, str | None, str | None], Kept]
    source: Callable[[PassageId], Passage | None]
    contacts: Contacts
    examples: Sequence[str]
    unheard: Callable[[Told, ConversationId, Language | None], Answered]
    off: Callable[[], Off | None]
    stray: Callable[[Stray], None]
    people: PersonDoors
    pool: Executor
    conversation_key: bytes = field(repr=False)
    held_back: Callable[[], Sequence[Topic]] = tuple


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """How the doors themselves behave.

    secure_cookies: True where the site is reached over TLS (always in production).
    requests_per_minute: posts per client; more get 429.
    waiting: questions at work or in line at once; more get 503 with Retry-After.
    limits_storage: where the ``limits`` library counts (``memory://``, or Redis for more than one process).
    operator: who runs the service, shown in the footer; None in a demo.
    mode: ``demo`` says on every page that this is no official service.
    site: where the site is reached, without a slash at the end: what other sites send people back to.
    papers: privacy notice, terms of use and risk analysis, with what the operator configured.
    """

    secure_cookies: bool = False
    requests_per_minute: int = 20
    waiting: int = 32
    limits_storage: str = "memory://"
    operator: str | None = None
    mode: Mode = "demo"
    site: str = "http://127.0.0.1:8000"
    papers: Papers = field(default_factory=bundled)


@dataclass(frozen=True, slots=True)
class LogDoor:
    """What anyone may read of a log, to follow it: hashes and signatures, never entries. Every callable blocks.

    checkpoint: the newest signed head; None where there is none yet. Raises LogUnavailable.
    tile: exactly the hashes asked for; None where the tree has fewer. Raises LogUnavailable.
    key: the verifier key. Raises LogUnavailable.
    """

    checkpoint: Callable[[], str | None]
    tile: Callable[[Tile], bytes | None]
    key: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Governance:
    """What the gated applications stand on: who may come in, and the log of what people decide.

    provider: the identity provider people may sign in at, where one is configured.
    """

    accounts: Accounts
    system: SystemLog
    provider: OpenIdConnect | None
    pool: Executor


@dataclass(frozen=True, slots=True)
class StaffDoors:
    """What the staff application has: its desk, and the accounts of those who may come in."""

    desk: DeskDoors
    house: Governance


@dataclass(frozen=True, slots=True)
class ResponderDoors:
    """What the console of one desk's responders has: that desk with its cases, and the accounts of those who may come
    in; nothing of the other desk. ``stray``: record that somebody showed an id that is none of this desk's.
    """

    desk: Desk
    house: Governance
    stray: Callable[[Stray], None]


@dataclass(frozen=True, slots=True)
class AuditorDoors:
    """What the console of one desk's auditors has: that desk's record with what can be proved of it, and the accounts
    of those who may come in; nothing of the other desk.

    reading: the only way to what people wrote; every read is an entry before it leaves.
    outcomes: how many exchanges ended how, from a moment to before another; figures alone. Raises LogUnavailable.
    replay: one exchange again, from its record; writes nothing. Raises UnknownExchange, LogUnavailable.
    replaced: the documents that are no longer what answers rested on. Raises LogUnavailable, OSError.
    sampling: drawing samples of answers, and grading them.
    conditions: how the rows of the register stand; settle: write down what grades amount to. Raises LogUnavailable.
    stray: record that somebody showed an id that is none of this desk's.
    around: everything about a conversation and what links to it, oldest first; for what was recorded as read before.
        Raises LogUnavailable.
    stamps: those of this program and its active snapshot and register today. Raises LogUnavailable.
    passage: one passage of the active snapshot; None where there is none, or the snapshot cannot be read.
    verifications: the runs that check the whole log.
    """

    name: DeskName
    house: Governance
    reading: DeskReading
    proofs: DeskProofs
    outcomes: Callable[[datetime, datetime], Mapping[str, int]]
    clock: Clock
    stray: Callable[[Stray], None]
    around: Callable[[ConversationId], Sequence[StoredEntry]]
    stamps: Callable[[], Sequence[Stamp]]
    passage: Callable[[PassageId], Passage | None]
    verifications: Verifications
    sampling: DeskSampling
    conditions: Conditions
    settle: Callable[[], int]
    replay: Callable[[ExchangeId], Replayed]
    replaced: Callable[[], Sequence[Replaced]]


@dataclass(frozen=True, slots=True)
class AdminDoors:
    """What the administration has: the accounts, and what people decide about each desk; no log of a desk is read here.

    editing: what each desk that is served learned. conditions: how each desk's rows stand by the system log.
    records: erasing and holding at each desk that is served; gives out no text of a person.
    """

    house: Governance
    editing: Sequence[Editing]
    conditions: Sequence[Conditions]
    records: Sequence[Records]


@dataclass(frozen=True, slots=True)
class WebState:
    """Everything ``create_app`` needs. A process may serve one desk alone; the other one is None then.

    ready: what the service rests on, each with its state, ``ok`` or what is wrong.
    warnings: what is not wrong yet but will be, by part; empty if nothing is.
    told: what operators are told besides (a switch that is off), by part; it is no fault.
    backlogs: how much waits for people at each desk, in figures.
    responders: the consoles of the desks that this process serves.
    auditors: the same for those who check their records.
    editing: what each desk that this process serves learned, for those who make notes of it.
    conditions: how each desk's rows stand by the system log alone, for those who decide.
    records: erasing and holding at the desks that this process serves, for those who decide.
    logs: the logs that anyone may follow here, by name.
    """

    public: DeskDoors | None
    staff: StaffDoors | None
    ready: Callable[[], Mapping[str, str]]
    warnings: Callable[[], Mapping[str, str]]
    told: Callable[[], Mapping[str, str]]
    pool: Executor
    settings: DoorSettings = DoorSettings()
    responders: Sequence[ResponderDoors] = ()
    auditors: Sequence[AuditorDoors] = ()
    editing: Sequence[Editing] = ()
    conditions: Sequence[Conditions] = ()
    records: Sequence[Records] = ()
    backlogs: Callable[[], Sequence[Backlog]] = tuple
    logs: Mapping[str, LogDoor] = field(default_factory=dict)


def desk_of(request: Request) -> DeskDoors:
    """The desk of the application that received the request."""
    desk: DeskDoors = request.app.state.desk
    return desk


def root_of(request: Request) -> str:
    """Where the desk of the application begins: empty for the public desk, ``/staff`` for the staff desk."""
    root: str = request.app.state.root
    return root


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
