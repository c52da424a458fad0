"""The automation register: every topic that triage may name has a row, and without a row a person answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.records import AutomationLevel, DeskName, Risk, Topic
from bot.register import load_register
from bot.rules import rules_of


def test_every_rule_of_triage_has_its_row() -> None:
    register = load_register()
    known = {(row.topic, row.risk) for row in register.rows}
    for desk in DeskName:
        for rule in rules_of(desk).rules:
            assert (rule.topic, rule.risk) in known
    assert (Topic.DOCUMENTS, Risk.LOW) in known
    assert (Topic.DANGER, Risk.GRAVE) in known
    assert {(Topic.CONSULTATION, Risk.MODERATE), (Topic.CONSULTATION, Risk.HIGH)} <= known
    assert {topic for topic, _ in known} == set(Topic)


def test_the_service_has_its_own_place_in_the_source_s_scheme() -> None:
    places = {place.desk: place for place in load_register().places}
    assert (places[DeskName.PUBLIC].domain, places[DeskName.PUBLIC].stage, places[DeskName.PUBLIC].name) == (
        "都民サービス",
        1,
        "情報提供",
    )
    assert set(places) == set(DeskName)


def test_no_row_stands_twice_and_every_row_says_why_on_whose_word() -> None:
    rows = load_register().rows
    assert len({(row.topic, row.risk) for row in rows}) == len(rows)
    for row in rows:
        assert row.reason
        assert row.view in {"本文（案）", "江間委員の意見", "伊藤委員の意見", "当サービスの判断"}
        assert row.baseline.startswith("不明") or "伊藤 錬 委員 ＜2/4＞" in row.baseline
        assert (row.allowed_error == 0) is (row.level is AutomationLevel.NONE)
        assert row.source
        assert row.owner
        assert row.review_by.year >= 2026


@pytest.mark.parametrize("topic", list(Topic))
def test_nothing_grave_or_high_is_answered_alone(topic: Topic) -> None:
    for risk in (Risk.HIGH, Risk.GRAVE):
        if (topic, risk) != (Topic.CONSULTATION, Risk.HIGH):
            assert load_register().level(topic, risk) is AutomationLevel.NONE


def test_about_a_plan_that_touches_life_the_documents_are_shown_and_nothing_is_judged() -> None:
    row = load_register().row(Topic.CONSULTATION, Risk.HIGH)
    assert row is not None
    assert row.level is AutomationLevel.FULL
    assert row.desks == (DeskName.STAFF,)
    assert "判断は職員と相談窓口に委ねる" in row.reason


def test_without_a_row_a_person_answers() -> None:
    register = replace(load_register(), rows=())
    for topic in Topic:
        for risk in Risk:
            assert register.level(topic, risk) is AutomationLevel.NONE


def test_the_first_fitting_row_decides() -> None:
    register = load_register()
    first = next(row for row in register.rows if row.topic is Topic.DOCUMENTS)
    stricter = replace(first, level=AutomationLevel.ASSISTED)
    assert replace(register, rows=(stricter, *register.rows)).level(first.topic, first.risk) is AutomationLevel.ASSISTED


def test_the_stamp_is_of_the_file() -> None:
    assert load_register().stamp.name == "automation"
    assert load_register().stamp == load_register().stamp
