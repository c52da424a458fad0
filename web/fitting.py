"""The doors fitted to the house: each desk's application gets that desk's own things, and nothing of the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Lock

from audit import statistics
from audit.log import DeskLog
from audit.prepare import KEYS
from audit.proofs import DeskProofs
from bot import feedback, persons_case
from bot.answered import Answered, Asked
from bot.conditions import Conditions
from bot.conditions_changes import settle
from bot.desk import Desk
from bot.exchange import answer
from bot.intake import take
from bot.learning_changes import Editing
from bot.learning_history import DeskLearning
from bot.ports import ShelfUnavailable
from bot.records import ConversationId, DeskName, ExchangeId, Language, Passage, PassageId, Stamp
from web.assembly import House, ready
from web.backlog import backlogs, notice_warnings
from web.conversations import key_of
from web.decisions import held_back, told
from web.directory import SYSTEM, warnings
from web.doors import (
    AuditorDoors,
    DeskDoors,
    DoorSettings,
    Governance,
    Kept,
    LogDoor,
    ResponderDoors,
    StaffDoors,
    WebState,
)
from web.lifeline import unheard
from web.papers import papers_of
from web.person_doors import Found, PersonDoors
from web.replaced import replaced_at
from web.replaying import Replayer
from web.sequencing import late
from web.settings import Settings
from web.strays import record_stray
from web.verification import Verifications

EXAMPLES: Mapping[DeskName, Sequence[str]] = {
    DeskName.PUBLIC: (
        "AI利活用の基本的な考え方を五つ教えてください",
        "令和7年度の都のAI関連予算はいくら？",
        "補助金審査のAIはいつから本格導入？",
        "青・黄・赤はどういう意味？",
    ),
    DeskName.STAFF: (
        "文章生成AIを業務で使うときのルールは？",
        "職員内部業務の段階3はどういう段階？",
        "AI利活用に当たって留意すべき事項は？",
        "会議の議事録をAIで作りたい。使うのは職員で、内容は職員が確認します。どの段階ですか",
    ),
}
MOST_FEEDBACK = 3
"""Entries about one exchange: people change their mind, and the latest counts; nobody fills the log with them."""


def web_state(house: House, pool: Executor) -> WebState:
    """What the web application needs of the house. Raises BadPaper."""
    settings, served = house.settings, house.settings.served
    desks = [house.desks[name] for name in sorted(served)]
    public = desk_doors(house, DeskName.PUBLIC, pool) if DeskName.PUBLIC in served else None
    governance = Governance(house.accounts, house.system, house.accounts.oidc, pool)
    turn = Lock()  # whole logs are checked one at a time
    staff = None
    if DeskName.STAFF in served:
        staff = StaffDoors(desk_doors(house, DeskName.STAFF, pool), governance)
    return WebState(
        public=public,
        staff=staff,
        ready=lambda: ready(house),
        warnings=lambda: {**warnings(settings), **late(house), **notice_warnings(desks, settings.mode)},
        told=lambda: {**told(house.switch), **held_back(house.conditions.values())},
        backlogs=lambda: backlogs(desks),
        pool=pool,
        responders=[_responders(house, name, governance) for name in DeskName if name in served],
        auditors=[_auditors(house, name, governance, turn) for name in DeskName if name in served],
        editing=[Editing(DeskLearning(house.system, desk.name), desk.analyzer, desk.clock) for desk in desks],
        conditions=[_reported(house, house.desks[name]) for name in DeskName],
        records=[house.records[name] for name in sorted(served)],
        settings=DoorSettings(
            secure_cookies=settings.secure,
            requests_per_minute=settings.requests_per_minute,
            waiting=settings.waiting,
            limits_storage=settings.limits_storage,
            operator=settings.operator,
            mode=settings.mode,
            site=settings.site,
            papers=papers_of(settings.privacy_notice, settings.retention, settings.responsible),
        ),
        logs={name: _log_door(house.proofs[name]) for name in (*sorted(served), SYSTEM)},
    )


def _log_door(proofs: DeskProofs) -> LogDoor:
    return LogDoor(proofs.checkpoint, proofs.tile, lambda: proofs.verifier().text)


def desk_doors(house: House, name: DeskName, pool: Executor) -> DeskDoors:
    """One desk as its own application sees it, and nothing of the other desk."""
    desk, log, conditions = house.desks[name], house.logs[name], house.conditions[name]
    return DeskDoors(
        name=name,
        ask=_asking(desk),
        conversation=desk.log.conversation,
        feedback=_feedback(desk, log),
        source=desk.shelf.passage,
        contacts=desk.contacts,
        examples=EXAMPLES[name],
        unheard=unheard(desk),
        off=desk.switch.state,
        stray=lambda what: record_stray(log, name, what),
        people=_people(desk, log),
        pool=pool,
        conversation_key=key_of(house.settings.data / name / KEYS),
        held_back=lambda: list(dict.fromkeys(each.row.topic for each in conditions.known().exceeded)),
    )


def _people(desk: Desk, log: DeskLog) -> PersonDoors:
    def by_receipt(typed: str) -> Found | None:
        exchange, receipt = log.by_receipt(typed), log.promised(typed)
        return Found(replace(exchange, draft=None), receipt) if exchange and receipt else None

    return PersonDoors(
        office=desk.queue.office,
        now=desk.clock.now,
        waiting=desk.queue.cases.live,
        take=partial(take, desk),
        by_number=partial(persons_case.by_number, desk),
        by_receipt=by_receipt,
        of_conversation=partial(persons_case.of_conversation, desk),
        newest=partial(persons_case.newest, desk),
        add=partial(persons_case.add, desk),
        withdraw=partial(persons_case.withdraw, desk),
        reopen=partial(persons_case.reopen, desk),
        give_contact=partial(persons_case.give_contact, desk),
        remove_contact=partial(persons_case.remove_contact, desk),
    )


def _responders(house: House, name: DeskName, governance: Governance) -> ResponderDoors:
    log = house.logs[name]
    return ResponderDoors(house.desks[name], governance, lambda what: record_stray(log, name, what))


def _auditors(house: House, name: DeskName, governance: Governance, turn: Lock) -> AuditorDoors:
    log = house.logs[name]
    return AuditorDoors(
        name=name,
        house=governance,
        reading=house.readings[name],
        proofs=house.proofs[name],
        outcomes=log.outcomes,
        clock=house.desks[name].clock,
        stray=lambda what: record_stray(log, name, what),
        around=log.around,
        stamps=partial(_stamps, house.desks[name]),
        passage=partial(_passage, house.desks[name]),
        verifications=Verifications(log, house.proofs[name], house.desks[name].clock, turn),
        sampling=house.samplings[name],
        conditions=house.conditions[name],
        settle=partial(settle, house.system, house.conditions[name], house.desks[name].queue),
        replay=Replayer(house.desks[name], log, house.shelves[name], house.system),
        replaced=partial(replaced_at, house.settings.data / name.value, log),
    )


def _stamps(desk: Desk) -> Sequence[Stamp]:
    """What an answer would be stamped with now. Without a snapshot that can be read there are none of it."""
    try:
        shelf = desk.shelf.stamps()
    except ShelfUnavailable:
        shelf = ()
    rules = (desk.gate.stamp, desk.rules.stamp, desk.register.active().stamp, desk.wording.stamp)
    return (*desk.stamps, *rules, *shelf)


def _passage(desk: Desk, passage: PassageId) -> Passage | None:
    try:
        return desk.shelf.passage(passage)
    except ShelfUnavailable:
        return None


def _reported(house: House, desk: Desk) -> Conditions:
    """A desk's conditions as the system log alone tells them: who decides on them has no desk's log in reach."""
    register, demo = house.register.of(desk.name), house.settings.mode == "demo"
    return Conditions(desk.name, house.system, register, statistics, desk.clock, measuring=None, demo=demo)


def worker_pool(settings: Settings) -> ThreadPoolExecutor:
    """The bounded pool in which exchanges run: one worker per core unless set otherwise."""
    return ThreadPoolExecutor(settings.workers or os.cpu_count() or 1, thread_name_prefix="exchange")


def _asking(desk: Desk) -> Callable[[str, ConversationId | None, Language | None], Answered]:
    def ask(question: str, conversation: ConversationId | None, language: Language | None) -> Answered:
        return answer(desk, Asked(question, conversation, language))

    return ask


def _feedback(
    desk: Desk, log: DeskLog
) -> Callable[[ExchangeId, ConversationId | None, bool, str | None, str | None], Kept]:
    one_by_one = Lock()  # else two at once could both be the last one that is taken

    def give(
        exchange: ExchangeId,
        conversation: ConversationId | None,
        useful: bool,  # noqa: FBT001 - the door's own signature
        reason: str | None,
        comment: str | None,
    ) -> Kept:
        with one_by_one:
            if log.count(exchange, "feedback") >= MOST_FEEDBACK:
                return "enough"
            given = feedback.Feedback(useful, reason, comment)
            return "recorded" if feedback.give(desk, exchange, conversation, given) else "unknown"

    return give
