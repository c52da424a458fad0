"""The gate's rules on hand-made passages and hand-made nearness: what is refused whatever the figures say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.lexicon import Lexicon
from bot.masking import mask
from bot.questions import parse_question
from bot.records import Evidence, Finding, Found, Language, Outcome, Slot, SnapshotId
from bot.steps.evidence import Scales, weigh
from knowledge.adapters.words import SudachiAnalyzer, load_analyzer
from tests.fakes_bot import BUDGET, BUDGET_SENTENCE, fact, found, gap, nearness_gate, passage

LOST = passage(
    "第3回資料（案）では、都民向けサービスの段階が色で示されています。",
    key="colours",
    title="段階の色",
    facts=(
        fact(
            "第3回資料（案）では、都民向けサービスの段階が色で示されています。",
            Slot.WHAT,
            "段階",
            "段階は何で示されていますか",
        ),
    ),
    gaps=(gap(Slot.STATUS, "段階1の色は何色ですか", subject="段階の色", unreadable=True),),
)
SUSONO = passage(
    "裾野市は令和4年度に農地のAIの事業を行いました。",
    key="susono",
    title="裾野市の農地のAI",
    facts=(
        fact(
            "裾野市は令和4年度に農地のAIの事業を行いました。", Slot.WHEN, "令和4年度", "裾野市の農地のAIは何年度ですか"
        ),
    ),
)
TOYOTA = passage(
    "豊田市は令和3年度に水道のAIの事業を行いました。",
    key="toyota",
    title="豊田市の水道のAI",
    facts=(
        fact(
            "豊田市は令和3年度に水道のAIの事業を行いました。", Slot.WHEN, "令和3年度", "豊田市の水道のAIは何年度ですか"
        ),
    ),
)
PLAIN = replace(BUDGET, facts=(), gaps=(), questions=())
NEAR_PLAIN = {"sentence_0": 0.96, "sentence_1": 0.9, "body_0": 0.94, "title_0": 0.88}
NEAR = {"fact_0": 0.97, "question_0": 0.96, "sentence_0": 0.95}


@pytest.fixture(scope="module")
def analyzer() -> SudachiAnalyzer:
    return load_analyzer()


@pytest.fixture(scope="module")
def lexicon(analyzer: SudachiAnalyzer) -> Lexicon:
    return Lexicon(analyzer)


class Gatekeeper:
    """Weighs questions against what is found. All three passages are in the snapshot, whatever is found of them."""

    def __init__(self, analyzer: SudachiAnalyzer, lexicon: Lexicon) -> None:
        self._analyzer = analyzer
        common = lexicon.common(SnapshotId("s"), (BUDGET, LOST, SUSONO, TOYOTA))
        self._scales = Scales(lexicon, common, nearness_gate())

    def __call__(self, text: str, *held: Found, language: Language | None = None, latest: str | None = None) -> Finding:
        question = parse_question(mask(text), language, self._analyzer)
        last = parse_question(mask(latest), language, self._analyzer) if latest else question
        return weigh(question, last, Evidence(SnapshotId("s"), held), self._scales)


@pytest.fixture
def gate(analyzer: SudachiAnalyzer, lexicon: Lexicon) -> Gatekeeper:
    return Gatekeeper(analyzer, lexicon)


def hearts(finding: Finding) -> list[str]:
    return [support.text for support in finding.hearts]


def test_what_is_stated_is_answered_by_the_sentence_that_states_it(gate: Gatekeeper) -> None:
    finding = gate("令和7年度の都のAI関連予算はいくらですか", found(BUDGET, **NEAR))
    assert finding.outcome is Outcome.ANSWERED_DOCUMENTS
    assert hearts(finding)[0] == BUDGET_SENTENCE


def test_context_holds_nothing_twice_and_nothing_of_other_passages(gate: Gatekeeper) -> None:
    finding = gate("令和7年度の都のAI関連予算はいくらですか", found(BUDGET, **NEAR), found(SUSONO, 3.0))
    said = [support.text for support in (*finding.hearts, *finding.context)]
    assert len(said) == len(set(said))
    assert {support.passage.id for support in (*finding.hearts, *finding.context)} == {"budget"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("都のAI関連予算はいつ決まりましたか", "a date"),
        ("都のAI関連予算の担当者の電話番号は？", "a contact"),
        ("都のAI関連予算は何人で使いますか", "a number of people"),
        ("都のAI関連予算の割合は何%ですか", "a share"),
        ("When was the AI budget of Tokyo decided?", "a date"),
    ],
)
def test_a_kind_of_value_that_is_not_stated_is_not_answered(gate: Gatekeeper, text: str, what: str) -> None:
    """However near the question lies to the passage: it gives no fact of that kind."""
    finding = gate(text, found(BUDGET, **NEAR))
    assert finding.outcome is Outcome.ABSTAINED_NOT_STATED, what
    assert finding.hearts == ()


@pytest.mark.parametrize(
    "text", ["令和8年度の都のAI関連予算はいくらですか", "2024年の都のAI関連予算は？", "来年度のAI関連予算はいくら？"]
)
def test_another_year_is_not_answered(gate: Gatekeeper, text: str) -> None:
    finding = gate(text, found(BUDGET, **NEAR))
    assert finding.outcome is Outcome.ABSTAINED_NOT_STATED
    assert finding.hearts == ()


@pytest.mark.parametrize("text", ["2025年度の都のAI関連予算はいくらですか", "R7年度のAI関連予算はいくらですか"])
def test_the_same_year_in_the_other_calendar_is_answered(gate: Gatekeeper, text: str) -> None:
    assert gate(text, found(BUDGET, **NEAR)).outcome is Outcome.ANSWERED_DOCUMENTS


@pytest.mark.parametrize("text", ["都のAI関連事業は何校ですか", "都のAI関連事業は何台ですか"])
def test_another_counter_is_not_answered(gate: Gatekeeper, text: str) -> None:
    finding = gate(text, found(BUDGET, fact_1=0.97, sentence_1=0.95))
    assert finding.outcome is Outcome.ABSTAINED_NOT_STATED


def test_the_stated_counter_is_answered(gate: Gatekeeper) -> None:
    finding = gate("都のAI関連事業は何事業ですか", found(BUDGET, fact_1=0.97, sentence_1=0.95))
    assert finding.outcome is Outcome.ANSWERED_DOCUMENTS
    assert "140事業" in hearts(finding)[0]


def test_a_name_that_no_passage_knows_is_not_answered(gate: Gatekeeper) -> None:
    finding = gate("札幌市の農地のAIは何年度ですか", found(SUSONO, **NEAR))
    assert finding.outcome.family != "answered"
    assert finding.hearts == ()


def test_the_passage_of_the_named_place_answers_not_the_nearest(gate: Gatekeeper) -> None:
    finding = gate("裾野市のAIの事業は何年度ですか", found(TOYOTA, 4.1, **NEAR), found(SUSONO, 4.0, **NEAR))
    assert finding.outcome is Outcome.ANSWERED_DOCUMENTS
    assert hearts(finding) == [SUSONO.sentences[0]]


def test_the_newest_words_of_a_follow_up_decide_between_passages(gate: Gatekeeper) -> None:
    finding = gate(
        "AIの事業は何年度ですか じゃあ水道のほうは？",
        found(SUSONO, 4.1, **NEAR),
        found(TOYOTA, 4.0, **NEAR),
        latest="じゃあ水道のほうは？",
    )
    assert hearts(finding) == [TOYOTA.sentences[0]]


def test_what_the_source_shows_and_the_text_lost_is_called_unreadable(gate: Gatekeeper) -> None:
    finding = gate("段階1の色は何色ですか", found(LOST, gap_0=0.97, sentence_0=0.9, fact_0=0.85))
    assert finding.outcome is Outcome.ABSTAINED_UNREADABLE
    assert finding.hearts == ()


def test_what_is_asked_in_vain_is_not_stated(gate: Gatekeeper) -> None:
    finding = gate("都民一人当たりのAI関連予算はいくらですか", found(BUDGET, gap_0=0.97, fact_0=0.9, sentence_0=0.9))
    assert finding.outcome is Outcome.ABSTAINED_NOT_STATED
    assert finding.hearts == ()


@pytest.mark.parametrize("text", ["今日の晩ごはんの献立を考えて", "パスポートの更新の手続きは"])
def test_a_question_far_from_every_passage_is_out_of_scope(gate: Gatekeeper, text: str) -> None:
    far = {f"{kind}_{index}": 0.78 for kind in ("fact", "question", "sentence", "gap", "title") for index in (0, 1)}
    finding = gate(text, found(BUDGET, 0.5, **far))
    assert finding.outcome is Outcome.REFUSED_OUT_OF_SCOPE
    assert finding.hearts == finding.related == ()


def test_nothing_found_and_nothing_asked(gate: Gatekeeper) -> None:
    assert gate("都のAI関連予算はいくらですか").outcome is Outcome.ABSTAINED_NO_EVIDENCE
    assert gate("それは何ですか", found(BUDGET, **NEAR)).outcome is Outcome.ABSTAINED_NEEDS_CONTEXT


def test_a_comparison_brings_the_other_passage_along(gate: Gatekeeper) -> None:
    finding = gate(
        "裾野市と豊田市のAIの事業は、それぞれ何年度ですか", found(SUSONO, 4.1, **NEAR), found(TOYOTA, 4.0, **NEAR)
    )
    assert finding.outcome is Outcome.ANSWERED_DOCUMENTS
    said = {support.passage.id for support in (*finding.hearts, *finding.context, *finding.related)}
    assert said == {"susono", "toyota"}


def test_words_that_nothing_covers_are_named(gate: Gatekeeper) -> None:
    finding = gate("都のAI関連予算の手数料はいつ決まりましたか", found(BUDGET, **NEAR))
    assert "手数" in "".join(finding.missing) or "手数料" in finding.missing


def test_a_passage_without_facts_answers_with_its_nearest_sentences(gate: Gatekeeper) -> None:
    finding = gate("令和7年度の東京都のAI関連予算はいくらですか", found(PLAIN, **NEAR_PLAIN))
    assert finding.outcome is Outcome.ANSWERED_DOCUMENTS
    assert hearts(finding)[0] == BUDGET_SENTENCE


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("令和7年度の東京都のAI関連予算の割合は何%ですか", "unit"),
        ("令和7年度の東京都のAI関連事業は何人で行いますか", "unit"),
        ("令和7年度の東京都のAI関連予算の問合せ先の電話番号は", "slot"),
        ("令和8年度の東京都のAI関連予算はいくらですか", "year"),
        ("札幌市のAI関連予算はいくらですか", "name"),
    ],
)
def test_rules_refuse_a_passage_without_facts_however_near_it_is(gate: Gatekeeper, text: str, rule: str) -> None:
    finding = gate(text, found(PLAIN, **dict.fromkeys(NEAR_PLAIN, 0.99)))
    assert (finding.outcome, finding.rule) == (Outcome.ABSTAINED_NOT_STATED, rule)
    assert finding.hearts == ()


def test_a_passage_without_facts_answers_only_where_it_was_found_first(gate: Gatekeeper) -> None:
    asked, near = "AI関連予算はいくらですか", found(PLAIN, 3.9, **NEAR_PLAIN)
    finding = gate(asked, found(LOST, 4.0, fact_0=0.85, gap_0=0.95), near)
    assert finding.outcome.family == "abstained"


def test_a_passage_without_facts_can_be_far_as_well(gate: Gatekeeper) -> None:
    far = dict.fromkeys(NEAR_PLAIN, 0.76)
    assert gate("今日の晩ごはんの献立を考えて", found(PLAIN, 0.5, **far)).outcome is Outcome.REFUSED_OUT_OF_SCOPE


def test_every_decision_names_its_rule_and_its_figures(gate: Gatekeeper) -> None:
    for text in ("令和7年度の都のAI関連予算はいくらですか", "令和8年度の都のAI関連予算はいくらですか"):
        finding = gate(text, found(BUDGET, **NEAR))
        assert finding.rule
        assert 0.0 <= finding.measures["chance"] <= 1.0
