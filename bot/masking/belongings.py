"""Recognisers of what else points to one person: birth dates, plates, network addresses, coordinates, references."""

from __future__ import annotations

import ipaddress
import re

from bot.masking import checks
from bot.masking.shapes import Recogniser, always, recogniser

_TIGHT = r"[^\d\ue000。?!？！\n]{0,10}?"  # between a number's name and the number, within one sentence
_COUNT = r"(?:\d{1,2}|[一二三四五六七八九十元]{1,3})"
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_MONTH_DAY = rf"{_COUNT}\s?[月월]\s?{_COUNT}\s?[日일号]?"
_DATE = (
    rf"(?:(?:(?:19|20)\d\d|[一二〇零九八七六五四三]{{4}})\s?(?:年|년|ねん|[./-])\s?{_COUNT}\s?(?:月|월|がつ"
    rf"|[./-])\s?{_COUNT}\s?(?:[日일号]|にち|か(?![ぁ-ゖ]))?"
    rf"|\d{{2}}\s?년\s?{_COUNT}\s?월\s?{_COUNT}\s?일"
    r"|(?:(?:明治|大正|昭和|平成|令和|めいじ|たいしょう|しょうわ|へいせい|れいわ)\s?|"
    rf"(?<![a-z])[mtshr]\.?\s?){_COUNT}\s?(?:年|ねん|[./-])"
    rf"\s?{_COUNT}\s?(?:月|がつ|[./-])\s?{_COUNT}\s?(?:日|にち)?"
    rf"|{_MONTHS}\s?\d{{1,2}}(?:st|nd|rd|th)?,?\s{{1,2}}(?:19|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTHS},?\s(?:19|20)\d\d"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d{6})(?!\d)"
)
_BIRTH = (
    r"(?:生年月日|誕生日|せいねんがっぴ|たんじょうび|バースデー|出生年月日|出生日期|出生于|出生於|(?<!誕)生日|生于"
    r"|生於|(?<![見])生まれ(?:た日|は)|うまれは"
    r"|date of birth|birth ?da(?:y|te)|\bd\.?o\.?b\b\.?|\b(?:i was|he was|she was|i'm|i am|who was|(?:son"
    r"|daughter|husband|wife|mother|father) was) born|생년월일|생일)"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP_WORD = r"(?:ip|アイピー)\s?(?:アドレス|address|地址|주소|v4|v6)?"
_DEGREES = r"\d{1,3}\s?[度°도]\s?\d{1,2}\s?[分'′분](?:\s?\d{1,2}(?:\.\d{1,4})?\s?(?:秒|\"|″|초|''))?"
_DECIMAL = r"\d{1,3}\.\d{3,12}"
_LATITUDE = r"(?:北緯|北纬|南緯|南纬|북위|緯度|纬度|위도|lat(?:itude)?\.?)"
_LONGITUDE = r"(?:東経|东经|西経|西经|동경|経度|经度|경도|lon(?:g(?:itude)?)?\.?)"
_OF = r"\s?(?:は|が|[:：=]|is|은|는|是)?\s?"
_PLATE_PLACE = r"(?:いわき|つくば|とちぎ|なにわ|[一-鿿々]{1,4})"
_PLATE_END = r"(?:\d{2}\s?-\s?\d{2}|[・.]{1,3}\s?\d{1,3}-?\d{0,2})(?![\d-])"
_PLATE_KANA = r"[あいうえかきくけこさすせそたちつてとなにぬねのはひふほまみむめもやゆよらりるれろわ]"
_PLATE_WORD = (
    r"(?:ナンバー(?:プレート)?|プレート|車両番号|登録番号|愛車|マイカー|私の車|うちの車|车牌(?:号码?)?|車牌"
    r"(?:號碼?)?|차량 ?번호|번호판"
    r"|\b(?:licen[cs]e |number )?plates?)"
)
_REFERENCE_WORD = (
    r"(?:(?:受付|受理|申請|申込み?|申し込み|整理券?|問合せ|問い合わせ|お問合せ|照会|予約|お客様|会員|案件|伝票"
    r"|利用者|患者|診察券)(?:の)?番号"
    r"|うけつけばんごう|しんせいばんごう|せいりばんごう"
    r"|\b(?:application|case|reference|receipt|ticket|booking|customer|member(?:ship)?|inquiry|enquiry)\s?"
    r"(?:number|no\b\.?|id\b|#)"
    r"|(?:受理|申请|受付|查询|预约|咨询|会员)(?:编号|号码|号)|(?:접수|신청|예약|조회|문의|회원) ?번호)"
)
_SERVICE = (
    r"(?:\bline|ライン|インスタ(?:グラム)?|\binstagram|\binsta|\btwitter|ツイッター|\btiktok|\bfacebook"
    r"|\bthreads|\bwechat|微信|微博"
    r"|카카오톡?|카톡|인스타(?:그램)?|(?<![a-z])x)"
)
_AS_ACCOUNT = r"\s?(?:の|上の)?\s?(?:id|アカウント名?|ユーザー名|账号|帐号|号|아이디|계정|account|handle|username)"
_VERSION = re.compile(
    r"(?:\bv|ver\.?|version|バージョン|ばーじょん|版本|버전|第|rev\.?|図|表|節|項)\s?$", re.IGNORECASE
)
_OFFICIAL = re.compile(r"公式|官方|공식|official|都庁|東京都|東京都庁|government|bureau", re.IGNORECASE)
_THING_BORN = re.compile(r"(?:[A-Za-z]の|(?:戦略|会議|法律?|サービス|制度|[都市区]|ボット|ツール|システム)の?)\s?$")
_CLOCK = re.compile(r"^\d{1,2}:\d\d(?::\d\d)?$")


def _before(match: re.Match[str], length: int = 24) -> str:
    return match.string[max(0, match.start("it") - length) : match.start("it")]


def ip_v4(match: re.Match[str]) -> bool:
    """Four octets; not a version, not a section of a document (1.2.3.4)."""
    octets = re.findall(r"\d+", checks.it(match))[:4]
    if octets[0] in {"0", "127", "255"}:  # this host and masks: nobody's
        return False
    return not _VERSION.search(_before(match)) and any(len(octet) >= 2 for octet in octets)


def ip_v6(match: re.Match[str]) -> bool:
    """What the standard library reads as an address of version 6 (RFC 4291); not a time, not a list of figures."""
    text = checks.it(match).partition("/")[0].partition("%")[0]
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    signs = re.sub(r"[^0-9a-f]", "", text.lower())
    return not _CLOCK.match(text) and len(signs) >= 3 and (bool(re.search(r"[a-f]", text.lower())) or len(signs) >= 8)


def coordinates(match: re.Match[str]) -> bool:
    """Latitude and longitude in degrees; two plain fractions are none."""
    found = re.findall(r"\d+\.\d+", checks.it(match))
    latitude, longitude = float(found[0]), float(found[1])
    return latitude <= 90 and 5 < longitude <= 180 and latitude > 1


def plate(match: re.Match[str]) -> bool:
    """A class number and a serial behind the name of a registration office; particles between figures are none."""
    spaced = re.search(r"\s[ぁ-ゖ]\s", checks.it(match))
    kana = re.search(r"\d\s?([ぁ-ゖ])", checks.it(match))
    particle = kana is not None and kana.group(1) in "はにとをもやのかえ"
    return not particle or bool(spaced) or bool(re.search(_PLATE_WORD, _before(match, 12), re.IGNORECASE))


def birth(match: re.Match[str]) -> bool:
    """The birthday of a person, not of a service or a law."""
    return not _THING_BORN.search(match.string[max(0, match.start() - 12) : match.start()])


def reference(match: re.Match[str]) -> bool:
    """The number of somebody's application or inquiry: four digits or more; no year, date or figure."""
    text = checks.it(match)
    digits = checks.digits_of(text)
    if (
        _before(match).endswith("#")
        or len(digits) < 4
        or re.match(rf"\s?{checks.UNIT}", match.string[match.end("it") :])
    ):
        return False
    return not re.fullmatch(r"(?:19|20)\d\d(?:[-./]\d{1,2}){0,2}", text)


def account(match: re.Match[str]) -> bool:
    """Somebody's name at a network service; not that of a public body, not a plain word."""
    if _OFFICIAL.search(_before(match)):
        return False
    text = checks.it(match)
    return text.startswith("@") or bool(re.search(r"[\d_.]", text.strip("._-")))


BELONGINGS: tuple[Recogniser, ...] = (
    recogniser("birth_date", rf"{_BIRTH}{_TIGHT}(?P<it>{_DATE})", birth),
    recogniser("birth_date", r"(?:生年月日|생년월일|\bdob\b)[^\d\ue000]{0,6}?(?P<it>\d{6})(?!\d)", always),
    recogniser(
        "birth_date",
        rf"(?:誕生日|たんじょうび|생일|(?<!誕)生日|\bbirthday){_TIGHT}(?P<it>{_MONTH_DAY}|{_MONTHS}\s\d{{1,2}})",
        birth,
    ),
    recogniser(
        "birth_date",
        rf"(?P<it>{_DATE})\s?(?:に|の)?\s?(?:(?:生ま|産ま|うま)れ(?=です|で(?:す|、|ある)|だ"
        r"|[、。,.\s)）!！?？]|$|なの|ました|の(?:私|わたし|僕|者|人|方|子|息子|娘|男|女|母|父|夫|妻|会社員"
        rf"|主婦|学生|\d{{1,3}}歳))|生れ|うまれ|出生|生(?=[、。)）]|です|$)|생(?!성)|に?태어|\bborn\b)",
        always,
    ),
    recogniser("ip_address", rf"(?<![\d.])(?P<it>(?:{_OCTET}\.){{3}}{_OCTET}(?:/\d{{1,2}})?)(?![\d]|\.\d)", ip_v4),
    recogniser(
        "ip_address",
        r"(?<![A-Za-z0-9:.])(?P<it>[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:/\d{1,3}|%[a-z0-9]{1,8})?)(?![A-Za-z0-9:])",
        ip_v6,
    ),
    recogniser(
        "coordinates",
        rf"(?P<it>{_LATITUDE}{_OF}-?(?:{_DEGREES}|{_DECIMAL}\s?[度°]?)[、,;/\s]{{0,3}}{_LONGITUDE}{_OF}-?"
        rf"(?:{_DEGREES}|{_DECIMAL}\s?[度°]?))",
        always,
    ),
    recogniser(
        "coordinates",
        rf"(?P<it>{_LONGITUDE}{_OF}-?(?:{_DEGREES}|{_DECIMAL}\s?[度°]?)[、,;/\s]{{0,3}}{_LATITUDE}{_OF}-?"
        rf"(?:{_DEGREES}|{_DECIMAL}\s?[度°]?))",
        always,
    ),
    recogniser("coordinates", rf"(?P<it>{_DEGREES}\s?[NS北南]?[、,;\s]{{0,3}}{_DEGREES}\s?[EW東西]?)", always),
    recogniser(
        "coordinates",
        r"(?<![\d.])(?P<it>-?\d{1,2}\.\d{4,12}\s?°?\s?[NS]?\s{0,2}[,、;/\s]\s{0,2}-?\d{1,3}\.\d{4,12}\s?°?\s?"
        r"(?-i:[EW])?)(?![\d.])",
        coordinates,
    ),
    recogniser(
        "number_plate",
        rf"(?P<it>{_PLATE_PLACE}\s?[1-9]\d{{1,2}}[0-9A-Z]?\s?{_PLATE_KANA}\s?{_PLATE_END})",
        plate,
    ),
    recogniser(
        "number_plate",
        rf"{_PLATE_WORD}[^\d\ue000。?!\n]{{0,8}}?(?P<it>(?:{_PLATE_PLACE}|[A-Z][a-z]{{2,12}})\s?\d{{2,3}}\s?"
        rf"(?:[ぁ-ゖ]|[A-Z][a-z]{{0,2}})\s?\d{{1,2}}-?\d{{2}})(?!\d)",
        always,
    ),
    recogniser(
        "number_plate",
        rf"{_PLATE_WORD}[^\d\ue000。?!\n]{{0,8}}?(?P<it>\d{{2,3}}\s?[가-힣]\s?\d{{4}}"
        rf"|[一-鿿][A-Z][·・.\s-]?[A-Z0-9]{{5,6}})(?![A-Z\d])",
        always,
    ),
    recogniser(
        "number_plate",
        r"(?P<it>(?-i:[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[·・.]\s?"
        r"(?-i:[A-Z0-9]{5,6}))(?![A-Z\d])",
        always,
    ),
    recogniser(
        "reference",
        rf"{_REFERENCE_WORD}{_TIGHT}(?P<it>(?<![A-Za-z])[A-Z]{{0,5}}-?\d[0-9A-Z]{{0,14}}"
        rf"(?:-[0-9A-Z]{{1,10}}){{0,4}})(?![A-Za-z0-9-])",
        reference,
    ),
    recogniser("account", r"(?<![A-Za-z0-9._%+@＠/-])(?P<it>@[A-Za-z0-9_.]{2,30})(?![A-Za-z0-9_.-]{0,30}@)", account),
    recogniser(
        "account",
        rf"{_SERVICE}{_AS_ACCOUNT}\s?(?:は|が|[:：]|is|은|는|是|→)?\s?(?P<it>@?[A-Za-z][A-Za-z0-9_.-]{{3,29}})",
        account,
    ),
)
