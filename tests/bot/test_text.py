"""Reading years, figures, ordinals, scripts: what the rest of the bot trusts."""

from __future__ import annotations

import pytest

from bot.records import Language
from bot.text import figures, fold, is_kana_only, language_of, ordinals, squeeze, years

YEARS = [
    ("2025年度の予算", (2025,)),
    ("令和7年度の予算", (2025,)),
    ("令和７年度の予算", (2025,)),
    ("R7年度", (2025,)),
    ("令和元年に始まった", (2019,)),
    ("平成30年から令和2年まで", (2018, 2020)),
    ("昭和64年", (1989,)),
    ("2025年と令和7年", (2025,)),  # the same year in both calendars is one year
    ("in FY 2026, or 2027", (2026, 2027)),
    ("2025-07-25に策定", (2025,)),
    ("2025年7月25日", (2025,)),
    ("12025件", ()),
    ("server3 7", ()),
    ("予算は181億円", ()),
    ("", ()),
]


@pytest.mark.parametrize(("text", "expected"), YEARS)
def test_years_of_both_calendars(text: str, expected: tuple[int, ...]) -> None:
    assert years(text) == expected


FIGURES = [
    ("181億円と140事業", ("181億", "140")),
    ("1,234件", ("1234",)),
    ("１，２３４件", ("1234",)),
    ("22.5％", ("22.5%",)),
    ("3万人、5千円", ("3万", "5千")),
    ("第3回資料", ("3",)),
    ("数字はありません", ()),
]


@pytest.mark.parametrize(("text", "expected"), FIGURES)
def test_figures_keep_their_magnitude(text: str, expected: tuple[str, ...]) -> None:
    assert figures(text) == expected


ORDINALS = [
    ("第3回の会議", (3,)),
    ("第三回の会議", (3,)),
    ("段階５とは", (5,)),
    ("二番目は？", (2,)),
    ("2つ目と三つ目", (2, 3)),
    ("Stage 4", (4,)),
    ("阶段2", (2,)),
    ("2단계", (2,)),
    ("段階1と段階1", (1,)),
    ("五つの原則", ()),
]


@pytest.mark.parametrize(("text", "expected"), ORDINALS)
def test_ordinals(text: str, expected: tuple[int, ...]) -> None:
    assert ordinals(text) == expected


LANGUAGES = [
    ("東京都のAI予算はいくらですか", Language.JA),
    ("とうきょうとの よさんは いくらですか", Language.JA),
    ("ﾖｻﾝﾊ ｲｸﾗﾃﾞｽｶ", Language.JA),
    ("令和7年度 都 AI 予算 総額", Language.JA),
    ("AI?", Language.JA),
    ("", Language.JA),
    ("！？…", Language.JA),
    ("12345", Language.JA),
    ("How much is the AI budget?", Language.EN),
    ("What does 「人間中心のAI利活用」 mean in the guidelines?", Language.EN),
    ("How many projects does 東京都 have in total?", Language.EN),
    ("东京都的AI预算是多少？", Language.ZH),
    ("東京都的預算是多少", Language.ZH),
    ("「人間中心のAI利活用」是什么意思？", Language.ZH),
    ("请问“都民の声”是什么？", Language.ZH),
    ("도쿄도의 AI 예산은 얼마인가요?", Language.KO),
    ("「都民の声」는 무엇인가요?", Language.KO),
    ("「How much is the budget」はどういう意味ですか", Language.JA),
]


@pytest.mark.parametrize(("text", "expected"), LANGUAGES)
def test_language_by_script(text: str, expected: Language) -> None:
    assert language_of(text) is expected


def test_a_quotation_alone_is_read_as_it_is() -> None:
    assert language_of("「都民の声」") is Language.JA
    assert language_of('"How much is the budget?"') is Language.EN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＩ　予算", "ai 予算"),
        ("ﾊﾝｶｸ", "ハンカク"),
        ("か\u3099くせい", "がくせい"),
        ("a—b–c‐d", "a-b-c-d"),
        ("3〜5", "3~5"),
        ("3～5", "3~5"),
        ("  行\n改\tめ  ", "行 改 め"),
        ("㍻", "平成"),
    ],
)
def test_folding(text: str, expected: str) -> None:
    assert fold(text) == expected
    assert fold(fold(text)) == fold(text)


def test_katakana_keeps_its_long_vowel() -> None:
    assert fold("ガバナンス データー") == "ガバナンス データー"


def test_squeezing_finds_a_figure_across_spaces_and_separators() -> None:
    assert squeeze("予算は １，２３４ 億円") == "予算は1234億円"
    assert "1234件" in squeeze("1,234 件")
    assert squeeze("a, b") == "a,b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("よさんは いくら", True), ("ヨサンはAIで3つ", True), ("予算はいくら", False), ("budget", False), ("", False)],
)
def test_kana_only(text: str, expected: bool) -> None:
    assert is_kana_only(text) is expected
