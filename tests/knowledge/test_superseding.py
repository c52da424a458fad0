"""What another document here replaces says so, as long as that one is here."""

from __future__ import annotations

import pytest

from bot.records import ExcerptKind, Passage, Validity
from knowledge.superseding import marked, unknown_targets
from tests.fakes_bot import passage

DRAFT = passage("案です。", key="draft", title="東京都AI戦略（案）", source="第3回資料（案）")
OTHER = passage("別の文です。", key="other", title="水門の操作", source="報告書")
NEW = passage(
    "戦略です。", key="strategy:1", title="東京都AI戦略", source="報道発表", excerpt_kind=ExcerptKind.ORIGINAL
)


def held(*passages: Passage, **supersedes: tuple[str, ...]) -> dict[str, Passage]:
    """The passages after marking, by document; ``strategy=("draft",)`` names what a document says it replaces."""
    names = {key.replace("_", ":"): each for key, each in supersedes.items()}
    return {each.document.id: each for each in marked(passages, names)}


@pytest.mark.parametrize("name", ["draft", "東京都AI戦略（案）", "第3回資料（案）", "東京都ＡＩ戦略 (案)", " DRAFT "])
def test_a_document_replaces_another_by_id_title_or_source(name: str) -> None:
    found = held(DRAFT, OTHER, NEW, strategy_1=(name,))
    document = found["draft"].document
    assert (document.validity, document.superseded_by, document.successor) == (
        Validity.SUPERSEDED,
        "strategy:1",
        "東京都AI戦略",
    )
    assert found["draft"].text == DRAFT.text
    assert found["other"] == OTHER
    assert found["strategy:1"] == NEW


def test_without_the_new_one_the_old_one_stands_again() -> None:
    assert held(DRAFT, OTHER, strategy_1=("draft",)) == {"draft": DRAFT, "other": OTHER}
    assert held(DRAFT, OTHER, NEW) == {"draft": DRAFT, "other": OTHER, "strategy:1": NEW}


def test_nothing_replaces_itself_or_its_own_source() -> None:
    assert held(NEW, strategy_1=("strategy:1", "東京都AI戦略"))["strategy:1"] == NEW
    summary = passage("要約です。", key="note", title="東京都AI戦略の要約", source="報道発表")
    assert held(NEW, summary, strategy_1=("報道発表",))["note"] == summary


def test_every_passage_of_a_replaced_document_is_marked() -> None:
    parts = [passage(f"文{number}。", key="draft", section=f"第{number}章") for number in range(3)]
    found = marked([*parts, NEW], {"strategy:1": ("draft",)})
    assert [each.document.validity for each in found[:3]] == [Validity.SUPERSEDED] * 3


def test_targets_that_are_not_here_are_named() -> None:
    documents = [DRAFT.document, NEW.document]
    assert unknown_targets(documents, {"strategy:1": ("draft", "第３回資料（案）", "別の計画")}) == [
        ("strategy:1", "別の計画")
    ]
    assert unknown_targets(documents, {}) == []


def test_of_its_own_title_it_replaces_what_it_names_by_id() -> None:
    first = passage("朝九時に開く。", key="v1-txt", title="公園利用方針", source="公園利用方針")
    second = passage("朝七時に開く。", key="v2-txt", title="公園利用方針", source="公園利用方針")
    assert held(first, second, **{"v2-txt": ("v1-txt",)})["v1-txt"].document.superseded_by == "v2-txt"
    assert held(first, second, **{"v2-txt": ("公園利用方針",)})["v1-txt"] == first
