from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from docx.document import Document
from docx.oxml.parser import parse_xml
from docx.shared import Pt

from knowledge.documents import BadDocument
from knowledge.loading import ooxml
from knowledge.loading.blocks import BlockKind, Extracted
from knowledge.loading.word import read_word
from tests.knowledge.office import W, made, member, run, saved, with_members, with_part, xml

SHARED = Path(__file__).resolve().parents[3] / "shared" / "documents"


def texts(extracted: Extracted) -> list[str]:
    return [block.text for block in extracted.blocks]


def seen(extracted: Extracted) -> list[tuple[str, str]]:
    return [(f"{block.kind.value}{block.level or ''}", block.text) for block in extracted.blocks]


def plain(document: Document) -> None:
    document.add_paragraph("都のAI戦略", style="Title")
    document.add_heading("背景", 1)
    document.add_paragraph("行政でAIを使います。")
    document.add_heading("経緯", 2)
    document.add_paragraph("次の二つです。")
    document.add_paragraph("議論", style="List Bullet")
    document.add_paragraph("・公表")


def test_headings_paragraphs_and_lists_keep_their_order_and_depth() -> None:
    found = read_word("a.docx", made(plain))
    assert found.title == "都のAI戦略"
    assert seen(found) == [
        ("heading1", "背景"),
        ("paragraph", "行政でAIを使います。"),
        ("heading2", "経緯"),
        ("paragraph", "次の二つです。"),
        ("item", "議論"),
        ("item", "公表"),
    ]


def test_headings_without_styles_are_seen_by_weight_and_number() -> None:
    def write(document: Document) -> None:
        first = document.add_paragraph().add_run("AI利用の手引き")
        first.font.size = Pt(20)
        document.add_paragraph("2025年7月")
        document.add_paragraph().add_run("目的").bold = True
        document.add_paragraph("この手引きは、職員がAIを使うときの決まりを示すものです。")
        document.add_paragraph("第2章 対象")
        document.add_paragraph("すべての職員が対象です。")

    found = read_word("a.docx", made(write))
    assert found.title == "AI利用の手引き"
    assert [block.text for block in found.blocks if block.kind is BlockKind.HEADING] == ["目的", "第2章 対象"]


def test_the_stored_title_counts_only_where_the_text_shows_it_or_none() -> None:
    def write(document: Document) -> None:
        plain(document)
        document.core_properties.title = "ひな形（2019年度）"

    assert read_word("a.docx", made(write)).title == "都のAI戦略"

    def bare(document: Document) -> None:
        document.core_properties.title = "会議の記録"
        document.add_paragraph("本日の議題は次のとおりです。")

    assert read_word("a.docx", made(bare)).title == "会議の記録"


def table(document: Document) -> None:
    document.add_paragraph("表1 手数料")
    grid = document.add_table(rows=4, cols=3)
    for row, cells in enumerate(
        (("区分", "料金", ""), ("", "平日", "休日"), ("大人", "100円", "200円"), ("", "", "250円"))
    ):
        for column, text in enumerate(cells):
            grid.cell(row, column).text = text
    grid.cell(0, 1).merge(grid.cell(0, 2)).text = "料金"
    grid.cell(0, 0).merge(grid.cell(1, 0)).text = "区分"
    grid.cell(2, 0).merge(grid.cell(3, 0)).text = "大人"


def test_a_table_gives_rows_with_the_names_of_its_columns() -> None:
    rows = [block.text for block in read_word("a.docx", made(table)).blocks if block.kind is BlockKind.ROW]
    assert rows == ["大人 / 料金 平日: 100円、料金 休日: 200円", "大人 / 料金 休日: 250円"]


def test_a_marked_header_names_columns_and_names_beside_values_stay_pairs() -> None:
    def write(document: Document) -> None:
        marked = document.add_table(rows=2, cols=2)
        for row, cells in enumerate((("2024", "2025"), ("10件", "20件"))):
            for column, text in enumerate(cells):
                marked.cell(row, column).text = text
        marked.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {W}/>"))
        pairs = document.add_table(rows=2, cols=2)
        for row, cells in enumerate((("名称", "AI会議"), ("所在地", "新宿区"))):
            for column, text in enumerate(cells):
                pairs.cell(row, column).text = text

    assert texts(read_word("a.docx", made(write))) == ["10件 / 2025: 20件", "名称 / AI会議", "所在地 / 新宿区"]


