"""What two spellings of one value have in common, so that they get one label."""

from __future__ import annotations

import re
import unicodedata

from bot.masking import spoken
from bot.masking.checks import digits_of

_BY_LETTERS = frozenset({"email", "name", "passport", "residence_card", "ip_address", "number_plate", "staff_number"})
_LEAST_DIGITS = 4  # fewer are written out: then the units are read as they are spoken
_AT = re.compile(
    r"[\[({<]?(?:[@★☆◎●■◆♪]|アット(?:マーク)?|(?<=[\[({<])a(?=[\])}>])|(?<=[\s\[({<_])at(?=[\s\])}>_]))[\])}>]?"
)
_DOT = re.compile(r"[\[({<]?(?:。|ドット|(?<=[\s\[({<_])dot(?=[\s\])}>_]))[\])}>]?")
_PARTS = re.compile(r"丁目|番地|[番号のー/]")
_KANJI_FIGURES = str.maketrans("一二三四五六七八九", "123456789")
_SPACE_AND_DASH = re.compile(r"[\s\-]+")


def normalised(kind: str, seen: str) -> str:
    """The value in one spelling. ``seen`` is the shadow of what was found (see ``shadow``). Never leaves memory."""
    folded = unicodedata.normalize("NFKC", seen).casefold()
    if kind == "email":
        return re.sub(r"\s", "", _DOT.sub(".", _AT.sub("@", folded)))
    if kind == "address":
        parts = _SPACE_AND_DASH.sub("-", _PARTS.sub("-", folded.translate(_KANJI_FIGURES)))
        return re.sub(r"-+", "-", re.sub(r"(?<!\d)-|-(?!\d)", "", parts))
    if kind in _BY_LETTERS:
        return re.sub(r"[\s\-・･]", "", folded)
    digits = digits_of(folded)
    if len(digits) < _LEAST_DIGITS:
        digits = "".join(spoken.value(unit) for unit in spoken.units(folded))
    return _domestic(digits) if kind == "phone" else digits or folded


def _domestic(digits: str) -> str:
    """A Japanese number as it is dialled at home: +81 90 … and 090 … are one."""
    for prefix in ("0081", "81"):
        if digits.startswith(prefix) and len(digits) - len(prefix) in (9, 10, 11):
            return "0" + digits.removeprefix(prefix).removeprefix("0")
    return digits
