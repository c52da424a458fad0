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
    r"電話|でんわ|携帯|けいたい|けーたい|ケータイ|スマホ|(?<![a-z])tel|phone|mobile|fax|ファックス|ファクス"
    r"|call|折り返し|电话|電話|手机|手機"
    r"|전화|휴대폰|핸드폰"
)
_TWELVE_OF_CARD = r"(?:\d{1,2}\s?(?:桁|けた|ケタ)[^\d\ue000]{0,8}?)?"
_LEAST_CARD = r"(?:3[0-9]|4\d|5\d|6\d|2[2-7])"
_OPEN = r"(?<!\d)(?<!0\.)(?<!\d\d[/_])"  # not inside a longer number, a fraction or an address on the web

_MAIL_WORD = r"(?:e-?mail|\bmail|メール(?:アドレス)?|めーる|メアド|アドレス|邮箱|电邮|邮件|이메일|메일|address)"

MAIL: tuple[Recogniser, ...] = (
    recogniser(
        "email",
        rf"(?P<it>{_LOCAL}\s{{0,2}}{_AT}\s{{0,2}}"
        rf"(?:[A-Za-z0-9-]{{1,63}}\s{{0,2}}{_DOT}\s{{0,2}}){{1,8}}[A-Za-z]{{2,24}})",
        always,
    ),
    recogniser(
        "email",
        rf"{_WORD_LOCAL}[\s_]{{1,2}}at[\s_]{{1,2}}[A-Za-z0-9-]{{1,63}}"
        r"(?:[\s_]{1,2}dot[\s_]{1,2}[A-Za-z0-9-]{1,63}){1,4})(?![A-Za-z0-9])",
        always,
    ),
    recogniser("email", rf"{_WORD_LOCAL}\s{{1,2}}at\s{{1,2}}{_MAIL_HOST}(?:\.[a-z]{{2,8}}){{1,3}})", always),
)

