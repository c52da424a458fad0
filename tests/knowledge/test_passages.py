from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.records import DeskName, DocumentKind, ExcerptKind, Validity
from knowledge.documents import BadDocument, Loaded
from knowledge.loading.blocks import Block, BlockKind, Extracted
from knowledge.loading.declared import Declared
from knowledge.loading.describing import UNKNOWN_DATE, UNKNOWN_PUBLISHER, document_id
from knowledge.loading.passages import LONGEST, loaded
from knowledge.loading.sentences import sentences
from knowledge.loading.word import read_word

SHARED = Path(__file__).resolve().parents[3] / "shared" / "documents"
PUBLIC = frozenset({DeskName.PUBLIC})


def head(text: str, level: int = 1, page: str | None = None) -> Block:
    return Block(BlockKind.HEADING, text, level, page)


def para(text: str, page: str | None = None) -> Block:
    return Block(BlockKind.PARAGRAPH, text, page=page)


def item(text: str) -> Block:
    return Block(BlockKind.ITEM, text)


def row(text: str) -> Block:
    return Block(BlockKind.ROW, text)


def load(
    *blocks: Block, title: str | None = "都のAI戦略", said: Declared | None = None, file: str = "a.docx"
) -> Loaded:
    return loaded(Extracted(title, blocks), said or Declared(), file, "0" * 64, PUBLIC)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("今日は晴れです。明日は雨（所により雪。）です。", ["今日は晴れです。", "明日は雨（所により雪。）です。"]),
        ("「行く！」と言った。そうですか？はい。", ["「行く！」と言った。", "そうですか？", "はい。"]),
        ("都が決めました。（注：例です。）次に進みます。", ["都が決めました。（注：例です。）", "次に進みます。"]),
        ("See e.g. No. 5 (3.5 points). It ends! Yes.", ["See e.g. No. 5 (3.5 points).", "It ends!", "Yes."]),
        ("見出しのような語", ["見出しのような語"]),
        ("確率は3.5です。Web3.0とは何か", ["確率は3.5です。", "Web3.0とは何か"]),
        ("。", ["。"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_a_bracket_that_never_closes_does_not_swallow_the_text() -> None:
    assert len(sentences("（" + "これは文です。" * 100)) == 100


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="あ漢A1。！？.!? 「」『』（）()、", max_size=300))
def test_sentences_lose_nothing(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_a_sentence_without_end_is_cut() -> None:
    assert all(len(part) <= 1_000 for part in sentences("あ" * 5_000))


def test_a_section_is_a_passage_under_its_heading_and_page() -> None:
    found = load(
        head("第1章 背景", page="2"), head("経緯", 2, "2"), head("会議", 3, "2"),
        para("会議は3回です。議事は公開します。", "3"),
        head("第2章 対象", page="4"), para("都民が対象です。", "4"),
    )  # fmt: skip
    first, second = found.passages
    assert (first.id, second.id) == ("a-docx:1", "a-docx:2")
    assert first.document.section == "経緯 > 会議"
    assert (first.document.page, second.document.page) == ("3", "4")
    assert first.sentences == ("会議は3回です。", "議事は公開します。")
    assert first.text == "会議は3回です。\n議事は公開します。"
    assert found.document == first.document
    assert found.audience == PUBLIC


def test_long_sections_are_cut_between_sentences_into_parts_of_like_length() -> None:
    text = "".join(f"これは{number}番目の文で、ある程度の長さがあります。" for number in range(60))
    found = load(head("背景"), para(text))
    assert "".join(passage.text.replace("\n", "") for passage in found.passages) == text
    lengths = [len(passage.text) for passage in found.passages]
    assert max(lengths) <= LONGEST + 60
    assert min(lengths) > 200


def test_members_of_a_cut_list_keep_the_sentence_that_introduces_them() -> None:
    lead = "原則は次のとおりです。"
    members = [item(f"{number}番目の原則は、{'長' * 60}い") for number in range(20)]
    found = load(head("原則"), para(f"会議で決めました。{lead}"), para("注1: 会議の資料による。"), *members)
    assert len(found.passages) > 1
    assert all(lead in passage.sentences for passage in found.passages)


def test_rows_keep_the_caption_of_their_table() -> None:
    found = load(
        head("手数料"), para("表1 手数料"), *(row(f"区分{number} / 料金: {'あ' * 90}円") for number in range(20))
    )
    assert all(passage.sentences[0] == "表1 手数料" for passage in found.passages)


def test_a_phrase_alone_under_its_heading_says_what_it_is_about() -> None:
    (passage,) = load(head("申請期限"), para("令和7年6月30日まで")).passages
    assert passage.sentences == ("申請期限: 令和7年6月30日まで",)


def test_labels_stay_in_their_section_and_subtitles_go_to_what_follows() -> None:
    found = load(
        head("業務領域"), para("都民サービス 職員内部業務"),
        head("【定義】", 2), para("都民が使うものです。"),
        head("【例】", 2), item("申請・通知"),
        head("委員の意見"), para("考え方の方向性"),
        head("基本", 2), para("目的が明確でよい。"),
    )  # fmt: skip
    first, second = found.passages
    assert first.document.section == "業務領域"
    assert first.sentences == ("都民サービス 職員内部業務", "【定義】 都民が使うものです。", "【例】 申請・通知")
    assert second.document.section == "委員の意見 > 基本"
    assert second.sentences == ("考え方の方向性", "目的が明確でよい。")


def test_fragments_are_no_passages() -> None:
    found = load(
        para("資料1"),
        head("背景"),
        para("行政でAIを使うことにしました。"),
        head("空"),
        head("対象"),
        para("都民が対象です。"),
        head("表"),
    )
    assert [passage.document.section for passage in found.passages] == ["背景", "対象"]
    assert found.passages[0].sentences[0] == "資料1"


@pytest.mark.parametrize("blocks", [(), (para("…"),), (para("12"),)])
def test_nothing_to_cite_is_refused(blocks: tuple[Block, ...]) -> None:
    with pytest.raises(BadDocument, match="nothing to cite"):
        load(*blocks)


FAQS = {
    "headings": (head("全般"), head("Q1 いつからですか。", 2), para("A1 4月からです。")),
    "paragraphs": (head("全般"), para("問1 いつからですか。"), para("答 4月からです。")),
    "full words": (head("全般"), para("【質問】 いつからですか。"), para("【回答】 4月からです。")),
    "Latin": (head("全般"), item("Q. いつからですか。"), item("A. 4月からです。")),
    "no marks": (head("全般"), head("いつからですか。", 2), para("4月からです。")),
    "a table": (head("全般"), row("1 / 質問: いつからですか。、回答: 4月からです。")),
    "a table of two columns": (head("全般"), row("いつからですか。 / 回答: 4月からです。")),
}


@pytest.mark.parametrize("case", FAQS)
def test_a_question_and_its_answer_are_one_passage(case: str) -> None:
    (passage,) = [each for each in load(*FAQS[case]).passages if each.questions]
    assert passage.questions == ("いつからですか。",)
    assert passage.sentences == ("4月からです。",)
    assert passage.document.section is not None
    assert passage.document.section.endswith("いつからですか。")


def test_what_only_looks_like_a_question_is_none() -> None:
    found = load(head("背景"), para("問題があるので検討しました。"), para("AIは便利です。"), para("答申を受けました。"))
    assert not found.passages[0].questions
    assert len(found.passages[0].sentences) == 3


def test_a_document_that_says_nothing_of_itself_is_described_honestly() -> None:
    document = load(para("行政でAIを使うことにしました。"), title=None, file="AI_plan-1.docx").document
    assert (document.id, document.title, document.source) == ("ai-plan-1-docx", "AI_plan-1", "AI_plan-1")
    assert (document.publisher, document.as_of) == (UNKNOWN_PUBLISHER, UNKNOWN_DATE)
    assert (document.validity, document.kind) == (Validity.FINAL, DocumentKind.DOCUMENT)
    assert document.excerpt_kind is ExcerptKind.ORIGINAL


@pytest.mark.parametrize(
    ("title", "line", "validity"),
    [
        ("AI戦略（案）", "", Validity.DRAFT),
        ("AI戦略素案", "", Validity.DRAFT),
        ("AI戦略", "原案", Validity.DRAFT),
        ("AI Strategy DRAFT", "", Validity.DRAFT),
        ("AI戦略案", "", Validity.DRAFT),
        ("AI戦略 提案書", "", Validity.FINAL),
        (
            "AI戦略",
            "この計画の素案について、令和6年に広く意見を募り、寄せられた意見を踏まえて内容を見直したうえで決定したものですので、ご覧ください。",
            Validity.FINAL,
        ),
    ],
)
def test_drafts_are_called_drafts(title: str, line: str, validity: Validity) -> None:
    blocks = [para(line)] if line else []
    assert load(*blocks, para("行政でAIを使うことにしました。"), title=title).document.validity is validity


@pytest.mark.parametrize(
    ("lines", "as_of"),
    [
        (["令和7年7月25日"], "2025-07-25"),
        (["2025年(令和7年)7月25日"], "2025-07-25"),
        (["2025年7月", "令和7年7月25日版"], "2025-07-25"),
        (["(2022-03-31版)"], "2022-03-31"),
        (["令和元年5月"], "2019-05"),
        (["2024年1月", "2025年7月"], UNKNOWN_DATE),
        (["令和7年度"], UNKNOWN_DATE),
        (["2025年13月"], UNKNOWN_DATE),
        (["掲載期間:2022年6月"], UNKNOWN_DATE),
        (["申請は2025年7月1日から"], UNKNOWN_DATE),
    ],
)  # fmt: skip
def test_the_date_is_the_only_one_of_the_first_page(lines: list[str], as_of: str) -> None:
    blocks = [*(para(line, "1") for line in lines), para("行政でAIを使います。", "1"), para("2001年1月1日", "2")]
    assert load(*blocks).document.as_of == as_of


def test_what_is_declared_counts_more_than_what_is_read() -> None:
    said = Declared(
        id="strategy", title="東京都AI戦略", publisher="東京都", source="報道発表",
        url="https://example.jp/a", as_of="2025-07-25", supersedes=("draft",),
        validity=Validity.FINAL, audience=frozenset({DeskName.STAFF}), review_by=date(2027, 3, 31),
    )  # fmt: skip
    found = load(para("行政でAIを使うことにしました。"), title="AI戦略（案）", said=said)
    document = found.document
    assert (document.id, document.title, document.publisher) == ("strategy", "東京都AI戦略", "東京都")
    assert (document.source, document.url, document.as_of) == ("報道発表", "https://example.jp/a", "2025-07-25")
    assert document.validity is Validity.FINAL
    assert found.audience == {DeskName.STAFF}
    assert found.review_by == date(2027, 3, 31)
    assert found.supersedes == ("draft",)


def test_a_successor_makes_a_document_superseded() -> None:
    document = load(para("行政でAIを使うことにしました。"), said=Declared(superseded_by="strategy")).document
    assert (document.validity, document.superseded_by) == (Validity.SUPERSEDED, "strategy")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cio_dp2020_01.pdf", "cio-dp2020-01-pdf"),
        ("A B.docx", "a-b-docx"),
        ("戦略.pdf", "doc-" + hashlib.sha256("戦略.pdf".encode()).hexdigest()[:10]),
        ("___", "doc-" + hashlib.sha256(b"___").hexdigest()[:10]),
        ("a" * 200 + ".pdf", "doc-" + hashlib.sha256(b"a" * 200 + b".pdf").hexdigest()[:10]),
    ],
)
def test_ids_come_from_file_names(name: str, key: str) -> None:
    assert document_id(name) == key


def test_composed_and_decomposed_names_are_one() -> None:
    assert document_id("ガイド.pdf") == document_id("ガイド.pdf")


@pytest.mark.outside
def test_an_official_faq_gives_a_passage_for_every_question() -> None:
    file = SHARED / "gif_499_FAQ.docx"
    if not file.exists():
        pytest.skip(f"{file.name} is kept beside the project and is not here")
    content = file.read_bytes()
    first, second = (loaded(read_word(file.name, content), Declared(), file.name, "0" * 64, PUBLIC) for _ in range(2))
    assert first == second
    assert len(first.passages) == 12
    assert all(passage.questions for passage in first.passages)
    assert first.passages[1].questions == ("今後改定の予定はありますか。",)
    assert first.passages[1].document.section == "Q2 今後改定の予定はありますか。"
    assert first.document.as_of == "2022-03-31"
