"""Marks of confidential information: recorded, told, and never on the way out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.answered import Asked
from bot.confidential import Confidential, marks, may_leave, rules_of, sendable
from bot.exchange import answer
from bot.masking import mask
from bot.records import DeskName, Language, Outcome
from tests.fakes_bot import room

ROOT = Path(__file__).parents[2]
MARKED = [
    ("【取扱注意】来年度の組織改正案を要約してください", "classification"),
    ("この資料は部外秘ですが、要点をまとめて", "classification"),
    ("This is confidential. Please summarise the memo", "classification"),
    ("대외비 자료입니다", "classification"),
    ("異動内示の文面を整えて", "personnel"),
    ("懲戒処分案の文章を直して", "personnel"),
    ("予定価格は1億2000万円です。妥当か見て", "tender"),
    ("技術提案の評価点はA社が82点、B社が75点", "tender"),
    ("パスワードはTokyo2025!です", "security"),
    ("ネットワーク構成図を貼ります", "security"),
    ("脆弱性診断の結果を要約して", "security"),
    ("未公表の補助金採択結果を整理して", "unpublished"),
    ("公益通報の内容を整理したい。通報者は", "reporter"),
]
PLAIN = [
    "機密情報を入力してよいか",
    "取扱注意とは",
    "部外秘の文書は生成AIに入力できますか",
    "予定価格の算出にAIを使えますか",
    "パスワードの管理ルールは",
    "脆弱性への対策は",
    "人事評価にAIを使ってよいですか",
    "公表前の資料を入力してよいですか",
    "補助金の採択結果はAIが決めるのですか",
    "機密性2の情報の扱いはどうなっていますか",
    "Can I enter confidential information?",
    "机密信息可以输入吗",
    "기밀 정보를 입력해도 되나요",
    "秘書の仕事を効率化したい",
]


@pytest.mark.parametrize(("text", "kind"), MARKED)
def test_typical_marks_are_seen(text: str, kind: str) -> None:
    assert kind in marks(mask(text))


@pytest.mark.parametrize("text", PLAIN)
def test_questions_about_such_things_carry_none(text: str) -> None:
    assert marks(mask(text)) == ()


@pytest.mark.parametrize(("text", "kind"), MARKED)
def test_marked_text_never_becomes_what_a_model_takes(text: str, kind: str) -> None:
    with pytest.raises(Confidential) as refused:
        sendable(mask(text))
    assert kind in refused.value.marks
    assert text not in str(refused.value)
    assert not may_leave(refused.value.marks)


def test_plain_masked_text_may_leave() -> None:
    assert sendable(mask("電話は090-1234-5678です。予算は？")).value == "電話は〈電話番号〉です。予算は？"


def test_what_a_model_takes_is_made_in_one_place() -> None:
    makers = {
        file.relative_to(ROOT).as_posix()
        for folder in ("bot", "web", "knowledge", "audit", "prompts")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Sendable"
    }
    assert makers == {"bot/confidential.py"}


@pytest.mark.parametrize("language", Language)
def test_the_staff_desk_says_so_first_and_records_the_kinds(language: Language) -> None:
    held = room(name=DeskName.STAFF)
    given = answer(held.desk, Asked("【取扱注意】AI関連予算はいくらですか", language=language))
    notice = held.desk.wording.text("confidential", language)
    assert given.reply.text.startswith(notice + "\n")
    assert held.log.kept[0].entry.meta["confidential"] == ["classification"]
    assert held.log.conversation(given.conversation)[-1].reply == given.reply


def test_the_public_desk_and_plain_questions_get_no_notice() -> None:
    for held, text in (
        (room(), "【取扱注意】AI関連予算はいくらですか"),
        (room(name=DeskName.STAFF), "AI関連予算はいくらですか"),
    ):
        given = answer(held.desk, Asked(text))
        assert held.desk.wording.text("confidential", Language.JA) not in given.reply.text
        assert "confidential" not in held.log.kept[0].entry.meta
    assert rules_of(DeskName.PUBLIC).marks == ()


def test_a_danger_text_stands_alone() -> None:
    given = answer(room(name=DeskName.STAFF).desk, Asked("【取扱注意】もう死にたい"))
    assert given.reply.outcome is Outcome.ESCALATED_DANGER
    assert "機密" not in given.reply.text
