"""Life first (DESIGN §3 rule 3): danger to life or body is recognised before anything else.

``recognise`` reads patterns (patterns.toml), ``danger_text`` gives the fixed, dated text of a kind in a language
(texts.toml) with the numbers of the official contacts (contacts.tsv). All three files are read once; at question
time there is no model, no index, no file. The texts say that nobody is watching and give no advice of our own.

The recogniser errs on the side of life: a sentence that sounds like someone in danger counts, except where the
words that leave room for doubt stand in a question about documents, policies or systems. It knows Japanese (also in
kana, dialect and plain Japanese), English, Chinese and Korean. Known to be missed: danger told only by hints that
no pattern names (of such sentences, newly written, about half), and languages other than these; the human contact
under every reply is for them.

``contacts`` tells which contacts an operator has confirmed (``reviewed``); production mode asks for all of them.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources

from bot.danger.kinds import Danger
from bot.danger.patterns import book, folded
from bot.danger.texts import Contact, contacts, danger_text
from bot.records import Stamp

__all__ = ["Contact", "Danger", "contacts", "danger_text", "recognise", "stamp"]

_FILES = ("patterns.toml", "texts.toml", "contacts.tsv")


def recognise(text: str) -> Danger | None:
    """The kind of danger to life or body that ``text`` tells of, or None. Never raises; keeps nothing of the text.

    The one reader of text before masking (``bot.exchange`` alone calls it, a house test sees to it): a name taken for
    personal data must not hide what was said with it. Of the text only the kind goes on.
    """
    rules = book()
    seen = folded(text)
    here = rules.here.fits(seen)
    told = rules.policy.fits(seen) and not here
    for kind in rules.kinds:
        if kind.sure.fits(seen) and (not told or kind.danger is Danger.SELF_HARM):
            return kind.danger
    if rules.about.fits(seen):
        return None
    close = here or rules.near.fits(seen)
    for kind in rules.kinds:
        if kind.likely.fits(seen) or (close and kind.with_here.fits(seen)):
            return kind.danger
    return None


@cache
def stamp() -> Stamp:
    """Version of the patterns and digest over patterns, texts and contacts."""
    folder = resources.files("bot.danger")
    digest = sha256(b"\0".join(folder.joinpath(name).read_bytes() for name in _FILES)).hexdigest()
    return Stamp("danger", book().version, digest)
