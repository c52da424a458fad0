"""A desk's cases and notices in the database of its log, so that they commit together with their entries.

This room opens no file. It runs on what a :class:`~bot.adapters.database.storage.Storage` hands it, which is the log
itself: the transaction of an entry is the transaction of the case and of the notices.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.adapters.database.cases import DeskCases
from bot.adapters.database.contacts import KEY_BYTES, KEY_FILE, ContactKey
from bot.adapters.database.outbox import DeskOutbox

HEAD: Final = "0001"
SCRIPTS: Final = Path(__file__).with_name("migrations")
VERSIONS: Final = "cases_version"
"""The table that says how far these tables have come; the log's own counts apart from them."""

__all__ = ["HEAD", "KEY_BYTES", "KEY_FILE", "SCRIPTS", "VERSIONS", "ContactKey", "DeskCases", "DeskOutbox"]
