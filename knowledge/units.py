"""The texts of a passage that carry a vector, in the one order in which every snapshot stores them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.records import ExcerptKind, Passage, UnitKind
from knowledge.cleaning import clean

LAYOUT = 2
"""Rises whenever ``rows_of`` would give other rows for the same passages."""

HEADS = frozenset({UnitKind.TITLE, UnitKind.QUESTION, UnitKind.FACT, UnitKind.GAP})
"""Units written the way people ask; with body and sentences they make the three parts of the dense score."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text of one unit: the passage's place in its snapshot, the unit, and the cleaned text to embed."""

    passage: int
    kind: UnitKind
    index: int
    text: str


def rows_of(passages: Sequence[Passage]) -> list[Row]:
    """Every text to embed: passage by passage, heads first, then the body, then the sentences; empties left out.

    Every passage keeps at least one row of each of the three parts, so that none is without a score.
    """
    rows: list[Row] = []
    for place, passage in enumerate(passages):
        texts = [(kind, index, clean(text)) for kind, index, text in _texts(passage)]
        rows.extend(Row(place, kind, index, text) for kind, index, text in texts if text)
    return rows


def body_text(passage: Passage) -> str:
    """The title and the body, as one text; the title is not said twice where the body begins with it."""
    title, text = clean("\n".join(_names(passage))), clean(passage.text)
    return text if text.startswith(title) else clean(f"{title}\n{text}")


def _names(passage: Passage) -> list[str]:
    """What a passage is called: a note's own title; of an original, whose passages share one, also the section's."""
    document = passage.document
    if document.excerpt_kind is ExcerptKind.ORIGINAL and document.section:
        return [document.title, document.section]
    return [document.title]


def _texts(passage: Passage) -> Iterator[tuple[UnitKind, int, str]]:
    document = passage.document
    for index, title in enumerate([*_names(passage), *document.titles.values()]):
        yield UnitKind.TITLE, index, title
    for index, question in enumerate(passage.questions):
        yield UnitKind.QUESTION, index, question
    for index, fact in enumerate(passage.facts):
        for question in fact.questions:
            yield UnitKind.FACT, index, question
    for index, gap in enumerate(passage.gaps):
        for question in gap.questions:
            yield UnitKind.GAP, index, question
    yield UnitKind.BODY, 0, body_text(passage)
    for index, sentence in enumerate(passage.sentences):
        yield UnitKind.SENTENCE, index, sentence
