r"""Mojibake: text whose signs are not those that were written. Pure.

Four kinds are told apart by what they leave behind: signs that mean "not known" (U+FFFD, private use, unassigned,
control signs), glyph numbers that an extractor prints for want of a map (``(cid:12)``), Japanese bytes read as a
western encoding (``ã\x81\x82`` from UTF-8, ``‚ ‚¢`` from Shift_JIS), and Japanese bytes read in another Japanese
encoding (``縺ゅ>縺`` from UTF-8 read as Shift_JIS: kanji of JIS level 2 mixed with half-width katakana).
"""

from __future__ import annotations

import re
import unicodedata

MOST_UNKNOWN = 0.02
"""Share of signs of no meaning from which a text is garbled; a good one has none or a bullet of a symbol font."""
MOST_WESTERN = 0.12
"""Share of accents, signs and quotes of the western tables among the letters: French has .04, mojibake .4 and more."""
MOST_HALF_JAPANESE = 0.15
FEWEST = 12
"""Signs below which a share says nothing; one unknown sign in a short text is no proof."""

_GLYPH_NUMBER = re.compile(r"\(cid:\d+\)")
_WESTERN = re.compile(
    "[\u0080-\u00a9\u00ab-\u00af\u00b2-\u00b9\u00bb-\u00bf\u00c2-\u00c6\u00d0\u00d7\u00d8\u00de\u00e2-\u00e6\u00f0\u00f7\u00f8\u00fe\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u201a\u201e\u2020\u2021\u2030\u2039\u203a\u20ac\u2122]"
)
_WESTERN_RUN = re.compile(f"(?:{_WESTERN.pattern}[\u0080-\u00ff]?){{3,}}")
_WRONG_JAPANESE = re.compile(r"[縺繧繝荳譁蜿螟郢邵闕鬮髫隴隰驕霑]|[ｦ-ﾟ](?=[^ｦ-ﾟ\s])")
_KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
_ACCENTED_WORD = re.compile(r"[A-Za-z]{2,}")
_QUIET = frozenset({"\n", "\r", "\t", "\f", "\v"})


def unknown_share(text: str) -> float:
    """Share of signs that mean nothing: replacement, private use, unassigned, control, glyph numbers."""
    glyphs = len(_GLYPH_NUMBER.findall(text))
    rest = _GLYPH_NUMBER.sub("", text)
    signs = [sign for sign in rest if not sign.isspace() or sign in "\x1c\x1d\x1e\x1f\x85"]
    if not signs and not glyphs:
        return 0.0
    return (sum(map(_is_unknown, signs)) + glyphs) / (len(signs) + glyphs)


def _is_unknown(sign: str) -> bool:
    if sign in "\ufffd\ufffe\uffff":
        return True
    return unicodedata.category(sign) in {"Co", "Cn", "Cs", "Cc"} and sign not in _QUIET


def is_garbled(text: str) -> bool:
    """Whether ``text`` is mojibake, as far as its signs tell."""
    signs = [sign for sign in text if not sign.isspace()]
    if not signs:
        return False
    if len(signs) >= FEWEST and unknown_share(text) > MOST_UNKNOWN:
        return True
    return _is_western_garble(text, len(signs)) or _is_japanese_garble(text, signs)


def _is_western_garble(text: str, signs: int) -> bool:
    """Runs of table signs that no language writes one after the other."""
    western = sum(len(run.group()) for run in _WESTERN_RUN.finditer(text))
    single = len(_WESTERN.findall(text))
    japanese = len(_KANA.findall(text))
    if signs < FEWEST:
        return western * 2 > signs
    return western / signs > MOST_WESTERN / 2 or (single / signs > MOST_WESTERN and japanese / signs < MOST_WESTERN)


def _is_japanese_garble(text: str, signs: list[str]) -> bool:
    if len(signs) < FEWEST:
        return False
    wrong = len(_WRONG_JAPANESE.findall(text))
    return wrong / len(signs) > MOST_HALF_JAPANESE and len(_KANA.findall(text)) / len(signs) < 0.3
