"""What is measured of a passage of which nothing is known but its own sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.gate import load_gate
from bot.lexicon import CommonWords, Lexicon
from bot.masking import mask
from bot.plain import PlainMeasures, is_plain, lacks_value, measure_plain
from bot.questions import parse_question
from bot.records import ExcerptKind, Question, SnapshotId
from knowledge.adapters.words import SudachiAnalyzer, load_analyzer
from tests.fakes_bot import BUDGET, found, passage

STRATEGY = passage(
    "東京都AI戦略は令和7年7月25日に策定されました。",
    "戦略の費用は2億円です。",
    "図書館では案内ロボットが本の場所を示します。",
    key="strategy:1",
    title="東京都AI戦略",
    section="第1章 背景",
    excerpt_kind=ExcerptKind.ORIGINAL,
)
OTHER = passage("水門は遠くから操作します。", key="strategy:2", title="水門の操作", excerpt_kind=ExcerptKind.ORIGINAL)
NEAR = {"sentence_0": 0.95, "sentence_1": 0.9, "sentence_2": 0.83, "body_0": 0.92, "title_0": 0.88}


@pytest.fixture(scope="module")
def analyzer() -> SudachiAnalyzer:
    return load_analyzer()


@pytest.fixture(scope="module")
def lexicon(analyzer: SudachiAnalyzer) -> Lexicon:
    return Lexicon(analyzer)


@pytest.fixture(scope="module")
def common(lexicon: Lexicon) -> CommonWords:
    return lexicon.common(SnapshotId("s"), (STRATEGY, OTHER, BUDGET))


def asked(text: str, analyzer: SudachiAnalyzer) -> Question:
    return parse_question(mask(text), None, analyzer)


Measuring = Callable[..., PlainMeasures]


@pytest.fixture
def measured(analyzer: SudachiAnalyzer, lexicon: Lexicon, common: CommonWords) -> Measuring:
    def look(text: str, **cosines: float) -> PlainMeasures:
        near = found(STRATEGY, **{**NEAR, **cosines})
        return measure_plain(asked(text, analyzer), near, lexicon.words(STRATEGY), common)

    return look


def test_plain_is_what_has_neither_facts_nor_gaps() -> None:
    assert is_plain(STRATEGY)
    assert is_plain(replace(BUDGET, facts=(), gaps=()))
    assert not is_plain(BUDGET)
    assert not is_plain(replace(BUDGET, facts=()))


def test_cosines_are_those_of_the_nearest_texts(measured: Measuring) -> None:
    found_here = measured("東京都AI戦略はいつ策定されましたか")
    nearness = (found_here.sentence, found_here.second, found_here.body, found_here.head)
    assert nearness == (0.95, 0.9, 0.92, 0.88)


def test_the_question_of_an_faq_counts_as_its_sentence(
    analyzer: SudachiAnalyzer, lexicon: Lexicon, common: CommonWords
) -> None:
    faq = replace(STRATEGY, questions=("いつからですか。",))
    found_here = measure_plain(
        asked("いつから", analyzer), found(faq, question_0=0.99, sentence_0=0.8), lexicon.words(faq), common
    )
    assert found_here.sentence == 0.99


def test_words_that_the_passage_says_are_covered(measured: Measuring) -> None:
    whole = measured("東京都AI戦略の費用はいくらですか")
    assert whole.covered == whole.sentence_cover == whole.hearts_cover == 1.0
    part = measured("図書館の案内ロボットは何をしますか")
    assert (part.covered, part.sentence_cover, part.hearts_cover) == (1.0, 1.0, 0.0)  # not in the two nearest


def test_nouns_that_it_does_not_say_are_counted(measured: Measuring) -> None:
    other = measured("東京都AI戦略の水門")
    unheard = measured("東京都AI戦略の金魚")
    assert other.uncovered_nouns == unheard.uncovered_nouns == 1
    assert unheard.covered < other.covered < 1.0


def test_a_noun_that_it_does_not_say_never_makes_an_answer_likelier(measured: Measuring) -> None:
    weighing = load_gate().plain
    known = weighing.chance(measured("東京都AI戦略の費用はいくらですか").values())
    for noun in ("水門", "金魚"):
        assert weighing.chance(measured(f"東京都AI戦略の{noun}の費用はいくらですか").values()) < known


def test_the_asked_kind_of_value_is_looked_for_in_the_nearest_sentences(measured: Measuring) -> None:
    assert measured("東京都AI戦略の費用はいくらですか").held == 1.0
    far = {"sentence_1": 0.81, "sentence_2": 0.94}
    assert measured("東京都AI戦略の費用はいくらですか", **far).held == 0.0
    assert measured("東京都AI戦略とは何ですか").held == 0.5


def test_the_kind_of_question_is_measured(measured: Measuring) -> None:
    assert measured("東京都AI戦略は策定されましたか").yes_no == 1.0
    assert measured("東京都AI戦略").open == 1.0
    assert (measured("東京都AI戦略はいつ策定").yes_no, measured("東京都AI戦略はいつ策定").open) == (0.0, 0.0)


def test_a_passage_of_one_sentence_has_no_second(
    analyzer: SudachiAnalyzer, lexicon: Lexicon, common: CommonWords
) -> None:
    near = found(OTHER, sentence_0=0.93)
    assert measure_plain(asked("水門は", analyzer), near, lexicon.words(OTHER), common).second < 0.8


def test_nothing_of_its_own_is_asked_and_nothing_breaks(measured: Measuring) -> None:
    assert measured("それは何ですか").covered == 1.0


LACKING = [
    ("いつですか", "水門を操作します。", True),
    ("いつですか", "令和7年に操作します。", False),
    ("いつですか", "2025-07-25に策定しました。", False),
    ("いくらですか", "費用は市が出します。", True),
    ("いくらですか", "費用は2億円です。", False),
    ("いくらですか", "手数料は無料です。", False),
    ("何人ですか", "職員が使います。", True),
    ("何人ですか", "職員30名が使います。", False),
    ("何時間かかりますか", "短くなりました。", True),
    ("何時間かかりますか", "3時間になりました。", False),
    ("割合は何%ですか", "多くの人です。", True),
    ("割合は何%ですか", "３０％の人です。", False),
    ("電話番号は", "窓口へ来てください。", True),
    ("電話番号は", "03-1234-5678です。", False),
    ("どこですか", "窓口へ来てください。", False),  # no form of a place can be told by its signs
]


@pytest.mark.parametrize(("text", "sentence", "lacking"), LACKING)
def test_a_value_of_the_asked_kind_is_told_by_its_form(
    text: str, sentence: str, lacking: bool, analyzer: SudachiAnalyzer
) -> None:
    assert lacks_value(asked(text, analyzer), passage(sentence)) is lacking


def test_the_published_weighing_names_these_measures_alone() -> None:
    assert set(load_gate().plain.weight) <= set(PlainMeasures.__slots__)


def test_words_follow_a_title_that_was_declared_anew(lexicon: Lexicon) -> None:
    renamed = replace(STRATEGY, document=replace(STRATEGY.document, title="金魚の飼い方"))
    assert "金魚" in lexicon.words(renamed).plain
    assert "金魚" not in lexicon.words(STRATEGY).plain
