"""Files in, a snapshot active; every fault on the way leaves the one before."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bot.ports import EmbedderUnavailable, ShelfUnavailable
from bot.records import DeskName, Language, MaskedText, PassageId, SnapshotId
from knowledge import snapshots
from knowledge.building import snapshots_of
from knowledge.ingest import IngestReport, Status, ingest
from knowledge.manifests import SnapshotDamaged
from knowledge.shelf import SnapshotShelf
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder, broken_embedder
from tests.knowledge.notes import note, other, write_notes

ANALYZER = FakeAnalyzer()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_notes(tmp_path / "notes")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return tmp_path / "public"


def take(notes: Path, desk: Path, embedder: FakeEmbedder | None = None, **more: object) -> IngestReport:
    return ingest([notes], DeskName.PUBLIC, desk, embedder or FakeEmbedder(), ANALYZER, **more)  # type: ignore[arg-type]  # keywords of ingest


def shelf_of(desk: Path) -> SnapshotShelf:
    return SnapshotShelf(desk, FakeEmbedder(), ANALYZER)


def found(shelf: SnapshotShelf, text: str) -> list[PassageId]:
    return [each.passage.id for each in shelf.search(MaskedText(text), Language.JA).found]


def statuses(report: IngestReport) -> dict[str, Status]:
    return {each.file: each.status for each in report.files}


def test_notes_become_searchable(notes: Path, desk: Path) -> None:
    report = take(notes, desk)
    assert report.count(Status.ADDED) == 4
    assert report.before is None
    assert snapshots.active(desk) == report.active
    assert found(shelf_of(desk), "水門はどこから操作しますか")[0] == "river"


def test_the_same_notes_cost_nothing(notes: Path, desk: Path) -> None:
    first = take(notes, desk)
    embedder = FakeEmbedder()
    second = take(notes, desk, embedder)
    assert second.active == first.active
    assert second.count(Status.UNCHANGED) == 4
    assert embedder.asked == []
    assert len(snapshots.listing(desk)) == 1


def test_the_same_notes_elsewhere_have_the_same_snapshot_id(notes: Path, tmp_path: Path) -> None:
    assert take(notes, tmp_path / "a").active == take(notes, tmp_path / "b").active


def test_a_changed_note_embeds_only_what_changed(notes: Path, desk: Path) -> None:
    take(notes, desk)
    (notes / "river.md").write_text(other("river", title="水門を遠くから動かす"), encoding="utf-8")
    embedder = FakeEmbedder()
    report = take(notes, desk, embedder)
    assert statuses(report)["river.md"] is Status.CHANGED
    assert len(embedder.asked) == 2  # the title, and the body that begins with it


def test_progress_ends_at_its_total(notes: Path, desk: Path) -> None:
    seen: list[tuple[int, int]] = []
    take(notes, desk, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] > 0


def test_a_bad_file_is_refused_and_the_rest_goes_on(notes: Path, desk: Path) -> None:
    (notes / "budget.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    report = take(notes, desk)
    assert statuses(report)["budget.md"] is Status.REFUSED
    assert report.count(Status.ADDED) == 3


def test_a_note_that_became_bad_stays_as_it_was(notes: Path, desk: Path) -> None:
    take(notes, desk, bundled=True)
    (notes / "budget.md").write_text("broken", encoding="utf-8")
    take(notes, desk, bundled=True)
    assert shelf_of(desk).passage(PassageId("budget")) is not None


def test_an_id_given_twice_is_refused(notes: Path, desk: Path) -> None:
    (notes / "more").mkdir()
    shutil.copy(notes / "budget.md", notes / "more" / "budget.md")
    refused = [each.line for each in take(notes, desk).files if each.status is Status.REFUSED]
    assert len(refused) == 1
    assert "also in budget.md" in refused[0]


def test_missing_paths_are_refused(desk: Path, tmp_path: Path) -> None:
    report = take(tmp_path / "nowhere.md", desk)
    assert report.count(Status.REFUSED) == 1
    assert shelf_of(desk).passages() == ()
    assert found(shelf_of(desk), "予算") == []


def test_a_note_goes_only_to_the_desks_it_names(notes: Path, desk: Path, tmp_path: Path) -> None:
    (notes / "river.md").write_text(other("river", audience=["staff"]), encoding="utf-8")
    shared = tmp_path / "system" / "vectors.sqlite"
    assert statuses(take(notes, desk, bundled=True, shared=shared))["river.md"] is Status.OTHER_DESK
    assert shelf_of(desk).passage(PassageId("river")) is None
    assert "水門" not in "".join(path.read_text(errors="ignore") for path in desk.rglob("*") if path.is_file())
    staff = FakeEmbedder()
    ingest([notes], DeskName.STAFF, tmp_path / "staff", staff, ANALYZER, bundled=True, shared=shared)
    assert all("水門" in text for text in staff.asked)  # what the desks share was embedded once
    assert (tmp_path / "staff" / "vectors.sqlite").is_file()


def test_a_note_withdrawn_from_a_desk_goes(notes: Path, desk: Path) -> None:
    take(notes, desk)
    (notes / "river.md").write_text(other("river", audience=["staff"]), encoding="utf-8")
    assert statuses(take(notes, desk))["river.md"] is Status.REMOVED
    assert shelf_of(desk).passage(PassageId("river")) is None


def test_bundled_notes_that_are_gone_go_and_others_stay(notes: Path, desk: Path, tmp_path: Path) -> None:
    take(notes, desk, bundled=True)
    own = tmp_path / "own"
    own.mkdir()
    (own / "ours.md").write_text(other("library", id="ours"), encoding="utf-8")
    take(own, desk)
    (notes / "river.md").unlink()
    assert statuses(take(notes, desk, bundled=True))["river.md"] is Status.REMOVED
    assert {each.id for each in shelf_of(desk).passages()} == {"budget", "school", "library", "ours"}


def test_an_own_note_cannot_take_the_place_of_a_bundled_one(notes: Path, desk: Path, tmp_path: Path) -> None:
    take(notes, desk, bundled=True)
    own = tmp_path / "own"
    own.mkdir()
    (own / "budget.md").write_text(note(title="別の題"), encoding="utf-8")
    assert take(own, desk).count(Status.REFUSED) == 1


def test_a_successor_that_is_missing_is_remarked(notes: Path, desk: Path) -> None:
    (notes / "budget.md").write_text(note(validity="superseded", superseded_by="later"), encoding="utf-8")
    assert "later" in take(notes, desk).remarks[0]


def test_a_failing_embedder_leaves_the_snapshot_before(notes: Path, desk: Path) -> None:
    first = take(notes, desk)
    (notes / "river.md").write_text(other("river", title="新しい題"), encoding="utf-8")
    with pytest.raises(EmbedderUnavailable):
        take(notes, desk, broken_embedder())
    assert snapshots.active(desk) == first.active
    assert shelf_of(desk).snapshot() == first.active


def test_what_a_killed_build_left_is_cleared_and_never_seen(notes: Path, desk: Path) -> None:
    leftover = snapshots_of(desk) / ".building-killed"
    leftover.mkdir(parents=True)
    (leftover / "manifest.json").write_text("{", encoding="utf-8")
    take(notes, desk)
    assert not leftover.exists()
    assert len(snapshots.listing(desk)) == 1


def test_a_kill_between_build_and_activation_costs_nothing(notes: Path, desk: Path) -> None:
    first = take(notes, desk)
    (snapshots_of(desk) / "active").unlink()
    embedder = FakeEmbedder()
    assert take(notes, desk, embedder).active == first.active
    assert embedder.asked == []


def test_two_versions_differ_and_one_can_go_back(notes: Path, desk: Path) -> None:
    first = take(notes, desk).active
    (notes / "river.md").write_text(other("river", title="新しい題"), encoding="utf-8")
    (notes / "museum.md").write_text(other("library", id="museum", title="美術館"), encoding="utf-8")
    shelf = shelf_of(desk)
    assert shelf.snapshot() == first
    second = take(notes, desk).active
    difference = snapshots.diff(desk, first, second)
    assert (difference.added, difference.changed, difference.removed) == (("museum",), ("river",), ())
    assert shelf.snapshot() == second
    assert snapshots.rollback(desk) == first
    assert shelf.snapshot() == first
    with pytest.raises(snapshots.NoSuchSnapshot):
        snapshots.rollback(desk)
    snapshots.activate(desk, second)
    assert shelf.snapshot() == second
    assert snapshots.rollback(desk) == first


@pytest.mark.parametrize("name", ["../../etc", "", ".", ".lock", "nothing"])
def test_an_id_from_outside_opens_nothing(notes: Path, desk: Path, name: str) -> None:
    take(notes, desk)
    with pytest.raises(snapshots.NoSuchSnapshot):
        snapshots.activate(desk, SnapshotId(name))


def test_a_damaged_vector_cache_starts_anew(notes: Path, desk: Path) -> None:
    take(notes, desk)
    (desk / "vectors.sqlite").write_bytes(os.urandom(5_000))
    (notes / "river.md").write_text(other("river", title="新しい題"), encoding="utf-8")
    assert take(notes, desk).count(Status.CHANGED) == 1


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def change_a_word(directory: Path) -> None:
    file = directory / "passages.json"
    file.write_text(file.read_text(encoding="utf-8").replace("181", "999"), encoding="utf-8")


DAMAGE = {
    "cut vectors": lambda directory: cut(directory / "vectors" / "chroma.sqlite3"),
    "no vectors": lambda directory: shutil.rmtree(directory / "vectors"),
    "random vectors": lambda directory: (directory / "vectors" / "chroma.sqlite3").write_bytes(os.urandom(9_999)),
    "cut manifest": lambda directory: cut(directory / "manifest.json"),
    "no manifest": lambda directory: (directory / "manifest.json").unlink(),
    "cut passages": lambda directory: cut(directory / "passages.json"),
    "a changed word": change_a_word,
    "no word table": lambda directory: shutil.rmtree(directory / "words"),
    "cut word table": lambda directory: cut(next((directory / "words").glob("data*.npy"))),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_snapshot_answers_nothing_until_it_is_mended(notes: Path, desk: Path, damage: str) -> None:
    report = take(notes, desk)
    directory = snapshots_of(desk) / report.active
    DAMAGE[damage](directory)
    shelf = shelf_of(desk)
    with pytest.raises(ShelfUnavailable) as problem:
        shelf.search(MaskedText("予算"), Language.JA)
    assert problem.value.cause == "corrupt"
    with pytest.raises(SnapshotDamaged):
        snapshots.activate(desk, report.active)
    assert take(notes, desk).active == report.active
    assert found(shelf, "水門はどこから操作しますか")[0] == "river"


def test_a_snapshot_of_another_place_is_not_taken_for_this_one(notes: Path, desk: Path) -> None:
    report = take(notes, desk)
    directory = snapshots_of(desk) / report.active
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    (directory / "manifest.json").write_text(json.dumps(manifest | {"id": "another"}), encoding="utf-8")
    with pytest.raises(ShelfUnavailable):
        shelf_of(desk).snapshot()
