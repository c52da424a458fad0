"""What the entries around an exchange say, one after the other, in words. Pure.

Nothing is passed over: what has no words of its own here is told by the name of its kind and its metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from audit.erasures import KIND as ERASURE
from audit.erasures import Erasures
from audit.stored import StoredEntry
from bot.case_entries import BASE, PREFIX, REPLY
from bot.deciding import BY, NAME, ROLE
from bot.records import EntryId
from bot.records_json import CLOSED, CORRECTED, FEEDBACK, OPENED
from web.auditor_vocabulary import BLIND, MOMENTS, VALUES, YES_NO, key_of_kind
from web.differing import Piece, difference

OFFICE: Final = "service"
PERSON: Final = "person"
_READINGS: Final = frozenset({"read", "export.made", "case.read", "case.contact_read"})
_ABOVE: Final = frozenset({OPENED, CLOSED})
"""Their texts stand at the top of the page, each in its own place."""
_BY_PERSONS: Final = frozenset({OPENED, FEEDBACK, *(PREFIX + kind for kind in ("supplied", "withdrawn", "reopened"))})
_TO_PERSONS: Final = frozenset({CLOSED, CORRECTED, *(PREFIX + kind for kind in ("asked", "answered", "forwarded"))})
_PASSED_OVER: Final = frozenset({"exchange", "conversation", "desk", BY, ROLE})
_SHOWN_ABOVE: Final = frozenset({"evidence", "gate", "verdict", "stamps", "citations", "asked"})
_OF_MANY: Final = frozenset({"targets", "pruned"})
_CASE_SIGNS: Final = 6


@dataclass(frozen=True, slots=True)
class Gone:
    """Why a text is not there: the entry that explains it, by its number on the page and its index in the tree."""

    number: int
    entry: EntryId
    index: int | None
    basis: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was recorded. ``value`` is None where it is gone; ``gone`` None where nothing says why."""

    path: str
    value: str | None = field(repr=False)
    gone: Gone | None = None

    @property
    def missing(self) -> bool:
        """Whether it is gone and no entry says why: that is bad news."""
        return self.value is None and self.gone is None


@dataclass(frozen=True, slots=True)
class Fact:
    """One member of an entry's metadata: as words (a key of the catalogues), as a moment, or as it stands."""

    name: str
    value: str
    key: str | None = None
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: what happened, when, by whom, and what was written. ``number`` counts on the page.

    ``key`` names the words for the kind, None for a kind that has none here. ``links`` are numbers on the page of the
    entries that this one is about, 0 for one that is not on it. ``edits``: what people changed in the text they began
    with, where they did.
    """

    number: int
    entry: EntryId
    index: int | None
    hash: str
    time: datetime
    kind: str
    key: str | None
    by: str
    role: str | None
    name: str | None = field(repr=False)
    facts: Sequence[Fact]
    texts: Sequence[Text]
    links: Sequence[int]
    edits: Sequence[Piece] = field(default=(), repr=False)

    @property
    def reading(self) -> bool:
        """Whether somebody only read."""
        return self.kind in _READINGS

    @property
    def side(self) -> str:
        """Whose word it is: the person's, one that went to the person, or one among those at work."""
        if self.kind in _BY_PERSONS:
            return "person"
        return (
            "responder" if self.kind in _TO_PERSONS else "inner" if self.texts and self.kind not in _ABOVE else "event"
        )

    @property
    def above(self) -> bool:
        """Whether its texts stand at the top of the page."""
        return self.kind in _ABOVE

    def text(self, path: str) -> Text | None:
        """The text under a path, where one was recorded."""
        return next((each for each in self.texts if each.path == path), None)


def told(entries: Sequence[StoredEntry]) -> Sequence[Event]:
    """The entries in words, in their order (oldest first)."""
    explained, numbers = _explained(entries), {each.entry: number for number, each in enumerate(entries, 1)}
    return [_event(number, each, explained, numbers, entries) for number, each in enumerate(entries, 1)]


