"""From a finding to what a person sees: quoted sentences, judged one by one, cited in the order in which they stand."""

from __future__ import annotations

from typing import Any

import pytest

from bot.masking import mask
from bot.questions import parse_question
from bot.records import (
    DeskName,
    Draft,
    Evidence,
    ExcerptKind,
    Finding,
    Found,
    Language,
    Outcome,
    Passage,
    PassageId,
    Question,
    Reply,
    Sentence,
    SnapshotId,
    Support,
    Validity,
    Verdict,
)
from bot.records import DocumentKind as Kind
from bot.steps import draft, reply, verdict
from prompts.library import wording_for
from tests.fakes_bot import BUDGET, BUDGET_SENTENCE, PROJECTS_SENTENCE, FakeContacts, found, passage
from tests.fakes_knowledge import FakeAnalyzer

WORDING = wording_for(DeskName.PUBLIC)
SUPERSEDED_NOTE = WORDING.text("status_slides", Language.JA)
GATES = passage(
    "「水門遠隔操作」は東京都港湾局がジェミニ社と令和9年度に始める事業です。",
    "水門は15か所あります。",
    key="gates",
)
OPINION = passage(
    "江間有沙委員は、窓口を分けるべきだという意見です。",
    "これは委員個人の意見で、都の決定ではありません。",
    key="opinion",
    kind=Kind.OPINION,
    speaker="江間有沙委員",
    title="江間有沙委員の意見",
)
SLIDES = passage(
    "第3回資料（案）では、段階は5つです。",
    key="slides",
    validity=Validity.SUPERSEDED,
    superseded_by="strategy-published",
)
OTHER_SLIDES = passage(
    "第3回資料（案）では、領域は3つです。",
    key="more-slides",
    validity=Validity.SUPERSEDED,
    superseded_by="strategy-published",
)
SERVICE = passage("このサービスはAIです。", key="service", kind=Kind.SERVICE, section=None)


def voice(**lines: tuple[str, ...]) -> reply.Voice:
    return reply.Voice(WORDING, FakeContacts({Language(name): said for name, said in lines.items()}))


def evidence(*passages: Passage) -> Evidence:
    held: list[Found] = [found(each) for each in passages]
    return Evidence(SnapshotId("s"), tuple(held))


def asked(text: str = "予算はいくらですか", language: Language = Language.JA) -> Question:
    return parse_question(mask(text), language, FakeAnalyzer())


def drafted(*sentences: Sentence, related: tuple[Sentence, ...] = ()) -> Draft:
    return Draft(Outcome.ANSWERED_DOCUMENTS, (), sentences, related, ())


def heart(text: str, *passages: Passage) -> Sentence:
    return Sentence(text, tuple(each.id for each in passages), heart=True)


def shown(finding: Finding, *passages: Passage, language: Language = Language.JA, **lines: tuple[str, ...]) -> Reply:
    """Drafted, judged and released, as an exchange does."""
    proposed = draft.compose(asked(language=language), finding, WORDING)
    held = evidence(*passages)
    return reply.release(voice(**lines), proposed, verdict.judge(proposed, held), held, language)


def answered(*hearts: Support, context: tuple[Support, ...] = (), related: tuple[Support, ...] = ()) -> Finding:
    return Finding(Outcome.ANSWERED_DOCUMENTS, "stated", hearts, context, related)


WRONG = "令和7年度の東京都のAI関連予算は182億円です。"
UNSUPPORTED = [
    WRONG,
    "令和7年度の東京都のAI関連予算は18億円です。",
    "令和8年度の東京都のAI関連予算は181億円です。",
    "令和7年度の東京都のAI関連予算は81億円です。",
    "令和7年度の東京都のAI関連事業は14件、ほかに40件です。",
    "令和7年度の国のデジタル庁のAI関連予算は181億円です。",
    "「水門」のAI関連予算は181億円です。",
    "令和7年度の東京都のチャットボット関連予算は181億円です。",
    "令和7年度の東京都のAI関連予算は181億円、割合は22.5%です。",
]


@pytest.mark.parametrize("text", UNSUPPORTED)
def test_figures_and_names_that_the_cited_passage_lacks_are_unsupported(text: str) -> None:
    judged = verdict.judge(drafted(heart(text, BUDGET)), evidence(BUDGET, GATES))
    assert not judged.sentences[0].supported
    assert not judged.heart_holds


SUPPORTED = [
    BUDGET_SENTENCE,
    "令和７年度の東京都のＡＩ関連予算は１８１億円です。",
    "東京都の AI関連予算は 181億円 です。",
    "予算は資料に書かれています。",
]


@pytest.mark.parametrize("text", SUPPORTED)
def test_the_same_figures_in_other_signs_are_supported(text: str) -> None:
    assert verdict.judge(drafted(heart(text, BUDGET)), evidence(BUDGET)).heart_holds


def test_a_figure_of_a_passage_that_is_not_cited_does_not_count() -> None:
    judged = verdict.judge(drafted(heart("水門は15か所あります。", BUDGET)), evidence(BUDGET, GATES))
    assert not judged.heart_holds
    assert verdict.judge(drafted(heart("水門は15か所あります。", BUDGET, GATES)), evidence(BUDGET, GATES)).heart_holds


