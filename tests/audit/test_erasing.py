"""Erasing: by decision and by rule, with holds, in one transaction, and no byte afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from audit import verifier
from audit.erasing import DeskErasing
from audit.erasing_scope import Scope
from audit.erasing_values import Held
from audit.retention import Period
from bot.ports import LogUnavailable, Transaction
from bot.records import Appended, ConversationId, Entry, EntryId, ExchangeId
from tests.audit import independent
from tests.audit.entries import closed, opened, whole_exchange
from tests.audit.erasing_kit import SUSPENSION, Beside, ErasingLog, files_with, in_every_coding, whole, years

SECRET = "薔薇色の秘密の質問"
SEQUENCES = 10_000 if os.environ.get("MADOGUCHI_SOAK") else 200
CHECKS = 10
"""Sequences that go on from one another in one log, each checked."""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[ErasingLog]:
    made = ErasingLog(tmp_path / "public")
    yield made
    made.close()


def one_case(log: ErasingLog, conversation: str, *, ended: bool = True, exchange: str | None = None) -> str:
    """A case with a text of its own; its opening entry's id."""
    about = {"case": f"cs_{conversation}", "conversation": conversation, **({"exchange": exchange} if exchange else {})}
    meta = {**about, "kind": "question", "reason": "other", "priority": "low", "language": "ja", "due": None}
    subject = ConversationId(conversation)
    first = log.log.append(Entry("case.opened", subject, meta, {"number": "A", "question": "案件の文"})).entry
    if ended:
        log.log.append(Entry("case.withdrawn", subject, about, {}, (first,)))
    return first


def erasures(log: ErasingLog) -> list[dict]:
    return [json.loads(leaf)["meta"] for (leaf,) in log.rows(
        "SELECT leaf FROM entries WHERE kind = 'erasure' ORDER BY sequence")]  # fmt: skip


def verdicts(log: ErasingLog) -> tuple[dict[str, int], dict[str, int]]:
    """Texts and leaves by verdict, where both checkers and the log's own check agree that all is well."""
    log.sequence()
    report, data = log.proofs.verify(), log.export()
    found = independent.check(data)
    assert report.well, report.findings
    assert found.well, found.bad
    assert (dict(report.fields), dict(report.leaves)) == (dict(found.fields), dict(found.leaves))
    return dict(report.fields), dict(report.leaves)


def test_nothing_of_an_erased_conversation_is_in_any_file(log: ErasingLog) -> None:
    exchange, appended = whole_exchange(log.log, "c-1", SECRET)
    whole_exchange(log.log, "c-2", "残る質問")
    gone, stay = log.secrets("c-1"), log.secrets("c-2")
    assert len(files_with(log.directory, gone)) >= len(gone)
    assert not files_with(log.directory, in_every_coding(SECRET))
    log.decide(whole("c-1"))
    assert log.finish() == 1
    assert files_with(log.directory, [*gone, *in_every_coding(SECRET)]) == []
    assert len(files_with(log.directory, stay)) >= len(stay)
    assert log.beside.forgotten == {exchange}
    assert log.log.exchange(exchange).reply is None
    assert (appended.entry,) in log.rows("SELECT target FROM links")


def test_what_stays_of_a_conversation_gets_a_new_key_and_the_old_one_opens_nothing(log: ErasingLog) -> None:
    first, _ = whole_exchange(log.log, "c-1", SECRET)
    second, _ = whole_exchange(log.log, "c-1", "残る質問")
    before = {row[0] for row in log.rows("SELECT subject_key FROM contents")}
    log.decide(Scope(ConversationId("c-1"), first))
    log.finish()
    after = {row[0] for row in log.rows("SELECT subject_key FROM contents JOIN entries USING (sequence) "
                                        "WHERE conversation = 'c-1'")}  # fmt: skip
    assert not before & after
    assert log.log.exchange(second).question.value == "残る質問"
    assert log.log.exchange(first).question.value == ""
    with closing(sqlite3.connect(log.directory / "keys" / "subjects.sqlite")) as keys:
        assert not [row for row in keys.execute("SELECT id FROM subject_keys") if row[0] in before]
    whole_exchange(log.log, "c-1", "その後の質問")  # goes on under the new key
    assert verdicts(log)[0]["erased"] == 3


