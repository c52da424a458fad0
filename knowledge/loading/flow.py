"""Text of formats that know their own paragraphs: blanks and line breaks in it were set by its writer. Pure."""

from __future__ import annotations

import re

from knowledge.cleaning import clean
from knowledge.loading.wording import ends_sentence, must_join

LONGEST = 100_000
"""Characters of one paragraph; what is longer is no paragraph."""
_SEAM = 200  # signs before a line break that decide over it; looking at all would cost the square of the length
_FILLED = 25  # signs of a line from which a break inside a sentence was set to fit a column
_CIRCLED = re.compile(r"[①-⑳]")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]\n[぀-ヿ㐀-鿿]")


def flowed(text: str) -> str:
    """``text`` cleaned and NFKC-normalised, in one line; circled numbers keep apart from what they stand before."""
    # Before NFKC, which would make 「①2件」 into 「12件」.
    circled = _CIRCLED.sub(lambda match: f"({ord(match[0]) - 0x245F})", text[:LONGEST])
    lines = [" ".join(line.split()) for line in clean(circled, LONGEST).split("\n")]
    parts: list[str] = []
    tail = ""
    for line in filter(None, lines):
        part = line if not tail or _is_cut(tail, line) else f" {line}"
        parts.append(part)
        tail = (tail + part)[-_SEAM:]
    return "".join(parts)


def _is_cut(before: str, after: str) -> bool:
    """Whether the break between two lines stands inside a Japanese sentence and is dropped without a blank."""
    if not _JAPANESE.fullmatch(f"{before[-1]}\n{after[0]}") or ends_sentence(before):
        return False
    return len(before) >= _FILLED or must_join(before, after)
