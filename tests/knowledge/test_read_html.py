from __future__ import annotations

import time
from pathlib import Path

import pytest

from knowledge.documents import BadDocument
from knowledge.loading.blocks import Extracted
from knowledge.loading.html import read_html

SHARED = Path(__file__).resolve().parents[3] / "shared" / "documents"
AROUND = """<html><head><title>補助金の手続 | ある市</title></head><body>
<header><h1>ある市</h1><nav><ul><li><a href="/a">くらし</a></li></ul></nav></header>
<div class="breadcrumb"><a href="/">ホーム</a> &gt; 手続</div>
<div class="cookie-banner">クッキーを使います。同意しますか。</div>
{main}<aside><p>関連する案内です。</p></aside><footer><p>ある市役所 電話 03-0000-0000</p></footer>
<script>var text = "見えない文";</script></body></html>"""


def read(main: str, encoding: str = "utf-8") -> Extracted:
    return read_html("a.html", AROUND.format(main=main).encode(encoding))


def seen(found: Extracted) -> list[tuple[str, str]]:
    return [(f"{block.kind.value}{block.level or ''}", block.text) for block in found.blocks]


MAINS = {
    "main": "<main>{}</main>",
    "article": "<div><article>{}</article></div>",
    "role": '<div role="main">{}</div>',
    "id": '<div id="main">{}</div>',
    "class": '<div class="wrap"><div class="content">{}</div></div>',
    "densest": '<div class="x1"><div class="x2">{}</div></div>',
}
MATTER = """<h1>補助金の手続</h1><p>補助金は、市民ならだれでも申請できます。期限は6月末です。</p>
<h2>窓口</h2><p>市役所の2階です。</p>"""


@pytest.mark.parametrize("case", MAINS)
def test_only_the_matter_of_a_page_is_kept(case: str) -> None:
    found = read(MAINS[case].format(MATTER))
    assert found.title == "補助金の手続"
    assert seen(found) == [
        ("paragraph", "補助金は、市民ならだれでも申請できます。期限は6月末です。"),
        ("heading2", "窓口"),
        ("paragraph", "市役所の2階です。"),
    ]


SENTENCE = "<p>ここは本文として十分な長さのある文です。</p>"


@pytest.mark.parametrize(
    "part",
    [
        '<p style="display: none">見えない</p>',
        "<p hidden>見えない</p>",
        '<p aria-hidden="true">見えない</p>',
        '<span class="sr-only">見えない</span>',
        "<template><p>見えない</p></template>",
        "<noscript>見えない</noscript>",
        "<svg><text>見えない</text></svg>",
        "<iframe>見えない</iframe>",
        "<select><option>見えない</option></select><textarea>見えない</textarea><button>見えない</button>",
        "<!-- 見えない -->",
        "<del>見えない</del>",
        "<ul>" + '<li><a href="/1">見えない</a></li>' * 3 + "</ul>",
        '<p><a href="#top">このページの先頭へ</a></p>',
    ],
)
def test_what_is_no_matter_is_left_out(part: str) -> None:
    assert [text for _, text in seen(read(f"<main>{SENTENCE}{part}</main>"))] == [
        "ここは本文として十分な長さのある文です。"
    ]


def test_links_keep_their_text_and_lose_their_address() -> None:
    (block,) = read(
        f'<main><p>くわしくは<a href="https://example.jp/x">要綱</a>にあります。{"文" * 20}</p></main>'
    ).blocks
    assert block.text.startswith("くわしくは要綱にあります。")
    assert "example" not in block.text


def test_questions_of_a_definition_list_and_of_details_are_headings_that_end_with_them() -> None:
    found = read(
        f"""<main><h2>よくある質問</h2>{SENTENCE}
        <dl><dt>Q1 いつまでですか。</dt><dd>A1 6月末です。</dd></dl><p>別の文です。</p>
        <details><summary>費用はかかりますか</summary><p>無料です。</p></details><p>最後の文です。</p></main>"""
    )
    assert seen(found)[2:] == [
        ("heading3", "Q1 いつまでですか。"),
        ("paragraph", "A1 6月末です。"),
        ("heading2", "よくある質問"),
        ("paragraph", "別の文です。"),
        ("heading3", "費用はかかりますか"),
        ("paragraph", "無料です。"),
        ("heading2", "よくある質問"),
        ("paragraph", "最後の文です。"),
    ]


def test_terms_stand_before_what_defines_them() -> None:
    found = read(
        f"""<main>{SENTENCE}<dl><dt>電話</dt><dd>03-1</dd><dt>住所</dt><dt>場所</dt><dd>新宿区</dd><dd>港区</dd>
        <dt>余り</dt></dl></main>"""
    )
    assert seen(found)[1:] == [
        ("item", "電話: 03-1"),
        ("item", "住所、場所: 新宿区"),
        ("item", "住所、場所: 港区"),
        ("item", "余り"),
    ]


