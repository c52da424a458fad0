"""Placing by meaning: only where no rule fires, only where it is clear, silent where it cannot know."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from bot.answered import Asked
from bot.exchange import answer
from bot.meaning import Meaning, meaning_of, sentences
from bot.ports import EmbedderUnavailable
from bot.records import AutomationLevel, DeskName, DocumentKind, Language, NearUnit, Outcome, UnitKind, UnitScore
from bot.rules import rules_of
from prompts.library import wording_for
from tests.fakes_bot import BUDGET, FakeExamples, FakeShelf, found, passage, room, unavailable

TEXT = "保育園の返事はいつ来るのでしょう"
NEAR = {"母の介護": 0.97, "息子の学校": 0.96}
FEWEST = 40


def meaning(near: dict[str, float] | None = None, desk: DeskName = DeskName.PUBLIC) -> Meaning:
    return meaning_of(desk, FakeExamples(near or {}))


def shelf(cosine: float) -> FakeShelf:
    """A shelf on which the nearest known question lies this near."""
    fact = UnitScore(UnitKind.FACT, 0, cosine)
    given = [found(BUDGET, fact_0=0.96, question_0=0.95, sentence_0=0.93)]
    return FakeShelf(given, nearest=[NearUnit(BUDGET.id, fact)])


def test_every_topic_has_sentences_enough_and_none_twice() -> None:
    data = tomllib.loads(resources.files("bot").joinpath("meaning.toml").read_text("utf-8"))
    assert len(set(sentences())) == len(sentences())
    for topic in data["topic"]:
        assert len(topic["examples"]) >= FEWEST, topic["name"]


def test_the_mean_of_the_two_nearest_counts() -> None:
    placed = meaning(NEAR).place(TEXT, 0.9)
    assert placed is not None
    assert placed.topic.name == "own_case"
    assert placed.score == pytest.approx(0.065)


FAR = {"母の介護": 0.6, "息子の学校": 0.6}


@pytest.mark.parametrize(("near", "documents"), [({}, 0.9), (NEAR, 0.99), (FAR, 0.5)])
def test_what_is_nearer_to_the_documents_or_to_nothing_stays(near: dict[str, float], documents: float) -> None:
    assert meaning(near).place(TEXT, documents) is None


@pytest.mark.parametrize("fault", [EmbedderUnavailable("away"), ValueError("empty")])
def test_it_is_silent_where_the_embedder_is_away(fault: BaseException) -> None:
    assert meaning_of(DeskName.PUBLIC, FakeExamples(fails=fault)).place(TEXT, 0.5) is None
    assert meaning(NEAR).place("  ", 0.5) is None


def test_an_exchange_is_placed_and_the_record_says_by_what() -> None:
    held = room(shelf(0.9), examples=FakeExamples(NEAR))
    given = answer(held.desk, Asked(TEXT))
    assert given.reply.outcome is Outcome.REFERRED_OWN_CASE
    assert given.automation is AutomationLevel.NONE
    meta = dict(held.log.kept[-1].entry.meta)
    assert meta["rule"] == "meaning:own_case"
    assert isinstance(meta["rule_score"], float)


def test_a_rule_comes_first_and_needs_no_search() -> None:
    held = room(unavailable("embedder"), examples=FakeExamples(NEAR))
    given = answer(held.desk, Asked("職員と話したい"))
    assert given.reply.outcome is Outcome.REFERRED_PERSON_WANTED
    assert held.shelf.searched == []


def test_what_the_documents_answer_stays_with_them() -> None:
    held = room(shelf(0.96), examples=FakeExamples({"母の介護": 0.9, "息子の学校": 0.9}))
    assert answer(held.desk, Asked("令和7年度の都のAI関連予算はいくらですか")).reply.outcome.family == "answered"


def test_one_search_serves_placing_and_evidence_alike() -> None:
    held = room(shelf(0.96))
    answer(held.desk, Asked("令和7年度の都のAI関連予算はいくらですか"))
    assert len({searched.value for searched in held.shelf.searched}) == 1


@pytest.mark.parametrize("language", list(Language))
def test_who_is_refused_an_opinion_hears_where_to_send_a_voice(language: Language) -> None:
    voice = wording_for(DeskName.PUBLIC).text("voice", language)
    assert "都民の声総合窓口" in voice
    given = answer(room().desk, Asked("あなたはどう思いますか", language=language))
    assert voice in given.reply.text
    assert given.reply.outcome is Outcome.REFUSED_OPINION


def test_the_sentences_of_a_topic_and_its_rules_do_not_contradict() -> None:
    for desk in DeskName:
        rules = rules_of(desk)
        for topic in meaning(desk=desk).topics:
            other = [
                (sentences()[place], rule.name)
                for place in topic.places
                if (rule := rules.first(sentences()[place])) is not None and rule.topic is not topic.topic
            ]
            assert len(other) <= len(topic.places) // 8, other


def test_a_question_about_the_service_itself_stays_with_its_notes() -> None:
    note = passage("ここではAIが答えています。", key="service", kind=DocumentKind.SERVICE)
    given = FakeShelf([found(note)], nearest=[NearUnit(note.id, UnitScore(UnitKind.QUESTION, 0, 0.98))])
    held = room(given, examples=FakeExamples(NEAR))
    answer(held.desk, Asked(TEXT))
    assert dict(held.log.kept[-1].entry.meta)["rule"] == "documents"


def test_with_nothing_to_compare_with_nothing_is_placed() -> None:
    held = room(FakeShelf([]), examples=FakeExamples(NEAR))
    answer(held.desk, Asked(TEXT))
    assert dict(held.log.kept[-1].entry.meta)["rule"] == "documents"
