"""Sudachi: the morphemes of Japanese text, with normalised forms and readings."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from bot.records import Word
from knowledge.cleaning import clean

if TYPE_CHECKING:
    from sudachipy import Dictionary, SplitMode, Tokenizer  # type: ignore[import-untyped]  # it ships no py.typed

_NAMES = frozenset({"姓", "名"})
_PROPER = frozenset({"人名", "地名"})


class SudachiAnalyzer:
    """``bot.ports.WordAnalyzer``. Each thread has its own Sudachi tokenizer: a shared one raises."""

    def __init__(self, dictionary: Dictionary, mode: SplitMode) -> None:
        self._dictionary = dictionary
        self._mode = mode
        self._own = threading.local()

    def words(self, text: str) -> list[Word]:
        """The morphemes of ``text``, cleaned once more here; an empty text has none."""
        cleaned = clean(text)
        if not cleaned:
            return []
        found: list[Word] = []
        for morpheme in self._tokenizer().tokenize(cleaned):
            part, detail, group, kind, *_ = morpheme.part_of_speech()
            proper = kind if kind in _NAMES else group if group in _PROPER else ""
            surface, normal, reading = morpheme.surface(), morpheme.normalized_form(), morpheme.reading_form()
            found.append(Word(surface, normal, reading, part, detail, proper))
        return found

    def _tokenizer(self) -> Tokenizer:
        tokenizer: Tokenizer | None = getattr(self._own, "tokenizer", None)
        if tokenizer is None:
            # Mode A, the shortest units: people ask for 予算 where the document says 補正予算.
            tokenizer = self._dictionary.tokenizer(mode=self._mode)
            self._own.tokenizer = tokenizer
        return tokenizer


def load_analyzer() -> SudachiAnalyzer:
    """The analyzer over the installed core dictionary (about 0.2 s)."""
    from sudachipy import Dictionary, SplitMode  # noqa: PLC0415 - maps a 200 MB dictionary; only those who search need it

    return SudachiAnalyzer(Dictionary(), SplitMode.A)
