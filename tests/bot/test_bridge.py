"""Bridging foreign questions to the words of the notes: longest first, each stretch once, what no entry covers."""

from __future__ import annotations

import tomllib
from hashlib import sha256
from importlib import resources

import pytest

from bot.bridge import bridged, groups, stamp, unknown
from bot.records import Language
from bot.text import fold

EN, ZH, KO = Language.EN, Language.ZH, Language.KO


@pytest.fixture(scope="module")
def raw() -> bytes:
    return resources.files("bot").joinpath("glossary.toml").read_bytes()


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Which company won the contract?", EN, {"会社", "落札", "契約"}),
        ("Did the subsidies get reviewed by ministries?", EN, {"補助金", "審査", "省庁"}),
        ("How does the water-gate AI work?", EN, {"水門"}),
        ("Is the taxi on Hachijojima free of charge?", EN, {"無料", "タクシー", "八丈島"}),
        ("Tokyo's AI strategy", EN, {"ai戦略"}),
        ("秩父市的拥堵减少了多少？", ZH, {"秩父市", "混雑", "減少"}),
        ("都立圖書館的開放時間？", ZH, {"都立図書館", "開館時間"}),
        ("補助金審查的準確率是多少？", ZH, {"補助金審査", "精度"}),
        ("八丈岛的出租车要钱吗？", ZH, {"八丈島", "タクシー", "有料"}),
        ("지자체에서 음성인식 AI를 도입한 건수는?", KO, {"自治体", "音声認識", "導入", "件数"}),
        ("이용자수는 몇 명인가요?", KO, {"利用者数", "人数"}),
        ("색은 무엇인가요?", KO, {"色"}),
        ("UPGRADE with TOKYO란 무엇인가요?", KO, {"upgradewithtokyo"}),
        ("AI ChatShelf是什么？", ZH, {"aichatshelf"}),
    ],
)
def test_says_it_in_the_words_of_the_notes(text: str, language: Language, expected: set[str]) -> None:
    assert expected <= set(bridged(text, language))


def test_longest_entry_is_taken_and_its_stretch_is_used_once() -> None:
    said = bridged("metropolitan library", EN)
    assert said == ("都立図書館",)
    assert bridged("都立图书馆", ZH) == ("都立図書館",)


def test_order_of_the_text_without_repeats() -> None:
    assert bridged("blue, yellow, red and blue again", EN) == ("青", "黄", "赤")
    assert bridged("红色、蓝色和红色", ZH) == ("赤", "青")


def test_alternatives_stay_together() -> None:
    assert groups("camera costs", EN)[0][0] == "aiカメラ"
    assert len(groups("camera costs", EN)) == 2


@pytest.mark.parametrize(
    ("text", "language", "rejected"),
    [
        ("Which tools are used?", EN, "アメリカ"),
        ("Who uses it?", EN, "アメリカ"),
        ("目的是什么？", ZH, "色"),
        ("지금까지의 법안은?", KO, "法律"),
    ],
)
def test_no_word_is_cut_out_of_another(text: str, language: Language, rejected: str) -> None:
    assert rejected not in bridged(text, language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Is a zeppelin available in 2025?", EN, ("zeppelin",)),
        ("What is the purpose of the strategy?", EN, ()),
        ("八丈岛的龙卷风怎么样？", ZH, ("龙卷风",)),
        ("第三次会议谁缺席？", ZH, ()),
        ("하치조지마의 펭귄은 몇 마리인가요?", KO, ("펭귄", "마리")),
        ("도립학교에서 생성형 AI를 어떻게 쓰나요?", KO, ()),
    ],
)
def test_names_what_no_entry_covers(text: str, language: Language, expected: tuple[str, ...]) -> None:
    assert unknown(text, language) == expected


def test_quoted_japanese_is_left_to_the_analyzer() -> None:
    assert unknown('"所蔵資料紹介型AIチャットボット"是什么？', ZH) == ()


@pytest.mark.parametrize("language", [Language.JA, Language.JA_EASY])
def test_japanese_needs_no_bridge(language: Language) -> None:
    assert bridged("料金はいくらですか fee", language) == ()
    assert unknown("料金はいくらですか fee", language) == ()


@pytest.mark.parametrize("text", ["", "   ", "???", "😀", "a" * 5000, "가" * 3000, "的" * 3000])
@pytest.mark.parametrize("language", list(Language))
def test_any_text_is_read(text: str, language: Language) -> None:
    assert isinstance(bridged(text, language), tuple)
    assert isinstance(unknown(text, language), tuple)


@pytest.mark.parametrize("table", ["en", "zh", "ko"])
def test_keys_are_folded_and_values_written(table: str, raw: bytes) -> None:
    data = tomllib.loads(raw.decode("utf-8"))
    signs = str.maketrans("".join(data["signs"]["from"].split()), "".join(data["signs"]["to"].split()))
    entries = data[table]
    assert len(entries) > 350
    for key, words in entries.items():
        assert key == fold(key), key
        assert all(word.strip() == word and word for word in words), key
        if table == "zh":
            assert key == key.translate(signs), key
    assert not set(data["stop"][table].split()) & set(entries)


def test_stamp_is_the_digest_of_the_file(raw: bytes) -> None:
    assert stamp().name == "glossary"
    assert stamp().digest == sha256(raw).hexdigest()
