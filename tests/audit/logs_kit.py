"""Logs with a tree over them, and what may happen to them rightly: exchanges, erasures, expiry."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from audit.log import DeskLog
from audit.proofs import DeskProofs
from bot.ports import Clock
from bot.records import ConversationId, Entry, EntryId, Json
from tests.audit.entries import fresh_log, opened, whole_exchange
from tests.fakes_audit import TickingClock
from tests.postgres_kit import Place


class KeptLog:
    """A log, its proofs, and what a right erasure does to both."""

    def __init__(self, directory: Path, clock: Clock | None = None, place: Place | None = None) -> None:
        self.directory = directory
        self.clock = clock or TickingClock()
        self.place = place
        database = place.database() if place else None
        self.log: DeskLog = fresh_log(directory, self.clock, busy_seconds=30, database=database)
        self.proofs = DeskProofs(directory, self.clock, busy_seconds=30, database=database)

    def close(self) -> None:
        self.log.close()
        self.proofs.close()

    def sequence(self) -> str:
        """Everything that waits into the tree; the newest checkpoint."""
        while self.proofs.sequence().added:
            pass
        note = self.proofs.checkpoint()
        assert note is not None
        return note

    def rows(self, statement: str, *values: object) -> list[tuple]:
        if self.place:
            return self.place.rows(statement, *values)
        with closing(sqlite3.connect(self.directory / "log.sqlite", timeout=30)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def tamper(self, statement: str, *values: object) -> None:
        """Whoever owns the file, or the server, changes what they like: the triggers go first."""
        if self.place:
            self.place.tamper(statement, *values)
            return
        with closing(sqlite3.connect(self.directory / "log.sqlite", timeout=30)) as connection, connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement, values)

    def slip(self, statement: str) -> None:
        """Whoever owns the file, or the server, makes a mistake: the triggers are there."""
        self.rows(statement)

    def keep_copy(self) -> None:
        """As a backup would have it."""
        if self.place:
            self.close()
            self.place.keep_copy()
            return
        with closing(sqlite3.connect(self.directory / "log.sqlite")) as connection:
            connection.execute("VACUUM INTO ?", (str(self.directory / "copy"),))

    def restore_copy(self) -> None:
        """The backup in place of what is there."""
        self.close()
        if self.place:
            self.place.restore_copy()
            return
        for name in ("log.sqlite-wal", "log.sqlite-shm"):
            (self.directory / name).unlink(missing_ok=True)
        (self.directory / "copy").rename(self.directory / "log.sqlite")

    @property
    def environment(self) -> Mapping[str, str]:
        """For another process that writes in this log."""
        return {**os.environ, **({"MADOGUCHI_DATABASE": self.place.url} if self.place else {})}

    def erase(self, entry: str, paths: Sequence[str], basis: str = "suspension") -> EntryId:
        """Destroy texts of an entry and append the entry that says so."""
        for path in paths:
            self.rows(
                "DELETE FROM contents WHERE path = ? AND sequence = (SELECT sequence FROM entries WHERE entry = ?)",
                path,
                entry,
            )
        return self.log.append(erasure([(entry, paths)], basis)).entry

    def prune(self, entry: str) -> EntryId:
        """Keep only the hash of a leaf, under a rule."""
        [(sequence, index, leaf)] = self.rows(
            "SELECT sequence, tree_index, leaf_hash FROM entries WHERE entry = ?", entry
        )
        self.rows("DELETE FROM contents WHERE sequence = ?", sequence)
        self.rows("DELETE FROM links WHERE sequence = ?", sequence)
        self.rows("UPDATE entries SET leaf = NULL WHERE sequence = ?", sequence)
        pruned: list[Json] = [{"index": index, "entry": entry, "leaf": leaf.hex()}]
        return self.log.append(erasure([(entry, [])], "expiry", pruned)).entry

    def export(self, *, contents: bool = True) -> bytes:
        lines: list[bytes] = []
        self.proofs.export(lines.append, contents=contents)
        return b"".join(lines)


def erasure(targets: Sequence[tuple[str, Sequence[str]]], basis: str, pruned: Sequence[Json] = ()) -> Entry:
    rule: Json = {"name": "contents", "version": "1"} if basis == "expiry" else None
    meta: Mapping[str, Json] = {
        "basis": basis,
        "rule": rule,
        "by": "records_officer",
        "approved_by": "approver",
        "targets": [{"entry": entry, "paths": list(paths)} for entry, paths in targets],
        **({"pruned": list(pruned)} if pruned else {}),
    }
    links = tuple(EntryId(entry) for entry, _ in targets)
    return Entry("erasure", ConversationId("erasures"), meta, {}, links)


def any_log(directory: Path, seed: int, steps: int = 12, place: Place | None = None) -> KeptLog:
    """A small log with a history of its own: exchanges, checkpoints now and then, erasures, expiry, pruned leaves."""
    dice = random.Random(seed)
    kept = KeptLog(directory, place=place)
    texts: list[str] = []
    for number in range(steps):
        step = dice.choice(("exchange", "exchange", "open", "plain", "sequence", "erase", "expire", "prune"))
        if step == "exchange":
            texts.append(whole_exchange(kept.log, f"c-{dice.randrange(3)}", f"問い{number}")[1].entry)
        elif step == "open":
            texts.append(kept.log.append(opened(f"c-{dice.randrange(3)}", question="")).entry)
        elif step == "plain":
            kept.log.append(Entry("gap", ConversationId("gap"), {"count": number, "ü": [None, 0.5, "\n"]}))
        elif step == "sequence":
            kept.proofs.sequence()
        elif texts and step in {"erase", "expire"}:
            entry = texts.pop(dice.randrange(len(texts)))
            paths = [path for (path,) in kept.rows(
                "SELECT path FROM contents JOIN entries USING (sequence) WHERE entry = ?", entry)]  # fmt: skip
            chosen = [path for path in paths if dice.random() < 0.7]
            kept.erase(entry, chosen, "expiry" if step == "expire" else dice.choice(("suspension", "unlawful")))
        elif texts and step == "prune":
            kept.sequence()
            kept.prune(texts.pop(dice.randrange(len(texts))))
    kept.log.append(opened())
    kept.sequence()
    return kept
