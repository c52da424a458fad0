"""What people write into a case: looked at for danger, masked, measured. Raw text of a person goes no further."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.case_numbers import as_number
from bot.cases import CaseRefused
from bot.danger import danger_text, reader_at
from bot.desk import Desk
from bot.exchange import danger_in
from bot.labels import kinds_in
from bot.masking import mask
from bot.records import ConversationId, Language, MaskedText

LONGEST: Final = 2_000
"""Characters of what a person writes in one go: the limit of a question (DESIGN §8)."""

LONGEST_LINE: Final = 300
"""Characters of what belongs on one line: a service, a bureau, how to be reached."""

LONGEST_REPLY: Final = 6_000
"""Characters of what a responder writes in one go."""

_GROUPED: Final = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}\b")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})


@dataclass(frozen=True, slots=True)
class Danger:
    """Danger that somebody tells of: its kind, and the fixed text to show first."""

    kind: str
    text: str


def danger_told(desk: Desk, language: Language, *texts: str) -> Danger | None:
    """The first danger that raw texts tell of. Touches no disk; never raises."""
    for each in texts:
        found = danger_in(each)
        if found is not None:
            return Danger(found[0].value, danger_text(found[0], language, reader_at(desk.name)))
    return None


def masked(desk: Desk, conversation: ConversationId, text: str) -> MaskedText:
    """A text with labels in place of personal data. Raises LogUnavailable."""
    return mask(text.strip(), desk.labels.of(conversation), desk.analyzer)


def measured(text: str, longest: int = LONGEST) -> str:
    """The text without what cannot be seen around and in it. Raises CaseRefused (long_text)."""
    stripped = plain(text).strip()
    if len(stripped) > longest:
        raise CaseRefused("long_text")
    return stripped


def demanded(text: str, longest: int = LONGEST) -> str:
    """The same where there must be one. Raises CaseRefused (no_text, long_text)."""
    stripped = measured(text, longest)
    if not stripped:
        raise CaseRefused("no_text")
    return stripped


def on_a_line(text: str) -> str:
    """A text that belongs on one line. Raises CaseRefused (long_text)."""
    return measured(" ".join(text.split()), LONGEST_LINE)


def plain(text: str) -> str:
    """A text without control, format, surrogate and private characters, composed (NFC)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in _UNSEEN)
    return unicodedata.normalize("NFC", kept)


def personal_in(desk: Desk, text: str) -> tuple[str, ...]:
    """The kinds of personal data that masking sees in a responder's text; labels that stand there already are none,
    nor are case numbers: the person is told their own.
    """
    told = _GROUPED.sub(lambda match: "" if as_number(match.group()) else match.group(), text)
    found = list(mask(told, words=desk.analyzer).kinds)
    for kind in kinds_in(text):
        if kind in found:
            found.remove(kind)
    return tuple(dict.fromkeys(found))


def answering(desk: Desk, text: str, *, confirmed: bool) -> str:
    """What a responder writes to a person, as it is kept: their own words, once they have confirmed what looks like
    personal data in them. Raises CaseRefused (long_text, personal).
    """
    kept = measured(text, LONGEST_REPLY)
    if not confirmed and personal_in(desk, kept):
        raise CaseRefused("personal")
    return kept
