"""Life first (DESIGN §3 rule 3): danger to life or body is recognised before anything else.

``recognise`` weighs what a text is made of: patterns (patterns.toml), families of words (families.toml) and short runs
of letters, with fitted weights (weights.tsv, kinds.tsv); docs/answering.md says how. ``danger_text`` gives the fixed,
dated text of a kind in a language for a reader (texts.toml) with the numbers of the official contacts (contacts.tsv).
All files are read once; at question time there is no model, no index, no file. The texts say that nobody is watching
and give no advice of our own.

The recogniser reads each sentence and the whole, so danger told in passing counts, and errs on the side of life. It
knows Japanese (also in kana, dialect, plain and mistyped), English, Chinese and Korean. Known to be missed: heavily
mistyped words, danger that only the situation tells, and other languages; the human contact under every reply is for
them.

``contacts`` tells which contacts an operator has confirmed (``reviewed``); production mode asks for all of them.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources

from bot.danger.kinds import Danger, Reader
from bot.danger.patterns import book
from bot.danger.texts import Contact, contacts, danger_text, reader_at
from bot.danger.weighing import weigh, weights
from bot.records import Stamp

__all__ = ["Contact", "Danger", "Reader", "contacts", "danger_text", "reader_at", "recognise", "stamp"]

_FILES = ("patterns.toml", "families.toml", "weights.tsv", "kinds.tsv", "texts.toml", "contacts.tsv")


def recognise(text: str) -> Danger | None:
    """The kind of danger to life or body that ``text`` tells of, or None. Never raises; keeps nothing of the text.

    The one reader of text before masking (``bot.exchange`` alone calls it, a house test sees to it): a name taken for
    personal data must not hide what was said with it. Of the text only the kind goes on.
    """
    found = weigh(text)
    return found.danger if found and found.strength >= weights().limit else None


@cache
def stamp() -> Stamp:
    """Versions of patterns and weights, digest over everything that decides what is said."""
    folder = resources.files("bot.danger")
    digest = sha256(b"\0".join(folder.joinpath(name).read_bytes() for name in _FILES)).hexdigest()
    return Stamp("danger", f"{book().version}.{weights().version}", digest)
