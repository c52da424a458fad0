"""Documents that are no notes: read in, cited, read in again at no cost, removed, held back."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import pytest
from docx.document import Document as WordDocument

import knowledge.loading
from bot.records import DeskName, ExcerptKind, Passage, SnapshotId, Validity
from knowledge import snapshots
from knowledge.building import snapshots_of
from knowledge.documents import BadDocument
from knowledge.ingest import IngestReport, Status, ingest, remove
from knowledge.loading import READERS, Reader, load, open_source
from knowledge.loading.blocks import Extracted
from knowledge.loading.declared import Declared
from knowledge.shelf import SnapshotShelf
from tests.fakes_knowledge import FakeAnalyzer, FakeEmbedder
from tests.house_kit import BUDGET_ANSWER, BUDGET_QUESTION, FLOODGATE_ANSWER, FLOODGATE_QUESTION, small_house
from tests.knowledge.notes import note, write_notes
from tests.knowledge.office import made
from tests.knowledge.pdfs import drawn, text

ANALYZER = FakeAnalyzer()
BACKGROUND = "行政の窓口では、職員がAIを使って下書きを作ることにしました。"
COST = "導入にかかる費用は二億円を見込んでいます。"
HTML = (
    "<html><head><title>AI活用方針</title></head><body><main>"
    f"<h1>背景</h1><p>{BACKGROUND}</p><h1>費用</h1><p>{COST}</p></main></body></html>"
)
MARKDOWN = f"# 背景\n\n{BACKGROUND}\n\n# 費用\n\n{COST}\n"
PLAIN = f"1. 背景\n\n{BACKGROUND}\n\n2. 費用\n\n{COST}\n"


def word() -> bytes:
    def write(document: WordDocument) -> None:
        document.add_heading("背景", 1)
        document.add_paragraph(BACKGROUND)
        document.add_heading("費用", 1)
        document.add_paragraph(COST)

    return made(write)


def pdf() -> bytes:
    return drawn(
        lambda canvas: (text(canvas, 60, 80, ["背景"], 20), text(canvas, 60, 130, [BACKGROUND])),
        lambda canvas: (text(canvas, 60, 80, ["費用"], 20), text(canvas, 60, 130, [COST])),
        title="AI活用方針",
    )


FILES = {
    "plan.pdf": pdf,
    "plan.docx": word,
    "plan.html": HTML.encode,
    "plan.md": MARKDOWN.encode,
    "plan.txt": PLAIN.encode,
}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    directory = tmp_path / "documents"
    directory.mkdir()
    return directory


def take(path: Path, desk: Path, **more: object) -> IngestReport:
    return ingest([path], DeskName.PUBLIC, desk, FakeEmbedder(), ANALYZER, **more)  # type: ignore[arg-type]  # keywords of ingest


def held(desk: Path) -> dict[str, list[Passage]]:
    """The passages on the shelf by document."""
    found: dict[str, list[Passage]] = {}
    for passage in SnapshotShelf(desk, FakeEmbedder(), ANALYZER).passages():
        found.setdefault(passage.document.id, []).append(passage)
    return found


class CountingReaders:
    """The readers, with a memory of what they were given."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.table = MappingProxyType({suffix: self._counting(suffix) for suffix in READERS})

    def _counting(self, suffix: str) -> Reader:
        def read(name: str, content: bytes) -> Extracted:
            self.read[name] += 1
            return READERS[suffix](name, content)

        return read


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_becomes_passages_with_their_sections(name: str, documents: Path, desk: Path) -> None:
    (documents / name).write_bytes(FILES[name]())
    (each,) = take(documents, desk).files
    assert (each.status, each.document, each.passages) == (Status.ADDED, name.replace(".", "-"), 2)
    background, cost = held(desk)[name.replace(".", "-")]
    assert BACKGROUND in background.text
    assert COST in cost.text
    assert "背景" in (background.document.section or "")
    assert "費用" in (cost.document.section or "")
    pages = (background.document.page, cost.document.page)
    assert pages == (("1", "2") if name.endswith(".pdf") else (None, None))


