"""Case numbers (受付番号): what opens a case for the person who has it. To be read aloud, checked locally. Pure but for
the system's random numbers.
"""

from __future__ import annotations

import secrets
import unicodedata
from hashlib import sha256
from typing import Final

# Crockford's base 32 (https://www.crockford.com/base32.html) without what is misheard on a telephone in Japanese or
# English (A and J as K; B C D E G T V as P; N as M; Q as 9) or misread by hand (S as 5, Z as 2). What is left is
# prime in number, which lets one symbol check the others.
_SPOKEN: Final = {
    "0": "ゼロ",
    "1": "いち",
    "2": "に",
    "3": "さん",
    "4": "よん",
    "5": "ご",
    "6": "ろく",
    "7": "なな",
    "8": "はち",
    "9": "きゅう",
    "F": "エフ",
    "H": "エイチ",
    "K": "ケー",
    "M": "エム",
    "P": "ピー",
    "R": "アール",
    "W": "ダブリュー",
    "X": "エックス",
    "Y": "ワイ",
}
_ALPHABET: Final = "".join(_SPOKEN)
_BASE: Final = len(_ALPHABET)
_VALUES: Final = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_MEANT: Final = str.maketrans(
    {"O": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8", "Q": "9"}
    | {"A": "K", "J": "K", "N": "M", "C": "P", "E": "P", "T": "P", "V": "P"}
)

_RANDOM_SYMBOLS: Final = 19  # 80.7 random bits
_SYMBOLS: Final = _RANDOM_SYMBOLS + 1  # a receipt has 16: neither is ever taken for the other
_GROUP: Final = 4

_DOMAIN: Final = b"madoguchi case number v1\0"
_DASHES: Final = frozenset("ーｰ−_・.")  # what stands for a hyphen beside the dashes that Unicode calls so


def fresh_number() -> str:
    """A number like ``7K3M-H9X0-0F2R-WP5Y-M41K``: 19 random symbols and one that checks them, groups of four."""
    symbols = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_SYMBOLS))
    return _grouped(symbols + _check_symbol(symbols))


def as_number(typed: str) -> str | None:
    """The number a person meant, as ``fresh_number`` writes it; None where it cannot be one or has a typing error.

    Any case and width, spaces and dashes of every kind or none, and the letters that no number has for what they are
    misread or misheard as. The check symbol finds every single wrong symbol and every two neighbours exchanged; of
    other errors it passes one in nineteen. Nothing is looked up.
    """
    meant = unicodedata.normalize("NFKC", typed).upper().translate(_MEANT)
    symbols = "".join(sign for sign in meant if not _separates(sign))
    if len(symbols) != _SYMBOLS or not set(symbols) <= set(_ALPHABET):
        return None
    return _grouped(symbols) if _sum(symbols) == 0 else None


def digest(number: str) -> bytes:
    """What a number is found by: SHA-256 over it and a prefix of its own. The number cannot be told from it."""
    return sha256(_DOMAIN + number.replace("-", "").encode("ascii")).digest()


def spoken(number: str) -> str:
    """How a number is read aloud in Japanese, in kana: symbols apart by spaces, groups by a comma."""
    return "、".join(" ".join(_SPOKEN[symbol] for symbol in group) for group in number.split("-"))


def _check_symbol(symbols: str) -> str:
    """The symbol that makes the weighted sum zero."""
    weight = _weight(len(symbols))
    return _ALPHABET[-_sum(symbols) * pow(weight, -1, _BASE) % _BASE]


def _sum(symbols: str) -> int:
    """The sum of the symbols' values by weight: a wrong symbol or two neighbours exchanged always change it.

    The weights are never zero, neighbours' weights differ, and the base is prime (as in ISBN-10, ISO 2108).
    """
    return sum(_weight(position) * _VALUES[symbol] for position, symbol in enumerate(symbols)) % _BASE


def _weight(position: int) -> int:
    return position % (_BASE - 1) + 1


def _separates(sign: str) -> bool:
    return sign.isspace() or sign in _DASHES or unicodedata.category(sign) in {"Pd", "Cf"}


def _grouped(symbols: str) -> str:
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))
