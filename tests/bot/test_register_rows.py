"""What a register may say, and what is refused when somebody proposes it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import AutomationLevel, DeskName, Risk, Topic
from bot.register import as_json, as_toml, lacking, load_register, overdue, read_register, register_of
from bot.register_rows import BadRegister
from tests.decisions_kit import tables, version


def changed(of: str, **members: Any) -> dict[str, Any]:
    plain = tables()
    return {**plain, "row": [{**row, **members} if row["topic"] == of else row for row in plain["row"]]}


def test_toml_and_json_are_the_same_version() -> None:
    default = load_register()
    assert read_register(as_toml(default)) == default
    assert register_of(as_json(default)) == default
    assert read_register(as_toml(version("3", documents="none"))) == version("3", documents="none")


def test_another_member_anywhere_is_another_digest() -> None:
    digests = {load_register().stamp.digest, version("2").stamp.digest, version("3").stamp.digest}
    digests.add(register_of(changed("documents", reason="別の理由")).stamp.digest)
    digests.add(register_of(changed("documents", allowed_error=0.02)).stamp.digest)
    assert len(digests) == 4  # version 2 with nothing changed is the default itself


def test_a_row_for_one_desk_is_for_that_desk() -> None:
    default = load_register()
    assert default.of(DeskName.STAFF).level(Topic.CONSULTATION, Risk.MODERATE) is AutomationLevel.FULL
    assert default.of(DeskName.PUBLIC).level(Topic.CONSULTATION, Risk.MODERATE) is AutomationLevel.NONE
    assert default.of(DeskName.PUBLIC).stamp == default.stamp
    assert {row.id for row in default.rows} >= {"documents.low", "consultation.high@staff"}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (changed("danger", level="full"), "danger"),
        (changed("danger", level="assisted"), "danger"),
        (changed("documents", risk="grave"), "danger to life"),
        (changed("own_case", level="full"), "no answer of its own"),
        (changed("documents", level="sometimes"), "level is one of"),
        (changed("documents", risk="tiny"), "risk is one of"),
        (changed("documents", topic="weather"), "topic is one of"),
        (changed("documents", allowed_error=1.5), "between 0 and 1"),
        (changed("documents", allowed_error=-0.1), "between 0 and 1"),
        (changed("documents", allowed_error=True), "between 0 and 1"),
        (changed("documents", allowed_error="1%"), "between 0 and 1"),
        (changed("documents", allowed_error=float("nan")), "between 0 and 1"),
        (changed("documents", review_by="soon"), "review_by is a date"),
        (changed("documents", review_by=20270331), "review_by is a date"),
        (changed("documents", reason=" "), "reason is missing"),
        (changed("documents", owner=None), "owner is missing"),
        (changed("documents", baseline=3), "baseline is missing"),
        (changed("documents", desks=[]), "desks are"),
        (changed("documents", desks=["moon"]), "desks is one of"),
        (changed("documents", desks="public"), "desks are"),
        (changed("documents", colour="blue"), "colour is not a member"),
        (changed("opinion", topic="documents", risk="low"), "stands twice"),
        ({**tables(), "version": ""}, "version is missing"),
        ({**tables(), "extra": 1}, "extra is not a member"),
        ({**tables(), "row": {"topic": "documents"}}, "row is a list"),
        ({**tables(), "place": [{**tables()["place"][0], "stage": 6}]}, "stage is a number"),
        ({**tables(), "place": [{**tables()["place"][0], "desk": "moon"}]}, "desk is one of"),
    ],
)
def test_a_register_that_breaks_a_rule_is_refused_with_the_rule(data: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadRegister, match=complaint):
        register_of(data)


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(BadRegister, match="not TOML"):
        read_register("[[row]\n")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from(["topic", "risk", "level", "reason", "allowed_error", "review_by", "desks", "owner"]),
)
def test_any_value_in_any_member_is_read_or_refused(value: Any, member: str) -> None:
    try:
        register_of(changed("documents", **{member: value}))
    except BadRegister:
        return


def test_rows_that_triage_needs_are_named_when_they_lack() -> None:
    assert lacking(load_register()) == []
    short = tables()
    short["row"] = [row for row in short["row"] if row["topic"] != "opinion"]
    assert lacking(register_of(short)) == ["opinion.moderate"]
    narrow = changed("documents", desks=["public"])
    assert lacking(register_of(narrow)) == ["documents.low"]


def test_rows_overdue_are_named() -> None:
    assert overdue(load_register(), date(2027, 3, 31)) == []
    assert len(overdue(load_register(), date(2027, 4, 1))) == len(load_register().rows) + len(load_register().places)
