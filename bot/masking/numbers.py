"""Recognisers of mail addresses and of numbers that belong to one person. The order is the order of trying."""

from __future__ import annotations

from bot.masking import checks, spoken
from bot.masking.checks import digit_count
from bot.masking.shapes import NARROW, NUMBER, WIDE, Recogniser, always, in_pieces, named, recogniser

_ASCII = r"[A-Za-z0-9]"
_LOCAL = (
    r"(?:(?<![A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]++"
    r"|[一-鿿々]{1,8}+(?=\s?@)|[ァ-ヺー]{1,12}+(?=\s?@)|[ぁ-ゖ가-힣]{1,8}+(?=\s?@))"
)
_AT_WORD = r"(?:アット(?:マーク)?|あっと(?:まーく)?)"
_AT = rf"(?:@|[\[({{<]\s?(?:at?|{_AT_WORD})\s?[\])}}>]|[★☆◎●■◆♪ⓐ]|{_AT_WORD})"
_DOT = r"(?:\.|。|[\[({<]\s?dot\s?[\])}>]|ドット|どっと)"
_MAIL_HOST = r"(?:gmail|yahoo|outlook|hotmail|icloud|docomo|ezweb|softbank|naver|daum|qq|163|126)"
_WORD_LOCAL = r"(?<![A-Za-z0-9._%+-])(?P<it>[A-Za-z0-9.%+-]++(?:_[A-Za-z0-9.%+-]++){0,3}?"
_MY_NUMBER = r"(?:マイナンバー|まいなんばー|個人番号|こじんばんごう|マイナ(?!ス)|my ?number|个人编号|個人編號|마이넘버)"
_CARD = "カード|クレカ|アメックス|amex|visa|jcb|master|card|信用卡|카드"
_PHONE = (
    r"電話|でんわ|携帯|けいたい|けーたい|ケータイ|スマホ|(?<![a-z])tel|phone|mobile|fax|ファックス|ファクス|call|折り返し|电话|電話|手机|手機"
    r"|전화|휴대폰|핸드폰"
)
_TWELVE_OF_CARD = r"(?:\d{1,2}\s?(?:桁|けた|ケタ)[^\d\ue000]{0,8}?)?"
_LEAST_CARD = r"(?:3[0-9]|4\d|5\d|6\d|2[2-7])"
_OPEN = r"(?<!\d)(?<!0\.)(?<!\d\d[/_])"  # not inside a longer number, a fraction or an address on the web

MAIL: tuple[Recogniser, ...] = (
    recogniser(
        "email",
        "メールアドレス",
        rf"(?P<it>{_LOCAL}\s{{0,2}}{_AT}\s{{0,2}}(?:[A-Za-z0-9-]{{1,63}}\s{{0,2}}{_DOT}\s{{0,2}}){{1,8}}[A-Za-z]{{2,24}})",
        always,
    ),
    recogniser(
        "email",
        "メールアドレス",
        rf"{_WORD_LOCAL}[\s_]{{1,2}}at[\s_]{{1,2}}[A-Za-z0-9-]{{1,63}}"
        r"(?:[\s_]{1,2}dot[\s_]{1,2}[A-Za-z0-9-]{1,63}){1,4})(?![A-Za-z0-9])",
        always,
    ),
    recogniser(
        "email", "メールアドレス", rf"{_WORD_LOCAL}\s{{1,2}}at\s{{1,2}}{_MAIL_HOST}(?:\.[a-z]{{2,8}}){{1,3}})", always
    ),
)

INTRODUCED: tuple[Recogniser, ...] = (
    recogniser(
        "residence_card",
        "在留カード番号",
        rf"(?<!{_ASCII})(?P<it>[A-Z]{{2}}[\s-]?\d{{8}}[\s-]?[A-Z]{{2}})(?!{_ASCII})",
        always,
    ),
    recogniser(
        "passport",
        "旅券番号",
        named("旅券|パスポート|ぱすぽーと|passport|护照|護照|여권", r"(?<![A-Za-z])[A-Z]{1,2}[\s-]?\d{6,8}"),
        always,
    ),
    recogniser("passport", "旅券番号", rf"(?<!{_ASCII})(?P<it>[TM][A-Z]\d{{7}})(?!{_ASCII})", always),
    recogniser(
        "pension_number",
        "基礎年金番号",
        named("年金(?:の|手帳の)?番号|ねんきんばんごう|年金手帳|pension number|연금번호|年金号码", NUMBER + "{7,12}"),
        digit_count(8, 12),
    ),
    recogniser(
        "my_number",
        "マイナンバー",
        named(_MY_NUMBER, rf"{NUMBER}{{10,12}}").replace("(?P<it>", f"{_TWELVE_OF_CARD}(?P<it>", 1),
        digit_count(11, 13),
    ),
    recogniser("my_number", "マイナンバー", in_pieces(_MY_NUMBER, *[r"\d{4}"] * 3), checks.pieces(12, 12)),
    recogniser(
        "licence",
        "運転免許証番号",
        named("免許|めんきょ|licen[cs]e|驾照|駕照|驾驶证|운전면허", NUMBER + "{9,12}"),
        digit_count(10, 13),
    ),
    recogniser("card", "カード番号", named(_CARD, NUMBER + "{12,18}"), digit_count(13, 19)),
    recogniser("card", "カード番号", in_pieces(_CARD, *[r"\d{4}"] * 4), checks.pieces(16, 16)),
    recogniser(
        "insurance_number",
        "保険証番号",
        named(
            "(?:被保険者|保険証|ほけんしょう|保険者)の?(?:記号)?(?:・)?(?:番号)?|insurance number",
            r"\d(?:[\s\-.・ー]{0,3}\d){5,12}",
        ),
        digit_count(6, 13),
    ),
    recogniser(
        "bank_account",
        "口座番号",
        r"記号[^\d\ue000]{0,4}(?P<it>\d{5}[^\d\ue000]{0,8}?番号[^\d\ue000]{0,4}\d{6,8})(?!\d)",
        always,
    ),
    recogniser("bank_account", "口座番号", r"記号[^\d]{0,4}(?P<it>\d{5}-?\d{0,2})(?=[^\d]{0,8}番号)", always),
    recogniser(
        "bank_account",
        "口座番号",
        named(
            "口座|こうざ|(?:普通|当座|貯蓄)(?:預金)?|account(?: number| no\\.?)?|账号|賬號|帐号|계좌",
            r"\d(?:[\s-]?\d){5,7}",
        ),
        digit_count(6, 8),
    ),
    recogniser("staff_number", "職員番号", named("職員番号|社員番号|学籍番号", r"[A-Z]{0,2}\d{4,10}"), always),
)

