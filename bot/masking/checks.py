"""Whether a number or a word is what its shape suggests. Each check reads the match of its recogniser."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources

Check = Callable[[re.Match[str]], bool]

_COUNTER = re.compile(
    r"\s?(?:円|件|人|名|億|万|千|兆|%|年|月|日|時|分|秒|箇?所|か所|校|回|個|台|本|冊|社|歳|倍|割|点|位|章|節|項|条|版|案|字|文字|ページ|頁"
    r"|㎞|km|kg|m\b|事業|種類|メートル|ドル|yen|people|cases|pages|元|个|個|명|건|개|엔|원)"
)
_DATE = re.compile(r"(?:19|20)\d\d[-./\s]?(?:0?[1-9]|1[0-2])[-./\s]?(?:0?[1-9]|[12]\d|3[01])(?!\d)")
_NOT_A_TOWN = re.compile(
    r"資料|会議|段階|議題|[章節回項図表頁第案版例]|ページ|委員|スライド|戦略|予算|年度|令和|平成|昭和|約|計|平日|時間|営業|割合|比率|区市町村"
)
_NOT_A_MUNICIPALITY = re.compile(r"(?:都市|区市町村|市区町村|市町村|地区|学区|各[市区町村]|全[市区町村])$")
_PERSON_STOPS = re.compile(
    r"何|誰|必須|不要|公開|匿名|秘密|任意|本名|仮名|実名|委員|知事|大臣|職員|市民|都民|区民|住民|国民|会社員|学生|主婦|公務員"
    r"|反対|賛成|株式|会社|協会|大学|学校|[課部局庁省市区町村県都]$|窓口|担当|係$|戦略|日本人|外国人|東京|言$"
)


def digits_of(text: str) -> str:
    """The ASCII digits of a stretch of shadow text (a letter O standing for zero counts)."""
    return "".join("0" if letter in "oO" else letter for letter in text if letter.isdigit() or letter in "oO")


def it(match: re.Match[str]) -> str:
    """The part of a match that is the identifier itself."""
    return match.group("it")


def _counted(match: re.Match[str]) -> bool:
    """Whether a unit or counter follows: then it is a figure."""
    return bool(_COUNTER.match(match.string, match.end("it")))


def my_number(match: re.Match[str]) -> bool:
    """Check digit of the 12-digit Individual Number (平成26年総務省令第85号 第5条: weights 2-7 and 2-6, modulus 11)."""
    digits = [int(digit) for digit in digits_of(it(match))]
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    total = sum(digit * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:11]), start=1))
    rest = total % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest) and not _counted(match)


def luhn(match: re.Match[str]) -> bool:
    """Check digit of payment card numbers (ISO/IEC 7812-1 annex B)."""
    digits = [int(digit) for digit in digits_of(it(match))]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = (digit if n % 2 == 0 else digit * 2 - 9 * (digit > 4) for n, digit in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0 and not _counted(match)


def digit_count(least: int, most: int) -> Check:
    """A check for so many digits that are neither a figure with its unit nor a date."""

    def check(match: re.Match[str]) -> bool:
        text = it(match)
        if not least <= len(digits_of(text)) <= most or _counted(match):
            return False
        return not _DATE.match(text)

    return check


def domestic_phone(match: re.Match[str]) -> bool:
    """Japanese numbering plan: 11 digits for 0A0, ten for the rest (11 are let through for 0800)."""
    digits = digits_of(it(match))
    return len(digits) in {10, 11} and digits[1] != "0" and not _counted(match)


def kana_digits(match: re.Match[str]) -> bool:
    """Nine digits or more spelled in kana, most of them unmistakable (に, し, ご and く alone are also particles)."""
    units = [unit for unit in KANA_DIGIT.findall(it(match)) if not unit.isdigit()]
    return len(units) >= 6 and sum(len(unit) >= 2 for unit in units) >= 4


# Digits as they are read aloud, in either kana, and figures between them.
KANA_DIGIT = re.compile(
    r"[ぜゼ][ろロ]|[れレ][いイ]|[まマ][るル]|[いイ][ちチ]|[にニ][いイいーー]?(?![ちチ])|[にニ]|[さサ][んン]|[よヨ][んン]|[よヨ][ーー]"
    r"|[しシ][ちチ]|[しシ]|[ごゴ][おオうウーー]?|[ろロ][くクッ]|[なナ][なナ]|[はハ][ちチ]|[きキ][ゅュ][うウーー]?|[くク]|\d"
)


def street(match: re.Match[str]) -> bool:
    """A town and numbers after a municipality; not a section of a document, not a range of years or figures."""
    if match["town"] is not None and _NOT_A_TOWN.search(match["town"]):
        return False
    if match["place"] is not None and _NOT_A_MUNICIPALITY.search(match["place"]):
        return False
    return not _counted(match) and not re.search(r"(?<!\d)(?:19|20)\d\d[-~](?:19|20)?\d\d(?!\d)", it(match))


def postal(match: re.Match[str]) -> bool:
    return not _counted(match)


def person(match: re.Match[str]) -> bool:
    """A name someone gives as their own where the sentence leaves no doubt."""
    return not _PERSON_STOPS.search(it(match))


def known_person(match: re.Match[str]) -> bool:
    """A name that begins with one of the common family names, where the sentence alone would leave doubt."""
    name = re.sub(r"\s", "", it(match))
    return person(match) and any(name[:length] in surnames() for length in (1, 2, 3))


@cache
def surnames() -> frozenset[str]:
    """Common family names, one a line in surnames.txt."""
    return frozenset(resources.files("bot.masking").joinpath("surnames.txt").read_text(encoding="utf-8").split())