def test_a_directory_is_read_whole_and_what_has_no_reader_is_named(documents: Path, desk: Path) -> None:
    for name, content in FILES.items():
        (documents / name).write_bytes(content())
    (documents / "table.xlsx").write_bytes(b"x")
    (documents / "picture.png").write_bytes(b"x")
    (documents / ".hidden.txt").write_text(PLAIN, "utf-8")
    report = take(documents, desk)
    assert report.count(Status.ADDED) == 5
    assert {each.file for each in report.files if each.status is Status.SKIPPED} == {"table.xlsx", "picture.png"}
    assert len(held(desk)) == 5


@pytest.mark.parametrize("name", ["table.xlsx", "empty.txt", "broken.pdf", "broken.docx"])
def test_a_file_that_was_meant_and_cannot_be_read_is_refused(name: str, documents: Path, desk: Path) -> None:
    (documents / name).write_bytes(b"" if name.startswith("empty") else b"broken")
    (each,) = take(documents / name, desk).files
    assert each.status is Status.REFUSED
    assert each.line.startswith(f"{name}: ")
    assert "\n" not in each.line


def test_the_second_time_nothing_is_read(documents: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in FILES.items():
        (documents / name).write_bytes(content())
    readers = CountingReaders()
    monkeypatch.setattr(knowledge.loading, "READERS", readers.table)
    first = take(documents, desk)
    assert set(readers.read) == set(FILES)
    readers.read.clear()
    second = take(documents, desk)
    assert second.count(Status.UNCHANGED) == 5
    assert second.active == first.active
    assert [(each.document, each.passages) for each in second.files] == [
        (each.document, each.passages) for each in first.files
    ]
    assert not readers.read
    (documents / "plan.txt").write_text(PLAIN.replace("二億円", "三億円"), "utf-8")
    third = take(documents, desk)
    assert {each.file for each in third.files if each.status is Status.CHANGED} == {"plan.txt"}
    assert list(readers.read) == ["plan.txt"]


def test_identical_content_makes_the_same_snapshot_elsewhere_and_later(documents: Path, desk: Path) -> None:
    for name, content in FILES.items():
        (documents / name).write_bytes(content())
    first = take(documents, desk)
    (documents / "plan.txt").write_text(PLAIN.replace("二億円", "三億円"), "utf-8")
    changed = take(documents, desk)
    assert changed.active != first.active
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    assert take(documents, desk).active == first.active
    assert take(documents, desk.with_name("elsewhere")).active == first.active


def test_the_file_beside_a_document_describes_it(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    first = take(documents, desk)
    (documents / "plan.txt.yaml").write_text(
        "id: ai-plan\ntitle: AI活用方針\npublisher: 東京都\nas_of: 2025-07-25\n", "utf-8"
    )
    report = take(documents, desk)
    assert report.active != first.active
    assert [each.file for each in report.files] == ["plan.txt"]
    document = held(desk)["ai-plan"][0].document
    assert (document.title, document.publisher, document.as_of) == ("AI活用方針", "東京都", "2025-07-25")


def test_another_title_is_a_change_without_another_file(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    take(documents, desk)
    (documents / "plan.txt.yaml").write_text("title: AI活用方針\n", "utf-8")
    (each,) = take(documents, desk).files
    assert each.status is Status.CHANGED
    assert held(desk)["plan-txt"][0].document.title == "AI活用方針"


def test_what_the_operator_says_now_counts_more_than_the_file_beside(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    (documents / "plan.txt.yaml").write_text("title: 別の題\npublisher: 東京都\n", "utf-8")
    take(documents, desk, declared=Declared(title="AI活用方針", validity=Validity.DRAFT))
    document = held(desk)["plan-txt"][0].document
    assert (document.title, document.publisher, document.validity) == ("AI活用方針", "東京都", Validity.DRAFT)


def test_a_bad_description_refuses_its_document_alone(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    (documents / "plan.md").write_text(MARKDOWN, "utf-8")
    (documents / "plan.txt.yaml").write_text("superceded_by: x\n", "utf-8")
    report = take(documents, desk)
    assert (report.count(Status.REFUSED), report.count(Status.ADDED)) == (1, 1)
    refused = next(each for each in report.files if each.status is Status.REFUSED)
    assert "superceded_by" in refused.line


def test_a_document_goes_to_the_desk_it_is_given_to_unless_its_description_names_others(
    documents: Path, desk: Path
) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    take(documents, desk)
    assert "plan-txt" in held(desk)
    (documents / "plan.txt.yaml").write_text("audience: [staff]\n", "utf-8")
    report = take(documents, desk)
    assert [each.status for each in report.files] == [Status.REMOVED]
    assert [each.status for each in take(documents, desk).files] == [Status.OTHER_DESK]
    assert not held(desk)
    staff = ingest([documents], DeskName.STAFF, desk.with_name("staff"), FakeEmbedder(), ANALYZER)
    assert staff.count(Status.ADDED) == 1


def test_two_documents_of_one_id_are_refused(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    (documents / "plan.md").write_text(MARKDOWN, "utf-8")
    for name in ("plan.txt", "plan.md"):
        (documents / f"{name}.yaml").write_text("id: plan\n", "utf-8")
    report = take(documents, desk)
    assert (report.count(Status.ADDED), report.count(Status.REFUSED)) == (1, 1)
    assert len(held(desk)["plan"]) == 2


def test_a_document_cannot_take_the_id_of_a_bundled_note(documents: Path, desk: Path, tmp_path: Path) -> None:
    take(write_notes(tmp_path / "notes"), desk, bundled=True)
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    (documents / "plan.txt.yaml").write_text("id: budget\n", "utf-8")
    (each,) = take(documents, desk).files
    assert each.status is Status.REFUSED
    assert "budget" in each.line


def test_markdown_without_front_matter_is_no_bundled_note(documents: Path, desk: Path) -> None:
    (documents / "plan.md").write_text(MARKDOWN, "utf-8")
    (each,) = take(documents, desk, bundled=True).files
    assert each.status is Status.REFUSED
    assert "front matter" in each.line


def test_a_document_removed_is_gone_and_the_rest_stays(documents: Path, desk: Path, tmp_path: Path) -> None:
    notes = take(write_notes(tmp_path / "notes"), desk, bundled=True)
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    take(documents, desk)
    report = remove(["plan-txt"], DeskName.PUBLIC, desk, FakeEmbedder(), ANALYZER)
    assert [(each.file, each.status) for each in report.files] == [("plan-txt", Status.REMOVED)]
    assert report.active == notes.active
    assert "plan-txt" not in held(desk)
    assert len(held(desk)) == 4


@pytest.mark.parametrize("key", ["budget", "nothing", "../budget"])
def test_bundled_notes_and_unknown_documents_cannot_be_removed(key: str, desk: Path, tmp_path: Path) -> None:
    before = take(write_notes(tmp_path / "notes"), desk, bundled=True)
    with pytest.raises(KeyError, match=key.replace(".", "[.]")):
        remove([key], DeskName.PUBLIC, desk, FakeEmbedder(), ANALYZER)
    assert snapshots.active(desk) == before.active


def test_a_snapshot_held_back_is_built_and_not_active(documents: Path, desk: Path, tmp_path: Path) -> None:
    judged: list[SnapshotId] = []

    def refuse(snapshot: SnapshotId) -> str:
        judged.append(snapshot)
        return "2 wrong answers, the active version gives 0"

    before = take(write_notes(tmp_path / "notes"), desk, admit=refuse)
    assert judged == []  # the first one has nothing to be worse than
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    report = take(documents, desk, admit=refuse)
    assert judged == [report.built]
    assert (report.active, report.before, report.held) == (
        before.active,
        before.active,
        "2 wrong answers, the active version gives 0",
    )
    assert snapshots.active(desk) == before.active
    assert "plan-txt" not in held(desk)
    assert report.built in {each.id for each in snapshots.listing(desk)}
    admitted = take(documents, desk, admit=lambda _: None)
    assert (admitted.active, admitted.held) == (report.built, None)
    assert "plan-txt" in held(desk)


def test_nothing_new_is_not_judged(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    take(documents, desk)
    assert take(documents, desk, admit=lambda _: "no").held is None


def test_a_successor_marks_what_it_replaces_until_it_goes(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    (documents / "new.md").write_text(MARKDOWN, "utf-8")
    (documents / "new.md.yaml").write_text("title: 新しい方針\nsupersedes: [plan-txt, nothing-here]\n", "utf-8")
    report = take(documents, desk)
    assert any("nothing-here" in line for line in report.remarks)
    old = held(desk)["plan-txt"][0].document
    assert (old.validity, old.successor) == (Validity.SUPERSEDED, "新しい方針")
    remove(["new-md"], DeskName.PUBLIC, desk, FakeEmbedder(), ANALYZER)
    old = held(desk)["plan-txt"][0].document
    assert (old.validity, old.successor) == (Validity.FINAL, None)


def test_readers_raise_bad_document_alone(documents: Path) -> None:
    for suffix in READERS:
        file = documents / f"strange{suffix}"
        file.write_bytes(b"\x00\xff" * 50)
        with pytest.raises(BadDocument):
            load(open_source(file), DeskName.PUBLIC)


SECTIONS = {
    "令和7年度の都のAI関連予算": ("東京都の令和7年度のAI関連予算は181億円である。", "関連する事業は140ある。"),
    "東京港の水門": ("水門の遠隔操作は、東京港で令和9年度に始まる予定である。",),
    "都立学校": ("都立学校では生成AIを授業に用いる。",),
}


def source_notes(directory: Path) -> Path:
    """A note for every section of one source."""
    write_notes(directory)
    (directory / "budget.md").write_text(
        note(source="試験資料（案）", section="令和7年度の都のAI関連予算", title="都のAI予算"), "utf-8"
    )
    for key, section in (("river", "東京港の水門（案）"), ("school", "都立学校")):
        file = directory / f"{key}.md"
        file.write_text(
            file.read_text("utf-8")
            .replace("source: 試験資料", "source: 試験資料（案）")
            .replace("section: 予算", f"section: {section}"),
            "utf-8",
        )
    return directory


def source_html() -> bytes:
    body = "".join(f"<h1>{head}</h1>" + "".join(f"<p>{each}</p>" for each in said) for head, said in SECTIONS.items())
    return f"<html><head><title>slides</title></head><body><main>{body}</main></body></html>".encode()


def test_the_source_of_our_notes_is_recognised_and_described_as_they_do(
    documents: Path, desk: Path, tmp_path: Path
) -> None:
    take(source_notes(tmp_path / "notes"), desk, bundled=True)
    (documents / "slides.html").write_bytes(source_html())
    report = take(documents, desk)
    assert any("「試験資料（案）」" in line and "3 of the 3" in line for line in report.remarks)
    document = held(desk)["slides-html"][0].document
    assert (document.source, document.title, document.publisher) == ("試験資料（案）", "試験資料（案）", "東京都")
    shelf = SnapshotShelf(desk, FakeEmbedder(), ANALYZER)
    assert shelf.manifest().counts["originals_behind_notes"] == 3


def test_what_the_operator_declares_outweighs_what_was_recognised(documents: Path, desk: Path, tmp_path: Path) -> None:
    take(source_notes(tmp_path / "notes"), desk, bundled=True)
    (documents / "slides.html").write_bytes(source_html())
    take(documents, desk, declared=Declared(title="会議資料"))
    document = held(desk)["slides-html"][0].document
    assert (document.title, document.source) == ("会議資料", "試験資料（案）")


ORIGINAL = (
    "<html><head><title>会議資料</title></head><body><main><h1>会議資料</h1>"
    "<h2>予算</h2><p>令和7年度における東京都のAI関連予算は181億円である。</p><p>AI関連事業は140事業である。</p>"
    "<h2>対象</h2><p>この資料は東京都の各局を対象とする。</p></main></body></html>"
)


def test_a_desk_finds_by_its_note_and_cites_the_original(tmp_path: Path) -> None:
    small = small_house(tmp_path)
    before = small.ask(BUDGET_QUESTION).reply
    assert {each.excerpt_kind for each in before.citations} == {ExcerptKind.SUMMARY}
    file = tmp_path / "slides.html"
    file.write_text(ORIGINAL, "utf-8")
    desk, house = small.data / DeskName.PUBLIC, small.house
    told = Declared(source="試験資料", title="会議資料", publisher="東京都", as_of="2025-07-25")
    ingest([file], DeskName.PUBLIC, desk, house.embedder, house.analyzer, declared=told)
    after = small.ask(BUDGET_QUESTION)
    assert BUDGET_ANSWER in after.reply.text
    first = after.reply.citations[0]
    assert (first.excerpt_kind, first.title, first.section) == (ExcerptKind.ORIGINAL, "会議資料", "予算")
    assert first.excerpt.splitlines()[0] == "令和7年度における東京都のAI関連予算は181億円である。"
    unsupported = small.ask(FLOODGATE_QUESTION).reply  # its section is imported and says nothing of it
    assert FLOODGATE_ANSWER in unsupported.text
    assert {each.excerpt_kind for each in unsupported.citations} == {ExcerptKind.SUMMARY}
    remove(["slides-html"], DeskName.PUBLIC, desk, house.embedder, house.analyzer)
    again = small.ask(BUDGET_QUESTION).reply
    assert (again.text, again.citations) == (before.text, before.citations)
    house.close()


def test_a_damaged_index_loses_no_document(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    first = take(documents, desk)
    shutil.rmtree(snapshots_of(desk) / first.built / "words")
    (documents / "other.txt").write_text(PLAIN.replace("二億円", "三億円"), "utf-8")
    report = take(documents / "other.txt", desk)
    assert set(held(desk)) == {"plan-txt", "other-txt"}
    assert not report.remarks


def test_what_damaged_passages_lost_is_said(documents: Path, desk: Path) -> None:
    (documents / "plan.txt").write_text(PLAIN, "utf-8")
    first = take(documents, desk)
    file = snapshots_of(desk) / first.built / "passages.json"
    file.write_text(file.read_text("utf-8").replace("二億円", "九億円"), "utf-8")
    (documents / "other.md").write_text(MARKDOWN, "utf-8")
    report = take(documents / "other.md", desk)
    assert set(held(desk)) == {"other-md"}
    assert "damaged" in report.remarks[0]
    assert take(documents, desk).count(Status.ADDED) == 1
    assert "二億円" in held(desk)["plan-txt"][1].text


class SlowEmbedder(FakeEmbedder):
    """Gives another reading the time to begin while one is at work."""

    def passages(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        time.sleep(0.3)
        return super().passages(texts)


def test_two_at_once_lose_nothing(documents: Path, desk: Path) -> None:
    files = []
    for name in ("first", "second"):
        file = documents / f"{name}.txt"
        file.write_text(f"第1章 {name}\n\nこれは{name}の文書です。{name}について述べます。\n", "utf-8")
        files.append(file)

    def read(file: Path) -> IngestReport:
        return ingest([file], DeskName.PUBLIC, desk, SlowEmbedder(), ANALYZER)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(read, files))
    assert [report.files[0].status for report in reports] == [Status.ADDED, Status.ADDED]
    assert set(held(desk)) == {"first-txt", "second-txt"}


def test_a_refused_file_takes_no_name_from_a_note(documents: Path, desk: Path) -> None:
    (documents / "budget.docx").write_bytes(b"no zip")
    (documents / "budget.md").write_text(note(id="budget"), "utf-8")
    report = take(documents, desk)
    assert {each.file: each.status for each in report.files} == {
        "budget.docx": Status.REFUSED,
        "budget.md": Status.ADDED,
    }


def test_a_withdrawn_original_is_cited_as_withdrawn_though_its_note_is_not(tmp_path: Path) -> None:
    small = small_house(tmp_path)
    assert "取り下げられた" not in small.ask(BUDGET_QUESTION).reply.text
    file = tmp_path / "slides.html"
    file.write_text(ORIGINAL, "utf-8")
    desk, house = small.data / DeskName.PUBLIC, small.house
    told = Declared(source="試験資料", title="会議資料", publisher="東京都", as_of="2025", validity=Validity.WITHDRAWN)
    ingest([file], DeskName.PUBLIC, desk, house.embedder, house.analyzer, declared=told)
    reply = small.ask(BUDGET_QUESTION).reply
    assert reply.citations[0].excerpt_kind is ExcerptKind.ORIGINAL
    assert "取り下げられた" in reply.text
    house.close()