INTRODUCED: tuple[Recogniser, ...] = (
    recogniser(
        "residence_card",
        rf"(?<!{_ASCII})(?P<it>[A-Z]{{2}}[\s-]{{0,2}}\d{{4}}[\s-]?\d{{4}}[\s-]{{0,2}}[A-Z]{{2}})(?!{_ASCII})",
        always,
    ),
    recogniser(
        "email",
        rf"{_MAIL_WORD}[^@\ue000。\n]{{0,14}}?(?P<it>"
        rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9.%+_-]{{1,30}}\sat\s[A-Za-z0-9-]{{1,63}}"
        rf"(?:\.[A-Za-z0-9-]{{2,63}}){{1,3}})",
        always,
    ),
    recogniser(
        "email",
        r"(?P<it>(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,40}+\s?(?:골뱅이|앳|艾特|圈a"
        r"|小老鼠)\s?[A-Za-z0-9-]{1,63}(?:\s?(?:점|닷|点|點|\.)\s?[A-Za-z]{2,12}){1,3})",
        always,
    ),
    recogniser(
        "email",
        rf"{_MAIL_WORD}[^@\ue000。\n]{{0,10}}?(?P<it>[^\s@、。:：はがも]{{1,30}}@[^\s@、。]{{1,30}}\.[a-z]{{2,12}})",
        always,
    ),
    recogniser(
        "passport",
        named("旅券|パスポート|ぱすぽーと|passport|护照|護照|여권", r"(?<![A-Za-z])[A-Z]{1,2}[\s-]?\d{6,8}"),
        always,
    ),
    recogniser("passport", rf"(?<!{_ASCII})(?P<it>[TM][A-Z]\d{{7}})(?!{_ASCII})", always),
    recogniser(
        "pension_number",
        named("年金(?:の|手帳の)?番号|ねんきんばんごう|年金手帳|pension number|연금번호|年金号码", NUMBER + "{7,12}"),
        digit_count(8, 12),
    ),
    recogniser(
        "my_number",
        named(_MY_NUMBER, rf"{NUMBER}{{10,12}}").replace("(?P<it>", f"{_TWELVE_OF_CARD}(?P<it>", 1),
        digit_count(11, 13),
    ),
    recogniser(
        "my_number",
        named("身份证|身份證|주민등록번호|주민번호|외국인등록번호", rf"{NUMBER}{{12,17}}X?"),
        digit_count(13, 18),
    ),
    recogniser("my_number", in_pieces(_MY_NUMBER, *[r"\d{4}"] * 3), checks.pieces(12, 12)),
    recogniser(
        "licence",
        named("免許|めんきょ|licen[cs]e|驾照|駕照|驾驶证|운전면허", NUMBER + "{9,12}"),
        digit_count(10, 13),
    ),
    recogniser("card", named(_CARD, NUMBER + "{12,18}"), digit_count(13, 19)),
    recogniser("card", in_pieces(_CARD, *[r"\d{4}"] * 4), checks.pieces(16, 16)),
    recogniser(
        "insurance_number",
        r"(?:保険|ほけん|国保|社保|共済)[^\d\ue000。]{0,10}?記号[・/]?(?:番号)?[^\d\ue000]{0,4}"
        r"(?P<it>\d[\d-]{0,9}[^\d\ue000]{0,8}?(?:番号[^\d\ue000]{0,4}|[・/]\s?)\d{1,8})(?!\d)",
        always,
    ),
    recogniser("insurance_number", r"記号[・/]番号[^\d\ue000]{0,4}(?P<it>\d{1,8}[・\s/-]{1,3}\d{1,8})(?!\d)", always),
    recogniser(
        "insurance_number",
        r"insurance[^\d\ue000.?!]{0,24}?(?P<it>\d{3,12}(?:[^\d\ue000.?!]{0,6}(?:number"
        r"|no\.?)[^\d\ue000.?!]{0,6}\d{2,12})?)(?!\d)",
        digit_count(6, 20),
    ),
    recogniser(
        "insurance_number",
        named(
            "(?:被保険者|保険証|ほけんしょう|保険者|後期高齢者(?:医療)?|介護保険|健康保険|国民健康保険|国保"
            "|社保|けんこうほけん)"
            "の?(?:資格確認書)?(?:記号)?(?:・)?(?:番号)?|insurance number|건강보험(?:증)?|의료보험|医保卡?"
            "|健康保险|保险证",
            r"\d(?:[\s\-.・ー]{0,3}\d){5,12}",
        ),
        checks.insured,
    ),
    recogniser(
        "insurance_number",
        r"(?:保険(?:証|者)?(?:の)?(?:番号|記号)|ほけんしょうのばんごう|資格確認書の?(?:番号"
        r"|記号))[^\d\ue000。?!]{0,4}(?P<it>\d{3,5}(?:[、・\s]{0,2}枝番\d{2})?)(?!\d)",
        checks.identifier,
    ),
    recogniser(
        "bank_account",
        r"記号[^\d\ue000]{0,4}(?P<it>\d{5}[^\d\ue000]{0,8}?番号[^\d\ue000]{0,4}\d{6,8})(?!\d)",
        always,
    ),
    recogniser("bank_account", r"記号[^\d]{0,4}(?P<it>\d{5}-?\d{0,2})(?=[^\d]{0,8}番号)", always),
    recogniser(
        "bank_account",
        named(
            "口座|こうざ|(?:普通|当座|貯蓄)(?:預金)?|account(?: number| no\\.?)?|账号|账户|賬號|帐号|帳號"
            "|银行卡号?|계좌",
            r"\d(?:[\s-]?\d){5,7}",
        ),
        digit_count(6, 8),
    ),
    recogniser(
        "bank_account",
        named("账号|账户|帐号|帳號|银行卡号?|계좌(?: ?번호)?", r"\d(?:[\s-]?\d){9,18}"),
        digit_count(10, 19),
    ),
    recogniser("bank_account", r"(?:支店|店)(?:番号?|コード)[^\d\ue000]{0,4}(?P<it>\d{3})(?!\d)", always),
    recogniser(
        "bank_account",
        r"\ue000[,;、\s]{0,3}(?:and\s)?\(?branch\s?(?:code|number|no\.?)?\s?:?\s?(?P<it>\d{3})(?!\d)",
        always,
    ),
    recogniser(
        "bank_account",
        rf"(?<!{_ASCII})(?P<it>[A-Z]{{2}}\d{{2}}\s?(?:[A-Z0-9]{{4}}\s?){{2,7}}[A-Z0-9]{{0,4}})(?!{_ASCII})",
        checks.iban,
    ),
    recogniser(
        "staff_number",
        r"(?:職員|社員|従業員|学籍|しょくいん|しゃいん)(?:証)?の?(?:番号|ばんごう|id|コード"
        r"|no\.?)[^\d\ue000。?!\n]{0,6}?(?P<it>(?<![A-Z])[A-Z]{0,4}-?\d{2,10}(?:-\d{1,6}){0,3})(?![\dA-Z])",
        checks.staff,
    ),
    recogniser(
        "staff_number",
        r"(?:\b(?:employee|staff)\s?(?:id|number|no\.?|code)|工号|员工(?:编号|号码?)|职员(?:编号|号码?)"
        r"|직원 ?번호|사번|사원 ?번호)[^\d\ue000.?!\n]{0,8}?(?P<it>(?<![A-Z])[A-Z]{0,4}-?\d{3,10}"
        r"(?:-\d{1,6})?)(?![\dA-Z])",
        checks.identifier,
    ),
)

