"""What counts as personal data: one table of recognisers, tried in this order.

Every pattern reads the shadow of the text (see ``shadow``) and names the part to be hidden ``it``. Repetitions are
bounded or possessive and alternatives of one unit atomic, so that reading stays linear in the length of the text. A
number that its own name introduces is hidden whatever its check digit; a bare one only where shape and check digit
agree, because figures must stay readable.
"""

from __future__ import annotations

import re

from bot.masking.numbers import BARE, INTRODUCED, MAIL, PHONES
from bot.masking.places import ADDRESSES, NAMES
from bot.masking.shapes import Recogniser

__all__ = ["LABELS", "RECOGNISERS", "VERSION", "Recogniser"]

VERSION = "2"

RECOGNISERS: tuple[Recogniser, ...] = (*MAIL, *INTRODUCED, *BARE, *PHONES, *ADDRESSES, *NAMES)

LABELS = re.compile("|".join(sorted({re.escape(one.label) for one in RECOGNISERS}, key=len, reverse=True)))