def test_many_erasures_leave_no_copy_on_any_page(log: ErasingLog) -> None:
    dice, gone = random.Random(7), []
    for number in range(60):
        whole_exchange(log.log, f"c-{number}", f"{number}" + "長い質問です。" * dice.randrange(120))
    for number in dice.sample(range(60), 45):
        gone += log.secrets(f"c-{number}")
        log.decide(whole(f"c-{number}"))
        if dice.random() < 0.3:
            whole_exchange(log.log, "c-new", "間の質問" * dice.randrange(50))
    assert log.finish() == 45
    assert files_with(log.directory, gone) == []
    assert verdicts(log)[0]["erased"] == 45 * 3


def test_an_earlier_bundle_still_verifies_and_a_new_one_says_erased(log: ErasingLog, tmp_path: Path) -> None:
    _, appended = whole_exchange(log.log, "c-1", SECRET)
    note = log.sequence()
    before = json.dumps(log.proofs.bundle(appended.entry, contents=True)).encode()
    log.decide(whole("c-1"))
    log.finish()
    log.sequence()
    after = json.dumps(log.proofs.bundle(appended.entry, [note], contents=True)).encode()
    for data, verdict in ((before, "present"), (after, "erased")):
        file = tmp_path / f"{verdict}.json"
        file.write_bytes(data)
        assert verifier.main([str(file)]) == 0
        assert set(independent.check(data).fields) == {verdict}


def test_a_hold_refuses_and_keeps_until_somebody_else_lifts_it(log: ErasingLog) -> None:
    whole_exchange(log.log, "c-1", SECRET)
    hold = log.hold("c-1")
    with pytest.raises(Held):
        log.decide(whole("c-1"))
    log.later(2)
    assert log.expire(years(1, 5, decisions=Period(5))) == 0
    log.lift(hold, by="ac_1")  # who placed it alone ends nothing
    with pytest.raises(Held):
        log.decide(whole("c-1"))
    assert erasures(log) == []
    log.lift(hold)
    assert log.expire() == 2


def test_texts_expire_by_rule_from_the_day_after_the_last_and_not_before(log: ErasingLog) -> None:
    exchange, appended = whole_exchange(log.log, "c-1", SECRET)
    log.later(1, days=0)
    log.time.time = log.time.time.replace(hour=14, minute=59)  # 23:59 in Japan, the period's last day
    assert log.expire() == 0
    log.time.time += timedelta(minutes=2)
    assert log.expire() == 2
    assert log.expire() == 0
    [meta] = erasures(log)
    assert (meta["basis"], meta["rule"], meta["by"]) == ("expiry", {"name": "contents", "version": "7"}, "service")
    assert verdicts(log)[0] == {"expired": 3}
    log.finish()
    assert log.log.exchange(exchange).closed == appended.entry


def test_a_period_counts_from_the_closing_and_not_while_people_have_something_to_do(log: ErasingLog) -> None:
    opening = opened("c-1", "ex-1")
    first = log.log.append(opening)
    log.log.append(closed(opening, first))
    one_case(log, "c-1", ended=False, exchange="ex-1")
    log.later(2)
    assert log.expire() == 0
    log.log.append(Entry("case.withdrawn", ConversationId("c-1"),
                         {"case": "cs_c-1", "conversation": "c-1", "exchange": "ex-1"}))  # fmt: skip
    assert log.expire() == 0
    log.later(3, days=2)
    assert log.expire(years(1, 5, cases=Period(2))) == 2  # the exchange; the case's texts a year longer
    assert log.beside.dropped == set()
    log.later(4, days=3)
    assert log.expire(years(1, 5, cases=Period(2))) == 1
    assert log.beside.dropped == {"cs_c-1"}


