"""What two attackers do to a small log: one has the database, the other the database and every key.

Both work inside a transaction that is rolled back, so that one log serves thousands of attacks.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from audit.canonical import canonical
from audit.checkpoint import Checkpoint, signed
from audit.codes import fresh_entry_id
from audit.commitments import commitment, fresh_salt
from audit.leaves import leaf_hash
from audit.merkle import root_of
from audit.proofs import DeskProofs
from audit.receipts import promise_bytes, sign
from audit.sealing import SealedField, open_field, seal_field
from audit.tiles import grown
from tests.audit.logs_kit import erasure

# Columns whose every change must be noticed. Left out: what proves nothing and nothing is searched by (the time beside
# a checkpoint, which key a conversation's next text gets, the mac of what the tree holds already).
COLUMNS = {
    "entries": (
        "entry", "kind", "time", "conversation", "exchange", "leaf", "leaf", "leaf", "leaf_hash", "tree_index"
    ),
    "contents": ("path", "subject_key", "wrapped", "sealed", "sequence"),
    "links": ("target", "position"),
    "receipts": ("code", "promise", "promise", "signature", "sequence"),
    "tiles": ("hashes", "hashes", "level", "number"),
    "checkpoints": ("note", "note", "size"),
    "head": ("size", "sequence"),
}  # fmt: skip

# Two tables have no row numbers of their own.
PLACE = {"links": "(sequence * 100 + position)", "receipts": "code"}
WHEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Rows = list[tuple[Any, ...]]


def flipped(dice: random.Random, value: Any) -> Any:
    """The value with one bit of one byte, or one number, changed."""
    if value is None:
        return dice.choice((0, b"", "x"))
    if isinstance(value, int):
        return value ^ (1 << dice.randrange(6))
    raw = bytearray(value if isinstance(value, bytes) else value.encode("utf-8"))
    if not raw:
        return b"x" if isinstance(value, bytes) else "x"
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    return bytes(raw) if isinstance(value, bytes) else raw.decode("utf-8", "replace")


class DatabaseAttacker:
    """Changes rows. Knows the tables, but no key."""

    def __init__(self, connection: Connection, dice: random.Random) -> None:
        self._connection = connection
        self._dice = dice

    def rows(self, statement: str, *values: object) -> Rows:
        return [tuple(row) for row in self._connection.exec_driver_sql(statement, values).all()]

    def do(self, statement: str, *values: object) -> None:
        self._connection.exec_driver_sql(statement, values)

    def attack(self) -> str:
        """One attack; its name."""
        attack = self._dice.choices(
            (self.flip, self.swap, self.delete, self.duplicate, self.copy, self.forge_erasure, self.replay, self.cut,
             self.swap_salts),
            (12, 3, 3, 2, 3, 1, 1, 1, 1),
        )[0]  # fmt: skip
        return f"{attack.__name__}: {attack()}"

    def flip(self) -> str:
        table, column, place = self._place()
        [(value,)] = self.rows(f"SELECT {column} FROM {table} WHERE {PLACE.get(table, 'rowid')} = ?", place)
        self._set(table, column, place, flipped(self._dice, value))
        return f"{table}.{column}"

    def swap(self) -> str:
        table, column, one = self._place()
        other = self._row(table)
        [(first,)] = self.rows(f"SELECT {column} FROM {table} WHERE {PLACE.get(table, 'rowid')} = ?", one)
        [(second,)] = self.rows(f"SELECT {column} FROM {table} WHERE {PLACE.get(table, 'rowid')} = ?", other)
        if column in {"entry", "tree_index", "code", "size"}:
            self._set(table, column, one, -1 if isinstance(first, int) else "aside")
        self._set(table, column, other, first)
        self._set(table, column, one, second)
        return f"{table}.{column}"

    def copy(self) -> str:
        table, column, one = self._place()
        [(value,)] = self.rows(f"SELECT {column} FROM {table} WHERE {PLACE.get(table, 'rowid')} = ?", self._row(table))
        self._set(table, column, one, value)
        return f"{table}.{column}"

    def delete(self) -> str:
        table = self._dice.choice(list(COLUMNS))
        if table == "checkpoints":  # older ones are the operator's own copies: nothing in the record rests on them
            self.do("DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)")
            return table
        self.do(f"DELETE FROM {table} WHERE {PLACE.get(table, 'rowid')} = ?", self._row(table))
        return table

    def duplicate(self) -> str:
        """An entry, a text, a tile, a checkpoint once more, under a number of its own."""
        table, number = self._dice.choice((("entries", "sequence"), ("tiles", "number"), ("checkpoints", "size")))
        columns = [name for _, name, *_ in self.rows(f"PRAGMA table_info({table})")]
        columns = [name for name in columns if name not in {number, "tree_index"}]
        names = ", ".join(columns)
        values = ", ".join(f"{name} || 'x'" if name == "entry" else name for name in columns)
        place = self._row(table)
        [(largest,)] = self.rows(f"SELECT max({number}) FROM {table}")
        self.do(
            f"INSERT INTO {table} ({number}, {names}) SELECT ?, {values} FROM {table} WHERE rowid = ?",
            largest + 1,
            place,
        )
        return table

    def swap_salts(self) -> str:
        """Two texts change places with their salts, their keys and all."""
        one, other = self._row("contents"), self._row("contents")
        held = "subject_key, wrapped, sealed"
        first = self.rows(f"SELECT {held} FROM contents WHERE rowid = ?", one)[0]
        second = self.rows(f"SELECT {held} FROM contents WHERE rowid = ?", other)[0]
        for place, values in ((one, second), (other, first)):
            self.do(f"UPDATE contents SET ({held}) = (?, ?, ?) WHERE rowid = ?", *values, place)
        return "contents"

    def forge_erasure(self) -> str:
        """A text vanishes, and a row like those that explain such a thing appears."""
        place = self._row("contents")
        [(entry, path)] = self.rows(
            "SELECT entry, path FROM contents JOIN entries USING (sequence) WHERE contents.rowid = ?", place
        )
        self.do("DELETE FROM contents WHERE rowid = ?", place)
        [(text, mac)] = self.rows("SELECT leaf, mac FROM entries WHERE leaf IS NOT NULL ORDER BY random() LIMIT 1")
        made = erasure([(entry, [path])], self._dice.choice(("suspension", "expiry")))
        forged = {**json.loads(text), "entry": fresh_entry_id(), "kind": made.kind, "meta": made.meta,
                  "links": [entry], "subject": "erasures", "commitments": {}}  # fmt: skip
        leaf = canonical(forged)
        self.do(
            "INSERT INTO entries (entry, kind, time, conversation, leaf, leaf_hash, mac) VALUES (?, ?, ?, ?, ?, ?, ?)",
            forged["entry"], "erasure", forged["time"], "erasures", leaf, leaf_hash(leaf), mac,
        )  # fmt: skip
        self.do("INSERT INTO links SELECT max(sequence), 0, ? FROM entries", entry)
        return path

    def replay(self) -> str:
        """An old checkpoint as the newest."""
        notes = self.rows("SELECT note FROM checkpoints ORDER BY size")
        note = self._dice.choice(notes[:-1])[0]
        self.do("UPDATE checkpoints SET note = ? WHERE size = (SELECT max(size) FROM checkpoints)", note)
        return ""

    def cut(self) -> str:
        """Back to an older checkpoint, as whoever restores a backup would have it: everything after it is gone."""
        sizes = [size for (size,) in self.rows("SELECT size FROM checkpoints ORDER BY size")]
        size = self._dice.choice(sizes[:-1])
        hashes = [hashed for (hashed,) in self.rows("SELECT leaf_hash FROM entries ORDER BY tree_index LIMIT ?", size)]
        for table in ("contents", "links", "receipts"):
            self.do(
                f"DELETE FROM {table} WHERE sequence > (SELECT sequence FROM entries WHERE tree_index = ?)", size - 1
            )
        self.do("DELETE FROM entries WHERE tree_index >= ? OR tree_index IS NULL", size)
        self.do("DELETE FROM checkpoints WHERE size > ?", size)
        self.do("DELETE FROM tiles")
        for (level, number), row in grown(0, hashes, lambda level, number: b"").items():
            self.do("INSERT INTO tiles VALUES (?, ?, ?)", level, number, row)
        self.do("UPDATE head SET size = ?, sequence = (SELECT max(sequence) FROM entries)", size)
        return str(size)

    def _row(self, table: str) -> int | str:
        places = self.rows(f"SELECT {PLACE.get(table, 'rowid')} FROM {table}")
        place: int | str = self._dice.choice(places)[0]
        return place

    def _place(self) -> tuple[str, str, int | str]:
        table = self._dice.choice(list(COLUMNS))
        return table, self._dice.choice(COLUMNS[table]), self._row(table)

    def _set(self, table: str, column: str, place: int | str, value: Any) -> None:
        if column in {"kind", "time", "conversation", "exchange"}:  # beside a pruned leaf nothing says what they were
            self.do(f"UPDATE entries SET {column} = ? WHERE rowid = ? AND leaf IS NOT NULL", value, place)
            return
        self.do(f"UPDATE {table} SET {column} = ? WHERE {PLACE.get(table, 'rowid')} = ?", value, place)


@dataclass
class Record:
    """One entry in the hands of whoever has the keys: its leaf, its texts with their rows, its receipt or none."""

    leaf: dict[str, Any] | None
    hashed: bytes
    texts: dict[str, tuple[bytes, bytes, bytes]]
    promised: bool
    mac: bytes | None = None
    columns: tuple[Any, ...] = field(default=())


class KeyAttacker:
    """Rewrites history and signs it anew, wholly and rightly: within the log nothing is wrong afterwards.

    Every attack changes something below ``size``, the number of entries under the checkpoint that lies outside.
    """

    def __init__(self, connection: Connection, proofs: DeskProofs, dice: random.Random, size: int) -> None:
        self._connection = connection
        self._held, self._verifier = proofs._held(), proofs.verifier()
        self._dice = dice
        self._size = size
        self._sizes = [row.size for row in connection.exec_driver_sql("SELECT size FROM checkpoints ORDER BY size")]

    def attack(self) -> str:
        records = self._read()
        attacks: tuple[Callable[[list[Record]], None], ...] = (
            self.rewrite, self.reword, self.drop, self.swap, self.insert, self.repeat, self.truncate, self.fork,
            self.erase, self.prune,
        )  # fmt: skip
        attack = self._dice.choice(attacks)
        attack(records)
        self._write(records)
        return attack.__name__

    def rewrite(self, records: list[Record]) -> None:
        """Something about an entry is another."""
        leaf = self._some(records).leaf or {}
        name = self._dice.choice(("time", "clock", "subject", "meta"))
        leaf[name] = {**leaf["meta"], "note": self._dice.random()} if name == "meta" else leaf[name] + "0"

    def reword(self, records: list[Record]) -> None:
        """A text is another, sealed and committed to as it should be."""
        found = [each for each in records[: self._size] if each.leaf and each.texts]
        record = self._dice.choice(found)
        path = self._dice.choice(list(record.texts))
        subject, salt, value = record.texts[path]
        changed = value.decode("utf-8") + "。"
        fresh = self._dice.choice((salt, fresh_salt()))
        record.texts[path] = (subject, fresh, changed.encode("utf-8"))
        leaf = record.leaf or {}
        leaf["commitments"][path] = commitment(path, fresh, changed).hex()

    def drop(self, records: list[Record]) -> None:
        gone = self._some(records)
        records.remove(gone)
        self._unlink(records, gone)

    def swap(self, records: list[Record]) -> None:
        at = self._dice.randrange(self._size - 1)
        one, other = records[at], records[at + 1]
        self._unlink([other], one)
        records[at], records[at + 1] = other, one

    def insert(self, records: list[Record]) -> None:
        records.insert(self._dice.randrange(self._size), self._new("gap", {"count": self._dice.random()}))

    def repeat(self, records: list[Record]) -> None:
        again = self._some(records)
        leaf = {**(again.leaf or {}), "entry": fresh_entry_id(), "kind": "gap", "commitments": {}, "links": []}
        records.insert(self._dice.randrange(self._size), Record(leaf, b"", {}, promised=False))

    def truncate(self, records: list[Record]) -> None:
        del records[self._dice.randrange(1, self._size) :]

    def fork(self, records: list[Record]) -> None:
        """From some point on another history, longer than the first."""
        self.truncate(records)
        while len(records) < self._size + 3:
            records.append(self._new("gap", {"count": self._dice.random()}))

    def erase(self, records: list[Record]) -> None:
        """A text vanishes, and an entry says so that stands where it never stood."""
        found = [each for each in records[: self._size - 1] if each.leaf and each.texts]
        record = self._dice.choice(found)
        path = self._dice.choice(list(record.texts))
        del record.texts[path]
        entry = (record.leaf or {})["entry"]
        made = erasure([(entry, [path])], self._dice.choice(("suspension", "expiry")))
        at = self._dice.randrange(records.index(record) + 1, self._size)
        records.insert(at, self._new(made.kind, dict(made.meta), [entry]))

    def prune(self, records: list[Record]) -> None:
        """An entry is another's hash, and a rule is said to have taken it."""
        at = self._dice.randrange(self._size - 1)
        gone = records[at]
        self._unlink(records, gone)
        entry = gone.columns[0]
        hashed = self._dice.randbytes(32)
        records[at] = Record(None, hashed, {}, promised=gone.promised, columns=gone.columns)
        made = erasure([], "expiry", [{"index": at, "entry": entry, "leaf": hashed.hex()}])
        records.insert(self._dice.randrange(at + 1, self._size), self._new(made.kind, dict(made.meta)))

    def _some(self, records: list[Record]) -> Record:
        return self._dice.choice([each for each in records[: self._size] if each.leaf])

    def _new(self, kind: str, meta: dict[str, Any], links: list[str] | None = None) -> Record:
        leaf = {
            "v": "madoguchi-entry-v1", "log": self._verifier.name, "entry": fresh_entry_id(), "kind": kind,
            "time": "2026-11-23T09:00:00.000000Z", "clock": "system", "subject": "s", "meta": meta,
            "links": links or [], "commitments": {},
        }  # fmt: skip
        return Record(leaf, b"", {}, promised=False)

    def _unlink(self, records: list[Record], gone: Record) -> None:
        """Whatever names an entry that is no longer before it names it no more; what is pruned is not named anew."""
        entry = gone.columns[0]
        for each in records:
            if each.leaf and entry in each.leaf["links"]:
                each.leaf["links"] = [link for link in each.leaf["links"] if link != entry]

    def _mend(self, records: list[Record]) -> None:
        """Erasures say again where what they explain is; what none explains any more is made to need no explaining."""
        known = {(each.leaf or {}).get("entry") or each.columns[0] for each in records}
        for at, each in enumerate(records):
            later = [one.leaf["meta"] for one in records[at + 1 :] if one.leaf and one.leaf["kind"] == "erasure"]
            if each.leaf is None:
                said = [one for meta in later for one in meta.get("pruned", ()) if one["entry"] == each.columns[0]]
                for one in said:
                    one["index"] = at
                if not said:
                    records[at] = self._new("gap", {})
                    self._unlink(records, each)
                continue
            each.leaf["links"] = [link for link in each.leaf["links"] if link in known]
            told = {path for meta in later for one in meta["targets"] if one["entry"] == each.leaf["entry"]
                    for path in one["paths"]}  # fmt: skip
            kept = {path: value for path, value in each.leaf["commitments"].items() if path in told | each.texts.keys()}
            each.leaf["commitments"] = kept

    def _read(self) -> list[Record]:
        records: dict[int, Record] = {}
        for row in self._connection.exec_driver_sql("SELECT * FROM entries ORDER BY tree_index"):
            leaf = None if row.leaf is None else json.loads(row.leaf)
            columns = (row.entry, row.kind, row.time, row.conversation, row.exchange)
            records[row.sequence] = Record(leaf, row.leaf_hash, {}, promised=False, mac=row.mac, columns=columns)
        for row in self._connection.exec_driver_sql("SELECT * FROM contents"):
            held = self._held.subjects.read([row.subject_key])
            sealed = SealedField(row.wrapped, row.sealed)
            salt, value = open_field(held[row.subject_key], records[row.sequence].columns[0], row.path, sealed)
            records[row.sequence].texts[row.path] = (row.subject_key, salt, value.encode("utf-8"))
        for row in self._connection.exec_driver_sql("SELECT sequence FROM receipts"):
            records[row.sequence].promised = True
        return list(records.values())

    def _write(self, records: list[Record]) -> None:
        self._mend(records)
        for table in ("links", "contents", "receipts", "entries", "tiles", "checkpoints"):
            self._do(f"DELETE FROM {table}")
        hashes = [self._entry(sequence, each) for sequence, each in enumerate(records, 1)]
        for place, each in enumerate(records, 1):
            for position, target in enumerate(each.leaf["links"] if each.leaf else ()):
                self._do("INSERT INTO links VALUES (?, ?, ?)", place, position, target)
        for (level, number), row in grown(0, hashes, lambda level, number: b"").items():
            self._do("INSERT INTO tiles VALUES (?, ?, ?)", level, number, row)
        for size in sorted({*(size for size in self._sizes if size < len(hashes)), len(hashes)}):
            note = signed(Checkpoint(self._verifier.name, size, root_of(hashes[:size])), self._held.keys.signing)
            self._do("INSERT INTO checkpoints VALUES (?, ?, '')", size, note)
        self._do("UPDATE head SET size = ?, sequence = ?", len(hashes), len(hashes))

    def _entry(self, sequence: int, record: Record) -> bytes:
        if record.leaf is None:
            leaf, hashed, columns = None, record.hashed, record.columns
        else:
            leaf, told = canonical(record.leaf), record.leaf
            hashed, exchange = leaf_hash(leaf), told["meta"].get("exchange")
            columns = (told["entry"], told["kind"], told["time"], told["subject"], exchange)
        self._do("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 sequence, *columns, leaf, hashed, sequence - 1, record.mac)  # fmt: skip
        for path, (subject, salt, value) in record.texts.items():
            key = self._held.subjects.read([subject])[subject]
            sealed = seal_field(key, columns[0], path, salt, value.decode("utf-8"))
            self._do(
                "INSERT INTO contents VALUES (?, ?, ?, ?, ?)", sequence, path, subject, sealed.wrapped, sealed.sealed
            )
        if record.promised:
            code, promise = promise_bytes(self._verifier.name, columns[0], hashed.hex(), WHEN)
            self._do("INSERT INTO receipts VALUES (?, ?, ?, ?)", code, sequence, promise,
                     sign(self._held.keys.signing, promise))  # fmt: skip
        return hashed

    def _do(self, statement: str, *values: object) -> None:
        self._connection.exec_driver_sql(statement, values)


PATIENCE = "PRAGMA defer_foreign_keys = ON"
"""For a transaction: foreign keys wait for a commit that never comes."""


def disarm(connection: Connection) -> None:
    """Triggers go."""
    for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
