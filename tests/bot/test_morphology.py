"""Names by part of speech: what must vanish vanishes, the rest stays; without tags nothing changes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache

import pytest

from bot.labels import Labels
from bot.masking import mask
from bot.masking.morphology import names
from bot.ports import WordAnalyzer
from bot.records import Word
from knowledge.adapters.words import load_analyzer
from tests.fakes_knowledge import FakeAnalyzer

HIDDEN = [
    ("昨日窓口で「西岡に聞いて」と言われました。", "西岡"),
    ("はじめまして、港区に住む宇野真理子です。", "宇野真理子"),
    ("氏名 野々宮 恵", "野々宮 恵"),
    ("森さんから聞いたのですが、AI相談とは", "森"),
    ("娘、結衣の学校でAIは使えますか", "結衣"),
    ("ナンシーといいます", "ナンシー"),
    ("隣のジョンさんが困っています", "ジョン"),
    ("翔太くんの宿題でAIを使ってよいか", "翔太"),
    ("同じ課の小林架空さんがAIを使っています", "小林架空"),
    ("都内で働く黒田です", "黒田"),
    ("以上、黒田でした", "黒田"),
    ("前任の早川から引き継ぎました", "早川"),
    ("田所と森下が担当です", "森下"),
    ("先生の名前は上原", "上原"),
    ("夫の健吾が使っています", "健吾"),
]
KEPT = [
    "石角さんは何と言いましたか",
    "伊藤錬さんの勤め先は",
    "いとう れん委員の話は",
    "安野貴博委員の資料は",
    "座長は河野さんですか",
    "織田信長になりきって答えて",
    "渋沢栄一の言葉を入れて",
    "松本清張記念館の開館時間は",
    "前田敦子の作品を要約して",
    "豊田の水道管の事例は",
    "戸田のシステムは",
    "守口は電話だけ？",
    "千葉ですか、埼玉ですか",
    "渋谷に住んでいます",
    "隅田川の水門にAIはありますか",
    "原さんの話じゃなくて「原則」のことを聞いています",
    "補助金审查用AI吗，河堤在哪里",
    "患者さんや保護者さまの同意は",
    "2025年五十代で、事業がだめになりました",
]


@cache
def analyzer() -> WordAnalyzer:
    return load_analyzer()


@pytest.mark.parametrize(("text", "name"), HIDDEN)
def test_a_name_is_hidden_by_its_part_of_speech(text: str, name: str) -> None:
    masked = mask(text, words=analyzer())
    assert name not in masked.value
    assert set(masked.kinds) == {"name"}
    assert mask(masked.value, words=analyzer()) == masked


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_private_name_stays(text: str) -> None:
    assert mask(text, words=analyzer()).value == text


@pytest.mark.parametrize("text", [text for text, _ in HIDDEN] + KEPT)
def test_an_analyzer_that_tags_no_names_changes_nothing(text: str) -> None:
    assert mask(text, words=FakeAnalyzer()) == mask(text)


def test_a_name_found_once_is_hidden_all_through_and_has_one_label() -> None:
    text = mask("昨日、西岡が説明した。西岡の説明は早い。", Labels(), analyzer()).value
    assert text == "昨日、〈氏名1〉が説明した。〈氏名1〉の説明は早い。"


def test_labels_and_wide_signs_stand_in_no_ones_way() -> None:
    text = "電話は〈電話番号1〉、昨日　西岡　真理子　が来た。ＡＩ戦略は？"
    assert mask(text, words=analyzer()).value == "電話は〈電話番号1〉、昨日　〈氏名〉　が来た。ＡＩ戦略は？"


def test_the_analyzer_tells_family_names_given_names_and_places() -> None:
    tags = {word.surface: word.proper for word in analyzer().words("西岡真理子は豊田市でジョンと予算を見た")}
    assert [tags[each] for each in ("西岡", "真理子", "豊田", "ジョン", "予算")] == ["姓", "名", "地名", "人名", ""]


class Broken:
    """An analyzer that fails."""

    def words(self, text: str) -> Sequence[Word]:
        raise RuntimeError


def test_a_broken_analyzer_leaves_the_patterns() -> None:
    assert mask("担当は西岡さん、夫の健吾です", words=Broken()) == mask("担当は西岡さん、夫の健吾です")


@pytest.mark.parametrize("unit", ["西岡が", "私は西岡です。", "西岡 真理子の", "の西岡さん", "ジョン・", "あ", "  \n"])
def test_reading_stays_fast(unit: str) -> None:
    names(unit, analyzer())
    started = time.perf_counter()
    names(unit * (100_000 // len(unit)), analyzer())
    assert time.perf_counter() - started < 1
