"""What counts as personal data: one table of recognisers, tried in this order.

Every pattern reads the shadow of the text (see ``shadow``) and names the part to be hidden ``it``. Repetitions are
bounded or possessive, so that reading stays linear in the length of the text. A number that its own name
introduces is hidden whatever its check digit; a bare one only where shape and check digit agree, because figures
must stay readable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.masking import checks
from bot.masking.checks import Check, digit_count

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """One kind of personal data, the label that replaces it, the pattern and the check of what the pattern finds."""

    kind: str
    label: str
    pattern: re.Pattern[str]
    check: Check


_SEP = r"[\s\-.・ー_]{0,3}+"  # between groups of digits
_GAP = r"[^\d\ue000]{0,14}?"  # between a number's name and the number
_NUMBER = r"\d(?:[\s\-.・ー]{0,3}\d)"
_ASCII = r"[A-Za-z0-9]"
_KANA_SEP = r"[\s\-ー、,.・の]{0,4}"
_TOWN = r"[一-鿿々ヶケノァ-ヺーぁ-ゖ]"
_PIECE = r"(?:\d{1,5}|[一二三四五六七八九十百]{1,4})"
_ROOM = r"(?:[\s\-]{0,2}[ァ-ヺー一-鿿A-Za-z]{0,15}[\s]?\d{1,4}号(?:室)?|[\s-]{1,2}\d{2,4}(?![\d,.]))?"
_NAME = r"[一-鿿々ヶ]{1,4}[\s・]?[一-鿿々ぁ-ゖァ-ヺー]{0,5}?"
_SELF = r"(?:私|わたし|わたくし|僕|ぼく|俺|おれ|自分|当方)"
_AFTER_NAME = r"(?=[、,。.\s)）!！]|です(?!か)|だ(?:よ|けど|が|。|$)|と申|ともうし|といい|と言い|っていい|$)"


def _named(names: str, number: str) -> str:
    return rf"(?:{names}){_GAP}(?P<it>{number})(?!\d)"


def _of(kind: str, label: str, pattern: str, check: Check) -> Recogniser:
    return Recogniser(kind, f"〈{label}〉", re.compile(pattern, re.IGNORECASE), check)


def _always(match: re.Match[str]) -> bool:
    return bool(match.group("it"))


_DIGITS_12_OF_CARD = r"(?:\d{1,2}\s?(?:桁|けた|ケタ)[^\d\ue000]{0,8}?)?"

RECOGNISERS: tuple[Recogniser, ...] = (
    # --- mail
    _of(
        "email",
        "メールアドレス",
        r"(?<![A-Za-z0-9._%+'-])(?P<it>[A-Za-z0-9._%+'-]++\s{0,2}(?:@|\[at\]|\(at\)|アットマーク|あっとまーく)\s{0,2}"
        r"(?:[A-Za-z0-9-]{1,63}\s{0,2}(?:\.|\[dot\]|\(dot\)|ドット|どっと)\s{0,2}){1,8}[A-Za-z]{2,24})",
        _always,
    ),
    # --- numbers that their names introduce
    _of(
        "residence_card",
        "在留カード番号",
        rf"(?<!{_ASCII})(?P<it>[A-Z]{{2}}[\s-]?\d{{8}}[\s-]?[A-Z]{{2}})(?!{_ASCII})",
        _always,
    ),
    _of(
        "passport",
        "旅券番号",
        _named("旅券|パスポート|ぱすぽーと|passport|护照|護照|여권", r"(?<![A-Za-z])[A-Z]{1,2}[\s-]?\d{6,8}"),
        _always,
    ),
    _of("passport", "旅券番号", rf"(?<!{_ASCII})(?P<it>[TM][A-Z]\d{{7}})(?!{_ASCII})", _always),
    _of(
        "pension_number",
        "基礎年金番号",
        _named("年金(?:の|手帳の)?番号|ねんきんばんごう|年金手帳|pension number|연금번호|年金号码", _NUMBER + "{7,12}"),
        digit_count(8, 12),
    ),
    _of(
        "my_number",
        "マイナンバー",
        r"(?:マイナンバー|まいなんばー|個人番号|こじんばんごう|マイナ(?!ス)|my ?number|个人编号|個人編號|마이넘버)"
        + _GAP
        + _DIGITS_12_OF_CARD
        + rf"(?P<it>{_NUMBER}{{10,12}})(?!\d)",
        digit_count(11, 13),
    ),
    _of(
        "licence",
        "運転免許証番号",
        _named("免許|めんきょ|licen[cs]e|驾照|駕照|驾驶证|운전면허", _NUMBER + "{9,12}"),
        digit_count(10, 13),
    ),
    _of(
        "card",
        "カード番号",
        _named("カード|クレカ|アメックス|amex|visa|jcb|master|card|信用卡|카드", _NUMBER + "{12,18}"),
        digit_count(13, 19),
    ),
    _of(
        "insurance_number",
        "保険証番号",
        _named(
            "(?:被保険者|保険証|ほけんしょう|保険者)の?(?:記号)?(?:・)?(?:番号)?|insurance number", _NUMBER + "{5,12}"
        ),
        digit_count(6, 13),
    ),
    _of(
        "bank_account",
        "口座番号",
        r"記号[^\d\ue000]{0,4}(?P<it>\d{5}[^\d\ue000]{0,8}?番号[^\d\ue000]{0,4}\d{6,8})(?!\d)",
        _always,
    ),
    _of("bank_account", "口座番号", r"記号[^\d]{0,4}(?P<it>\d{5}-?\d{0,2})(?=[^\d]{0,8}番号)", _always),
    _of(
        "bank_account",
        "口座番号",
        _named(
            "口座|こうざ|(?:普通|当座|貯蓄)(?:預金)?|account(?: number| no\\.?)?|账号|賬號|帐号|계좌",
            r"\d(?:[\s-]?\d){5,7}",
        ),
        digit_count(6, 8),
    ),
    _of("staff_number", "職員番号", _named("職員番号|社員番号|学籍番号", r"[A-Z]{0,2}\d{4,10}"), _always),
    # --- numbers known by their check digits or their shape
    _of(
        "my_number",
        "マイナンバー",
        rf"(?<!\d)(?<!\d[,.])(?P<it>\d{{4}}{_SEP}\d{{4}}{_SEP}\d{{4}})(?!\d)(?![,.]\d)",
        checks.my_number,
    ),
    _of(
        "card",
        "カード番号",
        rf"(?<!\d)(?P<it>(?:3[0-9]|4\d|5\d|6\d|2[2-7])(?:\d\d{_SEP}\d{{4}}{_SEP}\d{{4}}{_SEP}\d{{4}}|\d\d{_SEP}\d{{6}}{_SEP}\d{{4,5}}|\d{{11,17}}))(?!\d)",
        checks.luhn,
    ),
    _of("pension_number", "基礎年金番号", r"(?<![\d-])(?!(?:19|20)\d\d)(?P<it>\d{4}-\d{6})(?![\d-])", checks.postal),
    _of(
        "phone",
        "電話番号",
        rf"(?<![\d])(?P<it>(?:\+|\(\+|00)\s?81\)?{_SEP}(?:\(0\)|0)?{_SEP}\(?\d{{1,4}}\)?{_SEP}\d{{1,4}}{_SEP}\d{{3,4}})(?!\d)",
        digit_count(10, 15),
    ),
    _of(
        "phone",
        "電話番号",
        rf"(?<![\d+])(?P<it>81[\s-]?\(?[789]0\)?{_SEP}\d{{4}}{_SEP}\d{{4}})(?!\d)",
        digit_count(12, 12),
    ),
    _of("phone", "電話番号", rf"(?P<it>\+\d{{1,3}}(?:{_SEP}\(?\d{{1,4}}\)?){{2,5}})(?!\d)", digit_count(9, 15)),
    _of(
        "phone",
        "電話番号",
        r"(?<!\d)(?<!0\.)(?P<it>\(?[0O]\d{1,4}[\s\-.・ー)(の_]{0,4}+\d{1,4}[\s\-.・ー)(の_]{0,4}+\d{3,4})(?!\d)",
        checks.domestic_phone,
    ),
    _of("phone", "電話番号", r"(?<!\d)(?<!0\.)(?P<it>[0O][1-9]\d{8,9})(?!\d)", checks.domestic_phone),
    _of(
        "phone",
        "電話番号",
        _named(
            "電話|でんわ|携帯|けいたい|けーたい|ケータイ|スマホ|(?<![a-z])tel|phone|mobile|fax|ファックス|ファクス|call|折り返し|电话|電話|手机|手機|전화|휴대폰|핸드폰",
            r"\(?\d(?:[\s\-.・ー()の]{0,3}\d){6,12}",
        ),
        digit_count(7, 13),
    ),
    _of(
        "phone",
        "電話番号",
        rf"(?P<it>(?:(?:{checks.KANA_DIGIT.pattern}){_KANA_SEP}){{8,40}}(?!(?<=[\s、])[にニ](?![いイー]))(?:{checks.KANA_DIGIT.pattern}))",
        checks.kana_digits,
    ),
    # --- where someone lives
    _of("postal_code", "郵便番号", r"〒\s{0,3}(?P<it>\d{3}[\s-]{0,3}\d{4})(?!\d)", _always),
    _of(
        "postal_code",
        "郵便番号",
        _named("郵便番号|ゆうびんばんごう|zip(?: ?code)?|postal ?code|邮编|郵編|우편번호", r"\d{3}[\s-]{0,3}\d{4}"),
        checks.postal,
    ),
    _of("postal_code", "郵便番号", r"(?<![\d\-.,/p])(?P<it>\d{3}-\d{4})(?![\d\-/])(?![.,]\d)", checks.postal),
    _of(
        "address",
        "住所",
        rf"(?P<place>{_TOWN}{{1,7}}[市区町村郡])(?P<it>(?P<town>(?![のはがでにをとへもや]){_TOWN}{{1,12}}?)\s?{_PIECE}(?:丁目|番地?|[-の]\d{{1,4}})"
        rf"(?:[\s]?(?:の|-)?[\s]?{_PIECE}(?:番地?|号|丁目)?){{0,3}}{_ROOM})(?![\d])",
        checks.street,
    ),
    _of(
        "address",
        "住所",
        rf"(?P<place>)(?P<town>)(?P<it>{_PIECE}丁目[\s]?{_PIECE}(?:番地?|-)(?:[\s]?の?{_PIECE}号?)?(?:-\d{{1,4}})?{_ROOM})",
        checks.street,
    ),
    _of(
        "address",
        "住所",
        rf"(?P<place>)(?P<town>)(?P<it>{_PIECE}番地?[\s]?の?{_PIECE}号{_ROOM}|(?:\d{{1,4}}-)?\d{{1,5}}番地(?:の?\d{{1,4}})?{_ROOM})",
        checks.street,
    ),
    _of(
        "address",
        "住所",
        rf"(?P<place>)(?P<it>(?P<town>[一-鿿々ヶ]{{2,8}})\d{{1,3}}-\d{{1,3}}-\d{{1,4}}(?:-\d{{1,4}})?{_ROOM})(?![\d-])",
        checks.street,
    ),
    _of(
        "address",
        "住所",
        r"(?<![\d-])(?P<it>\d{1,4}-\d{1,4}(?:-\d{1,4}){0,2},?\s(?:[A-Z][a-z]{2,20}(?:-?(?:cho|machi))?,?\s){1,2})(?=[A-Z][a-z]{2,20}-(?:ku|shi|machi|cho|mura|gun)\b)",
        _always,
    ),
    # --- names given as one's own
    _of("name", "氏名", rf"{_SELF}(?:の名前)?(?:は|が|、)\s?(?P<it>{_NAME}){_AFTER_NAME}", checks.known_person),
    _of(
        "name",
        "氏名",
        rf"(?:^|[、。,.\s!?！？はの\ue000])(?P<it>{_NAME})(?=(?:と申し|ともうし|と言います|といいます|っていいます))",
        checks.person,
    ),
    _of(
        "name",
        "氏名",
        rf"(?:^|[、。,.\s]|{_SELF}の)(?:お?名前|氏名|なまえ)(?:は|[:：]|\s)\s?(?P<it>{_NAME}){_AFTER_NAME}",
        checks.person,
    ),
    _of("name", "氏名", rf"(?:\ue000|在住)の\s?(?P<it>{_NAME})(?=です|と申|だ)", checks.known_person),
    _of(
        "name",
        "氏名",
        r"\bmy name(?: is|'s|:)\s(?P<it>[A-Za-z][A-Za-z'-]{1,20}(?:\s(?-i:[A-Z])[A-Za-z'-]{1,20}){0,2})",
        _always,
    ),
    _of("name", "氏名", r"(?:我叫|我的名字[是叫]|我姓名是)\s?(?P<it>[一-鿿]{2,4}?)(?=[,，。.、\s!！]|$)", _always),
    _of("name", "氏名", r"제? ?이름은\s?(?P<it>[가-힣]{2,4}?)(?=입니다|이에요|예요|이고|라고|[,.\s]|$)", _always),
    _of("name", "氏名", r"저는\s?(?P<it>[가-힣]{2,4}?)(?=이?라고)", _always),
)

LABELS = re.compile("|".join(sorted({re.escape(one.label) for one in RECOGNISERS}, key=len, reverse=True)))
