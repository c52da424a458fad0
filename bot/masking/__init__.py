"""Personal data becomes labels at the door (DESIGN §3 rule 5).

``mask`` is the one place outside ``bot.records`` that makes a :class:`~bot.records.MaskedText`. There is no way
back: what was hidden is kept nowhere. Kinds: email, phone, my_number, card, licence, passport, residence_card,
pension_number, insurance_number, bank_account, staff_number, postal_code, address, name.

Known to be missed: names that nobody introduces, rare names before 「と言います」, streets without numbers, numbers
whose digits stand in circles or in two messages, bare numbers told with words between. The notice beside the question
field asks people not to write such things; this is the second line, not the first.

``clean`` is offered for the danger check alone, which reads what was typed (see ``bot.danger``).
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources

from bot.masking.recognisers import LABELS, RECOGNISERS, VERSION, Recogniser
from bot.masking.shadow import BARRIER, clean, shadow_of
from bot.records import MaskedText, Stamp

__all__ = ["clean", "mask", "stamp"]

_ROUNDS = 8  # hiding one number can uncover the edge of the next; two rounds settle any text we have met


def mask(text: str) -> MaskedText:
    """``text`` cleaned and with personal data replaced by labels; never raises, linear in the length of the text.

    What is not hidden stays as typed (composed by NFC, without control and invisible characters). Masking masked
    text changes nothing.
    """
    value = clean(text)
    for _ in range(_ROUNDS):
        hidden = _hide(value)
        if hidden == value:
            break
        value = hidden
    kinds = tuple(_KINDS[label.group()] for label in LABELS.finditer(value))
    return MaskedText(value, kinds)


@cache
def stamp() -> Stamp:
    """Version of the recognisers and digest over everything that decides what is hidden."""
    folder = resources.files("bot.masking")
    names = (
        "checks.py",
        "numbers.py",
        "places.py",
        "recognisers.py",
        "shadow.py",
        "shapes.py",
        "spoken.py",
        "surnames.txt",
    )
    digest = sha256(b"\0".join(folder.joinpath(name).read_bytes() for name in names)).hexdigest()
    return Stamp("masking", VERSION, digest)


_KINDS = {one.label: one.kind for one in RECOGNISERS}


def _hide(text: str) -> str:
    shadow = shadow_of(text, LABELS)
    seen = shadow.text
    finds: list[tuple[int, int, str]] = []
    for recogniser in RECOGNISERS:
        spans = _spans(recogniser, seen)
        finds += [(shadow.starts[start], shadow.ends[end - 1], recogniser.label) for start, end in spans]
        seen = _barred(seen, spans)
    pieces: list[str] = []
    position = 0
    for start, end, label in sorted(finds):
        pieces += (text[position:start], label)
        position = end
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
