"""What a text says when it is decoded, turned round or spelled out: other readings of the same signs. Pure.

People who want a command to pass a filter write it in base64, hexadecimal, rot13, backwards, in digits for letters, or
with a space between the letters. A rule that must not be passed reads these too.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re

from bot.text import fold

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}[ :,]?){6,}(?![0-9a-fA-F])")
_MARKED_LETTER = re.compile(r"(?<=\b\w)[ ._*-]{1,2}(?=\w\b)")
_LETTER_AND_DIGIT = re.compile(r"[a-z][013457@$]|[013457@$][a-z]")
_LEET = tuple(str.maketrans("013457@$", f"o{one}eastas") for one in "il")
_LATIN = re.compile(r"[a-z]")
_SPACED = re.compile(r"(?<=[぀-ヿ㐀-鿿])\s(?=[぀-ヿ㐀-鿿])")
_MOST_CODES = 4  # decoded of one text


def tight(folded: str) -> str:
    """Folded text without the spaces between Japanese words (easy Japanese is written with them)."""
    return _SPACED.sub("", folded)


def readings(text: str) -> tuple[str, ...]:
    """Other readings of a text, folded, without repeats; none that is the text itself."""
    folded = fold(text)
    found = [folded[::-1], *(fold(each) for each in _decoded(text))]
    if _LATIN.search(folded):
        spelled = _MARKED_LETTER.sub("", folded)
        found += [spelled, codecs.decode(folded, "rot13")]
        if _LETTER_AND_DIGIT.search(folded):
            found += [folded.translate(table) for table in _LEET]
    return tuple(dict.fromkeys(each for each in found if each and each != folded))


def _decoded(text: str) -> list[str]:
    """What the codes in a text say, where it is text at all."""
    codes = [_of_base64(match.group(0)) for match in list(_BASE64.finditer(text))[:_MOST_CODES]]
    codes += [_of_hex(match.group(0)) for match in list(_HEX.finditer(text))[:_MOST_CODES]]
    return [each for each in codes if each.isprintable()]


def _of_base64(code: str) -> str:
    bare = code.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _of_hex(code: str) -> str:
    try:
        return bytes.fromhex(re.sub(r"[ :,]", "", code)).decode("utf-8")
    except (ValueError, UnicodeDecodeError):
        return ""
