"""BM25 over tokens of our own making: one static table per snapshot and kind of token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Anserini's defaults. On the two development sets they beat k1 1.5, b .75 (JSQuAD words .946 against .939).
K1 = 0.9
B = 0.4


class Lexical:
    """Scores of every passage for a query's tokens. Immutable, safe from any thread."""

    def __init__(self, table: Any, passages: int) -> None:
        self._table = table
        self._passages = passages

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float32]:
        """The BM25 score of each passage, in snapshot order; zeros where no token is known."""
        known = [] if self._table is None else self._table.get_tokens_ids(list(tokens))
        if not known:
            return np.zeros(self._passages, dtype=np.float32)
        scores: NDArray[np.float32] = self._table.get_scores_from_ids(known)
        return scores

    def save(self, directory: Path) -> None:
        """Writes the table's files into ``directory``; an empty table writes none."""
        directory.mkdir(parents=True)
        if self._table is not None:
            self._table.save(str(directory), show_progress=False)


def build(tokens: Sequence[Sequence[str]]) -> Lexical:
    """The table over the tokens of each passage."""
    if not any(tokens):
        return Lexical(None, len(tokens))
    import bm25s  # noqa: PLC0415 - 0.3 s, for those who search

    table = bm25s.BM25(k1=K1, b=B)
    table.index([list(each) for each in tokens], show_progress=False)
    return Lexical(table, len(tokens))


def load(directory: Path, passages: int) -> Lexical:
    """A table written by ``save``. Raises OSError or ValueError where the files are not such a table."""
    if not any(directory.iterdir()):
        return Lexical(None, passages)
    import bm25s  # noqa: PLC0415 - 0.3 s, for those who search

    return Lexical(bm25s.BM25.load(str(directory)), passages)
