"""Which imported originals stand behind which notes. Pure.

A note is our summary of one section of a source. Once the source itself has been imported, answers cite the original;
the note stays as the way to find it (its questions, facts and gaps are what people's words are compared with). So the
original's passages under a section that a note summarises are not searched on their own: they are reached through it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.records import Document, DocumentKind, ExcerptKind, Passage, PassageId

PATH_MARK = " > "
"""Between the headings of a passage's section."""

_RECOGNISED = 0.6
_RECOGNISED_FIGURES = 0.5
_LEAST_SECTIONS = 3
_JOINED = re.compile(r"(?<![<\d])/(?!\d)")  # not the stroke of <1/4>
_PAGES = re.compile(r"<\d/\d>")
_NOISE = re.compile(r"[\s・、,.()（）「」『』\-–—‐:：]+")


@dataclass(frozen=True, slots=True)
class Links:
    """``originals``: the passages behind a note, in the original's order; ``reached``: all of them."""

    originals: Mapping[PassageId, tuple[Passage, ...]]
    reached: frozenset[PassageId]


def links(passages: Sequence[Passage]) -> Links:
    """The originals behind every note: of the same source, under the section that the note names."""
    sections: dict[tuple[str, str], list[Passage]] = defaultdict(list)
    for passage in passages:
        if passage.document.excerpt_kind is ExcerptKind.ORIGINAL:
            for heading in _headings(passage.document.section):
                sections[_plain(passage.document.source), heading].append(passage)
    originals: dict[PassageId, tuple[Passage, ...]] = {}
    for note in filter(_is_note, passages):
        source = _plain(note.document.source)
        behind = [passage for name in _named(note.document.section) for passage in sections.get((source, name), ())]
        if behind:
            originals[note.id] = tuple({each.id: each for each in behind}.values())
    return Links(originals, frozenset(each.id for behind in originals.values() for each in behind))


def searched(passages: Sequence[Passage]) -> list[Passage]:
    """The passages that are searched on their own, in order: all but those reached through a note."""
    reached = links(passages).reached
    return [passage for passage in passages if passage.id not in reached]


def recognised(passages: Iterable[Passage], notes: Iterable[Passage]) -> tuple[Document, int, int] | None:
    """The source that a document turns out to be: one whose sections, as notes name them, are its headings, and whose
    figures stand in it. The next edition has the same headings: it is another document.

    Gives the document of a note of that source, how many of the named sections were found, and of how many; None where
    fewer than six of ten (or fewer than three) were, or fewer than half of the figures.
    """
    passages, notes = list(passages), list(notes)
    text = _plain("".join(passage.text for passage in passages))
    headings = {heading for passage in passages for heading in _headings(passage.document.section)}
    named: dict[str, Counter[str]] = defaultdict(Counter)
    example: dict[str, Document] = {}
    for note in notes:
        if _is_note(note):
            named[note.document.source].update(_named(note.document.section))
            if note.document.kind is DocumentKind.DOCUMENT:
                example.setdefault(note.document.source, note.document)
    best: tuple[Document, int, int] | None = None
    for source, sections in named.items():
        found = len(headings & sections.keys())
        enough = found >= _LEAST_SECTIONS and found >= _RECOGNISED * len(sections)
        if not enough or not _holds_figures(text, [note for note in notes if note.document.source == source]):
            continue
        if source in example and (best is None or found > best[1]):
            best = example[source], found, len(sections)
    return best


def _holds_figures(text: str, notes: Sequence[Passage]) -> bool:
    """Whether half of the notes' facts of two digits or more stand in the text with their units."""
    figures = {
        _plain(f"{fact.value}{fact.unit or ''}")
        for note in notes
        for fact in note.facts
        if sum(sign.isdigit() for sign in fact.value) > 1
    }
    return not figures or sum(figure in text for figure in figures) >= _RECOGNISED_FIGURES * len(figures)


def _is_note(passage: Passage) -> bool:
    document = passage.document
    return document.excerpt_kind is ExcerptKind.SUMMARY and document.section is not None


def _headings(section: str | None) -> set[str]:
    return {_plain(_final(part)) for part in section.split(PATH_MARK)} if section else set()


def _named(section: str | None) -> list[str]:
    """The headings that a note names: one, or several joined by 「／」 or by numbers of pages (甲 ＜1/3＞、＜3/3＞)."""
    names: list[str] = []
    for piece in _JOINED.split(_final(section or "")):
        pages = _PAGES.findall(piece)
        subject = _PAGES.sub("", piece).strip("、, ")
        names += [_plain(f"{subject}{page}") for page in pages] or [_plain(piece)]
    return list(dict.fromkeys(name for name in names if name))


def _final(heading: str) -> str:
    """A heading without the mark of a draft, which notes and sources set at will."""
    return unicodedata.normalize("NFKC", heading).replace("(案)", "")


def _plain(text: str | None) -> str:
    """For comparing titles and headings: NFKC, lower case, without spaces and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text or "").lower())
