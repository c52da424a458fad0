"""Which originals stand behind which notes, and when a document is one that notes summarise."""

from __future__ import annotations

import pytest

from bot.records import DocumentKind, ExcerptKind, Passage, Slot
from knowledge.linking import links, recognised, searched
from tests.fakes_bot import fact, passage

SLIDES = "第3回資料（案）"


def note(key: str, section: str | None, source: str = SLIDES, **changes: object) -> Passage:
    return passage("要約です。", key=key, section=section, source=source, **changes)


def original(key: str, section: str | None, source: str = SLIDES) -> Passage:
    return passage("原文です。", key=key, section=section, source=source, excerpt_kind=ExcerptKind.ORIGINAL)


def behind(section: str, *headings: str) -> list[int]:
    """The places of the headings that stand behind a note of the given section."""
    originals = [original(f"slides:{place}", heading) for place, heading in enumerate(headings)]
    found = links([note("a", section), *originals]).originals.get(note("a", section).id, ())
    return [originals.index(each) for each in found]


def test_a_note_reaches_the_passages_under_its_section() -> None:
    first, second = original("slides:1", "取組状況 > 予算"), original("slides:2", "取組状況 > 予算")
    other = original("slides:3", "取組状況 > 事業")
    found = links([note("a", "予算"), first, other, second, note("b", "意見")])
    assert found.originals == {"a": (first, second)}
    assert found.reached == {"slides:1", "slides:2"}
    assert searched([note("a", "予算"), first, other, second]) == [note("a", "予算"), other]


def test_only_originals_of_the_same_source_stand_behind_a_note() -> None:
    assert not links([note("a", "予算"), original("x:1", "予算", source="別の資料")]).originals
    assert not links([note("a", "予算"), note("b", "予算")]).originals
    assert not links([note("a", None), original("slides:1", None)]).originals
    assert links([note("a", "予算"), original("slides:1", "予算", source="第３回資料 (案)")]).originals


SECTIONS = [
    ("予算", ("予算", "事業"), [0]),
    ("２-③ 東京都のＡＩ", ("2-3 東京都のAI", "２－③ 東京都のAI"), [0, 1]),
    ("予算／事業", ("予算", "人材", "事業"), [0, 2]),
    ("予算/事業", ("予算", "事業"), [0, 1]),
    ("自治体 ＜1/3＞、＜3/3＞", ("自治体 ＜1/3＞", "自治体 ＜2/3＞", "自治体 <3/3>"), [0, 2]),
    ("自治体 ＜2/3＞", ("自治体 ＜1/3＞", "自治体 ＜2/3＞"), [1]),
    ("骨格（案）", ("骨格", "骨格の続き", "骨格 (案)"), [0, 2]),
    ("骨格", ("骨格（案）",), [0]),
    ("取組", ("取組状況",), []),
]


@pytest.mark.parametrize(("section", "headings", "places"), SECTIONS)
def test_sections_are_named_in_several_ways(section: str, headings: tuple[str, ...], places: list[int]) -> None:
    assert behind(section, *headings) == places


def test_a_passage_under_two_named_headings_stands_there_once() -> None:
    only = original("slides:1", "予算 > 事業")
    assert links([note("a", "予算／事業"), only]).originals == {"a": (only,)}


NAMED = [note(f"n{number}", f"節{number}") for number in range(10)]


@pytest.mark.parametrize(("many", "is_known"), [(5, False), (6, True), (10, True)])
def test_a_document_with_six_of_ten_named_sections_is_recognised(many: int, is_known: bool) -> None:
    passages = [original(f"x:{number}", f"節{number}", source="slides") for number in range(many)]
    found = recognised(passages, NAMED)
    assert (found is not None) is is_known
    if found is not None:
        assert found[0].source == SLIDES
        assert found[1:] == (many, 10)


@pytest.mark.parametrize(("many", "is_known"), [(2, False), (3, True)])
def test_fewer_than_three_sections_are_no_proof(many: int, is_known: bool) -> None:
    passages = [original(f"x:{number}", f"節{number}") for number in range(many)]
    assert (recognised(passages, NAMED[:many]) is not None) is is_known


def test_the_source_with_more_of_its_sections_wins() -> None:
    others = [note(f"o{number}", f"節{number}", source="別の資料") for number in range(4)]
    passages = [original(f"x:{number}", f"節{number}", source="slides") for number in range(8)]
    found = recognised(passages, [*others, *NAMED])
    assert found is not None
    assert found[0].source == SLIDES


def test_the_example_is_a_note_about_the_document_itself() -> None:
    opinions = [note(f"n{number}", f"節{number}", kind=DocumentKind.OPINION, speaker="委員") for number in range(3)]
    passages = [original(f"x:{number}", f"節{number}") for number in range(4)]
    assert recognised(passages, opinions) is None
    found = recognised(passages, [*opinions, note("own", "節3")])
    assert found is not None
    assert found[0].id == "own"


def test_nothing_recognises_nothing() -> None:
    assert recognised([], NAMED) is None
    assert recognised([original("x:1", "節1")], []) is None


def test_the_next_edition_has_the_same_headings_and_is_another_document() -> None:
    chapters = ("第1章", "第2章", "第3章", "第4章")
    notes = [
        note(f"note-{place}", chapter, facts=(fact(f"予算は{value}億円です。", Slot.MONEY, value),))
        for place, (chapter, value) in enumerate(zip(chapters, ("181", "140", "259", "777"), strict=True))
    ]

    def edition(text: str) -> list[Passage]:
        return [
            passage(text, key=f"doc:{place}", section=chapter, excerpt_kind=ExcerptKind.ORIGINAL)
            for place, chapter in enumerate(chapters)
        ]

    same = recognised(edition("予算は181億円、140億円、259億円、777億円でした。"), notes)
    assert same is not None
    assert same[1:] == (4, 4)
    assert recognised(edition("予算は300億円になりました。"), notes) is None