# Cards first: twelve of a card's digits may look like an Individual Number.
BARE: tuple[Recogniser, ...] = (
    recogniser(
        "card",
        rf"(?<!\d)(?P<it>{_LEAST_CARD}(?:\d\d{WIDE}\d{{4}}{WIDE}\d{{4}}{WIDE}\d{{4}}"
        rf"|\d\d{WIDE}\d{{6}}{WIDE}\d{{4,5}}|\d{{11,17}}))(?!\d)",
        checks.luhn,
    ),
    recogniser("card", r"(?<!\d)(?P<it>[2-6](?:[\s\-]\d){13,15})(?!\d)", checks.luhn),
    recogniser(
        "my_number",
        rf"(?<!\d)(?<!\d[,.])(?P<it>\d{{4}}{WIDE}\d{{4}}{WIDE}\d{{4}})(?!\d)(?![,.]\d)",
        checks.my_number,
    ),
    recogniser(
        "my_number",
        r"(?<!\d)(?P<it>\d(?:[\s\-]\d){11}|\d\d(?:[\s\-]\d\d){5}|\d{3}(?:[\s\-]\d{3}){3}|\d{6}[\s\-]\d{6})(?!\d)",
        checks.my_number,
    ),
    recogniser("pension_number", r"(?<![\d-])(?!(?:19|20)\d\d)(?P<it>\d{4}-\d{6})(?![\d-])", always),
)

PHONES: tuple[Recogniser, ...] = (
    recogniser(
        "phone",
        rf"(?<![\d])(?P<it>(?:\+|\(\+|00)\s?81\)?{NARROW}(?:\(0\)|0)?{NARROW}\(?\d{{1,4}}\)?{NARROW}\d{{1,4}}"
        rf"{NARROW}\d{{3,4}})(?!\d)",
        digit_count(10, 15),
    ),
    recogniser(
        "phone",
        rf"(?<![\d+])(?P<it>81[\s-]?\(?[789]0\)?{NARROW}\d{{4}}{NARROW}\d{{4}})(?!\d)",
        digit_count(12, 12),
    ),
    recogniser("phone", rf"(?P<it>\+\d{{1,3}}(?:{NARROW}\(?\d{{1,4}}\)?){{2,5}})(?!\d)", digit_count(9, 15)),
    # However a mobile number is cut up, it has eleven digits and begins with 0A0.
    recogniser(
        "phone",
        rf"{_OPEN}(?P<it>\(?[0O]{WIDE}[5-9]{WIDE}[0O](?:{WIDE}\d){{8}})(?!\d)",
        checks.domestic_phone,
    ),
    recogniser(
        "phone",
        rf"{_OPEN}(?P<it>\(?[0O]\d{{1,4}}{WIDE}\d{{1,4}}{WIDE}\d{{3,4}})(?!\d)",
        checks.domestic_phone,
    ),
    recogniser("phone", r"(?<!\d)(?<!0\.)(?P<it>[0O][1-9]\d{8,9})(?!\d)", checks.domestic_phone),
    recogniser(
        "phone",
        rf"{_OPEN}(?<!\d[\s\-])(?P<it>0(?:[\s\-]{{1,3}}+\d){{9}}|0\d{{1,4}}"
        rf"(?:[\s\-]{{1,3}}+\d{{1,4}}){{3,5}})(?!\d)(?![\s\-]\d)",
        checks.domestic_phone,
    ),
    recogniser("phone", named(_PHONE, r"\(?\d(?:[\s\-.・ー()の]{0,3}\d){6,12}"), checks.told_phone),
    recogniser("phone", in_pieces(_PHONE, r"0\d{1,3}", r"\d{1,4}", r"\d{3,4}"), checks.pieces(10, 11)),
    recogniser("phone", spoken.MOBILE, checks.spelled_phone),
    recogniser("phone", spoken.LANDLINE, checks.spelled_phone),
    recogniser("phone", spoken.KANA_RUN, checks.kana_digits),
)
