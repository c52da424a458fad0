"""Citing the imported original where, and only where, it supports the sentence by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.records import Draft, Evidence, ExcerptKind, Found, Language, Outcome, Passage, Sentence, SnapshotId
from bot.steps import reply, verdict
from bot.steps.originals import asserts_only, citable, citable_text, citing_originals, excerpt
from bot.text import squeeze
from prompts.library import wording_for
from tests.fakes_bot import BUDGET, BUDGET_SENTENCE, PROJECTS_SENTENCE, FakeContacts, found, passage


def original(*sentences: str, key: str = "slides:1", **changes: object) -> Passage:
    return passage(
        *sentences,
        key=key,
        **{"title": "第3回資料", "excerpt_kind": ExcerptKind.ORIGINAL, "section": "取組状況", "page": "12"} | changes,
    )


STATED = original("令和7年度 AI関連予算", "東京都のAI関連予算は181億円、140事業。", "多い分野は都市基盤。")
NAMESAKE = original("AI関連予算の考え方を示す。", "東京都は予算を毎年まとめる。", key="slides:2", page="13")
OTHER_FIGURE = original("令和7年度の東京都のAI関連予算は182億円です。", key="slides:3", page="14")


def gathered(*behind: Passage, note: Passage = BUDGET) -> Evidence:
    held: Found = replace(found(note), originals=behind)
    return Evidence(SnapshotId("s"), (held,))


def drafted(*texts: str, note: Passage = BUDGET, related: tuple[str, ...] = ()) -> Draft:
    hearts = tuple(Sentence(text, (note.id,), heart=True) for text in texts)
    return Draft(Outcome.ANSWERED_DOCUMENTS, (), hearts, tuple(Sentence(text, (note.id,)) for text in related), ())


def cited(*behind: Passage) -> list[str]:
    return [*citing_originals(drafted(BUDGET_SENTENCE), gathered(*behind)).sentences[0].passages]


ASSERTED = [
    ("令和7年度の予算です。", "2025年度の予算", True),
    ("2025年度の予算です。", "令和７年度の予算", True),
    ("平成31年の指針です。", "2019年の指針", True),
    ("令和元年の指針です。", "2019年の指針", True),
    ("令和8年度の予算です。", "2025年度の予算", False),
    ("令和7年度の予算は181億円です。", "2025年度の予算は181億円", True),
    ("令和7年度の予算は181億円です。", "2025年度の予算は1810億円", False),
    ("令和7年度の予算は181億円です。", "2025年度の予算は18億円", False),
    ("豊田市の事例です。", "豊田市は調べた", True),
    ("豊田市の事例です。", "裾野市は調べた", False),
    ("「漏水」の事例です。", "漏水を調べた", True),
    ("「断水」の事例です。", "漏水を調べた", False),
    ("チャットボットの事例です。", "チャット ボットの事例", True),
    ("ロボットの事例です。", "チャットの事例", False),
    ("割合は22.5%です。", "22.5%", True),
    ("割合は22.5%です。", "122.5%", False),
    ("何も言わない文です。", "", True),
]


@pytest.mark.parametrize(("sentence", "text", "holds"), ASSERTED)
def test_every_figure_year_and_name_must_stand_in_what_is_cited(sentence: str, text: str, holds: bool) -> None:
    assert asserts_only(sentence, squeeze(text)) is holds


def test_the_original_is_cited_where_it_says_the_same() -> None:
    assert cited(STATED) == ["slides:1"]
    assert cited(NAMESAKE, STATED) == ["slides:1"]


def test_the_note_is_cited_where_no_original_supports_the_sentence() -> None:
    assert cited(NAMESAKE) == ["budget"]
    assert cited(OTHER_FIGURE) == ["budget"]
    assert cited() == ["budget"]


def test_the_year_may_stand_in_the_section_alone() -> None:
    undated = original("東京都のAI関連予算は181億円、140事業。", as_of="日付不明")
    assert cited(undated) == ["budget"]
    dated = replace(undated, document=replace(undated.document, section="令和7年度の取組"))
    assert cited(dated) == ["slides:1"]


def test_every_sentence_finds_its_own_passage() -> None:
    second = original("令和7年度、東京都のAI関連事業は140事業である。", key="slides:9")
    changed = citing_originals(
        drafted(BUDGET_SENTENCE, PROJECTS_SENTENCE, related=(BUDGET_SENTENCE,)), gathered(STATED, second)
    )
    assert [sentence.passages for sentence in changed.sentences] == [("slides:1",), ("slides:9",)]
    assert changed.related[0].passages == ("slides:1",)
    assert [sentence.text for sentence in changed.sentences] == [BUDGET_SENTENCE, PROJECTS_SENTENCE]


def test_without_originals_the_draft_is_the_same() -> None:
    draft = drafted(BUDGET_SENTENCE)
    assert citing_originals(draft, gathered()) is draft


def test_notes_and_originals_can_be_cited_and_nothing_else() -> None:
    assert set(citable(gathered(STATED, NAMESAKE))) == {"budget", "slides:1", "slides:2"}


def test_a_note_is_cited_for_its_text_and_an_original_for_its_names_too() -> None:
    assert citable_text(BUDGET) == squeeze(BUDGET.text)
    assert squeeze("第3回資料") in citable_text(STATED)
    assert squeeze("東京都") in citable_text(STATED)


def test_an_excerpt_is_the_original_s_own_words_in_its_order() -> None:
    assert excerpt(STATED, [BUDGET_SENTENCE]) == STATED.sentences[1]
    assert (
        excerpt(STATED, [STATED.sentences[2], STATED.sentences[0]]) == f"{STATED.sentences[0]}\n{STATED.sentences[2]}"
    )
    assert excerpt(BUDGET, [PROJECTS_SENTENCE, BUDGET_SENTENCE]) == BUDGET.text


def test_a_reply_says_our_sentence_and_shows_the_original() -> None:
    held = gathered(STATED)
    draft = citing_originals(drafted(BUDGET_SENTENCE), held)
    voice = reply.Voice(wording_for(FakeContacts().desk), FakeContacts())
    released = reply.release(voice, draft, verdict.judge(draft, held), held, Language.JA)
    assert released.outcome is Outcome.ANSWERED_DOCUMENTS
    assert released.text == f"{BUDGET_SENTENCE}[1]"
    (citation,) = released.citations
    assert (citation.passage, citation.page, citation.excerpt_kind) == ("slides:1", "12", ExcerptKind.ORIGINAL)
    assert citation.excerpt == STATED.sentences[1]


def test_the_verdict_does_not_take_the_choice_on_trust() -> None:
    held = gathered(OTHER_FIGURE)
    wrong = Draft(Outcome.ANSWERED_DOCUMENTS, (), (Sentence(BUDGET_SENTENCE, (OTHER_FIGURE.id,), heart=True),), (), ())
    assert not verdict.judge(wrong, held).heart_holds
