"""What a person wrote, as the documents of the desk write it."""

from __future__ import annotations

from bot.desk import Desk
from bot.ports import ShelfUnavailable
from bot.records import Language, MaskedText
from bot.text import language_of


def respelled(desk: Desk, text: MaskedText) -> MaskedText:
    """A Japanese text with kana and mistyped words written as the active snapshot writes them (``bot.spelling``).

    Other languages, and any text while the shelf is away, are given back as they are: what settles an inquiry without
    documents does not need them.
    """
    if language_of(text.value) is not Language.JA:
        return text
    try:
        common = desk.lexicon.common(desk.shelf.snapshot(), desk.shelf.passages())
    except ShelfUnavailable:
        return text
    return text.edited(common.spelling.edits(text.value, desk.analyzer.words(text.value), common.said))
