"""The evidence gate: is what was asked for stated in what was found? If not, the reply abstains.

Rules that can be read come first (bot/measures.py: the asked kind of value, counter, year and names must be there);
then a fitted weighing of how much nearer the question is to what the passage answers than to what is asked of it in
vain. The figures stand in bot/gate.toml, whose version is stamped into every record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.gate import Gate
from bot.lexicon import CommonWords, Lexicon
from bot.measures import Measures, measure, refusal, uncovered_terms, unknown_names
from bot.plain import PlainMeasures, is_plain, lacks_value, measure_plain
from bot.questions import strict_slots
from bot.records import (
    DocumentKind,
    Evidence,
    Finding,
    Found,
    Outcome,
    Question,
    Slot,
    Support,
    Term,
    UnitKind,
    UnitScore,
)
from bot.text import squeeze

_LOOKED_AT = 5  # passages weighed; beyond them nothing was ever right
_SHOWN = 6  # sentences of the best passage in one answer
_FIRST, _OTHERS = 0.25, 0.5  # least chances of passages shown as related
_NEAR = 0.015  # facts this close to the nearest one (cosine) are asked for as well


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One passage with what was measured. ``margin``, ``nearest`` and ``uncovered`` are what withholding looks at."""

    found: Found
    measures: Measures | PlainMeasures
    chance: float
    rule: str | None
    unknown: tuple[Term, ...]
    nearest: float
    uncovered: float
    margin: float

    def passes(self, threshold: float, plain_threshold: float) -> bool:
        least = plain_threshold if isinstance(self.measures, PlainMeasures) else threshold
        return self.rule is None and self.chance >= least


@dataclass(frozen=True, slots=True)
class Scales:
    """What passages are weighed with: their words, the words of the whole snapshot, the gate's figures."""

    lexicon: Lexicon
    common: CommonWords
    gate: Gate


def weigh(
    question: Question, latest: Question, evidence: Evidence, scales: Scales, *, names_more: bool = False
) -> Finding:
    """Decide what the evidence allows, and choose the sentences to say it with.

    ``question`` stands alone; ``latest`` is what the person said last (the same where nothing came before): what is
    new in it decides between passages that the whole question finds alike. Where it ``names_more`` than a property of
    what was spoken of, a passage that says nothing of what it names does not answer it.
    """
    if not evidence.found:
        return Finding(Outcome.ABSTAINED_NO_EVIDENCE, "nothing found")
    if not question.terms:
        return Finding(Outcome.ABSTAINED_NEEDS_CONTEXT, "no subject")
    gate = scales.gate
    near = tuple(each.unit for each in evidence.nearest)
    weighed = [_weigh(question, found, near, scales) for found in evidence.found[:_LOOKED_AT]]
    if latest is not question:
        weighed.sort(key=lambda each: _strange(latest, each.found, scales))
    weighed.sort(key=lambda each: len(each.unknown))
    best = weighed[0]
    over = names_more and _passes_over(latest, best, scales)
    if over or _is_far(best, gate) or _unreadable(question, best, gate):
        return _withheld(question, replace(best, rule="latest") if over else best, scales)
    if best.passes(gate.yes_no_threshold if question.yes_no else gate.threshold, gate.plain_threshold):
        return _answer(question, best, weighed, "stated", scales)
    for other in weighed[1:]:
        close = other.found.score > best.found.score - gate.other_distance
        known = isinstance(other.measures, Measures)  # of others nothing is known but that they are near
        if close and known and other.passes(gate.other_threshold, gate.plain_threshold):
            return _answer(question, other, weighed, "stated by another passage", scales)
    return _withheld(question, best, scales)


def _weigh(question: Question, each: Found, near: Sequence[UnitScore], scales: Scales) -> _Weighed:
    words = scales.lexicon.words(each.passage)
    uncovered = len(uncovered_terms(question, words)) / max(1, len(question.terms))
    rule = refusal(question, each.passage, words, scales.common)
    unknown = unknown_names(question, words)
    if is_plain(each.passage):
        rule = rule or ("slot" if lacks_value(question, each.passage) else None)
        plain = measure_plain(question, each, words, scales.common)
        chance = scales.gate.plain.chance(plain.values())
        return _Weighed(each, plain, chance, rule, unknown, plain.sentence, uncovered, plain.sentence)
    measures = measure(question, each, near, words, scales.common)
    chance = scales.gate.weighing.chance(measures.values())
    return _Weighed(each, measures, chance, rule, unknown, measures.nearest, uncovered, measures.margin)


def _passes_over(latest: Question, best: _Weighed, scales: Scales) -> bool:
    """Whether a passage that the whole conversation found says nothing of what was asked just now."""
    words = scales.lexicon.words(best.found.passage)
    named = [term for term in latest.terms if term.noun and any(form in scales.common.said for form in term.forms)]
    return bool(named) and not any(words.covers(term) for term in named)


def _strange(latest: Question, found: Found, scales: Scales) -> tuple[int, int]:
    """How many things the person just named, that the snapshot knows, this passage and then its title do not say."""
    words = scales.lexicon.words(found.passage)
    title = squeeze(found.passage.document.title)
    known = [term for term in latest.terms if any(form in scales.common.said for form in term.forms)]
    untitled = sum(not any(form in title for form in term.forms) for term in known)
    return sum(not words.covers(term) for term in known), untitled


