"""What counts as personal data: one table of recognisers, tried in this order.

Every pattern reads the shadow of the text (see ``shadow``) and names the part to be hidden ``it``. Repetitions are
bounded or possessive and alternatives of one unit atomic, so that reading stays linear in the length of the text. A
number that its own name introduces is hidden whatever its check digit; a bare one only where shape and check digit
agree, because figures must stay readable.
"""

from __future__ import annotations

from bot.masking.belongings import BELONGINGS
from bot.masking.codes import CODES
from bot.masking.dwellings import DWELLINGS
from bot.masking.homes import HOMES
from bot.masking.names import JAPANESE_NAMES
from bot.masking.names_abroad import FOREIGN_NAMES
from bot.masking.names_told import NAMES_TOLD
from bot.masking.numbers import BARE, INTRODUCED, MAIL, PHONES
from bot.masking.places import ADDRESSES
from bot.masking.shapes import Recogniser

__all__ = ["RECOGNISERS", "VERSION", "Recogniser"]

VERSION = "6"

RECOGNISERS: tuple[Recogniser, ...] = (
    *MAIL,
    *CODES,
    *INTRODUCED,
    *BARE,
    *BELONGINGS,
    *PHONES,
    *ADDRESSES,
    *DWELLINGS,
    *HOMES,
    *JAPANESE_NAMES,
    *NAMES_TOLD,
    *FOREIGN_NAMES,
)
