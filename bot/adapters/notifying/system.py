"""Notices to the service's own log: entries, each appended once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.notices import NOTICE, entry_of
from bot.ports import LogUnavailable, NotDelivered, SystemLog
from bot.records import Notice


@dataclass(frozen=True, slots=True)
class SystemNotifier:
    """Appends the entry that a notice brings, unless an entry about the same subject names the notice already.

    One dispatcher at a time: two could both find none.
    """

    log: SystemLog

    def deliver(self, notice: Notice) -> None:
        """Raises NotDelivered: unreachable (the log is away), rejected (no such entry can be written)."""
        try:
            entry = entry_of(notice)
            if not any(told.meta.get(NOTICE) == notice.key for told in self.log.entries(entry.subject)):
                self.log.append(entry)
        except LogUnavailable:
            raise NotDelivered("unreachable") from None
        except (ValueError, TypeError):
            raise NotDelivered("rejected") from None
