"""One desk as a frozen value: its own shelf, log, wording, register, contacts. Nothing of another desk is in reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.assessing.colours import Colours
from bot.confidential import ConfidentialRules
from bot.gaps import Gaps
from bot.gate import Gate
from bot.labels import ConversationLabels
from bot.lexicon import Lexicon
from bot.meaning import Meaning
from bot.ports import Clock, Contacts, Examples, Log, Shelf, WordAnalyzer, Wording
from bot.queue import Queue
from bot.records import DeskName, Stamp
from bot.register import Register
from bot.rules import TriageRules
from bot.switch import Switch


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything one exchange at one desk may touch.

    ``budget_seconds`` is how long an exchange may take before it ends as ``failed.timeout``.
    ``stamps`` name the rules of the desk (danger texts, masking, cues, gate) beside those its ports carry.
    ``colours`` are what the operator set for the stages of the slides' scheme, where anything is set; ``plans``
    tells how near a described plan is to written ones.
    """

    name: DeskName
    shelf: Shelf
    log: Log
    wording: Wording
    register: Register
    switch: Switch
    rules: TriageRules
    meaning: Meaning
    contacts: Contacts
    analyzer: WordAnalyzer
    lexicon: Lexicon
    gate: Gate
    clock: Clock
    gaps: Gaps
    labels: ConversationLabels
    confidential: ConfidentialRules
    queue: Queue
    budget_seconds: float
    stamps: Sequence[Stamp]
    colours: Colours | None = None
    plans: Examples | None = None
