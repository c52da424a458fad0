"""Case numbers: random enough, read aloud, typed as people type, never taken for another or for a receipt."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.codes import as_receipt_code, fresh_receipt_code
from bot.case_numbers import as_number, digest, fresh_number, spoken
from bot.masking import mask

ALPHABET = "0123456789FHKMPRWXY"
GROUPED = re.compile(r"[0-9FHKMPRWXY]{4}(?:-[0-9FHKMPRWXY]{4}){4}")
SAMPLES = [fresh_number() for _ in range(200)]

numbers = st.builds(fresh_number)


def test_a_fresh_number_is_its_own_reading() -> None:
    assert all(GROUPED.fullmatch(number) and as_number(number) == number for number in SAMPLES)
    assert len(set(SAMPLES)) == len(SAMPLES)


def test_eighty_random_bits() -> None:
    assert math.log2(len(ALPHABET)) * 19 >= 80
    told = {symbol for number in SAMPLES for symbol in number.replace("-", "")[:19]}
    assert told == set(ALPHABET)


def test_every_wrong_symbol_is_caught() -> None:
    tried = caught = 0
    for number in SAMPLES:
        symbols = number.replace("-", "")
        for position, symbol in itertools.product(range(20), ALPHABET):
            if symbol != symbols[position]:
                tried += 1
                caught += as_number(symbols[:position] + symbol + symbols[position + 1 :]) is None
    assert caught == tried == 200 * 20 * 18


def test_every_two_neighbours_exchanged_are_caught() -> None:
    for number in SAMPLES:
        symbols = number.replace("-", "")
        for at in range(19):
            one, other = symbols[at : at + 2]
            if one != other:
                assert as_number(symbols[:at] + other + one + symbols[at + 2 :]) is None, (number, at)


def test_a_symbol_more_or_less_is_caught() -> None:
    for number in SAMPLES[:20]:
        assert as_number(number[:-1]) is None
        assert all(as_number(number + symbol) is None for symbol in ALPHABET)


@given(numbers, st.data())
def test_typed_as_people_type(number: str, data: st.DataObject) -> None:
    separator = data.draw(
        st.sampled_from(["", " ", "-", "–", "—", "−", "‐", "ー", "－", "ｰ", "_", "・", ".", "\u3000", " - "])
    )
    typed = number.replace("-", separator)
    if data.draw(st.booleans()):
        typed = typed.lower()
    if data.draw(st.booleans()):
        typed = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in typed)
    assert as_number(f"  {typed}\n") == number


@pytest.mark.parametrize(
    ("meant", "typed"),
    ["0O", "0D", "1I", "1L", "2Z", "5S", "6G", "8B", "9Q", "MN", "KA", "KJ", "PT", "PC", "PE", "PV"],
)
def test_what_is_misread_or_misheard_is_read_as_meant(meant: str, typed: str) -> None:
    number = next(each for each in iter(fresh_number, "") if meant in each)
    assert as_number(number.replace(meant, typed)) == number
    assert as_number(number.replace(meant, typed.lower())) == number


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    found = as_number(typed)
    assert found is None or (GROUPED.fullmatch(found) and as_number(found) == found)


@pytest.mark.parametrize("typed", ["", "-", "受付番号", "U" * 20, "9" * 5_000, "①" * 20, "١" * 20, "½" * 20])
def test_what_cannot_be_a_number(typed: str) -> None:
    assert as_number(typed) is None


def test_receipts_and_case_numbers_are_never_mixed_up() -> None:
    assert all(as_receipt_code(number) is None for number in SAMPLES)
    assert all(as_number(fresh_receipt_code()) is None for _ in range(200))


def test_the_digest_is_one_for_a_number_and_tells_nothing() -> None:
    number = SAMPLES[0]
    assert digest(number) == digest(number.replace("-", ""))
    assert len({digest(each) for each in SAMPLES}) == len(SAMPLES)
    assert len(digest(number)) == 32


def test_read_aloud() -> None:
    assert spoken("0123-4567-89FH-KMPR-WXY0") == (
        "ゼロ いち に さん、よん ご ろく なな、はち きゅう エフ エイチ、"
        "ケー エム ピー アール、ダブリュー エックス ワイ ゼロ"
    )
    assert len(set(spoken(ALPHABET).split())) == len(ALPHABET)


FRAMES = (
    "{}", "受付番号は{}です", "さっきの件（{}）はどうなりましたか？", "{}の回答をください。", "case {} please",
    "번호는 {}입니다", "号码是{}，请查询", "my number: {}.", "電話で{}と言われました",
)  # fmt: skip


@given(numbers, st.sampled_from(FRAMES), st.sampled_from(["-", "", " ", "ー", "－", "\u3000", "–"]))
def test_a_case_number_in_ordinary_text_is_masked(number: str, frame: str, separator: str) -> None:
    typed = number.replace("-", separator)
    for spelled in (typed, typed.lower()):
        masked = mask(frame.format(spelled))
        assert set(masked.kinds) == {"reference"}
        assert not any(group in masked.value.upper() for group in number.split("-")), masked.value
        assert masked.value.startswith(frame.partition("{}")[0])
        assert masked.value.endswith(frame.partition("{}")[2])
        assert mask(masked.value) == masked


def test_a_mistyped_number_and_a_receipt_are_masked_too() -> None:
    for code in (
        "7K3M-H9X0-0F2R-WP5Y-M41K",
        "7K3M-H9X-0F2R-WP5Y-M41K",
        "7K3M-Q9XD-0F2R-WT5A",
        "7k3m ー q9xd ー 0f2r ー wt5a",
    ):
        assert "reference" in mask(f"番号は{code}でした").kinds, code
        assert "7" not in mask(f"番号は{code}でした").value


@pytest.mark.parametrize(
    "text",
    [
        "this-page-has-2024-data を見ました", "CC-BY-4-0 の資料", "AI-2030-plan-v2 とは", "open-data-2025-tokyo-list",
        "this that have been with from", "2024 2025 2026 2027 2028 年度", "550e8400-e29b-41d4-a716-446655440000",
        "sha256-of-the-file-is-here", "FY24 から FY28 まで", "GPT4 GPT5 R1 の違い",
    ],
)  # fmt: skip
def test_words_and_figures_joined_by_hyphens_stay(text: str) -> None:
    assert mask(text).value == text
