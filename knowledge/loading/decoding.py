"""The encoding of a Japanese text file, found by strict decoding and by what the result looks like. Pure."""

from __future__ import annotations

import codecs
import unicodedata

from knowledge.documents import BadDocument
from knowledge.loading.legibility import is_garbled

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE = "save it as UTF-8"


def decode(name: str, content: bytes) -> str:
    """The text of ``content``. Raises BadDocument where no encoding fits without doubt."""
    if not content.strip():
        raise BadDocument(name, "file", "is empty; give a file with text")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _checked(name, _strictly(content, encoding), encoding)
    if b"\0" in content:
        raise BadDocument(name, "file", f"is not a text file or has no byte order mark; {_SAVE}")
    utf8 = _strictly(content, "utf-8")
    return _checked(name, utf8, "utf-8") if utf8 is not None else _older(name, content)


def _older(name: str, content: bytes) -> str:
    """Shift_JIS and EUC-JP share bytes; the wrong one gives rare kanji and half-width katakana, the right one kana."""
    readings = [text for code in ("cp932", "euc_jp") if (text := _strictly(content, code)) is not None]
    plausible = sorted(((japanese_share(text), text) for text in readings if not is_garbled(text)), reverse=True)
    if not plausible or plausible[0][0] < LEAST_JAPANESE:
        raise BadDocument(name, "file", f"is in no encoding that can be told with certainty; {_SAVE}")
    if len(plausible) > 1 and plausible[0][0] - plausible[1][0] < 0.1:
        raise BadDocument(name, "file", f"can be read as Shift_JIS and as EUC-JP; {_SAVE}")
    return plausible[0][1]


LEAST_JAPANESE = 0.5
"""Share of the signs outside ASCII that must be usual Japanese ones for Shift_JIS or EUC-JP to be believed."""


def japanese_share(text: str) -> float:
    """Of the signs outside ASCII, the share of hiragana, full-width katakana and signs of JIS level 1.

    Level 1 (Shift_JIS lead bytes 0x88 to 0x97) holds the kanji in common use; wrong readings fall on level 2 and on
    half-width katakana.
    """
    signs = [sign for sign in text if ord(sign) > 127]
    return sum(_is_usual(sign) for sign in signs) / len(signs) if signs else 0.0


def _is_usual(sign: str) -> bool:
    if "ぁ" <= sign <= "ヾ" or sign in "、。「」（）・ー　％！？：；〜～『』【】":
        return True
    if "０" <= sign <= "ｚ":
        return True
    if not unicodedata.name(sign, "").startswith("CJK UNIFIED"):
        return False
    code = sign.encode("cp932", errors="ignore")
    return len(code) == 2 and 0x88 <= code[0] <= 0x97


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        return None


def _checked(name: str, text: str | None, encoding: str) -> str:
    if text is None:
        raise BadDocument(name, "file", f"begins like {encoding.removesuffix('-sig').upper()} but is not; {_SAVE}")
    if not text.strip("\ufeff \n\r\t\f\0"):
        raise BadDocument(name, "file", "is empty; give a file with text")
    if is_garbled(text):
        raise BadDocument(name, "file", f"holds garbled signs (mojibake); open the original, check it and {_SAVE}")
    return text
