"""Passwords: what is taken as a new one, and how they are kept and compared.

Rules after NIST SP 800-63B-4, 3.1.1.2: length, no composition rules, no expiry, a list of common ones, nothing that
repeats the login; normalised before hashing. Hashing: Argon2id with the second recommended parameters of RFC 9106,
section 4 (64 MiB, three passes, four lanes).
"""

from __future__ import annotations

import re
import secrets
from functools import cache
from importlib import resources
from itertools import pairwise
from threading import BoundedSemaphore, Lock
from typing import Final
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from web.accounts.values import PasswordProblem, PasswordRefused

SHORTEST: Final = 12  # code points
LONGEST: Final = 256

_FEWEST_DIFFERENT: Final = 5
_AT_ONCE: Final = 4  # 64 MiB each
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS: Final = 5  # of four: 20 letters, 99 bits
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")


class Passwords:
    """Hashes and compares. A comparison costs the same whether there is an account or not."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._places = BoundedSemaphore(_AT_ONCE)
        self._turn = Lock()
        self._dummy: str | None = None

    def hashed(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        with self._places:
            return self._hasher.hash(_bytes(password))

    def match(self, stored: str | None, password: str) -> bool:
        """Whether a password is the stored one; without a stored one (or with a far too long password) it never is,
        and takes as long.
        """
        known = stored is not None and len(password) <= LONGEST
        dummy = self._nobodys()
        with self._places:
            try:
                self._hasher.verify(stored if known and stored else dummy, _bytes(password[:LONGEST]))
            except (VerificationError, InvalidHashError):
                return False
        return known

    def _nobodys(self) -> str:
        """A hash that no password fits, made at the first comparison: most commands compare none."""
        with self._turn:
            if self._dummy is None:
                self._dummy = self.hashed(secrets.token_urlsafe())
            return self._dummy

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(stored)


def demand_good(password: str, login: str) -> None:
    """Raises PasswordRefused where a new password would be too easy to guess."""
    plain = normalize("NFKC", password).casefold()
    if len(plain) < SHORTEST:
        raise PasswordRefused(PasswordProblem.SHORT)
    if len(password) > LONGEST:
        raise PasswordRefused(PasswordProblem.LONG)
    if login and login.partition("@")[0] in plain:
        raise PasswordRefused(PasswordProblem.LOGIN_INSIDE)
    if _is_common(plain):
        raise PasswordRefused(PasswordProblem.COMMON)


def initial_password() -> str:
    """A random password to begin with, easy to read from paper."""
    letters = [secrets.choice(_LETTERS) for _ in range(4 * _GROUPS)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, len(letters), 4))


def _bytes(password: str) -> bytes:
    return normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _is_common(plain: str) -> bool:
    if len(set(plain)) < _FEWEST_DIFFERENT or _is_run(plain):
        return True
    letters = _NO_LETTERS.sub("", plain)
    stems = {
        letters[:size] for size in range(1, len(letters) + 1) if letters == letters[:size] * (len(letters) // size)
    }
    return bool(stems & _common())


def _is_run(plain: str) -> bool:
    """One character after the other, up or down, with one break at most (as in 1234567890123)."""
    steps = [ord(after) - ord(before) for before, after in pairwise(plain)]
    return max(steps.count(1), steps.count(-1)) >= len(steps) - 1


@cache
def _common() -> frozenset[str]:
    text = resources.files("web.accounts").joinpath("common.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
