"""Reading figures, years and scripts out of short texts. Pure; the standard library alone.

Everything here works on text folded by :func:`fold` (NFKC, lower case, one kind of dash and quote).
"""

from __future__ import annotations

import re
import unicodedata

from bot.records import Language

_ERA_START = {"令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988}
_KANJI_DIGIT = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_FIGURE = re.compile(rf"{_NUMBER}(?:…\d+)?(?:%|万|億|兆|千)?")
_ERA_YEAR = re.compile(r"(令和|平成|昭和|(?<![a-z])[rh])\s*(元|\d{1,2})(?=年|\.|/|\s|度|$)")
_WESTERN_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)(?=年|\.|/|-|\s|度|に|の|は|が|,|\)|$|年度|[^\d])")
_ORDINAL = re.compile(
    r"(?:第|段階|ステージ|stage\s*|step\s*|阶段|단계\s*)([\d一二三四五六七八九]{1,2})"
    r"|([\d一二三四五六七八九]{1,2})(?:番目|つ目|阶段|단계|段階目|回目)"
)
_HANGUL = re.compile(r"[ᄀ-ᇿ㄰-㆏가-힯]")
_KANA = re.compile(r"[぀-ヿ]")
_HAN = re.compile(r"[㐀-鿿]")
_LATIN = re.compile(r"[a-z]")
# Characters and words that Chinese writes and Japanese does not (simplified forms and question words).
_CHINESE = re.compile(
    r"[们这谁吗呢么哪请让为东级审实现应该请问说时务与关几问题补发动业员单标风险电话费给还没对谈误请嗎麼請們這誰]"
    r"|什么|什麼|多少|是不是|有没有|怎么|怎樣|怎样|如何|的人|我想|是否"
)

# Words and endings of Chinese sentences whose characters Japanese writes too; they count only where no kana stands.
_CHINESE_WORDS = re.compile(r"[我你您她]|不[想会能要活]|有人|想死|(?<![完終修満校読])了(?=$|[,，。!?！？])|[吃喝]了")


def fold(text: str) -> str:
    """NFKC, lower case, white space runs to one space, dash and tilde variants to one each."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"[‐‑‒–—―−ｰ﹣]", "-", text)
    text = re.sub(r"[〜～∼]", "~", text)
    return re.sub(r"\s+", " ", text).strip()


def squeeze(text: str) -> str:
    """``fold`` without any white space or thousands separators: for finding one text inside another."""
    return re.sub(r"(?<=\d),(?=\d)", "", re.sub(r"\s+", "", fold(text)))


def language_of(text: str) -> Language:
    """The language a question is written in, by script. Kana (or nothing telling) means Japanese.

    A question whose own words are foreign stays foreign even if it quotes Japanese terms in quotation marks.
    """
    plain = re.sub(r"[「『“\"'][^「『“」』”\"']*+[」』”\"']", " ", fold(text))
    text = plain if re.search(r"\w", plain) else fold(text)
    if _HANGUL.search(text):
        return Language.KO
    kana, han, latin = (len(pattern.findall(text)) for pattern in (_KANA, _HAN, _LATIN))
    if kana == 0 and han > 0 and (_CHINESE.search(text) or _CHINESE_WORDS.search(text) or _foreign_signs(text)):
        return Language.ZH
    if kana == 0 and latin > 3 * max(han, 1) and latin >= 4:
        return Language.EN
    if kana and han and kana <= 2 and _CHINESE.search(text) and len(_CHINESE.findall(text)) >= 2:
        return Language.ZH
    if latin >= 12 and latin > 3 * (kana + han):
        return Language.EN
    return Language.JA


def _foreign_signs(text: str) -> bool:
    """Whether a character stands there that no Japanese character set holds (没, 妈)."""
    return any(_HAN.match(sign) and not sign.encode("cp932", "ignore") for sign in text)


def is_kana_only(text: str) -> bool:
    """Whether Japanese text is written without any kanji (hiragana, katakana, Latin abbreviations and digits)."""
    return bool(_KANA.search(text)) and not _HAN.search(text)


def figures(text: str) -> tuple[str, ...]:
    """Every number of a text with its magnitude or percent sign, thousands separators removed, in order."""
    return tuple(match.group(0).replace(",", "") for match in _FIGURE.finditer(fold(text)))


def years(text: str) -> tuple[int, ...]:
    """Western years named in either calendar (令和7年, R7年度, 2025年), in order of appearance, without repeats."""
    folded = re.sub(r"元年", "1年", fold(text))
    found: list[tuple[int, int]] = []
    for match in _ERA_YEAR.finditer(folded):
        number = 1 if match.group(2) == "元" else int(match.group(2))
        found.append((match.start(), _ERA_START[match.group(1)] + number))
    found += [(match.start(), int(match.group(1))) for match in _WESTERN_YEAR.finditer(folded)]
    return tuple(dict.fromkeys(year for _, year in sorted(found)))


def ordinals(text: str) -> tuple[int, ...]:
    """The numbers of 第n…, 段階n, n番目, stage n, in order of appearance."""
    result = []
    for match in _ORDINAL.finditer(fold(text)):
        raw = match.group(1) or match.group(2)
        number = int(raw) if raw.isdigit() else _KANJI_DIGIT.get(raw)
        if number is not None:
            result.append(number)
    return tuple(dict.fromkeys(result))
