"""Citing the original where a note found the answer and the document it summarises has been imported.

The sentence shown stays ours; the citation moves to the original's passage, if that passage by itself supports the
sentence: every figure, date and name of it, and most of its signs. Otherwise the note is cited, as our summary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.records import Draft, Evidence, ExcerptKind, Passage, PassageId, Sentence
from bot.text import figures, fold, squeeze, years

_LEAST_SHARED = 0.45
"""Share of a sentence's pairs of signs that the passage must hold. Over our notes and the slides they summarise: of 629
sentences whose figures and names an original of their section holds, 495 cite it; of 796 set against an original of
another section, one would."""
_YEAR = re.compile(r"(?:令和|平成|昭和|r|h)\s?(?:元|\d{1,2})年?度?|(?:19|20)\d\d年?度?")
_QUOTED_NAME = re.compile(r"[「『“\"]([^」』”\"]{1,60})[」』”\"]")
_KATAKANA_NAME = re.compile(r"[ァ-ヴー]{3,}(?:・[ァ-ヴー]+)*")
_ORGANISATION = re.compile(r"[一-鿿]{1,8}(?:省|庁|局|委員|市|町|村|区|県|府|部門)(?![一-鿿])")


def citing_originals(draft: Draft, evidence: Evidence) -> Draft:
    """The same draft; sentences whose passage has originals behind it cite the one that supports them best."""
    behind = {found.passage.id: found.originals for found in evidence.found if found.originals}
    if not behind:
        return draft
    return replace(draft, sentences=_cited(draft.sentences, behind), related=_cited(draft.related, behind))


def citable(evidence: Evidence) -> dict[PassageId, Passage]:
    """Every passage that a sentence of this exchange may cite: those found, and the originals behind them."""
    passages = {found.passage.id: found.passage for found in evidence.found}
    passages.update((each.id, each) for found in evidence.found for each in found.originals)
    return passages


def citable_text(passage: Passage) -> str:
    """What a citation of this passage says, squeezed: its text, and of an original also what names it."""
    document = passage.document
    if document.excerpt_kind is not ExcerptKind.ORIGINAL:
        return squeeze(passage.text)
    year = document.as_of[:4] + "年" if document.as_of[:4].isdigit() else ""  # its month and day support no figure
    parts = (passage.text, document.section, document.title, document.source, document.publisher, year)
    return squeeze("\n".join(part for part in parts if part))


def asserts_only(sentence: str, cited: str) -> bool:
    """Whether every figure, year and name of a sentence stands in the cited, squeezed text; years in any calendar."""
    told = frozenset(years(cited))
    rest = _YEAR.sub(lambda match: "" if set(years(f"{match.group(0)}年")) & told else match.group(0), fold(sentence))
    return all(_stands(figure, cited) for figure in figures(rest)) and all(
        squeeze(name) in cited for name in _names(sentence)
    )


def excerpt(passage: Passage, sentences: Iterable[str]) -> str:
    """The passage's own sentences behind what is cited of it, in its order."""
    chosen: set[int] = set()
    for text in sentences:
        if text in passage.sentences:
            chosen.add(passage.sentences.index(text))
        else:
            shares = [_shared(text, squeeze(own)) for own in passage.sentences]
            chosen.add(max(range(len(shares)), key=shares.__getitem__))
    return "\n".join(passage.sentences[place] for place in sorted(chosen))


def _cited(sentences: tuple[Sentence, ...], behind: Mapping[PassageId, tuple[Passage, ...]]) -> tuple[Sentence, ...]:
    return tuple(
        replace(
            sentence, passages=tuple(_best(sentence.text, each, behind.get(each, ())) for each in sentence.passages)
        )
        for sentence in sentences
    )


def _best(sentence: str, note: PassageId, originals: tuple[Passage, ...]) -> PassageId:
    """The original that supports the sentence best; the note where none does."""
    shares = [
        (_shared(sentence, squeeze(passage.text)), -place, passage.id)
        for place, passage in enumerate(originals)
        if asserts_only(sentence, citable_text(passage))
    ]
    best = max(shares, default=None)
    return best[2] if best is not None and best[0] >= _LEAST_SHARED else note


def _shared(sentence: str, text: str) -> float:
    """The share of the sentence's pairs of signs that the squeezed text holds."""
    own = squeeze(sentence)
    pairs = {own[at : at + 2] for at in range(len(own) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def _stands(figure: str, cited: str) -> bool:
    """Whether the figure stands there as a figure of its own: 8 is not in 181."""
    return bool(re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d])(?!\.\d)", cited))


def _names(text: str) -> list[str]:
    """The quoted titles, katakana names and organisations that a sentence asserts."""
    return [*_QUOTED_NAME.findall(text), *_KATAKANA_NAME.findall(text), *_ORGANISATION.findall(text)]
