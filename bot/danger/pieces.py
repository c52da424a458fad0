"""A text cut into sentences: danger may stand in one among many about something else."""

from __future__ import annotations

import re

WHOLE = 300
"""Up to this length a text is weighed as a whole as well."""

_ENDS = re.compile(r"(?<=[。!?！？\n])|(?<=\.)\s")
_SHORT = 6
_LONG = 160
_OVERLAP = 40


def sentences(text: str) -> list[str]:
    """The sentences of a text, short ones together with what follows; what has no end is cut, with some overlap."""
    found: list[str] = []
    for part in _ENDS.split(text):
        if found and len(found[-1]) < _SHORT:
            found[-1] += part
        elif part.strip():
            found.append(part)
    return [stretch for each in found for stretch in _stretches(each)]


def _stretches(sentence: str) -> list[str]:
    if len(sentence) <= WHOLE:
        return [sentence]
    return [sentence[start : start + _LONG] for start in range(0, len(sentence) - _OVERLAP, _LONG - _OVERLAP)]
