"""Personal data becomes labels at the door (DESIGN §3 rule 5).

``mask`` is the one place outside ``bot.records`` that makes a :class:`~bot.records.MaskedText`. There is no way
back: what was hidden is kept nowhere. The kinds are those of ``bot.labels``.

Known to be missed: many names that are introduced in ways no rule knows, names that nobody introduces, rare names
before 「と言います」, streets without numbers, numbers whose digits stand in circles or in two messages, bare numbers
told with words between. The notice beside the question field asks people not to write such things; this is the
second line, not the first.

``clean`` is offered for the danger check alone, which reads what was typed (see ``bot.danger``).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources

import structlog

from bot.labels import LABEL, Labels, kinds_in, label
from bot.masking import morphology
from bot.masking.identity import normalised
from bot.masking.recognisers import RECOGNISERS, VERSION, Recogniser
from bot.masking.shadow import BARRIER, Shadow, clean, shadow_of
from bot.ports import WordAnalyzer
from bot.records import MaskedText, Stamp

__all__ = ["clean", "mask", "stamp"]

_events = structlog.get_logger("bot.masking")
_ROUNDS = 8  # hiding one number can uncover the edge of the next; two rounds settle any text we have met


def mask(text: str, labels: Labels | None = None, words: WordAnalyzer | None = None) -> MaskedText:
    """``text`` cleaned and with personal data replaced by labels, linear in the length of the text.

    With the ``labels`` of a conversation every label carries a number, the same for the same value; without, it names
    its kind alone. What is not hidden stays as typed (composed by NFC, without control and invisible characters).
    Masking masked text changes nothing. With ``words`` the Japanese names that patterns miss are looked for by their
    part of speech too (``morphology``), in one analysis; patterns alone count where that fails. Raises only what
    ``labels`` raises (LogUnavailable).
    """
    value = clean(text)
    if labels is not None:
        labels.shown(value)
    for _ in range(_ROUNDS):
        hidden = _hide(value, labels)
        if hidden == value:
            break
        value = hidden
    if words is not None:
        value = _hide_names(value, labels, words)
    return MaskedText(value, kinds_in(value))


@cache
def stamp() -> Stamp:
    """Version of the recognisers and digest over everything that decides what is hidden."""
    folder = resources.files("bot.masking")
    files = sorted(
        (each for each in folder.iterdir() if each.name.endswith((".py", ".txt"))), key=lambda each: each.name
    )
    files.append(resources.files("bot").joinpath("case_numbers.py"))  # says which codes are case numbers
    digest = sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return Stamp("masking", VERSION, digest)


def _hide(text: str, labels: Labels | None) -> str:
    shadow = shadow_of(text, LABEL)
    seen = shadow.text
    finds: list[tuple[int, int, Recogniser]] = []
    for recogniser in RECOGNISERS:
        spans = _spans(recogniser, seen)
        finds += [(start, end, recogniser) for start, end in spans]
        seen = _barred(seen, spans)
    return _labelled(text, shadow, [(start, end, recogniser.kind) for start, end, recogniser in finds], labels)


def _hide_names(text: str, labels: Labels | None, words: WordAnalyzer) -> str:
    shadow = shadow_of(text, LABEL)
    try:
        spans = morphology.names(shadow.text, words)
    except Exception as failure:  # noqa: BLE001 - a broken analyzer must not keep the text of a danger away
        _events.error("names looked for by patterns alone", kind=type(failure).__name__)
        return text
    return _labelled(text, shadow, [(*span, "name") for span in spans], labels)


def _labelled(text: str, shadow: Shadow, finds: list[tuple[int, int, str]], labels: Labels | None) -> str:
    """The text with a label in place of each stretch of its shadow."""
    pieces: list[str] = []
    position = 0
    for start, end, kind in sorted(finds):
        number = labels.number(kind, normalised(kind, shadow.text[start:end])) if labels else None
        pieces += (text[position : shadow.starts[start]], label(kind, number))
        position = shadow.ends[end - 1]
    return "".join(pieces) + text[position:]


def _barred(seen: str, spans: list[tuple[int, int]]) -> str:
    """The shadow with what was found turned into barriers, so that no later recogniser reads it again."""
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (seen[position:start], BARRIER * (end - start))
        position = end
    return "".join(pieces) + seen[position:]


def _spans(recogniser: Recogniser, seen: str) -> list[tuple[int, int]]:
    """Where a recogniser finds its kind; after a failed check the search goes on one character further."""
    spans: list[tuple[int, int]] = []
    position = 0
    while match := recogniser.pattern.search(seen, position):
        if recogniser.check(match):
            spans.append(match.span("it"))
            position = max(match.end(), match.start() + 1)
        else:
            position = match.start() + 1
    return spans