def test_tables_give_rows_with_names_across_and_down() -> None:
    found = read(
        f"""<main>{SENTENCE}<table><caption>料金表</caption><tr><th>区分</th><th>曜日</th><th>料金</th></tr>
        <tr><td rowspan="2">大人</td><td>平日</td><td>100円</td></tr><tr><td>休日</td><td>200円</td></tr>
        <tr><td>子ども</td><td colspan="2">無料</td></tr></table>
        <table><tr><th>名称</th><td>会議</td></tr><tr><th>場所</th><td>新宿</td></tr></table></main>"""
    )
    assert seen(found)[1:] == [
        ("paragraph", "料金表"),
        ("row", "大人 / 曜日: 平日、料金: 100円"),
        ("row", "大人 / 曜日: 休日、料金: 200円"),
        ("row", "子ども / 曜日・料金: 無料"),
        ("row", "名称 / 会議"),
        ("row", "場所 / 新宿"),
    ]


def test_tables_that_arrange_the_page_are_running_text() -> None:
    found = read(f'<table role="presentation"><tr><td>{SENTENCE}</td><td><p>もう一つの文です。</p></td></tr></table>')
    assert [kind for kind, _ in seen(found)] == ["paragraph", "paragraph"]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="要綱 | ある市"><title>x</title>', "要綱"),
        ("<title>要綱｜ある市</title>", "要綱"),
        ("<title>AI - 人工知能 - ある市</title>", "AI - 人工知能"),
        ("", None),
    ],
)
def test_a_page_without_a_top_heading_is_called_by_its_head(head: str, title: str | None) -> None:
    page = f'<meta charset="utf-8"><head>{head}</head><body>{SENTENCE}</body>'
    assert read_html("a.html", page.encode()).title == title


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", ""), ("utf-8-sig", "shift_jis"), ("cp932", ""), ("cp932", "Shift_JIS"), ("euc_jp", "euc-jp"),
     ("euc_jp", ""), ("iso2022_jp", "iso-2022-jp"), ("iso2022_jp", ""), ("utf-16", ""), ("utf-8", "shift_jis"),
     ("cp932", "utf-8")],
)  # fmt: skip
def test_pages_are_read_in_the_encoding_they_are_in(encoding: str, said: str) -> None:
    meta = f'<meta charset="{said}">' if said else ""
    page = f"<html><head>{meta}</head><body>{SENTENCE * 3}</body></html>".encode(encoding)
    assert seen(read_html("a.html", page))[0] == ("paragraph", "ここは本文として十分な長さのある文です。")


def test_a_stray_byte_does_not_spoil_a_page() -> None:
    page = f'<meta charset="utf-8">{SENTENCE * 100}'.encode() + b"\xff"
    assert len(read_html("a.html", page).blocks) >= 100


BAD = {
    "nothing": (b"", "empty"),
    "no text": (b"<html><body></body></html>", "no text"),
    "links only": (b'<ul><li><a href="1">aaaa</a><li><a href="2">bbbb</a><li><a href="3">cccc</a></ul>', "navigation"),
    "no page": (bytes(range(256)) * 10, "UTF-8"),
    "100,000 parts inside each other": (b"<div>" * 100_000 + SENTENCE.encode(), "deep"),
    "too many attributes": (b"<p " + b" ".join(b"a%d=1" % number for number in range(5_000)) + b">x", "attributes"),
    "attributes without blanks": (
        b"<p " + b"".join(b'a%d="1"' % number for number in range(5_000)) + b">x",
        "attributes",
    ),
    "too large": (b" " * 20_000_001, "larger"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_page_is_refused_in_one_line(case: str) -> None:
    content, words = BAD[case]
    with pytest.raises(BadDocument, match=words) as problem:
        read_html("a.html", content)
    assert str(problem.value).startswith("a.html: ")
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "part", ["<div>", "<ul><li>", "<dl><dd>", "<details><summary>x</summary>", "<table><tr><td>", "<b>", "<a href=x>"]
)
def test_deep_nesting_does_not_end_the_program(part: str) -> None:
    started = time.monotonic()
    assert read_html("a.html", (part * 4_000 + SENTENCE).encode()).blocks
    assert time.monotonic() - started < 20


def test_spans_that_ask_for_millions_of_cells_get_some() -> None:
    row = "<tr>" + "<td colspan=1000 rowspan=65534>x</td>" * 200
    page = f"{SENTENCE}<table>{row}{'<tr><td>a</td></tr>' * 2_000}</table>"
    assert read_html("a.html", page.encode()).blocks


@pytest.mark.outside
def test_a_portal_page_gives_its_few_lines() -> None:
    file = SHARED / "cio_dp2020_01.html"
    if not file.exists():
        pytest.skip(f"{file.name} is kept beside the project and is not here")
    found = read_html(file.name, file.read_bytes())
    assert found.title == "AIシステムにおけるデータ利用の特性と取扱い上の留意点"
    assert len(found.blocks) == 14
    text = "\n".join(block.text for block in found.blocks)
    assert text.startswith("AIを政府情報システムまたは政府が提供するサービス等で活用する際に")
    assert text.endswith("リンクを当方まで通知願います。")
    assert not any(
        word in text for word in ("サイトマップ", "文字サイズ", "刊行物", "03-5253", "Language", "このページの先頭へ")
    )
