"""The only place where real things are made and wired together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from audit import statistics
from audit.drawing import DeskSampling
from audit.erasing import DeskErasing
from audit.log import DeskLog
from audit.prepare import KEYS
from audit.proofs import DeskProofs
from audit.reading import DeskReading
from audit.search_index import SearchIndex
from bot import assessment, bridge, confidential, cues, danger, masking, questions, spelling
from bot.adapters.clock import SystemClock
from bot.assessing.colours import load_colours
from bot.conditions import ConditionedRegister, Conditions
from bot.desk import Desk
from bot.gaps import Gaps
from bot.gate import load_gate
from bot.labels import ConversationLabels
from bot.lexicon import Lexicon
from bot.meaning import meaning_of, sentences
from bot.ports import Embedder, Notifier, ShelfUnavailable, WordAnalyzer
from bot.records import DeskName, SnapshotId, Way
from bot.records_json import ACTIVATED
from bot.register_history import ActiveRegister
from bot.rules import rules_of
from bot.switch import OffSwitch
from knowledge import bundled, snapshots
from knowledge.adapters.embedding import RememberingEmbedder, load_embedder
from knowledge.adapters.words import load_analyzer
from knowledge.examples import PLANS, BundledExamples
from knowledge.ingest import BUNDLED, IngestReport, ingest
from knowledge.loading import READING, find_files
from knowledge.retrieval import RETRIEVAL
from knowledge.shelf import SnapshotShelf
from knowledge.vectors import VectorCache
from prompts.library import wording_for
from web.accounts.service import Accounts
from web.accounts.values import Limits
from web.activations import record_activation
from web.case_storage import prepare_cases, queue_of
from web.contacts import contacts_of
from web.conversations import prepare_key
from web.directory import SEARCH, SYSTEM, make_private
from web.identity import provider_of
from web.log_places import log_of, prepare_log, proofs_of
from web.notices import ways_of
from web.records import Records, Rules, records_of
from web.settings import Settings
from web.stamps import contacts_stamp, office_stamp, program

Progress = Callable[[DeskName, int, int], None]


@dataclass(frozen=True)
class House:
    """The desks with everything they stand on, and what must be closed at the end."""

    settings: Settings
    desks: Mapping[DeskName, Desk]
    shelves: Mapping[DeskName, SnapshotShelf]
    logs: Mapping[DeskName, DeskLog]
    system: DeskLog
    proofs: Mapping[str, DeskProofs]
    indexes: Mapping[DeskName, SearchIndex]
    readings: Mapping[DeskName, DeskReading]
    samplings: Mapping[DeskName, DeskSampling]
    conditions: Mapping[DeskName, Conditions]
    records: Mapping[DeskName, Records]
    register: ActiveRegister
    switch: OffSwitch
    accounts: Accounts
    ways: Mapping[Way, Notifier]
    embedder: Embedder
    analyzer: WordAnalyzer

    def close(self) -> None:
        self.accounts.close()
        for log in (*self.logs.values(), self.system):
            log.close()
        for reading in self.readings.values():
            reading.close()
        for proofs in self.proofs.values():
            proofs.close()
        for records in self.records.values():
            records.close()


def build(settings: Settings) -> House:
    """Make the house over a data directory. Logs and shelves open when they are used, so they may be away."""
    return _built(settings, load_embedder(), load_analyzer())


def build_around(house: House, data: Path) -> House:
    """A second house with the same models and settings over another data directory, its logs made ready in files there.

    Raises LogUnavailable, OSError.
    """
    settings = house.settings.model_copy(update={"data": data, "database": None})
    for name in (*DeskName, SYSTEM):
        prepare_log(settings, name, SystemClock())
    second = _built(settings, house.embedder, house.analyzer, trial=True)
    for name, log in second.logs.items():
        prepare_cases(data / name, log)
    return second


def _built(settings: Settings, embedder: Embedder, analyzer: WordAnalyzer, *, trial: bool = False) -> House:
    """``trial``: nobody asks here, so that every row answers directly as the register says."""
    clock = SystemClock()
    own = {name: RememberingEmbedder(embedder) for name in DeskName}  # what a desk was asked is in its memory alone
    shelves = {name: SnapshotShelf(settings.data / name.value, own[name], analyzer) for name in DeskName}
    logs = {name: log_of(settings, name.value, clock) for name in DeskName}
    system = log_of(settings, SYSTEM, clock)
    proofs = {str(name): proofs_of(settings, name, clock) for name in (*DeskName, SYSTEM)}
    indexes = {name: SearchIndex(settings.data / name.value / SEARCH, analyzer) for name in DeskName}
    readings = {name: DeskReading(logs[name], indexes[name], clock) for name in DeskName}
    register, switch = ActiveRegister(system), OffSwitch(system)
    registers = {name: register.of(name) for name in DeskName}
    samplings = {
        name: DeskSampling(logs[name], proofs[name.value], partial(masking.mask, words=analyzer)) for name in DeskName
    }
    conditions = {
        name: Conditions(
            name,
            system,
            registers[name],
            statistics,
            clock,
            measuring=samplings[name].grades,
            demo=trial or settings.mode == "demo",
        )
        for name in DeskName
    }
    colours = load_colours(settings.colours) if settings.colours else None
    contacts = {name: contacts_of(name, settings.contacts) for name in DeskName}
    queues = {name: queue_of(name, settings, logs[name], clock) for name in DeskName}
    desks = {
        name: Desk(
            name=name,
            shelf=shelves[name],
            log=logs[name],
            wording=wording_for(name),
            register=ConditionedRegister(registers[name], conditions[name]),
            switch=switch.of(name),
            rules=rules_of(name),
            meaning=meaning_of(name, BundledExamples(sentences(), own[name])),
            contacts=contacts[name],
            analyzer=analyzer,
            lexicon=Lexicon(analyzer),
            gate=load_gate(),
            clock=clock,
            gaps=Gaps(),
            labels=ConversationLabels(logs[name]),
            confidential=confidential.rules_of(name),
            queue=queues[name],
            budget_seconds=settings.budget_seconds,
            plans=_plans(own[name]) if name is DeskName.STAFF else None,
            colours=colours if name is DeskName.STAFF else None,
            stamps=(
                assessment.stamp(),
                masking.stamp(),
                danger.stamp(),
                confidential.stamp(),
                cues.stamp(),
                bridge.stamp(),
                spelling.stamp(),
                questions.stamp(),
                program(),
                contacts_stamp(contacts[name]),
                office_stamp(queues[name].office),
            ),
        )
        for name in DeskName
    }
    limits = Limits(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))
    accounts = Accounts(settings.data / SYSTEM, system, clock, limits, provider=provider_of(settings))
    ways = ways_of(settings, system, clock)
    return House(
        settings=settings,
        desks=desks,
        shelves=shelves,
        logs=logs,
        system=system,
        proofs=proofs,
        indexes=indexes,
        readings=readings,
        samplings=samplings,
        conditions=conditions,
        records={
            name: records_of(
                settings.data / name.value,
                DeskErasing(settings.data / name.value, clock, database=logs[name].database),
                Rules(settings.retention, system),
                [indexes[name]],
                [shelves[name].forget, own[name].forget],
            )
            for name in DeskName
        },
        register=register,
        switch=switch,
        accounts=accounts,
        ways=ways,
        embedder=embedder,
        analyzer=analyzer,
    )


def _plans(embedder: Embedder) -> BundledExamples:
    return BundledExamples(assessment.plan_sentences(), embedder, PLANS)


def prepare(house: House, progress: Progress | None = None) -> Sequence[IngestReport]:
    """Make the data directory ready: logs with their keys and tables, the bundled notes indexed for each desk.

    What is ready already is left alone; the bundled notes are read again only when one of them changed.
    Raises LogUnavailable, OSError, EmbedderUnavailable, MemoryError.
    """
    data = house.settings.data
    make_private(data)
    for name in (*DeskName, SYSTEM):
        prepare_log(house.settings, name, SystemClock())
    house.accounts.prepare()
    for name, log in house.logs.items():
        prepare_cases(data / name, log)
        prepare_key(data / name / KEYS)
    reports: list[IngestReport] = []
    digest = _bundled_digest(house.embedder.stamp.digest)
    shared = data / SYSTEM / "vectors.sqlite"
    for name in DeskName:
        mark = data / name.value / "bundled.sha256"
        if _whole(house.shelves[name]) and mark.exists() and mark.read_text("ascii") == digest:
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


def ready(house: House) -> dict[str, str]:
    """Logs and index of each desk this process serves, each with its state: ``ok``, or what is wrong."""
    served = sorted(house.settings.served)
    logs = {**{name.value: house.logs[name] for name in served}, SYSTEM: house.system}
    states = {f"log_{name}": _well(log.check()) for name, log in logs.items()}
    states["accounts"] = _well(house.accounts.check())
    for name in served:
        try:
            house.shelves[name].snapshot()
            states[f"index_{name.value}"] = "ok"
        except ShelfUnavailable as failure:
            states[f"index_{name.value}"] = failure.cause
    return states


def _well(state: str) -> str:
    return "ok" if state == "ready" else state


def _for_desk(progress: Progress | None, name: DeskName) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(name, done, total)


def _whole(shelf: SnapshotShelf) -> bool:
    """Whether the desk's active snapshot is there and undamaged: a start mends what is not. It stays open for the
    questions that follow. Raises OSError, MemoryError.
    """
    try:
        shelf.snapshot()
    except ShelfUnavailable as unavailable:
        if isinstance(unavailable.__cause__, OSError | MemoryError) and unavailable.cause in ("io", "memory"):
            raise unavailable.__cause__ from None
        return False
    return True


def _bundled_digest(embedding: str) -> str:
    """A digest over the bundled notes and the embedding model: unchanged means that nothing needs indexing."""
    digest = hashlib.sha256(f"{embedding}/{RETRIEVAL.stamp.digest}/{READING}".encode())
    for file in sorted(find_files(BUNDLED)):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
