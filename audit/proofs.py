"""What can be proved of one desk's log: tree, checkpoints, proofs, exports; beside ``audit.log`` that writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from audit import tree
from audit.bundles import bundle, export
from audit.checking import ExchangeChecked, check_exchange
from audit.checkpoint import Verifier
from audit.codes import as_receipt_code
from audit.log_files import LogFiles
from audit.report import Report
from audit.sequencer import Sequenced, sequence
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, RECEIPTS
from audit.tiles import Tile
from audit.verifying import verify
from bot.records import EntryId, ExchangeId, Json

T = TypeVar("T")


class DeskProofs(LogFiles):
    """The tree over the log in ``<data>/<desk>``, made by ``audit.prepare.prepare``. Safe to call from any thread.

    Nothing is opened before the first call. Every method raises LogUnavailable where the log cannot be used.
    """

    def verifier(self) -> Verifier:
        """Whose signature the checkpoints bear."""
        held = self._guarded(self._held)
        return Verifier(held.origin, held.keys.public)

    def waiting(self) -> int:
        """How many entries have no index yet. Cheap."""
        return self._reading(tree.waiting)

    def waiting_since(self) -> datetime | None:
        """When the first of them was written; None where none waits."""
        return self._reading(tree.waiting_since)

    def sequence(self) -> Sequenced:
        """Give the next waiting entries their index and sign the new head; with ``added`` 0 nothing waited.

        Raises Overtaken where another sequencer was first.
        """
        return self._guarded(self._sequence)

    def checkpoint(self) -> str | None:
        """The newest checkpoint; None for a log that has none yet."""
        return self._reading(tree.latest)

    def tile(self, wanted: Tile) -> bytes | None:
        """Exactly the hashes asked for; None where the tree has fewer."""
        return self._reading(lambda connection: tree.tile(connection, wanted))

    def entry_named(self, typed: str) -> EntryId | None:
        """The entry of this id, or the one that a receipt with this code is for."""
        code = as_receipt_code(typed)
        by_code = select(ENTRIES.c.entry).join_from(RECEIPTS, ENTRIES, RECEIPTS.c.sequence == ENTRIES.c.sequence)

        def work(connection: Connection) -> EntryId | None:
            found = connection.execute(select(ENTRIES.c.entry).where(ENTRIES.c.entry == typed.strip())).scalar()
            if found is None and code is not None:
                found = connection.execute(by_code.where(RECEIPTS.c.code == code)).scalar()
            return None if found is None else EntryId(found)

        return self._reading(work)

    def bundle(self, entry: EntryId, older: Sequence[str] = (), *, contents: bool) -> Mapping[str, Json]:
        """The proof of one entry, with its texts or without. Raises NotInTree, BadNote, ValueError."""
        return self._proving(
            lambda connection, verifier, keys: bundle(connection, keys if contents else None, verifier, entry, older)
        )

    def export(self, write: Callable[[bytes], object], *, contents: bool) -> None:
        """Write the whole log line by line, as it was at one moment. Raises NotInTree and what ``write`` raises, but
        for OSError, which becomes LogUnavailable (io).
        """

        def work(connection: Connection, verifier: Verifier, keys: SubjectKeys) -> None:
            for line in export(connection, keys if contents else None, verifier):
                write(line)

        self._proving(work)

    def verify(self, outside: Sequence[str] = ()) -> Report:
        """Check the whole log, and checkpoints kept outside (notes) against it."""
        return self._proving(lambda connection, verifier, keys: verify(connection, keys, verifier, outside))

    def examine(self, exchange: ExchangeId, outside: Sequence[str] = ()) -> ExchangeChecked | None:
        """Check the entries of one exchange and about it, and checkpoints kept outside (notes) against the log; None
        where there is no such exchange. No text leaves.
        """
        return self._proving(
            lambda connection, verifier, keys: check_exchange(connection, keys, verifier, exchange, outside)
        )

    def entries_of(self, exchange: ExchangeId) -> Sequence[tuple[EntryId, str]]:
        """Id and kind of the entries of an exchange, oldest first; none where there is no such exchange."""
        which = select(ENTRIES.c.entry, ENTRIES.c.kind).where(ENTRIES.c.exchange == exchange)
        rows = which.order_by(ENTRIES.c.sequence)
        return self._reading(lambda connection: [(EntryId(row.entry), row.kind) for row in connection.execute(rows)])

    def _proving(self, work: Callable[[Connection, Verifier, SubjectKeys], T]) -> T:
        verifier, keys = self.verifier(), self._guarded(self._held).subjects
        return self._reading(lambda connection: work(connection, verifier, keys))

    def _sequence(self) -> Sequenced:
        pen = self._pen()
        with self.database.sequencing(self._busy_seconds) as connection:
            return sequence(connection, pen, self._clock.now())