def test_nested_tables_follow_the_table_they_stand_in() -> None:
    def write(document: Document) -> None:
        outer = document.add_table(rows=1, cols=2)
        outer.cell(0, 0).text = "外"
        outer.cell(0, 1).text = "側"
        inner = outer.cell(0, 1).add_table(rows=1, cols=2)
        inner.cell(0, 0).text = "内"
        inner.cell(0, 1).text = "部"

    assert texts(read_word("a.docx", made(write))) == ["外 / 側", "内 / 部"]


def test_a_frame_of_one_cell_is_running_text() -> None:
    def write(document: Document) -> None:
        frame = document.add_table(rows=1, cols=1).cell(0, 0)
        frame.text = "これは個人の意見です。"
        frame.add_paragraph("政府の見解ではありません。")

    found = read_word("a.docx", made(write))
    assert seen(found) == [("paragraph", "これは個人の意見です。"), ("paragraph", "政府の見解ではありません。")]


BOXED = f"<w:txbxContent><w:p>{run('囲みです。')}</w:p></w:txbxContent>"
BOX = (
    f"<w:p>{run('本文です。')}<w:r>"
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    f'<mc:Choice Requires="wps"><w:drawing>{BOXED}</w:drawing></mc:Choice>'
    f"<mc:Fallback><w:pict>{BOXED}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
)
RUBY = f"<w:r><w:ruby><w:rt>{run('消えた')}</w:rt><w:rubyBase>{run('文')}</w:rubyBase></w:ruby></w:r>"
UNSEEN = {
    "deleted": f"{run('残る')}<w:del><w:r><w:delText>消えた</w:delText></w:r></w:del><w:ins>{run('文です。')}</w:ins>",
    "moved": f"{run('残る文です。')}<w:moveFrom>{run('消えた')}</w:moveFrom>",
    "hidden": f"{run('残る文です。')}{run('消えた', '<w:vanish/>')}",
    "field": f"{run('残る')}<w:r><w:instrText>REF 消えた</w:instrText></w:r>{run('文です。')}",
    "reading": f"{run('残る')}{RUBY}{run('です。')}",
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_a_reader_does_not_see_is_left_out(case: str) -> None:
    assert texts(read_word("a.docx", made(lambda document: xml(document, f"<w:p>{UNSEEN[case]}</w:p>")))) == [
        "残る文です。"
    ]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    assert texts(read_word("a.docx", made(lambda document: xml(document, BOX)))) == ["本文です。", "囲みです。"]


def test_headers_footers_and_tables_of_contents_are_left_out() -> None:
    def write(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "ヘッダー"
        document.sections[0].footer.paragraphs[0].text = "1"
        document.add_paragraph("目次")
        document.add_paragraph("はじめに……………… 3")
        gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
        inside = f"<w:sdtContent><w:p>{run('背景 1')}</w:p></w:sdtContent>"
        body = f"<w:sdt {W}><w:sdtPr>{gallery}</w:sdtPr>{inside}</w:sdt>"
        document.element.body.insert(-1, parse_xml(body))
        document.add_paragraph("本文です。")

    assert texts(read_word("a.docx", made(write))) == ["本文です。"]


NOTES = f"""<w:footnotes {W}><w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>
<w:footnote w:id="2"><w:p>{run("政府の補佐官。")}</w:p></w:footnote></w:footnotes>"""
RAISED = '<w:vertAlign w:val="superscript"/>'


def test_notes_follow_their_paragraph_under_their_number() -> None:
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    first = f"<w:p>{run('満塩氏')}{mark}{run('の案です。')}</w:p>"
    raised = f"{run('細川氏')}{run('1', RAISED)}{run('も加わり、10')}{run('2', RAISED)}{run('件です。')}"
    content = made(lambda document: xml(document, first, f"<w:p>{raised}</w:p>"))
    content = with_part(content, "footnotes", NOTES.encode())
    assert texts(read_word("a.docx", content)) == [
        "満塩氏(注1)の案です。",
        "注1: 政府の補佐官。",
        "細川氏(注1)も加わり、10^2件です。",
    ]


def test_macros_do_no_harm() -> None:
    content = made(plain)
    types = member(content, "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    content = with_members(content, {"[Content_Types].xml": types, "word/vbaProject.bin": b"Shell"})
    assert read_word("a.docm", content).title == "都のAI戦略"


def bomb() -> bytes:
    return with_members(made(plain), {"word/media/image1.bin": b"\0" * 50_000_000})


def lying_bomb() -> bytes:
    """An archive whose directory gives a small size for a member that unpacks to 30 MB."""
    content = bytearray(with_members(made(plain), {"word/extra.xml": b" " * 30_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            if struct.unpack_from("<I", content, place + offset)[0] == 30_000_000:
                struct.pack_into("<I", content, place + offset, 1_000)
    return bytes(content)


def entities(declaration: bytes) -> bytes:
    content = made(plain)
    body = member(content, "word/document.xml")
    head, mark, rest = body.partition(b"?>")
    return with_members(content, {"word/document.xml": head + mark + declaration + rest})


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as new:
        for name, data in members.items():
            new.writestr(name, data)
    return stream.getvalue()


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
BAD = {
    "old format": (OLE + "WordDocument".encode("utf-16-le"), "save it as .docx"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "rtf": (b"{\\rtf1 text}", "RTF"),
    "no archive": (b"%PDF-1.7", "not a Word document"),
    "nothing": (b"", "not a Word document"),
    "another archive": (archive({"a.txt": b"a"}), "not a Word document"),
    "a spreadsheet": (archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<a/>"}), "not a Word document"),
    "cut off": (made(plain)[:-200], "broken"),
    "broken inside": (with_members(made(plain), {"word/document.xml": b"<w:document"}), "damaged"),
    "no body": (with_members(made(plain), {"word/document.xml": f"<w:document {W}/>".encode()}), "damaged"),
    "a missing part": (archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}), "damaged"),
    "a bomb": (bomb(), "unpacks to more"),
    "a bomb that lies": (lying_bomb(), "broken"),
    "another packing": (archive({"[Content_Types].xml": b"<Types/>", "word/a.xml": b"a"}, zipfile.ZIP_BZIP2), "packed"),
    "a billion laughs": (entities(LAUGHS), "entities"),
    "an outside entity": (entities(OUTSIDE), "entities"),
    "strict": (
        with_members(made(plain), {"_rels/.rels": b'<Relationships xmlns="http://purl.oclc.org/ooxml/x"/>'}),
        "Strict",
    ),
    "no text": (made(lambda document: document.add_paragraph(" ")), "no text"),
    "too many parts": (archive({str(number): b"" for number in range(ooxml.MOST_MEMBERS + 1)}), "parts"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_line(case: str) -> None:
    content, words = BAD[case]
    with pytest.raises(BadDocument, match=words) as problem:
        read_word("a.docx", content)
    assert str(problem.value).startswith("a.docx: ")
    assert "\n" not in str(problem.value)
    assert "戦略" not in str(problem.value)


def test_member_names_that_lead_outside_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = with_members(made(plain), {"../../escaped.txt": b"x", "/escaped.txt": b"x"})
    assert read_word("a.docx", content).title == "都のAI戦略"
    assert not list(tmp_path.rglob("*"))
    assert not (tmp_path.parent / "escaped.txt").exists()


def test_deep_nesting_is_refused_not_followed() -> None:
    document = f"<w:document {W}><w:body>{'<w:ins>' * 5_000}{'</w:ins>' * 5_000}</w:body></w:document>"
    with pytest.raises(BadDocument, match="damaged"):
        read_word("a.docx", with_members(made(plain), {"word/document.xml": document.encode()}))


def test_the_same_bytes_give_the_same_blocks() -> None:
    content = made(table)
    assert read_word("a.docx", content) == read_word("a.docx", content)


def shared(name: str) -> Extracted:
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"{name} is kept beside the project and is not here")
    return read_word(name, file.read_bytes())


@pytest.mark.outside
def test_a_government_paper() -> None:
    found = shared("cio_dp2020_01.docx")
    assert found.title == "AIシステムにおけるデータ利用の特性と取扱い上の留意点"
    headings = [block.text for block in found.blocks if block.kind is BlockKind.HEADING]
    assert headings[:5] == ["要旨", "改定履歴", "1 はじめに", "1.1 背景と目的", "1.2 説明可能なAI (Explainable AI)"]
    assert sum(block.kind is BlockKind.ROW for block in found.blocks) == 8
    assert "注2: 株式会社 Ridge-i 代表取締役社長" in texts(found)
    assert not any("ディスカッションペーパー2020年" in text for text in texts(found))


@pytest.mark.outside
def test_an_official_faq() -> None:
    found = shared("gif_499_FAQ.docx")
    assert found.title == "政府相互運用性フレームワーク FAQ"
    assert ("heading2", "Q1 データ長は規定しないのですか。") in seen(found)
    assert ("heading1", "コアデータパーツ") in seen(found)


def test_saving_again_changes_nothing_of_the_text() -> None:
    import docx  # noqa: PLC0415 - only here

    content = made(plain)
    assert read_word("a.docx", saved(docx.Document(io.BytesIO(content)))) == read_word("a.docx", content)
