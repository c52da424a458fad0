"""Approved notes on their way into a desk's knowledge: written, read in, activated, recorded; and out of it again.

Whatever is cut off is done again by the next round: the same note is the same file and the same snapshot, and an
approval counts as carried out only when its own entry says so. As with every activation, the snapshot is active before
its entries are written (docs/adr/0015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from bot import learning
from bot.deciding import BY, ROLE
from bot.learning import subject_of
from bot.learning_history import DeskLearning
from bot.learning_values import NoteProposal
from bot.note_checks import personal
from bot.ports import Log, SystemLog
from bot.records import DeskName, Entry, EntryId, Json, SnapshotId
from knowledge import snapshots
from knowledge.ingest import IngestReport, Place, Status, ingest, remove
from knowledge.learned import keep
from web.activations import activation_by_notes
from web.assembly import House
from web.directory import SYSTEM
from web.note_files import note_file
from web.rounds import Step
from web.trials import HouseTrials, Judgement, Trials, question_rows

NOTES: Final = "notes"
"""The directory of a desk that holds its published notes, from which they can be read in again."""
ROUND_SECONDS: Final = 20.0
SERVICE: Final = "service"

_APPROVED: Final = ".approved"  # inside it and hidden: the note that is being published
_events = structlog.get_logger()


@dataclass(frozen=True)
class Publishing:
    """What one desk's notes are published with. ``place`` is where its knowledge is made, ``operator`` in whose name
    notes are published.
    """

    desk: DeskName
    place: Place
    log: Log
    system: SystemLog
    learning: DeskLearning
    trials: Trials
    operator: str | None = None

    @property
    def notes(self) -> Path:
        return self.place.directory / NOTES


def steps_of(house: House) -> Callable[[Callable[[], bool]], Sequence[Step]]:
    """The steps that publish the notes of every desk this process serves, for a thread of their own: a version takes
    seconds to build, and minutes to compare. Raises Stop where the operator's question set cannot be used.
    """
    settings, desks = house.settings, sorted(house.settings.served)
    rows = question_rows(str(settings.questions), desks) if settings.questions else ()
    all_of = [publishing_of(house, desk, [row for row in rows if _is_for(row, desk)]) for desk in desks]

    def steps(stopped: Callable[[], bool]) -> Sequence[Step]:
        return [Step(f"{each.desk.value}.notes", partial(publish, each, stopped), ROUND_SECONDS) for each in all_of]

    return steps


def publishing_of(house: House, desk: DeskName, rows: Sequence[Mapping[str, Any]] = ()) -> Publishing:
    """What the notes of one desk of the house are published with; ``rows`` are the questions that judge a version."""
    data = house.settings.data
    return Publishing(
        desk=desk,
        place=Place(data / desk.value, house.embedder, house.analyzer, data / SYSTEM / "vectors.sqlite"),
        log=house.logs[desk],
        system=house.system,
        learning=DeskLearning(house.system, desk),
        trials=HouseTrials(house, desk, rows),
        operator=house.settings.operator,
    )


def publish(publishing: Publishing, stopped: Callable[[], bool] = lambda: False) -> int:
    """Carry out what is approved, in the order of approval. How many were, refused ones too.

    Raises LogUnavailable, OSError, EmbedderUnavailable, MemoryError; what is not carried out then waits.
    """
    done = 0
    for proposal in publishing.learning.now().to_publish:
        if stopped():
            break
        entry = _withdrawn(publishing, proposal) if proposal.withdraws else _published(publishing, proposal)
        publishing.system.append(entry)
        _events.info("note_carried_out", desk=publishing.desk.value, result=entry.kind)
        done += 1
    return done


def _published(publishing: Publishing, proposal: NoteProposal) -> Entry:
    note = proposal.text
    if note is None:
        return _refused(publishing, proposal, "not_read", "its text was erased")
    if kinds := [kind for flaw in personal(note, publishing.place.analyzer) for kind in flaw.kinds]:
        return _refused(publishing, proposal, "personal", ", ".join(dict.fromkeys(kinds)))
    name = f"{proposal.note}.md"
    waiting = publishing.notes / _APPROVED / name
    keep(waiting, note_file(proposal.note, note, publishing.desk, publishing.operator))
    report, judged = _read_in(publishing, waiting)
    if unread := next((each.line for each in report.files if each.status is Status.REFUSED), None):
        waiting.unlink()
        return _refused(publishing, proposal, "not_read", unread)
    if report.held:
        waiting.unlink()
        return _refused(publishing, proposal, "held_back", report.held, judged.figures)
    unanswered = publishing.trials.unanswered(report.built, proposal.note, note)
    figures = {**judged.figures, "asked": len(note.questions), "unanswered": list(unanswered)}
    waiting.replace(publishing.notes / name)
    return _done(publishing, learning.PUBLISHED, proposal, report.built, figures)


def _read_in(publishing: Publishing, file: Path) -> tuple[IngestReport, Judgement]:
    """Build the version with the note in ``file`` and activate it, unless it answers the operator's questions worse."""
    place, judged = publishing.place, Judgement(None, {})

    def admit(waiting: SnapshotId) -> str | None:
        nonlocal judged
        active = snapshots.active(place.directory)
        judged = publishing.trials.compared(active or waiting, waiting)
        return judged.worse

    report = ingest(
        [file],
        publishing.desk,
        place.directory,
        place.embedder,
        place.analyzer,
        admit=admit if publishing.trials.judges else None,
        shared=place.shared,
    )
    return report, judged


def _withdrawn(publishing: Publishing, proposal: NoteProposal) -> Entry:
    """Take a note out. No questions hold that back: what people withdrew is not shown."""
    place, note = publishing.place, proposal.note
    try:
        report = remove([note], publishing.desk, place.directory, place.embedder, place.analyzer, shared=place.shared)
        now: SnapshotId | None = report.built
    except KeyError:  # gone already: by a round that was cut off, or by a command
        now = snapshots.active(place.directory)
    (publishing.notes / f"{note}.md").unlink(missing_ok=True)
    return _done(publishing, learning.WITHDRAWN, proposal, now, {})


def _done(
    publishing: Publishing, kind: str, proposal: NoteProposal, now: SnapshotId | None, figures: Mapping[str, Json]
) -> Entry:
    """The entry that says so, after the desk's own log has that of the activation."""
    links = _links(proposal)
    activated = now and activation_by_notes(publishing.log, publishing.desk, now, figures, links)
    meta = {**_told(publishing, proposal), "snapshot": now, "activated": activated, "figures": figures}
    return Entry(kind, subject_of(publishing.desk), meta, {}, links)


def _refused(
    publishing: Publishing, proposal: NoteProposal, why: str, said: str, figures: Mapping[str, Json] | None = None
) -> Entry:
    meta = {**_told(publishing, proposal), "why": why, "figures": figures or {}}
    return Entry(learning.REFUSED, subject_of(publishing.desk), meta, {"said": said}, _links(proposal))


def _told(publishing: Publishing, proposal: NoteProposal) -> dict[str, Json]:
    who = {learning.DESK: publishing.desk.value, BY: SERVICE, ROLE: SERVICE}
    return {**who, learning.NOTE: proposal.note}


def _links(proposal: NoteProposal) -> tuple[EntryId, ...]:
    return (proposal.approval,) if proposal.approval else ()


def _is_for(row: Mapping[str, Any], desk: DeskName) -> bool:
    return bool(row.get("desk", "public") == desk.value)
