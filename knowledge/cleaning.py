"""Cleaning before any model or index sees a text. Pure; nothing here knows what the text is for.

Some embedding engines die on what people paste: lone surrogates cannot be encoded, NUL ends a C string, ten U+FDFA
(one sign that stands for eighteen letters) overflow a buffer, and 100,000 characters take minutes. Half-width katakana,
decomposed dakuten and Kangxi radicals hide words from an index. NFKC undoes the last three and U+FDFA; the rest is
dropped or capped here.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4_000
"""Characters kept of any one text; a question is at most 2,000, a passage far less."""

_DROPPED = frozenset({"Cc", "Cf", "Cs"})  # controls (NUL), formats (RTL marks, zero widths), lone surrogates
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n[ \n]*")


def clean(text: str, longest: int = LONGEST) -> str:
    """``text`` without what breaks an index or a model, NFKC-normalised, at most ``longest`` characters.

    Newlines stay (one at a time), other white space becomes one space. Nothing useful left gives "".
    Cleaning what is clean changes nothing.
    """
    # NFKC can shorten (decomposed dakuten: two become one) but no text worth keeping shrinks to a quarter.
    spaced = text[: longest * 4].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(sign for sign in spaced if sign == "\n" or unicodedata.category(sign) not in _DROPPED)
    normal = _LINE_ENDS.sub("\n", _BLANKS.sub(" ", unicodedata.normalize("NFKC", kept)))
    return normal.strip()[:longest].strip()
