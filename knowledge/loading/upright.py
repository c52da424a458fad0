"""What a drawing leaves in a text layer: words set from top to bottom, and figures without their labels. Pure.

In the text layer every sign of an upright word is a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.loading.blocks import Block
from knowledge.loading.pages import Line

SHORTEST_RUN = 3
FEWEST_FIGURES = 4
"""Lines of nothing but a figure, one after the other, from which they are a drawing's and nobody can tell of what."""
_FIGURE = re.compile(r"^[\d０-９][\d０-９,.，．%％\s]*[%％]?$")
_LETTER = re.compile(r"[々ぁ-ゖァ-ヺー｜|㐀-鿿⼀-⿟⺀-⻳（）()＝=・、。「」A-Za-zＡ-Ｚａ-ｚ]")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]")


def join_upright(items: Sequence[Line | Block]) -> tuple[list[Line | Block], int]:
    """The items with every run of one-sign lines joined into words, and how many runs were left out as unreadable.

    Blank lines part the words of a run where other signs of it stand without one; where every sign is parted from the
    next (「これまで」 with a blank line after each sign) they mean nothing. Such a run is taken for a word only if it
    has kana: 「青」「黄」「赤」 are three marks of a drawing.
    """
    kept: list[Line | Block] = []
    left_out = 0
    run: list[Line] = []
    for item in [*items, None]:
        if isinstance(item, Line) and len(item.text.strip()) == 1:
            run.append(item)
            continue
        after_run = len(run) >= SHORTEST_RUN
        words = _words(run) if after_run else run
        left_out += after_run and not words
        kept += words
        run = []
        if item is not None:
            kept.append(replace(item, apart=True) if after_run and isinstance(item, Line) else item)
    return kept, left_out


def _words(run: Sequence[Line]) -> list[Line]:
    if not all(_LETTER.fullmatch(line.text.strip()) for line in run):
        return []
    if all(line.gap for line in run[1:]):
        text = "".join(line.text.strip() for line in run)
        return [replace(run[0], text=text, apart=True)] if _KANA.search(text) else []
    words: list[list[Line]] = []
    for line in run:
        if words and not line.gap:
            words[-1].append(line)
        else:
            words.append([line])
    return [
        replace(word[0], text="".join(line.text.strip() for line in word), apart=number == 0)
        for number, word in enumerate(words)
    ]


def without_bare_figures(items: Sequence[Line | Block]) -> tuple[list[Line | Block], int]:
    """The items without runs of lines that are only figures (「59%」「88%」「78%」 …), and how many lines went.

    Beside a drawing each has its label; in the text layer the labels stand elsewhere or in another order, and a figure
    whose label cannot be read is worse than none.
    """
    kept: list[Line | Block] = []
    run: list[Line] = []
    left_out = 0
    for item in [*items, None]:
        if isinstance(item, Line) and _FIGURE.match(item.text.strip()):
            run.append(item)
            continue
        if len(run) >= FEWEST_FIGURES:
            left_out += len(run)
        else:
            kept += run
        run = []
        if item is not None:
            kept.append(item)
    return kept, left_out
