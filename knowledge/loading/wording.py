"""What a single line of a page shows about itself: cleaned text, marks, numbers, endings. Pure.

Everything here looks at one line or at the seam of two; what needs a page or a document stands in ``lines``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.cleaning import clean

# NFKC repairs the Kangxi radicals (U+2F00) but leaves the radicals of the supplement, which fonts swap in as well.
_RADICALS = str.maketrans(
    "⺠⻁⻄⻅⻆⻉⻋⻑⻘⻝⻣⻤⻨⻩⻫⻭⻯⻲⺝⻢⻥⻦⻞⻙⻚⻓", "民虎西見角貝車長青食骨鬼麦黄斉歯竜亀月馬魚鳥食韋頁長"
)
_JAPANESE = "々〆ぁ-ゖァ-ヺー㐀-䶿一-鿿豈-﫿"
_CIRCLED = "①-⑳㉑-㉟"
_RUNNING = 25
"""Signs from which a line with a comma or stop is running text, in which a blank between Japanese signs means nothing;
shorter lines are often 「分野 労働」, where the blank divides a name from its value."""

_BEFORE_STOP = re.compile(r"(?<=\S) +(?=[、。，．）」』】])")
_AFTER_STOP = re.compile(rf"(?<=[、。]) +(?=[{_JAPANESE}A-Za-z0-9「『（(])")
_JAPANESE_BLANK = re.compile(rf"(?<=[{_JAPANESE}]) +(?=[{_JAPANESE}])")
_MIXED_BLANK = re.compile(rf"(?<=[A-Za-z0-9%)]) +(?=[{_JAPANESE}])|(?<=[{_JAPANESE}]) +(?=[A-Za-z0-9])")
_SPREAD = re.compile(rf"[{_JAPANESE}](?: [{_JAPANESE}])+")
_LEADING_CIRCLE = re.compile(rf"^([{_CIRCLED}])(?=[^\s　])")
_LEADING_NUMBER = re.compile(r"^(?:[(第]?[0-9０-９]++[-.)）．－0-9①-⑳章節条項部編]*+|[①-⑳])\s+")

_SYMBOL_FONT = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""Bullets of symbol fonts stand in the private use area; nothing else there can be read."""
BULLET = re.compile(r"^(?:[\uf000-\uf0ff]\s*|[・•●■□○◯▪◆◇▶➢✓‣◦∙⚫⚪]\s*|[-–—−‐*]\s+)")
_NUMBER = re.compile(
    rf"^(?:[(（][0-9０-９]{{1,2}}[)）]|[(（][ア-ンa-zａ-ｚivx]{{1,3}}[)）]|[{_CIRCLED}⑴-⒇❶-❿]|[0-9０-９]{{1,2}}[.．)）](?![0-9０-９])|"
    rf"[0-9０-９]{{1,2}}[\s　]+(?=\S)|第[0-9０-９一二三四五六七八九十百]{{1,4}}[編部章節款条項]?(?:[の\s　(（]|$)|"
    rf"[0-9０-９]{{1,2}}[-－‐][{_CIRCLED}0-9０-９]|[ア-ン][\s　]+(?=\S)|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]+[\s　.．])"
)
_LABEL = re.compile(
    r"^(?:【[^】]{1,40}】|※|\*[0-9]|[(（]?注\s?[0-9０-９]*(?:[)）]|:\s)(?![のがをはにで])|https?://|[＜<][^＞>]{1,20}[＞>]$|[Qq][0-9０-９]+[.．:：\s]|[Aa][0-9０-９]+[.．:：\s])"
)

