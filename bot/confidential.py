"""Confidential information (機密) that masking cannot see: its typical marks, read by the rules of confidential.toml.

A mark is a hint, not a finding: what is confidential the person knows, and the notice says so. What carries one never
becomes :class:`~bot.records.Sendable`, and a chat model takes nothing else (``bot.ports.ChatModel``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from bot.records import DeskName, MaskedText, Sendable, Stamp
from bot.text import fold

_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind of confidential information. ``words`` count only in sentences that do not ask about such things."""

    kind: str
    desks: frozenset[str]
    stamps: re.Pattern[str] | None
    words: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class ConfidentialRules:
    """The marks that a desk looks for, in their order."""

    marks: tuple[Mark, ...]
    asking: re.Pattern[str]
    stamp: Stamp

    def found(self, text: MaskedText) -> tuple[str, ...]:
        """The kinds of marks that a text carries, each once."""
        sentences = [fold(each) for each in _SENTENCE.findall(text.value)]
        told = [each for each in sentences if not self.asking.search(each)]
        return tuple(mark.kind for mark in self.marks if _carries(mark, sentences, told))


class Confidential(Exception):
    """The text carries marks of confidential information and may not leave. The message never holds the text."""

    def __init__(self, marks: Sequence[str]) -> None:
        super().__init__("marked as confidential: " + ", ".join(marks))
        self.marks = tuple(marks)


def rules_of(desk: DeskName) -> ConfidentialRules:
    """The rules that bot/confidential.toml gives a desk; none for a desk it does not name."""
    every = _rules()
    marks = tuple(mark for mark in every.marks if desk.value in mark.desks)
    return ConfidentialRules(marks, every.asking, every.stamp)


def marks(text: MaskedText) -> tuple[str, ...]:
    """The kinds of marks that a text carries, by the rules of every desk."""
    return _rules().found(text)


def may_leave(found: Sequence[str]) -> bool:
    """Whether text with these marks may be sent to a model outside: only what has none."""
    return not found


def sendable(text: MaskedText) -> Sendable:
    """The text as a chat model takes it. Raises Confidential where it carries a mark: nobody can forget to look."""
    found = marks(text)
    if not may_leave(found):
        raise Confidential(found)
    return Sendable(text.value)


def stamp() -> Stamp:
    """Version and digest of the rules."""
    return _rules().stamp


@cache
def _rules() -> ConfidentialRules:
    raw = resources.files("bot").joinpath("confidential.toml").read_bytes()
    data = tomllib.loads(raw.decode("utf-8"))
    found = tuple(
        Mark(each["kind"], frozenset(each["desks"]), _any_of(each["stamps"]), _any_of(each["words"]))
        for each in data["mark"]
    )
    asking = re.compile("|".join(data["asking"]))
    return ConfidentialRules(found, asking, Stamp("confidential", data["version"], sha256(raw).hexdigest()))


def _any_of(patterns: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(patterns)) if patterns else None


def _carries(mark: Mark, sentences: Sequence[str], told: Sequence[str]) -> bool:
    stamped = mark.stamps is not None and any(map(mark.stamps.search, sentences))
    return stamped or (mark.words is not None and any(map(mark.words.search, told)))
