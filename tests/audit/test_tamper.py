"""Tampering is caught, and right histories raise no alarm: by the log's own verification, by the verifier for
outsiders, and by a second checker that shares no code with either.

The short form runs always. ``MADOGUCHI_SOAK=1`` runs a hundred thousand attacks by each attacker and ten thousand clean
logs, about an hour of one processor; a share of that (0.1) runs as many.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from audit import verifier
from audit.bundles import export
from audit.canonical import canonical
from audit.engines import write_engine
from audit.report import Finding
from audit.verifying import verify
from bot.records import EntryId
from tests.audit import independent
from tests.audit.attacks import COLUMNS, PATIENCE, DatabaseAttacker, KeyAttacker, disarm
from tests.audit.entries import opened, whole_exchange
from tests.audit.logs_kit import KeptLog, any_log

SOAK = float(os.environ.get("MADOGUCHI_SOAK") or 0)
ATTACKS = max(400, round(100_000 * SOAK))
CLEAN = max(25, round(10_000 * SOAK))
FLIPS = max(1_500, round(100_000 * SOAK))
WITHIN = 24 * 60 * 60
OUTSIDERS_LOOK = 4  # at every so many of the attacks that they can only agree on: the log itself must tell


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptLog]:
    """A dozen entries of every sort under four checkpoints; the newest one lies outside."""
    made = KeptLog(tmp_path_factory.mktemp("tamper") / "public")
    for number in range(3):
        whole_exchange(made.log, f"c-{number}", f"問い{number}")
        made.sequence()
    entries = [entry for (entry,) in made.rows("SELECT entry FROM entries ORDER BY sequence")]
    made.erase(entries[1], ["reply"])
    made.erase(entries[3], ["draft"], "expiry")
    made.prune(entries[4])
    made.log.append(opened("c-1", question="最後の問い"))
    made.sequence()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(kept: KeptLog) -> Iterator[Engine]:
    """A copy of the file, whose triggers the attackers have removed."""
    copy = kept.directory / "attacked.sqlite"
    kept.rows("VACUUM INTO ?", str(copy))
    made = write_engine(copy, 30)
    with made.begin() as connection:
        disarm(connection)
    yield made
    made.dispose()


class Checkers:
    """Three who look at one state of a log, with the key and one checkpoint from outside."""

    def __init__(self, kept: KeptLog) -> None:
        self.subjects, self.verifier = kept.proofs._held().subjects, kept.proofs.verifier()
        self.note = kept.sequence()
        self.key = self.verifier.text

    def own(self, connection: Connection, *outside: str) -> list[Finding]:
        return verify(connection, self.subjects, self.verifier, outside).findings

    def others(self, connection: Connection, *outside: str) -> bool | None:
        """What both outsiders say of an export; None if there is none. They must agree, to the last figure."""
        try:
            data = b"".join(export(connection, self.subjects, self.verifier))
        except (ValueError, KeyError, TypeError):
            return None  # too broken to be written; whoever asks for it gets nothing
        return both(data, self.key, *outside)


def both(data: bytes, key: str | None, *outside: str, receipts: tuple[Any, ...] = ()) -> bool:
    one = verifier.check(io.BytesIO(data), key, outside, receipts)
    two = independent.check(data, key, outside, receipts)
    assert (one.bad == 0) == two.well, (one.shown, two.bad, data)
    if two.well:
        assert {name: count for name, count in one.verdicts.items() if count} == two.fields
        assert {name: count for name, count in one.pruned.items() if count} == two.leaves
        assert one.size == two.size
    return two.well


def attacked(connection: Connection) -> list[Any]:
    """What there is before an attack; foreign keys wait for a commit that never comes."""
    connection.exec_driver_sql(PATIENCE)
    return state(connection)


def state(connection: Connection) -> list[Any]:
    return [
        connection.exec_driver_sql(f"SELECT {', '.join(dict.fromkeys(columns))} FROM {table} ").all()
        for table, columns in COLUMNS.items()
    ]


@pytest.mark.timeout(WITHIN)
def test_whoever_has_the_database_is_caught(kept: KeptLog, engine: Engine) -> None:
    checkers, dice = Checkers(kept), random.Random(20261123)
    done: Counter[str] = Counter()
    while done.total() < ATTACKS:
        with engine.connect() as connection, connection.begin() as transaction:
            before = attacked(connection)
            try:
                attack = DatabaseAttacker(connection, dice).attack()
            except (IntegrityError, IndexError):
                attack = ""  # the tables themselves refuse it
            if attack and state(connection) != before:
                assert checkers.own(connection, checkers.note), attack
                if done.total() % OUTSIDERS_LOOK == 0:
                    checkers.others(connection, checkers.note)
                done[attack.partition(":")[0]] += 1
            transaction.rollback()
    assert len(done) == 9
    with engine.connect() as connection:
        assert checkers.own(connection, checkers.note) == []


@pytest.mark.timeout(WITHIN)
def test_whoever_has_database_and_keys_is_caught_by_one_checkpoint_outside(kept: KeptLog, engine: Engine) -> None:
    checkers, dice = Checkers(kept), random.Random(20261124)
    done: Counter[str] = Counter()
    while done.total() < ATTACKS:
        with engine.connect() as connection, connection.begin() as transaction:
            connection.exec_driver_sql(PATIENCE)
            attack = KeyAttacker(connection, kept.proofs, dice, size=10).attack()
            assert checkers.own(connection, checkers.note), attack
            assert checkers.others(connection, checkers.note) is False, attack
            if done.total() % 20 == 0:  # the attacker knows the trade: within the log nothing is wrong
                assert checkers.own(connection) == [], attack
                assert checkers.others(connection), attack
            done[attack] += 1
            transaction.rollback()
    assert len(done) == 10


@pytest.mark.timeout(WITHIN)
def test_right_histories_raise_no_alarm_anywhere(tmp_path: Path) -> None:
    KeptLog(tmp_path / "ready").close()
    for seed in range(CLEAN):
        directory = tmp_path / str(seed)
        shutil.copytree(tmp_path / "ready", directory)  # a log made ready takes longer than all that happens in it
        log = any_log(directory, seed)
        note, key = log.sequence(), log.proofs.verifier().text
        notes = [old for (old,) in log.rows("SELECT note FROM checkpoints")]
        report = log.proofs.verify(notes)
        assert report.well, (seed, report.findings)
        assert both(log.export(), key, *notes), seed
        assert both(log.export(contents=False), key, *notes), seed
        dice = random.Random(seed)
        for (entry,) in log.rows("SELECT entry FROM entries ORDER BY random() LIMIT 3"):
            older = dice.sample(notes, min(2, len(notes)))
            bundle = log.proofs.bundle(EntryId(entry), older, contents=dice.random() < 0.8)
            assert both(canonical(bundle), key, *older, note), (seed, entry)
        log.close()
        shutil.rmtree(directory)


def mutated(dice: random.Random, data: bytes) -> bytes:
    """A bit flipped; a stretch deleted, doubled or moved; a line swapped; a value put in place of another."""
    at = dice.randrange(len(data))
    kind = dice.choice(("bit", "bit", "bit", "byte", "cut", "double", "move", "line", "value"))
    if kind == "bit":
        return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :]
    if kind == "byte":
        return data[:at] + dice.randbytes(1) + data[at + 1 :]
    if kind == "line":
        lines = data.splitlines(keepends=True)
        one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
        return b"".join(lines)
    length = dice.randrange(1, 60)
    taken, rest = data[at : at + length], data[:at] + data[at + length :]
    to = dice.randrange(len(rest)) if kind == "move" else at
    put = {"cut": b"", "double": taken * 2, "move": taken}
    return rest[:to] + put.get(kind, dice.choice((b"null", b"1", b'"x"', b"{}", b"[]", b"\\u0041"))) + rest[to:]


@pytest.mark.timeout(WITHIN)
@pytest.mark.parametrize("form", ["export", "bundle"])
def test_no_change_of_a_file_goes_unseen(kept: KeptLog, form: str) -> None:
    key, note, dice = kept.proofs.verifier().text, kept.sequence(), random.Random(form)
    files = [kept.export()] if form == "export" else []
    for (entry,) in kept.rows("SELECT entry FROM entries") if form == "bundle" else ():
        files.append(canonical(kept.proofs.bundle(EntryId(entry), contents=True)) + b"\n")
    caught = 0
    while caught < FLIPS:
        data = dice.choice(files)
        changed = mutated(dice, data)
        if meaning(changed) == meaning(data):
            continue
        assert not both(changed, key, note), (data, changed)
        caught += 1


def meaning(data: bytes) -> Any:
    """What the file says, or its bytes where it is no JSON."""
    with suppress(ValueError):
        return json.loads(data)  # a bundle, with whatever white space around it
    with suppress(ValueError):
        return [json.loads(line) for line in data.splitlines()]
    return data


def test_every_byte_of_an_export_counts(kept: KeptLog) -> None:
    key, note, data = kept.proofs.verifier().text, kept.sequence(), kept.export()
    for at in range(0, len(data), 1 if SOAK else 5):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert verifier.check(io.BytesIO(changed), key, [note], ()).bad, at
