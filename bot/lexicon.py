"""The words of passages, worked out once: what each speaks of, and what people ask about it in vain."""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.ports import WordAnalyzer
from bot.questions import content_words
from bot.records import ExcerptKind, Passage, PassageId, SnapshotId, Term, Word
from bot.spelled import Spelled, nouns, spelling_of
from bot.spelling import Spelling
from bot.text import squeeze, years

_REMEMBERED = 4_000  # passages; a few kilobytes each


@dataclass(frozen=True, slots=True)
class PassageWords:
    """``said``: content words of title, text, section, aliases, questions and facts; ``plain``: the same texts squeezed
    into one string, for words that morphology cuts differently; ``readings``: their katakana reading; ``gaps``: the
    words by which people ask for what the source does not say. ``facts`` and ``gap_units`` are the words of each fact
    and of each gap, in the passage's order. ``vain`` are the phrases by which gaps are asked for and that occur nowhere
    in what the passage says or answers, squeezed. ``stated`` is the passage's own text, squeezed; ``years`` the western
    years of which it or its questions speak; ``spelled`` its nouns and compounds with their readings.
    """

    said: frozenset[str]
    plain: str
    readings: str
    gaps: frozenset[str]
    facts: tuple[frozenset[str], ...] = ()
    gap_units: tuple[frozenset[str], ...] = ()
    vain: frozenset[str] = frozenset()
    stated: str = ""
    years: frozenset[int] = frozenset()
    spelled: frozenset[Spelled] = frozenset()

    def covers(self, term: Term) -> bool:
        """Whether the passage speaks of ``term``, also inside a longer word or in another script."""
        if any(form in self.said or (len(form) > 1 and form in self.plain) for form in term.forms):
            return True
        return len(term.reading) > 2 and term.reading in self.readings


@dataclass(frozen=True, slots=True)
class CommonWords:
    """All words that the passages of one snapshot say, all by which people ask in vain anywhere in it, and whose
    opinions it holds; ``spelling`` finds its words by their sound.
    """

    said: frozenset[str]
    gaps: frozenset[str]
    counts: Mapping[str, int]
    passages: int
    speakers: frozenset[str] = frozenset()
    spelling: Spelling = field(default_factory=Spelling)

    def rarity(self, term: Term) -> float:
        """How telling a term is: the logarithm of how few passages say it (inverse document frequency)."""
        return math.log((self.passages + 1) / (max(self.counts.get(form, 0) for form in term.forms) + 0.5))


class Lexicon:
    """Works out and remembers the words of passages. Safe from any thread."""

    def __init__(self, analyzer: WordAnalyzer) -> None:
        self._analyzer = analyzer
        self._known: OrderedDict[PassageId, tuple[Passage, PassageWords]] = OrderedDict()
        self._common: tuple[SnapshotId, CommonWords] | None = None
        self._lock = threading.Lock()

    def words(self, passage: Passage) -> PassageWords:
        with self._lock:
            known = self._known.get(passage.id)
            # Compared whole: an operator may give a document another title without a change to its file.
            if known is not None and known[0] == passage:
                self._known.move_to_end(passage.id)
                return known[1]
        fresh = self.read(passage)
        with self._lock:
            self._known[passage.id] = passage, fresh
            self._known.move_to_end(passage.id)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return fresh

    def common(self, snapshot: SnapshotId, passages: Sequence[Passage]) -> CommonWords:
        """The words of a whole snapshot; worked out once for the newest snapshot asked for."""
        with self._lock:
            if self._common and self._common[0] == snapshot:
                return self._common[1]
        each = [self.words(passage) for passage in passages]
        fresh = CommonWords(
            said=frozenset().union(*(words.said for words in each)),
            gaps=frozenset().union(*(words.gaps for words in each)),
            counts=Counter(word for words in each for word in words.said),
            passages=len(each),
            speakers=frozenset(
                speaker
                for passage in passages
                if passage.document.speaker
                for speaker in passage.document.speaker.split("・")
            ),
            spelling=spelling_of((words.spelled for words in each), self._sound),
        )
        with self._lock:
            self._common = (snapshot, fresh)
        return fresh

    def _sound(self, kanji: str) -> str:
        return "".join(word.reading for word in self._analyzer.words(kanji))

    def read(self, passage: Passage) -> PassageWords:
        """The words of a passage, each of its texts analysed once."""
        known: dict[str, Sequence[Word]] = {}

        def content(texts: Iterable[str]) -> frozenset[str]:
            for text in texts:
                if text not in known:
                    known[text] = self._analyzer.words(text)
            return frozenset(word for text in texts for word in content_words(known[text]))

        said, vain = said_texts(passage), gap_texts(passage)
        plain = squeeze("\n".join(said))
        phrases = (squeeze(ask) for gap in passage.gaps for ask in gap.asks)
        return PassageWords(
            said=content(said),
            plain=plain,
            readings="\n".join("".join(word.reading for word in known[text]) for text in said),
            gaps=content(vain),
            facts=tuple(content((fact.sentence, fact.subject, *fact.asks, *fact.questions)) for fact in passage.facts),
            gap_units=tuple(content((gap.subject, *gap.asks, *gap.questions)) for gap in passage.gaps),
            vain=frozenset(phrase for phrase in phrases if len(phrase) > 1 and phrase not in plain),
            stated=squeeze(passage.text),
            years=frozenset((*years("\n".join(said)), *years(passage.document.as_of))),
            spelled=frozenset(each for text in said for each in nouns(known[text])),
        )


def said_texts(passage: Passage) -> list[str]:
    """The texts by which a passage is found: its own, and the ways people ask for what it states."""
    document = passage.document
    texts = [document.title, *passage.sentences, document.section or "", *passage.aliases, *passage.questions]
    texts += document.titles.values()
    if document.excerpt_kind is ExcerptKind.ORIGINAL:  # an imported document seldom names whose it is in every part
        texts += [document.publisher, document.source]
    for fact in passage.facts:
        texts += [fact.subject, *fact.asks, *fact.questions]
    return texts


def gap_texts(passage: Passage) -> list[str]:
    """The ways people ask for what the passage's source does not state."""
    return [text for gap in passage.gaps for text in (*gap.asks, *gap.questions)]
