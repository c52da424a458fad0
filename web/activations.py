"""Every activation of a version of a desk's knowledge is an entry in that desk's log."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports import Log
from bot.records import ConversationId, DeskName, Entry, Json, SnapshotId
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
) -> None:
    """Append the entry: ``by`` which command, the evaluation's ``figures``, and the reason where it was forced.

    Raises LogUnavailable.
    """
    meta: dict[str, Json] = {"desk": desk.value, "snapshot": active, "before": before, "by": by}
    meta |= {"evaluation": figures, "forced": forced is not None}
    contents = {} if forced is None else {"reason": forced}
    log.append(Entry(ACTIVATED, ConversationId(f"knowledge-{desk.value}"), meta, contents))
