"""Whether a number or a word is what its shape suggests. Each check reads the match of its recogniser."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.masking import spoken

Check = Callable[[re.Match[str]], bool]

# What makes a figure of a number right before it: units and counters, unless they begin another word (日中, 本人).
UNIT = (
    r"(?:円|件|人(?![間物名事])|名(?![前義字称刺])|億|万|千|兆|%|年(?![齢金収配])|月(?![曜給])|日"
    r"(?![本中時程曜])|時(?!間帯|刻)"
    r"|分|秒|箇?所(?![属在得])|か所|校(?!長)|回(?![答線])|個(?!人)|台(?!所)|本(?![人名籍日当社])|冊|社"
    r"(?![員名会])|歳|倍|割|点|位(?!置)"
    r"|章|節|項|条|版|案(?!内)|字|文字|ページ|頁|㎞|km|kg|m\b|事業|種類|メートル|ドル|yen|people|cases|pages"
    r"|元(?![気職])|명|건|개|엔|원)"
)
_COUNTER = re.compile(UNIT)
_AMOUNT = re.compile(r"円|件|万|億|兆|%|回(?![答線])|箇?所(?![属在得])|か所|ドル|yen|cases|元(?![気職])|건|엔|원")
_COUNTED_GROUP = re.compile(rf"\d\s?{UNIT}")
_DATE = re.compile(r"(?:19|20)\d\d[-./\s]?(?:0?[1-9]|1[0-2])[-./\s]?(?:0?[1-9]|[12]\d|3[01])(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST_AMOUNT = 9  # digits
_GROUP = re.compile(r"\d+")
_NOT_A_TOWN = re.compile(
    r"点$|事項|項目|課題|資料|会議|段階|議題|[章節回項図表頁第案版例数約計]|ページ|委員|スライド|戦略|予算"
    r"|年度|令和|平成|昭和|平日|時間|営業|割合|比率"
    r"|区市町村|人口|事業|利用|平均|最大|最小|全体|合計|全国|職員|住民|前年|番号|電話|相談|以[上下内外]|およそ"
    r"|歳|上位|役[所場]|議会"
)
_SEAT = re.compile(r"(?<!\d)(?:2\s?(?:-|丁目)\s?8\s?(?:-|番地?)\s?1(?:号)?|163-?8001)(?!\d)")
_SEAT_NAMED = re.compile(
    r"都庁|都厅|都廳|都政府|도청|도쿄도|とちょう|東京都の|本庁舎|government|\btocho\b|\btmg\b|city hall"
    r"|展示|パネル|ロビー|printed|slides|leaflet|brochure|which floor|何階",
    re.IGNORECASE,
)
_OFFICE = (
    r"(?:都庁|[都道府県]庁|[総財法外環防農文厚経国金警検特消気海林][一-鿿]{0,4}[省庁]|デジタル庁"
    r"|こども家庭庁|内閣府|[市区]役所|[町村]役場|消防庁|警視庁|警察庁|図書館|美術館|博物館|体育館|公民館"
    r"|市民会館|区民会館|文化会館"
    r"|ビッグサイト|国際フォーラム|保健所|消防署|警察署|税務署|出張所|庁舎)"
)
_OFFICE_BEFORE = re.compile(
    rf"{_OFFICE}(?:の(?:住所|所在地|場所|郵便番号|(?:代表)?電話(?:番号)?|代表(?:番号)?|番号)?)?(?:は|が|って|の|:"
    r"|\(|（)?\s?〒?"
    r"(?:[一-鿿]{2,3}[都道府県])?(?:[一-鿿]{1,5}[市区町村])?[一-鿿]{0,4}\s?$"
)
_OFFICE_AFTER = re.compile(
    rf"\s?(?:は|が|って)?\s?[（(]?[一-鿿]{{0,4}}{_OFFICE}"
    r"(?:[）)]|の(?:住所|所在地|場所|郵便番号|(?:代表)?電話(?:番号)?|代表|番号)|の庁舎|ですか|でしょうか|か(?:[?？。]"
    r"|$)|[?？])"
)
_NOT_A_MUNICIPALITY = re.compile(r"(?:都市|区市町村|市区町村|市町村|地区|学区|各[市区町村]|全[市区町村]|町村)$")


def digits_of(text: str) -> str:
    """The ASCII digits of a stretch of shadow text (a letter O standing for zero counts)."""
    return "".join("0" if letter in "oO" else letter for letter in text if letter.isdigit() or letter in "oO")


def it(match: re.Match[str]) -> str:
    """The part of a match that is the identifier itself."""
    return match.group("it")


def _figure(match: re.Match[str]) -> bool:
    """Whether a unit stands right behind one unbroken run of digits: nobody counts in groups of four."""
    return it(match).isdigit() and _counted(match)


def _counted(match: re.Match[str]) -> bool:
    return bool(_COUNTER.match(match.string, match.end("it")))


def _of_years(text: str) -> bool:
    """Whether it is rather a list of years, one after the other."""
    groups = _GROUP.findall(text)
    return len(groups) >= 2 and groups == sorted(set(groups)) and all(map(_YEAR.fullmatch, groups))


def my_number(match: re.Match[str]) -> bool:
    """Check digit of the 12-digit Individual Number (平成26年総務省令第85号 第5条: weights 2-7 and 2-6, modulus 11)."""
    digits = [int(digit) for digit in digits_of(it(match))]
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    total = sum(digit * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits[:11]), start=1))
    rest = total % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest) and not _figure(match) and not _of_years(it(match))


def luhn(match: re.Match[str]) -> bool:
    """Check digit of payment card numbers (ISO/IEC 7812-1 annex B); a list of round figures is no card."""
    digits = [int(digit) for digit in digits_of(it(match))]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = (digit if n % 2 == 0 else digit * 2 - 9 * (digit > 4) for n, digit in enumerate(reversed(digits)))
    round_figures = sum(group.endswith("00") for group in _GROUP.findall(it(match))) >= 3
    return sum(doubled) % 10 == 0 and not _figure(match) and not _of_years(it(match)) and not round_figures


def digit_count(least: int, most: int) -> Check:
    """A check for so many digits behind their own name: no date, no list of years, no bare amount (口座に100000円)."""

    def check(match: re.Match[str]) -> bool:
        text = it(match)
        short = text.isdigit() and text[0] != "0" and len(text) <= _LONGEST_AMOUNT
        amount = short and _AMOUNT.match(match.string, match.end("it"))
        if not least <= len(digits_of(text)) <= most or amount:
            return False
        return not _DATE.match(text) and not _of_years(text)

    return check


def pieces(least: int, most: int) -> Check:
    """A check for so many digits told piece by piece with words between; figures have their units there."""

    def check(match: re.Match[str]) -> bool:
        text = it(match)
        if of_an_office(match):
            return False
        right = least <= len(digits_of(text)) <= most
        return right and not _of_years(text) and not _COUNTED_GROUP.search(text) and not _counted(match)

    return check


def insured(match: re.Match[str]) -> bool:
    """The number of an insured person behind the name of the insurance; no figure with its unit."""
    return digit_count(6, 13)(match) and not _figure(match)


def identifier(match: re.Match[str]) -> bool:
    """A number behind its own name that is neither a year nor a figure with its unit."""
    return not _counted(match) and not _YEAR.fullmatch(it(match))


def staff(match: re.Match[str]) -> bool:
    """A number behind a word for staff or students: three digits or more."""
    return len(digits_of(it(match))) >= 3 and identifier(match)


def iban(match: re.Match[str]) -> bool:
    """International bank account number: check digits of ISO 13616 (modulus 97)."""
    text = re.sub(r"\s", "", it(match)).upper()
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def domestic_phone(match: re.Match[str]) -> bool:
    """Japanese numbering plan: 11 digits for 0A0, ten for the rest (11 are let through for 0800).

    What begins with 0 is never a figure; a row of figures counting up from 0 is no number.
    """
    digits = digits_of(it(match))
    groups = _GROUP.findall(it(match))
    numbered = all(len(group) == 2 for group in groups) and sum(group[0] == "0" for group in groups) >= 3  # 01 02 03
    if of_an_office(match):
        return False
    return len(digits) in {10, 11} and digits[1] != "0" and digits not in "01234567890" and not numbered


def told_phone(match: re.Match[str]) -> bool:
    """A number behind a word for telephone; that of a public body stays readable."""
    return digit_count(7, 13)(match) and not of_an_office(match)


def kana_digits(match: re.Match[str]) -> bool:
    """Nine digits or more spelled in kana, most of them unmistakable (に, し, ご and く alone are also particles)."""
    words = [unit for unit in spoken.units(it(match)) if not unit.isdigit() and "ぁ" <= unit[0] <= "ヿ"]
    return len(words) >= 6 and sum(len(unit) >= 2 for unit in words) >= 4


def spelled_phone(match: re.Match[str]) -> bool:
    """A telephone number of which at least one digit is written out."""
    units = spoken.units(it(match))
    digits = "".join(spoken.value(unit) for unit in units)
    written_out = sum(not unit.isdigit() for unit in units)
    return written_out >= 2 and digits[1] != "0" and digits not in "01234567890"


def not_the_seat(match: re.Match[str]) -> bool:
    """Any place but the seat of the metropolitan government, where the text names it: everyone's, nobody's home."""
    return not (_SEAT.search(it(match)) and _SEAT_NAMED.search(match.string)) and not of_an_office(match)


def of_an_office(match: re.Match[str]) -> bool:
    """The address or number of a public body that the same clause names (「都庁の電話は…」「…は都庁の郵便番号」)."""
    before = match.string[max(0, match.start("it") - 24) : match.start("it")]
    after = match.string[match.end("it") : match.end("it") + 20]
    return bool(_OFFICE_BEFORE.search(before) or _OFFICE_AFTER.match(after))


def street(match: re.Match[str]) -> bool:
    """A town and numbers after a municipality; not a section of a document, not a range of years or figures."""
    if match["town"] is not None and _NOT_A_TOWN.search(match["town"]):
        return False
    if match["place"] is not None and _NOT_A_MUNICIPALITY.search(match["place"]):
        return False
    if not not_the_seat(match):
        return False
    return not _counted(match) and not re.search(r"(?<!\d)(?:19|20)\d\d[-~](?:19|20)?\d\d(?!\d)", it(match))


def lot(match: re.Match[str]) -> bool:
    """A town and one bare number after a municipality, which might as well be a year."""
    return street(match) and not _YEAR.search(it(match))


def postal(match: re.Match[str]) -> bool:
    """Seven digits alone may be a range of figures with their unit (100-2025件)."""
    return not _counted(match) and not_the_seat(match)


def flat(match: re.Match[str]) -> bool:
    """A named house with the number of a flat; no plan or business and the year or count of it."""
    text = it(match)
    if re.search(r"計画|事業|構想|管理|経営|制度|戦略|サービス|センター|以上|約$", text) or _NOT_A_TOWN.search(text):
        return False
    return text.endswith(("号", "室")) or not re.search(r"(?<!\d)(?:19|20)\d\d$", text)


def told_home(match: re.Match[str]) -> bool:
    """Where somebody's home stands; not what is asked or done about homes in general."""
    return not re.search(
        r"AI|サービス|都民|手続|申請|何|どこ|誰|質問|相談|使え|できる|(?:あり|あっ|い)ますか$", it(match)
    )
