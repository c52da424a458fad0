"""What every shelf does, the real one and the fake one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.ports import Shelf, ShelfUnavailable
from bot.records import DeskName, Language, MaskedText, PassageId, UnitKind
from knowledge.ingest import ingest
from knowledge.loading.notes import load_note
from knowledge.shelf import SnapshotShelf
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder, FakeShelf
from tests.knowledge.notes import write_notes


@pytest.fixture(params=["fake", "real"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    notes = write_notes(tmp_path / "notes")
    if request.param == "fake":
        files = sorted(notes.glob("*.md"))
        return FakeShelf([passage for file in files for passage in load_note(file, file.read_bytes()).passages])
    ingest([notes], DeskName.PUBLIC, tmp_path / "public", FakeEmbedder(), FakeAnalyzer())
    return SnapshotShelf(tmp_path / "public", FakeEmbedder(), FakeAnalyzer())


@pytest.fixture(params=["fake", "real"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "fake":
        return FakeShelf(fails="missing")
    return SnapshotShelf(tmp_path, FakeEmbedder(), FakeAnalyzer())


def test_the_passage_asked_about_comes_first(shelf: Shelf) -> None:
    evidence = shelf.search(MaskedText("水門はどこから操作しますか"), Language.JA)
    assert evidence.snapshot == shelf.snapshot()
    assert evidence.found[0].passage.id == "river"
    scores = [found.score for found in evidence.found]
    assert scores == sorted(scores, reverse=True)


def test_no_more_than_the_limit(shelf: Shelf) -> None:
    assert len(shelf.search(MaskedText("予算"), Language.JA, 2).found) == 2
    assert len(shelf.search(MaskedText("予算"), Language.JA, 100).found) == 4


@pytest.mark.parametrize("text", ["", " \n", "\0", "\ud800", "\u200b"])
def test_an_empty_query_finds_nothing(shelf: Shelf, text: str) -> None:
    evidence = shelf.search(MaskedText(text), Language.JA)
    assert evidence.found == evidence.nearest == ()


def test_every_unit_has_one_score(shelf: Shelf) -> None:
    for found in shelf.search(MaskedText("来年度の予算はいくら？"), Language.JA).found:
        units = [(unit.kind, unit.index) for unit in found.units]
        assert len(units) == len(set(units))
        assert (UnitKind.BODY, 0) in units
        assert sum(kind is UnitKind.SENTENCE for kind, _ in units) == len(found.passage.sentences)
        assert all(-1.001 <= unit.cosine <= 1.001 for unit in found.units)


def test_the_nearest_units_are_those_people_ask(shelf: Shelf) -> None:
    nearest = shelf.search(MaskedText("来年度の予算はいくら？"), Language.JA).nearest
    assert (nearest[0].passage, nearest[0].unit.kind) == ("budget", UnitKind.GAP)
    assert {near.unit.kind for near in nearest} <= {UnitKind.QUESTION, UnitKind.FACT, UnitKind.GAP}
    units = [(near.passage, near.unit.kind, near.unit.index) for near in nearest]
    assert len(units) == len(set(units)) <= 20


def test_one_passage_by_id(shelf: Shelf) -> None:
    passage = shelf.passage(PassageId("budget"))
    assert passage is not None
    assert passage.document.publisher == "東京都"
    assert shelf.passage(PassageId("nothing")) is None
    assert sorted(each.id for each in shelf.passages()) == ["budget", "library", "river", "school"]


def test_stamps_name_snapshot_model_and_configuration(shelf: Shelf) -> None:
    names = [stamp.name for stamp in shelf.stamps()]
    assert names == ["knowledge", FakeEmbedder().stamp.name, "retrieval"]
    assert all(len(stamp.digest) == 64 for stamp in shelf.stamps())


def test_without_a_snapshot_every_call_says_so(empty: Shelf) -> None:
    calls: list[Callable[[], object]] = [
        empty.snapshot,
        empty.passages,
        empty.stamps,
        lambda: empty.passage(PassageId("budget")),
        lambda: empty.search(MaskedText("予算"), Language.JA),
        lambda: empty.search(MaskedText(""), Language.JA),
    ]
    for call in calls:
        with pytest.raises(ShelfUnavailable) as problem:
            call()
        assert problem.value.cause == "missing"
