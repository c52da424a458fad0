"""Real government files, kept beside the project: what becomes of each, and that its answers are the document's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.answered import Asked
from bot.exchange import answer
from bot.records import DeskName, ExcerptKind, Outcome, Reply
from knowledge import snapshots
from knowledge.ingest import IngestReport, Status, ingest
from tests.endurance.kit import SOAK
from web.assembly import House, build, prepare
from web.settings import Settings

SHARED = Path(__file__).parents[3] / "shared"
DOCUMENTS = SHARED / "documents"
SLIDES = SHARED / "sources" / "tokyo-ai-strategy-council-3.txt"

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the real documents are not beside the project"),
]

REFUSED = {
    "moj_001375176.pdf": "reading order",  # one page of cells and arrows
    "pm_175.pdf": "no text layer",
    "pm_aes-256.pdf": "password",
}
PASSAGES = {
    "cio_dp2020_01.docx": 25,
    "cio_dp2020_01.html": 2,
    "cio_dp2020_01.pdf": 25,
    "gif_499_FAQ.docx": 12,
    "moj_001424574.pdf": 15,
    "pm_zen_of_python_corrupted.pdf": 1,
}
"""At least so many passages of each file that is read."""
APART = ("cio_dp2020_01.docx", "cio_dp2020_01.html", "cio_dp2020_01.pdf")

OF_ONE_PAPER = (
    ("AIの学習データに関してリスク度に応じて考慮するべきことは何ですか", ("透明性の確保", "偏り", "来歴", "権利関係")),
    ("ディスカッションペーパーは政府の公式見解ですか", ("公式見解を示すものではありません",)),
    ("ディスカッションペーパーの内容や意見は誰に属しますか", ("執筆者個人",)),
)
"""Three questions whose answer stands in the PDF, the Word file and the web page of the same paper."""

OF_OTHERS = (
    ("gif_499_FAQ.docx", "外字は使えますか", "JIS X 0213"),
    ("gif_499_FAQ.docx", "スマートシティのデータモデルはいつ公表されますか", "2022年4月下旬"),
    ("gif_499_FAQ.docx", "なぜ住所ではなくアドレスとカタカナを使うのですか", "位置情報を表すアドレス"),
    ("moj_001424574.pdf", "電子船荷証券記録とは何ですか", "電磁的記録"),
    ("moj_001424574.pdf", "電子化された船荷証券の名称は何ですか", "電子船荷証券記録"),
    ("moj_001424574.pdf", "船荷証券から電子船荷証券記録への転換には誰の承諾が必要ですか", "所持人"),
)
NOT_STATED = ("GIFを使うのにいくらかかりますか", "電子船荷証券記録の手数料はいくらですか")


@dataclass(frozen=True, slots=True)
class Read:
    """A house into which documents were read, and what the reading said."""

    house: House
    report: IngestReport

    def ask(self, question: str) -> Reply:
        return answer(self.house.desks[DeskName.PUBLIC], Asked(question, None, None, ())).reply


@pytest.fixture(scope="module")
def prepared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = build(Settings(data=tmp_path_factory.mktemp("real-documents")))
    prepare(house)
    yield house
    house.close()


def read(house: House, *paths: Path) -> Read:
    """The documents, and no others but the bundled notes, in the public desk."""
    directory, shared = house.settings.data / "public", house.settings.data / "system" / "vectors.sqlite"
    report = ingest(paths, DeskName.PUBLIC, directory, house.embedder, house.analyzer, shared=shared)
    return Read(house, report)


@pytest.fixture
def bare_house(prepared_house: House) -> House:
    """The same house with nothing but the bundled notes."""
    directory = prepared_house.settings.data / "public"
    bare = next(each for each in snapshots.listing(directory) if all(entry.bundled for entry in each.documents))
    snapshots.activate(directory, bare.id)
    return prepared_house


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The short form leaves out the paper that is there in three formats; it is read below, by itself."""
    if SOAK:
        return DOCUMENTS
    some = tmp_path_factory.mktemp("documents")
    for file in DOCUMENTS.iterdir():
        if file.name not in APART:
            shutil.copy(file, some / file.name)
    return some


@pytest.fixture(scope="module")
def all_read(prepared_house: House, documents: Path) -> Read:
    return read(prepared_house, documents)


def test_every_file_is_read_or_refused_with_what_to_do(all_read: Read) -> None:
    by_file = {each.file: each for each in all_read.report.files}
    assert by_file["SOURCES.tsv"].status is Status.SKIPPED
    for name, word in REFUSED.items():
        assert by_file[name].status is Status.REFUSED
        assert word in by_file[name].line
        assert "\n" not in by_file[name].line
    for name, least in PASSAGES.items():
        if name in APART and not SOAK:
            continue
        assert by_file[name].status is Status.ADDED
        assert by_file[name].passages >= least


def test_reading_them_again_changes_nothing(all_read: Read, documents: Path) -> None:
    again = read(all_read.house, documents)
    assert again.report.active == all_read.report.active
    assert again.report.count(Status.UNCHANGED) == len(set(PASSAGES) & {file.name for file in documents.iterdir()})


@pytest.mark.parametrize(("file", "question", "told"), OF_OTHERS)
def test_answers_cite_the_document(all_read: Read, file: str, question: str, told: str) -> None:
    reply = all_read.ask(question)
    assert reply.outcome is Outcome.ANSWERED_DOCUMENTS
    assert told in reply.text
    cited = reply.citations[0]
    assert cited.excerpt_kind is ExcerptKind.ORIGINAL
    assert cited.passage.startswith(file.lower().replace("_", "-").replace(".", "-"))
    assert told in cited.excerpt


@pytest.mark.parametrize("question", NOT_STATED)
def test_what_no_document_states_is_withheld(all_read: Read, question: str) -> None:
    assert all_read.ask(question).outcome.family == "abstained"


def test_a_draft_is_said_to_be_one(all_read: Read) -> None:
    assert "案の段階の資料です" in all_read.ask("電子船荷証券記録とは何ですか").text


@pytest.mark.parametrize("kind", ["pdf", "docx", "html"] if SOAK else ["pdf"])
def test_the_same_paper_in_three_formats_gives_the_same_facts(bare_house: House, kind: str) -> None:
    done = read(bare_house, DOCUMENTS / f"cio_dp2020_01.{kind}")
    for question, told in OF_ONE_PAPER:
        reply = done.ask(question)
        assert reply.outcome is Outcome.ANSWERED_DOCUMENTS, question
        assert all(each in reply.text for each in told), question
        assert reply.citations[0].passage.startswith(f"cio-dp2020-01-{kind}")


def test_the_slides_stand_behind_the_notes_that_summarise_them(bare_house: House) -> None:
    done = read(bare_house, SLIDES)
    assert any("東京都AI戦略会議 第3回資料（案）" in remark for remark in done.report.remarks)
    reply = done.ask("令和7年度の東京都のAI関連予算はいくらですか")
    cited = reply.citations[0]
    assert "181億円" in reply.text
    assert cited.excerpt_kind is ExcerptKind.ORIGINAL
    assert cited.passage.startswith("tokyo-ai-strategy-council-3-txt")
    assert "181" in cited.excerpt
    assert "策定済み" in reply.text