def test_quoted_titles_katakana_names_and_offices_are_checked() -> None:
    assert verdict.judge(drafted(heart(GATES.sentences[0], GATES)), evidence(GATES)).heart_holds
    for text in ("「閘門遠隔操作」は令和9年度です。", "スイモン社が始めます。", "建設局が始めます。"):
        assert not verdict.judge(drafted(heart(text, GATES)), evidence(GATES)).heart_holds


@pytest.mark.parametrize(
    "text",
    ["はい、181億円です。", "いいえ、181億円です。", "Yes, 181億円.", "No. 181億円", "是的，181億円", "네, 181億円"],
)
def test_yes_and_no_are_not_asserted(text: str) -> None:
    judged = verdict.judge(drafted(heart(text, BUDGET)), evidence(BUDGET))
    assert not judged.heart_holds
    assert judged.sentences[0].reason == "asserts yes or no"


def test_a_sentence_without_a_passage_of_this_exchange_is_unsupported() -> None:
    stranger = Sentence(BUDGET_SENTENCE, (PassageId("elsewhere"),), heart=True)
    for sentence in (Sentence(BUDGET_SENTENCE, (), heart=True), stranger):
        assert not verdict.judge(drafted(sentence), evidence(BUDGET)).heart_holds


def test_an_answer_without_a_heart_does_not_hold() -> None:
    judged = verdict.judge(drafted(Sentence(BUDGET_SENTENCE, (BUDGET.id,))), evidence(BUDGET))
    assert judged.sentences[0].supported
    assert not judged.heart_holds


def test_when_the_heart_is_gone_nothing_of_the_answer_is_shown() -> None:
    proposed = drafted(heart(WRONG, BUDGET), Sentence(PROJECTS_SENTENCE, (BUDGET.id,)))
    held = evidence(BUDGET)
    released = reply.release(voice(), proposed, verdict.judge(proposed, held), held, Language.JA)
    assert released.outcome is Outcome.ABSTAINED_UNSUPPORTED
    assert "億円" not in released.text
    assert "140" not in released.text
    assert released.citations == ()
    assert WORDING.text("offer_unset", Language.JA) in released.text


def test_one_of_two_hearts_gone_is_the_heart_gone() -> None:
    proposed = drafted(heart(BUDGET_SENTENCE, BUDGET), heart(WRONG, BUDGET))
    assert not verdict.judge(proposed, evidence(BUDGET)).heart_holds


def test_unsupported_company_is_dropped_and_the_heart_stays() -> None:
    proposed = drafted(
        heart(BUDGET_SENTENCE, BUDGET),
        Sentence("事業は999事業です。", (BUDGET.id,)),
        related=(Sentence("水門は16か所あります。", (GATES.id,)), Sentence("水門は15か所あります。", (GATES.id,))),
    )
    held = evidence(BUDGET, GATES)
    released = reply.release(voice(), proposed, verdict.judge(proposed, held), held, Language.JA)
    assert released.outcome is Outcome.ANSWERED_DOCUMENTS
    assert "999" not in released.text
    assert "16か所" not in released.text
    assert "15か所" in released.text


def test_citations_are_numbered_in_the_order_of_use() -> None:
    released = shown(
        answered(Support(GATES, 1), Support(BUDGET, 0), context=(Support(GATES, 0),), related=(Support(OPINION, 0),)),
        BUDGET,
        OPINION,
        GATES,
    )
    assert [(each.number, each.passage) for each in released.citations] == [(1, "gates"), (2, "budget"), (3, "opinion")]
    assert "水門は15か所あります。[1]" in released.text
    assert f"{BUDGET_SENTENCE}[2]" in released.text
    assert released.text.index("[1]") < released.text.index("[2]") < released.text.index("[3]")


def test_a_citation_shows_only_what_was_used_of_its_passage() -> None:
    released = shown(answered(Support(BUDGET, 0)), BUDGET, GATES)
    (citation,) = released.citations
    assert citation.excerpt == BUDGET_SENTENCE
    assert (citation.document, citation.title, citation.page) == ("試験資料", BUDGET.document.title, "3")


def test_a_sentence_chosen_twice_is_said_once() -> None:
    released = shown(answered(Support(BUDGET, 0), Support(BUDGET, 0), context=(Support(BUDGET, 1),)), BUDGET)
    assert released.text.count("181億円") == 1


def test_an_opinion_names_its_owner_in_sentence_and_citation() -> None:
    released = shown(answered(Support(OPINION, 0)), OPINION)
    assert "江間有沙委員は" in released.text
    assert released.citations[0].speaker == "江間有沙委員"
    assert released.citations[0].kind is Kind.OPINION


def test_what_is_superseded_says_so_once() -> None:
    released = shown(answered(Support(SLIDES, 0), related=(Support(OTHER_SLIDES, 0),)), SLIDES, OTHER_SLIDES)
    assert released.text.count(SUPERSEDED_NOTE) == 1
    assert SUPERSEDED_NOTE not in shown(answered(Support(BUDGET, 0)), BUDGET).text


