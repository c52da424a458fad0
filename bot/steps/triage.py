"""Triage: what an inquiry is about, how risky it is, who answers, by rules that can be read (bot/triage.toml)."""

from __future__ import annotations

from bot.records import AutomationLevel, Question, Risk, Topic, Triage
from bot.register import AutomationRegister
from bot.rules import TriageRules

DOCUMENTS = Triage(Topic.DOCUMENTS, Risk.LOW, AutomationLevel.FULL, "documents")


def triage(question: Question, rules: TriageRules, register: AutomationRegister) -> Triage:
    """Place a question on one topic and risk; the register says who answers. Where no rule fits: the documents."""
    for rule in rules.rules:
        if rule.fits(question.text.value):
            return Triage(rule.topic, rule.risk, register.level(rule.topic, rule.risk), rule.name)
    level = register.level(Topic.DOCUMENTS, Risk.LOW)
    return Triage(Topic.DOCUMENTS, Risk.LOW, level, DOCUMENTS.rule)
