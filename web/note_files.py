"""A note that people approved, as the file that is read into the knowledge (docs/corpus.md). Pure."""

from __future__ import annotations

from typing import Final

from bot.learning import NoteText
from bot.note_checks import sentences_of
from bot.records import DeskName, DocumentKind, Validity
from knowledge.learned import flaw_of, note_bytes

PUBLISHER: Final = "窓口 Madoguchi 運営者"
"""Who publishes a note where nobody is named as the operator; the bundled notes about the service say the same."""
SECTION: Final = "窓口の担当者による回答"
"""Where in its source a note stands, if whoever wrote it does not say."""


def note_file(name: str, note: NoteText, desk: DeskName, operator: str | None) -> bytes:
    """The note ``name`` as a file: for this desk alone, in the operator's name, resting on the source people named."""
    head = {
        "id": name,
        "title": note.title,
        "publisher": operator or PUBLISHER,
        "source": note.source,
        "section": note.section or SECTION,
        "page": None,
        "url": note.url or None,
        "kind": DocumentKind.DOCUMENT.value,
        "validity": Validity.FINAL.value,
        "as_of": note.as_of,
        "audience": [desk.value],
        "review_by": note.review_by,
        "questions": [each.question for each in note.questions],
    }
    return note_bytes(head, sentences_of(note.text))


def unreadable(note: NoteText, desk: DeskName, operator: str | None) -> str | None:
    """Why the note could not be read into the knowledge, in one line; None where it can."""
    name = "note-new"
    return flaw_of(f"{name}.md", note_file(name, note, desk, operator))