_STOP = re.compile(r"[。．！？!?][」』）)】\"”]?$|[.][\"”)]?$")
_OPEN_END = re.compile(r"[、，,・「『（(【〔：:＝=／/～~→]$|(?:[をがはにでやなへ]|(?<!こ)と|(?<!も)の)$")
_OPEN_START = re.compile(
    r"^(?!その|この|また|これ|ここ|さらに|ただし|なお|しかし|そして|よって|とはいえ|こども|ごみ|まち)"
    r"[ぁ-ゖーァィゥェォッャュョヮ々等、。，．）」』】〕)/／％%]"
)
_KATAKANA_SEAM = re.compile(r"[ァ-ヺー]\n[ァ-ヺー]")
_COUNTED_SEAM = re.compile(r"[0-9０-９]\n[年月日時分件人円校回箇か万億千％%]")
_HIRAGANA = re.compile(r"[ぁ-ゖ]")
_LATIN_SEAM = re.compile(r"[A-Za-z0-9,.;:)'’-]\n[A-Za-z0-9('‘“\"]")
_URL = re.compile(r"^https?://\S+$")


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a heading is numbered: 1 the highest class (第1部), 9 the deepest (【…】)."""

    rank: int
    pattern: re.Pattern[str]


PLAIN = 5
DOTTED = 8
"""「1. …」 below 「2.3 …」; where a document has no 「1 …」 it takes that rank (``headings``)."""
IN_BRACKETS = 9

NUMBERINGS: tuple[Numbering, ...] = tuple(
    Numbering(rank, re.compile(pattern))
    for rank, pattern in (
        (1, r"^第[0-9０-９一二三四五六七八九十]+[編部](?![0-9一-龠])"),
        (2, r"^(?:第[0-9０-９一二三四五六七八九十]+章(?![のにで])|[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]+[\s　.．]+\S)"),
        (3, r"^第[0-9０-９一二三四五六七八九十]+節(?![のにで])|^第[0-9０-９]{1,2}[\s　]+\S"),
        (4, rf"^[0-9０-９]{{1,2}}[-－‐][{_CIRCLED}]\s*\S"),
        (4, r"^\S.{0,30}[＜<][0-9０-９]+\s?[/／]\s?[0-9０-９]+[＞>]$"),
        (PLAIN, r"^[0-9０-９]{1,2}[\s　]+(?=\D)\S"),
        (DOTTED, r"^[0-9０-９]{1,2}[.．][\s　]*(?=[^0-9０-９\s])"),
        (6, r"^[0-9０-９]{1,2}[.．\-－][0-9０-９]{1,2}[.．]?[\s　]*(?=[^0-9０-９.．%％])\S"),
        (7, r"^[(（][0-9０-９]{1,2}[)）]\s*\S"),
        (IN_BRACKETS, r"^【[^】]{1,40}】$"),
    )
)
PAGE_TITLE = 4
"""The rank of what titles a whole slide: 「２-② …」 and 「… ＜1/4＞」."""
LONGEST_HEADING = 60


def tidy(text: str) -> str:
    """``text`` cleaned and NFKC-normalised, in one line, without blanks that only the page put into it."""
    spread = _LEADING_CIRCLE.sub(r"\1 ", text.strip()) if text else text
    known = _SYMBOL_FONT.sub("", spread.translate(_RADICALS))
    flat = " ".join(clean(known, 18 * len(text) + 1).split())
    head = match.group() if (match := _LEADING_NUMBER.match(flat)) else ""
    body = _BEFORE_STOP.sub("", _AFTER_STOP.sub("", flat[len(head) :]))
    if len(body) >= _RUNNING and any(sign in body for sign in "、。") and _is_prose(body):
        return head + _JAPANESE_BLANK.sub("", _MIXED_BLANK.sub("", body))
    if _SPREAD.fullmatch(body) and len(body) <= 15:
        return head + body.replace(" ", "")
    return head + body


def _is_prose(text: str) -> bool:
    """Prose has a fifth of hiragana at the least; lists of names and offices, whose blanks mean something, have not."""
    return len(_HIRAGANA.findall(text)) * 5 >= len(text)


def begins_anew(text: str) -> bool:
    """Whether a line (as printed) opens an item, a note, a numbered paragraph or a label of its own."""
    return bool(BULLET.match(text) or _NUMBER.match(text) or _LABEL.match(text))


def is_item(text: str) -> bool:
    """Whether a line (as printed) is a member of a list."""
    return bool(BULLET.match(text) or _NUMBER.match(text))


def is_bullet(text: str) -> bool:
    return bool(BULLET.match(text))


def is_address(text: str) -> bool:
    return bool(_URL.match(text.strip()))


def without_bullet(text: str) -> str:
    return BULLET.sub("", text, count=1)


def ends_sentence(text: str) -> bool:
    return bool(_STOP.search(text.rstrip()))


def must_join(before: str, after: str) -> bool:
    """Whether the seam of two lines lies inside a word or a phrase, whatever the lines' lengths."""
    if not (_has_letter(before) and _has_letter(after)):
        return False
    if _OPEN_END.search(before.rstrip()) or _OPEN_START.match(after.lstrip()):
        return True
    # 「データ副専攻コース」 above 「データサイエンスの技術を」 is a title above its text, not one word.
    seam = f"{before.rstrip()[-1:]}\n{after.lstrip()[:1]}"
    if _COUNTED_SEAM.fullmatch(seam):
        return True
    return bool(_KATAKANA_SEAM.fullmatch(seam)) and len(before) >= 0.8 * len(after)


def _has_letter(text: str) -> bool:
    return any(sign.isalpha() for sign in text)


def joined(before: str, after: str) -> str:
    """Two lines as one: Latin words stay apart, Japanese closes up, a hyphenated word is mended."""
    if before.endswith("-") and after[:1].islower() and before[-2:-1].isalpha():
        return before[:-1] + after
    if _LATIN_SEAM.fullmatch(f"{before[-1:]}\n{after[:1]}") and not (before[-1:].isdigit() and after[:1].isdigit()):
        return f"{before} {after}"
    return before + after


def numbering(text: str) -> int | None:
    """The rank of a heading's number in a line (as printed), None where it has none."""
    bare = text.strip()
    if len(bare) > LONGEST_HEADING or ends_sentence(bare) or bare.endswith(("、", "，", ",")):
        return None
    return next((each.rank for each in NUMBERINGS if each.pattern.match(bare)), None)
