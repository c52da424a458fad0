"""What of a question is asked, apart from the clauses in which people only introduce themselves or their numbers."""

from __future__ import annotations

import re
from typing import Final

from bot.labels import LABEL
from bot.records import MaskedText

_STOP = r"、。，,.!?！？\n"
_OPEN: Final = rf"(?:(?<=[{_STOP}])|^)[ \u3000]{{0,3}}+"
_ONE: Final = LABEL.pattern.replace("?P<word>", "?:").replace("?P<number>", "?:")
_MARKS: Final = rf"{_ONE}(?:[^{_STOP}〈]{{0,8}}{_ONE}){{0,4}}+"
_CLOSE: Final = rf"(?:[{_STOP} \u3000…]+|$)"
_COPULA: Final = r"(?:です|でございます|でした|だ|や|じゃ|やねん)"
_THOUGH: Final = r"(?:が|けれども|けれど|けども|けど|ので|から|ねん)?"
_TELLS: Final = rf"(?:なん|なの|んです|の者|ん)?{_COPULA}(?:よ|ね)?{_THOUGH}"
_IS_CALLED: Final = rf"と(?:申し|もうし|言い|いい)(?:ます|まして){_THOUGH}"
_LIVES: Final = rf"[にの](?:住ん[でど]|居住して|いて|ある|暮らして|住む|者|在住|住民)[^{_STOP}〈]{{0,12}}"
_OWN: Final = r"(?:私|わたし|うち|自分|当方|家族)の"
_NUMBER_WORD: Final = (
    r"(?:お?電話|携帯|連絡先|マイナンバー|個人番号|住所|氏名|お?名前|メール|アドレス|口座|カード|番号|免許"
    r"|旅券|パスポート|年金|保険証"
    r"|職員番号|生年月日|郵便番号|자택|전화|이름|电话|电邮|姓名|phone|e-?mail|name|address|number)"
)
_INTRODUCES: Final = tuple(
    re.compile(_OPEN + pattern, re.IGNORECASE)
    for pattern in (
        rf"[^{_STOP}〈]{{0,20}}{_MARKS}\s?(?:{_TELLS}|{_IS_CALLED}|{_LIVES}){_CLOSE}",
        rf"(?:{_OWN})?{_NUMBER_WORD}[^{_STOP}〈]{{0,8}}{_MARKS}{_CLOSE}",
        rf"(?:私|わたし|わたくし|僕|俺|自分)(?:は|が)[^{_STOP}〈]{{0,4}}{_MARKS}{_CLOSE}",
        rf"(?:我|本人)[^{_STOP}〈]{{0,12}}{_MARKS}{_CLOSE}",
        rf"(?:제|저|내|나)[^{_STOP}〈]{{0,12}}{_MARKS}\s?(?:인데요?|입니다만?|이고요?|이에요|예요"
        rf"|이?라고 합니다만?)?{_CLOSE}",
        rf"(?:my |our |i'm |i am |i live |this is )[^{_STOP}〈]{{0,24}}{_MARKS}(?:\s(?:and|but|so)\s|{_CLOSE})",
    )
)
_SOMETHING = re.compile(r"\w{2,}")


def asked_in(text: MaskedText) -> MaskedText:
    """The text without labels and without the clauses that only introduce them (「電話は〈電話番号1〉なんですが、」).

    Where such clauses are all there is, only the labels go.
    """
    labels = [found.group() for found in LABEL.finditer(text.value)]
    if not labels:
        return text
    clauses = [found.group() for pattern in _INTRODUCES for found in pattern.finditer(text.value)]
    asked = text.without((*sorted(clauses, key=len, reverse=True), *labels))
    return asked if _SOMETHING.search(asked.value) else text.without(labels)
