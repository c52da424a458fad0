"""Triage: what an inquiry is about, how risky it is, who answers.

By rules that can be read (bot/triage.toml); where none fits, by meaning (bot/meaning.toml); else: the documents.
"""

from __future__ import annotations

from bot.meaning import Meaning
from bot.ports import Shelf
from bot.questions import search_text
from bot.records import AutomationLevel, DocumentKind, Evidence, MaskedText, Question, Risk, Topic, Triage, UnitKind
from bot.register import AutomationRegister
from bot.rules import TriageRules

DOCUMENTS = Triage(Topic.DOCUMENTS, Risk.LOW, AutomationLevel.FULL, "documents")
_ANSWERS = frozenset({UnitKind.QUESTION, UnitKind.FACT})

_KANA_CAUTION = 0.012  # kana alone lies near other kana, whatever it says


def triage(
    question: Question, rules: TriageRules, register: AutomationRegister, as_written: MaskedText | None = None
) -> Triage:
    """Place a question on one topic and risk; the register says who answers. Where no rule fits: the documents.

    ``as_written`` is the question before its words were respelled; a rule may fit either.
    """
    rule = (rules.first(as_written.value) if as_written else None) or rules.first(question.text.value)
    if rule is not None:
        return Triage(rule.topic, rule.risk, register.level(rule.topic, rule.risk), rule.name)
    level = register.level(Topic.DOCUMENTS, Risk.LOW)
    return Triage(Topic.DOCUMENTS, Risk.LOW, level, DOCUMENTS.rule)


def commanding(rule: str, register: AutomationRegister) -> Triage:
    """The place of a text in which the rule of that name saw a command."""
    level = register.level(Topic.MANIPULATION, Risk.MODERATE)
    return Triage(Topic.MANIPULATION, Risk.MODERATE, level, rule)


def by_meaning(question: Question, meaning: Meaning, shelf: Shelf, register: AutomationRegister) -> Triage | None:
    """Place a question that no rule fits by what it means; None: it may be about the documents.

    The search is the one that the evidence will be gathered from, so it costs no second embedding. Raises
    ShelfUnavailable.
    """
    searched: MaskedText = search_text(question)
    found = shelf.search(searched, question.language)
    if not found.nearest:  # nothing to compare with
        return None
    documents, service = nearness(found, shelf)
    placing = meaning.place(searched.value, documents)
    if placing is None or service > documents + placing.score:  # the service has notes about itself
        return None
    topic = placing.topic
    if question.kana_only and placing.score < topic.margin + _KANA_CAUTION:
        return None
    level = register.level(topic.topic, topic.risk)
    return Triage(topic.topic, topic.risk, level, f"meaning:{topic.name}", placing.score)


def nearness(found: Evidence, shelf: Shelf) -> tuple[float, float]:
    """The cosines of the nearest thing known of the documents, and of what the notes on the service answer."""
    documents, service = 0.0, 0.0
    for near in found.nearest:
        passage = shelf.passage(near.passage)
        if passage is None:
            continue
        if passage.document.kind is not DocumentKind.SERVICE:
            documents = max(documents, near.unit.cosine)
        elif near.unit.kind in _ANSWERS:
            service = max(service, near.unit.cosine)
    return documents, service
