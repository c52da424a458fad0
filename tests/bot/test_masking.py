"""Masking: what must vanish vanishes, what must stay stays, at any length."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.labels import LABEL, WORDS
from bot.masking import mask, stamp
from bot.masking.recognisers import RECOGNISERS

GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "golden" / "masking.jsonl").read_text(encoding="utf-8").splitlines()
]
EXAMPLES = [
    tuple(line.replace("\\n", "\n").split("\t"))
    for line in Path(__file__).with_name("masking_examples.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
ROOT = Path(__file__).parents[2]

# Japanese without digits, as it stands around an identifier.
CONTEXT = st.sampled_from(
    [
        "",
        "あの、",
        "これは",
        "に連絡してください",
        "です。AI戦略はいつできますか",
        "（夜間のみ）",
        " と書きました",
        "\n",
        "「",
        "」",
    ]
)
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


def my_number(digits: list[int]) -> str:
    total = sum(digit * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits), start=1))
    rest = total % 11
    return "".join(map(str, digits)) + str(0 if rest <= 1 else 11 - rest)


def card(digits: list[int]) -> str:
    body = [4, *digits]
    total = sum(digit if n % 2 else digit * 2 - 9 * (digit > 4) for n, digit in enumerate(reversed(body)))
    return "".join(map(str, body)) + str(-total % 10)


def grouped(number: str, sizes: tuple[int, ...], separator: str) -> str:
    parts, position = [], 0
    for size in sizes:
        parts.append(number[position : position + size])
        position += size
    return separator.join(parts)


DIGIT = st.integers(0, 9)
SEPARATOR = st.sampled_from(
    ["", "-", " ", "　", "－", "‐", "ー", "/", "、", ", ", "〜", "~", "=", ":", "*", " - ", "・"]
)


def test_golden_set() -> None:
    hidden = [(row["id"], one) for row in GOLDEN for one in row["hidden"]]
    leaks = [(row["id"], one) for row in GOLDEN for one in row["hidden"] if one in mask(row["text"]).value]
    lost = [(row["id"], one) for row in GOLDEN for one in row["kept"] if one not in mask(row["text"]).value]
    harmed = [row["id"] for row in GOLDEN if not row["hidden"] and mask(row["text"]).value != row["text"]]
    assert len(hidden) == 87
    assert len(leaks) / len(hidden) <= 0.05, leaks
    assert (lost, harmed) == ([], [])


def test_examples_that_must_vanish() -> None:
    told = [(text, secret) for secret, text in EXAMPLES if secret != "-"]
    assert len(told) >= 85
    assert [(text, mask(text).value) for text, secret in told if secret in mask(text).value] == []


def test_examples_that_must_stay() -> None:
    plain = [text for secret, text in EXAMPLES if secret == "-"]
    assert len(plain) >= 40
    assert [(text, mask(text).value) for text in plain if mask(text).value != text] == []


def test_nothing_that_the_project_itself_says_or_asks_is_taken_for_personal_data() -> None:
    lines = {
        line
        for file in (ROOT / "knowledge" / "corpus").rglob("*.md")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    for file in (ROOT / "tests" / "golden").glob("*.jsonl"):
        if not file.name.startswith("masking"):
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            lines |= {row["question"] for row in rows if "question" in row} | {
                turn["content"] for row in rows for turn in row.get("history", ())
            }
    harmed = [line for line in lines if mask(line).value != unicodedata.normalize("NFC", line)]
    assert len(lines) > 10_000
    assert harmed == []


@pytest.mark.parametrize("after", ["日中", "本人", "名義", "年齢", "人", "円", "社員", "\n名前", " 時間", "月曜"])
@pytest.mark.parametrize(
    "told",
    [
        "090-1234-5678",
        "09012345678",
        "1234-5678-9018",
        "4111 1111 1111 1111",
        "マイナンバー 123456789018",
        "年金番号 1234-567890",
        "〒163-8001",
        "新宿区西新宿2-8-1 ",
    ],
)
def test_what_follows_a_number_does_not_uncover_it(told: str, after: str) -> None:
    number = re.sub(r"^\D+", "", told).strip()
    assert number not in mask(told + after).value


@pytest.mark.parametrize("said", ["死にたい", "殺す", "胸が痛い", "薬を飲んだ", "首を吊る", "説明責任が可能だ"])
@pytest.mark.parametrize("verb", ["と言います", "といいます", "っていいます"])
@pytest.mark.parametrize("who", ["娘は", "夫は", "委員は", "母が、"])
def test_what_somebody_says_is_no_name(who: str, said: str, verb: str) -> None:
    assert mask(who + said + verb).value == who + said + verb


@pytest.mark.parametrize(
    ("text", "expected", "kinds"),
    [
        (
            "私は山田花子、文京区本郷9-99-9に住んでいます。",
            "私は〈氏名〉、文京区〈住所〉に住んでいます。",
            ("name", "address"),
        ),
        ("電話は０９０－１２３４－５６７８です", "電話は〈電話番号〉です", ("phone",)),
        (
            "ぜろきゅうぜろの いちにいさんよん の ごおろくななはち に でんわ ください",
            "〈電話番号〉 に でんわ ください",
            ("phone",),
        ),
        ("鈴木一郎と申します。", "〈氏名〉と申します。", ("name",)),
        ("名前は高橋ゆきです", "名前は〈氏名〉です", ("name",)),
        ("My name is Hanako Yamada and I live here", "My name is 〈氏名〉 and I live here", ("name",)),
        ("我叫王小明，请问", "我叫〈氏名〉，请问", ("name",)),
        ("제 이름은 김철수입니다", "제 이름은 〈氏名〉입니다", ("name",)),
        ("マイナンバーは123456789012だけど", "マイナンバーは〈マイナンバー〉だけど", ("my_number",)),
        ("2025 1234 5678 9018", "2025 〈マイナンバー〉", ("my_number",)),
    ],
)
def test_examples(text: str, expected: str, kinds: tuple[str, ...]) -> None:
    assert (mask(text).value, mask(text).kinds) == (expected, kinds)


@pytest.mark.parametrize(
    "text",
    [
        "1,234,567円と12,000件、28.3万時間",
        "令和7年法律第53号、2025-07-25、10:00-17:00",
        "3-④と2-3の節、守口市の2-3章、13-15ページ",
        "714件・564件、10時から17時、100-2025件、5-1=4",
        "https://laws.e-gov.go.jp/law/507AC0000000053",
        "石角友愛、伊藤錬、江間有沙の各委員と小池知事",
        "私は職員です。私は伊藤錬委員の意見に賛成です",
        "戦略の名前は何ですか。名前は公開されますか",
        "東京都AI戦略と申しますか",
        "守口市、八丈島、文京区、守山市",
        "資料2-1-1、図3-1-2、段階2-3-4、事例3-1-2",
        "二〇二五年七月二十五日、第二十三条第一項",
        "イベントは1-2-3の順、葛城市では12-15時",
        "4111111111111111円と123456789018円",
    ],
)
def test_figures_and_public_names_stay(text: str) -> None:
    assert mask(text).value == text


def test_control_and_invisible_characters_go() -> None:
    assert mask("あ\x00い\u200bう\ud800え\u202eお\r\nか").value == "あいうえお\nか"
    assert mask("090\u200b-1234-\u20605678").value == "〈電話番号〉"


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    once = mask(text)
    assert mask(once.value).value == once.value
    assert len(once.kinds) == len(LABEL.findall(once.value))


@given(st.text(alphabet="0123456789-の 市区町〒＋+８1丁目号番地()@.aZ〇九カードは電話山田私、〈〉", max_size=120))
@settings(max_examples=400, deadline=None)
def test_masking_twice_changes_nothing_on_number_soup(text: str) -> None:
    once = mask(text).value
    assert mask(once).value == once


@given(CONTEXT, CONTEXT, st.lists(DIGIT, min_size=8, max_size=8), SEPARATOR, st.booleans())
@settings(max_examples=150, deadline=None)
def test_mobile_numbers_vanish(before: str, after: str, digits: list[int], separator: str, wide: bool) -> None:
    number = grouped("090" + "".join(map(str, digits)), (3, 4, 4), separator)
    number = number.translate(WIDE) if wide else number
    found = mask(before + number + after)
    assert number not in found.value
    assert "phone" in found.kinds


@given(CONTEXT, CONTEXT, st.lists(DIGIT, min_size=11, max_size=11), SEPARATOR, st.booleans())
@settings(max_examples=150, deadline=None)
def test_my_numbers_vanish(before: str, after: str, digits: list[int], separator: str, wide: bool) -> None:
    if len(set(digits)) == 1:
        return
    number = grouped(my_number(digits), (4, 4, 4), separator)
    number = number.translate(WIDE) if wide else number
    assert number not in mask(before + number + after).value


@given(CONTEXT, CONTEXT, st.lists(DIGIT, min_size=14, max_size=14), SEPARATOR, st.booleans())
@settings(max_examples=150, deadline=None)
def test_cards_vanish(before: str, after: str, digits: list[int], separator: str, wide: bool) -> None:
    number = grouped(card(digits), (4, 4, 4, 4), separator)
    number = number.translate(WIDE) if wide else number
    assert number not in mask(before + number + after).value


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1 ",
        "に、",
        "ごー",
        "ビル",
        "0 9",
        "a at a dot ",
        "090-",
        "市",
        "一",
        "丁目",
        "a@",
        "に",
        "090-1234-5678 ",
        "文京区本郷1-2-3、",
    ],
)
def test_time_grows_with_length_alone(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * size)[:size]
        start = time.perf_counter()
        mask(text)
        return time.perf_counter() - start

    small = min(seconds(2_000) for _ in range(3))
    assert seconds(32_000) / small < 16 * 5


def test_a_long_text_is_cut() -> None:
    assert len(mask("あ" * 200_000).value) == 100_000


def test_text_stays_as_typed() -> None:
    text = "職員主体は31％、機械：人間＝７：３、84.4㎞、ｶﾅ"
    assert mask(text).value == unicodedata.normalize("NFC", text)


def test_every_kind_has_one_label() -> None:
    assert {one.kind for one in RECOGNISERS} == set(WORDS)
    assert len(set(WORDS.values())) == len(WORDS)


def test_stamp() -> None:
    assert stamp() == stamp()
    assert stamp().name == "masking"
    assert len(stamp().digest) == 64
