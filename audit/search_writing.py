"""Writing rows into the derived index and taking them out again, inside a transaction of its file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Final

import apsw

from audit.search_rows import Row, Shape
from audit.search_terms import Tokens
from bot.records import EntryId, ExchangeId

_FAST: Final = 1  # zlib's level: tokens repeat so much that more is not worth its time
_MICROSECONDS: Final = 1_000_000

_ADD_SHAPE: Final = """
INSERT INTO shapes (key, outcome, family, risk, topic, level, language, models, snapshot, prompt, case_state, feedback,
masked, corrected) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""

_COUNT: Final = "INSERT INTO tally VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1"


@dataclass(frozen=True, slots=True)
class State:
    """How far the index is: the number up to which the log was taken, the entry with it, and how often something was
    forgotten. ``made`` names this file among all that were made here.
    """

    made: str
    mark: int
    entry: EntryId | None
    epoch: int


def state_of(connection: apsw.Connection) -> State:
    """Raises apsw.Error."""
    made, mark, entry, epoch = connection.execute("SELECT made, mark, entry, epoch FROM state").fetchall()[0]
    return State(str(made), int(str(mark)), None if entry is None else EntryId(str(entry)), int(str(epoch)))


def put(connection: apsw.Connection, number: int, row: Row, tokens: Tokens) -> None:
    """Keep one exchange under the number of its opening entry, in place of what was kept before. Raises apsw.Error."""
    drop(connection, row.exchange)
    shape = _shape(connection, row.shape)
    connection.execute(
        "INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?)",
        (number, row.exchange, row.opened, row.closed, microseconds(row.received), shape),
    )
    documents = [_document(connection, each) for each in row.documents]
    connection.executemany("INSERT INTO cited VALUES (?, ?)", [(each, number) for each in documents])
    connection.execute("UPDATE shapes SET n = n + 1 WHERE id = ?", (shape,))
    connection.executemany(_COUNT, [(shape, each) for each in documents])
    if row.texts:
        _add_tokens(connection, number, tokens)


def drop(connection: apsw.Connection, exchange: ExchangeId) -> None:
    """Take one exchange out, with every token. Raises apsw.Error."""
    found = connection.execute("SELECT row, shape FROM exchanges WHERE exchange = ?", (exchange,)).fetchone()
    if found is None:
        return
    number, shape = found
    _drop_tokens(connection, int(str(number)))
    connection.execute("UPDATE shapes SET n = n - 1 WHERE id = ?", (shape,))
    connection.execute(
        "UPDATE tally SET n = n - 1 WHERE shape = ? AND document IN (SELECT document FROM cited WHERE row = ?)",
        (shape, number),
    )
    connection.execute("DELETE FROM cited WHERE row = ?", (number,))
    connection.execute("DELETE FROM exchanges WHERE row = ?", (number,))


def forget(connection: apsw.Connection, exchanges: Collection[ExchangeId]) -> None:
    """Take the tokens of these exchanges out; what lists show of them stays. Raises apsw.Error."""
    for exchange in exchanges:
        number = connection.execute("SELECT row FROM exchanges WHERE exchange = ?", (exchange,)).get
        if number is not None:
            _drop_tokens(connection, number)
    connection.execute("UPDATE state SET epoch = epoch + 1")


def named(connection: apsw.Connection, entries: Collection[EntryId]) -> frozenset[ExchangeId]:
    """The exchanges that one of these entries opened or closed. Raises apsw.Error."""
    found = connection.execute(
        "SELECT exchange FROM exchanges WHERE opened IN (SELECT value FROM json_each(:entries)) "
        "OR closed IN (SELECT value FROM json_each(:entries))",
        {"entries": json.dumps(list(entries))},
    )
    return frozenset(ExchangeId(str(exchange)) for (exchange,) in found)


def advance(connection: apsw.Connection, sequences: Sequence[int], last: EntryId, overlap: int) -> None:
    """Note that the entries with these numbers were taken, ``last`` being the one with the largest.

    Those among the last ``overlap`` numbers are remembered one by one. Raises apsw.Error.
    """
    newest = {"mark": max(sequences), "entry": last}
    connection.execute("UPDATE state SET mark = :mark, entry = :entry WHERE mark < :mark", newest)
    mark = state_of(connection).mark
    connection.executemany("INSERT INTO lately VALUES (?)", [(each,) for each in sequences if each > mark - overlap])
    connection.execute("DELETE FROM lately WHERE sequence <= ?", (mark - overlap,))


def lately(connection: apsw.Connection) -> frozenset[int]:
    """The numbers remembered one by one. Raises apsw.Error."""
    return frozenset(int(str(sequence)) for (sequence,) in connection.execute("SELECT sequence FROM lately"))


def add_reads(connection: apsw.Connection, reads: Collection[tuple[int, EntryId, datetime]]) -> None:
    """Note the entries that tell who read. Raises apsw.Error."""
    rows = [(sequence, entry, microseconds(time)) for sequence, entry, time in reads]
    connection.executemany("INSERT OR REPLACE INTO reads VALUES (?, ?, ?)", rows)


def microseconds(time: datetime) -> int:
    """Since 1970, exactly."""
    since = time.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * _MICROSECONDS + since.microseconds


def _add_tokens(connection: apsw.Connection, number: int, tokens: Tokens) -> None:
    packed = zlib.compress("\n".join(astuple(tokens)).encode("ascii"), _FAST)
    connection.execute("INSERT INTO tokens VALUES (?, ?)", (number, packed))
    connection.execute(
        "INSERT INTO words (rowid, normals, readings, signs) VALUES (?, ?, ?, ?)",
        (number, tokens.normals, tokens.readings, tokens.signs),
    )
    connection.execute("INSERT INTO characters (rowid, grams) VALUES (?, ?)", (number, tokens.grams))


def _drop_tokens(connection: apsw.Connection, number: int) -> None:
    packed = connection.execute("SELECT packed FROM tokens WHERE row = ?", (number,)).get
    if packed is None:
        return
    normals, readings, signs, grams = zlib.decompress(packed).decode("ascii").split("\n")
    connection.execute(
        "INSERT INTO words (words, rowid, normals, readings, signs) VALUES ('delete', ?, ?, ?, ?)",
        (number, normals, readings, signs),
    )
    connection.execute("INSERT INTO characters (characters, rowid, grams) VALUES ('delete', ?, ?)", (number, grams))
    connection.execute("DELETE FROM tokens WHERE row = ?", (number,))


def _shape(connection: apsw.Connection, shape: Shape) -> int:
    key = json.dumps(astuple(shape), ensure_ascii=False)
    found = connection.execute("SELECT id FROM shapes WHERE key = ?", (key,)).get
    if found is not None:
        return int(found)
    values = (
        key,
        shape.outcome,
        shape.outcome and shape.outcome.partition(".")[0],
        shape.risk,
        shape.topic,
        shape.level,
        shape.language,
        json.dumps(shape.models, ensure_ascii=False),
        shape.snapshot,
        shape.prompt,
        shape.case_state,
        shape.feedback,
        json.dumps(shape.masked, ensure_ascii=False),
        int(shape.corrected),
    )
    return int(connection.execute(_ADD_SHAPE, values).get)


def _document(connection: apsw.Connection, name: str) -> int:
    found = connection.execute("SELECT id FROM documents WHERE name = ?", (name,)).get
    if found is not None:
        return int(found)
    return int(connection.execute("INSERT INTO documents (name) VALUES (?) RETURNING id", (name,)).get)
