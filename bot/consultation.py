"""A consultation at the staff desk: the plan is read, the documents are quoted on it, every quoted sentence is judged.

One search of the desk's shelf (for similar cases); the notes on domains, stages and points are looked up by their id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.assessing.outline import Assessed, Item, Quote, outline
from bot.assessment import consider, is_answer, is_form, is_plan, parts, risk_of
from bot.desk import Desk
from bot.ports import EmbedderUnavailable
from bot.questions import search_text
from bot.recorder import Recorder
from bot.records import (
    DeskName,
    Draft,
    Evidence,
    Finding,
    Found,
    Language,
    MaskedText,
    Outcome,
    Passage,
    PassageId,
    Question,
    Reply,
    Sentence,
    Speaker,
    Support,
    Topic,
    Triage,
    Turn,
)
from bot.register import AutomationRegister
from bot.steps import reply, verdict

_RULE = "consultation"
_CASE = re.compile(r"^(?:tokyo|municipal|national)-case-")
_LOOKED_AT = 60  # passages of one search: cases stand behind the notes on the scheme itself
_RECORDED = 10
_CASES = 3
_NEAR = 2.0  # least fused score: over plans of three domains, what lay below was about something else
_JAPANESE = frozenset({Language.JA, Language.JA_EASY})


@dataclass(frozen=True, slots=True)
class Consultation:
    """A plan at the staff desk and where it was placed."""

    text: MaskedText
    placed: Triage


def consultation(
    desk: Desk, text: MaskedText, turns: Sequence[Turn], placed: Triage, register: AutomationRegister
) -> Consultation | None:
    """The consultation that a text is, None where it is none: another desk, another matter, a plain question.

    An answer to what the last assessment asked back is read together with the plan it was asked of.
    """
    if desk.name is not DeskName.STAFF or not (placed.topic is Topic.DOCUMENTS or is_form(text)):
        return None
    if not is_plan(text):
        earlier = _asked_back(turns)
        if earlier is None or not is_answer(text):
            return None
        text = earlier.then(text)
    risk = risk_of(consider(text))
    return Consultation(text, Triage(Topic.CONSULTATION, risk, register.level(Topic.CONSULTATION, risk), _RULE))


def assessed(desk: Desk, held: Consultation, question: Question, recorder: Recorder, language: Language) -> Reply:
    """The reply to a consultation. Raises ShelfUnavailable."""
    query = search_text(replace(question, text=held.text))
    found = desk.shelf.search(query, language, _LOOKED_AT)
    considered = consider(held.text, _near(desk, query))
    cases = [each for each in found.found if _CASE.match(each.passage.id) and each.score >= _NEAR][:_CASES]
    items = outline(
        Assessed(
            considered.assessment,
            considered.points,
            [Quote(each.passage.id, each.passage.sentences[0]) for each in cases],
            desk.colours,
            tuple(reply.offer(reply.Voice(desk.wording, desk.contacts), language).splitlines()),
        ),
        desk.wording,
        language,
    )
    evidence = _with_notes(desk, found, items, cases)
    lines = _lines(items, evidence, quoted=language not in _JAPANESE)
    drafted = tuple(line for line in lines if isinstance(line, Sentence))
    proposed = Draft(Outcome.ANSWERED_ASSESSMENT, (), drafted, (), ())
    judged = verdict.judge(proposed, evidence)
    recorder.found(evidence, Finding(proposed.outcome, _RULE, _supports(drafted, evidence)))
    recorder.assessed({**parts(considered), "colours": desk.colours.stamp.digest if desk.colours else None})
    recorder.judged(proposed, judged)
    return reply.arranged(reply.Voice(desk.wording, desk.contacts), lines, judged, evidence, language)


def _near(desk: Desk, query: MaskedText) -> Sequence[float]:
    """How near the written plans lie; the shelf has embedded the same text already. Nothing where it cannot be told."""
    try:
        return desk.plans.cosines(query.value) if desk.plans else ()
    except (EmbedderUnavailable, ValueError):
        return ()


def _asked_back(turns: Sequence[Turn]) -> MaskedText | None:
    """The plan that the newest turns are about, where the service's last reply assessed it."""
    for place in range(len(turns) - 1, 0, -1):
        if turns[place].speaker is Speaker.SERVICE:
            before = turns[place - 1].text
            return before if is_plan(before) or is_answer(before) else None
    return None


def _with_notes(desk: Desk, found: Evidence, items: Sequence[Item], cases: Sequence[Found]) -> Evidence:
    """What was found first, the cases, and every note that is quoted by its id."""
    kept = {each.passage.id: each for each in (*found.found[:_RECORDED], *cases)}
    for name in dict.fromkeys(PassageId(item.note) for item in items if isinstance(item, Quote)):
        passage = None if name in kept else desk.shelf.passage(name)
        if passage is not None:
            kept[name] = Found(passage, 0.0, 0.0, 0.0, 0.0)
    return replace(found, found=tuple(kept.values()))


def _lines(items: Sequence[Item], evidence: Evidence, *, quoted: bool) -> list[str | Sentence]:
    """The outline with the documents' sentences in place of what names them."""
    passages = {each.passage.id: each.passage for each in evidence.found}
    lines: list[str | Sentence] = []
    for item in items:
        if isinstance(item, str):
            lines.append(item)
            continue
        passage = passages.get(PassageId(item.note))
        for text in _chosen(passage, item.part) if passage else ():
            lines.append(Sentence(text, (PassageId(item.note),), item.heart, quoted))
    return lines


def _chosen(passage: Passage, part: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in passage.sentences if part in sentence)


def _supports(drafted: Sequence[Sentence], evidence: Evidence) -> tuple[Support, ...]:
    passages = {each.passage.id: each.passage for each in evidence.found}
    chosen = ((passages[line.passages[0]], line.text) for line in drafted)
    return tuple(Support(passage, passage.sentences.index(text)) for passage, text in chosen)
