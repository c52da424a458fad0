"""What can be proved of one desk's log: tree, checkpoints, proofs, exports; beside ``audit.log`` that writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from sqlalchemy import Connection, select

from audit import tree
from audit.bundles import bundle, export
from audit.checkpoint import Verifier
from audit.codes import as_receipt_code
from audit.engines import Reader, write_engine
from audit.failures import CORRUPT, guarded
from audit.files import SameFile
from audit.keys import load_keys
from audit.prepare import DATABASE, KEYS, SUBJECT_KEYS
from audit.report import Report
from audit.sequencer import Sequenced, sequence
from audit.subject_keys import SubjectKeys
from audit.tables import ENTRIES, IDENTITY, RECEIPTS
from audit.tiles import Tile
from audit.verifying import verify
from audit.writing import Pen
from bot.ports import Clock, LogUnavailable
from bot.records import EntryId, Json

T = TypeVar("T")

_CLOCK: Final = "system"


@dataclass(frozen=True, slots=True)
class _Held:
    """What is read once: who signs, with which key, and the keys of the subjects."""

    verifier: Verifier
    pen: Pen
    subjects: SubjectKeys


class DeskProofs:
    """The tree over the log in ``<data>/<desk>``, made by ``audit.prepare.prepare``. Safe to call from any thread.

    Nothing is opened before the first call. Every method raises LogUnavailable where the log cannot be used.
    """

    def __init__(self, directory: Path, clock: Clock, *, busy_seconds: float = 5.0) -> None:
        self._directory = directory
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._database = directory / DATABASE
        self._reader = Reader(self._database, busy_seconds)
        self._lock = Lock()
        self._held_once: _Held | None = None

    def verifier(self) -> Verifier:
        """Whose signature the checkpoints bear."""
        return guarded(self._directory, self._held).verifier

    def waiting(self) -> int:
        """How many entries have no index yet. Cheap."""
        return self._reading(lambda connection, _: tree.waiting(connection))

    def waiting_since(self) -> datetime | None:
        """When the first of them was written; None where none waits."""
        return self._reading(lambda connection, _: tree.waiting_since(connection))

    def sequence(self) -> Sequenced:
        """Give the next waiting entries their index and sign the new head; with ``added`` 0 nothing waited.

        Raises Overtaken where another sequencer was first.
        """

        def work() -> Sequenced:
            held = self._held()
            file = SameFile(self._database)
            engine = write_engine(self._database, self._busy_seconds)
            try:
                with engine.begin() as connection:
                    done = sequence(connection, held.pen, self._clock.now())
            finally:
                engine.dispose()
            file.verify()  # last: a file taken away meanwhile has taken this head with it
            return done

        return guarded(self._directory, work)

    def checkpoint(self) -> str | None:
        """The newest checkpoint; None for a log that has none yet."""
        return self._reading(lambda connection, _: tree.latest(connection))

    def tile(self, wanted: Tile) -> bytes | None:
        """Exactly the hashes asked for; None where the tree has fewer."""
        return self._reading(lambda connection, _: tree.tile(connection, wanted))

    def entry_named(self, typed: str) -> EntryId | None:
        """The entry of this id, or the one that a receipt with this code is for."""
        code = as_receipt_code(typed)
        by_code = select(ENTRIES.c.entry).join_from(RECEIPTS, ENTRIES, RECEIPTS.c.sequence == ENTRIES.c.sequence)

        def work(connection: Connection, _: _Held) -> EntryId | None:
            found = connection.execute(select(ENTRIES.c.entry).where(ENTRIES.c.entry == typed.strip())).scalar()
            if found is None and code is not None:
                found = connection.execute(by_code.where(RECEIPTS.c.code == code)).scalar()
            return None if found is None else EntryId(found)

        return self._reading(work)

    def bundle(self, entry: EntryId, older: Sequence[str] = (), *, contents: bool) -> Mapping[str, Json]:
        """The proof of one entry, with its texts or without. Raises NotInTree, BadNote, ValueError."""
        return self._reading(
            lambda connection, held: bundle(
                connection, held.subjects if contents else None, held.verifier, entry, older
            )
        )

    def export(self, write: Callable[[bytes], object], *, contents: bool) -> None:
        """Write the whole log line by line, as it was at one moment. Raises NotInTree and what ``write`` raises, but
        for OSError, which becomes LogUnavailable (io).
        """

        def work(connection: Connection, held: _Held) -> None:
            lines: Iterator[bytes] = export(connection, held.subjects if contents else None, held.verifier)
            for line in lines:
                write(line)

        self._reading(work)

    def verify(self, outside: Sequence[str] = ()) -> Report:
        """Check the whole log, and checkpoints kept outside (notes) against it."""
        return self._reading(lambda connection, held: verify(connection, held.subjects, held.verifier, outside))

    def close(self) -> None:
        """Give up all connections. A later call opens them again."""
        self._reader.close()
        with self._lock:
            if self._held_once is not None:
                self._held_once.subjects.close()

    def _reading(self, work: Callable[[Connection, _Held], T]) -> T:
        def reading() -> T:
            held = self._held()
            with self._reader.transaction() as connection:
                return work(connection, held)

        return guarded(self._directory, reading)

    def _held(self) -> _Held:
        with self._lock:
            if self._held_once is None:
                self._held_once = self._read_held()
            return self._held_once

    def _read_held(self) -> _Held:
        keys = load_keys(self._directory / KEYS)
        with self._reader.transaction() as connection:
            rows = connection.execute(select(IDENTITY)).all()
        origin = next((row.origin for row in rows if row.public_key == keys.public), None)
        if origin is None:  # another log's keys, or a database that was never prepared
            raise LogUnavailable(CORRUPT)
        subjects = SubjectKeys(self._directory / KEYS / SUBJECT_KEYS, keys.master, self._busy_seconds)
        return _Held(Verifier(str(origin), keys.public), Pen(str(origin), _CLOCK, keys.signing, subjects), subjects)
