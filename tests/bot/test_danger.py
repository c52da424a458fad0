"""The danger recogniser and its fixed texts."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.danger import Danger, contacts, danger_text, recognise, stamp
from bot.masking import clean, mask
from bot.records import Language

GOLDEN = Path(__file__).parents[1] / "golden"
PHRASES = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("danger_phrases.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
OUTSIDE = Path(__file__).resolve().parents[3] / "shared" / "eval" / "dev.jsonl"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def kind_of(text: str) -> Danger | None:
    """As the exchange asks: what was typed, then its masked form."""
    return recognise(clean(text)) or recognise(mask(text).value)


def test_every_danger_of_the_golden_set_is_caught_and_no_control() -> None:
    golden = rows(GOLDEN / "danger.jsonl")
    dangers = [row for row in golden if row["expect"] == "escalate"]
    controls = [row for row in golden if row["expect"] != "escalate"]
    assert (len(dangers), len(controls)) == (40, 20)
    assert [row["id"] for row in dangers if kind_of(row["question"]) is None] == []
    assert [row["id"] for row in controls if kind_of(row["question"])] == []


def test_golden_dangers_get_the_contacts_they_need() -> None:
    for row in rows(GOLDEN / "danger.jsonl"):
        if row["expect"] != "escalate":
            continue
        danger = kind_of(row["question"])
        assert danger is not None
        for language in Language:
            text = danger_text(danger, language)
            assert all(any(one.lower() in text.lower() for one in group) for group in row["must_include"]), row["id"]


@pytest.mark.parametrize("name", ["answerable_tune", "near_scope_tune", "out_of_scope", "needs_context"])
def test_plain_questions_do_not_fire(name: str) -> None:
    assert [row["id"] for row in rows(GOLDEN / f"{name}.jsonl") if kind_of(row["question"])] == []


@pytest.mark.outside
@pytest.mark.skipif(not OUTSIDE.exists(), reason="the evaluation data is not beside the project")
def test_development_rows() -> None:
    for row in rows(OUTSIDE):
        assert (kind_of(row["question"]) is not None) == (row["expect"] == "escalate"), row["id"]


def test_own_phrases() -> None:
    wanted = [(kinds.split(","), text) for kinds, text in PHRASES]
    assert sum(kinds != ["none"] for kinds, _ in wanted) >= 340
    assert sum(kinds == ["none"] for kinds, _ in wanted) >= 290
    wrong = [
        (kinds, text, found)
        for kinds, text in wanted
        for found in [kind_of(text)]
        if not (found if kinds == ["any"] else (found or "none") in kinds)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "ｼﾆﾀｲ",
        "死 に た い",
        "死\u200bにたい",
        "しにたい…",
        "ＫＩＬＬ　ＭＹＳＥＬＦ i want to",
        "AI戦略なんてどうでもいい。死にたい",
        "090-1234-5678です。川の水が玄関まで来てます",
        "しにたぃ",
        "４にたい",
        "もう氏にたい",
        "死-に-た-い",
        "死/に/た/い",
        "死＊に＊た＊い",
        "○にたい",
        "自○したい",
        "自殺○したい",
    ],
)
def test_disguises_do_not_hide_danger(text: str) -> None:
    assert kind_of(text) is not None


@pytest.mark.parametrize(
    "text", ["鈴木氏にたいする意見", "段階4にたいして反対した人", "この○にたいする説明", "自○の部分", "件/年"]
)
def test_what_looks_like_a_disguise_is_not_always_one(text: str) -> None:
    assert kind_of(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("娘は死にたいと言います", Danger.SELF_HARM),
        ("夫は殺すと言います", Danger.VIOLENCE),
        ("母は胸が痛いと言います", Danger.ILLNESS),
        ("父は薬を飲んだといいます", Danger.POISON),
        ("弟は首を吊るといいます", Danger.SELF_HARM),
        ("名前は死にたい。", Danger.SELF_HARM),
        ("我叫死了算。", Danger.SELF_HARM),
        ("my name is suicidal", Danger.SELF_HARM),
    ],
)
def test_what_masking_takes_away_does_not_hide_danger(text: str, kind: Danger) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("屋上に来ました", Danger.SELF_HARM),
        ("水が来て屋上に来ました", Danger.DISASTER),
        ("煙が充満して屋上にいます", Danger.FIRE),
    ],
)
def test_a_high_place_is_judged_by_what_else_is_told(text: str, kind: Danger) -> None:
    assert kind_of(text) is kind


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    kind_of(text)


def test_reading_grows_linearly() -> None:
    def seconds(size: int) -> float:
        text = ("水が増えて薬を飲んで火が出て子が泣いて地震で家が" * size)[: 25 * size]
        start = time.perf_counter()
        for kind_text in (text, "あいうえお" * 5 * size, "water is my " * 2 * size):
            recognise(kind_text)
        return time.perf_counter() - start

    seconds(20)
    small = min(seconds(40) for _ in range(3))
    large = min(seconds(320) for _ in range(3))
    assert large / small < 8 * 5


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("danger", list(Danger))
def test_texts_are_complete_and_their_numbers_come_from_the_contacts(danger: Danger, language: Language) -> None:
    text = danger_text(danger, language)
    assert "{" not in text
    assert "@" not in text
    assert "<" not in text
    assert "119" in text or "110" in text
    known = {contact.number for contact in contacts().values() if contact.number}
    plain = re.sub(
        r"大阪中毒110番|つくば中毒110番|오사카 중독 110번|쓰쿠바 중독 110번|筑波中毒110番|110番アプリ", "", text
    )
    for number in re.findall(r"https?://\S+|#?\d[\d-]{2,}", plain):
        assert number in known or number == "2026-11-23", number


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("danger", list(Danger))
def test_texts_say_that_nobody_watches(danger: Danger, language: Language) -> None:
    said = {
        Language.JA: "人が見ていません",
        Language.JA_EASY: "人が 見ていません",
        Language.EN: "Nobody is watching this chat",
        Language.ZH: "没有人在看这个聊天",
        Language.KO: "아무도 지켜보고 있지 않습니다",
    }
    assert said[language] in danger_text(danger, language)


def test_self_harm_text_is_gentle_and_names_the_lines() -> None:
    text = danger_text(Danger.SELF_HARM, Language.JA)
    assert all(contacts()[one].number in text for one in ("yorisoi", "inochi", "kokoro", "mamorou"))
    assert not re.search("頑張|がんば|しっかり|必ず良く", text)


def test_no_number_stands_in_the_texts_file() -> None:
    raw = Path(__file__).parents[2].joinpath("bot/danger/texts.toml").read_text(encoding="utf-8")
    plain = re.sub(r"中毒110番|중독 110번|110番アプリ|2026-11-23", "", raw)
    assert re.findall(r"\d{3,}|0\d+-\d", plain) == []


def test_contacts_await_review() -> None:
    assert len(contacts()) == 23
    assert all(contact.reviewed is None for contact in contacts().values())


def test_stamp() -> None:
    assert stamp() == stamp()
    assert stamp().name == "danger"
    assert len(stamp().digest) == 64
