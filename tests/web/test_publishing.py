"""Approved notes become part of a desk's knowledge, whatever fails in between, and answers then rest on them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import learning
from bot.learning import NoteText, Taught, subject_of
from bot.learning_changes import Editing, approve, propose, propose_withdrawal
from bot.learning_history import DeskLearning
from bot.learning_values import NoteProposal, NoteState
from bot.ports import EmbedderUnavailable, LogUnavailable
from bot.records import Appended, DeskName, Entry, Outcome, RecordedEntry, SnapshotId, Validity
from bot.records_json import ACTIVATED
from knowledge import snapshots
from knowledge.ingest import ingest
from tests.decisions_kit import APPROVER, EDITOR
from tests.endurance.kit import amount
from tests.house_kit import (
    BUDGET_ANSWER,
    BUDGET_QUESTION,
    FLOODGATE_QUESTION,
    MIRROR_QUESTION,
    ROOT,
    SmallHouse,
    command_environment,
    small_house,
)
from tests.learning_kit import LEAFLET, LEAFLET_QUESTION, NOTE, OTHER_TEXT, PRICE, PRICE_QUESTION, from_case
from tests.web.publishing_kit import NoTrials
from web.cli_support import Stop
from web.doctor import examine
from web.publishing import Publishing, publish, publishing_of, steps_of
from web.rounds import Rounds

UNRELATED = (
    BUDGET_QUESTION,
    FLOODGATE_QUESTION,
    MIRROR_QUESTION,
    "今日の天気は？",
    "水門の遠隔操作の費用はいくらですか",
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallHouse]:
    made = small_house(tmp_path, operator="試験町")
    yield made
    made.house.close()


class Failing:
    """A log, and what becomes of its next entry of one kind: lost before it is written, or written without a word."""

    def __init__(self, log: Any, kind: str, *, written: bool) -> None:
        self._log, self._kind, self._written = log, kind, written

    def append(self, entry: Entry, within: object = None) -> Appended:
        if entry.kind != self._kind:
            done: Appended = self._log.append(entry, within)
            return done
        self._kind = ""
        if self._written:
            self._log.append(entry, within)
        raise LogUnavailable("io")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def editing_in(small: SmallHouse, desk: DeskName = DeskName.PUBLIC) -> Editing:
    made = small.house.desks[desk]
    return Editing(DeskLearning(small.house.system, desk), made.analyzer, made.clock)


def approved(editing: Editing, note: NoteText = NOTE, replaces: str = "") -> NoteProposal:
    waiting = propose(editing, EDITOR, note, replaces=replaces)
    return approve(editing, APPROVER, waiting.id, waiting.newest)


def one(editing: Editing, about: NoteProposal) -> NoteProposal:
    found = editing.state().proposal(about.id)
    assert found is not None
    return found


def quick(small: SmallHouse, **changes: Any) -> Publishing:
    return replace(publishing_of(small.house, DeskName.PUBLIC), **{"trials": NoTrials(), **changes})


def active(small: SmallHouse, desk: DeskName = DeskName.PUBLIC) -> SnapshotId | None:
    return snapshots.active(small.data / desk.value)


def activations(small: SmallHouse) -> list[RecordedEntry]:
    told = small.house.logs[DeskName.PUBLIC].entries(subject_of(DeskName.PUBLIC))
    return [each for each in told if each.kind == ACTIVATED]


def shown(small: SmallHouse, question: str, desk: DeskName = DeskName.PUBLIC) -> tuple[Any, ...]:
    reply = small.ask(question, desk=desk).reply
    return reply.outcome, reply.text, reply.citations


def files(small: SmallHouse) -> list[str]:
    notes = small.data / "public" / "notes"
    return sorted(str(each.relative_to(notes)) for each in notes.rglob("*") if each.is_file())


def test_a_learned_question_is_answered_with_the_note_and_nothing_else_changes(small: SmallHouse) -> None:
    editing = editing_in(small)
    before = {question: shown(small, question) for question in UNRELATED}
    assert small.ask(LEAFLET_QUESTION).reply.outcome.family != "answered"
    waiting = from_case(editing)
    approve(editing, APPROVER, waiting.id, waiting.newest)
    assert publish(publishing_of(small.house, DeskName.PUBLIC)) == 1

    told = one(editing, waiting)
    assert told.state is NoteState.PUBLISHED
    for question, sentence in ((LEAFLET_QUESTION, LEAFLET), (PRICE_QUESTION, PRICE)):
        reply = small.ask(question).reply
        assert reply.outcome is Outcome.ANSWERED_DOCUMENTS
        assert sentence in reply.text
        (citation, *_) = reply.citations
        assert (citation.passage, citation.title, citation.publisher, citation.document) == (
            told.note,
            NOTE.title,
            "試験町",
            NOTE.source,
        )
        assert (citation.validity, citation.as_of, citation.section) == (
            Validity.FINAL,
            "2026-11-20",
            "窓口の担当者による回答",
        )
    assert {question: shown(small, question) for question in UNRELATED} == before
    assert all(each.passage != told.note for each in small.ask(LEAFLET_QUESTION, desk=DeskName.STAFF).reply.citations)
    assert told.outcome is not None
    assert told.outcome.figures == {"asked": 2, "unanswered": []}


def test_proposal_decision_snapshot_and_activation_are_linked(small: SmallHouse) -> None:
    editing = editing_in(small)
    about = approved(editing)
    publish(quick(small))
    told = one(editing, about)
    entries = {each.entry: each for each in small.house.system.entries(subject_of(DeskName.PUBLIC))}
    assert told.outcome is not None
    last = entries[told.outcome.id]
    assert entries[last.links[0]].links == (told.id, told.newest)
    (activated,) = activations(small)
    assert (last.meta["snapshot"], last.meta["activated"]) == (active(small), activated.entry)
    assert (activated.meta["snapshot"], activated.meta["by"]) == (active(small), "notes")
    assert activated.meta["notes"] == [told.approval]
    assert files(small) == [f"{told.note}.md"]
    assert (small.data / "public" / "notes" / f"{told.note}.md").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("which", "kind"), [("log", ACTIVATED), ("learning", learning.PUBLISHED)], ids=["activation", "published"]
)
@pytest.mark.parametrize("written", [False, True], ids=["lost", "written"])
def test_what_is_cut_off_between_its_entries_is_carried_out_once(
    small: SmallHouse, which: str, kind: str, *, written: bool
) -> None:
    editing = editing_in(small)
    about = approved(editing)
    log = small.house.logs[DeskName.PUBLIC] if which == "log" else small.house.system
    failing: Any = Failing(log, kind, written=written)
    with pytest.raises(LogUnavailable):
        publish(quick(small, **{which: failing if which == "log" else DeskLearning(failing, DeskName.PUBLIC)}))
    assert active(small) is not None
    again = quick(small)
    assert publish(again) == (0 if kind == learning.PUBLISHED and written else 1)
    assert publish(again) == 0
    assert one(editing, about).state is NoteState.PUBLISHED
    assert len(activations(small)) == 1
    assert not editing.state().void
    assert files(small) == [f"{about.note}.md"]
    assert small.ask(LEAFLET_QUESTION).reply.citations[0].passage == about.note


@pytest.mark.parametrize("fault", [EmbedderUnavailable("gone"), MemoryError(), OSError("full")])
def test_a_version_that_cannot_be_built_waits(small: SmallHouse, fault: Exception) -> None:
    class Broken:
        stamp = small.house.embedder.stamp
        dimensions = small.house.embedder.dimensions

        def passages(self, _: Sequence[str]) -> Sequence[Sequence[float]]:
            raise fault

    editing, before = editing_in(small), active(small)
    about = approved(editing)
    broken = quick(small)
    with pytest.raises(type(fault)):
        publish(replace(broken, place=replace(broken.place, embedder=Broken())))
    assert (active(small), one(editing, about).state) == (before, NoteState.APPROVED)
    assert publish(quick(small)) == 1
    assert one(editing, about).state is NoteState.PUBLISHED


def test_a_note_that_the_knowledge_does_not_take_is_refused_with_the_reason(small: SmallHouse) -> None:
    editing, before = editing_in(small), active(small)
    bulleted = replace(NOTE, text="- 箇条書きの冊子です。", questions=(Taught(LEAFLET_QUESTION),))
    waiting, good = approved(editing, bulleted), approved(editing)
    assert publish(quick(small)) == 2
    told = one(editing, waiting)
    assert told.state is NoteState.REFUSED
    assert told.outcome is not None
    assert (told.outcome.refused, "must be a sentence" in (told.outcome.said or "")) == ("not_read", True)
    assert one(editing, good).state is NoteState.PUBLISHED
    assert files(small) == [f"{good.note}.md"]
    assert active(small) != before


def test_personal_data_that_came_by_other_means_is_not_published(small: SmallHouse) -> None:
    editing, before = editing_in(small), active(small)
    waiting = from_case(editing, replace(NOTE, title="電話 090-1234-5678 の件"))
    meta = learning.told(DeskName.PUBLIC, APPROVER, "approver")
    links = (waiting.id, waiting.newest)
    small.house.system.append(Entry(learning.APPROVED, subject_of(DeskName.PUBLIC), meta, {}, links))
    publish(quick(small))
    told = one(editing, waiting)
    assert told.state is NoteState.REFUSED
    assert told.outcome is not None
    assert (told.outcome.refused, told.outcome.said) == ("personal", "phone")
    assert (active(small), files(small)) == (before, [])


def test_a_version_that_answers_the_operators_questions_worse_is_held_back(small: SmallHouse) -> None:
    editing, before = editing_in(small), active(small)
    wrong = "令和7年度の東京都のAI関連予算は999億円です。"
    spoiling = replace(NOTE, title="令和7年度の都のAI関連予算", text=wrong, questions=(Taught(BUDGET_QUESTION, wrong),))
    row = {"id": "b", "question": BUDGET_QUESTION, "expect": "answer", "must_include": [[BUDGET_ANSWER]]}
    row["must_not_include"] = ["999"]
    about = approved(editing, spoiling)
    assert publish(publishing_of(small.house, DeskName.PUBLIC, [row])) == 1
    told = one(editing, about)
    assert told.state is NoteState.REFUSED
    assert told.outcome is not None
    assert (told.outcome.refused, told.outcome.figures["wrong"]) == ("held_back", 1)
    assert (active(small), files(small), activations(small)) == (before, [], [])
    assert BUDGET_ANSWER in small.ask(BUDGET_QUESTION).reply.text


def test_a_version_that_is_not_worse_is_activated_with_its_figures(small: SmallHouse) -> None:
    editing, trials = editing_in(small), NoTrials(judges=True)
    about = approved(editing)
    publish(quick(small, trials=trials))
    told = one(editing, about)
    assert told.outcome is not None
    assert told.outcome.figures["rows"] == 1
    assert len(trials.asked) == 2
    assert activations(small)[-1].meta["evaluation"] == told.outcome.figures


def test_questions_that_are_not_answered_are_told(small: SmallHouse) -> None:
    editing = editing_in(small)
    odd = Taught("夜空に浮かぶ鯨の体重は何キロですか", PRICE)
    about = approved(editing, replace(NOTE, questions=(NOTE.questions[0], odd)))
    publish(publishing_of(small.house, DeskName.PUBLIC))
    told = one(editing, about)
    assert told.outcome is not None
    assert told.outcome.figures == {"asked": 2, "unanswered": [1]}


def test_a_note_is_replaced_and_withdrawn(small: SmallHouse) -> None:
    editing, work = editing_in(small), quick(small)
    bare = active(small)
    first = approved(editing)
    publish(work)
    changed = approved(editing, replace(NOTE, text=OTHER_TEXT, questions=NOTE.questions[:1]), replaces=first.note)
    publish(work)
    reply = small.ask(LEAFLET_QUESTION).reply
    assert reply.citations[0].passage == first.note == changed.note
    assert "一人2部" in reply.text
    goodbye = propose_withdrawal(editing, EDITOR, first.note, "配布が終わった")
    approve(editing, APPROVER, goodbye.id, goodbye.newest)
    publish(work)
    assert one(editing, goodbye).state is NoteState.WITHDRAWN
    assert (active(small), files(small)) == (bare, [])
    assert small.ask(LEAFLET_QUESTION).reply.outcome.family != "answered"
    assert [each.meta["by"] for each in activations(small)] == ["notes"] * 3


def test_a_note_that_an_operator_removed_before_is_withdrawn_all_the_same(small: SmallHouse) -> None:
    editing, work = editing_in(small), quick(small)
    about = approved(editing)
    before = active(small)
    publish(work)
    assert before is not None
    snapshots.rollback(small.data / "public")
    goodbye = propose_withdrawal(editing, EDITOR, about.note, "配布が終わった")
    approve(editing, APPROVER, goodbye.id, goodbye.newest)
    assert publish(work) == 1
    assert one(editing, goodbye).state is NoteState.WITHDRAWN
    assert active(small) == before


def test_the_doctor_names_what_is_published_and_not_in_use(small: SmallHouse) -> None:
    editing, work = editing_in(small), quick(small)
    about = approved(editing)

    def told() -> list[str]:
        return [each.line for each in examine(small.house) if "note" in each.line and not each.good]

    assert any("approved and not carried out" in line for line in told())
    publish(work)
    assert told() == []
    snapshots.rollback(small.data / "public")
    assert [line for line in told() if about.note in line and "ingest" in line]
    ingest(
        [small.data / "public" / "notes"],
        DeskName.PUBLIC,
        small.data / "public",
        work.place.embedder,
        work.place.analyzer,
    )
    assert told() == []


def test_the_rounds_of_the_server_publish(small: SmallHouse) -> None:
    editing = editing_in(small)
    about = approved(editing)
    rounds = Rounds(steps_of(small.house), tick=0.05)
    rounds.start()
    until = time.monotonic() + 60
    while one(editing, about).state is not NoteState.PUBLISHED and time.monotonic() < until:
        time.sleep(0.1)
    assert rounds.stop(30)
    assert one(editing, about).state is NoteState.PUBLISHED
    assert small.ask(LEAFLET_QUESTION).reply.citations[0].passage == about.note


def test_nothing_more_is_begun_after_stop(small: SmallHouse) -> None:
    editing = editing_in(small)
    approved(editing)
    assert publish(quick(small), lambda: True) == 0
    assert len(editing.state().to_publish) == 1


def test_the_staff_desk_learns_for_itself(small: SmallHouse) -> None:
    editing = editing_in(small, DeskName.STAFF)
    about = approved(editing)
    assert publish(quick(small)) == 0
    work = publishing_of(small.house, DeskName.STAFF)
    assert publish(replace(work, trials=NoTrials())) == 1
    assert small.ask(LEAFLET_QUESTION, desk=DeskName.STAFF).reply.citations[0].passage == about.note
    assert all(each.passage != about.note for each in small.ask(LEAFLET_QUESTION).reply.citations)


def test_steps_are_those_of_the_desks_served_and_a_bad_question_set_stops_the_start(tmp_path: Path) -> None:
    small = small_house(tmp_path, desks="public")
    assert [step.name for step in steps_of(small.house)(lambda: False)] == ["public.notes"]
    small.house.close()
    questions = tmp_path / "questions.jsonl"
    for bad in ("", "{", json.dumps({"id": "1", "question": "?"}), json.dumps({"id": "1", "desk": "staff"})):
        questions.write_text(bad, encoding="utf-8")
        house = replace(small.house, settings=small.house.settings.model_copy(update={"questions": questions}))
        with pytest.raises(Stop):
            steps_of(house)
    questions.write_text(json.dumps({"id": "1", "question": "?", "expect": "abstain"}), encoding="utf-8")
    house = replace(small.house, settings=small.house.settings.model_copy(update={"questions": questions}))
    assert len(steps_of(house)(lambda: False)) == 1


def test_a_killed_process_loses_no_note_and_publishes_none_twice(small: SmallHouse) -> None:
    editing, chance = editing_in(small), random.Random(7)
    arguments = [sys.executable, "-m", "tests.web.publishing_child", str(small.data)]
    for turn in range(amount(2, 50)):
        for number in range(3):
            title = f"冊子その{turn}の{number}"
            line = f"{title}は都民情報ルームにあります。"
            approved(editing, replace(NOTE, title=title, text=line, questions=(Taught(f"{title}はどこですか", line),)))
        with subprocess.Popen(
            arguments, cwd=ROOT, env=command_environment(small.data), stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begins\n"
            time.sleep(chance.uniform(0, 1))
            child.kill()
    publish(quick(small))
    learned = editing.state()
    assert [each.state for each in learned.proposals] == [NoteState.PUBLISHED] * len(learned.proposals)
    assert not learned.void
    assert len(learned.live) == len(learned.proposals)
    documents = {each.id for each in snapshots.show(small.data / "public", active(small) or SnapshotId("")).documents}
    assert set(learned.live) <= documents
    told = [each.meta["snapshot"] for each in activations(small)]
    assert told[-1] == active(small)
    assert len(told) == len(set(told)) == len(learned.proposals)
