"""Follow-up questions are read with what they lean on, and only then."""

from __future__ import annotations

import pytest

from bot.masking import mask
from bot.records import Speaker, Turn
from bot.steps.standalone import StandAlone, needs_history, stand_alone
from knowledge.adapters.words import SudachiAnalyzer, load_analyzer

BUDGET = "令和7年度の都のAI関連予算はいくらですか？"
TOYOTA = "豊田市の水道管の漏水をAIで調べる事例を教えてください"
MOST = "都のAI事業で一番多い分野は何ですか？"


@pytest.fixture(scope="module")
def analyzer() -> SudachiAnalyzer:
    return load_analyzer()


def person(*texts: str) -> list[Turn]:
    """Earlier questions, each with a reply of the service that must never be searched with."""
    turns = []
    for text in texts:
        turns += [Turn(Speaker.PERSON, mask(text)), Turn(Speaker.SERVICE, mask("回答の文にだけある言葉です。"))]
    return turns


def whole(text: str, analyzer: SudachiAnalyzer, *earlier: str) -> StandAlone:
    found = stand_alone(mask(text), person(*earlier), analyzer)
    assert "回答の文にだけある言葉" not in found.text.value
    return found


@pytest.mark.parametrize(
    "text", ["それはいつからですか", "それっていくら？", "その事業の数は？", "じゃあ事業の数は？", "いつから？"]
)
def test_a_question_that_leans_is_read_with_the_one_before(text: str, analyzer: SudachiAnalyzer) -> None:
    found = whole(text, analyzer, BUDGET)
    assert found.leaned
    assert not found.lacking
    assert "予算" in found.text.value
    assert text in found.text.value


@pytest.mark.parametrize(
    "text",
    [BUDGET, TOYOTA, "この会議の議事録はどこにありますか", "都立学校の生成AIは何校で使われていますか"],
)
def test_a_question_with_its_own_subject_stands_alone(text: str, analyzer: SudachiAnalyzer) -> None:
    found = whole(text, analyzer, MOST)
    assert found.text.value == text
    assert not found.leaned


def test_the_second_after_the_first(analyzer: SudachiAnalyzer) -> None:
    found = whole("じゃあ二番目は？", analyzer, MOST)
    assert found.leaned
    assert "分野" in found.text.value
    assert "二番目" in found.text.value


def test_a_correction_keeps_the_question_and_not_the_reply(analyzer: SudachiAnalyzer) -> None:
    found = whole("そっちじゃなくて、事業の数のほう", analyzer, BUDGET)
    assert found.leaned
    assert "事業の数" in found.text.value


def test_names_are_replaced_by_the_new_ones(analyzer: SudachiAnalyzer) -> None:
    found = whole("じゃあ裾野市は？", analyzer, "豊田市のAIの事例は何年度からですか")
    assert "裾野" in found.text.value
    assert "豊田" not in found.text.value
    assert "何年度" in found.text.value


def test_the_newest_question_that_stands_alone_is_leaned_on(analyzer: SudachiAnalyzer) -> None:
    found = whole("それはいつですか", analyzer, BUDGET, TOYOTA)
    assert "漏水" in found.text.value
    assert "予算" not in found.text.value


def test_a_chain_of_follow_ups_leans_on_its_beginning(analyzer: SudachiAnalyzer) -> None:
    found = whole("それはどこの局？", analyzer, TOYOTA, BUDGET, "それはいつから？")
    assert "予算" in found.text.value
    assert "漏水" not in found.text.value


def test_back_to_an_earlier_topic_by_its_name(analyzer: SudachiAnalyzer) -> None:
    text = "さっきの豊田市の水道管の漏水の事例は何年度からですか"
    assert "予算" not in whole(text, analyzer, TOYOTA, BUDGET).text.value


def test_english_pronouns(analyzer: SudachiAnalyzer) -> None:
    found = whole("How many of them are schools?", analyzer, "How many AI projects does Tokyo run?")
    assert found.leaned
    assert "AI projects" in found.text.value


@pytest.mark.parametrize("text", ["那第二个呢？", "그건 언제 시작하나요?", "what about the budget?"])
def test_other_languages_lean_as_well(text: str, analyzer: SudachiAnalyzer) -> None:
    assert whole(text, analyzer, BUDGET).leaned


@pytest.mark.parametrize("text", ["それはいつからですか", "そこの担当はどこ", "二つ目の方は？", "いつ？"])
def test_nothing_to_lean_on(text: str, analyzer: SudachiAnalyzer) -> None:
    found = whole(text, analyzer)
    assert found.lacking
    assert found.text.value == text


def test_what_only_the_service_said_is_nothing_to_lean_on(analyzer: SudachiAnalyzer) -> None:
    turns = [Turn(Speaker.SERVICE, mask("令和7年度の予算は181億円です。"))]
    found = stand_alone(mask("それはいつからですか"), turns, analyzer)
    assert found.lacking
    assert "181" not in found.text.value


def test_blank_turns_are_passed_over(analyzer: SudachiAnalyzer) -> None:
    assert "予算" in whole("それはいつから？", analyzer, BUDGET, " ").text.value


def test_what_is_put_together_stays_masked(analyzer: SudachiAnalyzer) -> None:
    found = whole("それはいつから？", analyzer, "090-1234-5678です。都のAI関連予算はいくらですか")
    assert "1234" not in found.text.value
    assert found.text.kinds == ("phone",)


def test_a_short_name_stands_alone(analyzer: SudachiAnalyzer) -> None:
    assert not needs_history(mask("裾野市は？"), analyzer)


