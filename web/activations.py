"""Every activation of a version of a desk's knowledge is an entry in that desk's log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.learning import subject_of
from bot.ports import Log
from bot.records import DeskName, Entry, EntryId, Json, SnapshotId
from bot.records_json import ACTIVATED


def record_activation(  # noqa: PLR0913 - each is something else, and named where it is called
    log: Log,
    desk: DeskName,
    before: SnapshotId | None,
    active: SnapshotId,
    *,
    by: str,
    figures: Mapping[str, Json] | None = None,
    forced: str | None = None,
    notes: Sequence[EntryId] = (),
) -> EntryId:
    """Append the entry: ``by`` which command, the evaluation's ``figures``, and the reason where it was forced;
    ``notes`` are the approvals (entries of the system log) that it carries out, where it does. The entry's id.

    Raises LogUnavailable.
    """
    meta: dict[str, Json] = {"desk": desk.value, "snapshot": active, "before": before, "by": by}
    meta |= {"evaluation": figures, "forced": forced is not None}
    meta |= {"notes": list(notes)} if notes else {}
    contents = {} if forced is None else {"reason": forced}
    return log.append(Entry(ACTIVATED, subject_of(desk), meta, contents)).entry


def activation_by_notes(
    log: Log, desk: DeskName, active: SnapshotId, figures: Mapping[str, Json], notes: Sequence[EntryId]
) -> EntryId:
    """The entry that says that this version became the active one: the newest, if it does, else one appended now, which
    carries out the approvals of ``notes``. Raises LogUnavailable.
    """
    told = [each for each in log.entries(subject_of(desk)) if each.kind == ACTIVATED]
    if told and told[-1].meta.get("snapshot") == active:
        return told[-1].entry
    before = told[-1].meta.get("snapshot") if told else None
    known = SnapshotId(before) if isinstance(before, str) else None
    return record_activation(log, desk, known, active, by="notes", figures=figures or None, notes=notes)
