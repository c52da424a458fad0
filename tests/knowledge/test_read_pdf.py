"""PDFs: good ones as blocks, bad ones refused with what to do, hostile ones without harm."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from knowledge.documents import BadDocument
from knowledge.loading import pdf
from knowledge.loading.blocks import BlockKind, Extracted
from knowledge.loading.pdf import read_pdf
from tests.knowledge import pdfs

SHARED = Path(__file__).resolve().parents[3] / "shared" / "documents"

BODY = [
    "東京都は、職員が生成ＡＩを安全に使うための考え方をまとめ、すべての局に示しま",
    "した。相談の窓口は平日の午前九時から午後五時まで開いており、電話と電子メールで",
    "受け付けます。",
]


def texts(extracted: Extracted, kind: BlockKind | None = None) -> list[str]:
    return [block.text for block in extracted.blocks if kind is None or block.kind is kind]


def refusal(content: bytes, name: str = "some.pdf") -> str:
    with pytest.raises(BadDocument) as caught:
        read_pdf(name, content)
    message = str(caught.value)
    assert message.startswith(f"{name}: file: ")
    assert "\n" not in message
    return message


def test_headings_paragraphs_and_items_with_their_pages() -> None:
    def first(canvas: Canvas) -> None:
        pdfs.text(canvas, 90, 90, ["生成ＡＩ利活用の手引き"], 20)
        pdfs.text(canvas, 85, 150, ["１　相談の窓口"], 14)
        pdfs.text(canvas, 85, 180, BODY)

    def second(canvas: Canvas) -> None:
        pdfs.text(canvas, 85, 90, ["２　備えること"], 14)
        pdfs.text(canvas, 85, 120, ["・個人情報を入れない", "・出力を確かめる"])

    read = read_pdf("guide.pdf", pdfs.drawn(first, second, title="guide.doc"))

    assert read.title == "生成AI利活用の手引き"
    assert read.pages == 2
    assert read.remarks == ()
    assert [(b.kind, b.text, b.level, b.page) for b in read.blocks] == [
        (BlockKind.HEADING, "生成AI利活用の手引き", 1, "1"),
        (BlockKind.HEADING, "1 相談の窓口", 2, "1"),
        (
            BlockKind.PARAGRAPH,
            "東京都は、職員が生成AIを安全に使うための考え方をまとめ、すべての局に示しました。相談の窓口は平日の午前九時か"
            "ら午後五時まで開いており、電話と電子メールで受け付けます。",
            0,
            "1",
        ),
        (BlockKind.HEADING, "2 備えること", 2, "2"),
        (BlockKind.ITEM, "個人情報を入れない", 0, "2"),
        (BlockKind.ITEM, "出力を確かめる", 0, "2"),
    ]


def test_a_ruled_table_keeps_row_and_column_together() -> None:
    def page(canvas: Canvas) -> None:
        rows = [
            ["窓口", "時間", "電話"],
            ["AI相談\nセンター", "9時から17時", "03-0000-0001"],
            ["広報課", "10時から\n16時", "03-0000-0002"],
        ]
        pdfs.text(canvas, 85, 60, ["窓口の一覧は次のとおりです。"])
        pdfs.table(canvas, 85, 100, [120, 120, 120], rows)

    read = read_pdf("table.pdf", pdfs.drawn(page))

    assert texts(read, BlockKind.ROW) == [
        "AI相談センター / 時間: 9時から17時、電話: 03-0000-0001",
        "広報課 / 時間: 10時から16時、電話: 03-0000-0002",
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    signs = "甲乙丙丁"
    left = [
        line
        for sign in signs
        for line in (
            f"{sign}の左の段では、窓口について述べる。窓口は",
            "平日に開いており、電話で受け付けるものとする。",
        )
    ]
    right = [
        line
        for sign in signs
        for line in (
            f"{sign}の右の段では、記録について述べる。記録は",
            "五年のあいだ残し、そののち消すものとしている。",
        )
    ]

    def page(canvas: Canvas) -> None:
        pdfs.text(canvas, 60, 60, ["二段組みの報告"], 18)
        pdfs.text(canvas, 60, 120, left, 9.5)
        pdfs.text(canvas, 320, 120, right, 9.5)

    whole = "".join(texts(read_pdf("columns.pdf", pdfs.drawn(page)), BlockKind.PARAGRAPH))

    assert whole == "".join(left) + "".join(right)


def test_headers_footers_and_page_numbers_are_left_out() -> None:
    def page_of(number: int) -> pdfs.Drawing:
        def page(canvas: Canvas) -> None:
            pdfs.text(canvas, 85, 40, [f"東京都の報告書　第{number}回"])
            pdfs.text(canvas, 85, 100, [f"{'いろはにほ'[number]}の件を議論した。"])
            pdfs.text(canvas, 290, 800, [f"- {number + 1} -"])

        return page

    read = read_pdf("minutes.pdf", pdfs.drawn(*map(page_of, range(5))))

    assert texts(read) == [f"{sign}の件を議論した。" for sign in "いろはにほ"]
    assert [block.page for block in read.blocks] == ["1", "2", "3", "4", "5"]


def test_upright_words_are_read_downwards_and_footnote_marks_go() -> None:
    def page(canvas: Canvas) -> None:
        for number, sign in enumerate("窓口の案内"):
            pdfs.text(canvas, 60, 100 + 12 * number, [sign], 11)
        pdfs.text(canvas, 120, 100, ["相談は電話で受け付ける"])
        pdfs.text(canvas, 120 + 11 * 10.5, 97, ["1"], 6)
        pdfs.text(canvas, 120 + 11 * 10.5 + 4, 100, ["ものとする。"])

    assert texts(read_pdf("upright.pdf", pdfs.drawn(page))) == ["窓口の案内", "相談は電話で受け付けるものとする。"]


def matrix(canvas: Canvas) -> None:
    for number, sign in enumerate("別途規律を設ける"):
        pdfs.text(canvas, 40, 150 + 14 * number, [sign], 13)
    boxes = ["改正の必要性", "基本の考え方", "電子化の可否", "対象外にする", "そのまま整理", "同様の規定", "転換の要件"]
    for number, box in enumerate(boxes):
        pdfs.text(canvas, 90 + 9 * number, 130 + 37 * number, [box], 12)
        pdfs.text(canvas, 290 - 7 * number, 147 + 37 * number, [f"→ {box}について"], 12)
        pdfs.text(canvas, 460, 139 + 37 * number, ["（案）"], 12)


def test_a_matrix_of_cells_is_left_out_and_named() -> None:
    def prose(canvas: Canvas) -> None:
        pdfs.text(canvas, 85, 180, BODY)

    read = read_pdf("slides.pdf", pdfs.drawn(prose, matrix))

    assert {block.page for block in read.blocks} == {"1"}
    assert [remark for remark in read.remarks if remark.startswith("page 2: left out")]
    assert "cells and arrows" in refusal(pdfs.drawn(matrix))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"PK\x03\x04 something else", "is not a PDF"),
        (b"%PDF-1.7\n" + bytes(2_000), "cannot be read as a PDF"),
        (pdfs.by_hand([pdfs.CATALOGUE, b"<< /Type /Pages /Kids [] /Count 99999999 >>"]), "cannot be read as a PDF"),
        (pdfs.tree_loop(), "cannot be read as a PDF"),
        (pdfs.deep(100_000), "no text layer; run OCR (for instance ocrmypdf -l jpn)"),
        (pdfs.many_pages(1_001), "has 1,001 pages, more than 1,000; split it"),
        (pdfs.many_pages(1_000), "no text layer"),
    ],
    ids=["empty", "blank", "no PDF", "cut off", "lying count", "tree loop", "deep", "1,001 pages", "1,000 empty pages"],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    assert says in refusal(content)


def test_a_password_is_named() -> None:
    locked = pdfs.drawn(lambda canvas: pdfs.text(canvas, 85, 100, BODY), password="secret")
    assert "protected by a password; remove the protection" in refusal(locked)


def test_a_scan_needs_ocr() -> None:
    grey = ImageReader(_grey())
    assert "run OCR" in refusal(pdfs.drawn(lambda canvas: canvas.drawImage(grey, 50, 50, 300, 300) and None))


def _grey() -> io.BytesIO:
    image = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    image.new("L", (20, 20), 128).save(out, "PNG")
    out.seek(0)
    return out


def test_a_page_without_text_among_others_is_named() -> None:
    read = read_pdf("some.pdf", pdfs.drawn(lambda canvas: pdfs.text(canvas, 85, 100, BODY), lambda canvas: None))
    assert [remark for remark in read.remarks if remark.startswith("page 2: has no text")]


def test_mojibake_is_refused() -> None:
    garbled = "".join(BODY).encode("utf-8").decode("latin-1")
    plain = "".join(sign if sign.isprintable() else "¤" for sign in garbled)

    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 8)
        for number in range(0, len(plain), 60):
            canvas.drawString(40, 700 - number / 4, plain[number : number + 60])

    assert "mojibake" in refusal(pdfs.drawn(page))


def test_a_bomb_and_a_loop_of_forms_are_stopped() -> None:
    for hostile in (pdfs.bomb(2_500), pdfs.form_loop()):
        assert "memory" in refusal(hostile)


def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 0)
    assert "takes longer than" in refusal(pdfs.drawn(lambda canvas: pdfs.text(canvas, 85, 100, BODY)))


@pytest.mark.outside
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("pm_175.pdf", "no text layer; run OCR"),
        ("pm_aes-256.pdf", "protected by a password"),
        ("moj_001375176.pdf", "page 1: left out; cells and arrows"),
    ],
)
def test_real_files_that_are_refused(name: str, says: str) -> None:
    assert says in refusal(_shared(name), name)


@pytest.mark.outside
def test_a_law_with_fonts_that_are_not_embedded() -> None:
    read = read_pdf("law.pdf", _shared("moj_001424574.pdf"))
    assert read.title == "商法(船荷証券等関係)等の改正に関する要綱案"
    assert "第1 電子船荷証券記録及びこれに関する基本的な概念" in texts(read, BlockKind.HEADING)
    assert any("技術的措置(注3)がとられているものをいうものとする。" in text for text in texts(read, BlockKind.ITEM))


@pytest.mark.outside
def test_a_report_made_with_word() -> None:
    read = read_pdf("report.pdf", _shared("cio_dp2020_01.pdf"))
    assert read.title == "AIシステムにおけるデータ利用の特性と取扱い上の留意点"
    assert "2.2 知的財産から見た学習データと学習済みモデルの関係" in texts(read, BlockKind.HEADING)
    rows = texts(read, BlockKind.ROW)
    assert any(row.startswith("データクレンジング / レベル1: 特定要件を設けない、レベル2: ") for row in rows)
    assert not [text for text in texts(read) if text.startswith("政府CIO補佐官等ディスカッションペーパー")]
    assert any("権利の契約モデルに至ってはその複雑さから" in text for text in texts(read))


@pytest.mark.outside
def test_a_damaged_file_is_read_as_far_as_it_goes() -> None:
    read = read_pdf("zen.pdf", _shared("pm_zen_of_python_corrupted.pdf"))
    assert "Beautiful is better than ugly." in texts(read)


def _shared(name: str) -> bytes:
    if not SHARED.is_dir():
        pytest.skip("the documents are not beside the project")
    return (SHARED / name).read_bytes()
