"""The only place where real things are made and wired together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from audit.log import DeskLog
from audit.prepare import KEYS
from audit.prepare import prepare as prepare_log
from bot import bridge, cues, danger, feedback, masking, questions
from bot.adapters.clock import SystemClock
from bot.answered import Answered, Asked
from bot.desk import Desk
from bot.exchange import answer
from bot.gaps import Gaps
from bot.gate import load_gate
from bot.lexicon import Lexicon
from bot.ports import Embedder, ShelfUnavailable, WordAnalyzer
from bot.records import ConversationId, DeskName, ExchangeId, Language, SnapshotId
from bot.records_json import ACTIVATED
from bot.register import load_register
from bot.rules import rules_of
from knowledge import bundled, snapshots
from knowledge.adapters.embedding import load_embedder
from knowledge.adapters.words import load_analyzer
from knowledge.building import snapshots_of
from knowledge.ingest import BUNDLED, IngestReport, ingest
from knowledge.loading import READING, find_files
from knowledge.manifests import SnapshotDamaged, check
from knowledge.retrieval import RETRIEVAL
from knowledge.shelf import SnapshotShelf
from knowledge.vectors import VectorCache
from prompts.library import wording_for
from web.activations import record_activation
from web.contacts import contacts_of
from web.conversations import key_of, prepare_key
from web.directory import make_private, warnings
from web.doors import DoorSettings, Kept, PublicDesk, WebState
from web.lifeline import unheard
from web.settings import Settings

EXAMPLES = (
    "AI利活用の基本的な考え方を五つ教えてください",
    "令和7年度の都のAI関連予算はいくら？",
    "補助金審査のAIはいつから本格導入？",
    "青・黄・赤はどういう意味？",
)
MOST_FEEDBACK = 3
"""Entries about one exchange: people change their mind, and the latest counts; nobody fills the log with them."""

Progress = Callable[[DeskName, int, int], None]


@dataclass(frozen=True)
class House:
    """The desks with everything they stand on, and what must be closed at the end."""

    settings: Settings
    desks: Mapping[DeskName, Desk]
    shelves: Mapping[DeskName, SnapshotShelf]
    logs: Mapping[DeskName, DeskLog]
    embedder: Embedder
    analyzer: WordAnalyzer

    def close(self) -> None:
        for log in self.logs.values():
            log.close()


def build(settings: Settings) -> House:
    """Make the house over a data directory. Logs and shelves open when they are used, so they may be away."""
    return _built(settings, load_embedder(), load_analyzer())


def build_around(house: House, data: Path) -> House:
    """A second house with the same models and settings over another data directory, its logs made ready.

    Raises LogUnavailable, OSError.
    """
    for name in DeskName:
        prepare_log(data / name.value, f"{house.settings.origin}/{name.value}", SystemClock())
    return _built(house.settings.model_copy(update={"data": data}), house.embedder, house.analyzer)


def _built(settings: Settings, embedder: Embedder, analyzer: WordAnalyzer) -> House:
    clock = SystemClock()
    shelves = {name: SnapshotShelf(settings.data / name.value, embedder, analyzer) for name in DeskName}
    logs = {name: DeskLog(settings.data / name.value, clock) for name in DeskName}
    desks = {
        name: Desk(
            name=name,
            shelf=shelves[name],
            log=logs[name],
            wording=wording_for(name),
            register=load_register(),
            rules=rules_of(name),
            contacts=contacts_of(name, settings.contacts),
            analyzer=analyzer,
            lexicon=Lexicon(analyzer),
            gate=load_gate(),
            clock=clock,
            gaps=Gaps(),
            budget_seconds=settings.budget_seconds,
            stamps=(masking.stamp(), danger.stamp(), cues.stamp(), bridge.stamp(), questions.stamp()),
        )
        for name in DeskName
    }
    return House(settings, desks, shelves, logs, embedder, analyzer)


def prepare(house: House, progress: Progress | None = None) -> Sequence[IngestReport]:
    """Make the data directory ready: logs with their keys and tables, the bundled notes indexed for each desk.

    What is ready already is left alone; the bundled notes are read again only when one of them changed.
    Raises LogUnavailable, OSError, EmbedderUnavailable, MemoryError.
    """
    data = house.settings.data
    make_private(data)
    for name in DeskName:
        prepare_log(data / name.value, f"{house.settings.origin}/{name.value}", SystemClock())
    prepare_key(data / DeskName.PUBLIC / KEYS)
    reports: list[IngestReport] = []
    digest = _bundled_digest(house.embedder.stamp.digest)
    shared = data / "system" / "vectors.sqlite"
    for name in DeskName:
        mark = data / name.value / "bundled.sha256"
        if _whole(data / name.value) and mark.exists() and mark.read_text("ascii") == digest:
            continue
        if not reports:
            bundled.seed(VectorCache(shared), house.embedder.stamp)
        report = ingest(
            [BUNDLED],
            name,
            data / name.value,
            house.embedder,
            house.analyzer,
            bundled=True,
            shared=shared,
            progress=_for_desk(progress, name),
        )
        reports.append(report)
        mark.write_text(digest, "ascii")
    for name in DeskName:
        _record_what_is_active(house, name)
    return reports


def _record_what_is_active(house: House, name: DeskName) -> None:
    """Append the entry of an activation that has none: this start's, or one whose process ended before it could."""
    active, told = snapshots.active(house.settings.data / name.value), house.logs[name].newest(ACTIVATED)
    before = None if told is None else told["snapshot"]
    if active is not None and active != before:
        known = SnapshotId(before) if isinstance(before, str) else None
        record_activation(house.logs[name], name, known, active, by="prepare")


