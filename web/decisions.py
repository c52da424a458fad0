"""What people decided for the service, for the doors and the doctor: who acts, the words for it, what is to be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from bot.conditions import Basis, Conditions
from bot.deciding import Actor
from bot.learning_history import DeskLearning
from bot.learning_values import NoteState
from bot.ports import LogUnavailable, SystemLog
from bot.records import AutomationLevel, DeskName, Risk, Topic
from bot.register import lacking, overdue
from bot.register_history import ActiveRegister, ProposalState
from bot.switch import OffSwitch, Scope
from web.accounts.roles import Grant
from web.accounts.values import AccountId

_SOON: Final = timedelta(days=14)
LEVELS: Final = {
    AutomationLevel.FULL: "AIが直接回答（情報提供）",
    AutomationLevel.ASSISTED: "担当者が確認してから回答",
    AutomationLevel.NONE: "担当者が回答",
}
RISKS: Final = {Risk.LOW: "低", Risk.MODERATE: "中", Risk.HIGH: "高", Risk.GRAVE: "重大"}
TOPICS: Final = {
    Topic.DOCUMENTS: "資料についての質問",
    Topic.SERVICE: "このサービスの説明",
    Topic.OWN_CASE: "個別の申請・手続き",
    Topic.COMPLAINT: "苦情・心配の申出",
    Topic.PERSON: "職員への相談の希望",
    Topic.DANGER: "命や身体の危険",
    Topic.MANIPULATION: "サービスへの操作",
    Topic.OPINION: "意見や評価の求め",
    Topic.OTHER_DESK: "もう一つの窓口の用件",
    Topic.OUT_OF_SCOPE: "範囲外の質問",
    Topic.CONSULTATION: "AI利用の計画の相談",
}
DESKS: Final = {DeskName.PUBLIC: "都民窓口", DeskName.STAFF: "職員窓口"}
SCOPES: Final = {Scope.ALL: "すべての窓口", Scope.PUBLIC: "都民窓口", Scope.STAFF: "職員窓口"}
ROLES: Final = {
    "administrator": "管理者",
    "approver": "承認者",
    "knowledge_editor": "資料担当",
    "records_officer": "文書・個人情報保護担当",
}
STATES: Final = {
    ProposalState.WAITING: "承認待ち",
    ProposalState.APPROVED: "承認済み",
    ProposalState.REJECTED: "却下",
    ProposalState.STALE: "無効（提案後に別の版が有効になった）",
    ProposalState.UNREADABLE: "無効（読み取れない）",
}
VOID: Final = {
    "own_proposal": "提案した本人による承認",
    "not_approver": "承認者の役割がない",
    "not_waiting": "承認待ちではない",
    "stale": "提案後に別の版が有効になった",
    "unknown_proposal": "提案が見つからない",
}


def actor_of(account: AccountId, name: str, grants: Collection[Grant]) -> Actor:
    """Somebody signed in, as one who decides. Decisions are the whole service's: a role at one desk counts for none."""
    return Actor(account, name, frozenset(each.role.value for each in grants if each.desk is None))


def actor_at(account: AccountId, name: str, grants: Collection[Grant], desk: DeskName) -> Actor:
    """The same where what is decided is one desk's: with the roles held there or for the whole service."""
    return Actor(account, name, frozenset(each.role.value for each in grants if each.desk in {None, desk}))


def told(switch: OffSwitch) -> Mapping[str, str]:
    """``ai_public``, ``ai_staff``: ``off`` where AI answers are off; nothing where they are on or it cannot be read."""
    try:
        return {f"ai_{desk.value}": "off" for desk in DeskName if switch.state(desk)}
    except LogUnavailable:
        return {}


def held_back(desks: Iterable[Conditions]) -> Mapping[str, str]:
    """``conditions_public``, ``conditions_staff``: the rows whose errors exceed what is allowed; nothing where none do
    or it cannot be read.
    """
    try:
        rows = {each.desk: [row.key for row in each.known().exceeded] for each in desks}
    except LogUnavailable:
        return {}
    return {f"conditions_{desk.value}": "exceeded: " + ", ".join(keys) for desk, keys in rows.items() if keys}


def condition_tasks(conditions: Conditions, day: date) -> Iterator[str]:
    """What somebody has to do about a desk's conditions, one line each: for the doctor. A log that is away is told
    elsewhere.
    """
    try:
        standing = conditions.now()
    except LogUnavailable:
        return
    desk = conditions.desk.value
    for row in standing.rows.values():
        permit = row.held.permit
        if row.basis is Basis.EXCEEDED:
            yield f"{desk}: errors of {row.key} exceed what is allowed; people answer first (/admin/conditions)"
        elif not row.direct:
            yield f"{desk}: {row.key} is {row.state.value} and no decision lets it answer directly (/admin/conditions)"
        elif row.basis is Basis.DECISION and permit is not None and permit.until - day <= _SOON:
            yield f"{desk}: the permission of {row.key} to answer directly ends on {permit.until}"
    for waiting in standing.decisions.waiting:
        yield f"{desk}: proposal {waiting.id} on {waiting.row} waits for somebody else's approval"


def tasks(register: ActiveRegister, switch: OffSwitch, day: date) -> Iterator[str]:
    """What somebody has to do about decisions, one line each: for the doctor. A log that is away is told elsewhere."""
    try:
        history, thrown = register.history(), switch.thrown()
    except LogUnavailable:
        return
    for row in overdue(history.active, day):
        yield f"register: {row.id} is overdue for review since {row.review_by} ({row.owner})"
    for missing in lacking(history.active):
        yield f"register: version {history.active.stamp.version} has no row {missing}; a person answers; propose one"
    for proposal in history.waiting:
        yield f"register: proposal {proposal.id} of {proposal.time.date()} waits for somebody else's approval"
    for off in thrown.values():
        yield f"switch: AI answers are off ({off.scope.value}) since {off.since_japan}: {off.why}"


def note_tasks(system: SystemLog, desk: DeskName, documents: Collection[str]) -> Iterator[str]:
    """What somebody has to do about what a desk learned, one line each: for the doctor. ``documents`` are those of the
    active version. A log that is away is told elsewhere.
    """
    try:
        learned = DeskLearning(system, desk).now()
    except LogUnavailable:
        return
    if flags := learned.open_flags:
        yield f"{desk.value}: {len(flags)} passages or rules that people found wrong wait to be settled (/admin/notes)"
    for proposal in learned.waiting:
        day, refused = proposal.proposed.time.date(), proposal.state is NoteState.REFUSED
        waits = "could not be published; it has to be revised or rejected" if refused else "waits for an approver"
        yield f"{desk.value}: note proposal {proposal.id} of {day} {waits}"
    for proposal in learned.to_publish:
        yield f"{desk.value}: note {proposal.note} is approved and not carried out yet; the server does it"
    for note in sorted(set(learned.live) - set(documents)):
        yield f"{desk.value}: note {note} is published and not in the active version; ingest the desk's notes directory"