def test_what_is_only_related_and_superseded_says_so_as_well() -> None:
    released = shown(answered(Support(BUDGET, 0), related=(Support(SLIDES, 0),)), BUDGET, SLIDES)
    assert released.text.count(SUPERSEDED_NOTE) == 1


STANDINGS = [
    ({"validity": Validity.SUPERSEDED, "superseded_by": "plan-2", "successor": "新しい計画"}, "status_superseded"),
    ({"validity": Validity.SUPERSEDED, "superseded_by": "plan-2"}, "status_old"),
    ({"validity": Validity.WITHDRAWN}, "status_withdrawn"),
    ({"validity": Validity.DRAFT, "excerpt_kind": ExcerptKind.ORIGINAL}, "status_draft"),
]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(("changes", "text"), STANDINGS)
def test_what_is_not_the_last_word_says_so(changes: dict[str, Any], text: str, language: Language) -> None:
    plan = passage("計画の段階は5つです。", key="plan", source="AI計画", **changes)
    values = {"title": "AI計画"} | ({"successor": "新しい計画"} if "successor" in changes else {})
    said = shown(answered(Support(plan, 0)), plan, language=language).text
    assert said.splitlines()[-1] == WORDING.text(text, language, values)
    assert "AI計画" in said.splitlines()[-1]
    assert "{" not in said


@pytest.mark.parametrize("changes", [{}, {"validity": Validity.DRAFT}])
def test_what_is_final_or_a_note_on_a_draft_needs_no_such_line(changes: dict[str, Any]) -> None:
    plan = passage("計画の段階は5つです。", key="plan", **changes)
    assert shown(answered(Support(plan, 0)), plan).text == "計画の段階は5つです。[1]"


def test_the_service_speaking_of_itself_is_another_outcome() -> None:
    assert shown(answered(Support(SERVICE, 0)), SERVICE).outcome is Outcome.ANSWERED_SERVICE
    assert shown(answered(Support(BUDGET, 0)), BUDGET).outcome is Outcome.ANSWERED_DOCUMENTS


@pytest.mark.parametrize("language", [Language.EN, Language.ZH, Language.KO])
def test_a_foreign_frame_around_the_documents_japanese(language: Language) -> None:
    released = shown(answered(Support(BUDGET, 0)), BUDGET, language=language)
    frame, quoted = released.text.splitlines()[:2]
    assert frame == WORDING.text("quoted", language)
    assert quoted == f"{BUDGET_SENTENCE}[1]"
    assert released.language is language


def test_japanese_needs_no_frame() -> None:
    assert shown(answered(Support(BUDGET, 0)), BUDGET).text == f"{BUDGET_SENTENCE}[1]"


ABSTENTIONS = [Outcome.ABSTAINED_NOT_STATED, Outcome.ABSTAINED_UNREADABLE, Outcome.ABSTAINED_NO_EVIDENCE]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("outcome", ABSTENTIONS)
def test_an_abstention_offers_a_person(outcome: Outcome, language: Language) -> None:
    said = shown(Finding(outcome, "rule"), language=language)
    assert said.outcome is outcome
    assert said.text.splitlines()[-1] == WORDING.text("offer_unset", language)
    lines = ("相談係 03-0000-0000", "平日9時から17時")
    known = shown(Finding(outcome, "rule"), language=language, **{language.value: lines})
    assert "相談係 03-0000-0000" in known.text.splitlines()[-1]
    assert "平日9時から17時" in known.text.splitlines()[-1]
    assert known.citations == ()


def test_an_answer_does_not_end_in_the_offer() -> None:
    assert WORDING.text("offer_unset", Language.JA) not in shown(answered(Support(BUDGET, 0)), BUDGET).text


def test_words_that_are_not_stated_are_named() -> None:
    said = shown(Finding(Outcome.ABSTAINED_NOT_STATED, "rule", missing=("手数料", "業者")))
    assert "「手数料、業者」" in said.text


def test_what_is_nearby_follows_an_abstention_with_its_source() -> None:
    said = shown(Finding(Outcome.ABSTAINED_NOT_STATED, "rule", related=(Support(BUDGET, 0),)), BUDGET)
    assert said.outcome is Outcome.ABSTAINED_NOT_STATED
    assert f"・{BUDGET_SENTENCE}[1]" in said.text
    assert len(said.citations) == 1


def test_a_placeholder_in_the_person_s_words_is_not_filled() -> None:
    said = shown(Finding(Outcome.ABSTAINED_NOT_STATED, "rule", missing=("{contact}", "{words}")))
    assert "{contact}、{words}" in said.text


def test_release_trusts_the_verdict_alone() -> None:
    proposed = drafted(heart(BUDGET_SENTENCE, BUDGET))
    held = evidence(BUDGET)
    judged = verdict.judge(proposed, held)
    released = reply.release(voice(), proposed, Verdict(judged.sentences, heart_holds=False), held, Language.JA)
    assert released.outcome is Outcome.ABSTAINED_UNSUPPORTED
