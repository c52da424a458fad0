"""The check of one exchange: no false alarm on right histories, and what attackers do to its entries is found."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from audit.checking import ExchangeChecked, check_exchange
from audit.engines import write_engine
from bot.records import ExchangeId
from tests.audit.attacks import DatabaseAttacker, KeyAttacker, disarm
from tests.audit.entries import whole_exchange
from tests.audit.logs_kit import KeptLog, any_log

SOAK = os.environ.get("MADOGUCHI_SOAK") == "1"
ATTACKS = 10_000 if SOAK else 60
CLEAN = 1_000 if SOAK else 5


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptLog]:
    """One exchange with an erased text under one of three checkpoints, and two others."""
    made = KeptLog(tmp_path_factory.mktemp("checking") / "public")
    for number in range(3):
        _, appended = whole_exchange(made.log, f"c-{number}", f"問い{number}")
        made.sequence()
    made.erase(appended.entry, ["draft"])
    made.sequence()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(kept: KeptLog) -> Iterator[Engine]:
    made = write_engine(kept.directory / "log.sqlite", 30)
    yield made
    made.dispose()


def exchanges(kept: KeptLog) -> list[ExchangeId]:
    rows = kept.rows(
        "SELECT exchange FROM entries WHERE exchange IS NOT NULL AND leaf IS NOT NULL GROUP BY 1 ORDER BY min(sequence)"
    )
    return [ExchangeId(exchange) for (exchange,) in rows]


@pytest.mark.parametrize("seed", range(CLEAN))
def test_a_right_history_raises_no_alarm(tmp_path: Path, seed: int) -> None:
    kept = any_log(tmp_path / "public", seed)
    for exchange in exchanges(kept):
        checked = kept.proofs.examine(exchange, [kept.sequence()])
        assert checked is not None
        assert [finding for entry in checked.entries for finding in entry.findings] == []
        assert (checked.bad, checked.refused, checked.waiting) == (0, 0, 0)
    assert kept.proofs.examine(ExchangeId("none")) is None
    kept.close()


def test_the_verdicts_name_the_entry_that_explains(kept: KeptLog) -> None:
    checked = kept.proofs.examine(exchanges(kept)[-1])
    assert checked is not None
    assert checked.verdicts == {"present": 2, "erased": 1}
    [erased] = [text for entry in checked.entries for text in entry.texts if text.verdict == "erased"]
    [(index,)] = kept.rows("SELECT tree_index FROM entries WHERE kind = 'erasure'")
    assert (erased.path, erased.by, erased.rule) == ("draft", index, None)


def test_whoever_has_the_database_is_caught_at_the_exchange_or_by_the_whole(kept: KeptLog, engine: Engine) -> None:
    """What touches the entries of an exchange is found by checking it; the check never breaks on what it reads."""
    dice, keys, verifier = random.Random(20261125), kept.proofs._held().subjects, kept.proofs.verifier()
    named, found = exchanges(kept), 0
    for _ in range(ATTACKS):
        with engine.connect() as connection, connection.begin() as transaction:
            disarm(connection)
            attack = ""
            with suppress(IntegrityError, IndexError):
                attack = DatabaseAttacker(connection, dice).attack()
            results = [check_exchange(connection, keys, verifier, each) for each in named]
            found += sum(each is None or each.bad > 0 for each in results)
            if attack in {"flip: contents.sealed", "flip: links.target"}:
                assert any(map(_bad_or_gone, results)), attack
            transaction.rollback()
    assert found > ATTACKS // 3
    assert not any(map(_bad_or_gone, (kept.proofs.examine(each) for each in named)))


def _bad_or_gone(checked: ExchangeChecked | None) -> bool:
    return checked is None or checked.bad > 0


def test_whoever_has_the_keys_too_is_caught_by_a_checkpoint_from_outside(kept: KeptLog, engine: Engine) -> None:
    dice, keys, verifier = random.Random(20261126), kept.proofs._held().subjects, kept.proofs.verifier()
    note, named = kept.sequence(), exchanges(kept)
    for _ in range(ATTACKS // 4):
        with engine.connect() as connection, connection.begin() as transaction:
            disarm(connection)
            attack = KeyAttacker(connection, kept.proofs, dice, size=6).attack()
            results = [check_exchange(connection, keys, verifier, each, [note]) for each in named]
            seen = [each for each in results if each is not None]
            assert all(each.refused for each in seen), attack
            transaction.rollback()