def _answer(question: Question, best: _Weighed, weighed: Sequence[_Weighed], rule: str, scales: Scales) -> Finding:
    beside = _beside(best, weighed, scales)
    hearts = _hearts(question, best.found)
    for other in beside:
        hearts += _hearts(question, other.found)[:2]
    context = _context(best.found, hearts, _SHOWN - 2 if strict_slots(question) else _SHOWN)
    related = _related(question, best, [each for each in weighed if each not in beside])
    return Finding(Outcome.ANSWERED_DOCUMENTS, rule, hearts, context, related, measures=_figures(best))


def _beside(best: _Weighed, weighed: Sequence[_Weighed], scales: Scales) -> tuple[_Weighed, ...]:
    """For a question that names several things: the passages that know the names which the best one does not."""
    chosen: list[_Weighed] = []
    wanted = set(best.unknown)
    for other in weighed:
        if other is not best and other.passes(_FIRST, scales.gate.plain_threshold) and wanted - set(other.unknown):
            chosen.append(other)
            wanted &= set(other.unknown)
    return tuple(chosen)


def _hearts(question: Question, found: Found) -> tuple[Support, ...]:
    """The sentences that state what is asked: the nearest fact of each asked kind, and any other just as near."""
    facts = found.passage.facts
    asks_status = question.yes_no or Slot.STATUS in question.slots
    scores = sorted(
        (
            (unit.cosine, unit.index)
            for unit in found.units
            # Whether something is decided or an opinion stands near every question; it answers only who asks for it.
            if unit.kind is UnitKind.FACT and (asks_status or facts[unit.index].slot is not Slot.STATUS)
        ),
        reverse=True,
    )
    if not scores:
        return _nearest_sentences(found, 2)
    cosine_of = {index: cosine for cosine, index in scores}
    best = scores[0][0]
    chosen: list[int] = []
    for slot in question.slots:
        chosen += [index for _, index in scores if facts[index].slot is slot][:1]
    chosen = [index for index in chosen if cosine_of[index] > best - 4 * _NEAR]
    chosen += [index for cosine, index in scores if cosine > best - _NEAR][:3]
    sentences = [found.passage.sentences.index(facts[index].sentence) for index in dict.fromkeys(chosen)]
    return tuple(Support(found.passage, sentence) for sentence in dict.fromkeys(sentences))


def _nearest_sentences(found: Found, many: int) -> tuple[Support, ...]:
    scores = sorted(((unit.cosine, unit.index) for unit in found.units if unit.kind is UnitKind.SENTENCE), reverse=True)
    return tuple(Support(found.passage, index) for _, index in scores[:many])


def _context(found: Found, hearts: Iterable[Support], shown: int) -> tuple[Support, ...]:
    """The passage's other sentences nearest to the question, in its order, as far as an answer stays short.

    Of an opinion the last sentence, which says whose it is and that nothing is decided, is always among them.
    """
    taken = {support.sentence for support in hearts if support.passage is found.passage}
    nearest = [support.sentence for support in _nearest_sentences(found, len(found.passage.sentences))]
    if found.passage.document.kind is DocumentKind.OPINION:
        nearest = [len(found.passage.sentences) - 1, *nearest]
    rest = [index for index in dict.fromkeys(nearest) if index not in taken][: max(1, shown - len(taken))]
    return tuple(Support(found.passage, index) for index in sorted(rest))


def _related(question: Question, best: _Weighed, weighed: Sequence[_Weighed]) -> tuple[Support, ...]:
    """One sentence each of up to two further passages that pass the rules as well."""
    # The passage found first is always worth a line; others only where they would nearly answer themselves.
    others = [
        each
        for place, each in enumerate(weighed)
        if each is not best and each.rule is None and each.chance >= (_FIRST if place == 0 else _OTHERS)
    ]
    sentences: list[Support] = []
    for other in others[:2]:
        sentences += _hearts(question, other.found)[:1]
    return tuple(sentences)


def _withheld(question: Question, best: _Weighed, scales: Scales) -> Finding:
    """Why nothing is answered: out of scope, unreadable in the source, or not stated; with what is stated nearby."""
    gate = scales.gate
    missing = uncovered_terms(question, scales.lexicon.words(best.found.passage))
    if _is_far(best, gate):
        return Finding(Outcome.REFUSED_OUT_OF_SCOPE, "far from every passage", measures=_figures(best))
    outcome = Outcome.ABSTAINED_UNREADABLE if _unreadable(question, best, gate) else Outcome.ABSTAINED_NOT_STATED
    shown = tuple(
        term.forms[0]
        for term in missing
        if term.noun and len(term.forms[0]) > 1 and term.forms[0] in question.text.value
    )
    return Finding(
        outcome,
        best.rule or "not stated",
        related=_hearts(question, best.found)[:2],
        missing=shown[:3],
        measures=_figures(best),
    )


def _is_far(best: _Weighed, gate: Gate) -> bool:
    """Whether a question lies outside what the documents are about: near to nothing, and in words they do not use.

    The weighing was fitted to questions on the subject, and means nothing for others.
    """
    if best.nearest < gate.far_limit:
        return True
    return best.nearest < gate.far_nearest and best.uncovered >= gate.far_uncovered


def _unreadable(question: Question, best: _Weighed, gate: Gate) -> bool:
    """Whether what is asked is nearest to something that the source shows and its text layer lost."""
    gaps = best.found.passage.gaps
    if best.rule == "colour":
        return True
    units = [unit for unit in best.found.units if unit.kind is UnitKind.GAP]
    if not units or best.margin >= gate.unreadable_margin:
        return False
    nearest = gaps[max(units, key=lambda unit: unit.cosine).index]
    return nearest.unreadable and (not question.slots or nearest.slot in question.slots)


def _figures(weighed: _Weighed) -> dict[str, float]:
    return {**weighed.measures.values(), "chance": weighed.chance}
