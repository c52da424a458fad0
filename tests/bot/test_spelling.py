"""Kana and mistyped signs are written with the documents' own words, and nothing else is touched."""

from __future__ import annotations

import pytest

from bot.lexicon import Lexicon
from bot.masking import mask
from bot.ports import ShelfUnavailable
from bot.records import SnapshotId
from bot.respelling import respelled
from bot.spelled import nouns
from bot.spelling import Spelling, stamp
from knowledge.adapters.words import SudachiAnalyzer, load_analyzer
from tests.fakes_bot import FakeShelf, found, passage, room

SAID = [
    "東京都の令和7年度のAI関連予算は181億円です。事業は全部で140です。",
    "国立の大学が独立した組織を設立しました。法律の名前は、情報通信の審査と業務に関する法律です。",
    "市町村の音声認識のサービスは、コールセンターとデマンドタクシーで使われています。",
    "都民サービスの段階5は完全自動化です。市町村の音声認識の事例です。色は青です。業界の時代です。",
    "職員内部業務の定義です。策定の予定を決定しました。導入の課題と入札の内容です。職員内部業務の説明です。",
]


@pytest.fixture(scope="module")
def analyzer() -> SudachiAnalyzer:
    return load_analyzer()


@pytest.fixture(scope="module")
def shelf() -> FakeShelf:
    return FakeShelf([found(passage(text, key=f"p{number}")) for number, text in enumerate(SAID)])


def written(text: str, analyzer: SudachiAnalyzer, shelf: FakeShelf) -> str:
    common = Lexicon(analyzer).common(shelf.snapshot(), shelf.passages())
    masked = mask(text)
    return masked.edited(common.spelling.edits(masked.value, analyzer.words(masked.value), common.said)).value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("れいわ 7ねんどの よさんは いくらですか。", "令和7年度の予算はいくらですか。"),
        ("しちょうそんなどの おんせいにんしきは なんけん ですか。", "市町村などの音声認識は何件ですか。"),
        ("れいわ7ねんどのよさんはいくらですか", "令和7年度の予算はいくらですか"),
        ("とみんサービスの だんかい5「かんぜんじどうか」は", "都民サービスの段階5「完全自動化」は"),
        ("ほうりつの なまえは なんですか。", "法律の名前は何ですか。"),
        ("さくてい よていは いつですか", "策定予定はいつですか"),
        ("けいやくは なんじですか", "けいやくは何時ですか"),
        ("おんせい にんしきの じれい", "音声認識の事例"),
        ("「あお」は どんな いろですか", "「青」はどんな色ですか"),
        ("にゅうさつは なんねんなんがつですか", "入札は何年何月ですか"),
    ],
)
def test_kana_is_cut_into_words_of_the_documents(
    text: str, meant: str, analyzer: SudachiAnalyzer, shelf: FakeShelf
) -> None:
    assert written(text, analyzer, shelf) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("令和7年度のAI関連よ算は", "令和7年度のAI関連予算は"),
        ("AI関連時業は何事業でしょか", "AI関連事業は何事業でしょか"),
        ("5月の法立のなまえは", "5月の法律のなまえは"),
        ("職員内部業無の定ぎは何ですか", "職員内部業務の定義は何ですか"),
        ("補助金信査の局は", "補助金審査の局は"),
        ("AIデマンドタクシの島はどこ", "AIデマンドタクシーの島はどこ"),
    ],
)
def test_mistyped_words_are_those_that_sound_alike(
    text: str, meant: str, analyzer: SudachiAnalyzer, shelf: FakeShelf
) -> None:
    assert written(text, analyzer, shelf) == meant


@pytest.mark.parametrize(
    "text",
    [
        "令和7年度のAI関連予算はいくらですか",  # nothing is wrong
        "保健所の支持率は何％ですか",  # words of no document, but words
        "織田信長が死んだのは何年ですか",  # people's names
        "おしえてください",
        "どうなりましたか",
        "ビルのある場所はどこですか",
        "電話は090-1234-5678、法の話",
        "What is the budget?",
        "",
    ],
)
def test_what_needs_no_other_spelling_stays(text: str, analyzer: SudachiAnalyzer, shelf: FakeShelf) -> None:
    assert written(text, analyzer, shelf) == mask(text).value


def test_a_desk_writes_japanese_alone_as_its_documents_do(analyzer: SudachiAnalyzer, shelf: FakeShelf) -> None:
    here = room(shelf, analyzer=analyzer).desk
    assert respelled(here, mask("よさんは いくらですか")).value == "予算はいくらですか"
    assert respelled(here, mask("预算是多少？")).value == "预算是多少？"


class _Away(FakeShelf):
    def snapshot(self) -> SnapshotId:
        raise ShelfUnavailable("missing")


def test_without_its_shelf_a_desk_leaves_the_text_as_it_is(analyzer: SudachiAnalyzer) -> None:
    here = room(_Away(), analyzer=analyzer).desk
    assert respelled(here, mask("よさんは いくらですか")).value == "よさんは いくらですか"


def test_a_spelling_of_nothing_changes_no_word(analyzer: SudachiAnalyzer) -> None:
    assert Spelling().edits("よさんは いくら", analyzer.words("よさんは いくら"), frozenset()) == ()


def test_nouns_are_told_alone_and_together(analyzer: SudachiAnalyzer) -> None:
    told = {(each.surface, each.reading, each.sliced) for each in nouns(analyzer.words("東京都の小学校で"))}
    assert {
        ("東京", "トウキョウ", False),
        ("東京都", "トウキョウト", False),
        ("小学校", "ショウガッコウ", False),
    } <= told


def test_its_words_are_stamped() -> None:
    assert stamp().name == "spelling"