FIELDS = "都のAIの分野を教えてください"
LISTED = "分野は「防災」「教育」「福祉」です。[1]"
STAGE = "段階1は何ができる段階ですか"
LEAK = "水漏れを人工衛星で調べる市はどこですか"
LEAK_TOLD = "豊田市は人工衛星で水道管の漏水を調べました。[1]"


def told(text: str, analyzer: SudachiAnalyzer, *turns: str) -> StandAlone:
    """Questions and replies by turns."""
    speakers = (Speaker.PERSON, Speaker.SERVICE)
    return stand_alone(
        mask(text), [Turn(speakers[place % 2], mask(each)) for place, each in enumerate(turns)], analyzer
    )


@pytest.mark.parametrize(
    ("text", "member"), [("2つ目は？", "教育"), ("最後のは？", "福祉"), ("じゃあ三番目は？", "福祉")]
)
def test_a_place_in_the_last_list_is_its_member(text: str, member: str, analyzer: SudachiAnalyzer) -> None:
    found = told(text, analyzer, FIELDS, LISTED)
    assert (found.text.value, found.leaned) == (f"{text} {member}", True)


def test_a_place_beyond_the_list_leans_on_the_question(analyzer: SudachiAnalyzer) -> None:
    assert told("4つ目は？", analyzer, FIELDS, LISTED).text.value == f"{FIELDS} 4つ目は？"


def test_the_list_of_an_earlier_reply_is_no_longer_meant(analyzer: SudachiAnalyzer) -> None:
    found = told("2つ目は？", analyzer, FIELDS, LISTED, BUDGET, "令和7年度の予算は181億円です。")
    assert "教育" not in found.text.value


@pytest.mark.parametrize(
    ("text", "turns", "place"),
    [
        ("その次は？", (STAGE, "x"), "段階2"),
        ("その次は？", (STAGE, "x", "その次は？", "x"), "段階3"),
        ("一つ前は？", ("段階3とは何ですか", "x"), "段階2"),
        ("次の段階は？", ("第四段階は何ですか", "x"), "第5段階"),
    ],
)
def test_the_next_one_asks_the_same_of_the_next_place(
    text: str, turns: tuple[str, ...], place: str, analyzer: SudachiAnalyzer
) -> None:
    found = told(text, analyzer, *turns)
    assert found.leaned
    assert place in found.text.value
    assert not any(other in found.text.value for other in ("段階1", "段階3", "第四") if other != place)


@pytest.mark.parametrize(
    "text", ["担当の局は？", "費用は？", "夜中でも平気？", "誰が作った？", "無料？", "もっと詳しく"]
)
def test_a_curt_property_is_that_of_what_was_spoken_of(text: str, analyzer: SudachiAnalyzer) -> None:
    found = told(text, analyzer, FIELDS, LISTED)
    assert found.leaned
    assert found.text.value == f"{FIELDS} {text}"
    assert told(text, analyzer).text.value == text


def test_a_curt_question_is_not_leaned_on_itself(analyzer: SudachiAnalyzer) -> None:
    found = told("いつから？", analyzer, FIELDS, LISTED, "担当の局は？", "x")
    assert found.text.value == f"{FIELDS} いつから？"


@pytest.mark.parametrize(
    "text", ["ありがとう", "こんにちは", "わかりました", "なるほど", "了解です", "助かりました", "どうも"]
)
def test_what_asks_nothing_does_not_repeat_the_question_before(text: str, analyzer: SudachiAnalyzer) -> None:
    found = told(text, analyzer, FIELDS, LISTED)
    assert (found.text.value, found.leaned) == (text, False)


def test_the_name_that_the_reply_told_goes_with_the_follow_up(analyzer: SudachiAnalyzer) -> None:
    for text in ("それは何年度から？", "担当の局は？"):
        assert told(text, analyzer, LEAK, LEAK_TOLD).text.value == f"{LEAK} 豊田 {text}"


def test_tokyo_tells_nothing_apart(analyzer: SudachiAnalyzer) -> None:
    found = told("それはいつから？", analyzer, LEAK, "東京都は人工衛星を使います。")
    assert found.text.value == f"{LEAK} それはいつから？"


def test_a_name_of_the_question_s_own_outweighs_that_of_the_reply(analyzer: SudachiAnalyzer) -> None:
    asked = "裾野市の漏水の調査を教えてください"
    assert "豊田" not in told("それはいつから？", analyzer, asked, LEAK_TOLD).text.value
    assert "豊田" not in told("じゃあ裾野市は？", analyzer, LEAK, LEAK_TOLD).text.value


@pytest.mark.parametrize(
    "text",
    ["いや、ありがとう", "あなたは誰？", "いやがらせの相談先を教えて"],
)
def test_what_begins_like_a_follow_up_and_is_none_stands_alone(text: str, analyzer: SudachiAnalyzer) -> None:
    assert not told(text, analyzer, FIELDS, LISTED).leaned


@pytest.mark.parametrize(
    ("text", "new"),
    [("ハルシネーションって何？", True), ("相談窓口は？", True), ("費用は？", False), ("対象は？", False)],
)
def test_a_short_topic_may_be_new_and_a_property_may_not(text: str, new: bool, analyzer: SudachiAnalyzer) -> None:
    found = told(text, analyzer, FIELDS, LISTED)
    assert found.leaned
    assert (found.alone is not None) == new


def test_a_statement_is_not_taken_for_a_correction(analyzer: SudachiAnalyzer) -> None:
    text = "AIは人の代わりではなく補助として使うのですか"
    assert told(text, analyzer, FIELDS, LISTED).text.value == text
