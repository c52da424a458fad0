"""Recognisers of what opens somebody's case or record: case numbers and receipts, which are as good as a key."""

from __future__ import annotations

import re
from typing import Final

from bot.case_numbers import as_number
from bot.masking import checks
from bot.masking.shapes import Recogniser, recogniser

_LEAST_MIXED: Final = 2  # groups of figures and letters together; words and years joined by hyphens have hardly any


def written_in_groups(match: re.Match[str]) -> bool:
    """A code in four or five groups, whether typed rightly or not; words joined by hyphens are none."""
    return _is_number(match) or sum(map(_mixed, re.split(r"[-ー]", checks.it(match)))) >= _LEAST_MIXED


def _is_number(match: re.Match[str]) -> bool:
    """A case number without a typing error. Figures alone are left to other recognisers."""
    text = checks.it(match)
    return bool(re.search(r"\d", text)) and bool(re.search(r"[A-Za-z]", text)) and as_number(text) is not None


def _mixed(group: str) -> bool:
    return bool(re.search(r"\d", group)) and bool(re.search(r"[A-Za-z]", group))


_EDGE = r"(?<![A-Za-z0-9-])"
_END = r"(?![A-Za-z0-9]|-[A-Za-z0-9])"

CODES: tuple[Recogniser, ...] = (
    recogniser(
        "reference", rf"{_EDGE}(?P<it>[0-9A-Z]{{3,5}}(?:\s?[-ー]\s?[0-9A-Z]{{3,5}}){{3,4}}){_END}", written_in_groups
    ),
    recogniser("reference", rf"{_EDGE}(?P<it>[0-9A-Z]{{4}}(?:[-ー・_.\s]{{0,2}}[0-9A-Z]{{4}}){{4}}){_END}", _is_number),
)