def test_whole_leaves_expire_and_what_explains_others_stays(log: ErasingLog) -> None:
    whole_exchange(log.log, "c-1", SECRET)
    one_case(log, "c-2")
    log.log.append(Entry("read", ConversationId("reading"), {"by": "ac_1", "what": "view"}, {"purpose": "点検"}))
    log.decide(whole("c-2"))
    log.sequence()
    log.later(6)
    assert log.expire() == 4 + 5  # texts: question, reply, purpose, the decision's reason; then all leaves but erasures
    log.finish()
    kinds = [row[0] for row in log.rows("SELECT kind FROM entries WHERE leaf IS NOT NULL ORDER BY sequence")]
    assert set(kinds) == {"erasure", "erasure.swept"}
    fields, leaves = verdicts(log)
    assert leaves == {"expired": 5}
    assert fields == {"expired": 2}
    assert log.beside.gone == {"cs_c-2"}


def test_an_entry_outside_the_tree_keeps_its_leaf(log: ErasingLog) -> None:
    whole_exchange(log.log, "c-1", SECRET)
    log.later(6)
    assert log.expire() == 2
    assert log.expire() == 0
    log.sequence()
    assert log.expire() == 2


def test_a_reader_of_an_older_state_delays_the_sweep_and_sees_no_gap(log: ErasingLog) -> None:
    whole_exchange(log.log, "c-1", SECRET)
    log.sequence()
    with closing(sqlite3.connect(log.directory / "log.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        key = reader.execute("SELECT subject_key FROM contents").fetchone()[0]
        log.decide(whole("c-1"))
        assert log.finish() == 0
        with closing(sqlite3.connect(log.directory / "keys" / "subjects.sqlite")) as keys:
            assert keys.execute("SELECT count(*) FROM subject_keys WHERE id = ?", (key,)).fetchone() == (1,)
    assert log.finish() == 1
    assert log.finish() == 0


def test_a_failure_within_leaves_everything(log: ErasingLog) -> None:
    whole_exchange(log.log, "c-1", SECRET)
    before = log.rows("SELECT * FROM contents")

    class Failing:
        def erased(self, within: object, cases: object) -> None:
            raise OSError

    with pytest.raises(LogUnavailable), log.erasing.begin() as within:
        log.erasing.erase(whole("c-1"), SUSPENSION, Failing(), within)
    assert log.rows("SELECT * FROM contents") == before
    assert erasures(log) == []


def test_an_altered_text_is_not_hidden_by_an_erasure_beside_it(log: ErasingLog) -> None:
    first, _ = whole_exchange(log.log, "c-1", SECRET)
    _, closing_ = whole_exchange(log.log, "c-1", "残る")
    log.tamper("UPDATE contents SET wrapped = zeroblob(60) WHERE path = 'reply' AND sequence = "
               "(SELECT sequence FROM entries WHERE entry = ?)", closing_.entry)  # fmt: skip
    log.decide(Scope(ConversationId("c-1"), first))
    log.finish()
    log.sequence()
    assert log.proofs.verify().fields["altered"] == 1


class Killed(DeskErasing):
    """An eraser whose process is killed at one of its steps."""

    at = ""

    def append(self, entry: Entry, within: Transaction) -> Appended:
        die(self.at == f"before {entry.kind}")
        appended = super().append(entry, within)
        die(self.at == f"after {entry.kind}")
        return appended

    def _settled(self) -> bool:
        die(self.at == "before truncation")
        done = super()._settled()
        die(self.at == "after truncation")
        return done


class KilledBeside(Beside):
    at = ""

    def forget(self, exchanges: Collection[ExchangeId]) -> None:
        die(self.at == "before the index")


def die(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


STEPS = ("before erasure", "after erasure", "before truncation", "after truncation", "before the index",
         "before erasure.swept", "after erasure.swept")  # fmt: skip


def erase_and_die(directory: Path, step: str) -> None:
    """What a process does until it is killed; it opens everything itself."""
    log = ErasingLog(directory)
    log.erasing, log.beside = Killed(directory, log.time), KilledBeside()
    log.erasing.at = log.beside.at = step
    log.decide(whole("c-1"))
    log.finish()
    os._exit(1)  # it should not have come so far


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_nothing_done_or_what_the_next_round_finishes(step: str, tmp_path: Path) -> None:
    log = ErasingLog(tmp_path / "public")
    whole_exchange(log.log, "c-1", SECRET)
    whole_exchange(log.log, "c-2", "残る質問")
    gone = log.secrets("c-1")
    log.close()
    child = os.fork()
    if child == 0:
        erase_and_die(tmp_path / "public", step)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    log = ErasingLog(tmp_path / "public")
    began = bool(erasures(log))
    assert began is not step.endswith(" erasure")  # in the transaction: as if it had not begun
    assert len(log.rows("SELECT * FROM contents")) == (5 if began else 6)  # the decision has two of its own
    assert verdicts(log)[0].get("missing", 0) == 0
    assert log.finish() == int(began)
    assert files_with(log.directory, gone) == [] if began else len(files_with(log.directory, gone)) >= len(gone)
    assert len(log.rows("SELECT entry FROM entries WHERE kind = 'erasure.swept'")) == int(began)
    log.close()


class Life:
    """A log that lives by chance, done to by the eraser alone, and what should have become of each of its texts."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.log, self.dice = ErasingLog(directory), random.Random(seed)
        self.texts: dict[tuple[str, str], str] = {}
        self.about: dict[str, str] = {}
        self.holds: dict[str, EntryId] = {}
        self.year = 0

    def go_on(self) -> None:
        """A few steps more."""
        steps = (self.exchange, self.exchange, self.erase, self.expire, self.hold, self.lift, self.log.finish,
                 self.log.proofs.sequence)  # fmt: skip
        for _ in range(self.dice.randrange(3, 9)):
            self.dice.choice(steps)()

    def verdicts(self) -> tuple[dict[str, int], dict[str, int]]:
        """What is found, and what should be."""
        self.log.log.append(Entry("gap", ConversationId("gap"), {}))
        decided = self.log.rows("SELECT count(*) FROM contents JOIN entries USING (sequence) "
                                "WHERE kind LIKE 'erasure%' OR kind LIKE 'hold%'")[0][0]  # fmt: skip
        expected = Counter({"present": decided}) + Counter(self.texts.values())
        return verdicts(self.log)[0], dict(expected)

    def exchange(self) -> None:
        conversation = self.some()
        opening = opened(conversation, question="問い")
        first = self.log.log.append(opening)
        second = self.log.log.append(closed(opening, first))
        for entry, path in ((first, "question"), (second, "draft"), (second, "reply")):
            self.texts[entry.entry, path] = "present"
            self.about[entry.entry] = conversation

    def erase(self) -> None:
        conversation = self.some()
        try:
            self.log.decide(whole(conversation))
        except Held:
            assert conversation in self.holds
        else:
            self.change({conversation}, "erased")

    def expire(self) -> None:
        self.year += 2
        self.log.later(self.year)
        self.log.expire(years(1, 99, decisions=Period(99)))
        self.change(set(self.about.values()) - set(self.holds), "expired")

    def hold(self) -> None:
        conversation = self.some()
        if conversation not in self.holds:
            self.holds[conversation] = self.log.hold(conversation)

    def lift(self) -> None:
        conversation = self.some()
        if conversation in self.holds:
            self.log.lift(self.holds.pop(conversation))

    def some(self) -> str:
        return f"c-{self.dice.randrange(3)}"

    def change(self, conversations: set[str], verdict: str) -> None:
        for (entry, path), now in self.texts.items():
            if now == "present" and self.about[entry] in conversations:
                self.texts[entry, path] = verdict


@pytest.mark.parametrize("part", range(4))
def test_the_verdicts_are_right_whatever_happened(part: int, tmp_path: Path) -> None:
    for seed in range(part, SEQUENCES // CHECKS, 4):
        life = Life(tmp_path / str(seed), seed)
        for _ in range(CHECKS):
            life.go_on()
            found, expected = life.verdicts()
            assert found == expected, seed
        life.log.close()
        shutil.rmtree(tmp_path / str(seed))
