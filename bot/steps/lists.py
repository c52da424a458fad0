"""What an earlier reply listed, and which member of it a follow-up means (「2つ目は？」「最後のは？」「その次は？」).

Pure text rules over the service's own replies, which list in two ways: 「甲」「乙」「丙」 and 甲、乙、丙の3つ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.records import MaskedText
from bot.text import fold, ordinals

_QUOTED = re.compile(r"「([^「」]{1,40})」")
_JOINED = re.compile(r"[^、。「」\n]{1,25}(?:(?:、|と|及び|または)[^、。「」\n]{1,25}){2,}")
_SPLIT = re.compile(r"、|及び|または")
_TAIL = re.compile(r"(?:など)?(?:の[二三四五六七八2-8]\S{0,6})?(?:です|であり|とされて|が挙げ|を|に|が|は|で)\S*$")
_HEAD = re.compile(r"^.*(?:は|には|として|[つ個種点]で)")
_ENDS = re.compile(r"[がはをにでも]$")  # the clause of the list is over
_NTH = re.compile(r"(?<![\d一二三四五六七八九十百])([一二三四五六七八九1-9])(?:番目|つ目|個目|点目|件目)(?!に(?!つい))")
_LAST = re.compile(r"^(?:じゃあ?、?|では、?)?(?:一番)?最後(?:は|を|の(?:は|もの|やつ|を|に|\W*$))")
# 「次はいつ開かれますか」 asks of something of its own; 「次は？」 and 「その次の段階は」 of the place after.
_NEXT = re.compile(
    r"(?:その|この)次(?!回)|^\W*(?:じゃあ?|では|で)?[、,]?次は?\W*$|^次の(?:段階|項目|章|もの|やつ|原則)|一つ(?:先|上|後)の"
)
_BEFORE = re.compile(r"(?:一つ|ひとつ|その)前の?(?:段階|項目|章|もの|は)|一つ下の")
_PLACE = re.compile(
    r"(?:第|段階|ステージ|stage ?|step ?)([0-9０-９一二三四五六七八九]{1,2})"
    r"|([0-9０-９一二三四五六七八九]{1,2})(?:番目|つ目|個目|段階目|回目)",
    re.IGNORECASE,
)
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九", start=1)}
_MARK = re.compile(r"\[\d+\]")


def listed(reply: str) -> tuple[str, ...]:
    """The members of the first list of a reply, in order; empty where it lists nothing."""
    for line in _MARK.sub("", reply).splitlines():
        quoted = tuple(dict.fromkeys(_QUOTED.findall(line)))
        if len(quoted) > 1:
            return quoted
        joined = _JOINED.search(line)
        if joined:
            return _members([part.strip() for part in _SPLIT.split(joined.group(0))])
    return ()


def _members(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts of a joined list without what leads to it and what is said of it."""
    members = [_HEAD.sub("", parts[0])]
    for place, part in enumerate(parts[1:], 2):
        members.append(_TAIL.sub("", part) if place == len(parts) else _ENDS.sub("", part))
        if _ENDS.search(part):
            break
    return tuple(member for member in members if member)


def meant(text: str, reply: str) -> str | None:
    """The member of the reply's list that a follow-up names by its place; None where it names none."""
    folded, members = fold(text), listed(reply)
    nth = _NTH.search(folded)
    if nth and members:
        number = _DIGITS.get(nth.group(1)) or int(nth.group(1))
        return members[number - 1] if number <= len(members) else None
    if _LAST.search(folded) and members:
        return members[-1]
    return None


def _stepped(text: MaskedText, place: int) -> MaskedText:
    """The text with the last place in an order that it names turned into another."""
    named = list(_PLACE.finditer(text.value))
    if not named:
        return text
    old = named[-1].group(1) or named[-1].group(2)
    return text.with_last(named[-1].group(0), named[-1].group(0).replace(old, str(place)))


def counted_on(text: MaskedText, asked: Sequence[MaskedText]) -> MaskedText | None:
    """The newest earlier question that named a place in an order, with the place that 「その次」 or 「一つ前」 means.

    Every such step since then counts. None where the text takes none or names a place itself, and where nothing
    earlier named one.
    """
    if not _step(text) or ordinals(text.value):
        return None
    counted: MaskedText | None = None
    for each in (*asked, text):
        places = ordinals(each.value)
        if places:
            counted = each
        elif counted is not None and (step := _step(each)):
            place = ordinals(counted.value)[-1]
            counted = _stepped(counted, place + step) if place + step > 0 else None
    return counted


def _step(text: MaskedText) -> int:
    folded = fold(text.value)
    return 1 if _NEXT.search(folded) else -1 if _BEFORE.search(folded) else 0
