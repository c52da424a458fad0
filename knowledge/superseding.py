"""Documents that another one replaces. Pure, and worked out whenever a snapshot is opened: if the new one goes, the old
ones stand again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.records import Document, Passage, Validity

Supersedes = Mapping[str, Sequence[str]]
"""What each document (by id) says it replaces: ids, titles or sources."""


def marked(passages: Sequence[Passage], supersedes: Supersedes) -> tuple[Passage, ...]:
    """The same passages; those of documents that another one here supersedes say so and name it.

    A document cannot replace itself; of its own source or title it replaces only what it names by id.
    """
    new = {passage.document.id: passage.document for passage in passages}
    by_name = {_plain(name): new[key] for key, names in supersedes.items() if key in new for name in names}
    return tuple(_marked(passage, by_name) for passage in passages)


def unknown_targets(documents: Iterable[Document], supersedes: Supersedes) -> list[tuple[str, str]]:
    """Pairs of a document and a name that it says it supersedes and that nothing here has."""
    names = {_plain(name) for document in documents for name in _names(document)}
    return [(key, name) for key, each in supersedes.items() for name in each if _plain(name) not in names]


def _marked(passage: Passage, by_name: Mapping[str, Document]) -> Passage:
    document = passage.document
    successor = by_name.get(_plain(document.id))
    if successor is None:
        named = (by_name.get(_plain(name)) for name in (document.title, document.source))
        successor = next((new for new in named if new is not None and new.source != document.source), None)
    if successor is None or successor.id == document.id:
        return passage
    changed = replace(document, validity=Validity.SUPERSEDED, superseded_by=successor.id, successor=successor.title)
    return replace(passage, document=changed)


def _names(document: Document) -> tuple[str, ...]:
    return document.id, document.title, document.source


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).lower().split())