# Cards first: twelve of a card's digits may look like an Individual Number.
BARE: tuple[Recogniser, ...] = (
    recogniser(
        "card",
        "カード番号",
        rf"(?<!\d)(?P<it>{_LEAST_CARD}(?:\d\d{WIDE}\d{{4}}{WIDE}\d{{4}}{WIDE}\d{{4}}|\d\d{WIDE}\d{{6}}{WIDE}\d{{4,5}}|\d{{11,17}}))(?!\d)",
        checks.luhn,
    ),
    recogniser("card", "カード番号", r"(?<!\d)(?P<it>[2-6](?:[\s\-]\d){13,15})(?!\d)", checks.luhn),
    recogniser(
        "my_number",
        "マイナンバー",
        rf"(?<!\d)(?<!\d[,.])(?P<it>\d{{4}}{WIDE}\d{{4}}{WIDE}\d{{4}})(?!\d)(?![,.]\d)",
        checks.my_number,
    ),
    recogniser(
        "my_number",
        "マイナンバー",
        r"(?<!\d)(?P<it>\d(?:[\s\-]\d){11}|\d\d(?:[\s\-]\d\d){5}|\d{3}(?:[\s\-]\d{3}){3}|\d{6}[\s\-]\d{6})(?!\d)",
        checks.my_number,
    ),
    recogniser("pension_number", "基礎年金番号", r"(?<![\d-])(?!(?:19|20)\d\d)(?P<it>\d{4}-\d{6})(?![\d-])", always),
)

PHONES: tuple[Recogniser, ...] = (
    recogniser(
        "phone",
        "電話番号",
        rf"(?<![\d])(?P<it>(?:\+|\(\+|00)\s?81\)?{NARROW}(?:\(0\)|0)?{NARROW}\(?\d{{1,4}}\)?{NARROW}\d{{1,4}}{NARROW}\d{{3,4}})(?!\d)",
        digit_count(10, 15),
    ),
    recogniser(
        "phone",
        "電話番号",
        rf"(?<![\d+])(?P<it>81[\s-]?\(?[789]0\)?{NARROW}\d{{4}}{NARROW}\d{{4}})(?!\d)",
        digit_count(12, 12),
    ),
    recogniser(
        "phone", "電話番号", rf"(?P<it>\+\d{{1,3}}(?:{NARROW}\(?\d{{1,4}}\)?){{2,5}})(?!\d)", digit_count(9, 15)
    ),
    # However a mobile number is cut up, it has eleven digits and begins with 0A0.
    recogniser(
        "phone",
        "電話番号",
        rf"{_OPEN}(?P<it>\(?[0O]{WIDE}[5-9]{WIDE}[0O](?:{WIDE}\d){{8}})(?!\d)",
        checks.domestic_phone,
    ),
    recogniser(
        "phone",
        "電話番号",
        rf"{_OPEN}(?P<it>\(?[0O]\d{{1,4}}{WIDE}\d{{1,4}}{WIDE}\d{{3,4}})(?!\d)",
        checks.domestic_phone,
    ),
    recogniser("phone", "電話番号", r"(?<!\d)(?<!0\.)(?P<it>[0O][1-9]\d{8,9})(?!\d)", checks.domestic_phone),
    recogniser(
        "phone",
        "電話番号",
        rf"{_OPEN}(?<!\d[\s\-])(?P<it>0(?:[\s\-]{{1,3}}+\d){{9}}|0\d{{1,4}}(?:[\s\-]{{1,3}}+\d{{1,4}}){{3,5}})(?!\d)(?![\s\-]\d)",
        checks.domestic_phone,
    ),
    recogniser("phone", "電話番号", named(_PHONE, r"\(?\d(?:[\s\-.・ー()の]{0,3}\d){6,12}"), digit_count(7, 13)),
    recogniser("phone", "電話番号", in_pieces(_PHONE, r"0\d{1,3}", r"\d{1,4}", r"\d{3,4}"), checks.pieces(10, 11)),
    recogniser("phone", "電話番号", spoken.MOBILE, checks.spelled_phone),
    recogniser("phone", "電話番号", spoken.LANDLINE, checks.spelled_phone),
    recogniser("phone", "電話番号", spoken.KANA_RUN, checks.kana_digits),
)
