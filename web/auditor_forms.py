"""What the forms of the auditor's console have in common: what is looked for, and why it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from audit.reading import Purpose, PurposeKind, Query, ReadingRefused
from audit.search_values import Mode
from web.auditor_filters import Chosen, read_filters

WORDS, MODE, AT = "words", "mode", "at"
PURPOSE, PURPOSE_WORDS = "purpose", "purpose_words"
TEXTS: Final = (WORDS, PURPOSE_WORDS, "reason")
"""The fields that hold what somebody typed: a page that refuses shows them again."""
MODES: Final[tuple[Mode, ...]] = ("words", "characters")
NO_PURPOSE: Final = "no_purpose"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a list shows: words and how they are meant, filters, and where the page begins."""

    words: str = field(repr=False)
    mode: Mode
    chosen: Chosen
    at: str | None

    @property
    def query(self) -> Query:
        return Query(self.words, self.mode, self.chosen.filters)

    @property
    def kept(self) -> Mapping[str, str]:
        """The same as hidden fields of a form, without where the page begins."""
        return {**({WORDS: self.words, MODE: self.mode} if self.words else {}), **self.chosen.members}

    def address(self, root: str) -> str:
        """Where the same list stands, by its filters alone: words are in no address."""
        return f"{root}?{urlencode(self.chosen.members)}" if self.chosen.members else root


def looked_by_address(query: Mapping[str, str]) -> Looked:
    """What an address asks for. Words in it are passed over: no form of ours puts any there."""
    return Looked("", "words", read_filters(query), query.get(AT) or None)


def looked_by_form(form: Mapping[str, Any]) -> Looked:
    """What a form that was sent asks for."""
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    mode = given.get(MODE, "")
    return Looked(
        given.get(WORDS, "").strip(),
        mode if mode in MODES else "words",
        read_filters(given),
        given.get(AT) or None,
    )


def purpose_of(form: Mapping[str, Any]) -> Purpose:
    """Why somebody reads, from auditor_purpose.html. Raises ReadingRefused (no_purpose) where none of the list is
    chosen; that ``other`` needs words, and how long they may be, the record says itself.
    """
    kind, words = form.get(PURPOSE), form.get(PURPOSE_WORDS)
    if kind not in set(PurposeKind):
        raise ReadingRefused(NO_PURPOSE)
    return Purpose(PurposeKind(str(kind)), words.strip() if isinstance(words, str) else "")
