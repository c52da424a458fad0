"""One desk as a frozen value: its own shelf, log, wording, register, contacts. Nothing of another desk is in reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.gaps import Gaps
from bot.gate import Gate
from bot.lexicon import Lexicon
from bot.ports import Clock, Contacts, Log, Shelf, WordAnalyzer, Wording
from bot.records import DeskName, Stamp
from bot.register import AutomationRegister
from bot.rules import TriageRules


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything one exchange at one desk may touch.

    ``budget_seconds`` is how long an exchange may take before it ends as ``failed.timeout``.
    ``stamps`` name the rules of the desk (danger texts, masking, cues, gate) beside those its ports carry.
    """

    name: DeskName
    shelf: Shelf
    log: Log
    wording: Wording
    register: AutomationRegister
    rules: TriageRules
    contacts: Contacts
    analyzer: WordAnalyzer
    lexicon: Lexicon
    gate: Gate
    clock: Clock
    gaps: Gaps
    budget_seconds: float
    stamps: Sequence[Stamp]