def _explained(entries: Sequence[StoredEntry]) -> Erasures:
    """What the erasures among the entries explain; the place among them stands for the index in the tree."""
    found = Erasures()
    for number, each in enumerate(entries, 1):
        if each.leaf["kind"] == ERASURE:
            found.add(number, each.leaf)
    return found


def _event(
    number: int,
    stored: StoredEntry,
    explained: Erasures,
    numbers: Mapping[EntryId, int],
    entries: Sequence[StoredEntry],
) -> Event:
    kind, meta = str(stored.leaf["kind"]), stored.leaf["meta"]
    paths = () if kind in BLIND else tuple(path for path in stored.contents if path != NAME)
    return Event(
        number=number,
        entry=stored.entry,
        index=stored.index,
        hash=stored.hash,
        time=datetime.fromisoformat(stored.leaf["time"]),
        kind=kind,
        key=key_of_kind(kind),
        by=str(meta.get(BY, PERSON if kind in _BY_PERSONS else OFFICE)),
        role=str(meta[ROLE]) if meta.get(ROLE) else None,
        name=stored.contents.get(NAME),
        facts=() if kind in BLIND else tuple(_facts(kind, _about(meta, numbers))),
        texts=[_text(number, stored, path, explained, entries) for path in paths],
        links=[numbers.get(EntryId(each), 0) for each in stored.leaf["links"]],
        edits=_edits(stored.contents),
    )


def _text(number: int, stored: StoredEntry, path: str, explained: Erasures, entries: Sequence[StoredEntry]) -> Text:
    value = stored.contents[path]
    why = None if value is not None else explained.of_field(number, stored.entry, path)
    if why is None:
        return Text(path, value)
    by = entries[why.index - 1]
    return Text(path, None, Gone(why.index, by.entry, by.index, why.basis, why.rule))


def _edits(contents: Mapping[str, str | None]) -> Sequence[Piece]:
    """What became of the text that a reply was made from."""
    base, reply = contents.get(BASE), contents.get(REPLY)
    return difference(base, reply) if base and reply is not None else ()


def _about(meta: Mapping[str, Any], numbers: Mapping[EntryId, int]) -> Mapping[str, Any]:
    """The metadata of an erasure with what it says of the entries on this page: it may be about many others."""
    found = dict(meta)
    for name in _OF_MANY & meta.keys():
        rows = [each for each in meta[name] if isinstance(each, Mapping)] if isinstance(meta[name], list) else []
        found[name] = [
            f"{numbers[entry]} {' '.join(map(str, each.get('paths', ())))}".strip()
            for each in rows
            if (entry := EntryId(str(each.get("entry")))) in numbers
        ]
    return found


def _facts(kind: str, meta: Mapping[str, Any]) -> Iterator[Fact]:
    above = _SHOWN_ABOVE if kind in _ABOVE else frozenset()
    for name, value in meta.items():
        if name not in _PASSED_OVER and name not in above and value not in (None, [], {}):
            yield from _fact(kind, name, value)


def _fact(kind: str, name: str, value: Any) -> Iterator[Fact]:
    if isinstance(value, bool):
        yield Fact(name, str(value).lower(), YES_NO[value])
    elif isinstance(value, Mapping) and all(isinstance(each, str | None) or each == [] for each in value.values()):
        for member, each in value.items():
            if each:
                yield from _fact(kind, f"{name}.{member}", each)
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        for each in value:
            yield from _fact(kind, name, each)
    elif isinstance(value, str):
        words = VALUES.get((kind, name)) or VALUES.get(("", name))
        key = words.key(value) if words else None
        yield Fact(name, value[-_CASE_SIGNS:] if name == "case" else value, key, _moment(name, value))
    else:
        yield Fact(name, json.dumps(value, ensure_ascii=False, indent=1))


def _moment(name: str, value: str) -> datetime | None:
    if name not in MOMENTS:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