def warm(house: House) -> None:
    """Open the shelves and work out their words, so that the first question does not wait. Faults show at questions."""
    for desk in house.desks.values():
        try:
            desk.lexicon.common(desk.shelf.snapshot(), desk.shelf.passages())
        except (ShelfUnavailable, MemoryError):
            continue


def web_state(house: House, pool: Executor) -> WebState:
    """What the web application needs of the house."""
    settings = house.settings
    desk = house.desks[DeskName.PUBLIC]
    return WebState(
        public=PublicDesk(
            ask=_asking(desk),
            conversation=desk.log.conversation,
            feedback=_feedback(desk, house.logs[DeskName.PUBLIC]),
            source=desk.shelf.passage,
            contacts=desk.contacts,
            examples=EXAMPLES,
            mode=settings.mode,
            unheard=unheard(desk),
            ready=lambda: ready(house),
            warnings=lambda: warnings(settings),
            pool=pool,
        ),
        conversation_key=key_of(settings.data / DeskName.PUBLIC / KEYS),
        settings=DoorSettings(
            secure_cookies=settings.secure,
            requests_per_minute=settings.requests_per_minute,
            waiting=settings.waiting,
            limits_storage=settings.limits_storage,
            operator=settings.operator,
        ),
    )


def worker_pool(settings: Settings) -> ThreadPoolExecutor:
    """The bounded pool in which exchanges run: one worker per core unless set otherwise."""
    return ThreadPoolExecutor(settings.workers or os.cpu_count() or 1, thread_name_prefix="exchange")


def ready(house: House) -> dict[str, str]:
    """Log and index of each desk with their state: ``ok``, or what is wrong."""
    states: dict[str, str] = {}
    for name in DeskName:
        log = house.logs[name].check()
        states[f"log_{name.value}"] = "ok" if log == "ready" else log
        try:
            house.shelves[name].snapshot()
            states[f"index_{name.value}"] = "ok"
        except ShelfUnavailable as failure:
            states[f"index_{name.value}"] = failure.cause
    return states


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


def _for_desk(progress: Progress | None, name: DeskName) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(name, done, total)


def _whole(directory: Path) -> bool:
    """Whether the desk's active snapshot is there and undamaged: a start mends what is not."""
    active = snapshots.active(directory)
    if active is None:
        return False
    try:
        check(snapshots_of(directory) / active)
    except SnapshotDamaged:
        return False
    return True


def _bundled_digest(embedding: str) -> str:
    """A digest over the bundled notes and the embedding model: unchanged means that nothing needs indexing."""
    digest = hashlib.sha256(f"{embedding}/{RETRIEVAL.stamp.digest}/{READING}".encode())
    for file in sorted(find_files(BUNDLED)):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


__all__ = [
    "House",
    "build",
    "prepare",
    "ready",
    "warm",
    "web_state",
    "worker_pool",
]
