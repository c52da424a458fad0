"""From printed lines to blocks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.loading.blocks import Block, BlockKind
from knowledge.loading.furniture import page_number
from knowledge.loading.lines import to_blocks
from knowledge.loading.pages import Line, Page
from knowledge.loading.wording import joined, must_join, numbering, tidy


def texts(*lines: str | Line) -> list[str]:
    """The blocks of one page; "" stands for a blank line."""
    made: list[Line] = []
    gap = False
    for line in lines:
        if isinstance(line, Line):
            made.append(line)
        elif line:
            made.append(Line(line, gap=gap))
        gap = line == ""
    return [block.text for block in to_blocks([Page(tuple(made), 1)])[0]]


@pytest.mark.parametrize(
    ("printed", "clean"),
    [
        ("⽂字と⾳声を⽰す", "文字と音声を示す"),
        ("⺠間と⻑期", "民間と長期"),
        ("ＡＩ　２０２５年", "AI 2025年"),
        ("目　　　次", "目次"),
        ("分野 労働", "分野 労働"),
        (
            "生成 AI の利用では、職員が出力を必ず確かめることにしています 。",
            "生成AIの利用では、職員が出力を必ず確かめることにしています。",
        ),
        (
            "We use AI tools every day, and all of us check them. Yes.",
            "We use AI tools every day, and all of us check them. Yes.",
        ),
        ("①発行場面の規律", "1 発行場面の規律"),
        ("\uf0b7 印の後", "印の後"),
        ("a\x00b\ud800c\u200b", "abc"),
    ],
)
def test_a_line_is_tidied(printed: str, clean: str) -> None:
    assert tidy(printed) == clean


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("利活用を", "進める", "利活用を進める"),
        ("the public", "desk", "the public desk"),
        ("infor-", "mation", "information"),
        ("AI", "の利用", "AIの利用"),
        ("https://a.example/", "path", "https://a.example/path"),
    ],
)
def test_two_lines_become_one(before: str, after: str, whole: str) -> None:
    assert joined(before, after) == whole


def test_seams_inside_a_phrase() -> None:
    assert must_join("可能性", "を秘めている")
    assert must_join("世界のイノベー", "ションの成長")
    assert must_join("2024年4", "月に公表")
    assert not must_join("確認すること", "透明性")
    assert not must_join("産業・雇用", "15%")


@pytest.mark.parametrize(
    ("text", "number"),
    [("- 3 -", 3), ("３", 3), ("3/14", 3), ("ページ3", 3), ("3ページ", 3), ("p. 12", 12), ("3件", None), ("3.5", None)],
)
def test_page_numbers(text: str, number: int | None) -> None:
    assert page_number(text) == number


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("第１部 総則", 1),
        ("第2章 目的", 2),
        ("１-① 振り返り", 4),
        ("石角 友愛 委員＜1/4＞", 4),
        ("１ 窓口", 5),
        ("2.1 開発", 6),
        ("【共通ツール】", 9),
        ("第2章の規定により、窓口を置く。", None),
        ("1,234 件", None),
    ],
)
def test_numbers_of_headings(text: str, rank: int | None) -> None:
    assert numbering(text) == rank


def test_hard_breaks_are_joined_and_items_are_not() -> None:
    assert texts("職員の業務効率化に向けてAIを活用する動", "きがみられ、広がっている。", "次の段落です。") == [
        "職員の業務効率化に向けてAIを活用する動きがみられ、広がっている。",
        "次の段落です。",
    ]
    assert texts("・申請", "・通知", "■効果", "窓口を訪れる人が減り、負担が軽くなった。") == [
        "申請",
        "通知",
        "効果: 窓口を訪れる人が減り、負担が軽くなった。",
    ]


def test_a_blank_line_ends_a_paragraph_unless_blanks_mean_nothing() -> None:
    assert texts("東京都の窓口", "", "時間の案内") == ["東京都の窓口", "時間の案内"]
    slides = [("検証を進めるため、人を", "置いて続ける。")] * 4
    lines = [part for before, after in slides for part in (before, "", after, "")]
    assert texts(*lines, "新しい窓口", "", "名前の一覧") == [
        "検証を進めるため、人を置いて続ける。",
        "新しい窓口",
        "名前の一覧",
    ]


def test_upright_signs() -> None:
    assert texts("前の文です。", *"都民サービス", "", *"職員内部", "後の文です。") == [
        "前の文です。",
        "都民サービス",
        "職員内部",
        "後の文です。",
    ]
    spread = [part for sign in "これまで" for part in (sign, "")]
    assert texts(*spread) == ["これまで"]


def test_signs_and_figures_of_a_drawing_are_left_out_with_a_remark() -> None:
    lines = [Line(sign, gap=True) for sign in "青黄赤"]
    figures = [Line(f"{share}%", gap=True) for share in (59, 88, 78, 45)]
    page = Page((Line("利用の割合を示す図です。"), *lines, *figures), 3, "8")
    blocks, remarks = to_blocks([page])
    assert [block.text for block in blocks] == ["利用の割合を示す図です。"]
    assert [remark.split(":")[0] for remark in remarks] == ["page 8", "page 8"]
    assert not any(sign in "".join(remarks) for sign in ("青", "59%"))


def test_a_label_that_follows_its_figure_is_not_joined() -> None:
    assert texts("産業・雇用", "", "15%", "", "その他の分野") == ["産業・雇用", "15%", "その他の分野"]


def test_a_ready_row_stands_between_paragraphs() -> None:
    row = Block(BlockKind.ROW, "窓口 / 時間: 9時", page="1")
    blocks, _ = to_blocks([Page((Line("一覧を"), row, Line("示す。")), 1, "1")])
    assert [block.kind for block in blocks] == [BlockKind.PARAGRAPH, BlockKind.ROW, BlockKind.PARAGRAPH]


def placed(text: str, right: float, **more: object) -> Line:
    return Line(text, left=80, right=right, size=10, column=(80, 500), **more)  # type: ignore[arg-type]


def test_a_filled_line_goes_on_and_a_footnote_waits_for_the_end() -> None:
    first = Page((placed("十分に配慮することが求め", 500), placed("注7: 契約の手引き。", 300, note=True)), 1, "1")
    second = Page((placed("られます。", 140), placed("第1項の定めは別とする。", 260)), 2, "2")
    blocks, _ = to_blocks([first, second])
    assert [(block.text, block.page) for block in blocks] == [
        ("十分に配慮することが求められます。", "1"),
        ("注7: 契約の手引き。", "1"),
        ("第1項の定めは別とする。", "2"),
    ]


SIGN = st.one_of(st.characters(), st.sampled_from("。、・■①１第章（）-\x00\ud800\u202e\uf0b7 　のをアイ%ー"))
LINE = st.builds(
    Line,
    st.text(SIGN, max_size=30),
    gap=st.booleans(),
    left=st.none() | st.floats(0, 600),
    right=st.none() | st.floats(0, 600),
    size=st.none() | st.floats(0, 80),
    bold=st.booleans(),
    column=st.none() | st.tuples(st.floats(0, 300), st.floats(0, 600)),
    apart=st.booleans(),
    note=st.booleans(),
    level=st.integers(0, 2),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(LINE, max_size=8), max_size=5))
def test_any_lines_give_clean_blocks(pages: list[list[Line]]) -> None:
    blocks, _ = to_blocks([Page(tuple(lines), order, str(order)) for order, lines in enumerate(pages, 1)])
    for block in blocks:
        assert block.text == block.text.strip()
        assert block.text
        assert not [sign for sign in block.text if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co"}]
        assert (block.level > 0) is (block.kind is BlockKind.HEADING)
